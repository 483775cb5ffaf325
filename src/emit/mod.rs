//! Findings in the words of whoever reads them: KRM results, or lines of text.

mod results;
mod text;

pub use results::{check_not_emptied, with_results};
pub use text::{finding_text, mistake_text};

use json_patch::jsonptr::PointerBuf;

use crate::krm::{Finding, Object, codes};
use crate::read::{Document, Form, Source};
use crate::yaml::Tree;
use crate::{Error, patch};

/// Says of each finding in which file, and on which line, it is: lines of files that we opened, else what the host's
/// annotations say.
pub fn locate(sources: &[Source], objects: &[Object], findings: &mut [Finding]) {
    for finding in findings.iter_mut() {
        let Some(object) = finding.object.as_ref().and_then(|id| objects.iter().find(|object| object.id == *id)) else {
            continue;
        };
        let source = sources.get(object.location.source);
        match source.and_then(|source| Some((source, source.name.clone()?))) {
            Some((source, name)) => {
                finding.file = Some(name);
                finding.line = line_of(source, object, finding.pointer.as_deref().unwrap_or_default());
            }
            None => {
                let annotation = |key: &str| object.annotation(key).map(str::to_owned);
                finding.file = annotation("internal.config.kubernetes.io/path")
                    .or_else(|| annotation("config.kubernetes.io/path"));
                finding.index = annotation("internal.config.kubernetes.io/index").and_then(|index| index.parse().ok());
            }
        }
    }
}

/// The line of a field, or of the nearest parent that stands.
fn line_of(source: &Source, object: &Object, pointer: &str) -> Option<usize> {
    let document: &Document = source.documents.get(object.location.document)?;
    let text = source.text.get(document.range.clone())?;
    let (tree, first_line) = match &document.form {
        Form::List { outline, .. } => {
            let entry = outline.entries.as_ref()?.get(object.location.entry?)?;
            (Tree::parse(&entry.document(text)).ok()?, document.first_line + entry.first_line - 1)
        }
        _ => (Tree::parse(text).ok()?, document.first_line),
    };
    let mut at: PointerBuf = patch::parse(pointer);
    loop {
        if let Some(line) = tree.line_of(&at) {
            return Some(first_line + line - 1);
        }
        at.pop_back()?;
    }
}

/// An error as findings, for hosts that read results.
pub fn findings_of(error: &Error) -> Vec<Finding> {
    match error {
        Error::Config(mistakes) => {
            mistakes.iter().map(|mistake| Finding::new(&codes::DOCUMENT_IS_RIGHT, mistake_text(mistake))).collect()
        }
        other => vec![Finding::new(&codes::INPUT_IS_READABLE, other.to_string())],
    }
}
