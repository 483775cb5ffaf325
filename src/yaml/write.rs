//! Values as text, in block and in flow style.

use serde_json::{Map, Value};

use super::layout::{Layout, Place, Quotes};
use super::scalar::{double_quoted, is_plain, is_printable, number_text, single_quoted};

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineBreak {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
}

impl LineBreak {
    /// The characters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }

    pub(super) fn of(text: &str) -> Self {
        if text == "\r\n" { Self::CrLf } else { Self::Lf }
    }
}

/// How [`to_yaml`] lays a document out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Lists stand further right than their key; the compact style puts the dash below the key.
    pub indented_sequences: bool,
    /// How far a nested mapping is indented; at least 1.
    pub indent: usize,
    /// How lines end.
    pub line_break: LineBreak,
}

impl Default for Style {
    fn default() -> Self {
        Self { indented_sequences: false, indent: 2, line_break: LineBreak::Lf }
    }
}

/// A new block-style document that reads back as the value under YAML 1.1, under 1.2 and in Go.
pub fn to_yaml(value: &Value, style: &Style) -> String {
    let indent = style.indent.clamp(1, 9);
    let list_step = if style.indented_sequences { indent } else { 0 };
    let layout = Layout::new(indent, list_step, style.line_break.as_str());
    Writer::new(&layout).document(value) + layout.line_break
}

/// How a flow collection is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FlowStyle {
    /// `{ a: 1 }`
    pub padded: bool,
    /// `{"a":1,"b":2}`
    pub tight: bool,
    /// One entry a line, indented by so much.
    pub pretty: Option<usize>,
}

/// Writes values in a layout.
pub(super) struct Writer<'l> {
    pub layout: &'l Layout,
}

impl<'l> Writer<'l> {
    pub fn new(layout: &'l Layout) -> Self {
        Self { layout }
    }

    /// A whole document, without a line break at its end.
    pub fn document(&self, value: &Value) -> String {
        let mut out = String::new();
        match literal(value) {
            Some(literal) => self.literal(&literal, self.layout.step, &mut out),
            None => self.in_place(value, 0, &Place::default(), &mut out),
        }
        out
    }

