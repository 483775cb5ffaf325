//! `emit`: kustomize makes of a base and the Component the very objects that wiring the built base gives.
//!
//! Every fixture is a case, and every folder of examples that has a document. The objects of a case are a kustomize base; what
//! kustomize builds of it is given to `emit` and to `render`, and the build of an overlay of base and Component must be what
//! `render` prints, object by object, lists in their order. So must the charts of `PRIVATE_SSO_CORPUS`, where it names them.
//! What is no base of kustomize's, or is refused, has no Component; enough others must be left.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use private_sso::yaml::{Style, Tree, documents, to_yaml};
use serde_json::{Value, json};

#[path = "emit/changed.rs"]
mod changed;
#[path = "emit/folder.rs"]
mod folder;

/// The two programs that build kustomizations, and how they are called.
const BUILDERS: &[(&str, &[&str])] = &[("kubectl", &["kustomize"]), ("kustomize", &["build"])];

/// How many builds were compared.
static COMPARED: AtomicUsize = AtomicUsize::new(0);

/// A document and manifests.
#[derive(Clone)]
struct Case {
    name: String,
    config: String,
    objects: Vec<Value>,
}

fn main() -> ExitCode {
    let mut cases = Vec::new();
    collect(&root().join("tests/fixtures"), &mut cases);
    collect(&root().join("examples"), &mut cases);
    corpus(&mut cases);
    let mut trials = vec![
        Trial::test("a_second_run_writes_the_same_and_takes_away_what_is_old", || folder::is_kept(root())),
        Trial::test("nothing_is_written_over_what_others_wrote", || folder::is_not_taken(root())),
        Trial::test("the_example_is_what_emit_writes", || folder::example(root())),
    ];
    let mut wanted = 0;
    for (program, arguments) in BUILDERS {
        if Command::new(program).arg("version").output().is_err() {
            trials.push(missing(program));
            continue;
        }
        let builder = Builder { program, arguments };
        trials.push(Trial::test(format!("{program}: a_base_that_has_changed_fails_the_build"), move || {
            changed::fails_the_build(builder, &root().join("examples/flux"))
        }));
        // The one that Flux has inside is asked about what people write, the other about everything.
        let broad = |case: &Case| {
            *program == "kubectl" || !case.name.starts_with("tests/fixtures/") || case.name.contains("/stack/")
        };
        for case in cases.iter().filter(|case| broad(case)).cloned() {
            wanted += 1;
            trials.push(Trial::test(format!("{program}: {}", case.name), move || check(builder, &case)));
        }
    }
    let arguments = Arguments::from_args();
    let is_whole = arguments.filter.is_none() && !arguments.list && wanted > 0;
    let conclusion = libtest_mimic::run(&arguments, trials);
    let compared = COMPARED.load(Ordering::Relaxed);
    if is_whole && compared * 3 < wanted * 2 {
        let _ = writeln!(std::io::stderr(), "only {compared} of {wanted} builds could be compared");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn holds(condition: bool, message: &str) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(Failed::from(message)) }
}

fn missing(builder: &'static str) -> Trial {
    Trial::test(format!("{builder}: is_there"), move || {
        let required = std::env::var("PRIVATE_SSO_TOOLS").as_deref() == Ok("required");
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: {builder} is not here (`.ci/tools {builder}` gets it)");
        holds(!required, "it must be there: PRIVATE_SSO_TOOLS is `required`")
    })
}

/// Reads every folder with a document and manifests.
fn collect(folder: &Path, cases: &mut Vec<Case>) {
    let mut manifests: Vec<PathBuf> = Vec::new();
    for part in ["input", "manifests", "base"] {
        yaml_files(&folder.join(part), &mut manifests);
    }
    if folder.join("input.yaml").is_file() {
        manifests.push(folder.join("input.yaml"));
    }
    if manifests.is_empty() {
        let folders = entries(folder).into_iter().filter(|path| path.is_dir());
        return folders.for_each(|folder| collect(&folder, cases));
    }
    let values = manifests.iter().flat_map(|path| parse(&fs::read_to_string(path).unwrap_or_default()));
    let mut config = ["config.yaml", "sso.yaml"].iter().find_map(|name| fs::read_to_string(folder.join(name)).ok());
    let mut objects = Vec::new();
    for value in values {
        match value["kind"].as_str() {
            Some("ResourceList") => {
                config = config.or_else(|| Some(to_yaml(&value["functionConfig"], &Style::default())));
                objects.extend(value["items"].as_array().cloned().unwrap_or_default());
            }
            _ => objects.push(value),
        }
    }
    objects.retain(|object| object["metadata"]["name"].is_string() || object["kind"] != "Kustomization");
    let name = folder.strip_prefix(root()).unwrap_or(folder).display().to_string();
    cases.extend(config.map(|config| Case { name, config, objects }));
}

