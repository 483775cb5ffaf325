//! A stream cut at its document markers, line by line.
//!
//! `---` and `...` at column 0 end a document whatever stands around them, even inside a quoted string; so the cuts are
//! exact without a parser, and a broken document cannot hide its neighbours.

use std::ops::Range;

use super::lines::{BOM, is_blank, line_number, next_line, slice};

/// One document of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The text to parse: after the marker's line, or after `--- ` where content follows on it; from the first
    /// directive where there are some. Nothing of the document lies outside, its leading comments may.
    pub range: Range<usize>,
    /// The 1-based line the range begins on.
    pub first_line: usize,
}

/// Every document of the stream in order. What lies between the ranges are markers, and comments before the first
/// marker; a stream of comments only has no document.
pub fn documents(text: &str) -> Vec<Document> {
    let mut cutter = Cutter { text, found: Vec::new(), line: 1, counted: 0 };
    let mut state = State::Between { directive: None };
    let mut at = 0;
    while at < text.len() {
        let next = next_line(text, at);
        let line = slice(text, at..next);
        let bare = match state {
            State::Between { .. } => line.trim_start_matches(BOM),
            State::Inside { .. } => line,
        };
        let content = at + (line.len() - bare.len());
        state = if is_marker(bare, "---") {
            let from = match state {
                State::Inside { from } => {
                    cutter.cut(from, at);
                    None
                }
                State::Between { directive } => directive,
            };
            State::Inside { from: from.unwrap_or_else(|| after_marker(text, content, next)) }
        } else if is_marker(bare, "...") {
            if let State::Inside { from } = state {
                cutter.cut(from, at);
            }
            State::Between { directive: None }
        } else {
            match state {
                State::Between { directive } if bare.starts_with('%') => {
                    State::Between { directive: directive.or(Some(content)) }
                }
                State::Between { directive } if is_comment(bare) => State::Between { directive },
                State::Between { directive } => State::Inside { from: directive.unwrap_or(at) },
                inside => inside,
            }
        };
        at = next;
    }
    match state {
        State::Inside { from } => cutter.cut(from, text.len()),
        // Directives without a document: the parser shall say what is missing.
        State::Between { directive: Some(from) } => cutter.cut(from, text.len()),
        State::Between { directive: None } => {}
    }
    cutter.found
}

#[derive(Clone, Copy)]
enum State {
    Between { directive: Option<usize> },
    Inside { from: usize },
}

struct Cutter<'t> {
    text: &'t str,
    found: Vec<Document>,
    line: usize,
    counted: usize,
}

impl Cutter<'_> {
    fn cut(&mut self, from: usize, to: usize) {
        self.line += line_number(slice(self.text, self.counted..from), from - self.counted) - 1;
        self.counted = from;
        self.found.push(Document { range: from..to.max(from), first_line: self.line });
    }
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

fn is_comment(line: &str) -> bool {
    let rest = line.trim_start_matches([' ', '\t']);
    rest.starts_with(['#', '\n', '\r']) || rest.is_empty()
}

/// Where the text after a `---` begins: on its line when there is content, else on the next one.
fn after_marker(text: &str, marker: usize, next: usize) -> usize {
    let rest = slice(text, marker + 3..next);
    if is_comment(rest) {
        return next;
    }
    marker + 3 + rest.bytes().take_while(|b| is_blank(*b)).count()
}

#[cfg(test)]
mod tests {
    use super::documents;

    fn cut(text: &str) -> Vec<(&str, usize)> {
        documents(text).into_iter().map(|document| (&text[document.range], document.first_line)).collect()
    }

    #[test]
    fn every_form_of_marker() {
        assert_eq!(cut("a: 1\n---\nb: 2\n"), [("a: 1\n", 1), ("b: 2\n", 3)]);
        assert_eq!(cut("# c\n---\r\nb: 2\r\n--- # c\r\nc: 3"), [("b: 2\r\n", 3), ("c: 3", 5)]);
        assert_eq!(cut("--- {a: 1}\n--- |\n x\n...\n# z\n"), [("{a: 1}\n", 1), ("|\n x\n", 2)]);
        assert_eq!(cut("\u{feff}---\na: 1\n...\nb: 2\n"), [("a: 1\n", 2), ("b: 2\n", 4)]);
        assert_eq!(cut("%YAML 1.2\n---\na: 1\n"), [("%YAML 1.2\n---\na: 1\n", 1)]);
        assert_eq!(cut("---\n---\n# only\n--- "), [("", 2), ("# only\n", 3), ("", 4)]);
        assert_eq!(cut("a: |\n  ---\n---x: 1\n"), [("a: |\n  ---\n---x: 1\n", 1)]);
        assert_eq!(cut("a: \"\n---\nb: 2"), [("a: \"\n", 1), ("b: 2", 3)]);
    }

    #[test]
    fn nothing_is_no_document() {
        assert!(cut("").is_empty() && cut("# only\n\n").is_empty());
        assert_eq!(cut("\u{feff}a: 1"), [("\u{feff}a: 1", 1)]);
    }
}
