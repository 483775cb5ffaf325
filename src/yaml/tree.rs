//! One document as a tree of spans.

use std::ops::Range;

use json_patch::jsonptr::{Pointer, Token};

use super::lexer::lex;
use super::lines::{line_number, slice};
use super::syntax::SyntaxError;
use super::walk::{Step, Tag, Walk, What};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl From<granit_parser::ScalarStyle> for ScalarStyle {
    fn from(style: granit_parser::ScalarStyle) -> Self {
        match style {
            granit_parser::ScalarStyle::SingleQuoted => Self::SingleQuoted,
            granit_parser::ScalarStyle::DoubleQuoted => Self::DoubleQuoted,
            granit_parser::ScalarStyle::Literal => Self::Literal,
            granit_parser::ScalarStyle::Folded => Self::Folded,
            _ => Self::Plain,
        }
    }
}

/// A node's number in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(usize);

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text, decoded, and how it is written.
    Scalar {
        /// The decoded text.
        text: String,
        /// How it is written.
        style: ScalarStyle,
    },
    /// A list.
    Sequence {
        /// Written in brackets.
        flow: bool,
        /// The entries.
        items: Vec<NodeId>,
    },
    /// Keys and values.
    Mapping {
        /// Written in braces.
        flow: bool,
        /// Key and value.
        entries: Vec<(NodeId, NodeId)>,
    },
    /// `*name`
    Alias {
        /// The node it repeats.
        target: NodeId,
    },
}

/// A node and its place in the text.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// An item's dash, a key's `?`, the offset after a value's colon; else `start`.
    pub(super) lead: usize,
    /// Where it begins, anchor and tag included.
    pub(super) start: usize,
    /// Where it begins, anchor and tag excluded.
    pub(super) inner: usize,
    /// Where its last byte ends, the line break excluded.
    pub(super) end: usize,
    pub(super) tag: Option<Tag>,
    pub(super) parent: Option<NodeId>,
    /// How many aliases repeat it.
    pub(super) uses: usize,
    pub(super) anchored: bool,
}

impl Node {
    /// The bytes of the node, its anchor and tag included.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// True for a sequence or mapping in brackets.
    pub fn is_flow(&self) -> bool {
        matches!(self.kind, Kind::Sequence { flow: true, .. } | Kind::Mapping { flow: true, .. })
    }

    /// True for a sequence or mapping by indentation.
    pub fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Sequence { flow: false, .. } | Kind::Mapping { flow: false, .. })
    }

    /// How many entries a collection has.
    pub fn len(&self) -> usize {
        match &self.kind {
            Kind::Sequence { items, .. } => items.len(),
            Kind::Mapping { entries, .. } => entries.len(),
            _ => 0,
        }
    }

    /// True for a collection without entries, and for every scalar.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One document's concrete syntax tree with byte spans.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) text: String,
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

impl Tree {
    /// Reads exactly one document; an empty one is null.
    pub fn parse(text: &str) -> Result<Tree, SyntaxError> {
        let mut builder = Builder::default();
        let mut root = None;
        let is_ordinary = lex(text, usize::MAX, &mut |step, _| root = root.or(builder.step(step, text).ok().flatten()));
        if let (Some(()), Some(root)) = (is_ordinary, root) {
            return Ok(Tree { text: text.to_owned(), nodes: builder.nodes, root });
        }
        Self::parse_any(text)
    }

    /// The same, by the parser alone.
    pub(super) fn parse_any(text: &str) -> Result<Tree, SyntaxError> {
        let mut builder = Builder::default();
        let mut walk = Walk::new(text);
        let mut root = None;
        while let Some(step) = walk.next()? {
            if let Some(done) = builder.step(step, text)? {
                root = root.or(Some(done));
            }
        }
        let root = match root {
            Some(root) => root,
            None => builder.add(Kind::Scalar { text: String::new(), style: ScalarStyle::Plain }, text.len()),
        };
        Ok(Tree { text: text.to_owned(), nodes: builder.nodes, root })
    }

    /// The text the tree was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The outermost node.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The node with that number.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The 1-based line of the key (or item) the pointer names.
    pub fn line_of(&self, pointer: &Pointer) -> Option<usize> {
        let at = match self.find(pointer)? {
            (Some(key), _) => self.node(key).start,
            (None, value) => self.node(value).lead,
        };
        Some(line_number(&self.text, at))
    }

    /// The bytes of the value the pointer names.
    pub fn span_of(&self, pointer: &Pointer) -> Option<Range<usize>> {
        Some(self.node(self.find(pointer)?.1).span())
    }

    /// The bytes of the key the pointer names; nothing for an item.
    pub fn key_span_of(&self, pointer: &Pointer) -> Option<Range<usize>> {
        Some(self.node(self.find(pointer)?.0?).span())
    }

    /// Key and value nodes the pointer names, through aliases and merge keys.
    pub fn find(&self, pointer: &Pointer) -> Option<(Option<NodeId>, NodeId)> {
        pointer.tokens().try_fold((None, self.root), |(_, id), token| self.child(id, &token.decoded(), 0))
    }

