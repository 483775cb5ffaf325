//! How the surroundings are written: indentation, list style, quotes. Nearest first.

use std::collections::HashMap;

use super::lines::{column, is_first_on_line, line_break};
use super::scalar::resolve_tagged;
use super::tree::{Kind, NodeId, ScalarStyle, Tree};

/// Which quotes a string gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None where that is safe.
    #[default]
    Plain,
    Single,
    Double,
}

/// The quotes seen on a group of strings.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    plain: usize,
    single: usize,
    double: usize,
}

impl Seen {
    fn add(&mut self, style: ScalarStyle) {
        match style {
            ScalarStyle::Plain => self.plain += 1,
            ScalarStyle::SingleQuoted => self.single += 1,
            ScalarStyle::DoubleQuoted => self.double += 1,
            ScalarStyle::Literal | ScalarStyle::Folded => {}
        }
    }

    /// The quotes of all of them, if there are at least `least` and all are alike.
    fn agreed(&self, least: usize) -> Option<Quotes> {
        match (self.plain, self.single, self.double) {
            (0, 0, double) if double >= least.max(1) => Some(Quotes::Double),
            (0, single, 0) if single >= least.max(1) => Some(Quotes::Single),
            (plain, ..) if plain > 0 && least <= 1 => Some(Quotes::Plain),
            _ => None,
        }
    }
}

/// The place of a value below the collection that is edited: keys, and `*` for an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place(Vec<String>);

impl Place {
    pub fn key(&self, key: &str) -> Self {
        Self(self.0.iter().cloned().chain([format!(".{key}")]).collect())
    }

    pub fn item(&self) -> Self {
        Self(self.0.iter().cloned().chain(["*".to_owned()]).collect())
    }
}

/// The style new text takes from the text around it.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// How far a nested mapping is indented.
    pub step: usize,
    /// How far a list is indented below its key; 0 is the compact style.
    pub list_step: usize,
    /// How many blanks follow a dash.
    pub gap: usize,
    pub line_break: &'static str,
    values: HashMap<Place, Seen>,
    siblings: Seen,
    keys: Seen,
    all_values: Seen,
    all_keys: Seen,
    /// Everything in double quotes, and no style but JSON's.
    pub is_json: bool,
    /// Lines in brackets are indented by tabs, one a level; JSON alone allows it.
    pub tabs: bool,
}

impl Layout {
    /// A layout without surroundings.
    pub fn new(step: usize, list_step: usize, line_break: &'static str) -> Self {
        let seen = Seen::default();
        Self {
            step,
            list_step,
            gap: 1,
            line_break,
            values: HashMap::new(),
            siblings: seen,
            keys: seen,
            all_values: seen,
            all_keys: seen,
            is_json: false,
            tabs: false,
        }
    }

    /// The layout around a node.
    pub fn around(tree: &Tree, id: NodeId) -> Self {
        let mut layout = Self::new(2, 0, line_break(&tree.text));
        layout.step = nearest(tree, id, &step_of).unwrap_or(2);
        layout.list_step = nearest(tree, id, &list_step_of).unwrap_or(0);
        layout.gap = gap_of(tree, id).unwrap_or(1);
        let (mut values, mut siblings, mut keys) = (HashMap::new(), Seen::default(), Seen::default());
        visit(tree, id, &Place::default(), &mut |place, style| match place {
            Some(place) => {
                values.entry(place.clone()).or_insert_with(Seen::default).add(style);
                siblings.add(style);
            }
            None => keys.add(style),
        });
        let (mut all_values, mut all_keys) = (Seen::default(), Seen::default());
        for node in &tree.nodes {
            match &node.kind {
                Kind::Mapping { entries, .. } => {
                    for (key, value) in entries {
                        add(tree, *key, &mut all_keys);
                        add(tree, *value, &mut all_values);
                    }
                }
                Kind::Sequence { items, .. } => items.iter().for_each(|item| add(tree, *item, &mut all_values)),
                _ => {}
            }
        }
        Self { values, siblings, keys, all_values, all_keys, ..layout }
    }

    /// The quotes for a string at that place.
    pub fn quotes(&self, place: &Place) -> Quotes {
        if self.is_json {
            return Quotes::Double;
        }
        let at_place = self.values.get(place).and_then(|seen| seen.agreed(1));
        let nearby = at_place.or_else(|| self.siblings.agreed(2));
        nearby.or_else(|| self.all_values.agreed(3)).unwrap_or_default()
    }

