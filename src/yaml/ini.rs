//! INI as Grafana and Gitea read it (Go's `gopkg.in/ini.v1`), with byte positions.
//!
//! As data it is section → key → text. Keys before the first section, and those of `[DEFAULT]`, are in the section with
//! the empty name. A section that stands twice is one; of a key that stands twice the last counts.

use std::ops::Range;

use serde_json::{Map, Value};

use super::lines::{BOM, slice};
use super::syntax::SyntaxError;

/// What starts the name of a section without a name.
pub(super) const DEFAULT: &str = "DEFAULT";

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// All its lines, without the break of the last.
    pub lines: Range<usize>,
    /// The key as it is written, with its quotes.
    pub key: Range<usize>,
    pub name: String,
    /// Where `=` or `:` stands.
    pub delimiter: usize,
    /// The value as it is written, with its quotes and without a comment; empty before a comment.
    pub value: Range<usize>,
    pub text: String,
    /// The last line ends in a backslash, so the next one would belong to it.
    pub is_open: bool,
}

/// A section's header and what follows it; the first has no header.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub name: String,
    /// The header's line, without its break.
    pub header: Option<Range<usize>>,
    pub entries: Vec<Entry>,
    /// Where the next header's line begins.
    pub end: usize,
}

/// A file by its parts.
#[derive(Clone, Debug)]
pub(super) struct Ini {
    pub blocks: Vec<Block>,
}

/// The file as data.
pub(super) fn value(text: &str) -> Result<Value, SyntaxError> {
    Ok(Value::Object(Ini::parse(text)?.value()))
}

impl Ini {
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut blocks = vec![Block { name: String::new(), header: None, entries: Vec::new(), end: text.len() }];
        let mut at = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        let mut unnamed = 0;
        while at < text.len() {
            let line = Line::at(text, at);
            let start = at + line.text.len() - line.text.trim_start().len();
            let body = line.text.trim_start();
            at = line.next;
            if body.is_empty() || body.starts_with(['#', ';']) {
                continue;
            }
            if body.starts_with('[') {
                let name = section_name(text, start, body)?;
                let name = if name == DEFAULT { "" } else { name };
                if let Some(last) = blocks.last_mut() {
                    last.end = line.start;
                }
                let header = Some(line.start..line.end);
                blocks.push(Block { name: name.to_owned(), header, entries: Vec::new(), end: text.len() });
                unnamed = 0;
                continue;
            }
            let mut entry = entry(text, line.start, start, body)?;
            if entry.name == "-" {
                unnamed += 1;
                entry.name = format!("#{unnamed}");
            }
            at = Line::at(text, entry.lines.end).next;
            if let Some(last) = blocks.last_mut() {
                last.entries.push(entry);
            }
        }
        Ok(Self { blocks })
    }

    pub fn value(&self) -> Map<String, Value> {
        let mut sections = Map::new();
        for block in self.blocks.iter().filter(|block| block.header.is_some() || !block.entries.is_empty()) {
            let section = sections.entry(block.name.clone()).or_insert_with(|| Value::Object(Map::new()));
            for entry in &block.entries {
                if let Value::Object(keys) = section {
                    keys.insert(entry.name.clone(), Value::String(entry.text.clone()));
                }
            }
        }
        sections
    }

    /// All entries of a section, in their order.
    pub fn entries<'i>(&'i self, section: &'i str) -> impl Iterator<Item = &'i Entry> {
        self.blocks.iter().filter(move |block| block.name == section).flat_map(|block| &block.entries)
    }
}

/// One line of a text.
pub(super) struct Line<'t> {
    pub start: usize,
    /// Without the line break.
    pub end: usize,
    /// Where the next one begins.
    pub next: usize,
    /// With the line break.
    pub text: &'t str,
}

impl<'t> Line<'t> {
    /// The rest of the line from an offset on. Only `\n` ends a line here, as for Go.
    pub fn at(text: &'t str, start: usize) -> Self {
        let rest = slice(text, start..text.len());
        let next = start + rest.find('\n').map_or(rest.len(), |at| at + 1);
        let own = slice(text, start..next);
        let end = match own.strip_suffix('\n') {
            Some(content) => start + content.strip_suffix('\r').unwrap_or(content).len(),
            None => next,
        };
        Self { start, end, next, text: own }
    }
}

