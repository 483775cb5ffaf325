//! Where a change lands, and which splices it is there.

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::layout::Place;
use super::lines::{column, line_number, slice};
use super::splice::{Refusal, Site, Splice, Splices};
use super::tree::{Kind, NodeId, Tree, index};
use super::write::{FlowStyle, Writer};

/// What one step does at its place.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(Value),
    Replace(Value),
    Remove,
}

/// The splices of one change.
pub(super) fn splices(site: Site<'_>, path: &Pointer, change: &Change) -> Splices {
    let tree = site.tree;
    let Some((parent, token)) = path.split_back() else {
        return match change {
            Change::Add(value) | Change::Replace(value) => replace(site, tree.root(), value),
            Change::Remove => Err(Refusal::NoPlace),
        };
    };
    let id = descend(tree, parent)?;
    let token = token.decoded();
    let (at, own) = match &tree.node(id).kind {
        Kind::Sequence { items, .. } => {
            let at = index(&token).unwrap_or(items.len());
            (at, items.get(at).copied())
        }
        Kind::Mapping { entries, .. } => match tree.entry(id, &token) {
            Some((key, value)) => (entries.iter().position(|(own, _)| *own == key).unwrap_or(0), Some(value)),
            None => (entries.len(), None),
        },
        Kind::Alias { .. } => return Err(Refusal::Alias(id)),
        Kind::Scalar { .. } => return Err(Refusal::NoPlace),
    };
    let is_mapping = matches!(tree.node(id).kind, Kind::Mapping { .. });
    let is_flow = tree.node(id).is_flow();
    match (change, own) {
        (Change::Add(value) | Change::Replace(value), Some(own)) if is_mapping => replace(site, own, value),
        (Change::Replace(value), Some(own)) => replace(site, own, value),
        (Change::Remove, Some(_)) if is_flow => site.flow_remove(id, at),
        (Change::Remove, Some(_)) => site.block_remove(id, at),
        (Change::Remove, None) => Err(Refusal::Merge(id)),
        (Change::Add(value) | Change::Replace(value), _) => {
            let key = is_mapping.then_some(token.as_ref());
            add(site, id, key, at, value)
        }
    }
}

/// The node a pointer names, every step of the way written where it stands.
fn descend(tree: &Tree, pointer: &Pointer) -> Result<NodeId, Refusal> {
    let mut id = tree.root();
    for token in pointer.tokens() {
        let token = token.decoded();
        id = match &tree.node(id).kind {
            Kind::Alias { .. } => return Err(Refusal::Alias(id)),
            Kind::Sequence { items, .. } => {
                index(&token).and_then(|at| items.get(at)).copied().ok_or(Refusal::NoPlace)?
            }
            Kind::Mapping { .. } => tree.entry(id, &token).map(|(_, value)| value).ok_or(Refusal::Merge(id))?,
            Kind::Scalar { .. } => return Err(Refusal::NoPlace),
        };
    }
    Ok(id)
}

fn add(site: Site<'_>, id: NodeId, key: Option<&str>, at: usize, value: &Value) -> Splices {
    let node = site.node(id);
    if !node.is_flow() {
        return site.block_add(id, key, at, value);
    }
    let in_block = site.parent(id).is_none_or(|parent| !parent.is_flow()) && !site.is_json;
    let is_bare = slice(site.text(), node.inner..node.end).contains('#');
    if node.is_empty() && in_block && !is_bare {
        let value = match key {
            Some(key) => Value::Object([(key.to_owned(), value.clone())].into_iter().collect()),
            None => Value::Array(vec![value.clone()]),
        };
        return site.block_replace(id, &value);
    }
    site.flow_add(id, key, at, value)
}

fn replace(site: Site<'_>, id: NodeId, value: &Value) -> Splices {
    let is_in_flow = site.parent(id).is_some_and(|parent| parent.is_flow());
    let is_flow_root =
        site.parent(id).is_none() && (site.is_json || (site.node(id).is_flow() && !site.node(id).is_empty()));
    if is_in_flow || is_flow_root { site.flow_replace(id, value) } else { site.block_replace(id, value) }
}

/// The whole node in the layout around it.
pub(super) fn anew(site: Site<'_>, id: NodeId, value: &Value) -> Option<Vec<Splice>> {
    let node = site.node(id);
    if !node.is_flow() {
        return site.block_replace(id, value).ok();
    }
    let layout = site.layout(id);
    let mut out = String::new();
    Writer::new(&layout).flow(
        value,
        &Place::default(),
        FlowStyle::default(),
        column(site.text(), node.start),
        &mut out,
    );
    Some(vec![Splice::new(node.start..node.end, out)])
}

/// A node on the way that aliases repeat.
pub(super) fn shared_on(tree: &Tree, path: &Pointer) -> Option<NodeId> {
    let mut id = tree.root();
    for token in path.tokens() {
        if tree.node(id).uses > 0 {
            return Some(id);
        }
        id = match &tree.node(id).kind {
            Kind::Sequence { items, .. } => *items.get(index(&token.decoded())?)?,
            Kind::Mapping { .. } => tree.entry(id, &token.decoded())?.1,
            _ => return None,
        };
    }
    // What goes or gives way may hold anchors itself.
    inside(tree, id).into_iter().find(|id| tree.node(*id).uses > 0)
}

/// The line of an anchor in use, an alias or a merge key inside a node: it cannot be written anew.
pub(super) fn sharing_in(tree: &Tree, id: NodeId) -> Option<usize> {
    let is_sharing = |id: &NodeId| {
        let node = tree.node(*id);
        node.uses > 0 || matches!(node.kind, Kind::Alias { .. })
    };
    let found = inside(tree, id).into_iter().find(is_sharing)?;
    Some(line_number(tree.text(), tree.node(found).start))
}

/// A node and everything in it.
fn inside(tree: &Tree, id: NodeId) -> Vec<NodeId> {
    let mut found = vec![id];
    let mut at = 0;
    while let Some(id) = found.get(at).copied() {
        match &tree.node(id).kind {
            Kind::Sequence { items, .. } => found.extend(items),
            Kind::Mapping { entries, .. } => found.extend(entries.iter().flat_map(|(key, value)| [*key, *value])),
            _ => {}
        }
        at += 1;
    }
    found
}
