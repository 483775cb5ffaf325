//! The charts of Headlamp, Dex and Argo CD through Helm's post-renderer give what `private-sso render` makes of the rendered
//! charts: the small ones of tests/charts, and those of `PRIVATE_SSO_CHARTS`, a folder with the real ones.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use serde::Deserialize as _;
use serde_json::Value;

use super::{programs, root};

/// A chart, and the case of tests/helm whose values and document it gets.
const CASES: &[(&str, &str)] =
    &[("headlamp", "headlamp-ingress"), ("dex", "dex-clients"), ("argo-cd", "argo-cd-access-existing")];

pub fn trials() -> Vec<Trial> {
    let mut charts = vec![("model", root().join("tests/charts"))];
    charts.extend(std::env::var_os("PRIVATE_SSO_CHARTS").map(|folder| ("real", PathBuf::from(folder))));
    let mut trials = Vec::new();
    for tool in ["helm3", "helm4"] {
        for (origin, charts) in &charts {
            for (chart, case) in CASES {
                let name = format!("charts/{tool}/{origin}/{chart}");
                let (chart, case) = (charts.join(chart), root().join("tests/helm").join(case));
                trials.push(Trial::test(name.clone(), move || match programs::find(tool) {
                    Some(helm) => compare(tool, &helm, &chart, &case).map_err(Into::into),
                    None => programs::skip(tool, &name).map_err(Into::into),
                }));
            }
        }
    }
    trials.push(Trial::test("plugins/helm has the version of the program", || {
        let plugin = std::fs::read_to_string(root().join("plugins/helm/plugin.yaml")).unwrap();
        let version = format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"));
        plugin.contains(&version).then_some(()).ok_or_else(|| format!("plugin.yaml must say{version}").into())
    }));
    trials
}

fn compare(tool: &str, helm: &Path, chart: &Path, case: &Path) -> Result<(), String> {
    let config = case.join("config.yaml").display().to_string();
    let data = tempfile::tempdir().map_err(|error| error.to_string())?;
    let helm_with = |arguments: &[&str]| {
        let mut command = Command::new(helm);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = Path::new(env!("CARGO_BIN_EXE_private-sso")).parent().unwrap().to_path_buf();
        let folders = std::iter::once(own).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).unwrap()).env("HELM_DATA_HOME", data.path());
        run(command.args(arguments), "")
    };
    let values = case.join("values.yaml").display().to_string();
    let chart = chart.display().to_string();
    let template = ["template", "lab", &chart, "--namespace", "lab", "--values", &values];
    let mut wired = [&template[..], &["--post-renderer", "private-sso"]].concat();
    if tool == "helm4" {
        helm_with(&["plugin", "install", &root().join("plugins/helm").display().to_string()])?;
    } else {
        wired.extend(["--post-renderer-args", "post-render"]);
    }
    let config_argument = format!("--post-renderer-args=--config={config}");
    wired.extend([config_argument.as_str(), "--post-renderer-args=--namespace=lab"]);
    let found = objects(&helm_with(&wired)?)?;
    let plain = helm_with(&template)?;
    let mut render = Command::new(env!("CARGO_BIN_EXE_private-sso"));
    let wanted = objects(&run(render.args(["render", "-c", &config, "-"]), &plain)?)?;
    if objects(&plain)? == wanted {
        return Err("the case must change something".to_owned());
    }
    let names: Vec<&String> = wanted.keys().chain(found.keys()).collect();
    match names.into_iter().find(|name| wanted.get(*name) != found.get(*name)) {
        Some(name) => Err(format!("{name}: rendered and wired {:?}, by Helm {:?}", wanted.get(name), found.get(name))),
        None => Ok(()),
    }
}

fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// By kind and name; the order in which Helm prints them is its own.
fn objects(stream: &str) -> Result<BTreeMap<String, Value>, String> {
    let mut all = BTreeMap::new();
    for document in serde_yaml::Deserializer::from_str(stream) {
        let object = Value::deserialize(document).map_err(|error| error.to_string())?;
        if !object.is_null() {
            all.insert(format!("{} {}", object["kind"], object["metadata"]["name"]), object);
        }
    }
    Ok(all)
}
