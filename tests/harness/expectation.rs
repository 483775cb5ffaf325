//! What a case must give, as files that a person reads.

use std::path::Path;

use private_sso::Outcome;
use private_sso::krm::Finding;
use serde_json::{Map, Value, json};
use similar::TextDiff;

use super::case::{Case, Form};
use super::command::Output;

/// Name and content of each file; no content means that the file must not be there.
pub struct Expectation(Vec<(&'static str, Option<String>)>);

impl Expectation {
    pub fn of(case: &Case, command: &Output, ran: Option<&Outcome>) -> Result<Self, String> {
        let texts = ran.map(|ran| ran.texts.as_slice()).unwrap_or_default();
        let findings = ran.map(|ran| ran.findings.as_slice()).unwrap_or_default();
        let refused = command.code > 1;
        Ok(Self(vec![
            ("expected.diff", some(diff(case, texts))),
            ("results.yaml", some(results(findings)?)),
            ("exit", (command.code != 0).then(|| format!("{}\n", command.code))),
            ("error.txt", refused.then(|| command.stderr.clone())),
        ]))
    }

    /// Writes the files; what remains wrong even so.
    pub fn write(&self, folder: &Path) -> Result<Vec<String>, String> {
        for (name, content) in &self.0 {
            let path = folder.join(name);
            let written = match content {
                Some(content) => std::fs::write(&path, content),
                None if path.exists() => std::fs::remove_file(&path),
                None => Ok(()),
            };
            written.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(Vec::new())
    }

    /// How the files differ from what came.
    pub fn compare(&self, folder: &Path) -> Result<Vec<String>, String> {
        let mut problems = Vec::new();
        for (name, content) in &self.0 {
            let path = folder.join(name);
            let expected = match path.exists() {
                true => Some(std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?),
                false => None,
            };
            if expected != *content {
                let (old, new) = (expected.unwrap_or_default(), content.clone().unwrap_or_default());
                problems.push(format!(
                    "{name} is not as expected (- expected, + found):\n{}",
                    unified(&old, &new, "expected", "found")
                ));
            }
        }
        Ok(problems)
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn diff(case: &Case, texts: &[String]) -> String {
    let files = case.names.iter().zip(case.texts.iter().zip(texts));
    files
        .map(|(name, (old, new))| {
            let output = match case.form {
                Form::Files => name.replacen("input/", "output/", 1),
                _ => "output.yaml".to_owned(),
            };
            unified(old, new, name, &output)
        })
        .collect()
}

/// A unified diff with three lines of context; empty where nothing differs.
pub fn unified(old: &str, new: &str, from: &str, to: &str) -> String {
    if old == new {
        return String::new();
    }
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(from, to).to_string()
}

/// The findings as YAML, without what depends on how the input arrived.
pub fn results(findings: &[Finding]) -> Result<String, String> {
    if findings.is_empty() {
        return Ok(String::new());
    }
    let list: Vec<Value> = findings.iter().map(result).collect();
    serde_yaml::to_string(&list).map_err(|error| error.to_string())
}

fn result(finding: &Finding) -> Value {
    let mut out = Map::new();
    out.insert("severity".to_owned(), json!(finding.severity.as_str()));
    out.insert("code".to_owned(), json!(finding.code.name));
    if let Some(object) = &finding.object {
        out.insert("object".to_owned(), json!(object.to_string()));
    }
    // Lines are known where we opened the file.
    if let (Some(file), Some(line)) = (&finding.file, finding.line) {
        out.insert("place".to_owned(), json!(format!("{file}:{line}")));
    }
    if let Some(field) = &finding.field {
        out.insert("field".to_owned(), json!(field));
    }
    out.insert("message".to_owned(), json!(finding.message));
    for (key, value) in [("current", &finding.current), ("proposed", &finding.proposed)] {
        if let Some(value) = value {
            out.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(out)
}
