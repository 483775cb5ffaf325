//! The lines inside a double-quoted scalar.

use std::ops::Range;

/// One line of the decoded text, its line break included, and the source it stands in.
#[derive(Debug, PartialEq)]
pub(super) struct Segment {
    pub text: String,
    /// Relative to the opening quote.
    pub range: Range<usize>,
}

/// The decoded lines of a double-quoted scalar, quotes included in `source`. Nothing where an escape is not understood.
pub(super) fn segments(source: &str) -> Option<Vec<Segment>> {
    let inside = source.strip_prefix('"')?.strip_suffix('"')?;
    let mut found = Vec::new();
    let mut line = Segment { text: String::new(), range: 1..1 };
    let mut at = 0;
    while let Some(c) = inside.get(at..)?.chars().next() {
        let (text, len) = match c {
            '\\' => escape(inside.get(at..)?)?,
            ' ' | '\t' | '\n' | '\r' => white(inside.get(at..)?),
            c => (c.to_string(), c.len_utf8()),
        };
        at += len;
        line.text.push_str(&text);
        line.range.end = at + 1;
        // A fold may bring several line breaks at once; they stay together.
        if line.text.ends_with('\n') {
            let next = Segment { text: String::new(), range: at + 1..at + 1 };
            found.extend(split(std::mem::replace(&mut line, next)));
        }
    }
    if !line.text.is_empty() {
        found.push(line);
    }
    Some(found)
}

/// A segment with several breaks (from one fold) as lines: the source belongs to the first of them.
fn split(segment: Segment) -> Vec<Segment> {
    let end = segment.range.end;
    let mut lines = segment.text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let mut found = vec![Segment { text: first, range: segment.range }];
    found.extend(lines.map(|line| Segment { text: line.to_owned(), range: end..end }));
    found
}

/// White space: kept inside a line, folded around a line break.
fn white(rest: &str) -> (String, usize) {
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let after = rest.get(blanks..).unwrap_or_default();
    if !after.starts_with(['\n', '\r']) {
        return (rest.get(..blanks).unwrap_or_default().to_owned(), blanks);
    }
    let all = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let folded = rest.get(..all).unwrap_or_default();
    let breaks = count_breaks(folded);
    let text = if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) };
    (text, all)
}

fn count_breaks(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

fn escape(rest: &str) -> Option<(String, usize)> {
    let c = rest.chars().nth(1)?;
    let simple = match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '/' | '\\' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return coded(rest, 2),
        'u' => return coded(rest, 4),
        'U' => return coded(rest, 8),
        '\n' | '\r' => {
            // The line goes on without a break; blank lines after it count.
            let after = rest.get(1..)?;
            let all = after.len() - after.trim_start_matches([' ', '\t', '\n', '\r']).len();
            let breaks = count_breaks(after.get(..all)?);
            return Some(("\n".repeat(breaks.saturating_sub(1)), 1 + all));
        }
        _ => return None,
    };
    Some((simple.to_string(), 1 + c.len_utf8()))
}

/// `\xNN`, `\uNNNN` (also as a surrogate pair) and `\UNNNNNNNN`.
fn coded(rest: &str, digits: usize) -> Option<(String, usize)> {
    let unit = |from: usize| u32::from_str_radix(rest.get(from..from + digits)?, 16).ok();
    let first = unit(2)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c.to_string(), 2 + digits));
    }
    let is_pair = digits == 4 && rest.get(6..8) == Some("\\u");
    let second = unit(8).filter(|_| is_pair)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((String::from_utf16(&pair).ok()?, 12))
}

#[cfg(test)]
mod tests {
    use super::segments;

    fn lines(source: &str) -> Vec<(String, &str)> {
        segments(source).unwrap().into_iter().map(|line| (line.text, &source[line.range])).collect()
    }

    #[test]
    fn lines_of_escapes_and_folds() {
        assert_eq!(
            lines(r#""a: 1\nb: \u00e9\n""#),
            [("a: 1\n".to_owned(), r"a: 1\n"), ("b: é\n".to_owned(), r"b: \u00e9\n")]
        );
        assert_eq!(
            lines("\"a\\n\\\n  \\ b\n  c\""),
            [("a\n".to_owned(), "a\\n"), (" b c".to_owned(), "\\\n  \\ b\n  c")]
        );
        assert_eq!(
            lines("\"a\n\n\n  b\""),
            [("a\n".to_owned(), "a\n\n\n  "), ("\n".to_owned(), ""), ("b".to_owned(), "b")]
        );
        assert_eq!(segments(r#""\ud800""#), None);
    }
}
