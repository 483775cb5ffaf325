//! Findings as one JSON object.

use serde_json::{Map, Value, json};

use crate::krm::{Finding, ObjectRef, Severity};

/// `{"findings": [...], "summary": {...}}`
pub fn json(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let report = json!({
        "findings": findings.iter().map(entry).collect::<Vec<_>>(),
        "summary": {
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "info": count(Severity::Info),
        },
    });
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    format!("{text}\n")
}

fn entry(finding: &Finding) -> Value {
    let mut out = Map::new();
    out.insert("code".to_owned(), json!(finding.code.name));
    out.insert("severity".to_owned(), json!(finding.severity.as_str()));
    out.insert("message".to_owned(), json!(finding.message));
    place(&mut out, finding.object.as_ref(), finding.field.as_ref(), finding.file.as_ref(), finding.line);
    for (key, value) in [("current", &finding.current), ("proposed", &finding.proposed)] {
        if let Some(value) = value {
            out.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(other) = &finding.related {
        let mut related = Map::new();
        related.insert("message".to_owned(), json!(other.message));
        place(&mut related, Some(&other.object), Some(&other.field), other.file.as_ref(), other.line);
        out.insert("related".to_owned(), Value::Object(related));
    }
    Value::Object(out)
}

fn place(
    out: &mut Map<String, Value>,
    object: Option<&ObjectRef>,
    field: Option<&String>,
    file: Option<&String>,
    line: Option<usize>,
) {
    if let Some(object) = object {
        let mut reference = Map::new();
        reference.insert("apiVersion".to_owned(), json!(object.api_version));
        reference.insert("kind".to_owned(), json!(object.kind));
        if let Some(namespace) = &object.namespace {
            reference.insert("namespace".to_owned(), json!(namespace));
        }
        reference.insert("name".to_owned(), json!(object.name));
        out.insert("object".to_owned(), Value::Object(reference));
    }
    if let Some(field) = field.filter(|field| !field.is_empty()) {
        out.insert("field".to_owned(), json!(field));
    }
    if let Some(file) = file {
        out.insert("file".to_owned(), json!(file));
    }
    if let Some(line) = line {
        out.insert("line".to_owned(), json!(line));
    }
}
