//! A container's variables and arguments as the kubelet makes them.

use serde_json::{Value, json};

use super::manifests::Manifests;

/// Names and values, in their order.
pub type Variables = Vec<(String, String)>;

/// The variables; an error is what the kubelet says where the container cannot start.
pub fn of(container: &Value, manifests: &Manifests, namespace: &str) -> Result<Variables, String> {
    let mut variables = Variables::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        let (kind, reference) = if source["secretRef"].is_object() {
            ("Secret", &source["secretRef"])
        } else {
            ("ConfigMap", &source["configMapRef"])
        };
        let name = reference["name"].as_str().unwrap_or_default();
        let data = manifests.data(kind, namespace, name);
        let data = data.ok_or_else(|| format!("{} \"{name}\" not found", kind.to_lowercase()))?;
        variables.extend(data.into_iter().map(|(key, value)| (key, String::from_utf8(value).unwrap())));
    }
    for entry in container["env"].as_array().into_iter().flatten() {
        let from = &entry["valueFrom"];
        let value = if let Some(value) = entry["value"].as_str() {
            Some(expand(value, &variables))
        } else if from["fieldRef"]["fieldPath"] == "metadata.namespace" {
            Some(namespace.to_owned())
        } else if from["secretKeyRef"].is_object() {
            referred(manifests, namespace, "Secret", &from["secretKeyRef"])?
        } else if from["configMapKeyRef"].is_object() {
            referred(manifests, namespace, "ConfigMap", &from["configMapKeyRef"])?
        } else {
            Some(String::new())
        };
        let name = entry["name"].as_str().unwrap().to_owned();
        variables.retain(|(known, _)| *known != name);
        variables.extend(value.map(|value| (name, value)));
    }
    Ok(variables)
}

fn referred(manifests: &Manifests, namespace: &str, kind: &str, reference: &Value) -> Result<Option<String>, String> {
    let text = |field: &str| reference[field].as_str().unwrap_or_default();
    let (name, key) = (text("name"), text("key"));
    let data = manifests.data(kind, namespace, name);
    let is_there = data.is_some();
    match data.and_then(|mut data| data.remove(key)) {
        Some(value) => Ok(Some(String::from_utf8(value).unwrap())),
        None if reference["optional"] == json!(true) => Ok(None),
        None if is_there => Err(format!("couldn't find key {key} in {kind} {namespace}/{name}")),
        None => Err(format!("{} \"{name}\" not found", kind.to_lowercase())),
    }
}

/// `$(NAME)` gives the value of a variable that is there; `$$` is a dollar.
pub fn expand(text: &str, variables: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest.strip_prefix("$(").and_then(|after| after.split_once(')')).map(|(name, _)| name);
        let known = name.and_then(|name| variables.iter().find(|(known, _)| known == name));
        if let Some((name, value)) = known {
            out.push_str(value);
            rest = &rest[name.len() + 3..];
        } else {
            out.push('$');
            rest = rest.strip_prefix("$$").unwrap_or(&rest[1..]);
        }
    }
    out + rest
}
