//! A text edit as disjoint ranges of the original, applied at once; and what every operation needs to know.

use std::ops::Range;

use super::layout::Layout;
use super::lines::{BOM, is_first_on_line, line_end, line_start, next_line, previous_break, slice};
use super::tree::{Kind, Node, NodeId, ScalarStyle, Tree};

/// New text for a range of the old one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Splice {
    pub range: Range<usize>,
    pub text: String,
}

impl Splice {
    pub fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::new(at..at, text)
    }

    pub fn delete(range: Range<usize>) -> Self {
        Self::new(range, "")
    }
}

/// The text with all splices done, or nothing when they overlap or cut a character.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    // The sort is stable: insertions at one place keep their order.
    splices.sort_by_key(|splice| splice.range.start);
    let mut out = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut at = 0;
    for splice in splices {
        out.push_str(text.get(at..splice.range.start)?);
        out.push_str(&splice.text);
        at = splice.range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Why an operation is no splice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The place is inside what an alias repeats.
    Alias(NodeId),
    /// The place is inside what a merge key brings.
    Merge(NodeId),
    /// The layout offers no place; an enclosing node may be written anew.
    NoPlace,
}

pub(super) type Splices = Result<Vec<Splice>, Refusal>;

/// A document being edited.
#[derive(Clone, Copy)]
pub(super) struct Site<'t> {
    pub tree: &'t Tree,
    /// The document is JSON and must stay so.
    pub is_json: bool,
}

impl<'t> Site<'t> {
    pub fn text(&self) -> &'t str {
        &self.tree.text
    }

    pub fn node(&self, id: NodeId) -> &'t Node {
        self.tree.node(id)
    }

    pub fn parent(&self, id: NodeId) -> Option<&'t Node> {
        self.node(id).parent.map(|parent| self.node(parent))
    }

    /// The layout around a node.
    pub fn layout(&self, id: NodeId) -> Layout {
        let mut layout = Layout::around(self.tree, id);
        layout.tabs = self.is_json && self.text().contains("\n\t");
        layout.is_json = self.is_json || super::flow::is_json(self.tree, id);
        layout
    }

    /// First and last byte of each entry of a collection.
    pub fn spans(&self, id: NodeId) -> Vec<Range<usize>> {
        match &self.node(id).kind {
            Kind::Sequence { items, .. } => {
                items.iter().map(|item| self.node(*item).lead..self.node(*item).end).collect()
            }
            Kind::Mapping { entries, .. } => {
                entries.iter().map(|(key, value)| self.node(*key).lead..self.node(*value).end).collect()
            }
            _ => Vec::new(),
        }
    }

    /// True when the node is the value of a mapping, not an item and not the root.
    pub fn is_value(&self, id: NodeId) -> bool {
        self.parent(id).is_some_and(|parent| matches!(parent.kind, Kind::Mapping { .. }))
    }

    /// The bytes a new value takes the place of: the node, and for an empty one the blanks that would end its line.
    pub fn room(&self, id: NodeId) -> Range<usize> {
        let node = self.node(id);
        let rest = super::lines::skip_blanks(self.text(), node.end);
        let is_last = rest == line_end(self.text(), node.end) || slice(self.text(), rest..rest + 1) == ",";
        if node.start == node.end && is_last { node.start..rest } else { node.start..node.end }
    }

    /// True when nothing but indentation stands before the offset on its line.
    pub fn is_first(&self, at: usize) -> bool {
        is_first_on_line(self.text(), at)
    }

    /// The lines from one offset to another as a range to delete. At the end of a text without a last line break the
    /// break before goes instead.
    pub fn lines(&self, from: usize, to: usize) -> Range<usize> {
        let text = self.text();
        let bom = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        let start = line_start(text, from).max(bom);
        let end = next_line(text, to);
        let is_open = line_end(text, to) == text.len();
        match previous_break(text, from) {
            Some(before) if is_open => before..end,
            _ => start..end,
        }
    }

    /// Where a node's anchor and tag end; where the node begins when it has none.
    pub fn properties_end(&self, id: NodeId) -> usize {
        let node = self.node(id);
        if node.start == node.inner && !node.anchored && node.tag.is_none() {
            return node.start;
        }
        let mut at = node.start;
        while slice(self.text(), at..at + 1).starts_with(['&', '!']) {
            let rest = slice(self.text(), at..node.inner.max(node.end).max(at));
            let end = at + rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len());
            let next = super::lines::skip_blanks(self.text(), end);
            if !slice(self.text(), next..next + 1).starts_with(['&', '!']) || next >= node.inner {
                return end;
            }
            at = next;
        }
        at
    }
}

/// True for `|` and `>`.
pub(super) fn is_block_scalar(node: &Node) -> bool {
    matches!(node.kind, Kind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. })
}