    /// The quotes for a key.
    pub fn key_quotes(&self) -> Quotes {
        if self.is_json {
            return Quotes::Double;
        }
        self.keys.agreed(1).or_else(|| self.all_keys.agreed(1)).unwrap_or_default()
    }

    /// The quotes for a string that cannot do without.
    pub fn needed_quotes(&self) -> Quotes {
        if !self.is_json && self.all_values.single > self.all_values.double { Quotes::Single } else { Quotes::Double }
    }
}

/// Counts a scalar's quotes when it is a string: a number is plain because it must be.
fn add(tree: &Tree, id: NodeId, seen: &mut Seen) {
    if let Kind::Scalar { text, style } = &tree.node(id).kind
        && resolve_tagged(text, *style, tree.node(id).tag).is_string()
    {
        seen.add(*style);
    }
}

/// Every string below a node, with its place; keys have none.
fn visit(tree: &Tree, id: NodeId, place: &Place, found: &mut impl FnMut(Option<&Place>, ScalarStyle)) {
    let node = tree.node(id);
    match &node.kind {
        Kind::Scalar { text, style } => {
            if resolve_tagged(text, *style, node.tag).is_string() {
                found(Some(place), *style);
            }
        }
        Kind::Sequence { items, .. } => items.iter().for_each(|item| visit(tree, *item, &place.item(), found)),
        Kind::Mapping { entries, .. } => {
            for (key, value) in entries {
                if let Kind::Scalar { text, style } = &tree.node(*key).kind {
                    if resolve_tagged(text, *style, None).is_string() {
                        found(None, *style);
                    }
                    visit(tree, *value, &place.key(text), found);
                }
            }
        }
        Kind::Alias { .. } => {}
    }
}

/// The first answer below the node, else below its parent, and so on.
fn nearest(tree: &Tree, id: NodeId, ask: &impl Fn(&Tree, NodeId) -> Option<usize>) -> Option<usize> {
    let mut scope = Some(id);
    while let Some(id) = scope {
        if let Some(answer) = first_below(tree, id, ask) {
            return Some(answer);
        }
        scope = tree.node(id).parent;
    }
    None
}

/// The first answer among a node and the block collections in it, the shallowest first.
fn first_below(tree: &Tree, id: NodeId, ask: &impl Fn(&Tree, NodeId) -> Option<usize>) -> Option<usize> {
    let mut level = vec![id];
    while !level.is_empty() {
        if let Some(answer) = level.iter().find_map(|id| ask(tree, *id)) {
            return Some(answer);
        }
        let below = |id: &NodeId| match &tree.node(*id).kind {
            Kind::Sequence { flow: false, items } => items.clone(),
            Kind::Mapping { flow: false, entries } => entries.iter().map(|(_, value)| *value).collect(),
            _ => Vec::new(),
        };
        level = level.iter().flat_map(below).collect();
    }
    None
}

/// How far a block collection stands to the right of the mapping whose value it is.
fn below_key(tree: &Tree, id: NodeId) -> Option<usize> {
    let node = tree.node(id);
    let parent = tree.node(node.parent?);
    if !matches!(parent.kind, Kind::Mapping { flow: false, .. }) || !is_first_on_line(&tree.text, node.inner) {
        return None;
    }
    column(&tree.text, node.inner).checked_sub(column(&tree.text, parent.inner))
}

fn step_of(tree: &Tree, id: NodeId) -> Option<usize> {
    let is_mapping = matches!(tree.node(id).kind, Kind::Mapping { flow: false, .. });
    below_key(tree, id).filter(|step| is_mapping && *step > 0)
}

fn list_step_of(tree: &Tree, id: NodeId) -> Option<usize> {
    let is_list = matches!(tree.node(id).kind, Kind::Sequence { flow: false, .. });
    below_key(tree, id).filter(|_| is_list)
}

/// The blanks after the last dash of a list whose item stands on the dash's line.
fn gap_of(tree: &Tree, id: NodeId) -> Option<usize> {
    let Kind::Sequence { flow: false, items } = &tree.node(id).kind else {
        return None;
    };
    let on_line = |item: &&NodeId| {
        let node = tree.node(**item);
        let between = super::lines::slice(&tree.text, node.lead + 1..node.start);
        !between.is_empty() && between.bytes().all(|b| b == b' ')
    };
    let item = items.iter().rev().find(on_line)?;
    let node = tree.node(*item);
    Some((node.start - node.lead - 1).min(8))
}
