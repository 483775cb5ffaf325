//! The steps of ordinary YAML, many times faster than from the parser; of anything unusual, nothing.
//!
//! Block mappings and lists, scalars, brackets on one line: what nearly every manifest is made of. Where a line could mean
//! anything else (an anchor, a tag, a quoted string over several lines, a tab before content, an indentation that fits
//! nothing) the lexer gives up, and the parser reads the text instead. So it accepts less than YAML and nothing else,
//! and what it accepts has the very steps of [`Walk`](super::walk::Walk): the tests hold both side by side.

use std::borrow::Cow;

use super::lexemes::{Lexeme, block_scalar, double_quoted, is_ordinary, plain_end, quoted_end, single_quoted};
use super::tree::ScalarStyle;
use super::walk::{Step, What};

/// How deep collections may nest here; the parser knows the real limit.
const DEPTH: usize = 100;
/// How long a key may be here; YAML ends at 1024 characters.
const KEY: usize = 500;

/// Gives every step with its depth: how many collections are open around it. Only those down to `deepest`; a collection
/// there still closes where it ends. Nothing when the text is not ordinary; what was given until then does not count.
pub(super) fn lex<'t>(text: &'t str, deepest: usize, sink: &mut impl FnMut(Step<'t>, usize)) -> Option<()> {
    let tabs = is_ordinary(text)?;
    let lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        tabs,
        deepest,
        next: 0,
        cursor: 0,
        open: Vec::new(),
        due: Due::Root,
        sink,
    };
    lexer.run()
}

/// The node that comes next, and where its indicator ends or stands.
#[derive(Clone, Copy, PartialEq)]
enum Due {
    /// The document's.
    Root,
    /// The value of a key; the offset after its colon.
    Value(usize),
    /// An item; the offset of its dash.
    Item(usize),
    /// None: a key, a dash or the end.
    Nothing,
}

#[derive(Clone, Copy)]
struct Open {
    column: usize,
    is_mapping: bool,
}

struct Lexer<'t, 's, S> {
    text: &'t str,
    bytes: &'t [u8],
    /// There are tabs in the text.
    tabs: bool,
    deepest: usize,
    /// Where the next line begins.
    next: usize,
    /// The end of what was given.
    cursor: usize,
    open: Vec<Open>,
    due: Due,
    sink: &'s mut S,
}

