//! Lines, columns and what lies between tokens. Positions are byte offsets; every function accepts any offset.

/// The byte order mark, which is no part of the first line's content.
pub(super) const BOM: char = '\u{feff}';

/// The part of `text` in `range`, or nothing when the range is no part of it.
pub(super) fn slice(text: &str, range: std::ops::Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Offset of the first byte of the line `at` is on.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    memchr::memrchr2(b'\n', b'\r', before).map_or(0, |found| found + 1)
}

/// Offset of the line break (or of the end of text) after `at`.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let after = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', after).map_or(text.len(), |found| at + found)
}

/// Offset after the line break that ends the line `at` is on.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    match (byte(text, end), byte(text, end + 1)) {
        (Some(b'\r'), Some(b'\n')) => end + 2,
        (Some(_), _) => end + 1,
        (None, _) => text.len(),
    }
}

/// Offset of the line break that ends the line before the one `at` is on, if there is such a line.
pub(super) fn previous_break(text: &str, at: usize) -> Option<usize> {
    let start = line_start(text, at);
    let last = start.checked_sub(1)?;
    match (last.checked_sub(1).and_then(|before| byte(text, before)), byte(text, last)) {
        (Some(b'\r'), Some(b'\n')) => Some(last - 1),
        _ => Some(last),
    }
}

/// The line break the text uses first.
pub(super) fn line_break(text: &str) -> &'static str {
    match byte(text, line_end(text, 0)) {
        Some(b'\r') if byte(text, line_end(text, 0) + 1) == Some(b'\n') => "\r\n",
        Some(b'\r') => "\r",
        _ => "\n",
    }
}

/// How many characters stand before `at` on its line. A byte order mark has no width.
pub(super) fn column(text: &str, at: usize) -> usize {
    slice(text, line_start(text, at)..at).trim_start_matches(BOM).chars().count()
}

/// True when only blanks stand before `at` on its line.
pub(super) fn is_first_on_line(text: &str, at: usize) -> bool {
    slice(text, line_start(text, at)..at).trim_start_matches(BOM).bytes().all(is_blank)
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// True when `at` is the end of text or at white space, so that an indicator before it is one.
pub(super) fn is_gap(text: &str, at: usize) -> bool {
    byte(text, at).is_none_or(|b| is_blank(b) || is_break(b))
}

/// The offset of the next byte that is neither white space nor part of a comment.
pub(super) fn skip_trivia(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        match byte(text, at) {
            Some(b) if is_blank(b) || is_break(b) => at += 1,
            Some(b'#') if at == 0 || is_gap(text, at - 1) || text.get(..at).is_some_and(|t| t.ends_with(BOM)) => {
                at = line_end(text, at);
            }
            Some(0xef) if text.get(at..).is_some_and(|rest| rest.starts_with(BOM)) => at += BOM.len_utf8(),
            _ => return at,
        }
    }
}

/// The offset of the next byte on the same line that is no blank.
pub(super) fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| is_blank(**b)).count()
}

/// The last of the comments on lines below `end`, where they are indented by at least so much and nothing but blank lines
/// stands between them.
pub(super) fn last_comment(text: &str, end: usize, least: usize) -> Option<usize> {
    let (mut last, mut at) = (None, next_line(text, line_end(text, end)));
    while at < text.len() {
        let start = skip_blanks(text, at);
        let line = slice(text, start..line_end(text, start));
        if line.starts_with('#') && start - at >= least {
            last = Some(start);
        } else if !line.trim().is_empty() {
            break;
        }
        at = next_line(text, line_end(text, start));
    }
    last
}

/// The 1-based number of the line `at` is on.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    let lone = memchr::memchr_iter(b'\r', before).filter(|at| byte(text, at + 1) != Some(b'\n'));
    1 + memchr::memchr_iter(b'\n', before).count() + lone.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_geometry_survives_every_break() {
        let text = "a\r\nbc\nd";
        assert_eq!((line_start(text, 4), line_end(text, 3), next_line(text, 0)), (3, 5, 3));
        assert_eq!(
            (previous_break(text, 4), previous_break(text, 6), previous_break(text, 0)),
            (Some(1), Some(5), None)
        );
        assert_eq!((line_number(text, 0), line_number(text, 4), line_number(text, 6)), (1, 2, 3));
        assert_eq!(line_break(text), "\r\n");
        assert_eq!(line_number("a\n", 2), 2);
    }

    #[test]
    fn comments_need_white_space_before_them() {
        assert_eq!(skip_trivia("x # c\n  y", 1), 8);
        assert_eq!(skip_trivia("x# c", 1), 1);
    }
}
