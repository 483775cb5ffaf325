//! ConfigMaps and Secrets that kustomize makes of files and literals: where the text of a key is
//! (kustomize: api/types/kvpairsources.go).

use serde_json::Value;

use super::{Manifests, Object, Place, files};
use crate::yaml::Encoding;

/// The texts that a generated ConfigMap or Secret has under a key.
pub fn texts(manifests: &Manifests, kind: &str, name: &str, key: &str) -> Vec<Place> {
    let field = match kind {
        "ConfigMap" => "configMapGenerator",
        "Secret" => "secretGenerator",
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for (index, object) in manifests.objects.iter().enumerate().filter(|(_, object)| is_kustomization(object)) {
        let entries = object.value.get(field).and_then(Value::as_array).into_iter().flatten().enumerate();
        for (entry, generator) in entries.filter(|(_, generator)| generator["name"] == name) {
            found.extend(in_files(manifests, object, generator, key));
            let literals = generator.get("literals").and_then(Value::as_array).into_iter().flatten().enumerate();
            let is_it = |literal: &Value| literal.as_str().is_some_and(|text| text.split('=').next() == Some(key));
            let places = literals.filter(|(_, literal)| is_it(literal)).map(|(literal, _)| {
                Place::object(index).embedded(&format!("/{field}/{entry}/literals/{literal}"), Encoding::Assigned)
            });
            found.extend(places);
        }
    }
    found
}

/// `files: [key=path]`, or `path` whose last part is the key.
fn in_files(manifests: &Manifests, object: &Object, generator: &Value, key: &str) -> Vec<Place> {
    let Some(folder) = manifests.files.folder_of(object) else { return Vec::new() };
    let named = generator.get("files").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    named
        .map(|entry| entry.split_once('=').unwrap_or((files::name(entry), entry)))
        .filter(|(name, _)| *name == key)
        .filter_map(|(_, path)| manifests.files.document(&files::join(folder, path)))
        .filter(|index| manifests.objects[*index].id.kind.is_empty())
        .map(Place::object)
        .collect()
}

fn is_kustomization(object: &Object) -> bool {
    object.is("kustomize.config.k8s.io", "Kustomization") || object.is("kustomize.config.k8s.io", "Component")
}
