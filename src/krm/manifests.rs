//! All objects of a run as the plan sees them: patched so far, embedded documents included.

use std::collections::HashMap;
use std::sync::Arc;

use json_patch::Patch;
use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use super::{Files, Object};
use crate::patch::{self, Draft};
use crate::yaml::{self, Embedded};

/// One reason, one object, one patch.
#[derive(Clone, Debug)]
pub struct Change {
    /// Index of the object in [`Manifests::objects`].
    pub object: usize,
    /// The way to the document inside a text field; empty for the object itself.
    pub inside: Vec<Embedded>,
    /// RFC 6902.
    pub patch: Patch,
    /// Why, in a few words for the summary: "register client headlamp".
    pub reason: String,
}

/// A place where a YAML mapping lives: in an object, or in a text inside one, from a pointer on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Index of the object.
    pub object: usize,
    /// The way in.
    pub inside: Vec<Embedded>,
    /// The pointer in the innermost document.
    pub at: PointerBuf,
}

impl Place {
    /// Whether another place is in the same document.
    pub fn is_beside(&self, other: &Self) -> bool {
        (self.object, &self.inside) == (other.object, &other.inside)
    }

    /// An object itself.
    pub fn object(object: usize) -> Self {
        Self { object, inside: Vec::new(), at: PointerBuf::new() }
    }

    /// The same document, further in.
    #[must_use]
    pub fn under(&self, pointer: &str) -> Self {
        let mut at = self.at.clone();
        at.append(patch::parse(pointer));
        Self { at, ..self.clone() }
    }

    /// The document in the text at a pointer below this place.
    #[must_use]
    pub fn embedded(&self, pointer: &str, encoding: yaml::Encoding) -> Self {
        self.embedded_as(pointer, encoding, yaml::Format::Yaml)
    }

    /// The same for a document in another format.
    #[must_use]
    pub fn embedded_as(&self, pointer: &str, encoding: yaml::Encoding, format: yaml::Format) -> Self {
        let field = self.under(pointer).at;
        let mut inside = self.inside.clone();
        inside.push(Embedded { field, encoding, format });
        Self { object: self.object, inside, at: PointerBuf::new() }
    }

    /// The field as people write it, embedded documents after a `/`.
    pub fn field(&self, pointer: &str) -> String {
        let mut parts: Vec<String> = self.inside.iter().map(|e| super::finding::field_path(e.field.as_str())).collect();
        let last = super::finding::field_path(self.under(pointer).at.as_str());
        if !last.is_empty() {
            parts.push(last);
        }
        parts.join("/")
    }
}

/// Objects, and the embedded documents that changes have touched.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    /// In the order of the input.
    pub objects: Vec<Object>,
    /// Where their files are.
    pub files: Files,
    embedded: HashMap<(usize, Vec<Embedded>), Arc<Value>>,
}

impl Manifests {
    /// Takes the objects as read.
    pub fn new(objects: Vec<Object>) -> Self {
        Self { objects, files: Files::default(), embedded: HashMap::new() }
    }

    /// The same, with the files that the objects are in.
    #[must_use]
    pub fn in_files(self, files: Files) -> Self {
        Self { files, ..self }
    }

    /// The document at a place as patched so far; `null` where there is none yet.
    ///
    /// # Errors
    /// The reason why an embedded text cannot be read, in words for a message.
    pub fn read(&self, place: &Place) -> Result<Value, String> {
        if place.inside.is_empty() {
            let found = patch::find(&self.objects[place.object].value, place.at.as_str());
            return Ok(found.cloned().unwrap_or(Value::Null));
        }
        let document = self.document(place.object, &place.inside)?;
        Ok(patch::find(&document, place.at.as_str()).cloned().unwrap_or(Value::Null))
    }

    /// The text of the embedded document at a place, as it came; nothing where it cannot be read.
    pub fn text(&self, place: &Place) -> Option<String> {
        let (last, outer) = place.inside.split_last()?;
        let outer = self.document(place.object, outer).ok()?;
        yaml::embedded_text(&outer, last).ok()
    }

    /// A draft over the document at a place.
    ///
    /// # Errors
    /// As [`Manifests::read`].
    pub fn draft(&self, place: &Place) -> Result<Draft, String> {
        self.document(place.object, &place.inside).map(|document| Draft::under(document, place.at.as_str()))
    }

    /// Puts a change into effect, for the steps that follow.
    ///
    /// # Errors
    /// The reason why the patch does not apply.
    pub fn apply(&mut self, change: &Change) -> Result<(), String> {
        if change.inside.is_empty() {
            // A patch that fails leaves the document as it was.
            let document = Arc::make_mut(&mut self.objects[change.object].value);
            return json_patch::patch(document, &change.patch).map_err(|error| error.to_string());
        }
        let mut document = self.document(change.object, &change.inside)?;
        json_patch::patch(Arc::make_mut(&mut document), &change.patch).map_err(|error| error.to_string())?;
        self.embedded.insert((change.object, change.inside.clone()), document);
        Ok(())
    }

    fn document(&self, object: usize, inside: &[Embedded]) -> Result<Arc<Value>, String> {
        if inside.is_empty() {
            return Ok(self.objects[object].value.clone());
        }
        if let Some(known) = self.embedded.get(&(object, inside.to_vec())) {
            return Ok(known.clone());
        }
        let (outer, last) = inside.split_at(inside.len() - 1);
        let outer = self.document(object, outer)?;
        yaml::embedded_value(&outer, &last[0]).map(Arc::new).map_err(|error| error.to_string())
    }
}
