//! The parser's events with spans that can be cut at.
//!
//! `granit-parser` gives right offsets for tokens, but not the ones an editor needs: a block scalar's span includes the
//! blank lines and the indentation after it, an empty value sits wherever the parser noticed it, a dash is nowhere.
//! One cursor that follows the text recovers all of them while the events stream by, so no tree is needed.

use std::borrow::Cow;

use granit_parser::{Event, Parser, StrInput, StructureStyle, options};

use super::lines::{is_gap, line_end, next_line, skip_blanks, skip_trivia, slice};
use super::syntax::SyntaxError;
use super::tree::ScalarStyle;

/// What the core schema makes of an explicit tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Str,
    Int,
    Float,
    Bool,
    Null,
    Other,
}

#[derive(Debug)]
pub(super) enum What<'t> {
    Sequence { flow: bool },
    Mapping { flow: bool },
    Close,
    Scalar(Cow<'t, str>, ScalarStyle),
    Alias(usize),
}

/// One node's beginning (all of it, for a scalar), or a collection's end.
#[derive(Debug)]
pub(super) struct Step<'t> {
    pub what: What<'t>,
    /// An item's dash, a key's `?`, the offset after a value's colon; else `start`.
    pub lead: usize,
    /// Where the node begins, its anchor and tag included. A block collection's first child tells more.
    pub start: usize,
    /// Where the node begins, without anchor and tag.
    pub inner: usize,
    /// Where the node ends; for a collection's beginning, where that ends.
    pub end: usize,
    /// The anchor's number, 0 for none.
    pub anchor: usize,
    pub tag: Option<Tag>,
}

enum Frame {
    Root,
    Sequence { flow: bool, started: bool },
    Mapping { flow: bool, started: bool, value_next: bool },
}

/// How deep collections may nest.
const DEPTH: usize = 200;

pub(super) struct Walk<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    frames: Vec<Frame>,
    cursor: usize,
    documents: usize,
}

impl<'t> Walk<'t> {
    pub fn new(text: &'t str) -> Self {
        let options = options! {
            emit_anchor_events: true,
            emit_comments: false,
            flow_nesting_limit: DEPTH,
            block_nesting_limit: DEPTH,
        };
        let parser = Parser::new_from_str_with_options(text, options);
        Self { text, parser, frames: vec![Frame::Root], cursor: 0, documents: 0 }
    }

    /// How many collections are open.
    pub fn depth(&self) -> usize {
        self.frames.len() - 1
    }

    fn error(&self, at: usize, message: &str) -> SyntaxError {
        SyntaxError::at(self.text, at, message)
    }

