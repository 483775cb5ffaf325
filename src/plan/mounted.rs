//! What a container reads: which key of which ConfigMap or Secret a path is, and which objects its pod refers to.

use serde_json::Value;

use super::planner::Planner;
use crate::krm::pod::{containers, template_pointer};
use crate::krm::{Object, Place, generators};
use crate::patch::token;
use crate::yaml::{Encoding, Format};

/// A file in a volume: which key of which object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mounted {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) key: String,
}

impl Mounted {
    /// Every object of that name: the same one may come twice.
    pub(super) fn holders(&self, planner: &Planner<'_>, namespace: Option<&str>) -> Vec<Place> {
        let is_it = |object: &Object| {
            object.is("", self.kind) && object.is_named(&self.name) && object.id.shares_namespace(namespace)
        };
        let found = planner.manifests.objects.iter().enumerate().filter(|(_, object)| is_it(object));
        let made = generators::texts(&planner.manifests, self.kind, &self.name, &self.key);
        let held = found.filter_map(|(index, object)| text_place(object, index, &self.key, Format::Yaml));
        held.chain(made).collect()
    }
}

/// The place of the text under a key of a Secret or ConfigMap.
pub(super) fn text_place(object: &Object, index: usize, key: &str, format: Format) -> Option<Place> {
    let place = |field: &str, encoding| {
        Some(Place::object(index).embedded_as(&format!("/{field}/{}", token(key)), encoding, format))
    };
    let has = |field: &str| object.value.get(field).and_then(|data| data.get(key)).is_some_and(Value::is_string);
    match object.id.kind.as_str() {
        "Secret" if has("stringData") => place("stringData", Encoding::Plain),
        "Secret" if has("data") => place("data", Encoding::Base64),
        "ConfigMap" if has("data") => place("data", Encoding::Plain),
        _ => None,
    }
}

/// The keys that a path in a container may be: several where sources are projected into one folder.
pub(super) fn at_path(object: &Object, container: &str, path: &str) -> Vec<Mounted> {
    found(object, container, path).unwrap_or_default()
}

fn found(object: &Object, container: &str, path: &str) -> Option<Vec<Mounted>> {
    let mounts = object.value.pointer(container)?.get("volumeMounts")?.as_array()?;
    let (mount, rest) = mounts
        .iter()
        .filter_map(|mount| {
            let at = mount["mountPath"].as_str()?.trim_end_matches('/');
            let rest = path.strip_prefix(at)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((mount, rest.trim_start_matches('/')))
        })
        .min_by_key(|(_, rest)| rest.len())?;
    let file = if rest.is_empty() { mount["subPath"].as_str()? } else { rest };
    let template = template_pointer(object)?;
    let volumes = object.value.pointer(&format!("{template}/spec/volumes"))?.as_array()?;
    let volume = volumes.iter().find(|volume| volume["name"] == mount["name"])?;
    let key_of = |source: &Value| match source.get("items").and_then(Value::as_array) {
        Some(items) => Some(items.iter().find(|item| item["path"] == file)?["key"].as_str()?.to_owned()),
        None => Some(file.to_owned()),
    };
    let sources = sources(volume);
    let keys = sources
        .into_iter()
        .filter_map(|(kind, name, source)| Some(Mounted { kind, name: name.to_owned(), key: key_of(source)? }));
    Some(keys.collect())
}

/// The ConfigMaps and Secrets that a volume is made of: kind, name, and the source as it stands.
fn sources(volume: &Value) -> Vec<(&'static str, &str, &Value)> {
    let direct = [("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")];
    let direct = direct.iter().filter_map(|(kind, field, name)| Some((*kind, volume.get(field)?, *name)));
    let projected = volume.pointer("/projected/sources").and_then(Value::as_array).into_iter().flatten();
    let projected = projected.flat_map(|source| {
        let kinds = [("Secret", "secret"), ("ConfigMap", "configMap")];
        kinds.into_iter().filter_map(move |(kind, field)| Some((kind, source.get(field)?, "name")))
    });
    direct
        .chain(projected)
        .filter_map(|(kind, source, name)| Some((kind, source.get(name)?.as_str()?, source)))
        .collect()
}

/// Every ConfigMap and Secret that the pod of a workload refers to: all keys as variables first, then single ones, then volumes.
pub(super) fn references(object: &Object) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    let mut add = |kind: &'static str, name: Option<&Value>| {
        if let Some(name) = name.and_then(Value::as_str)
            && !found.iter().any(|(known, of)| *known == kind && of == name)
        {
            found.push((kind, name.to_owned()));
        }
    };
    let all = containers(object);
    for container in &all {
        for entry in crate::krm::pod::entries(container.value, "envFrom") {
            add("ConfigMap", entry.pointer("/configMapRef/name"));
            add("Secret", entry.pointer("/secretRef/name"));
        }
    }
    for container in &all {
        for entry in crate::krm::pod::entries(container.value, "env") {
            add("ConfigMap", entry.pointer("/valueFrom/configMapKeyRef/name"));
            add("Secret", entry.pointer("/valueFrom/secretKeyRef/name"));
        }
    }
    let volumes = template_pointer(object).and_then(|at| object.value.pointer(&format!("{at}/spec/volumes")));
    for volume in volumes.and_then(Value::as_array).into_iter().flatten() {
        for (kind, name, _) in sources(volume) {
            add(kind, Some(&Value::String(name.to_owned())));
        }
    }
    found
}
