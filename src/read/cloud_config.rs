//! `#cloud-config`: the files that cloud-init writes are sources of their own, inside the text of another one
//! (cloud-init: `cc_write_files`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Input, Within};
use crate::krm::{Finding, Severity, codes};
use crate::patch;
use crate::yaml::{Encoding, Kind, ScalarStyle, Tree};

impl Input {
    /// Adds the content of each file that may hold manifests.
    pub(super) fn add_written_files(&mut self, outer: usize) {
        let Some(source) = self.sources.get(outer) else { return };
        let Ok(tree) = Tree::parse(&source.text) else { return };
        let Ok(value) = tree.value() else { return };
        let name = source.name.clone().unwrap_or_default();
        let entries = value.get("write_files").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (index, entry) in entries {
            let Some(content) = entry.get("content").and_then(Value::as_str) else { continue };
            let path = entry.get("path").and_then(Value::as_str).unwrap_or_default();
            let field = patch::parse(&format!("/write_files/{index}/content"));
            let line = tree.line_of(&field);
            let encoding = entry.get("encoding").and_then(Value::as_str).unwrap_or_default();
            let decoded = match decode(content, encoding) {
                Ok(decoded) => decoded,
                Err(reason) => {
                    let message = format!("the content for {path} {reason}, so what is in it is not seen");
                    let mut finding = Finding::new(&codes::DOCUMENT_IS_READABLE, message).severity(Severity::Info);
                    finding.file = Some(name.clone());
                    finding.line = line;
                    self.findings.push(finding);
                    continue;
                }
            };
            if !can_hold_manifests(path, &decoded.text) {
                continue;
            }
            // Lines of a literal block are lines of the file.
            let is_literal = tree.find(&field).is_some_and(|(_, node)| {
                matches!(tree.node(node).kind, Kind::Scalar { style: ScalarStyle::Literal, .. })
            });
            let offset = line.filter(|_| is_literal && decoded.encoding == Encoding::Plain);
            let shown = if offset.is_some() { name.clone() } else { format!("{name} (write_files[{index}])") };
            let (first_finding, at) = (self.findings.len(), self.sources.len());
            self.add_found(shown, decoded.text);
            let offset = offset.unwrap_or_default();
            for finding in self.findings.iter_mut().skip(first_finding) {
                finding.line = finding.line.map(|line| line + offset);
            }
            if let Some(nested) = self.sources.get_mut(at) {
                nested.within = Some(Within { source: outer, field, encoding: decoded.encoding });
                nested.documents.iter_mut().for_each(|document| document.first_line += offset);
            }
        }
    }
}

struct Decoded {
    text: String,
    encoding: Encoding,
}

/// The text of a file, and how it was written; or why it cannot be read.
fn decode(content: &str, encoding: &str) -> Result<Decoded, &'static str> {
    match encoding {
        "" | "text/plain" => Ok(Decoded { text: content.to_owned(), encoding: Encoding::Plain }),
        "b64" | "base64" => {
            let packed: String = content.split_whitespace().collect();
            let bytes = STANDARD.decode(packed).map_err(|_| "must be base64")?;
            let text = String::from_utf8(bytes).map_err(|_| "is no text")?;
            Ok(Decoded { text, encoding: Encoding::Base64 })
        }
        _ => Err("is compressed"),
    }
}

fn can_hold_manifests(path: &str, text: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)) || text.contains("apiVersion:")
}