    /// A value whose first character stands at `column`; further lines are indented to it.
    pub fn in_place(&self, value: &Value, column: usize, place: &Place, out: &mut String) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, column, place, out),
            Value::Array(items) if !items.is_empty() => {
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.new_line(column, out);
                    }
                    self.item(item, column, &place.item(), out);
                }
            }
            value => out.push_str(&self.scalar(value, place, false)),
        }
    }

    fn mapping(&self, map: &Map<String, Value>, column: usize, place: &Place, out: &mut String) {
        for (number, (key, value)) in map.iter().enumerate() {
            if number > 0 {
                self.new_line(column, out);
            }
            self.entry(key, value, column, &place.key(key), out);
        }
    }

    /// `- value`, the dash at `column`.
    pub fn item(&self, item: &Value, column: usize, place: &Place, out: &mut String) {
        out.push('-');
        let gap = self.layout.gap.max(1);
        if let Some(literal) = literal(item) {
            out.push_str(&" ".repeat(gap));
            return self.literal(&literal, column + self.layout.step, out);
        }
        out.push_str(&" ".repeat(gap));
        self.in_place(item, column + 1 + gap, place, out);
    }

    /// `key: value`, the key at `column`.
    pub fn entry(&self, key: &str, value: &Value, column: usize, place: &Place, out: &mut String) {
        let key = self.key(key, false);
        // YAML allows keys without a `?` up to 1024 characters.
        if key.chars().count() > 1000 {
            out.push_str("? ");
            out.push_str(&key);
            self.new_line(column, out);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        self.after_colon(value, column, place, out);
    }

    /// What follows a key's colon, the key at `column`.
    pub fn after_colon(&self, value: &Value, column: usize, place: &Place, out: &mut String) {
        let column = match value {
            Value::Object(map) if !map.is_empty() => column + self.layout.step,
            Value::Array(items) if !items.is_empty() => column + self.layout.list_step,
            value => {
                out.push(' ');
                return match literal(value) {
                    Some(literal) => self.literal(&literal, column + self.layout.step, out),
                    None => out.push_str(&self.scalar(value, place, false)),
                };
            }
        };
        self.new_line(column, out);
        self.in_place(value, column, place, out);
    }

    pub fn new_line(&self, column: usize, out: &mut String) {
        out.push_str(self.layout.line_break);
        out.push_str(&(if self.layout.tabs { "\t" } else { " " }).repeat(column));
    }

    /// A literal block with its lines at `column`, without a line break at its end unless it keeps blank lines.
    pub fn literal(&self, literal: &Literal<'_>, column: usize, out: &mut String) {
        out.push('|');
        out.push_str(literal.chomp);
        for line in &literal.lines {
            out.push_str(self.layout.line_break);
            if !line.is_empty() {
                out.push_str(&" ".repeat(column));
                out.push_str(line);
            }
        }
    }

    /// A key, quoted where it must be or its neighbours are.
    pub fn key(&self, key: &str, flow: bool) -> String {
        self.string(key, self.layout.key_quotes(), flow)
    }

    /// A scalar or an empty collection, on one line.
    pub fn scalar(&self, value: &Value, place: &Place, flow: bool) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Bool(yes) => yes.to_string(),
            Value::Number(number) if self.layout.is_json => number.to_string(),
            Value::Number(number) => number_text(number),
            Value::String(text) => self.string(text, self.layout.quotes(place), flow),
            Value::Array(_) => "[]".to_owned(),
            Value::Object(_) => "{}".to_owned(),
        }
    }

    /// A string on one line in the wanted quotes, or in the ones it needs.
    pub fn string(&self, text: &str, quotes: Quotes, flow: bool) -> String {
        let quotes = match quotes {
            Quotes::Plain if is_plain(text, flow) => return text.to_owned(),
            Quotes::Plain => self.layout.needed_quotes(),
            quotes => quotes,
        };
        let single = if quotes == Quotes::Single { single_quoted(text) } else { None };
        single.unwrap_or_else(|| double_quoted(text))
    }

    /// A value in flow style. `indent` is the indentation of the line it begins on.
    pub fn flow(&self, value: &Value, place: &Place, style: FlowStyle, indent: usize, out: &mut String) {
        let (open, close, entries): (char, char, Vec<(Option<&String>, &Value)>) = match value {
            Value::Object(map) if !map.is_empty() => {
                ('{', '}', map.iter().map(|(key, value)| (Some(key), value)).collect())
            }
            Value::Array(items) if !items.is_empty() => ('[', ']', items.iter().map(|item| (None, item)).collect()),
            value => return out.push_str(&self.scalar(value, place, true)),
        };
        let inner = indent + style.pretty.unwrap_or(0);
        out.push(open);
        for (number, (key, value)) in entries.into_iter().enumerate() {
            if number > 0 {
                out.push_str(if style.tight || style.pretty.is_some() { "," } else { ", " });
            }
            match style.pretty {
                Some(_) => self.new_line(inner, out),
                None if number == 0 && style.padded => out.push(' '),
                None => {}
            }
            self.flow_entry(key.map(String::as_str), value, place, style, inner, out);
        }
        match style.pretty {
            Some(_) => self.new_line(indent, out),
            None if style.padded => out.push(' '),
            None => {}
        }
        out.push(close);
    }

    /// One entry of a flow collection: `key: value`, or an item.
    pub fn flow_entry(
        &self,
        key: Option<&str>,
        value: &Value,
        place: &Place,
        style: FlowStyle,
        indent: usize,
        out: &mut String,
    ) {
        let place = match key {
            Some(key) => {
                let text = self.key(key, true);
                let is_long = text.chars().count() > 1000 && !self.layout.is_json;
                out.push_str(if is_long { "? " } else { "" });
                out.push_str(&text);
                out.push_str(if style.tight && text.ends_with('"') { ":" } else { ": " });
                place.key(key)
            }
            None => place.item(),
        };
        self.flow(value, &place, style, indent, out);
    }
}

/// A string as the lines of a literal block.
pub(super) struct Literal<'t> {
    pub chomp: &'static str,
    pub lines: Vec<&'t str>,
}

/// The string as a literal block, where that is exact for every reader: several lines, printable, the first one with
/// text not indented (an indentation indicator would be needed), no blank lines at the end (they would be one with the
/// blank lines that follow in the document).
pub(super) fn literal(value: &Value) -> Option<Literal<'_>> {
    let Value::String(text) = value else {
        return None;
    };
    literal_lines(text).filter(|literal| text.contains('\n') && literal.chomp != "+")
}

/// The lines of any string a literal block can hold.
pub(super) fn literal_lines(text: &str) -> Option<Literal<'_>> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let is_exact = text.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t'));
    let first = lines.iter().find(|line| !line.is_empty())?;
    if !is_exact || first.starts_with([' ', '\t']) {
        return None;
    }
    let is_ended = lines.last() == Some(&"");
    if is_ended {
        lines.pop();
    }
    let chomp = match (is_ended, lines.last() == Some(&"")) {
        (false, _) => "-",
        (true, false) => "",
        (true, true) => "+",
    };
    Some(Literal { chomp, lines })
}

/// True when the value's text ends inside a literal block, which wants its last line ended.
pub(super) fn ends_in_literal(value: &Value) -> bool {
    match value {
        Value::String(text) => text.ends_with('\n') && literal(value).is_some(),
        Value::Array(items) => items.last().is_some_and(ends_in_literal),
        Value::Object(map) => map.values().next_back().is_some_and(ends_in_literal),
        _ => false,
    }
}
