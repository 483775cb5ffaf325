//! What leads from one state of an object to the next: a strategic merge where that is exact, guarded operations elsewhere.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use serde_json::{Map, Value, json};

use super::{kinds, merge};
use crate::krm::ObjectRef;

/// Fields that tell the entries of a list apart, the most telling first.
const IDENTITIES: &[&str] = &["name", "id", "mountPath", "chart", "key", "repoURL", "host", "path", "secretName"];

/// The way from one state of an object to the next. Operations come first.
#[derive(Debug)]
pub(super) struct Difference {
    /// The fields to merge; none where a merge would change other fields too.
    pub(super) merge: Option<Value>,
    /// JSON 6902.
    pub(super) operations: Vec<PatchOperation>,
}

/// What leads from one state of an object to the next.
///
/// # Errors
/// The outcome does not do that: our bug.
pub(super) fn between(id: &ObjectRef, before: &Value, after: &Value) -> Result<Difference, String> {
    let mut walk = Walk { id, operations: Vec::new() };
    // Any merge makes one entry of two under the same name, wherever in the object they stand.
    let merges = !kinds::is_built_in(id) || !(kinds::has_twins(before) || kinds::has_twins(after));
    let merge = if merges {
        Some(walk.merge(&mut Vec::new(), before, after).unwrap_or_else(|| Value::Object(Map::new())))
    } else {
        walk.operate(&mut Vec::new(), before, after);
        None
    };
    let difference = Difference { merge, operations: walk.operations };
    difference.prove(before, after).map(|()| difference)
}

impl Difference {
    fn prove(&self, before: &Value, after: &Value) -> Result<(), String> {
        let mut value = before.clone();
        for operation in &self.operations {
            // To kustomize what is absent is null, to RFC 6902 it is an error.
            if let PatchOperation::Test(test) = operation
                && test.value.is_null()
            {
                match value.pointer(test.path.as_str()) {
                    None | Some(Value::Null) => continue,
                    Some(_) => return Err(format!("{} is not absent", test.path)),
                }
            }
            json_patch::patch(&mut value, &Patch(vec![operation.clone()])).map_err(|error| error.to_string())?;
        }
        if let Some(fields) = &self.merge {
            merge::into(&mut value, fields);
        }
        if value == *after { Ok(()) } else { Err("the patches do not lead to what was wired".to_owned()) }
    }
}

/// A guard.
pub(super) fn test(path: &[String], value: Value) -> PatchOperation {
    PatchOperation::Test(TestOperation { path: pointer(path), value })
}

fn pointer(path: &[String]) -> PointerBuf {
    PointerBuf::from_tokens(path)
}

struct Walk<'a> {
    id: &'a ObjectRef,
    operations: Vec<PatchOperation>,
}

impl Walk<'_> {
    /// The fields that a merge brings; what it would not bring exactly so goes to the operations.
    fn merge(&mut self, path: &mut Vec<String>, before: &Value, after: &Value) -> Option<Value> {
        let (Value::Object(old), Value::Object(new)) = (before, after) else {
            self.operate(path, before, after);
            return None;
        };
        self.remove(path, old, new);
        let mut fields = Map::new();
        for (key, new) in new {
            let stands = old.get(key).unwrap_or(&Value::Null);
            if stands == new {
                continue;
            }
            path.push(key.clone());
            let field = match (stands, new) {
                _ if !kinds::can_be_merged(self.id, &path[0]) => {
                    self.operate_field(path, old.get(key), new);
                    None
                }
                (Value::Null, new) if !holds_null(new) => Some(new.clone()),
                (Value::Object(_), Value::Object(_)) => self.merge(path, stands, new),
                (Value::Array(old), Value::Array(new)) if kinds::holds_containers(key) && are_named(old, new) => {
                    self.merge_containers(path, old, new)
                }
                _ => {
                    self.operate_field(path, old.get(key), new);
                    None
                }
            };
            path.pop();
            if let Some(field) = field {
                fields.insert(key.clone(), field);
            }
        }
        (!fields.is_empty()).then_some(Value::Object(fields))
    }

    /// Containers up to the last one that changes: a merge puts those it names in front, in the order it names them.
    fn merge_containers(&mut self, path: &mut Vec<String>, before: &[Value], after: &[Value]) -> Option<Value> {
        let mut entries = Vec::new();
        let mut last = 0;
        for (index, (old, new)) in before.iter().zip(after).enumerate() {
            let mut entry = json!({"name": old["name"]});
            path.push(index.to_string());
            let start = self.operations.len();
            if let Some(fields) = self.merge(path, old, new) {
                merge::into(&mut entry, &fields);
                last = index + 1;
            }
            self.guard(start, path, old);
            path.pop();
            entries.push(entry);
        }
        entries.truncate(last);
        (!entries.is_empty()).then_some(Value::Array(entries))
    }

    /// Asks, before the operations on an entry of a list, whether it is still the one that was seen there.
    fn guard(&mut self, start: usize, path: &[String], entry: &Value) {
        if self.operations.len() == start {
            return;
        }
        let guard = match identity(entry) {
            Some(key) => {
                let mut path = path.to_vec();
                path.push(key.to_owned());
                test(&path, entry[key].clone())
            }
            None => test(path, entry.clone()),
        };
        if self.operations.get(start) != Some(&guard) {
            self.operations.insert(start, guard);
        }
    }

    /// Operations that lead from one value to the next; both stand.
    fn operate(&mut self, path: &mut Vec<String>, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(old), Value::Object(new)) => {
                self.remove(path, old, new);
                for (key, new) in new {
                    path.push(key.clone());
                    self.operate_field(path, old.get(key), new);
                    path.pop();
                }
            }
            (Value::Array(old), Value::Array(new)) if new.len() >= old.len() && are_same(old, new) => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    path.push(index.to_string());
                    let start = self.operations.len();
                    self.operate(path, old, new);
                    self.guard(start, path, old);
                    path.pop();
                }
                path.push("-".to_owned());
                for value in &new[old.len()..] {
                    self.operations
                        .push(PatchOperation::Add(AddOperation { path: pointer(path), value: value.clone() }));
                }
                path.pop();
            }
            _ => {
                self.operations.push(test(path, before.clone()));
                let (path, value) = (pointer(path), after.clone());
                self.operations.push(PatchOperation::Replace(ReplaceOperation { path, value }));
            }
        }
    }

    /// Operations for a field of a mapping that may not be there yet.
    fn operate_field(&mut self, path: &mut Vec<String>, before: Option<&Value>, after: &Value) {
        match before {
            Some(before) => self.operate(path, before, after),
            None => {
                self.operations.push(test(path, Value::Null));
                let (path, value) = (pointer(path), after.clone());
                self.operations.push(PatchOperation::Add(AddOperation { path, value }));
            }
        }
    }

    fn remove(&mut self, path: &mut Vec<String>, old: &Map<String, Value>, new: &Map<String, Value>) {
        for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            path.push(key.clone());
            self.operations.push(test(path, value.clone()));
            self.operations.push(PatchOperation::Remove(RemoveOperation { path: pointer(path) }));
            path.pop();
        }
    }
}

