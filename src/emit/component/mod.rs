//! A run's outcome as a plain kustomize Component: patches and resources, for hosts that run no functions.
//!
//! For every object that changed there are up to two files. What a strategic merge makes exactly as the run does is merged: new
//! fields, and lists where none stands. The rest are JSON 6902 operations, each behind a `test` of what stood there, so that a
//! base that has changed since fails the build and is not overwritten. A merge patch also says that the object must be there:
//! kustomize passes over a JSON patch whose target it does not find.

mod difference;
mod kinds;
mod merge;

use std::collections::BTreeSet;

use json_patch::PatchOperation;
use serde_json::{Map, Value, json};

use self::difference::Difference;
use crate::krm::{Finding, Object, ObjectRef, Severity, codes};
use crate::yaml::{Style, to_yaml};

/// The first line of every file of a Component. Only files that begin so are ever replaced.
pub const MARKER: &str = "# Written by `private-sso emit`, which writes it anew; do not edit.";

/// One file of a Component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// The Component that turns the objects as they were into the objects as they are, `kustomization.yaml` last.
///
/// Both hold the same objects in the same order, but that `after` has new ones between them.
///
/// # Errors
/// The patches do not lead from one to the other: our bug.
pub fn component(before: &[Object], after: &[Object]) -> Result<(Vec<File>, Vec<Finding>), String> {
    let mut component = Component::default();
    let mut known = before.iter().peekable();
    for object in after {
        match known.next_if(|old| old.id == object.id) {
            Some(old) if old.value == object.value => {}
            Some(old) => component.patch(old, object, before)?,
            None => component.add(object),
        }
    }
    match known.next() {
        Some(lost) => Err(format!("{} is not in the result", lost.id)),
        None => Ok(component.finish()),
    }
}

#[derive(Default)]
struct Component {
    files: Vec<File>,
    resources: Vec<String>,
    patches: Vec<Value>,
    findings: Vec<Finding>,
    names: BTreeSet<String>,
}

impl Component {
    fn add(&mut self, object: &Object) {
        let name = self.file(&object.id, "", &object.value);
        self.resources.push(name);
    }

    fn patch(&mut self, old: &Object, new: &Object, all: &[Object]) -> Result<(), String> {
        if let Some(reason) = unpatchable(&old.id, all) {
            // Two of the same name say the same.
            if !self.findings.iter().any(|finding| finding.object.as_ref() == Some(&old.id)) {
                self.findings.push(Finding::new(&codes::CHANGE_IS_A_PATCH, reason).on(&old.id));
            }
            return Ok(());
        }
        if looks_hashed(&old.id) {
            let message = "must go by the name it has before kustomize puts a hash behind it, because that is the name a Component sees; build what you give to `emit` with `generatorOptions: {disableNameSuffixHash: true}`";
            let finding = Finding::new(&codes::CHANGE_IS_A_PATCH, message).on(&old.id);
            self.findings.push(finding.severity(Severity::Warning));
        }
        let wanted = head(&old.id);
        let Difference { merge, operations } =
            difference::between(&old.id, &old.value, &new.value).map_err(|reason| format!("{}: {reason}", old.id))?;
        // Merged alone it changes nothing, and fails where its object is not there.
        let presence = merge.as_ref().and_then(Value::as_object).is_some_and(Map::is_empty);
        if presence {
            self.patches.push(json!({"patch": to_yaml(&wanted, &Style::default())}));
        }
        if !operations.is_empty() {
            let operations = identity(&old.id).into_iter().chain(operations).collect::<Vec<PatchOperation>>();
            let name = self.file(&old.id, ".json-patch", &json!(operations));
            self.patches.push(json!({"path": name, "target": target(&old.id)}));
        }
        match merge {
            Some(_) if presence => {}
            Some(fields) => {
                let mut patch = wanted;
                merge::into(&mut patch, &fields);
                let name = self.file(&old.id, ".merge", &patch);
                self.patches.push(json!({"path": name}));
            }
            None => {
                let message = "holds two entries of one list under the same name, or one without a name, which a strategic merge would make one of; it is patched by operations alone, and a build in which it is missing does not fail";
                let finding = Finding::new(&codes::CHANGE_IS_A_PATCH, message).on(&old.id);
                self.findings.push(finding.severity(Severity::Warning));
            }
        }
        Ok(())
    }