    /// The node an alias stands for; any other node itself.
    pub(super) fn real(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias { target } => target,
            _ => id,
        }
    }

    fn child(&self, id: NodeId, token: &str, depth: usize) -> Option<(Option<NodeId>, NodeId)> {
        let id = self.real(id);
        match &self.node(id).kind {
            Kind::Sequence { items, .. } => Some((None, *items.get(index(token)?)?)),
            Kind::Mapping { entries, .. } => {
                self.entry(id, token).map(|(key, value)| (Some(key), value)).or_else(|| {
                    // A merge key's mapping may hold it; the depth bounds mappings that merge themselves.
                    let merged = entries.iter().filter(|(key, _)| depth < 16 && self.is_merge(*key));
                    merged.flat_map(|(_, value)| self.merged(*value)).find_map(|id| self.child(id, token, depth + 1))
                })
            }
            _ => None,
        }
    }

    /// A mapping's own entry with that key.
    pub(super) fn entry(&self, id: NodeId, token: &str) -> Option<(NodeId, NodeId)> {
        match &self.node(id).kind {
            Kind::Mapping { entries, .. } => {
                entries.iter().copied().find(|(key, _)| !self.is_merge(*key) && self.key_text(*key) == token)
            }
            _ => None,
        }
    }

    /// The mappings a merge key's value names.
    pub(super) fn merged(&self, value: NodeId) -> Vec<NodeId> {
        let value = self.real(value);
        match &self.node(value).kind {
            Kind::Sequence { items, .. } => items.iter().map(|item| self.real(*item)).collect(),
            _ => vec![value],
        }
    }

    /// True for the key `<<`.
    pub(super) fn is_merge(&self, key: NodeId) -> bool {
        let node = self.node(key);
        matches!(&node.kind, Kind::Scalar { text, style: ScalarStyle::Plain } if text == "<<")
            && node.tag != Some(Tag::Str)
    }

    /// A key as text: scalars decoded, anything else as it is written.
    pub(super) fn key_text(&self, key: NodeId) -> &str {
        let node = self.node(self.real(key));
        match &node.kind {
            Kind::Scalar { text, .. } => text,
            _ => slice(&self.text, node.inner..node.end),
        }
    }
}

/// A token as an index, by the letter of RFC 6901.
pub(super) fn index(token: &str) -> Option<usize> {
    let token = Token::new(token.to_owned());
    match token.to_index().ok()? {
        json_patch::jsonptr::index::Index::Num(number) => Some(number),
        json_patch::jsonptr::index::Index::Next => None,
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    /// Open collections; a mapping's pending key beside it.
    open: Vec<(NodeId, Option<NodeId>)>,
    anchors: Vec<(usize, NodeId)>,
}

impl Builder {
    fn add(&mut self, kind: Kind, at: usize) -> NodeId {
        let parent = self.open.last().map(|(id, _)| *id);
        let node = Node { kind, lead: at, start: at, inner: at, end: at, tag: None, parent, uses: 0, anchored: false };
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    fn step(&mut self, step: Step<'_>, text: &str) -> Result<Option<NodeId>, SyntaxError> {
        let kind = match step.what {
            What::Close => {
                let Some((id, _)) = self.open.pop() else {
                    return Ok(None);
                };
                self.nodes[id.0].end = step.end;
                return Ok(None);
            }
            What::Sequence { flow } => Kind::Sequence { flow, items: Vec::new() },
            What::Mapping { flow } => Kind::Mapping { flow, entries: Vec::new() },
            What::Scalar(text, style) => Kind::Scalar { text: text.into_owned(), style },
            What::Alias(id) => {
                let found = self.anchors.binary_search_by_key(&id, |(anchor, _)| *anchor).ok();
                let target = found.and_then(|at| self.anchors.get(at)).map(|(_, node)| *node);
                let Some(target) = target else {
                    return Err(SyntaxError::at(text, step.start, "alias must repeat an anchor of this document"));
                };
                self.nodes[target.0].uses += 1;
                Kind::Alias { target }
            }
        };
        let opens = matches!(kind, Kind::Sequence { .. } | Kind::Mapping { .. });
        let anchored = step.anchor > 0 && !matches!(kind, Kind::Alias { .. });
        let id = self.add(kind, step.start);
        if anchored {
            self.anchors.push((step.anchor, id));
        }
        let node = &mut self.nodes[id.0];
        (node.lead, node.inner, node.end, node.tag, node.anchored) =
            (step.lead, step.inner, step.end, step.tag, anchored);
        self.attach(id);
        let is_root = self.open.is_empty();
        if opens {
            self.open.push((id, None));
        }
        Ok(is_root.then_some(id))
    }

    fn attach(&mut self, id: NodeId) {
        let Some((parent, pending)) = self.open.last_mut() else {
            return;
        };
        match &mut self.nodes[parent.0].kind {
            Kind::Sequence { items, .. } => items.push(id),
            Kind::Mapping { entries, .. } => match pending.take() {
                None => *pending = Some(id),
                Some(key) => entries.push((key, id)),
            },
            _ => {}
        }
    }
}