/// Whether the entries that stood are still there, each at its place.
fn are_same(before: &[Value], after: &[Value]) -> bool {
    before.len() <= after.len()
        && before.iter().zip(after).all(|(old, new)| {
            old == new
                || match (identity(old), identity(new)) {
                    (Some(a), Some(b)) => a == b && old[a] == new[b],
                    (None, None) => !old.is_object() && !new.is_object(),
                    _ => false,
                }
        })
}

/// Whether both lists have the same names in the same order.
fn are_named(before: &[Value], after: &[Value]) -> bool {
    let same = |(old, new): (&Value, &Value)| old["name"].is_string() && old["name"] == new["name"];
    before.len() == after.len() && before.iter().zip(after).all(same)
}

fn identity(entry: &Value) -> Option<&'static str> {
    IDENTITIES.iter().copied().find(|key| entry.get(key).is_some_and(|value| value.is_string() || value.is_number()))
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(map) => map.values().any(holds_null),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The operations between two pods' containers, and whether anything is merged.
    fn between_containers(before: Value, after: Value) -> (Vec<String>, Option<Value>) {
        let id = ObjectRef { api_version: "v1".to_owned(), kind: "Pod".to_owned(), ..ObjectRef::default() };
        let pod = |containers: Value| json!({"spec": {"containers": containers}});
        let difference = between(&id, &pod(before), &pod(after)).unwrap();
        let line = |operation: &PatchOperation| {
            let operation = json!(operation);
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text("op"), text("path"), operation["value"])
        };
        (difference.operations.iter().map(line).collect(), difference.merge)
    }

    #[test]
    fn what_stands_is_tested_before_it_is_replaced() {
        let (operations, merge) = between_containers(
            json!([{"name": "a", "args": ["--one", "--two=1"]}]),
            json!([{"name": "a", "args": ["--one", "--two=2", "--three"]}]),
        );
        let args = "/spec/containers/0/args";
        assert_eq!(
            operations,
            [
                "test /spec/containers/0/name \"a\"".to_owned(),
                format!("test {args}/1 \"--two=1\""),
                format!("replace {args}/1 \"--two=2\""),
                format!("add {args}/- \"--three\""),
            ]
        );
        assert_eq!(merge, Some(json!({})));
    }

    #[test]
    fn a_list_that_loses_entries_is_replaced_as_a_whole() {
        let (operations, _) =
            between_containers(json!([{"name": "a", "args": ["x", "y"]}]), json!([{"name": "a", "args": ["y"]}]));
        let last = operations.last().map(String::as_str);
        assert_eq!(last, Some("replace /spec/containers/0/args [\"y\"]"));
        assert!(operations.contains(&"test /spec/containers/0/args [\"x\",\"y\"]".to_owned()));
    }

    #[test]
    fn a_merge_names_the_containers_before_the_one_it_changes() {
        let (operations, merge) = between_containers(
            json!([{"name": "a"}, {"name": "b"}, {"name": "c"}]),
            json!([{"name": "a"}, {"name": "b", "env": [{"name": "X"}]}, {"name": "c"}]),
        );
        assert_eq!(operations, [""; 0]);
        let containers = json!([{"name": "a"}, {"name": "b", "env": [{"name": "X"}]}]);
        assert_eq!(merge, Some(json!({"spec": {"containers": containers}})));
    }

    #[test]
    fn what_a_merge_would_make_one_of_is_not_merged() {
        let env = json!([{"name": "X", "value": "1"}, {"name": "X", "value": "2"}]);
        let (operations, merge) = between_containers(
            json!([{"name": "a", "env": env}]),
            json!([{"name": "a", "env": env, "volumeMounts": [{"name": "ca"}]}]),
        );
        assert_eq!(merge, None);
        assert_eq!(operations[1], "test /spec/containers/0/volumeMounts null");
    }

    #[test]
    fn another_entry_at_its_place_is_no_change_of_it() {
        let (operations, merge) =
            between_containers(json!([{"name": "a"}, {"name": "b"}]), json!([{"name": "b"}, {"name": "a"}]));
        assert_eq!(operations.len(), 2);
        assert_eq!(merge, Some(json!({})));
    }
}
