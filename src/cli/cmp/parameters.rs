//! What an Application can set for the plugin, and how that is announced.

use std::collections::BTreeMap;
use std::path::Path;

use private_sso::config::shape::nearest;
use private_sso::yaml::Tree;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Failure, Found, Repository, shown, variable};

/// The names of all parameters.
const NAMES: [&str; 3] = ["config", "values-files", "helm-parameters"];

/// What the Application sets.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// The document's path.
    pub(super) config: Option<String>,
    /// Helm's values files.
    pub(super) values_files: Vec<String>,
    /// Helm's `--set`.
    pub(super) helm: BTreeMap<String, String>,
}

/// One parameter as Argo CD passes it on.
#[derive(Deserialize)]
struct Parameter {
    name: String,
    string: Option<String>,
    #[serde(default)]
    array: Vec<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads what Argo CD passes on: the parameters, and `config` also as a variable of the plugin's `env`.
    pub(super) fn from_environment() -> Result<Self, Failure> {
        let mut parameters = Self { config: variable("ARGOCD_ENV_CONFIG"), ..Self::default() };
        let Some(text) = variable("ARGOCD_APP_PARAMETERS") else { return Ok(parameters) };
        let given: Option<Vec<Parameter>> = serde_json::from_str(&text).map_err(|error| {
            Failure::usage(format!("ARGOCD_APP_PARAMETERS must be the list of parameters that Argo CD writes: {error}"))
        })?;
        for Parameter { name, string, array, map } in given.unwrap_or_default() {
            let given = (string.is_some(), !array.is_empty(), !map.is_empty());
            let wanted = match (name.as_str(), given) {
                ("config", (_, false, false)) => {
                    parameters.config = string.filter(|path| !path.is_empty()).or(parameters.config);
                    continue;
                }
                ("values-files", (false, _, false)) => {
                    parameters.values_files = array;
                    continue;
                }
                ("helm-parameters", (false, false, _)) => {
                    parameters.helm = map;
                    continue;
                }
                ("config", _) => "a `string`",
                ("values-files", _) => "an `array`",
                ("helm-parameters", _) => "a `map`",
                (other, _) => {
                    let hint = nearest(other, NAMES.into_iter())
                        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    let names = NAMES.join("`, `");
                    return Err(Failure::usage(format!("parameters must be `{names}`, not \"{other}\"{hint}")));
                }
            };
            return Err(Failure::usage(format!("parameter `{name}` must be {wanted}")));
        }
        Ok(parameters)
    }
}

/// What the folder lets be set, in the form of Argo CD's announcements: the values that hold when nothing is set.
pub(super) fn announcement(repository: &Repository, found: &Found, config: Option<&Path>) -> String {
    let config = config.filter(|path| path.starts_with(&repository.root));
    let config = config.map_or(String::new(), |path| format!("/{}", shown(path, &repository.root)));
    let mut all = vec![json!({
        "name": NAMES[0],
        "title": "PrivateSSO document",
        "tooltip": "A file of the repository, relative to the Application's folder, or with a slash in front to the top",
        "string": config,
    })];
    if let Found::Chart(_) = found {
        let values = std::fs::read_to_string(repository.app.join("values.yaml")).unwrap_or_default();
        let values = Tree::parse(&values).and_then(|tree| tree.value()).unwrap_or_default();
        let mut flat = Map::new();
        flatten(&values, "", &mut flat);
        all.push(json!({
            "name": NAMES[2],
            "title": "Helm parameters",
            "tooltip": "Single values of the chart, as for helm --set",
            "collectionType": "map",
            "map": flat,
        }));
    }
    Value::Array(all).to_string()
}

/// Values as paths of `--set`, scalars only.
fn flatten(value: &Value, path: &str, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('.', "\\.");
                flatten(value, &if path.is_empty() { key } else { format!("{path}.{key}") }, flat);
            }
        }
        Value::Array(_) | Value::Null => {}
        Value::String(text) => drop(flat.insert(path.to_owned(), json!(text))),
        other => drop(flat.insert(path.to_owned(), json!(other.to_string()))),
    }
}