fn section_name<'t>(text: &str, start: usize, body: &'t str) -> Result<&'t str, SyntaxError> {
    let Some(close) = body.rfind(']') else {
        return Err(SyntaxError::at(text, start, "a section's name must end with `]`"));
    };
    let name = slice(body, 1..close);
    if name.is_empty() {
        return Err(SyntaxError::at(text, start, "a section must have a name between `[` and `]`"));
    }
    Ok(name)
}

/// The entry whose key begins at `start`; `body` is the rest of that line.
fn entry(text: &str, line: usize, start: usize, body: &str) -> Result<Entry, SyntaxError> {
    let fault = |message: &str| Err(SyntaxError::at(text, start, message));
    let quote = match body.as_bytes().first() {
        Some(b'"') if body.len() > 6 && body.starts_with("\"\"\"") => "\"\"\"",
        Some(b'"') => "\"",
        Some(b'`') => "`",
        _ => "",
    };
    let (name, after) = if quote.is_empty() {
        (body.split(['=', ':']).next().unwrap_or_default(), 0)
    } else {
        let Some((name, _)) = slice(body, quote.len()..body.len()).split_once(quote) else {
            return fault("a key that begins with a quote must end with it");
        };
        (name, 2 * quote.len() + name.len())
    };
    let Some(colon) = slice(body, after..body.len()).find(['=', ':']) else {
        return fault("a line must be a comment, a section in `[ ]`, or a key with `=` or `:` and its value");
    };
    let delimiter = start + after + colon;
    let name = name.trim();
    if name.is_empty() {
        return fault("a key must have a name");
    }
    let written = slice(text, start..delimiter).trim_end().len();
    let read = read(text, delimiter + 1)?;
    Ok(Entry {
        lines: line..read.end,
        key: start..start + written,
        name: name.to_owned(),
        delimiter,
        value: read.value,
        text: read.text,
        is_open: read.is_open,
    })
}

struct Read {
    value: Range<usize>,
    text: String,
    /// The end of the last line.
    end: usize,
    is_open: bool,
}

/// The value behind a delimiter.
fn read(text: &str, from: usize) -> Result<Read, SyntaxError> {
    let line = Line::at(text, from);
    let body = line.text.trim_start();
    let start = from + line.text.len() - body.len();
    if body.is_empty() {
        return Ok(Read { value: from..from, text: String::new(), end: line.end, is_open: false });
    }
    if body.len() > 3 && body.starts_with("\"\"\"") {
        return quoted(text, start, "\"\"\"");
    }
    if body.starts_with('`') {
        return quoted(text, start, "`");
    }
    let body = body.trim_end();
    if let Some(first) = body.strip_suffix('\\') {
        return Ok(continued(text, start, first, &line));
    }
    let body = body.split(['#', ';']).next().unwrap_or_default().trim_end();
    let inner = ['\'', '"'].into_iter().find_map(|quote| {
        let inner = body.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    });
    let value = start..start + body.len();
    Ok(Read { value, text: inner.unwrap_or(body).to_owned(), end: line.end, is_open: false })
}

/// A value in backticks or three double quotes: it ends at the last of them on its line, or on a later line.
fn quoted(text: &str, start: usize, quote: &str) -> Result<Read, SyntaxError> {
    let first = start + quote.len();
    let mut line = Line::at(text, first);
    loop {
        if let Some(close) = line.text.rfind(quote) {
            let close = line.start + close;
            let behind = slice(text, close + quote.len()..line.end);
            let goes_on = line.start != first && behind.trim().ends_with('\\');
            if !goes_on {
                let value = start..close + quote.len();
                return Ok(Read { value, text: slice(text, first..close).to_owned(), end: line.end, is_open: false });
            }
        }
        if line.next >= text.len() {
            return Err(SyntaxError::at(text, start, "a value that begins with a quote must end with it"));
        }
        line = Line::at(text, line.next);
    }
}

/// A value whose lines end in backslashes; in the lines that follow nothing is a comment or a quote.
fn continued(text: &str, start: usize, first: &str, line: &Line<'_>) -> Read {
    let mut value = first.to_owned();
    let mut end = line.end;
    let mut next = line.next;
    let mut is_open = true;
    while is_open && next < text.len() {
        let line = Line::at(text, next);
        let body = line.text.trim();
        if body.is_empty() {
            break;
        }
        (end, next) = (line.end, line.next);
        let body = match body.strip_suffix('\\') {
            Some(body) => body,
            None => {
                is_open = false;
                body
            }
        };
        value.push_str(body);
    }
    let written = slice(text, start..end).trim_end().len();
    Read { value: start..start + written, text: value, end, is_open }
}
