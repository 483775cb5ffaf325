//! A JSON Patch on INI text: only the lines of what differs change, and the result is proved.

use std::ops::Range;

use json_patch::Patch;
use json_patch::jsonptr::PointerBuf;
use serde_json::{Map, Value};

use super::edit::EditError;
use super::ini::{Block, Entry, Ini, Line};
use super::ini_write::{gap, header, key, values};
use super::lines::{BOM, slice};

/// Applies a patch to INI text. Parsing the result gives what the patch makes of the parsed text, where booleans and
/// numbers are the texts that they are in INI.
pub(super) fn edit(text: &str, patch: &Patch) -> Result<String, EditError> {
    let old = Ini::parse(text)?.value();
    let mut patched = Value::Object(old.clone());
    json_patch::patch(&mut patched, patch)?;
    let new = as_texts(patched)?;
    let keys = |sections: &Map<String, Value>, section: &str| {
        sections.get(section).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let mut file = File { text: text.to_owned() };
    for section in old.keys().filter(|section| !new.contains_key(*section)) {
        file.remove_section(section)?;
    }
    for section in new.keys() {
        let (before, after) = (keys(&old, section), keys(&new, section));
        if !section.is_empty() && !old.contains_key(section) {
            file.add_section(section)?;
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            file.remove(section, name)?;
        }
        for (name, value) in after.iter().filter(|(name, value)| before.get(*name) != Some(value)) {
            file.set(section, name, value.as_str().unwrap_or_default())?;
        }
    }
    if file.value()? != without_empty_start(new) {
        let pointer = patch.0.first().map(|operation| operation.path().to_buf()).unwrap_or_default();
        return Err(EditError::Unfaithful { pointer });
    }
    Ok(file.text)
}

/// The patched document with every value a text.
fn as_texts(document: Value) -> Result<Map<String, Value>, EditError> {
    let mapping = |value: Value, path: &[&str]| match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(unwritable(path, "it must be a mapping, of sections or of a section's keys")),
    };
    let mut sections = Map::new();
    for (section, keys) in mapping(document, &[])? {
        let mut texts = Map::new();
        for (name, value) in mapping(keys, &[&section])? {
            let text = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => return Err(unwritable(&[&section, &name], "a value must be one text")),
            };
            texts.insert(name, Value::String(text));
        }
        sections.insert(section, Value::Object(texts));
    }
    Ok(sections)
}

/// The section without a name is always there; without keys it is nothing.
fn without_empty_start(mut sections: Map<String, Value>) -> Map<String, Value> {
    sections.retain(|name, keys| !name.is_empty() || keys.as_object().is_some_and(|keys| !keys.is_empty()));
    sections
}

fn unwritable(path: &[&str], message: &str) -> EditError {
    EditError::Unwritable { pointer: PointerBuf::from_tokens(path.iter().copied()), message: message.to_owned() }
}

/// The text between two steps.
struct File {
    text: String,
}

impl File {
    /// The file as it is now. A quote that was no quote at the end of the text becomes one when a line follows.
    fn ini(&self) -> Result<Ini, EditError> {
        let misread = |_| unwritable(&[], "its last line ends in quotes that would take in what follows");
        Ini::parse(&self.text).map_err(misread)
    }

    fn value(&self) -> Result<Map<String, Value>, EditError> {
        Ok(without_empty_start(self.ini()?.value()))
    }

    fn replace(&mut self, range: Range<usize>, new: &str) {
        self.text.replace_range(range, new);
    }

