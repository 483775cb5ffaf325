//! The scalars of ordinary YAML for the lexer: where each ends and what it says; nothing where that takes a parser.

use std::borrow::Cow;

use super::tree::ScalarStyle;

/// A scalar on one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme {
    pub end: usize,
    pub style: ScalarStyle,
}

/// Whether every character may stand anywhere in ordinary text, and whether there are tabs. Nothing for control
/// characters, carriage returns, and what some reader takes for a line break or a byte order mark.
pub(super) fn is_ordinary(text: &str) -> Option<bool> {
    let bytes = text.as_bytes();
    let is_odd = |byte: &u8| (*byte < b' ' && *byte != b'\n' && *byte != b'\t') | (*byte == 0x7f);
    // In pieces, so that the compiler can compare many bytes at once.
    if bytes.chunks(4096).any(|chunk| chunk.iter().fold(false, |odd, byte| odd | is_odd(byte))) {
        return None;
    }
    for at in memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes) {
        let odd =
            match (bytes.get(at)?, bytes.get(at + 1).copied().unwrap_or(0), bytes.get(at + 2).copied().unwrap_or(0)) {
                (0xc2, second, _) => second < 0xa0,
                (0xe2, second, third) => second == 0x80 && matches!(third, 0xa8 | 0xa9),
                (_, second, third) => (second == 0xbb && third == 0xbf) || (second == 0xbf && third >= 0xbe),
            };
        if odd {
            return None;
        }
    }
    Some(memchr::memchr(b'\t', bytes).is_some())
}

/// The offset after the closing quote on the same line.
pub(super) fn quoted_end(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let quote = *bytes.get(at)?;
    let mut from = at + 1;
    loop {
        let rest = bytes.get(from..end)?;
        if quote == b'\'' {
            from += memchr::memchr(b'\'', rest)? + 1;
            if bytes.get(from) != Some(&b'\'') {
                return Some(from);
            }
            from += 1;
            continue;
        }
        let found = memchr::memchr2(b'"', b'\\', rest)?;
        if rest.get(found) == Some(&b'"') {
            return Some(from + found + 1);
        }
        from += found + 2;
    }
}

/// What a single-quoted scalar says.
pub(super) fn single_quoted(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    Some(if inner.contains('\'') { Cow::Owned(inner.replace("''", "'")) } else { Cow::Borrowed(inner) })
}

/// What a double-quoted scalar says; nothing for an escape that is not one of the usual.
pub(super) fn double_quoted(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at)?);
        let mut length = 2;
        out.push(match rest.as_bytes().get(at + 1)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'u' => {
                length = 6;
                let digits = rest.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()))?;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
        rest = rest.get(at + length..)?;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// Where a plain scalar ends on its line.
pub(super) struct Plain {
    pub end: usize,
    /// A comment follows.
    pub is_commented: bool,
}

/// The end of a plain scalar in block style. Nothing where the line could be a key.
pub(super) fn plain_end(bytes: &[u8], at: usize, end: usize) -> Option<Plain> {
    let line = bytes.get(at..end)?;
    let mut from = 0;
    let mut close = line.len();
    while let Some(found) = memchr::memchr2(b':', b'#', line.get(from..)?) {
        let here = from + found;
        if line.get(here) == Some(&b':') {
            if matches!(line.get(here + 1), None | Some(b' ')) {
                return None;
            }
        } else if here > 0 && line.get(here - 1) == Some(&b' ') {
            close = here;
            break;
        }
        from = here + 1;
    }
    let content = line.get(..close)?.trim_ascii_end();
    (!content.is_empty()).then_some(Plain { end: at + content.len(), is_commented: close < line.len() })
}

