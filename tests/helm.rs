//! Helm is the oracle: rendered manifests, wired, are as objects what the chart renders from the wired values.
//!
//! A case is a folder of tests/helm: `case.yaml` (chart, release, namespace), `values.yaml`, and the document `config.yaml`.
//! Its two ways must end at the same objects:
//!
//! ```text
//! values -> helm template -> private-sso render                     = A
//! values, in a carrier -> private-sso render -> helm template       = B, and wiring B once more changes nothing
//! ```
//!
//! Helm is `PRIVATE_SSO_HELM4` and `PRIVATE_SSO_HELM3`, or `helm` in PATH. The charts are those of tests/charts, and also those
//! of `PRIVATE_SSO_CHARTS`, a folder with the real ones. `PRIVATE_SSO_HELM_CASE` runs the cases whose name holds that word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use serde::Deserialize as _;
use serde_json::{Value, json};

use carriers::{CARRIERS, Carrier};

#[path = "helm/carriers.rs"]
mod carriers;

/// One folder of tests/helm.
struct Case {
    name: String,
    folder: PathBuf,
    chart: String,
    release: String,
    namespace: String,
    values: String,
}

#[test]
fn surfaces_converge_with_helm_4() {
    let helm = std::env::var_os("PRIVATE_SSO_HELM4").map(PathBuf::from);
    let failures = converge("Helm 4", helm.or_else(|| helm_in_path("v4")));
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn surfaces_converge_with_helm_3() {
    let helm = std::env::var_os("PRIVATE_SSO_HELM3").map(PathBuf::from);
    let failures = converge("Helm 3", helm.or_else(|| helm_in_path("v3")));
    assert!(failures.is_empty(), "{failures}");
}

fn helm_in_path(version: &str) -> Option<PathBuf> {
    let output = Command::new("helm").args(["version", "--short"]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).starts_with(version).then(|| PathBuf::from("helm"))
}

/// Runs every case on the model charts and, where they are, on the real ones; gives what fails.
fn converge(tool: &str, helm: Option<PathBuf>) -> String {
    let Some(helm) = helm else {
        if std::env::var("PRIVATE_SSO_TOOLS").as_deref() == Ok("required") {
            return format!("{tool} must be there: PRIVATE_SSO_TOOLS is `required`");
        }
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: {tool} is not here (`.ci/tools helm4 helm3` builds both)");
        return String::new();
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut charts = vec![("model", tests.join("charts"))];
    charts.extend(std::env::var_os("PRIVATE_SSO_CHARTS").map(|folder| ("real", PathBuf::from(folder))));
    let cases = match cases(&tests.join("helm")) {
        Ok(cases) => cases,
        Err(error) => return error,
    };
    let mut failures = String::new();
    for case in &cases {
        for (origin, charts) in &charts {
            for failure in check(case, &helm, &charts.join(&case.chart)).unwrap_or_else(|error| vec![error]) {
                let _ = writeln!(failures, "{} ({origin} chart, {tool}): {failure}", case.name);
            }
        }
    }
    failures
}

fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let wanted = std::env::var("PRIVATE_SSO_HELM_CASE").unwrap_or_default();
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let folder = entry.map_err(|error| error.to_string())?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !folder.is_dir() || !name.contains(&wanted) {
            continue;
        }
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).map_err(|e| format!("{name}/{file}: {e}"));
        let about = documents(&read("case.yaml")?)?.pop().unwrap_or_default();
        let word =
            |key: &str| about[key].as_str().map(str::to_owned).ok_or(format!("{name}/case.yaml must have {key}"));
        let (chart, release, namespace) = (word("chart")?, word("release")?, word("namespace")?);
        let values = read("values.yaml")?;
        cases.push(Case { name, folder, chart, release, namespace, values });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    if cases.is_empty() { Err(format!("no case has \"{wanted}\" in its name")) } else { Ok(cases) }
}

