//! The one error a reader of YAML can meet.

use granit_parser::ScanError;

/// Where and why text is no YAML. `line` and `column` are 1-based.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {}", self.reason())]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What must hold there.
    pub message: String,
    /// The line of what it collides with, counted from 1.
    pub first: Option<usize>,
}

impl SyntaxError {
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let line = super::lines::line_number(text, offset);
        Self { line, column: super::lines::column(text, offset) + 1, message: message.into(), first: None }
    }

    /// The same error, seen from a text that has so many lines before this one.
    #[must_use]
    pub fn below(mut self, lines: usize) -> Self {
        self.line += lines;
        self.first = self.first.map(|first| first + lines);
        self
    }

    /// What must hold, with the lines it is about where there are two.
    pub fn reason(&self) -> String {
        match self.first {
            Some(first) => format!("{}, it stands on line {first} and on line {}", self.message, self.line),
            None => self.message.clone(),
        }
    }
}

impl From<ScanError> for SyntaxError {
    fn from(error: ScanError) -> Self {
        let marker = error.marker();
        Self { line: marker.line().max(1), column: marker.col() + 1, message: error.info(), first: None }
    }
}