impl<'t, S: FnMut(Step<'t>, usize)> Lexer<'t, '_, S> {
    fn run(mut self) -> Option<()> {
        while self.next < self.bytes.len() {
            let start = self.next;
            let end = self.line_end(start);
            self.next = end + 1;
            let at = self.skip_spaces(start);
            match self.byte(at) {
                _ if at == end => continue,
                Some(b'#') => continue,
                Some(b'\t') => return None,
                _ if self.tabs && self.bytes.get(start..end)?.contains(&b'\t') => return None,
                Some(b'-' | b'.') if at == start && self.is_marker(start) => return None,
                _ => self.line(start, at, end)?,
            }
        }
        self.leave_value();
        while self.open.pop().is_some() {
            self.close(self.open.len());
        }
        (self.due != Due::Root).then_some(())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |at| from + at)
    }

    fn skip_spaces(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
    }

    fn is_marker(&self, start: usize) -> bool {
        self.bytes.get(start..).is_some_and(|rest| rest.starts_with(b"---") || rest.starts_with(b"..."))
    }

    /// A space, or the end of the line.
    fn is_gap(&self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' ' | b'\n'))
    }

    fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && self.is_gap(at + 1)
    }

    fn give(&mut self, what: What<'t>, lead: usize, range: std::ops::Range<usize>, depth: usize) {
        if depth > self.deepest {
            return;
        }
        let (start, end) = (range.start, range.end);
        (self.sink)(Step { what, lead, start, inner: start, end, anchor: 0, tag: None }, depth);
    }

    fn close(&mut self, depth: usize) {
        self.give(What::Close, self.cursor, self.cursor..self.cursor, depth);
    }

    /// An empty node where one is due.
    fn leave_value(&mut self) {
        let (lead, at) = match self.due {
            Due::Value(lead) => (lead, lead),
            Due::Item(lead) => (lead, lead + 1),
            Due::Root | Due::Nothing => return,
        };
        self.give(What::Scalar(Cow::Borrowed(""), ScalarStyle::Plain), lead, at..at, self.open.len());
        self.due = Due::Nothing;
    }

    /// Opens a block collection where a node is due.
    fn enter(&mut self, at: usize, column: usize, is_mapping: bool) -> Option<()> {
        let lead = match self.due {
            Due::Root => at,
            Due::Value(lead) | Due::Item(lead) => lead,
            Due::Nothing => return None,
        };
        let what = if is_mapping { What::Mapping { flow: false } } else { What::Sequence { flow: false } };
        self.give(what, lead, at..at, self.open.len());
        self.open.push(Open { column, is_mapping });
        self.due = Due::Nothing;
        (self.open.len() < DEPTH).then_some(())
    }

    /// A line with content from `at` to `end`.
    fn line(&mut self, start: usize, mut at: usize, end: usize) -> Option<()> {
        let column = at - start;
        self.arrive(column, self.is_dash(at))?;
        while self.is_dash(at) {
            if self.due != Due::Nothing {
                self.enter(at, at - start, false)?;
            }
            self.cursor = at + 1;
            self.due = Due::Item(at);
            at = self.skip_spaces(at + 1);
            if at == end || self.byte(at) == Some(b'#') {
                return Some(());
            }
        }
        match self.key(at, end)? {
            Some((key, colon)) => self.entry(start, at, end, key, colon),
            None => {
                let lead = match self.due {
                    Due::Item(lead) => lead,
                    Due::Root if matches!(self.byte(at), Some(b'{' | b'[')) => at,
                    _ => return None,
                };
                let column = self.open.last().map_or(0, |open| open.column);
                self.value(lead, at, end, column)
            }
        }
    }

    /// Closes what a line at this column is outside of, so that what is left is what the line goes on with.
    fn arrive(&mut self, column: usize, is_dash: bool) -> Option<()> {
        if let (Due::Value(_) | Due::Item(_), Some(top)) = (self.due, self.open.last()) {
            let is_within = column > top.column || (column == top.column && is_dash && top.is_mapping);
            if is_within {
                return Some(());
            }
            self.leave_value();
        }
        if self.due == Due::Root {
            return Some(());
        }
        while let Some(top) = self.open.last() {
            if top.column < column {
                return None;
            }
            if top.column == column && top.is_mapping != is_dash {
                return Some(());
            }
            // Only a list may stand at its key's column.
            if top.column == column && top.is_mapping {
                return None;
            }
            self.open.pop();
            self.close(self.open.len());
        }
        None
    }

    /// The end of the key that begins here, and its colon; nothing inside when it is no key.
    fn key(&self, at: usize, end: usize) -> Option<Option<(Lexeme, usize)>> {
        match self.byte(at)? {
            quote @ (b'"' | b'\'') => {
                let close = quoted_end(self.bytes, at, end)?;
                let colon = self.skip_spaces(close);
                if self.byte(colon) != Some(b':') || colon >= end {
                    return Some(None);
                }
                let style = if quote == b'"' { ScalarStyle::DoubleQuoted } else { ScalarStyle::SingleQuoted };
                (self.is_gap(colon + 1) && close - at < KEY).then_some(Some((Lexeme { end: close, style }, colon)))
            }
            b'[' | b'{' | b'|' | b'>' => Some(None),
            b'?' | b':' if self.is_gap(at + 1) => None,
            b'&' | b'*' | b'!' | b'%' | b'@' | b'`' | b',' | b']' | b'}' | b'#' => None,
            _ => {
                let rest = self.bytes.get(at..end)?;
                let mut from = 0;
                while let Some(found) = memchr::memchr2(b':', b'#', rest.get(from..)?) {
                    let here = from + found;
                    if rest.get(here) == Some(&b':') && matches!(rest.get(here + 1), None | Some(b' ')) {
                        let key = rest.get(..here)?.trim_ascii_end().len();
                        return (key > 0 && key < KEY)
                            .then_some(Some((Lexeme { end: at + key, style: ScalarStyle::Plain }, at + here)));
                    }
                    if rest.get(here) == Some(&b'#') && here > 0 && rest.get(here - 1) == Some(&b' ') {
                        break;
                    }
                    from = here + 1;
                }
                Some(None)
            }
        }
    }

    /// `key: value`, or a key whose value is on later lines.
    fn entry(&mut self, start: usize, at: usize, end: usize, key: Lexeme, colon: usize) -> Option<()> {
        let column = at - start;
        if self.due != Due::Nothing {
            self.enter(at, column, true)?;
        }
        let depth = self.open.len();
        self.scalar(at, at, key, depth)?;
        self.cursor = colon + 1;
        self.due = Due::Value(colon + 1);
        let at = self.skip_spaces(colon + 1);
        if at >= end || self.byte(at) == Some(b'#') {
            return Some(());
        }
        if matches!(self.byte(at), Some(b'-' | b'?' | b':')) && self.is_gap(at + 1) {
            return None;
        }
        self.value(colon + 1, at, end, column)
    }

    /// A scalar on one line. What its escapes say is looked at even where nobody wants it: they may be wrong.
    fn scalar(&mut self, lead: usize, at: usize, lexeme: Lexeme, depth: usize) -> Option<()> {
        self.cursor = lexeme.end;
        if depth > self.deepest && lexeme.style != ScalarStyle::DoubleQuoted {
            return Some(());
        }
        let text = self.text.get(at..lexeme.end)?;
        let text = match lexeme.style {
            ScalarStyle::DoubleQuoted => double_quoted(text)?,
            ScalarStyle::SingleQuoted => single_quoted(text)?,
            _ => Cow::Borrowed(text),
        };
        self.give(What::Scalar(text, lexeme.style), lead, at..lexeme.end, depth);
        Some(())
    }

    /// True when nothing but a comment follows on the line.
    fn is_done(&self, at: usize, end: usize) -> bool {
        let next = self.skip_spaces(at);
        next >= end || (next > at && self.byte(next) == Some(b'#'))
    }

    /// A scalar or a bracket in a collection at `column`.
    fn value(&mut self, lead: usize, at: usize, end: usize, column: usize) -> Option<()> {
        let depth = self.open.len();
        let wanted = depth <= self.deepest;
        self.due = Due::Nothing;
        match self.byte(at)? {
            quote @ (b'"' | b'\'') => {
                let close = quoted_end(self.bytes, at, end)?;
                if !self.is_done(close, end) {
                    return None;
                }
                let style = if quote == b'"' { ScalarStyle::DoubleQuoted } else { ScalarStyle::SingleQuoted };
                self.scalar(lead, at, Lexeme { end: close, style }, depth)?;
            }
            b'[' | b'{' => {
                let close = self.bracket(lead, at, end, depth)?;
                if !self.is_done(close, end) {
                    return None;
                }
            }
            b'|' | b'>' => {
                let block = block_scalar(self.text, at, end, column, wanted)?;
                self.cursor = block.end;
                self.next = block.next;
                self.give(What::Scalar(Cow::Owned(block.text), block.style), lead, at..block.end, depth);
            }
            b'&' | b'*' | b'!' | b'%' | b'@' | b'`' | b',' | b']' | b'}' | b'#' => return None,
            _ => {
                let close = plain_end(self.bytes, at, end)?;
                let (text, close) = if close.is_commented {
                    (Cow::Borrowed(self.text.get(at..close.end)?), close.end)
                } else {
                    self.folded(at, close.end, column)?
                };
                self.cursor = close;
                self.give(What::Scalar(text, ScalarStyle::Plain), lead, at..close, depth);
            }
        }
        Some(())
    }

    /// A plain scalar with the lines that go on with it.
    fn folded(&mut self, at: usize, end: usize, column: usize) -> Option<(Cow<'t, str>, usize)> {
        let mut text = Cow::Borrowed(self.text.get(at..end)?);
        let mut close = end;
        let mut breaks = 0;
        let mut start = self.next;
        while start < self.bytes.len() {
            let end = self.line_end(start);
            let content = self.skip_spaces(start);
            if content == end {
                breaks += 1;
                start = end + 1;
                continue;
            }
            if content - start <= column {
                break;
            }
            if self.byte(content) == Some(b'#') || self.byte(content) == Some(b'\t') {
                return None;
            }
            let line = plain_end(self.bytes, content, end)?;
            if line.is_commented || self.bytes.get(content..end)?.contains(&b'\t') {
                return None;
            }
            let text = text.to_mut();
            text.push_str(if breaks == 0 { " " } else { "" });
            text.extend(std::iter::repeat_n('\n', breaks));
            text.push_str(self.text.get(content..line.end)?);
            (close, breaks, start) = (line.end, 0, end + 1);
            self.next = start;
        }
        Some((text, close))
    }

    /// `[…]` or `{…}` on one line. Gives its end.
    fn bracket(&mut self, lead: usize, at: usize, end: usize, depth: usize) -> Option<usize> {
        let is_mapping = self.byte(at) == Some(b'{');
        let closing = if is_mapping { b'}' } else { b']' };
        let what = if is_mapping { What::Mapping { flow: true } } else { What::Sequence { flow: true } };
        self.cursor = at + 1;
        self.give(what, lead, at..at + 1, depth);
        if depth >= DEPTH {
            return None;
        }
        let mut at = self.skip_spaces(at + 1);
        let mut is_first = true;
        loop {
            if at >= end {
                return None;
            }
            if !is_first && self.byte(at) != Some(closing) {
                if self.byte(at) != Some(b',') {
                    return None;
                }
                at = self.skip_spaces(at + 1);
            }
            if self.byte(at) == Some(closing) {
                self.cursor = at + 1;
                self.close(depth);
                return Some(at + 1);
            }
            is_first = false;
            let mut lead = at;
            if is_mapping {
                let key = self.flow_scalar(at, end)?;
                let colon = self.skip_spaces(key.end);
                let is_json = key.style != ScalarStyle::Plain;
                if self.byte(colon) != Some(b':') || !(is_json || self.is_gap(colon + 1)) || key.end - at >= KEY {
                    return None;
                }
                self.scalar(at, at, key, depth + 1)?;
                lead = colon + 1;
                self.cursor = lead;
                at = self.skip_spaces(lead);
            }
            at = if matches!(self.byte(at), Some(b'[' | b'{')) {
                self.bracket(lead, at, end, depth + 1)?
            } else {
                let scalar = self.flow_scalar(at, end)?;
                self.scalar(lead, at, scalar, depth + 1)?;
                scalar.end
            };
            at = self.skip_spaces(at);
        }
    }

    fn flow_scalar(&self, at: usize, end: usize) -> Option<Lexeme> {
        match self.byte(at)? {
            b'"' => Some(Lexeme { end: quoted_end(self.bytes, at, end)?, style: ScalarStyle::DoubleQuoted }),
            b'\'' => Some(Lexeme { end: quoted_end(self.bytes, at, end)?, style: ScalarStyle::SingleQuoted }),
            _ => super::lexemes::flow_plain(self.bytes, at, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::documents::documents;
    use super::super::facts::Wanted;
    use super::super::outline::{ordinary, parsed};
    use super::super::tree::Tree;
    use super::super::values::value;
    use super::super::walk::Walk;
    use super::*;

    /// Every step in one line, from the lexer and from the parser.
    fn both(text: &str) -> (Option<Vec<String>>, Result<Vec<String>, String>) {
        let line = |step: &Step<'_>, depth: usize| format!("{depth} {step:?}");
        let mut quick = Vec::new();
        let is_ordinary = lex(text, usize::MAX, &mut |step, depth| quick.push(line(&step, depth))).is_some();
        let mut walk = Walk::new(text);
        let mut slow = Vec::new();
        let slow = loop {
            match walk.next() {
                Ok(Some(step)) => {
                    let opens = matches!(step.what, What::Sequence { .. } | What::Mapping { .. });
                    slow.push(line(&step, walk.depth() - usize::from(opens)));
                }
                Ok(None) => break Ok(slow),
                Err(error) => break Err(error.to_string()),
            }
        };
        (is_ordinary.then_some(quick), slow)
    }

    /// Whether the lexer read it; then it read what the parser reads.
    #[track_caller]
    fn agrees(text: &str) -> bool {
        let (quick, slow) = both(text);
        let Some(quick) = quick else { return false };
        match slow {
            Ok(slow) => {
                for (quick, slow) in quick.iter().zip(&slow) {
                    assert_eq!(quick, slow, "\n{text}\n{text:?}");
                }
                assert_eq!(quick.len(), slow.len(), "\n{text}\n{text:?}");
            }
            Err(error) => panic!("the parser refuses it: {error}\n{text}\n{text:?}"),
        }
        let list = format!("kind: List\nitems:\n- a: 1\n- {}\nlast: 1\n", text.trim_end().replace('\n', "\n  "));
        for (text, key) in [(text, "items"), (text, "metadata"), (text, "spec"), (list.as_str(), "items")] {
            if let (Some(quick), Ok(slow)) = (ordinary(text, key, &WANTED), parsed(text, key, &WANTED)) {
                assert_eq!(quick, slow, "\n{text}");
            }
        }
        let slow = Tree::parse_any(text).and_then(|tree| tree.value());
        assert_eq!(value(text), slow, "\n{text}");
        true
    }

    const WANTED: Wanted<'static> =
        Wanted { scalars: &[&["kind"], &["metadata", "name"]], maps: &[&["metadata", "labels"]] };

    fn files(folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        while let Some(folder) = folders.pop() {
            let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
                    found.extend(std::fs::read_to_string(path));
                }
            }
        }
        found
    }

    /// All documents of the fixtures, the examples and the profiles.
    fn seeds() -> Vec<String> {
        let texts = ["tests", "examples", "functions"].into_iter().flat_map(files);
        texts
            .flat_map(|text| {
                let cuts = documents(&text);
                cuts.into_iter().map(|cut| text[cut.range].to_owned()).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn ordinary_documents_are_read_as_the_parser_reads_them() {
        let seeds = seeds();
        let read = seeds.iter().filter(|seed| agrees(seed)).count();
        assert!(seeds.len() > 100 && read * 10 > seeds.len() * 8, "{read} of {}", seeds.len());
    }

    /// Numbers that look like dice, the same in every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % sides.max(1) as u64) as usize
        }
    }

    const PIECES: [&str; 40] = [
        " ", "  ", "\n", "\n\n", "- ", "-", ":", ": ", " #", "#", "'", "\"", "\\", "|", ">", "|-", ">+", "[", "]", "{",
        "}", ",", "&a ", "*a", "!t ", "? ", "a", "1", "~", "\t", "---", "...", "%", "é", "\u{85}", "''", "\\n", "\r",
        "a: b", "@",
    ];

    /// A document with a few things moved, doubled, lost or put in.
    fn mutated(seed: &str, dice: &mut Dice) -> String {
        let mut lines: Vec<String> = seed.lines().map(str::to_owned).collect();
        let from = dice.roll(lines.len());
        lines.drain(..from);
        lines.truncate(2 + dice.roll(24));
        for _ in 0..dice.roll(4) {
            let at = dice.roll(lines.len());
            let Some(line) = lines.get(at).cloned() else { break };
            match dice.roll(6) {
                0 => {
                    lines.remove(at);
                }
                1 => lines.insert(dice.roll(lines.len()), line),
                2 => lines[at] = format!("{}{line}", " ".repeat(dice.roll(4))),
                3 => lines[at] = line.chars().skip(dice.roll(4)).collect(),
                _ => {
                    let mut place = dice.roll(line.len() + 1);
                    while !line.is_char_boundary(place) {
                        place -= 1;
                    }
                    lines[at].insert_str(place, PIECES[dice.roll(PIECES.len())]);
                }
            }
        }
        lines.join("\n") + ["\n", "\n", ""][dice.roll(3)]
    }

    #[test]
    fn what_is_nearly_ordinary_is_read_as_the_parser_reads_it_or_not_at_all() {
        let seeds = seeds();
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let rounds = std::env::var("LEXER_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20_000);
        let mut read = 0;
        for _ in 0..rounds {
            let text = mutated(&seeds[dice.roll(seeds.len())], &mut dice);
            read += usize::from(agrees(&text));
        }
        assert!(read * 3 > rounds, "{read} of {rounds}");
    }
}