/// A plain scalar inside brackets.
pub(super) fn flow_plain(bytes: &[u8], at: usize, end: usize) -> Option<Lexeme> {
    let line = bytes.get(at..end)?;
    let is_indicator = |byte: u8| b",[]{}".contains(&byte);
    if line.first().is_none_or(|byte| b",[]{}#&*!|>'\"%@`-?:".contains(byte)) {
        // A word may begin with a dash.
        let is_word = line.first() == Some(&b'-')
            && line.get(1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        if !is_word {
            return None;
        }
    }
    let mut close = line.len();
    for (here, byte) in line.iter().enumerate() {
        let next = line.get(here + 1).copied();
        match byte {
            b':' if next.is_none_or(|next| next == b' ') => {
                close = here;
                break;
            }
            b':' if next.is_some_and(is_indicator) => return None,
            b'#' if here > 0 && line.get(here - 1) == Some(&b' ') => return None,
            byte if is_indicator(*byte) => {
                close = here;
                break;
            }
            _ => {}
        }
    }
    let content = line.get(..close)?.trim_ascii_end().len();
    (content > 0).then_some(Lexeme { end: at + content, style: ScalarStyle::Plain })
}

/// A block scalar.
pub(super) struct Block {
    pub text: String,
    pub style: ScalarStyle,
    /// The end of its last line.
    pub end: usize,
    /// Where the line after it begins.
    pub next: usize,
}

/// A block scalar in a collection at `column`, its indicator at `at`.
pub(super) fn block_scalar(text: &str, at: usize, end: usize, column: usize, wanted: bool) -> Option<Block> {
    let bytes = text.as_bytes();
    let style = if bytes.get(at) == Some(&b'|') { ScalarStyle::Literal } else { ScalarStyle::Folded };
    let chomp = bytes.get(at + 1).copied().filter(|byte| matches!(byte, b'-' | b'+'));
    let head = at + 1 + usize::from(chomp.is_some());
    let rest = bytes.get(head..end)?;
    let is_bare = rest.iter().all(|byte| *byte == b' ');
    let is_commented = rest.first() == Some(&b' ') && rest.trim_ascii_start().first() == Some(&b'#');
    if !is_bare && !is_commented {
        return None;
    }
    let mut lines: Vec<&str> = Vec::new();
    let mut indent = None;
    // The last line with something on it: how many lines are up to it, and its end.
    let (mut full, mut close) = (0, 0);
    let mut last = 0;
    let mut start = end + 1;
    let mut count = 0;
    while start < bytes.len() {
        let line = bytes.get(start..)?;
        let line = line.get(..memchr::memchr(b'\n', line)?)?;
        let spaces = line.iter().position(|byte| *byte != b' ').unwrap_or(line.len());
        let own = match indent {
            Some(indent) => indent,
            None if spaces == line.len() => {
                // Blank lines before the first one must not be wider than it.
                if spaces > 0 {
                    return None;
                }
                usize::MAX
            }
            None => {
                if spaces <= column || line.get(spaces) == Some(&b'\t') {
                    break;
                }
                indent = Some(spaces);
                spaces
            }
        };
        let is_blank = spaces == line.len() && spaces <= own;
        if !is_blank && spaces < own {
            if spaces > column || line.get(spaces) == Some(&b'\t') {
                return None;
            }
            break;
        }
        count += 1;
        if wanted {
            lines.push(if is_blank { "" } else { text.get(start + own..start + line.len())? });
        }
        last = start + line.len();
        if !is_blank {
            (full, close) = (count, last);
        }
        start = last + 1;
    }
    if full == 0 {
        return None;
    }
    let end = if chomp == Some(b'+') { last } else { close };
    let mut out = String::new();
    if wanted {
        let kept = if chomp == Some(b'+') { count } else { full };
        lines.truncate(kept);
        match style {
            ScalarStyle::Folded => fold(&lines, full, &mut out),
            _ => out = lines.join("\n"),
        }
        out.push_str(if chomp == Some(b'-') { "" } else { "\n" });
    }
    Some(Block { text: out, style, end, next: start })
}

/// Joins the lines of a folded scalar: a single break is a space, unless a line beside it is indented further.
fn fold(lines: &[&str], full: usize, out: &mut String) {
    let is_wide = |line: &str| line.starts_with([' ', '\t']);
    let mut before: Option<&str> = None;
    let mut blanks = 0;
    for line in lines.iter().take(full).copied() {
        if line.is_empty() {
            blanks += 1;
            continue;
        }
        match before {
            None => out.extend(std::iter::repeat_n('\n', blanks)),
            Some(before) if is_wide(before) || is_wide(line) => out.extend(std::iter::repeat_n('\n', blanks + 1)),
            Some(_) if blanks == 0 => out.push(' '),
            Some(_) => out.extend(std::iter::repeat_n('\n', blanks)),
        }
        out.push_str(line);
        (before, blanks) = (Some(line), 0);
    }
    out.extend(std::iter::repeat_n('\n', lines.len() - full));
}