    pub fn next(&mut self) -> Result<Option<Step<'t>>, SyntaxError> {
        loop {
            let Some(next) = self.parser.next_event() else {
                return Ok(None);
            };
            let (event, span) = next?;
            let range = span.byte_range().unwrap_or(self.cursor..self.cursor);
            let tag_span = span.tag_span().and_then(|tag| tag.byte_range());
            let tag = event.tag().map(|tag| match tag.core_suffix() {
                Some("str") => Tag::Str,
                Some("int") => Tag::Int,
                Some("float") => Tag::Float,
                Some("bool") => Tag::Bool,
                Some("null") => Tag::Null,
                _ if tag.original() == "!" => Tag::Str,
                _ => Tag::Other,
            });
            let anchor = event.anchor_id().unwrap_or(0);
            let what = match event {
                Event::StreamEnd => return Ok(None),
                Event::DocumentStart(explicit, _) => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(self.error(range.start, "text must be one document, here a second one begins"));
                    }
                    if explicit {
                        self.cursor = range.end;
                    }
                    continue;
                }
                Event::Scalar(value, style, ..) => What::Scalar(value, style.into()),
                Event::Alias(id) => What::Alias(id),
                Event::SequenceStart(style, ..) => What::Sequence { flow: style == StructureStyle::Flow },
                Event::MappingStart(style, ..) => What::Mapping { flow: style == StructureStyle::Flow },
                Event::SequenceEnd | Event::MappingEnd => return Ok(Some(self.close(range))),
                _ => continue,
            };
            let lead = self.lead(range.start);
            let mut start = None;
            if let Some(tag) = tag_span {
                start = Some(tag.start);
                self.cursor = self.cursor.max(tag.end);
            }
            if anchor > 0
                && !matches!(what, What::Alias(_))
                && let Some(Ok((Event::Anchor(..), span))) = self.parser.peek()
                && let Some(range) = span.byte_range()
            {
                start = Some(start.map_or(range.start, |start: usize| start.min(range.start)));
                self.cursor = self.cursor.max(range.end);
            }
            return Ok(Some(self.node(what, lead, start, range, anchor, tag)));
        }
    }

    fn node(
        &mut self,
        what: What<'t>,
        lead: Option<usize>,
        start: Option<usize>,
        range: std::ops::Range<usize>,
        anchor: usize,
        tag: Option<Tag>,
    ) -> Step<'t> {
        let (what, inner) = match what {
            What::Scalar(value, style @ (ScalarStyle::Literal | ScalarStyle::Folded)) => {
                let header = skip_trivia(self.text, self.cursor);
                self.cursor = block_scalar_end(self.text, header, range.end, &value, style);
                (What::Scalar(value, style), header)
            }
            What::Scalar(_, ScalarStyle::Plain) if range.is_empty() => {
                (What::Scalar(Cow::Borrowed(""), ScalarStyle::Plain), self.cursor)
            }
            what @ (What::Sequence { flow: false } | What::Mapping { flow: false }) => {
                self.push(&what);
                (what, skip_trivia(self.text, self.cursor))
            }
            what => {
                self.cursor = self.cursor.max(range.end);
                self.push(&what);
                (what, range.start)
            }
        };
        let start = start.unwrap_or(inner);
        Step { what, lead: lead.unwrap_or(start), start, inner, end: self.cursor.max(inner), anchor, tag }
    }

    fn push(&mut self, what: &What<'_>) {
        match *what {
            What::Sequence { flow } => self.frames.push(Frame::Sequence { flow, started: false }),
            What::Mapping { flow } => self.frames.push(Frame::Mapping { flow, started: false, value_next: false }),
            _ => {}
        }
    }

    fn close(&mut self, range: std::ops::Range<usize>) -> Step<'t> {
        self.frames.pop();
        if !range.is_empty() {
            self.cursor = self.cursor.max(range.end);
        }
        let at = self.cursor;
        Step { what: What::Close, lead: at, start: at, inner: at, end: at, anchor: 0, tag: None }
    }

    /// Moves the cursor over the indicator before the next node and says where that is.
    fn lead(&mut self, node: usize) -> Option<usize> {
        let text = self.text;
        let at = skip_trivia(text, self.cursor);
        let found = |at: usize, indicator: &str| slice(text, at..at + 1) == indicator;
        match self.frames.last_mut() {
            Some(Frame::Sequence { flow: false, .. }) => {
                if found(at, "-") && is_gap(text, at + 1) {
                    self.cursor = at + 1;
                    return Some(at);
                }
                None
            }
            Some(Frame::Sequence { flow: true, started }) => {
                if std::mem::replace(started, true) && found(at, ",") {
                    self.cursor = at + 1;
                }
                None
            }
            Some(Frame::Mapping { flow, started, value_next }) => {
                let is_value = std::mem::replace(value_next, !*value_next);
                if is_value {
                    if found(at, ":") {
                        self.cursor = at + 1;
                    }
                    return Some(self.cursor);
                }
                let mut at = at;
                if std::mem::replace(started, true) && *flow && found(at, ",") {
                    self.cursor = at + 1;
                    at = skip_trivia(text, self.cursor);
                }
                if at <= node && found(at, ":") && is_gap(text, at + 1) {
                    // No key at all before the colon.
                    self.cursor = at;
                }
                if at < node && found(at, "?") && is_gap(text, at + 1) {
                    self.cursor = at + 1;
                    return Some(at);
                }
                None
            }
            Some(Frame::Root) | None => None,
        }
    }
}

/// Where a block scalar's last line ends, its line break excluded. `limit` is where the parser went on.
fn block_scalar_end(text: &str, header: usize, limit: usize, value: &str, style: ScalarStyle) -> usize {
    let head_end =
        header + slice(text, header..line_end(text, header)).bytes().take_while(|b| !b" \t".contains(b)).count();
    let head = slice(text, header..head_end);
    let lines = value.matches('\n').count() + usize::from(head.contains('-') && !value.is_empty());
    let mut end = head_end;
    let mut at = next_line(text, header);
    if style == ScalarStyle::Literal {
        for _ in 0..lines {
            end = line_end(text, at);
            at = next_line(text, at);
        }
        return end;
    }
    // Folding hides how many lines there are: the last one with something on it, and for `+` the blank ones after it.
    let keep = head.contains('+');
    while at < limit {
        let line = line_end(text, at);
        let is_content = skip_blanks(text, at) < line.min(limit);
        if is_content || (keep && line < limit) {
            end = line;
        }
        if line >= text.len() {
            break;
        }
        at = next_line(text, at);
    }
    end
}
