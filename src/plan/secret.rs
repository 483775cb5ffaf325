//! Reads and fills Secrets: `data` in base64, `stringData` in clear, never what is encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::planner::Planner;
use crate::krm::{Finding, Place, codes};
use crate::patch::{Draft, token};

/// Index of the Secret of a name in a namespace, if it is in the input.
pub(super) fn find(planner: &Planner<'_>, name: &str, namespace: Option<&str>) -> Option<usize> {
    planner
        .manifests
        .objects
        .iter()
        .position(|object| object.is("", "Secret") && object.is_named(name) && object.id.shares_namespace(namespace))
}

/// A key's value; `Err` where it is no base64.
pub(super) fn get(draft: &Draft, key: &str) -> Option<Result<String, String>> {
    if let Some(text) = draft.text(&format!("/stringData/{}", token(key))) {
        return Some(Ok(text.to_owned()));
    }
    let encoded = draft.text(&format!("/data/{}", token(key)))?;
    let compact: String = encoded.split_whitespace().collect();
    // The library's message would tell a character of the secret.
    let bytes = STANDARD.decode(compact).map_err(|_| "must be base64".to_owned());
    Some(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Fills a key with a value that this document owns. `shown` values may appear in messages; secrets never.
pub(super) fn fill(planner: &mut Planner<'_>, object: usize, key: &str, value: &str, shown: bool, reason: &str) {
    let place = Place::object(object);
    let Some(mut draft) = planner.draft(&place, &codes::SECRET_IS_READABLE) else {
        return;
    };
    let pointer = format!("/data/{}", token(key));
    if draft.get("/sops").is_some() {
        let message = "must not be encrypted with SOPS to be filled in; give the secret as `secretKeyRef`, or run before encryption";
        return planner.report_at(&place, "", Finding::new(&codes::SECRET_IS_WRITABLE, message));
    }
    match get(&draft, key) {
        Some(Ok(current)) if current == value => return,
        Some(Ok(current)) if !current.is_empty() => {
            let clear = format!("/stringData/{}", token(key));
            let pointer = if draft.get(&clear).is_some() { clear } else { pointer.clone() };
            let values = shown.then(|| (Value::String(current), Value::String(value.to_owned())));
            planner.corrected(&place, &pointer, values);
        }
        Some(Err(message)) => {
            let message = format!("{message}; encode the value, or move it to `stringData`");
            return planner.report_at(&place, &pointer, Finding::new(&codes::SECRET_IS_READABLE, message));
        }
        _ => {}
    }
    let clear = format!("/stringData/{}", token(key));
    if draft.get(&clear).is_some() || draft.get("/stringData").is_some() && draft.get("/data").is_none() {
        draft.set(&clear, Value::String(value.to_owned()));
    } else {
        draft.set(&pointer, Value::String(STANDARD.encode(value)));
    }
    planner.record(&place, draft, reason);
}

/// Takes a key away where it stands in clear, and says so.
pub(super) fn clear(planner: &mut Planner<'_>, object: usize, key: &str, reason: &str) {
    let place = Place::object(object);
    let Some(mut draft) = planner.draft(&place, &codes::SECRET_IS_READABLE) else {
        return;
    };
    for pointer in [format!("/data/{}", token(key)), format!("/stringData/{}", token(key))] {
        if draft.get(&pointer).is_some() {
            planner.corrected(&place, &pointer, None);
            draft.remove(&pointer);
        }
    }
    // An empty `data` can wipe what the app itself keeps in the Secret (argo-cd: admin password and server key).
    for field in ["/data", "/stringData"] {
        if draft.get(field).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            draft.remove(field);
        }
    }
    planner.record(&place, draft, reason);
}
