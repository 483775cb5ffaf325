//! One Kubernetes object: what it says, and where it is written.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::patch;

/// Names an object as people do: apiVersion, kind, namespace, name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// `apps/v1`, `v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// Absent means unknown, not `default`: kustomize, Helm and kpt all leave it out.
    pub namespace: Option<String>,
    /// May be empty: a `Kustomization` needs none.
    pub name: String,
}

impl ObjectRef {
    /// Reads the identity of a parsed object.
    pub fn of(value: &Value) -> Self {
        let text = |pointer: &str| patch::find(value, pointer).and_then(Value::as_str);
        Self {
            api_version: text("/apiVersion").unwrap_or_default().to_owned(),
            kind: text("/kind").unwrap_or_default().to_owned(),
            namespace: text("/metadata/namespace").filter(|n| !n.is_empty()).map(str::to_owned),
            name: text("/metadata/name").unwrap_or_default().to_owned(),
        }
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether two namespaces can be the same one: an absent one is unknown.
    pub fn shares_namespace(&self, namespace: Option<&str>) -> bool {
        match (self.namespace.as_deref(), namespace) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None if self.name.is_empty() => write!(f, "{}", self.kind),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Which document of which source, and which entry of its list, an object is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// Index of the source (a file, or standard input).
    pub source: usize,
    /// Index of the document in the source.
    pub document: usize,
    /// Index in `items` where the document is a list.
    pub entry: Option<usize>,
}

/// One object, as data.
#[derive(Clone, Debug)]
pub struct Object {
    /// Who it is.
    pub id: ObjectRef,
    /// Where it is written.
    pub location: Location,
    /// Its data. `null` for kinds that nothing here concerns: those are never parsed. Shared, because drafts and whole sets
    /// of objects are copied often and changed seldom.
    pub value: Arc<Value>,
    /// The JSON pointer to its pod template, where its kind has one.
    pub pod_template: Option<Cow<'static, str>>,
}

impl Object {
    /// An object of a kind as the tables know it.
    pub fn new(id: ObjectRef, location: Location, value: Value) -> Self {
        Self { pod_template: super::pod::built_in(&id), id, location, value: Arc::new(value) }
    }

    /// The text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        patch::find(&self.value, pointer)?.as_str()
    }

    /// One label of the object.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// One annotation of the object.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// Whether group and kind are these; the version does not matter.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.id.kind == kind && self.id.group() == group
    }

    /// Whether the object goes by a name: its own, or one kustomize says it had before a prefix or suffix.
    pub fn is_named(&self, name: &str) -> bool {
        self.id.name == name
            || self
                .annotation("internal.config.kubernetes.io/previousNames")
                .is_some_and(|names| names.split(',').any(|previous| previous == name))
    }
}