/// Real rendered charts, with the document of the quickstart.
fn corpus(cases: &mut Vec<Case>) {
    let Some(folder) = std::env::var_os("PRIVATE_SSO_CORPUS") else { return };
    let config = fs::read_to_string(root().join("examples/quickstart/sso.yaml")).unwrap();
    for path in entries(Path::new(&folder)) {
        let name = format!("corpus/{}", path.file_stem().unwrap_or_default().display());
        let objects = parse(&fs::read_to_string(&path).unwrap_or_default());
        cases.push(Case { name, config: config.clone(), objects });
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    found.sort();
    found
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            found.push(path);
        }
    }
}

fn parse(text: &str) -> Vec<Value> {
    let values = documents(text).into_iter().filter_map(|piece| {
        Tree::parse(text.get(piece.range)?).and_then(|tree| tree.value()).ok().filter(|value| !value.is_null())
    });
    values.collect()
}

#[derive(Clone, Copy)]
struct Builder {
    program: &'static str,
    arguments: &'static [&'static str],
}

impl Builder {
    fn build(&self, folder: &Path) -> Output {
        Command::new(self.program).args(self.arguments).arg(folder).output().unwrap()
    }
}

fn check(builder: Builder, case: &Case) -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["base", "over"] {
        fs::create_dir(at(name)).unwrap();
    }
    // A function may be given its document among the items; to a cluster it never goes.
    let objects = case.objects.iter().filter(|object| object["kind"] != "PrivateSSO");
    let resources: String = objects.map(|object| format!("---\n{}", to_yaml(object, &Style::default()))).collect();
    fs::write(at("base/resources.yaml"), resources).unwrap();
    fs::write(at("base/kustomization.yaml"), "resources: [resources.yaml]\n").unwrap();
    fs::write(at("over/kustomization.yaml"), "resources: [../base]\ncomponents: [../component]\n").unwrap();
    fs::write(at("sso.yaml"), &case.config).unwrap();
    let built = builder.build(&at("base"));
    if !built.status.success() || built.stdout.is_empty() {
        return Ok(());
    }
    let rendered = program(&["render", "-c"], &at("sso.yaml"), &[], &built.stdout);
    let component = at("component");
    let emitted = program(&["emit", "-c"], &at("sso.yaml"), &["-o", &component.display().to_string()], &built.stdout);
    let said = String::from_utf8_lossy(&emitted.stderr);
    if !emitted.status.success() {
        let is_ours = said.contains("error[change-is-a-patch]") && emitted.status.code() == Some(1);
        holds(
            is_ours || emitted.status.code() == rendered.status.code(),
            &format!("it must end as render does: {said}"),
        )?;
        return holds(!component.exists(), "a run that fails must write nothing");
    }
    if parse(&case.config).iter().any(|document| document["kind"] == "PrivateSSOCheck") {
        return holds(!component.exists(), "a check must write nothing");
    }
    let over = builder.build(&at("over"));
    holds(over.status.success(), &String::from_utf8_lossy(&over.stderr))?;
    COMPARED.fetch_add(1, Ordering::Relaxed);
    compare(&by_id(&over.stdout), &by_id(&rendered.stdout)).map_err(Failed::from)
}

fn program(command: &[&str], config: &Path, rest: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_private-sso"));
    program.args(command).arg(config).args(rest).arg("-");
    let streams = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    // A program that ends early closes its input; its message says why.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn by_id(text: &[u8]) -> BTreeMap<String, Value> {
    let objects = parse(&String::from_utf8_lossy(text)).into_iter();
    let id = |object: &Value| {
        let metadata = &object["metadata"];
        json!([object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"]]).to_string()
    };
    objects.map(|object| (id(&object), object)).collect()
}

fn compare(component: &BTreeMap<String, Value>, function: &BTreeMap<String, Value>) -> Result<(), String> {
    for (id, wanted) in function {
        match component.get(id) {
            Some(object) if object == wanted => {}
            Some(object) => {
                let text = |value: &Value| to_yaml(value, &Style::default());
                let (object, wanted) = (text(object), text(wanted));
                let diff = similar::TextDiff::from_lines(&wanted, &object);
                return Err(format!("{id}\n{}", diff.unified_diff().header("the function", "the Component")));
            }
            None => return Err(format!("{id} is missing from the build")),
        }
    }
    let more = component.keys().find(|id| !function.contains_key(*id));
    more.map_or(Ok(()), |id| Err(format!("{id} is in the build only")))
}
