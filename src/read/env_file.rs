//! Env files of kustomize's generators: such a file is the data of the ConfigMap or Secret that is made of it, and is read
//! as that object.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Document, Form, Input, Source};
use crate::krm::{FilePath, Location, Object, ObjectRef, files};
use crate::yaml::env_values;

/// A ConfigMap or Secret that a generator makes of one env file and nothing else.
#[derive(Clone, Debug)]
pub struct EnvFile {
    kind: &'static str,
    generator: Value,
    namespace: Option<String>,
    /// Index of the Kustomization's source.
    pub source: usize,
    /// The path as it stands there, from the Kustomization's folder on.
    pub path: String,
}

impl Input {
    /// The env files that Kustomizations here refer to. One that also has other sources, or adds to another ConfigMap, is
    /// not the whole of it, and left to be unseen.
    pub fn env_files(&self) -> Vec<EnvFile> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for object in &self.objects {
            let is_it = ["Kustomization", "Component"].iter().any(|kind| object.is("kustomize.config.k8s.io", kind));
            let place = self.sources.get(object.location.source).and_then(|source| source.path.as_ref());
            let Some(place) = place.filter(|_| is_it) else { continue };
            let namespace = object.text("/namespace").map(str::to_owned);
            for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
                for generator in object.value.get(field).and_then(Value::as_array).into_iter().flatten() {
                    let Some(path) = only_file(generator) else { continue };
                    let own = generator["namespace"].as_str().map(str::to_owned);
                    if seen.insert(files::join(files::parent(&place.path), path)) {
                        found.push(EnvFile {
                            kind,
                            generator: generator.clone(),
                            namespace: own.or_else(|| namespace.clone()),
                            source: object.location.source,
                            path: path.to_owned(),
                        });
                    }
                }
            }
        }
        found
    }

    /// Adds the object that an env file makes; nothing where its lines do not say all of it.
    pub fn add_env_file(&mut self, file: &EnvFile, name: String, text: String, path: FilePath) {
        let Some(values) = env_values(&text) else { return };
        let field = field_of(file.kind);
        let mut value = json!({"apiVersion": "v1", "kind": file.kind, "metadata": {"name": file.generator["name"]}});
        value[field] = json!(values);
        if let Some(namespace) = &file.namespace {
            value["metadata"]["namespace"] = json!(namespace);
        }
        for name in ["labels", "annotations"] {
            if let Some(known) = file.generator.pointer(&format!("/options/{name}")) {
                value["metadata"][name] = known.clone();
            }
        }
        let location = Location { source: self.sources.len(), document: 0, entry: None };
        let form = Form::Env { object: self.objects.len(), field };
        self.objects.push(Object::new(ObjectRef::of(&value), location, value));
        let documents = vec![Document { range: 0..text.len(), first_line: 1, form }];
        self.sources.push(Source { name: Some(name), path: Some(path), within: None, text, documents });
    }
}

/// Where the object keeps what stands in the file as it is.
fn field_of(kind: &str) -> &'static str {
    if kind == "Secret" { "stringData" } else { "data" }
}

/// The generator's env file, where it is all that it is made of.
fn only_file(generator: &Value) -> Option<&str> {
    let list = |field: &str| generator.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let adds = generator["behavior"].as_str().is_some_and(|behavior| behavior != "create");
    if adds || !generator["name"].is_string() || !list("literals").is_empty() || !list("files").is_empty() {
        return None;
    }
    match (generator["env"].as_str(), list("envs")) {
        (Some(path), []) => Some(path),
        (None, [path]) => path.as_str(),
        _ => None,
    }
}
