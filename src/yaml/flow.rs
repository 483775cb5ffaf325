//! Operations inside `[…]` and `{…}`.

use std::ops::Range;

use serde_json::Value;

use super::layout::{Layout, Place};
use super::lines::{column, is_blank, line_end, line_start, skip_blanks, skip_trivia, slice};
use super::splice::{Refusal, Site, Splice, Splices};
use super::tree::{Kind, NodeId, ScalarStyle, Tree};
use super::write::{FlowStyle, Writer};

/// True when the brackets around the node hold keys, all of them in double quotes.
pub(super) fn is_json(tree: &Tree, id: NodeId) -> bool {
    let mut seen = false;
    let mut scope = Some(id);
    while let Some(id) = scope {
        let node = tree.node(id);
        match &node.kind {
            Kind::Mapping { flow: true, entries } => {
                for (key, _) in entries {
                    if !matches!(tree.node(*key).kind, Kind::Scalar { style: ScalarStyle::DoubleQuoted, .. }) {
                        return false;
                    }
                    seen = true;
                }
            }
            _ if node.is_block() => return seen,
            _ => {}
        }
        scope = node.parent;
    }
    seen
}

impl Site<'_> {
    fn is_at(&self, at: usize, indicator: &str) -> bool {
        slice(self.text(), at..at + 1) == indicator
    }

    fn is_multiline(&self, range: Range<usize>) -> bool {
        slice(self.text(), range).contains(['\n', '\r'])
    }

    /// The one pair of `[a: b]` is a mapping without braces; nothing can be added to it.
    fn has_brackets(&self, id: NodeId) -> bool {
        slice(self.text(), self.node(id).inner..self.node(id).end).starts_with(['[', '{'])
    }

    /// How the collection, or the nearest one around it that shows, is written.
    fn flow_style(&self, id: NodeId, layout: &Layout) -> FlowStyle {
        let mut style = FlowStyle::default();
        let mut scope = Some(id);
        while let Some(id) = scope.filter(|id| self.node(*id).is_flow()) {
            let node = self.node(id);
            let spans = self.spans(id);
            if let (Kind::Mapping { entries, .. }, true) = (&node.kind, layout.is_json)
                && let Some((key, value)) = entries.first()
            {
                style.tight = self.node(*key).end + 1 == self.node(*value).start;
                style.padded = self.is_padded(node.inner);
                break;
            }
            if let [first, second, ..] = spans.as_slice() {
                style.tight = layout.is_json && first.end + 1 == second.start;
            }
            if !spans.is_empty() {
                style.padded = self.is_padded(node.inner);
                break;
            }
            scope = node.parent;
        }
        style.pretty = self.pretty_step(id, layout);
        style
    }

    fn is_padded(&self, open: usize) -> bool {
        let after = self.text().as_bytes().get(open + 1).copied();
        after.is_some_and(is_blank) && !self.is_multiline(open + 1..skip_blanks(self.text(), open + 1) + 1)
    }

    /// The indentation of one entry a line, when the collection's own entries are written so.
    fn pretty_step(&self, id: NodeId, layout: &Layout) -> Option<usize> {
        let node = self.node(id);
        let spans = self.spans(id);
        let first = spans.first()?;
        if !node.is_flow()
            || !self.is_first(first.start)
            || slice(self.text(), line_start(self.text(), first.start)..first.start).contains('\t') != layout.tabs
        {
            return None;
        }
        let line = line_start(self.text(), node.inner);
        let outer = skip_blanks(self.text(), line) - line;
        let step = column(self.text(), first.start).checked_sub(outer).filter(|step| *step > 0)?;
        let inner: Vec<bool> = self
            .children(id)
            .into_iter()
            .filter(|child| !self.node(*child).is_empty())
            .map(|child| self.is_multiline(self.node(child).span()))
            .collect();
        let is_pretty = if inner.is_empty() { layout.is_json } else { inner.contains(&true) };
        is_pretty.then_some(step)
    }

    pub fn children(&self, id: NodeId) -> Vec<NodeId> {
        match &self.node(id).kind {
            Kind::Sequence { items, .. } => items.clone(),
            Kind::Mapping { entries, .. } => entries.iter().map(|(_, value)| *value).collect(),
            _ => Vec::new(),
        }
    }

    /// Adds an entry in brackets.
    pub fn flow_add(&self, id: NodeId, key: Option<&str>, at: usize, value: &Value) -> Splices {
        if !self.has_brackets(id) {
            return Err(Refusal::NoPlace);
        }
        let (text, node) = (self.text(), self.node(id));
        let layout = self.layout(id);
        let mut style = self.flow_style(id, &layout);
        let spans = self.spans(id);
        let Some(last) = spans.last() else {
            return Ok(vec![self.flow_first(id, key, value, style, &layout)]);
        };
        let target = spans.get(at).unwrap_or(last);
        let own_line = self.is_first(target.start) && self.is_multiline(node.inner..target.start);
        if !own_line {
            style.pretty = None;
        }
        let prefix = slice(text, line_start(text, target.start)..target.start);
        let mut entry = String::new();
        Writer::new(&layout).flow_entry(key, value, &Place::default(), style, column(text, target.start), &mut entry);
        if let Some(before) = spans.get(at).filter(|_| key.is_none()) {
            let gap = if own_line { format!(",{}{prefix}", layout.line_break) } else { comma(style).to_owned() };
            return Ok(vec![Splice::insert(before.start, format!("{entry}{gap}"))]);
        }
        let trailing = skip_trivia(text, last.end);
        let trailing = self.is_at(trailing, ",").then_some(trailing);
        let close = node.end.saturating_sub(1);
        let line = line_end(text, trailing.unwrap_or(last.end));
        if own_line && line < close {
            let entry = format!("{}{prefix}{entry}", layout.line_break);
            return Ok(match trailing {
                Some(_) => vec![Splice::insert(line, entry + ",")],
                None => vec![Splice::insert(last.end, ","), Splice::insert(line, entry)],
            });
        }
        Ok(vec![match trailing {
            Some(trailing) if self.is_multiline(trailing..close) => {
                // The comma ends its line, the bracket is below: stay on the line.
                Splice::insert(trailing + 1, format!(" {entry},"))
            }
            Some(trailing) => Splice::insert(trailing + 1, format!(" {entry},")),
            None if own_line => Splice::insert(last.end, format!(",{}{prefix}{entry}", layout.line_break)),
            None => Splice::insert(last.end, format!("{}{entry}", comma(style))),
        }])
    }

    /// The first entry of an empty collection in brackets.
    fn flow_first(&self, id: NodeId, key: Option<&str>, value: &Value, style: FlowStyle, layout: &Layout) -> Splice {
        let (text, node) = (self.text(), self.node(id));
        let close = node.end.saturating_sub(1);
        let inside = slice(text, node.inner + 1..close);
        let writer = Writer::new(layout);
        let around = node.parent.filter(|parent| self.node(*parent).is_flow());
        let step = around.and_then(|parent| self.pretty_step(parent, layout)).filter(|_| layout.is_json);
        let mut out = String::new();
        let line = line_start(text, node.inner);
        let indent = skip_blanks(text, line) - line;
        match step {
            Some(step) if inside.trim().is_empty() => {
                let style = FlowStyle { pretty: Some(step), ..style };
                writer.new_line(indent + step, &mut out);
                writer.flow_entry(key, value, &Place::default(), style, indent + step, &mut out);
                writer.new_line(indent, &mut out);
                return Splice::new(node.inner + 1..close, out);
            }
            _ => {
                writer.flow_entry(key, value, &Place::default(), FlowStyle { pretty: None, ..style }, indent, &mut out)
            }
        }
        if inside.contains('#') {
            return Splice::insert(close, out);
        }
        if style.padded || inside == " " {
            out = format!(" {out} ");
        }
        Splice::new(node.inner + 1..close, out)
    }

    /// Replaces a node in brackets.
    pub fn flow_replace(&self, id: NodeId, value: &Value) -> Splices {
        let node = self.node(id);
        let container = node.parent.unwrap_or(id);
        let layout = self.layout(container);
        let mut style = self.flow_style(if node.is_flow() && !node.is_empty() { id } else { container }, &layout);
        if !node.is_flow() && !self.is_multiline(self.node(container).span()) {
            style.pretty = None;
        }
        let place = self.place(id);
        let mut out = String::new();
        if node.start == node.end && node.parent.is_some() {
            let before = slice(self.text(), 0..node.start);
            let has_colon = !self.is_value(id) || before.ends_with(':') || before.ends_with([' ', '\t']);
            out.push_str(if has_colon { "" } else { ":" });
            out.push_str(if before.ends_with([' ', '\t']) { "" } else { " " });
        }
        match (&node.kind, value) {
            (Kind::Scalar { style: quotes, .. }, Value::String(text)) => {
                if let (ScalarStyle::DoubleQuoted, Kind::Scalar { text: old, .. }) = (quotes, &node.kind)
                    && let Some(splices) = super::lined::replace(self, id, old, *quotes, text)
                {
                    return Ok(splices);
                }
                out.push_str(&self.requoted(text, *quotes, &place, &layout, true));
            }
            _ => {
                let line = line_start(self.text(), node.start);
                let indent = skip_blanks(self.text(), line) - line;
                Writer::new(&layout).flow(value, &place, style, indent, &mut out);
            }
        }
        Ok(vec![Splice::new(self.room(id), out)])
    }

    /// Removes an entry in brackets, and one comma.
    pub fn flow_remove(&self, id: NodeId, at: usize) -> Splices {
        if !self.has_brackets(id) {
            return Err(Refusal::NoPlace);
        }
        let (text, node) = (self.text(), self.node(id));
        let spans = self.spans(id);
        let gone = spans.get(at).ok_or(Refusal::NoPlace)?.clone();
        let close = node.end.saturating_sub(1);
        let comma = Some(skip_trivia(text, gone.end)).filter(|at| self.is_at(*at, ","));
        if spans.len() == 1 {
            let inside = slice(text, node.inner + 1..close);
            let own = slice(text, gone.clone());
            let has_comment = inside.replacen(own, "", 1).contains('#');
            let range =
                if has_comment { gone.start..comma.map_or(gone.end, |at| at + 1) } else { node.inner + 1..close };
            return Ok(vec![Splice::delete(range)]);
        }
        let last = comma.unwrap_or(gone.end.saturating_sub(1)) + 1;
        let rest = skip_blanks(text, last);
        let ends_line = rest < close && (line_end(text, last) == rest || self.is_at(rest, "#"));
        let before = at.checked_sub(1).and_then(|before| spans.get(before));
        let before_comma = before.map(|before| skip_trivia(text, before.end)).filter(|at| self.is_at(*at, ","));
        if self.is_first(gone.start) && ends_line {
            let mut splices = vec![Splice::delete(self.lines(gone.start, last))];
            if let (None, Some(before)) = (comma, before_comma) {
                splices.push(Splice::delete(before..before + 1));
            }
            return Ok(splices);
        }
        let range = match (spans.get(at + 1), before) {
            (Some(next), _) if !slice(text, gone.end..next.start).contains('#') => gone.start..next.start,
            (None, Some(before)) if !slice(text, before.end..gone.start).contains('#') => before.end..gone.end,
            (_, _) => gone.start..last,
        };
        Ok(vec![Splice::delete(range)])
    }
}

fn comma(style: FlowStyle) -> &'static str {
    if style.tight { "," } else { ", " }
}
