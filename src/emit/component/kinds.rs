//! What kustomize knows of kinds: which it merges by a schema, which lists have a key there, and which it runs itself.

use serde_json::Value;

use crate::krm::ObjectRef;

/// The API groups of Kubernetes itself whose kinds are wired; custom resources have no schema in kustomize.
const BUILT_IN: &[&str] =
    &["", "apps", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "policy", "autoscaling"];

/// Lists whose entries a strategic merge tells apart, and by which of their fields.
const KEYED: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("imagePullSecrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("ports", &["containerPort", "port"]),
];

/// Whether kustomize has a schema for the kind.
pub(super) fn is_built_in(id: &ObjectRef) -> bool {
    BUILT_IN.contains(&id.group())
}

/// Whether a tool reads the object and no cluster does: kustomize's own kinds, and those of generators.
pub(super) fn is_instruction(id: &ObjectRef) -> bool {
    ["kustomize.config.k8s.io", "fn.kpt.dev", "kpt.dev", "sso.kidd.network"].contains(&id.group())
        || id.api_version == "builtin"
        || (id.api_version.is_empty() && id.kind.is_empty() && id.name.is_empty())
}

/// Whether a list holds containers: their entries are merged by name.
pub(super) fn holds_containers(key: &str) -> bool {
    ["containers", "initContainers"].contains(&key)
}

/// Whether a field of an object, one at its top, may be merged. Below `data` stand whole texts of other programs: one that has
/// changed is not to be merged over. The annotations of any object may only be merged: kustomize has its own among them.
pub(super) fn can_be_merged(id: &ObjectRef, field: &str) -> bool {
    let holds_texts = id.group().is_empty() && ["ConfigMap", "Secret"].contains(&id.kind.as_str());
    match field {
        "metadata" => true,
        "data" | "stringData" | "binaryData" => !holds_texts && is_built_in(id),
        _ => is_built_in(id),
    }
}

/// Whether two entries of one list have the same key, or one has none: a strategic merge of the object makes one of them.
pub(super) fn has_twins(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_twins),
        Value::Object(map) => map.iter().any(|(key, value)| {
            let keys = KEYED.iter().find(|(list, _)| list == key).map(|(_, keys)| *keys);
            let items = value.as_array().filter(|_| keys.is_some());
            let twins = items.zip(keys).is_some_and(|(items, keys)| {
                items.iter().enumerate().any(|(index, item)| {
                    has_no_key(item, keys) || items[..index].iter().any(|other| is_twin(item, other, keys))
                })
            });
            twins || has_twins(value)
        }),
        _ => false,
    }
}

/// Whether an entry has none of the fields that tell it apart.
fn has_no_key(item: &Value, keys: &[&str]) -> bool {
    item.is_object() && keys.iter().all(|key| item.get(key).is_none_or(Value::is_null))
}

fn is_twin(a: &Value, b: &Value, keys: &[&str]) -> bool {
    let is_same = |key: &&str| a.get(key).is_some_and(|value| !value.is_null() && Some(value) == b.get(key));
    // Ports and constraints have a second field in their key; where one of the two leaves it out, it does not tell them apart.
    let are_apart = ["protocol", "whenUnsatisfiable"].iter().any(|second| match (a.get(second), b.get(second)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    });
    keys.iter().any(is_same) && !are_apart
}
