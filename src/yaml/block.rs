//! Operations where indentation is the structure.

use serde_json::Value;

use super::layout::{Layout, Place, Quotes};
use super::lined;
use super::lines::{column, last_comment, line_end, slice};
use super::scalar::single_quoted;
use super::splice::{Refusal, Site, Splice, Splices, is_block_scalar};
use super::tree::{Kind, NodeId, ScalarStyle};
use super::write::{FlowStyle, Writer, ends_in_literal};

impl Site<'_> {
    /// Adds an entry to a block collection: a key after the last one, an item at its place.
    pub fn block_add(&self, id: NodeId, key: Option<&str>, at: usize, value: &Value) -> Splices {
        let layout = self.layout(id);
        let writer = Writer::new(&layout);
        let spans = self.spans(id);
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
            return Err(Refusal::NoPlace);
        };
        let column = column(self.text(), first.start);
        let mut out = String::new();
        match key {
            Some(key) => writer.entry(key, value, column, &Place::default().key(key), &mut out),
            None if self.has_flow_items(id) && is_collection(value) => {
                out.push_str("- ");
                writer.flow(value, &Place::default().item(), FlowStyle::default(), column, &mut out);
            }
            None => writer.item(value, column, &Place::default().item(), &mut out),
        }
        let after = match at.checked_sub(1) {
            None if key.is_none() => {
                // Before the first item: on the line after the key, so that comments stay with the items they head.
                if self.is_value(id) && self.is_first(first.start) {
                    let node = self.node(id);
                    let above = if node.start < node.inner { self.properties_end(id) } else { node.lead };
                    return Ok(vec![self.line_after(above, column, &out, value, &layout)]);
                }
                writer.new_line(column, &mut out);
                return Ok(vec![Splice::insert(first.start, out)]);
            }
            None => self.behind_comments(id, last.end, column),
            Some(before) if before + 1 == spans.len() => self.behind_comments(id, last.end, column),
            Some(before) => spans.get(before).unwrap_or(last).end,
        };
        Ok(vec![self.line_after(after, column, &out, value, &layout)])
    }

    /// Whether every item of a block list stands in brackets, so that a new one does too.
    fn has_flow_items(&self, id: NodeId) -> bool {
        let items = self.children(id);
        !items.is_empty() && items.iter().all(|item| self.node(*item).is_flow() && !self.node(*item).is_empty())
    }

    /// The end of the comments below the last entry that are indented as the collection's own.
    fn behind_comments(&self, id: NodeId, end: usize, column: usize) -> usize {
        let text = self.text();
        // Below a compact list, and at the document's end, a comment in the same column may be about what follows.
        let is_list = matches!(self.node(id).kind, Kind::Sequence { .. });
        let is_compact = is_list && self.layout(id).list_step == 0;
        let is_root = self.node(id).parent.is_none();
        let least = column + usize::from(is_root || is_compact);
        last_comment(text, end, least).unwrap_or(end)
    }

    /// A new line after the line `at` is on.
    fn line_after(&self, at: usize, column: usize, content: &str, value: &Value, layout: &Layout) -> Splice {
        let at = line_end(self.text(), at);
        let mut out = String::new();
        Writer::new(layout).new_line(column, &mut out);
        out.push_str(content);
        if at == self.text().len() && ends_in_literal(value) {
            out.push_str(layout.line_break);
        }
        Splice::insert(at, out)
    }

    /// Removes an entry of a block collection: its lines, or what it has of a line shared with a dash.
    pub fn block_remove(&self, id: NodeId, at: usize) -> Splices {
        let text = self.text();
        let spans = self.spans(id);
        let gone = spans.get(at).ok_or(Refusal::NoPlace)?.clone();
        if spans.len() == 1 {
            let empty = if matches!(self.node(id).kind, Kind::Sequence { .. }) { "[]" } else { "{}" };
            if self.is_value(id) && self.is_first(gone.start) {
                let node = self.node(id);
                let colon = if node.start < node.inner { self.properties_end(id) } else { node.lead };
                let lines = Splice::delete(self.lines(gone.start, gone.end));
                return Ok(vec![Splice::insert(colon, format!(" {empty}")), lines]);
            }
            return Ok(vec![Splice::new(gone, empty)]);
        }
        if self.is_first(gone.start) {
            return Ok(vec![Splice::delete(self.lines(gone.start, gone.end))]);
        }
        let next = spans.get(at + 1).ok_or(Refusal::NoPlace)?;
        let line = line_end(text, gone.end);
        if slice(text, line..next.start).contains('#') {
            // Comments head the next entry: the dash stays alone on its line above them.
            let kept = slice(text, 0..gone.start).trim_end_matches([' ', '\t']).len();
            return Ok(vec![Splice::delete(kept..line)]);
        }
        Ok(vec![Splice::delete(gone.start..next.start)])
    }

    /// Replaces a node that stands in a block collection, or is the root.
    pub fn block_replace(&self, id: NodeId, value: &Value) -> Splices {
        let node = self.node(id);
        if let (Kind::Scalar { text, style }, Value::String(new)) = (&node.kind, value)
            && let Some(splices) = lined::replace(self, id, text, *style, new)
        {
            return Ok(splices);
        }
        let layout = self.layout(node.parent.unwrap_or(id));
        let is_empty = matches!(value, Value::Array(items) if items.is_empty())
            || matches!(value, Value::Object(map) if map.is_empty());
        let is_collection = (value.is_array() || value.is_object()) && !is_empty;
        if node.start == node.end && node.parent.is_none() {
            return Ok(vec![self.document_after_comments(value, &layout)]);
        }
        if self.is_value(id) && node.start == node.end && !slice(self.text(), 0..node.lead).ends_with(':') {
            return Ok(vec![self.colon_and_value(id, value, &layout)]);
        }
        if node.is_block() && self.is_value(id) && self.is_first(node.inner) {
            return Ok(self.value_for_lines(id, value, is_collection, &layout));
        }
        let is_below = self.is_first(node.start) || !self.is_value(id);
        let from = if is_collection && !is_below { node.lead } else { node.start };
        let rendered = self.rendered(id, value, is_collection && !is_below, &layout);
        let (head, tail) = split_line(&rendered);
        if is_block_scalar(node) {
            let line = line_end(self.text(), node.inner);
            let header = slice(self.text(), node.inner..line);
            let header = node.inner + header.find([' ', '\t']).unwrap_or(header.len());
            return Ok(vec![Splice::new(from..header, head), Splice::new(line..node.end.max(line), tail)]);
        }
        let mut tail = tail.to_owned();
        let end = self.room(id).end;
        if node.is_block() {
            // The comment after its last line goes with it.
            return Ok(vec![Splice::new(from..line_end(self.text(), end), rendered)]);
        }
        let line = line_end(self.text(), end);
        if line == self.text().len() && ends_in_literal(value) {
            tail.push_str(layout.line_break);
        }
        if line == end {
            return Ok(vec![Splice::new(from..end, format!("{head}{tail}"))]);
        }
        Ok(vec![Splice::new(from..end, head), Splice::insert(line, tail)])
    }

    /// The value as it follows its key's colon, or as it stands where the node begins.
    fn rendered(&self, id: NodeId, value: &Value, after_colon: bool, layout: &Layout) -> String {
        let node = self.node(id);
        let writer = Writer::new(layout);
        let mut out = String::new();
        let place = self.place(id);
        let outer = self.parent(id).map_or(0, |parent| column(self.text(), parent.inner));
        if after_colon {
            writer.after_colon(value, outer, &place, &mut out);
            return out;
        }
        let is_missing = node.start == node.end && !slice(self.text(), 0..node.start).ends_with([' ', '\t']);
        if is_missing {
            out.push(' ');
        }
        if let Some(literal) = super::write::literal(value) {
            let indent = if node.parent.is_some() { outer + layout.step } else { layout.step };
            writer.literal(&literal, indent, &mut out);
            return out;
        }
        if let (Kind::Scalar { style, .. }, Value::String(text)) = (&node.kind, value) {
            out.push_str(&self.requoted(text, *style, &place, layout, false));
            return out;
        }
        if node.parent.is_none() && !self.is_first(node.start) && (value.is_array() || value.is_object()) {
            // Content on the marker's line cannot become lines of its own there.
            writer.new_line(0, &mut out);
            writer.in_place(value, 0, &place, &mut out);
            return out;
        }
        let indent = column(self.text(), node.start) + usize::from(is_missing);
        writer.in_place(value, indent, &place, &mut out);
        out
    }

    /// A string in the quotes of the scalar it replaces.
    pub fn requoted(&self, text: &str, style: ScalarStyle, place: &Place, layout: &Layout, flow: bool) -> String {
        let writer = Writer::new(layout);
        match style {
            ScalarStyle::DoubleQuoted => writer.string(text, Quotes::Double, flow),
            ScalarStyle::SingleQuoted => {
                single_quoted(text).unwrap_or_else(|| writer.string(text, Quotes::Double, flow))
            }
            _ if layout.is_json => writer.string(text, Quotes::Double, flow),
            _ => writer.string(text, layout.quotes(place), flow),
        }
    }

    /// Where the node stands in its parent.
    pub fn place(&self, id: NodeId) -> Place {
        match self.parent(id).map(|parent| &parent.kind) {
            Some(Kind::Mapping { entries, .. }) => {
                let key = entries.iter().find(|(_, value)| *value == id).map(|(key, _)| self.tree.key_text(*key));
                Place::default().key(key.unwrap_or_default())
            }
            Some(_) => Place::default().item(),
            None => Place::default(),
        }
    }

    /// The value of a `? key` that has no colon yet.
    fn colon_and_value(&self, id: NodeId, value: &Value, layout: &Layout) -> Splice {
        let writer = Writer::new(layout);
        let outer = self.parent(id).map_or(0, |parent| column(self.text(), parent.inner));
        let mut out = String::new();
        writer.new_line(outer, &mut out);
        out.push(':');
        writer.after_colon(value, outer, &self.place(id), &mut out);
        Splice::insert(line_end(self.text(), self.node(id).start), out)
    }

    /// A block collection below its key gives way to another value; the key's line keeps its comment.
    fn value_for_lines(&self, id: NodeId, value: &Value, is_collection: bool, layout: &Layout) -> Vec<Splice> {
        let node = self.node(id);
        let text = self.text();
        let properties = if node.start < node.inner { self.properties_end(id) } else { node.lead };
        let key_line = line_end(text, properties);
        let writer = Writer::new(layout);
        let mut out = String::new();
        if is_collection {
            let outer = self.parent(id).map_or(0, |parent| column(text, parent.inner));
            let column = match (&node.kind, value) {
                (Kind::Sequence { .. }, Value::Array(_)) | (Kind::Mapping { .. }, Value::Object(_)) => {
                    column(text, node.inner)
                }
                (_, Value::Array(_)) => outer + layout.list_step,
                _ => outer + layout.step,
            };
            writer.new_line(column, &mut out);
            writer.in_place(value, column, &self.place(id), &mut out);
            if node.end == text.len() && ends_in_literal(value) {
                out.push_str(layout.line_break);
            }
            return vec![Splice::delete(node.lead..properties), Splice::new(key_line..node.end, out)];
        }
        let outer = self.parent(id).map_or(0, |parent| column(text, parent.inner));
        writer.after_colon(value, outer, &self.place(id), &mut out);
        let (head, tail) = split_line(&out);
        vec![Splice::new(node.lead..properties, head), Splice::new(key_line..line_end(text, node.end), tail)]
    }

    /// The root of a document without content: after its comments.
    fn document_after_comments(&self, value: &Value, layout: &Layout) -> Splice {
        let text = self.text();
        let mut out = String::new();
        if !text.trim_start_matches(super::lines::BOM).is_empty() && !text.ends_with(['\n', '\r']) {
            out.push_str(layout.line_break);
        }
        out.push_str(&Writer::new(layout).document(value));
        out.push_str(layout.line_break);
        Splice::insert(text.len(), out)
    }
}

/// The first line, and the rest from its line break on.
fn split_line(text: &str) -> (&str, &str) {
    text.split_at(text.find(['\n', '\r']).unwrap_or(text.len()))
}

fn is_collection(value: &Value) -> bool {
    matches!(value, Value::Object(map) if !map.is_empty()) || matches!(value, Value::Array(items) if !items.is_empty())
}
