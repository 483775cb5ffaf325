//! Env files as kustomize reads them (kustomize: api/kv/kv.go): a line is `KEY=value`, white space before it is none of it,
//! and everything after the first `=` is the value, quotes and all.

use std::collections::BTreeMap;
use std::ops::Range;

use json_patch::jsonptr::PointerBuf;

use super::edit::EditError;
use super::lines::BOM;

/// A line with a key.
struct Entry<'t> {
    key: &'t str,
    value: Range<usize>,
    /// The line with its break.
    line: Range<usize>,
    number: usize,
}

/// The keys and their values; nothing where a line has no value of its own, or is no line of such a file.
pub fn env_values(text: &str) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for entry in entries(text) {
        let Entry { key, value, .. } = entry?;
        let known = values.insert(key.to_owned(), text.get(value)?.to_owned());
        if known.is_some() {
            return None;
        }
    }
    Some(values)
}

/// The line of a key, from 1.
pub fn env_line(text: &str, key: &str) -> Option<usize> {
    entries(text).flatten().find(|entry| entry.key == key).map(|entry| entry.number)
}

/// The text with other values: lines of keys that stay as they are stay too, and new keys come last.
///
/// # Errors
/// A value has no line that could hold it.
pub fn edit_env(text: &str, wanted: &BTreeMap<String, String>) -> Result<String, EditError> {
    let unwritable = |key: &str, message: &str| EditError::Unwritable {
        pointer: PointerBuf::from_tokens([key]),
        message: message.to_owned(),
    };
    let Some(stands) = env_values(text) else {
        return Err(unwritable("", "every line of the file must be KEY=value"));
    };
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for entry in entries(text).flatten() {
        let new = wanted.get(entry.key);
        if new == stands.get(entry.key) {
            continue;
        }
        let (range, value) = match new {
            Some(value) => (entry.value, value.as_str()),
            None => (entry.line, ""),
        };
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(value);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    for (key, value) in wanted.iter().filter(|(key, _)| !stands.contains_key(*key)) {
        let ends = out.is_empty() || out.ends_with('\n');
        let (before, after) = if ends { ("", line_break) } else { (line_break, "") };
        out.push_str(&format!("{before}{key}={value}{after}"));
    }
    match env_values(&out) {
        Some(now) if now == *wanted => Ok(out),
        _ => Err(unwritable("", "an env file holds one line of text for each key")),
    }
}

/// Each line that is no comment; `None` for one that is no `KEY=value`.
fn entries(text: &str) -> impl Iterator<Item = Option<Entry<'_>>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let range = at..at + line.len();
        at = range.end;
        (index, line, range)
    });
    lines.filter_map(|(index, line, range)| {
        let content = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        let bare = if index == 0 { content.trim_start_matches(BOM) } else { content }.trim_start();
        if bare.is_empty() || bare.starts_with('#') {
            return None;
        }
        let end = range.start + content.len();
        let is_name =
            |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        let pair = bare.split_once('=').filter(|(key, _)| is_name(key));
        Some(pair.map(|(key, value)| Entry { key, value: end - value.len()..end, line: range, number: index + 1 }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_are_read_as_kustomize_does() {
        // What `kustomize build` (5.8) makes of the same lines.
        let text = "\u{feff}# c\r\nA=1\r\n  B= x # y \r\nC=\"q\"\r\nD=\r\n#X=1\nE=a=b";
        let expected = map(&[("A", "1"), ("B", " x # y "), ("C", "\"q\""), ("D", ""), ("E", "a=b")]);
        assert_eq!(env_values(text), Some(expected));
        assert_eq!(env_line(text, "E"), Some(7));
        for text in ["A=1\nB\n", "A=1\nA=2\n", "a b=1\n", "=x\n"] {
            assert_eq!(env_values(text), None, "{text}");
        }
    }

    #[test]
    fn only_lines_that_differ_change() {
        let wanted = map(&[("A", "2"), ("C", "x=y"), ("N", "new")]);
        for (text, expected) in [
            ("# c\nA=1   \n\nB=gone\n C=x=y\n", Some("# c\nA=2\n\n C=x=y\nN=new\n")),
            ("A=1\r\nC=", Some("A=2\r\nC=x=y\r\nN=new")),
            ("", Some("A=2\nC=x=y\nN=new\n")),
            ("A\n", None),
        ] {
            assert_eq!(edit_env(text, &wanted).ok().as_deref(), expected, "{text}");
        }
        assert!(edit_env("A=1\n", &map(&[("A", "two\nlines")])).is_err());
    }
}
