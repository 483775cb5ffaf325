//! kustomize's strategic merge, as far as our patches use it.

use serde_json::{Map, Value};

use super::kinds::holds_containers;

/// Merges a patch into a value: mappings by key, containers by name, everything else as a whole.
pub(super) fn into(value: &mut Value, patch: &Value) {
    match (value, patch) {
        (Value::Object(value), Value::Object(patch)) => {
            for (key, new) in patch {
                match (value.get_mut(key), new) {
                    (Some(Value::Array(old)), Value::Array(new)) if holds_containers(key) => by_name(old, new),
                    (Some(old), _) => into(old, new),
                    (None, _) => drop(value.insert(key.clone(), new.clone())),
                }
            }
        }
        (value, patch) => *value = patch.clone(),
    }
}

/// kustomize puts the entries of the patch in front, in their order, and leaves the others behind them.
fn by_name(old: &mut Vec<Value>, patch: &[Value]) {
    let mut merged = Vec::with_capacity(old.len());
    for entry in patch {
        let stands = old.iter().position(|old| old.get("name") == entry.get("name"));
        let mut value = stands.map_or_else(|| Value::Object(Map::new()), |index| old.remove(index));
        into(&mut value, entry);
        merged.push(value);
    }
    merged.append(old);
    *old = merged;
}
