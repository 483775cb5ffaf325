//! What leaves: findings in the words of whoever reads them, and what a run changes as a diff or as patches.

mod component;
mod diff;
mod first_document;
mod github;
mod json;
mod locate;
mod report;
mod results;
mod sarif;
mod text;

pub use component::{File, MARKER, component};
pub use diff::unified_diff;
pub use first_document::first_document;
pub use github::github;
pub use json::json;
pub use locate::locate;
pub use report::report;
pub use results::{check_not_emptied, with_results};
pub use sarif::sarif;
pub use text::{finding_text, mistake_text};

use serde_json::Value;

use crate::Error;
use crate::krm::{Finding, codes};

/// An error as findings, for hosts that read results; mistakes are those of the document.
pub fn findings_of(error: &Error, document: &Value) -> Vec<Finding> {
    let Error::Config(mistakes) = error else {
        return vec![Finding::new(&codes::INPUT_IS_READABLE, error.to_string())];
    };
    let finding = |mistake| Finding::new(&codes::DOCUMENT_IS_RIGHT, mistake_text(mistake));
    let mut findings: Vec<Finding> = mistakes.iter().map(finding).collect();
    locate::in_document(document, &mut findings);
    findings
}