/// What is wrong with a case; an error where one of its steps does not work.
fn check(case: &Case, helm: &Path, chart: &Path) -> Result<Vec<String>, String> {
    let a = render(case, &template(case, helm, chart, &case.values)?);
    let about = std::fs::read_to_string(chart.join("Chart.yaml")).map_err(|error| format!("Chart.yaml: {error}"))?;
    let about = documents(&about)?.pop().unwrap_or_default();
    let version = about["version"].as_str().ok_or("Chart.yaml must have a version")?;
    let mut failures = Vec::new();
    let mut first: Option<Value> = None;
    for carrier in CARRIERS {
        let (a, values, added) = match (&a, wired_values(case, version, carrier)) {
            (Ok(a), Ok((values, added))) => (a, values, added),
            // What cannot be wired in one form must not be wired in the other.
            (Err(a), Err(b)) if !refusals(a).is_empty() && refusals(a) == refusals(&b) => continue,
            (a, b) => {
                let said = |error: Option<&String>| error.map_or("wired".to_owned(), |error| errors(error).join("; "));
                let (a, b) = (said(a.as_ref().err()), said(b.as_ref().err()));
                failures.push(format!("wiring ends otherwise:\n  manifests: {a}\n  {}: {b}", carrier.name));
                break;
            }
        };
        let result = json!({"values": documents(&values)?, "added": added});
        if let Some(first) = &first {
            let mut found = Vec::new();
            differences(first, &result, "", &mut found);
            if !found.is_empty() {
                failures.push(report(&format!("{} is not wired as {}", carrier.name, CARRIERS[0].name), &found));
            }
            continue;
        }
        first = Some(result);
        let b = template(case, helm, chart, &values)?;
        // What a chart cannot make is added beside either.
        let both = added.iter().fold(b, |text, object| format!("{text}\n---\n{object}"));
        let again = render(case, &both).map_err(|error| format!("wiring B: {error}"))?;
        let b = documents(&both)?;
        failures.extend(compare("A (manifests wired) is not B (values wired)", documents(a)?, b.clone()));
        failures.extend(compare("wiring B once more changes it", documents(&again)?, b));
    }
    Ok(failures)
}

/// The errors in what the program says, without what is only a warning.
fn errors(message: &str) -> Vec<&str> {
    message.lines().filter(|line| !line.starts_with("warning[") && !line.starts_with("info[")).collect()
}

/// The codes of the errors in what the program says.
fn refusals(message: &str) -> Vec<&str> {
    let codes = errors(message).into_iter().filter_map(|line| line.split_once("error[")?.1.split(']').next());
    let mut codes: Vec<&str> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The values that a carrier holds after wiring, as text, and the objects that were added beside it.
fn wired_values(case: &Case, version: &str, carrier: &Carrier) -> Result<(String, Vec<Value>), String> {
    let Case { chart, release, namespace, .. } = case;
    let words = [("CHART", chart.as_str()), ("VERSION", version), ("RELEASE", release), ("NAMESPACE", namespace)];
    let mut manifest =
        words.iter().fold(carrier.manifest.to_owned(), |manifest, (word, text)| manifest.replace(word, text));
    let last = manifest.lines().last().unwrap_or_default();
    let indent = " ".repeat(last.len() - last.trim_start().len() + 2);
    for line in case.values.lines() {
        let _ = if line.is_empty() { writeln!(manifest) } else { writeln!(manifest, "{indent}{line}") };
    }
    let kinds: Vec<Value> = documents(&manifest)?.iter().map(|object| object["kind"].clone()).collect();
    let objects = documents(&render(case, &manifest)?)?;
    let (carriers, added): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| kinds.contains(&object["kind"]));
    Ok(match carriers.iter().find_map(|object| object.pointer(carrier.values)) {
        None | Some(Value::Null) => (String::new(), added),
        Some(Value::String(text)) => (text.clone(), added),
        Some(values) => (values.to_string(), added),
    })
}

fn template(case: &Case, helm: &Path, chart: &Path, values: &str) -> Result<String, String> {
    let chart = chart.to_string_lossy();
    let arguments = ["template", &case.release, &chart, "--namespace", &case.namespace, "--values", "-"];
    run(Command::new(helm).args(arguments), values).map_err(|error| format!("helm template: {error}"))
}

fn render(case: &Case, manifests: &str) -> Result<String, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_private-sso"));
    run(program.arg("render").arg("-c").arg(case.folder.join("config.yaml")).arg("-"), manifests)
}

fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let output = std::thread::scope(|scope| {
        // A program that ends early closes its input; its message says why.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    let parsed: Result<Vec<_>, _> = serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect();
    Ok(parsed.map_err(|error| format!("{error} in\n{text}"))?.into_iter().filter(|value| !value.is_null()).collect())
}

/// How two sets of objects differ, once the differences that may be are gone.
fn compare(what: &str, a: Vec<Value>, b: Vec<Value>) -> Option<String> {
    let (mut a, mut b) = (by_id(a), by_id(b));
    let mut found = Vec::new();
    for (id, mut left) in std::mem::take(&mut a) {
        let mut right = b.remove(&id).unwrap_or_else(|| json!("no such object"));
        normalize(&mut left);
        normalize(&mut right);
        differences(&left, &right, &id, &mut found);
    }
    found.extend(b.iter().map(|(id, object)| format!("{id}: only the second has {object}")));
    (!found.is_empty()).then(|| report(what, &found))
}

fn report(what: &str, found: &[String]) -> String {
    format!("{what}:\n  {}", found.join("\n  "))
}

fn by_id(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for object in objects {
        let word = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut id = format!("{} {}/{}", word("/kind"), word("/metadata/namespace"), word("/metadata/name"));
        while all.contains_key(&id) {
            id.push_str(" (again)");
        }
        all.insert(id, object);
    }
    all
}

/// Takes away what may differ. Nothing else may.
fn normalize(object: &mut Value) {
    // The checksum restarts a workload whose rendered configuration changed. It is never in values: there the chart's own
    // `checksum/*`, which only Helm computes, does the same.
    if let Some(metadata) = object.pointer_mut("/spec/template/metadata").and_then(Value::as_object_mut) {
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.retain(|key, _| {
                key != "sso.kidd.network/checksum" && !key.starts_with("checksum/") && !key.ends_with("/checksum")
            });
        }
        // A chart writes `annotations: null` where it has none.
        if metadata.get("annotations").is_some_and(|left| left.is_null() || *left == json!({})) {
            metadata.remove("annotations");
        }
    }
    // Helm writes configurations anew from the values; in manifests their text is edited. The data is what counts.
    let is_secret = object["kind"] == "Secret";
    if (is_secret || object["kind"] == "ConfigMap")
        && let Some(data) = object.get_mut("data").and_then(Value::as_object_mut)
    {
        for (key, value) in data {
            let text = value.as_str().unwrap_or_default();
            let text = if is_secret { decoded(text) } else { Some(text.to_owned()) };
            if let Some(text) = text {
                *value = parsed(key, &text).unwrap_or(Value::String(text));
            }
        }
    }
    // Kiali's chart writes its whole configuration anew too, as plain text.
    if object["kind"] == "ConfigMap"
        && let Some(text) = object.pointer_mut("/data/config.yaml")
        && let Some(config) = text.as_str().and_then(|text| documents(text).ok()?.pop())
    {
        *text = config;
    }
    sort(object);
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?).ok()
}

/// A configuration that a chart writes, as data: YAML, or INI as sections of keys.
fn parsed(key: &str, text: &str) -> Option<Value> {
    if ["config.yaml", "config", "oauth2_proxy.yml"].contains(&key) {
        return documents(text).ok()?.pop();
    }
    if !key.ends_with(".ini") {
        return None;
    }
    let (mut sections, mut section) = (json!({}), String::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => name.clone_into(&mut section),
            None => {
                let (name, value) = line.split_once('=').unwrap_or((line, ""));
                sections[&section][name.trim()] = json!(value.trim());
            }
        }
    }
    Some(sections)
}

/// The order of entries that have an identity, and that of flags, says nothing; charts put the user's before or after theirs.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Object(map) => {
            for (key, value) in map {
                let mut identity = match (key.as_str(), &mut *value) {
                    ("env" | "volumes", Value::Array(items)) => Some((items, "/name")),
                    ("volumeMounts", Value::Array(items)) => Some((items, "/mountPath")),
                    ("args", Value::Array(items)) => Some((items, "")),
                    _ => None,
                };
                if let Some((items, _)) = &mut identity {
                    // A chart writes `subPath: null` where there is none.
                    let fields = items.iter_mut().filter_map(Value::as_object_mut);
                    fields.for_each(|fields| fields.retain(|name, value| name != "subPath" || !value.is_null()));
                }
                match identity {
                    Some((items, pointer)) => items.sort_by_key(|item| item.pointer(pointer).map(Value::to_string)),
                    None => sort(value),
                }
            }
        }
        _ => {}
    }
}

fn differences(a: &Value, b: &Value, at: &str, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => differences(a, b, &format!("{at}/{key}"), found),
                    (a, b) => found.push(format!("{at}/{key}: {} / {}", shown(a), shown(b))),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let index = (0..a.len().max(b.len())).find(|i| a.get(*i) != b.get(*i));
            if let Some(i) = index {
                match (a.get(i), b.get(i)) {
                    (Some(x), Some(y)) if a.len() == b.len() => differences(x, y, &format!("{at}/{i}"), found),
                    (x, y) => found.push(format!("{at}/{i}: {} / {}", shown(x), shown(y))),
                }
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: {} / {}", shown(Some(a)), shown(Some(b)))),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), Value::to_string)
}