    /// Adds a file under a name that no other has.
    fn file(&mut self, id: &ObjectRef, ending: &str, value: &Value) -> String {
        let parts = [Some(id.kind.as_str()), id.namespace.as_deref(), Some(id.name.as_str())];
        let stem = parts.into_iter().flatten().map(plain).collect::<Vec<_>>().join("_");
        let stems = std::iter::once(stem.clone())
            .chain(std::iter::once(format!("{stem}_{}", plain(id.group()))))
            .chain((2..).map(|number| format!("{stem}_{number}")));
        let name = stems.map(|stem| format!("{stem}{ending}.yaml")).find(|name| self.names.insert(name.clone()));
        let name = name.unwrap_or_default();
        self.files.push(File { name: name.clone(), text: text(value) });
        name
    }

    fn finish(mut self) -> (Vec<File>, Vec<Finding>) {
        let mut kustomization = Map::new();
        kustomization.insert("apiVersion".to_owned(), json!("kustomize.config.k8s.io/v1alpha1"));
        kustomization.insert("kind".to_owned(), json!("Component"));
        // Without any field of its own kustomize refuses it as empty.
        if !self.resources.is_empty() || self.patches.is_empty() {
            kustomization.insert("resources".to_owned(), json!(self.resources));
        }
        if !self.patches.is_empty() {
            kustomization.insert("patches".to_owned(), json!(self.patches));
        }
        self.files.push(File { name: "kustomization.yaml".to_owned(), text: text(&Value::Object(kustomization)) });
        (self.files, self.findings)
    }
}

fn text(value: &Value) -> String {
    format!("{MARKER}\n{}", to_yaml(value, &Style::default()))
}

/// Why kustomize cannot patch an object at all.
fn unpatchable(id: &ObjectRef, all: &[Object]) -> Option<String> {
    if kinds::is_instruction(id) {
        let message = "is read by a tool and is no resource of the build, so no patch reaches it: change it where it is written, with `private-sso apply`";
        return Some(message.to_owned());
    }
    if id.api_version.is_empty() || id.kind.is_empty() || id.name.is_empty() {
        return Some("must have `apiVersion`, `kind` and `metadata.name`, for a patch to find it".to_owned());
    }
    // A selector without a namespace selects objects of every namespace.
    let same = |other: &&Object| {
        other.id.group() == id.group()
            && other.id.kind == id.kind
            && other.id.name == id.name
            && other.id.shares_namespace(id.namespace.as_deref())
    };
    (all.iter().filter(same).count() > 1)
        .then(|| "must be the only one of its kind, namespace and name, for a patch to find it".to_owned())
}

/// Whether the name ends as those that kustomize's generators make.
fn looks_hashed(id: &ObjectRef) -> bool {
    let is_generated = id.group().is_empty() && ["ConfigMap", "Secret"].contains(&id.kind.as_str());
    let hash = id.name.rsplit_once('-').map_or("", |(_, hash)| hash);
    // The digits of a hexadecimal number, but for those that could make a word (kustomize: api/hasher/hasher.go).
    is_generated && hash.len() == 10 && hash.chars().all(|c| "ghk2456789mbcdtf".contains(c))
}

/// The smallest merge patch: it changes nothing, and must find its object.
fn head(id: &ObjectRef) -> Value {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(id.name));
    if let Some(namespace) = &id.namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    json!({"apiVersion": id.api_version, "kind": id.kind, "metadata": metadata})
}

/// What a selector must find, in its words; names are regular expressions there.
fn target(id: &ObjectRef) -> Value {
    let (group, version) = id.api_version.split_once('/').unwrap_or(("", &id.api_version));
    let mut target = Map::new();
    let expression = |text: &str| {
        let escaped =
            |c: char| if c.is_ascii_alphanumeric() || "-:_".contains(c) { c.to_string() } else { format!("\\{c}") };
        text.chars().map(escaped).collect::<String>()
    };
    let fields = [
        ("group", Some(group.to_owned()).filter(|group| !group.is_empty())),
        ("version", Some(version.to_owned())),
        ("kind", Some(id.kind.clone())),
        ("name", Some(expression(&id.name))),
        ("namespace", id.namespace.as_deref().map(expression)),
    ];
    for (key, value) in fields {
        if let Some(value) = value {
            target.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(target)
}

/// A selector also finds objects by the names they had before a prefix: the first operation asks for the name they have.
fn identity(id: &ObjectRef) -> Option<PatchOperation> {
    difference::test(&["metadata".to_owned(), "name".to_owned()], json!(id.name)).into()
}

/// A word of a file's name.
fn plain(text: &str) -> String {
    text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}
