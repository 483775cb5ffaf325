//! The one error a reader of YAML can meet.

use granit_parser::ScanError;

/// Where and why text is no YAML. `line` and `column` are 1-based.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What must hold there.
    pub message: String,
}

impl SyntaxError {
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let line = super::lines::line_number(text, offset);
        Self { line, column: super::lines::column(text, offset) + 1, message: message.into() }
    }
}

impl From<ScanError> for SyntaxError {
    fn from(error: ScanError) -> Self {
        let marker = error.marker();
        Self { line: marker.line().max(1), column: marker.col() + 1, message: error.info() }
    }
}
