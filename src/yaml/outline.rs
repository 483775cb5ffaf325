//! What a document and each entry of its list are, from one pass over the events and without a tree.
//!
//! A list of 200 MB is looked at once; its entries become ranges of the text and the few scalars somebody asked for.

use std::borrow::Cow;
use std::ops::Range;

use super::facts::{Collector, Facts, Wanted};
use super::lexer::lex;
use super::lines::{column, is_first_on_line, last_comment, line_break, line_end, line_start, next_line, slice};
use super::syntax::SyntaxError;
use super::walk::{Step, Walk, What};
use super::write::{LineBreak, Style};

/// One entry of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The lines of a block entry from its dash's line to its last content (line comment and line break included),
    /// or the node alone in a flow list. The comments above the dash are not in it.
    pub range: Range<usize>,
    /// Where the dash is, in a block list.
    pub dash: Option<usize>,
    /// The 1-based line the range begins on.
    pub first_line: usize,
    /// What was asked for.
    pub facts: Facts,
    /// It repeats an anchor of another part of the document, so it is no document of its own.
    pub borrows: bool,
    /// Another part of the document repeats an anchor of this entry.
    pub lends: bool,
}

impl Entry {
    /// The entry as a document of its own. Offsets stay true relative to `range.start`: the dash becomes a space.
    pub fn document<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let own = slice(text, self.range.clone());
        let Some(dash) = self.dash.and_then(|dash| dash.checked_sub(self.range.start)) else {
            return Cow::Borrowed(own);
        };
        Cow::Owned(format!("{} {}", slice(own, 0..dash), slice(own, dash + 1..own.len())))
    }

    /// The edited document as the entry's new text, the dash in its old place.
    /// Nothing when the edit left no place for it; then the document is no entry.
    pub fn restore(&self, text: &str, edited: &str) -> Option<String> {
        let Some(dash) = self.dash.and_then(|dash| dash.checked_sub(self.range.start)) else {
            return Some(edited.to_owned());
        };
        let before = slice(text, self.range.start..self.range.start + dash);
        let after = edited.strip_prefix(before)?.strip_prefix(' ')?;
        let is_apart = after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']);
        is_apart.then(|| format!("{before}-{after}"))
    }
}

/// One key of the root mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key, decoded.
    pub key: String,
    /// The 1-based line of the key.
    pub line: usize,
    /// The value as a text to parse: from the beginning of its line when it is the first there, to the end of its last
    /// line unless the mapping is in braces.
    pub range: Range<usize>,
}

/// What a document is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// What was asked for, of the document itself.
    pub root: Facts,
    /// The root mapping's keys in order.
    pub fields: Vec<Field>,
    /// The entries of the list, if there is one.
    pub entries: Option<Vec<Entry>>,
}

impl Outline {
    /// New entries as text to insert behind an entry, at the end of its range. Nothing when the list has no such entry
    /// or is in brackets; then [`edit`](super::edit) the document.
    pub fn behind(&self, text: &str, entry: usize, values: &[serde_json::Value], style: Style) -> Option<String> {
        let last = self.entries.as_ref()?.get(entry)?;
        let dash = column(text, last.dash?);
        let line_break = LineBreak::of(line_break(text));
        let style = Style { line_break, ..style };
        let mut out = String::new();
        for value in values {
            for (number, line) in super::write::to_yaml(value, &style).lines().enumerate() {
                let lead = if number == 0 { "- " } else { "  " };
                out.push_str(&" ".repeat(if line.is_empty() { 0 } else { dash }));
                out.push_str(if line.is_empty() { "" } else { lead });
                out.push_str(line);
                out.push_str(line_break.as_str());
            }
        }
        let is_open = !slice(text, last.range.clone()).ends_with(['\n', '\r']);
        if is_open {
            let trimmed = out.trim_end_matches(['\n', '\r']).len();
            out.truncate(trimmed);
            out.insert_str(0, line_break.as_str());
        }
        Some(out)
    }
}

/// Reads one document's events once and reports what was asked for: of the document, and of each entry of the list its
/// root mapping has under `list_key`. Duplicate keys are not noticed here.
pub fn outline(text: &str, list_key: &str, wanted: &Wanted<'_>) -> Result<Outline, SyntaxError> {
    match ordinary(text, list_key, wanted) {
        Some(outline) => Ok(outline),
        None => parsed(text, list_key, wanted),
    }
}

/// By the lexer, if it can.
pub(super) fn ordinary(text: &str, list_key: &str, wanted: &Wanted<'_>) -> Option<Outline> {
    let mut reader = Reader::new(text, list_key, wanted);
    lex(text, 2 + wanted.deepest(), &mut |step, depth| reader.step(&step, depth))?;
    reader.finish();
    Some(reader.outline)
}

/// By the parser.
pub(super) fn parsed(text: &str, list_key: &str, wanted: &Wanted<'_>) -> Result<Outline, SyntaxError> {
    let mut reader = Reader::new(text, list_key, wanted);
    let mut walk = Walk::new(text);
    while let Some(step) = walk.next()? {
        let depth = walk.depth() - usize::from(matches!(step.what, What::Sequence { .. } | What::Mapping { .. }));
        reader.step(&step, depth);
    }
    reader.finish();
    Ok(reader.outline)
}

