//! The `results` of a `ResourceList`, appended to what other functions found.

use json_patch::{AddOperation, Patch, PatchOperation, ReplaceOperation};
use serde_json::{Map, Value, json};

use crate::krm::Finding;
use crate::yaml::{Style, Wanted, documents, edit, outline, to_yaml};

/// The list with the findings as `results`.
///
/// # Errors
/// The list could not be edited faithfully: our bug.
pub fn with_results(text: &str, findings: &[Finding]) -> Result<String, String> {
    if findings.is_empty() {
        return Ok(text.to_owned());
    }
    let results: Vec<Value> = findings.iter().map(result).collect();
    let range = documents(text)
        .into_iter()
        .map(|piece| piece.range)
        .find(|range| text.get(range.clone()).is_some_and(|body| body.contains("items") || body.contains("kind")));
    let Some(range) = range else {
        return Ok(text.to_owned());
    };
    let body = text.get(range.clone()).unwrap_or_default();
    let fields = match body.contains("results") || body.contains("\\x") || body.contains("\\u") {
        true => outline(body, "items", &Wanted::default()).map(|outline| outline.fields).unwrap_or_default(),
        false => Vec::new(),
    };
    let is_block = !body.trim_start().starts_with(['{', '[']);
    let stands = fields.iter().find(|field| field.key == "results");
    let new = match stands {
        None if is_block => append(body, &results),
        Some(field) if is_block => {
            // The rest of the list is not parsed again: it may be large, and is not ours to judge.
            let own = body.get(field.range.clone()).unwrap_or_default();
            let edited = extend(own, "", results)?;
            let head = body.get(..field.range.start).unwrap_or_default();
            format!("{head}{edited}{}", body.get(field.range.end..).unwrap_or_default())
        }
        _ => extend(body, "/results", results)?,
    };
    let before = text.get(..range.start).unwrap_or_default();
    Ok(format!("{before}{new}{}", text.get(range.end..).unwrap_or_default()))
}

/// A new field after the last one; the document itself is not parsed again.
fn append(body: &str, results: &[Value]) -> String {
    let mut field = Map::new();
    field.insert("results".to_owned(), json!(results));
    let style = Style { line_break: line_break(body), ..Style::default() };
    let mut out = body.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(style.line_break.as_str());
    }
    out.push_str(&to_yaml(&Value::Object(field), &style));
    out
}

fn line_break(body: &str) -> crate::yaml::LineBreak {
    if body.contains("\r\n") { crate::yaml::LineBreak::CrLf } else { crate::yaml::LineBreak::Lf }
}

fn extend(text: &str, at: &str, results: Vec<Value>) -> Result<String, String> {
    let value = crate::yaml::Tree::parse(text).and_then(|tree| tree.value()).map_err(|error| error.to_string())?;
    let path = crate::patch::parse(at);
    let patch = match value.pointer(at) {
        Some(Value::Array(_)) => {
            let last = crate::patch::parse(&format!("{at}/-"));
            results.into_iter().map(|value| PatchOperation::Add(AddOperation { path: last.clone(), value })).collect()
        }
        Some(_) => vec![PatchOperation::Replace(ReplaceOperation { path, value: json!(results) })],
        None => vec![PatchOperation::Add(AddOperation { path, value: json!(results) })],
    };
    edit(text, &Patch(patch)).map_err(|error| error.to_string())
}

/// One result as the KRM functions specification has it.
fn result(finding: &Finding) -> Value {
    let mut result = Map::new();
    result.insert("message".to_owned(), json!(finding.message));
    result.insert("severity".to_owned(), json!(finding.severity.as_str()));
    if let Some(object) = &finding.object {
        let mut reference = Map::new();
        reference.insert("apiVersion".to_owned(), json!(object.api_version));
        reference.insert("kind".to_owned(), json!(object.kind));
        if let Some(namespace) = &object.namespace {
            reference.insert("namespace".to_owned(), json!(namespace));
        }
        reference.insert("name".to_owned(), json!(object.name));
        result.insert("resourceRef".to_owned(), Value::Object(reference));
    }
    // The specification wants a resource where there is a field; mistakes in the document have none.
    if let (Some(field), Some(_)) = (&finding.field, &finding.object) {
        let mut entry = Map::new();
        entry.insert("path".to_owned(), json!(field));
        for (key, value) in [("currentValue", &finding.current), ("proposedValue", &finding.proposed)] {
            if let Some(value) = value {
                entry.insert(key.to_owned(), value.clone());
            }
        }
        result.insert("field".to_owned(), Value::Object(entry));
    }
    if let Some(file) = &finding.file {
        let mut entry = Map::new();
        entry.insert("path".to_owned(), json!(file));
        if let Some(index) = finding.index {
            entry.insert("index".to_owned(), json!(index));
        }
        result.insert("file".to_owned(), Value::Object(entry));
    }
    result.insert("tags".to_owned(), json!({"code": finding.code.name}));
    Value::Object(result)
}

/// A host deletes what is missing from the output: a list that had items must have some.
///
/// # Errors
/// The output has none: our bug.
pub fn check_not_emptied(count: usize, text: &str) -> Result<(), String> {
    let body = documents(text).into_iter().next().and_then(|piece| text.get(piece.range)).unwrap_or_default();
    let left =
        outline(body, "items", &Wanted::default()).ok().and_then(|outline| outline.entries).map_or(0, |e| e.len());
    if count > 0 && left < count {
        Err(format!("the output has {left} of {count} items; nothing was changed"))
    } else {
        Ok(())
    }
}
