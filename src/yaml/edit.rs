//! RFC 6902 on text: each operation is a splice, and the result is proved.

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, Patch, PatchError, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::layout::Place;
use super::lines::column;
use super::splice::{Refusal, Site, Splice, Splices, spliced};
use super::syntax::SyntaxError;
use super::tree::{Kind, NodeId, Tree, index};
use super::write::{FlowStyle, Writer};

/// Why text was not edited. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text is no YAML.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The patch does not fit the document.
    #[error("patch must fit the document: {0}")]
    Patch(#[from] PatchError),
    /// The place is repeated elsewhere.
    #[error(
        "`{pointer}` on line {line} must not be shared: an anchor or alias makes an edit there change other places too; write the value out where it is to differ"
    )]
    Alias {
        /// The place of the edit.
        pointer: PointerBuf,
        /// Where the shared node or the alias stands, 1-based.
        line: usize,
    },
    /// The place comes from a merge key.
    #[error(
        "`{pointer}` on line {line} must be written where it is to differ: a merge key (`<<`) brings it from another mapping"
    )]
    Merge {
        /// The place of the edit.
        pointer: PointerBuf,
        /// Where the mapping stands, 1-based.
        line: usize,
    },
    /// A document inside a string is not there, or is none.
    #[error("`{field}` must hold a document: {message}")]
    Embedded {
        /// The string's place.
        field: PointerBuf,
        /// What is wrong.
        message: String,
    },
    /// The new text would not mean what was asked for.
    #[error(
        "`{pointer}` could not be edited faithfully; nothing was changed. This is a bug: please report it with the document around `{pointer}`"
    )]
    Unfaithful {
        /// The place of the edit.
        pointer: PointerBuf,
    },
}

/// Edited text, and what had to be written anew for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// Nodes whose layout could not be kept.
    pub notes: Vec<Note>,
}

/// A node that was written anew because no splice in its own layout gave the right meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The node.
    pub rewritten: PointerBuf,
}

/// Applies a patch to a document's text. Bytes outside the edited places stay as they are, and parsing the result gives
/// what [`json_patch::patch`] makes of the parsed text, else nothing is changed.
pub fn edit(text: &str, patch: &Patch) -> Result<String, EditError> {
    Ok(edit_noted(text, patch)?.text)
}

/// The same, saying also what had to be written anew.
pub fn edit_noted(text: &str, patch: &Patch) -> Result<Edited, EditError> {
    let mut session = Session::open(text, false)?;
    session.patch(patch)?;
    Ok(session.close())
}

/// What one step does at its place.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(Value),
    Replace(Value),
    Remove,
}

/// A document between two operations: text, tree and value always agree.
pub(super) struct Session {
    pub tree: Tree,
    pub value: Value,
    notes: Vec<Note>,
    is_json: bool,
}

impl Session {
    pub fn open(text: &str, is_json: bool) -> Result<Self, EditError> {
        let tree = Tree::parse(text)?;
        let value = tree.value()?;
        Ok(Self { tree, value, notes: Vec::new(), is_json })
    }

    pub fn close(self) -> Edited {
        Edited { text: self.tree.text, notes: self.notes }
    }

    /// All operations in order, and the proof.
    pub fn patch(&mut self, patch: &Patch) -> Result<(), EditError> {
        let mut expected = self.value.clone();
        json_patch::patch(&mut expected, patch)?;
        for operation in &patch.0 {
            self.operation(operation)?;
        }
        if self.value != expected {
            let pointer = patch.0.first().map(|operation| operation.path().to_buf()).unwrap_or_default();
            return Err(EditError::Unfaithful { pointer });
        }
        Ok(())
    }

    fn operation(&mut self, operation: &PatchOperation) -> Result<(), EditError> {
        let copied = |value: &Value, from: &Pointer| value.pointer(from.as_str()).cloned().unwrap_or_default();
        match operation {
            PatchOperation::Test(_) => Ok(()),
            PatchOperation::Add(AddOperation { path, value }) => self.change(path, Change::Add(value.clone())),
            PatchOperation::Replace(ReplaceOperation { path, value }) => {
                self.change(path, Change::Replace(value.clone()))
            }
            PatchOperation::Remove(RemoveOperation { path }) => self.change(path, Change::Remove),
            PatchOperation::Copy(copy) => {
                let value = copied(&self.value, &copy.from);
                self.change(&copy.path, Change::Add(value))
            }
            PatchOperation::Move(moved) if moved.from == moved.path => Ok(()),
            PatchOperation::Move(moved) => {
                let value = copied(&self.value, &moved.from);
                self.change(&moved.from, Change::Remove)?;
                self.change(&moved.path, Change::Add(value))
            }
        }
    }

