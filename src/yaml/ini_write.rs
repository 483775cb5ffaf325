//! How a key and a value are written in INI, so that Go's reader gives back exactly them, and how the lines around do it.

use super::ini::{DEFAULT, Entry, Ini};
use super::lines::slice;

/// A key as it can be written, plain if possible; nothing for a name that no quotes can hold.
pub(super) fn key(name: &str) -> Option<String> {
    let is_line = !name.is_empty() && name.trim() == name && !name.contains('\n') && name != "-";
    let is_plain = !name.starts_with(['#', ';', '[', '"', '`']) && !name.contains(['=', ':']);
    if !is_line {
        return None;
    }
    if is_plain {
        return Some(name.to_owned());
    }
    ["`", "\"", "\"\"\""].into_iter().find(|quote| !name.contains(quote)).map(|quote| format!("{quote}{name}{quote}"))
}

/// A section's header; nothing for a name that no header can hold.
pub(super) fn header(section: &str) -> Option<String> {
    let is_writable = !section.is_empty() && section != DEFAULT && !section.contains('\n');
    is_writable.then(|| format!("[{section}]"))
}

/// The ways to write a value, best first. One of them is right at its place, or none is: what stands behind it on its
/// line, and quotes in the value, decide.
pub(super) fn values(new: &str, old: &str) -> Vec<String> {
    let is_plain = new.trim() == new
        && !new.contains(['\n', '#', ';'])
        && !new.starts_with('`')
        && !new.starts_with("\"\"\"")
        && !new.ends_with('\\');
    let around = |quote: &str| format!("{quote}{new}{quote}");
    let own = ["\"\"\"", "`", "\"", "'"]
        .into_iter()
        .find(|quote| old.len() >= 2 * quote.len() && old.starts_with(quote) && old.ends_with(quote));
    let mut ways: Vec<String> = own.map(around).into_iter().collect();
    if is_plain {
        ways.push(new.to_owned());
    }
    ways.extend(["\"\"\"", "`", "\"", "'"].map(around));
    ways
}

/// What stands around a delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub before: String,
    pub delimiter: char,
    pub behind: String,
}

impl Gap {
    fn of(text: &str, entry: &Entry) -> Self {
        Self {
            before: slice(text, entry.key.end..entry.delimiter).to_owned(),
            delimiter: if slice(text, entry.delimiter..entry.delimiter + 1) == ":" { ':' } else { '=' },
            behind: slice(text, entry.delimiter + 1..entry.value.start).to_owned(),
        }
    }
}

/// What to put around the delimiter of a new key: what most keys of its section have, else most of the file.
pub(super) fn gap(text: &str, ini: &Ini, section: &str, key: &str) -> Gap {
    let own: Vec<&Entry> = ini.entries(section).collect();
    let all: Vec<&Entry> = ini.blocks.iter().flat_map(|block| &block.entries).collect();
    let mut gap = usual(text, &own).or_else(|| usual(text, &all)).unwrap_or_else(|| {
        let is_tight = all.last().is_some_and(|entry| entry.key.end == entry.delimiter);
        let space = if is_tight { "" } else { " " };
        Gap { before: space.to_owned(), delimiter: '=', behind: space.to_owned() }
    });
    if let Some(width) = aligned(text, &own) {
        gap.before = " ".repeat(width.saturating_sub(key.chars().count()).max(1));
    }
    gap
}

/// The gap that most entries with a value have; of equals the last.
fn usual(text: &str, entries: &[&Entry]) -> Option<Gap> {
    let gaps: Vec<Gap> =
        entries.iter().filter(|entry| !entry.value.is_empty()).map(|entry| Gap::of(text, entry)).collect();
    gaps.iter().max_by_key(|gap| gaps.iter().filter(|other| other == gap).count()).cloned()
}

/// How far from the keys' column their delimiters stand, where they stand below each other and keys differ in length.
fn aligned(text: &str, entries: &[&Entry]) -> Option<usize> {
    let width = |entry: &Entry| slice(text, entry.key.start..entry.delimiter).chars().count();
    let own = |entry: &Entry| slice(text, entry.key.clone()).chars().count();
    let first = entries.first()?;
    let is_even = entries.iter().all(|entry| width(entry) == width(first) && width(entry) > own(entry));
    let is_varied = entries.iter().any(|entry| own(entry) != own(first));
    (is_even && is_varied).then(|| width(first))
}
