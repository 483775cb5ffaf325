//! A document under edit: one operation after the other, each proved before the next.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::edit::{EditError, Edited, Note};
use super::lines::BOM;
use super::locate::{Change, anew, shared_on, sharing_in, splices};
use super::splice::{Refusal, Site, Splice, spliced};
use super::syntax::SyntaxError;
use super::tree::{NodeId, Tree};

/// A document between two operations: text, tree and value always agree.
pub(super) struct Session {
    pub tree: Tree,
    pub value: Value,
    notes: Vec<Note>,
    is_json: bool,
}

impl Session {
    pub fn open(text: &str, is_json: bool) -> Result<Self, EditError> {
        if is_json {
            must_be_json(text)?;
        }
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
        if let Some(tree) = self.together(patch, &expected) {
            (self.tree, self.value) = (tree, expected);
            return Ok(());
        }
        for operation in &patch.0 {
            self.operation(operation)?;
        }
        if self.value != expected {
            let pointer = patch.0.first().map(|operation| operation.path().to_buf()).unwrap_or_default();
            return Err(EditError::Unfaithful { pointer });
        }
        Ok(())
    }

    /// Operations whose places lie apart, done at once with one proof. Nothing where one of them is no plain splice, or
    /// where their order may matter.
    fn together(&self, patch: &Patch, expected: &Value) -> Option<Tree> {
        let site = Site { tree: &self.tree, is_json: self.is_json };
        let mut all: Vec<Splice> = Vec::new();
        for operation in &patch.0 {
            let (path, change) = match operation {
                PatchOperation::Test(_) => continue,
                PatchOperation::Add(AddOperation { path, value }) => (path, Change::Add(value.clone())),
                PatchOperation::Replace(ReplaceOperation { path, value }) => (path, Change::Replace(value.clone())),
                PatchOperation::Remove(RemoveOperation { path }) => (path, Change::Remove),
                PatchOperation::Copy(_) | PatchOperation::Move(_) => return None,
            };
            let old = self.value.pointer(path.as_str());
            if old.is_some_and(|old| old.is_object() || old.is_array()) {
                return None;
            }
            if let (PatchOperation::Replace(ReplaceOperation { value, .. }), Some(old)) = (operation, old)
                && value == old
            {
                continue;
            }
            let own = splices(site, path, &change).ok()?;
            let is_apart = |other: &Splice| {
                own.iter().all(|own| own.range.end < other.range.start || other.range.end < own.range.start)
            };
            if !all.iter().all(is_apart) {
                return None;
            }
            all.extend(own);
        }
        self.proved(all, expected)
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
        if let Some(smaller) = self.smaller(path, &change)
            && self.all(smaller, &expected)
        {
            return Ok(());
        }
        let site = Site { tree: &self.tree, is_json: self.is_json };
        let refusal = match splices(site, path, &change) {
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

/// JSON is edited as the YAML that it is; nothing else may pass for JSON. No text at all is an empty document.
fn must_be_json(text: &str) -> Result<(), SyntaxError> {
    let body = text.strip_prefix(BOM).unwrap_or(text);
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(body) else {
        return Ok(());
    };
    if body.trim().is_empty() {
        return Ok(());
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let message = format!("it must be JSON: {message}");
    Err(SyntaxError { line: error.line(), column: error.column().max(1), message, first: None })
}

fn operation(path: &Pointer, change: &Change) -> PatchOperation {
    let path = path.to_buf();
    match change.clone() {
        Change::Add(value) => PatchOperation::Add(AddOperation { path, value }),
        Change::Replace(value) => PatchOperation::Replace(ReplaceOperation { path, value }),
        Change::Remove => PatchOperation::Remove(RemoveOperation { path }),
    }
}