    /// One change: as a splice, else by writing enclosing nodes anew, smallest first.
    pub fn change(&mut self, path: &Pointer, change: Change) -> Result<(), EditError> {
        let mut expected = self.value.clone();
        json_patch::patch(&mut expected, &[operation(path, &change)])?;
        if expected == self.value {
            return Ok(());
        }
        if let Some(smaller) = self.smaller(path, &change) {
            if self.all(smaller, &expected) {
                return Ok(());
            }
        }
        let site = Site { tree: &self.tree, is_json: self.is_json };
        let refusal = match splice(site, path, &change) {
            Ok(splices) => match self.proved(splices, &expected) {
                Some(tree) => {
                    (self.tree, self.value) = (tree, expected);
                    return Ok(());
                }
                None => Refusal::NoPlace,
            },
            Err(refusal) => refusal,
        };
        let line = |id: NodeId| super::lines::line_number(&self.tree.text, self.tree.node(id).start);
        match refusal {
            Refusal::Alias(id) => {
                return Err(EditError::Alias { pointer: path.to_buf(), line: line(id) });
            }
            Refusal::Merge(id) => {
                return Err(EditError::Merge { pointer: path.to_buf(), line: line(id) });
            }
            Refusal::NoPlace => {}
        }
        if let Some(shared) = shared_on(&self.tree, path) {
            return Err(EditError::Alias { pointer: path.to_buf(), line: line(shared) });
        }
        self.rewrite(path, expected)
    }

    /// A collection replaced by a similar one is a few smaller changes.
    fn smaller(&self, path: &Pointer, change: &Change) -> Option<Patch> {
        let (Change::Add(new) | Change::Replace(new)) = change else {
            return None;
        };
        let old = self.value.pointer(path.as_str())?;
        let is_insertion = matches!(change, Change::Add(_))
            && path.parent().and_then(|parent| self.value.pointer(parent.as_str())).is_some_and(Value::is_array);
        let is_similar = match (old, new) {
            (Value::Object(old), Value::Object(new)) => old.keys().any(|key| new.contains_key(key)),
            (Value::Array(old), Value::Array(new)) => old.first().is_some_and(|old| Some(old) == new.first()),
            _ => false,
        };
        if is_insertion || !is_similar {
            return None;
        }
        let mut patch = json_patch::diff(old, new);
        let is_inside = |operation: &PatchOperation| !operation.path().is_root();
        if patch.0.len() > 64 || !patch.0.iter().all(is_inside) {
            return None;
        }
        for operation in &mut patch.0 {
            match operation {
                PatchOperation::Add(add) => add.path = path.concat(&add.path),
                PatchOperation::Remove(remove) => remove.path = path.concat(&remove.path),
                PatchOperation::Replace(replace) => replace.path = path.concat(&replace.path),
                _ => return None,
            }
        }
        Some(patch)
    }

    /// Every operation without a rewrite, or nothing changes.
    fn all(&mut self, patch: Patch, expected: &Value) -> bool {
        let trial =
            Self { tree: self.tree.clone(), value: self.value.clone(), notes: Vec::new(), is_json: self.is_json };
        let mut trial = trial;
        let done = patch.0.iter().all(|operation| trial.operation(operation).is_ok());
        let is_kept = done && trial.notes.is_empty() && trial.value == *expected;
        if is_kept {
            *self = Self { notes: std::mem::take(&mut self.notes), ..trial };
        }
        is_kept
    }

    /// The tree of the spliced text, if it means what is expected.
    fn proved(&self, splices: Vec<Splice>, expected: &Value) -> Option<Tree> {
        let text = spliced(&self.tree.text, splices)?;
        let tree = Tree::parse(&text).ok()?;
        let is_kept = self.is_json && serde_json::from_str::<Value>(&self.tree.text).is_ok();
        if is_kept && serde_json::from_str::<Value>(&text).is_err() {
            return None;
        }
        (tree.value().ok()? == *expected).then_some(tree)
    }

    /// Writes the smallest enclosing node anew that gives the right meaning.
    fn rewrite(&mut self, path: &Pointer, expected: Value) -> Result<(), EditError> {
        let site = Site { tree: &self.tree, is_json: self.is_json };
        let mut around = path.parent();
        while let Some(pointer) = around {
            around = pointer.parent();
            let (Some((_, id)), Some(value)) = (self.tree.find(pointer), expected.pointer(pointer.as_str())) else {
                continue;
            };
            if let Some(line) = sharing_in(&self.tree, id) {
                return Err(EditError::Alias { pointer: path.to_buf(), line });
            }
            if let Some(tree) = anew(site, id, value).and_then(|splices| self.proved(splices, &expected)) {
                self.notes.push(Note { rewritten: pointer.to_buf() });
                (self.tree, self.value) = (tree, expected);
                return Ok(());
            }
        }
        Err(EditError::Unfaithful { pointer: path.to_buf() })
    }
}

fn operation(path: &Pointer, change: &Change) -> PatchOperation {
    let path = path.to_buf();
    match change.clone() {
        Change::Add(value) => PatchOperation::Add(AddOperation { path, value }),
        Change::Replace(value) => PatchOperation::Replace(ReplaceOperation { path, value }),
        Change::Remove => PatchOperation::Remove(RemoveOperation { path }),
    }
}

/// The splices of one change.
fn splice(site: Site<'_>, path: &Pointer, change: &Change) -> Splices {
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
    let is_bare = super::lines::slice(site.text(), node.inner..node.end).contains('#');
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
fn anew(site: Site<'_>, id: NodeId, value: &Value) -> Option<Vec<Splice>> {
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
fn shared_on(tree: &Tree, path: &Pointer) -> Option<NodeId> {
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
fn sharing_in(tree: &Tree, id: NodeId) -> Option<usize> {
    let is_sharing = |id: &NodeId| {
        let node = tree.node(*id);
        node.uses > 0 || matches!(node.kind, Kind::Alias { .. })
    };
    let found = inside(tree, id).into_iter().find(is_sharing)?;
    Some(super::lines::line_number(tree.text(), tree.node(found).start))
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
