//! What a run would do, said instead of done.

use json_patch::PatchOperation;
use json_patch::jsonptr::PointerBuf;
use serde_json::{Value, json};

use super::Plan;
use crate::krm::{Change, Finding, Manifests, Place, codes, mask};

/// Longer values are read where they stand.
const LONGEST_SHOWN: usize = 120;

impl Plan {
    /// Every change and addition as a finding, once per field and reason.
    pub fn as_findings(&self, before: &Manifests, after: &Manifests) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for change in &self.changes {
            let document =
                Place { at: PointerBuf::new(), inside: change.inside.clone(), ..Place::object(change.object) };
            let stands = before.read(&document).unwrap_or_default();
            let becomes = after.read(&document).unwrap_or_default();
            for operation in &change.patch.0 {
                push(&mut found, of_operation(before, change, &stands, &becomes, operation));
            }
        }
        for addition in &self.additions {
            let text = |pointer: &str| addition.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let (kind, name) = (text("/kind"), text("/metadata/name"));
            let message = format!("is not wired yet: a run would add {kind} {name} beside it, to {}", addition.reason);
            let finding = Finding::new(&codes::IS_WIRED, message);
            let beside = before.objects.get(addition.beside);
            found.push(match beside {
                Some(object) => finding.in_place(&object.id, Place::object(addition.beside)),
                None => finding,
            });
        }
        found
    }
}

fn of_operation(
    before: &Manifests,
    change: &Change,
    stands: &Value,
    becomes: &Value,
    operation: &PatchOperation,
) -> Finding {
    let object = &before.objects[change.object];
    let path = operation.path().to_string();
    let is_appended = path.ends_with("/-");
    let field = highest_missing(stands, path.strip_suffix("/-").unwrap_or(&path));
    let name = field.rsplit('/').next().unwrap_or_default();
    let name = if name == "value" { variable(stands, &field).unwrap_or(name) } else { name };
    let is_secret = object.is("", "Secret") && change.inside.is_empty();
    let shown = |value: &Value| if is_secret { mask::in_secret(value) } else { mask::value(name, value) };
    let current = stands.pointer(&field).filter(|value| !value.is_null());
    let proposed = match operation {
        PatchOperation::Add(add) if is_appended && current.is_some() => Some(json!([add.value])),
        PatchOperation::Remove(_) => None,
        _ => becomes.pointer(&field).cloned(),
    };
    let (current, proposed) = (current.map(shown).filter(|_| !is_appended), proposed.as_ref().map(shown));
    let message = match (&current, &proposed) {
        (Some(current), Some(proposed)) if is_short(current) && is_short(proposed) && current != proposed => {
            format!("must be {proposed}, not {current}: a run would {}", change.reason)
        }
        _ => format!("is not wired yet: a run would {}", change.reason),
    };
    let place = Place { object: change.object, inside: change.inside.clone(), at: crate::patch::parse(&field) };
    Finding::new(&codes::IS_WIRED, message).in_place(&object.id, place).values(current, proposed)
}

/// A field, or the highest of its parents that does not stand yet: all below it comes with it.
fn highest_missing(stands: &Value, field: &str) -> String {
    // A text that is to hold a document, and holds none.
    if stands.is_null() {
        return String::new();
    }
    let ends = field.match_indices('/').map(|(at, _)| at).skip(1).chain([field.len()]);
    let mut parents = ends.filter_map(|end| field.get(..end));
    parents.find(|parent| stands.pointer(parent).is_none_or(Value::is_null)).unwrap_or(field).to_owned()
}

/// The variable whose value stands at a field, in a list of variables.
fn variable<'a>(stands: &'a Value, field: &str) -> Option<&'a str> {
    stands.pointer(field.strip_suffix("/value")?)?.get("name")?.as_str()
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= LONGEST_SHOWN && !text.contains('\n'),
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    }
}

/// Several changes of one field for one reason are one finding; what is appended to a list that stands comes together.
fn push(found: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| {
        known.object == finding.object && known.field == finding.field && known.message == finding.message
    };
    match (found.iter_mut().find(same), finding) {
        (None, finding) => found.push(finding),
        (
            Some(Finding { proposed: Some(Value::Array(known)), .. }),
            Finding { proposed: Some(Value::Array(new)), .. },
        ) => {
            let new: Vec<Value> = new.into_iter().filter(|item| !known.contains(item)).collect();
            known.extend(new);
        }
        (Some(_), _) => {}
    }
}
