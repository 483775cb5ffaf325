//! Reads values in objects and in the documents inside their texts, each document once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::Said;
use crate::krm::{Manifests, Object, Place};
use crate::patch::token;
use crate::yaml::{Embedded, Encoding, Format};

/// An object, and the way to a document in its texts.
type Inside = (usize, Vec<Embedded>);

/// The documents of a run.
pub struct Texts<'a> {
    manifests: &'a Manifests,
    read: RefCell<HashMap<Inside, Rc<Value>>>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(manifests: &'a Manifests) -> Self {
        Self { manifests, read: RefCell::default() }
    }

    /// All objects.
    pub fn objects(&self) -> &'a [Object] {
        &self.manifests.objects
    }

    /// What stands at a place; nothing where it is absent, null or cannot be read.
    pub fn at(&self, place: &Place) -> Option<Value> {
        self.with(place, |value| value.cloned())
    }

    /// The same, looked at where it stands: a list may be long.
    pub fn with<R>(&self, place: &Place, look: impl FnOnce(Option<&Value>) -> R) -> R {
        if place.inside.is_empty() {
            let value = self.objects().get(place.object).and_then(|object| object.value.pointer(place.at.as_str()));
            return look(value.filter(|value| !value.is_null()));
        }
        let key = (place.object, place.inside.clone());
        let known = self.read.borrow().get(&key).cloned();
        let document = known.unwrap_or_else(|| {
            let root = Place { at: Default::default(), ..place.clone() };
            let document = Rc::new(self.manifests.read(&root).unwrap_or_default());
            self.read.borrow_mut().insert(key, Rc::clone(&document));
            document
        });
        look(document.pointer(place.at.as_str()).filter(|value| !value.is_null()))
    }

    /// The keys of a mapping that hold mappings themselves.
    pub fn mappings(&self, place: &Place) -> Vec<String> {
        self.with(place, |value| {
            let map = value.and_then(Value::as_object).into_iter().flatten();
            map.filter(|(_, value)| value.is_object()).map(|(key, _)| key.clone()).collect()
        })
    }

    /// What stands at a pointer below a place. A token `[name=dex]` is the element of a list that has that field, `[0]` the
    /// first.
    pub fn said(&self, place: &Place, pointer: &str) -> Option<Said> {
        let mut at = place.clone();
        for part in pointer.split('/').skip(1) {
            let selected = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')?.split_once('='));
            let part = match selected {
                Some((field, wanted)) => {
                    let find = |list: Option<&Value>| list?.as_array()?.iter().position(|item| item[field] == wanted);
                    self.with(&at, find)?.to_string()
                }
                None if part == "[0]" => "0".to_owned(),
                None => part.to_owned(),
            };
            at = at.under(&format!("/{part}"));
        }
        Some(Said::new(self.at(&at)?, at))
    }

    /// The raw text at a place inside another text.
    pub fn raw(&self, place: &Place) -> Option<String> {
        self.manifests.text(place)
    }

    /// The place of the document in the text under a key of a ConfigMap or Secret.
    pub fn in_data(&self, object: usize, key: &str) -> Option<Place> {
        self.in_data_as(object, key, Format::Yaml)
    }

    /// The same for a document in another format.
    pub fn in_data_as(&self, object: usize, key: &str, format: Format) -> Option<Place> {
        let value = &self.objects().get(object)?.value;
        let has = |field: &str| value.get(field).and_then(|data| data.get(key)).is_some_and(Value::is_string);
        let place = Place::object(object);
        let field = |field: &str| format!("/{field}/{}", token(key));
        match self.objects().get(object)?.id.kind.as_str() {
            "Secret" if has("stringData") => Some(place.embedded_as(&field("stringData"), Encoding::Plain, format)),
            "Secret" if has("data") => Some(place.embedded_as(&field("data"), Encoding::Base64, format)),
            "ConfigMap" if has("data") => Some(place.embedded_as(&field("data"), Encoding::Plain, format)),
            _ => None,
        }
    }
}

/// A key as it stands: Dex reads keys in any case.
pub fn key_of(mapping: &Value, name: &str) -> Option<String> {
    let keys = mapping.as_object()?.keys().filter(|key| key.eq_ignore_ascii_case(name));
    keys.max_by_key(|key| *key == name).cloned()
}