    fn line_break(&self) -> &'static str {
        if Line::at(&self.text, 0).text.ends_with("\r\n") { "\r\n" } else { "\n" }
    }

    /// Removes lines; at the end of a text without a last line break, the break before them.
    fn remove_lines(&mut self, lines: Range<usize>) {
        let next = Line::at(&self.text, lines.end).next;
        let is_last = next == self.text.len() && !self.text.ends_with('\n');
        let before = slice(&self.text, 0..lines.start);
        let content = before.strip_suffix('\n').map(|content| content.strip_suffix('\r').unwrap_or(content));
        match content.filter(|_| is_last) {
            Some(content) => self.replace(content.len()..next, ""),
            None => self.replace(lines.start..next, ""),
        }
    }

    fn remove(&mut self, section: &str, name: &str) -> Result<(), EditError> {
        let is_counted = name.starts_with('#');
        let ini = self.ini()?;
        let entries: Vec<&Entry> = ini.entries(section).filter(|entry| entry.name == name).collect();
        if is_counted && entries.iter().any(|entry| slice(&self.text, entry.key.clone()) == "-") {
            return Err(unwritable(&[section, name], "a key `-` has the name of its position and cannot be removed"));
        }
        for lines in entries.iter().rev().map(|entry| entry.lines.clone()) {
            self.remove_lines(lines);
        }
        Ok(())
    }

    fn remove_section(&mut self, section: &str) -> Result<(), EditError> {
        let ini = self.ini()?;
        for block in ini.blocks.iter().rev().filter(|block| block.name == section) {
            let Some(header) = &block.header else {
                for entry in block.entries.iter().rev() {
                    self.remove_lines(entry.lines.clone());
                }
                continue;
            };
            let end = if block.end < self.text.len() { self.comments_above(block.end, header.end) } else { block.end };
            let own = slice(&self.text, header.start..end);
            if end < self.text.len() {
                self.replace(header.start..end, "");
            } else {
                let end = header.start + own.trim_end().len();
                self.remove_lines(header.start..end);
            }
        }
        Ok(())
    }

    /// Where the comments begin that stand directly above the line at `at`, and not before `least`.
    fn comments_above(&self, at: usize, least: usize) -> usize {
        let mut first = at;
        while let Some(above) = slice(&self.text, 0..first).strip_suffix('\n') {
            let start = above.rfind('\n').map_or(0, |found| found + 1);
            let is_comment =
                slice(above, start..above.len()).trim_start().trim_start_matches(BOM).starts_with(['#', ';']);
            if start < least || !is_comment {
                break;
            }
            first = start;
        }
        first
    }

    /// Replaces a key's value, or adds the key behind the last one of its section.
    fn set(&mut self, section: &str, name: &str, value: &str) -> Result<(), EditError> {
        let mut expected = self.value()?;
        let keys = expected.entry(section.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(name.to_owned(), Value::String(value.to_owned()));
        }
        let ini = self.ini()?;
        let old = ini.entries(section).filter(|entry| entry.name == name).last();
        let written = old.map(|entry| slice(&self.text, entry.value.clone())).unwrap_or_default();
        for way in values(value, written) {
            let splice = match old {
                Some(entry) => Some(self.replaced(&ini, section, entry, &way)),
                None => key(name).and_then(|key| self.added(&ini, section, &key, &way)),
            };
            let Some((range, new)) = splice else { break };
            let mut trial = Self { text: self.text.clone() };
            trial.replace(range, &new);
            if trial.value().is_ok_and(|value| value == expected) {
                *self = trial;
                return Ok(());
            }
        }
        Err(unwritable(&[section, name], "no quotes of INI can hold this key or its value"))
    }

    /// The splice that gives an entry another value. A comment behind it stays.
    fn replaced(&self, ini: &Ini, section: &str, entry: &Entry, way: &str) -> (Range<usize>, String) {
        let mut range = entry.value.clone();
        let ends_line = range.end == entry.lines.end || slice(&self.text, range.end..entry.lines.end).trim().is_empty();
        if range.is_empty() {
            let gap = gap(&self.text, ini, section, "").behind;
            range = entry.delimiter + 1..if ends_line { entry.lines.end } else { entry.delimiter + 1 };
            let space = if ends_line || slice(&self.text, range.end..range.end + 1).starts_with([' ', '\t']) {
                ""
            } else {
                " "
            };
            return (range, format!("{gap}{way}{space}"));
        }
        if way.is_empty() && ends_line {
            range.start = entry.delimiter + 1;
        }
        (range, way.to_owned())
    }

    /// The splice that adds a key behind the last of its section, in its layout.
    fn added(&self, ini: &Ini, section: &str, key: &str, way: &str) -> Option<(Range<usize>, String)> {
        let text = &self.text;
        let gap = gap(text, ini, section, key);
        let behind = if way.is_empty() { "" } else { gap.behind.as_str() };
        let line_break = self.line_break();
        let indented = |like: Option<&Entry>| {
            let indent = like.map(|entry| slice(text, entry.lines.start..entry.key.start)).unwrap_or_default();
            format!("{indent}{key}{}{}{behind}{way}", gap.before, gap.delimiter)
        };
        let mut own = ini.blocks.iter().rev().filter(|block| block.name == section);
        if let Some(last) = own.clone().find_map(|block| block.entries.last()) {
            let extra = if last.is_open { line_break } else { "" };
            return Some((last.lines.end..last.lines.end, format!("{extra}{line_break}{}", indented(Some(last)))));
        }
        let like = ini.blocks.iter().rev().find_map(|block| block.entries.last());
        let block = own.next()?;
        match &block.header {
            Some(header) => {
                let at = self.first_place(block, header);
                Some((at..at, format!("{line_break}{}", indented(like))))
            }
            None => Some(self.at_start(ini, &indented(None))),
        }
    }

    /// The end of a header's line, or of the comments that follow it and do not belong to the next header.
    fn first_place(&self, block: &Block, header: &Range<usize>) -> usize {
        let mut at = header.end;
        let mut next = Line::at(&self.text, header.end).next;
        while next < block.end {
            let line = Line::at(&self.text, next);
            if !line.text.trim_start().starts_with(['#', ';']) {
                return at;
            }
            (at, next) = (line.end, line.next);
        }
        if block.end < self.text.len() { header.end } else { at }
    }

    /// A line before the first section.
    fn at_start(&self, ini: &Ini, line: &str) -> (Range<usize>, String) {
        let line_break = self.line_break();
        let bom = if self.text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        let Some(first) = ini.blocks.iter().find_map(|block| block.header.as_ref()) else {
            return self.at_end(line, "");
        };
        let at = self.comments_above(first.start, bom).max(bom);
        (at..at, format!("{line}{line_break}{line_break}"))
    }

    /// Lines behind all content; blank lines at the end stay there.
    fn at_end(&self, lines: &str, blank: &str) -> (Range<usize>, String) {
        let bom = if self.text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        let line_break = self.line_break();
        if slice(&self.text, bom..self.text.len()).trim().is_empty() {
            return (bom..bom, format!("{lines}{line_break}"));
        }
        let at = self.text.trim_end_matches(['\n', '\r']).len();
        (at..at, format!("{line_break}{blank}{lines}"))
    }

    fn add_section(&mut self, section: &str) -> Result<(), EditError> {
        let header = header(section).ok_or_else(|| unwritable(&[section], "no header of INI can hold this name"))?;
        let ini = self.ini()?;
        let headers: Vec<&Range<usize>> = ini.blocks.iter().filter_map(|block| block.header.as_ref()).collect();
        let is_spaced = |header: &&Range<usize>| {
            let above = self.comments_above(header.start, 0);
            let before = slice(&self.text, 0..above).trim_start_matches(BOM);
            before.is_empty() || before.lines().next_back().is_some_and(|line| line.trim().is_empty())
        };
        let later = headers.get(1..).unwrap_or_default();
        let blank = if later.is_empty() || later.iter().any(is_spaced) { self.line_break() } else { "" };
        let is_open = ini.blocks.iter().rev().find_map(|block| block.entries.last()).is_some_and(|entry| entry.is_open);
        let blank = if is_open { self.line_break() } else { blank };
        let (range, new) = self.at_end(&header, blank);
        self.replace(range, &new);
        Ok(())
    }
}
