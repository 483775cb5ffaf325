//! Findings as SARIF 2.1.0, with what code scanning asks for: a rule and a place for each.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::krm::{Finding, Severity, codes};

/// One run. A finding without a file is put into the one that the command was given.
pub fn sarif(findings: &[Finding], input: &str) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "private-sso",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes::CODES.iter().map(|code| json!({
                    "id": code.name,
                    "shortDescription": {"text": code.name.replace('-', " ")},
                    "fullDescription": {"text": code.summary},
                    "help": {"text": format!("{} `private-sso explain {}` tells more.", code.summary, code.name)},
                    "defaultConfiguration": {"level": level(code.severity)},
                })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(|finding| result(finding, input)).collect::<Vec<_>>(),
        }],
    });
    let text = serde_json::to_string_pretty(&log).unwrap_or_default();
    format!("{text}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, input: &str) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.code.name));
    if let Some(index) = codes::CODES.iter().position(|code| *code == finding.code) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("level".to_owned(), json!(level(finding.severity)));
    result.insert("message".to_owned(), json!({"text": super::text::sentence(finding)}));
    let mut location = physical(finding.file.as_deref().unwrap_or(input), finding.line, finding.excerpt.as_deref());
    if let Some(object) = &finding.object {
        let name = match &finding.field {
            Some(field) => format!("{object} {field}"),
            None => object.to_string(),
        };
        location.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": name, "kind": "object"}]));
    }
    result.insert("locations".to_owned(), json!([location]));
    if let Some(other) = &finding.related {
        let mut location = physical(other.file.as_deref().unwrap_or(input), other.line, None);
        location.insert("id".to_owned(), json!(0));
        location.insert(
            "message".to_owned(),
            json!({"text": format!("{} {}: {}", other.object, other.field, other.message)}),
        );
        result.insert("relatedLocations".to_owned(), json!([location]));
    }
    result.insert("partialFingerprints".to_owned(), json!({"finding/v1": fingerprint(finding)}));
    Value::Object(result)
}

fn physical(file: &str, line: Option<usize>, excerpt: Option<&str>) -> Map<String, Value> {
    let mut place = Map::new();
    place.insert("artifactLocation".to_owned(), json!({"uri": uri(file)}));
    if let Some(line) = line {
        let mut region = Map::new();
        region.insert("startLine".to_owned(), json!(line));
        if let Some(excerpt) = excerpt {
            region.insert("snippet".to_owned(), json!({"text": excerpt}));
        }
        place.insert("region".to_owned(), Value::Object(region));
    }
    [("physicalLocation".to_owned(), Value::Object(place))].into_iter().collect()
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+@=,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    if out.is_empty() { "-".to_owned() } else { out }
}

/// The same finding in the next commit, though its line has moved.
fn fingerprint(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ToString::to_string);
    let parts = [Some(finding.code.name.to_owned()), finding.file.clone(), object, finding.field.clone()];
    let text: Vec<String> = parts.into_iter().map(Option::unwrap_or_default).collect();
    let digest = Sha256::digest(format!("{}\n{}", text.join("\n"), finding.message));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
