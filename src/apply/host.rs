//! Where new objects go for the host: kpt and Helm 4 tell files by annotations, others do not want them.

use serde_json::{Value, json};

use crate::krm::Object;
use crate::plan::Addition;

/// kpt sends both, and wants them equal or absent.
const PATHS: [&str; 2] = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];
const PACKAGE: &str = "internal.config.kubernetes.io/package-path";
const HELM: &str = "postrenderer.helm.sh/postrender-filename";

/// New objects with the annotations of the object they stand beside, and that object's index.
pub(super) fn placed(objects: &[Object], additions: &[Addition]) -> Vec<(usize, Value)> {
    additions.iter().map(|addition| (addition.beside, place(addition, objects.get(addition.beside)))).collect()
}

fn place(addition: &Addition, beside: Option<&Object>) -> Value {
    let mut value = addition.value.clone();
    let Some(beside) = beside else { return value };
    let mut annotations = Vec::new();
    for (key, path) in PATHS.iter().filter_map(|key| Some((*key, beside.annotation(key)?))) {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let kind = value["kind"].as_str().unwrap_or_default().to_lowercase();
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        annotations.push((key, format!("{folder}{kind}_{name}.yaml")));
    }
    if let Some(package) = beside.annotation(PACKAGE) {
        annotations.push((PACKAGE, package.to_owned()));
    }
    if let Some(file) = beside.annotation(HELM) {
        annotations.push((HELM, file.to_owned()));
    }
    for (key, text) in annotations {
        value["metadata"]["annotations"][key] = json!(text);
    }
    value
}