struct Reader<'t> {
    text: &'t str,
    list_key: &'t str,
    wanted: &'t Wanted<'t>,
    outline: Outline,
    root: Collector<'t>,
    entry: Option<(Entry, Collector<'t>)>,
    in_list: Option<bool>,
    /// The root mapping is in braces.
    in_braces: bool,
    key: Option<String>,
    /// Highest anchor seen, and the first one of the current entry.
    anchors: usize,
    entry_anchors: usize,
    owners: Vec<Range<usize>>,
    end: usize,
    line: usize,
    counted: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, list_key: &'t str, wanted: &'t Wanted<'t>) -> Self {
        Self {
            text,
            list_key,
            wanted,
            outline: Outline::default(),
            root: Collector::new(wanted, 0),
            entry: None,
            in_list: None,
            in_braces: false,
            key: None,
            anchors: 0,
            entry_anchors: 0,
            owners: Vec::new(),
            end: 0,
            line: 1,
            counted: 0,
        }
    }

    /// The line number of offsets that only grow.
    fn line_at(&mut self, at: usize) -> usize {
        if at > self.counted {
            self.line += super::lines::line_number(slice(self.text, self.counted..at), at - self.counted) - 1;
            self.counted = at;
        }
        self.line
    }

    fn step(&mut self, step: &Step<'_>, depth: usize) {
        let closes = matches!(step.what, What::Close);
        if let (0, What::Mapping { flow }) = (depth, &step.what) {
            self.in_braces = *flow;
        }
        if depth == 0 && closes {
            self.close_field();
        }
        if depth == 1 && !closes && self.root.is_mapping() {
            self.field(step);
        }
        match self.in_list {
            Some(flow) if depth == 2 && !closes => self.begin_entry(step, flow),
            Some(_) if depth == 1 && closes => {
                self.end_entry();
                self.in_list = None;
            }
            _ => {}
        }
        match step.what {
            What::Alias(id) => self.alias(id),
            _ => self.anchors = self.anchors.max(step.anchor),
        }
        match &mut self.entry {
            Some((_, collector)) => collector.step(step, depth),
            None if self.in_list.is_none() => self.root.step(step, depth),
            None => {}
        }
        self.end = step.end;
    }

    /// A key of the root mapping, or its value.
    fn field(&mut self, step: &Step<'_>) {
        let Some(key) = self.key.take() else {
            let line = self.line_at(step.start);
            self.close_field();
            let key = match &step.what {
                What::Scalar(text, _) => text.to_string(),
                _ => String::new(),
            };
            self.outline.fields.push(Field { key: key.clone(), line, range: 0..0 });
            self.key = Some(key);
            return;
        };
        let is_first = is_first_on_line(self.text, step.start);
        let start = if is_first { line_start(self.text, step.start) } else { step.start };
        if let Some(field) = self.outline.fields.last_mut() {
            field.range = start..start;
        }
        if let What::Sequence { flow } = step.what
            && key == self.list_key
            && self.outline.entries.is_none()
        {
            self.in_list = Some(flow);
            self.outline.entries = Some(Vec::new());
        }
    }

    fn close_field(&mut self) {
        // By indentation a value owns its last line, comment and break included.
        let end = if self.in_braces { self.end } else { next_line(self.text, self.end) };
        if let Some(field) = self.outline.fields.last_mut() {
            field.range.end = end.max(field.range.start);
        }
    }

    fn begin_entry(&mut self, step: &Step<'_>, flow: bool) {
        self.end_entry();
        let dash = (!flow && slice(self.text, step.lead..step.lead + 1) == "-").then_some(step.lead);
        let start = match dash {
            Some(dash) if is_first_on_line(self.text, dash) => line_start(self.text, dash),
            Some(dash) => dash,
            None => step.start,
        };
        let first_line = self.line_at(start);
        self.entry_anchors = self.anchors;
        let entry =
            Entry { range: start..step.end, dash, first_line, facts: Facts::default(), borrows: false, lends: false };
        self.entry = Some((entry, Collector::new(self.wanted, 2)));
    }

    fn end_entry(&mut self) {
        let Some((mut entry, collector)) = self.entry.take() else {
            return;
        };
        entry.range.end = match entry.dash {
            Some(dash) => {
                // Comments that stand deeper than the dash are the entry's own.
                let end = self.end.max(entry.range.start);
                let end = last_comment(self.text, end, column(self.text, dash) + 1).unwrap_or(end);
                next_line(self.text, line_end(self.text, end))
            }
            None => self.end,
        };
        entry.facts = collector.into_facts();
        self.owners.push(self.entry_anchors..self.anchors);
        if let Some(entries) = &mut self.outline.entries {
            entries.push(entry);
        }
    }

    /// Who defined the anchor, and is that somebody else?
    fn alias(&mut self, id: usize) {
        if let Some((entry, _)) = &mut self.entry {
            if id > self.entry_anchors {
                return;
            }
            entry.borrows = true;
        }
        // Anchors are numbered in order, so the owners are sorted.
        let owner = self.owners.partition_point(|owned| owned.end < id);
        let is_owner = self.owners.get(owner).is_some_and(|owned| owned.start < id);
        let entry = self.outline.entries.as_mut().and_then(|entries| entries.get_mut(owner));
        if let Some(entry) = entry.filter(|_| is_owner) {
            entry.lends = true;
        }
    }

    fn finish(&mut self) {
        self.end_entry();
        self.outline.root = self.root.take_facts();
    }
}
