//! The volume that shows the CA: one that stands is used, and given the files it lacks; else one is added.

use serde_json::{Map, Value, json};

use super::lists::Lists;
use crate::config::{Source, Trust};
use crate::krm::pod::entries;
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;
use crate::plan::planner::Planner;

/// The volume to mount, and what it takes to have it.
pub(super) struct Volume {
    pub(super) name: String,
    change: Change,
}

enum Change {
    None,
    /// The whole volume.
    Add(Value),
    /// A list that the volume has not got, or what it gets more in one.
    Set(String, Value),
    Append(String, Vec<Value>),
}

impl Volume {
    /// Makes the list of volumes hold it.
    pub(super) fn edit(&self, draft: &mut Draft) {
        match &self.change {
            Change::None => {}
            Change::Add(volume) => draft.append("", volume.clone()),
            Change::Set(pointer, value) => draft.set(pointer, value.clone()),
            Change::Append(pointer, values) => values.iter().for_each(|value| draft.append(pointer, value.clone())),
        }
    }
}

/// Where a volume shows the CA's key.
pub(super) struct Shown {
    /// JSON pointer, below the volume, to what names the ConfigMap, Secret or ClusterTrustBundle.
    at: String,
    /// The names under which it is there; nothing where the volume shows all keys under their own names.
    files: Option<Vec<String>>,
    /// Whether the volume shows nothing that is not the CA's, as far as can be told.
    is_alone: bool,
}

/// The volume of the CA: the one of the same source that is mounted already, or one that may be; else ours.
/// `files` are the names that the CA's key must have in it.
pub(super) fn volume_of(
    planner: &mut Planner<'_>,
    trust: &Trust,
    lists: &Lists,
    drafts: (&Draft, &Draft),
    files: &[String],
) -> Option<Volume> {
    let (mounts, volumes) = (drafts.0.list(""), drafts.1.list(""));
    let named = |index: usize| volumes[index]["name"].as_str().unwrap_or_default().to_owned();
    let is_mounted = |index: usize| {
        mounts.iter().any(|mount| mount["name"] == volumes[index]["name"] && is_at(mount, &trust.mount_path))
    };
    let same = |index: &usize| shown_in(trust, &volumes[*index]).map(|shown| (*index, shown));
    let mut same: Vec<(usize, Shown)> = (0..volumes.len()).filter_map(|index| same(&index)).collect();
    // A stable sort: of several, the first one in the list.
    same.sort_by_key(|(index, _)| !is_mounted(*index));
    for (index, shown) in same {
        let (name, is_mounted) = (named(index), is_mounted(index));
        // Where it is not mounted yet, nothing else may come along with it.
        if !is_mounted && !shown.is_alone && name != trust.volume_name {
            continue;
        }
        match complete(planner, trust, lists, (index, &name), shown, files) {
            Ok(change) => return Some(Volume { name, change }),
            Err(_) if !is_mounted && name != trust.volume_name => {}
            Err(finding) => {
                planner.report_at(&lists.volumes, &format!("/{index}"), *finding);
                return None;
            }
        }
    }
    if let Some(index) = volumes.iter().position(|volume| volume["name"] == trust.volume_name.as_str()) {
        let message = format!(
            "the volume name \"{}\" must be free or have the document's source; rename the volume, or set `trust.volumeName`",
            trust.volume_name
        );
        planner.report_at(&lists.volumes, &format!("/{index}"), Finding::new(&codes::VOLUME_NAME_IS_FREE, message));
        return None;
    }
    Some(Volume { name: trust.volume_name.clone(), change: Change::Add(new(trust, files)) })
}

/// A volume of ours, with the key under its own name and under further ones.
fn new(trust: &Trust, files: &[String]) -> Value {
    let name = &trust.volume_name;
    let key = trust.key();
    let extra = files.iter().filter(|file| *file != key).collect::<Vec<_>>();
    let items = || Value::Array(std::iter::once(&key.to_owned()).chain(extra.clone()).map(|f| item(key, f)).collect());
    let with_optional = |mut source: Map<String, Value>, optional: bool| {
        if optional {
            source.insert("optional".to_owned(), Value::Bool(true));
        }
        Value::Object(source)
    };
    match &trust.source {
        Source::ConfigMap { name: map, optional, .. } => {
            let mut source = Map::from_iter([("name".to_owned(), json!(map))]);
            if !extra.is_empty() {
                source.insert("items".to_owned(), items());
            }
            json!({"name": name, "configMap": with_optional(source, *optional)})
        }
        Source::Secret { name: secret, optional, .. } => {
            // Only the key, so that no private key comes along.
            let source = Map::from_iter([("secretName".to_owned(), json!(secret)), ("items".to_owned(), items())]);
            json!({"name": name, "secret": with_optional(source, *optional)})
        }
        Source::ClusterTrustBundle { optional, .. } => {
            let all = std::iter::once(key).chain(extra.iter().map(|file| file.as_str()));
            let sources: Vec<Value> = all.map(|file| bundle(trust, file, *optional)).collect();
            json!({"name": name, "projected": {"sources": sources}})
        }
    }
}

fn item(key: &str, file: &str) -> Value {
    json!({"key": key, "path": file})
}

/// One source of a projected volume.
fn bundle(trust: &Trust, file: &str, optional: bool) -> Value {
    let mut source = match &trust.source {
        Source::ClusterTrustBundle { selection, .. } => selection.clone(),
        _ => Map::new(),
    };
    source.insert("path".to_owned(), json!(file));
    if optional {
        source.insert("optional".to_owned(), Value::Bool(true));
    }
    json!({"clusterTrustBundle": source})
}

/// Where a volume shows the CA's key, under whatever name; nothing for a volume of another source.
pub(super) fn shown_in(trust: &Trust, volume: &Value) -> Option<Shown> {
    // One without a name cannot be mounted.
    volume["name"].as_str().filter(|name| !name.is_empty())?;
    let (field, direct_name, name) = match &trust.source {
        Source::ConfigMap { name, .. } => ("configMap", "name", name),
        Source::Secret { name, .. } => ("secret", "secretName", name),
        Source::ClusterTrustBundle { selection, .. } => {
            let same = |bundle: &Value| {
                ["name", "signerName", "labelSelector"].iter().all(|field| bundle.get(*field) == selection.get(*field))
            };
            let own = sources(volume).filter_map(|(_, source)| source.get("clusterTrustBundle")).filter(|b| same(b));
            let files: Vec<String> = own.filter_map(|bundle| Some(bundle.get("path")?.as_str()?.to_owned())).collect();
            let is_alone = files.len() == sources(volume).count();
            return (!files.is_empty()).then(|| Shown { at: "/projected".to_owned(), files: Some(files), is_alone });
        }
    };
    let direct = volume.get(field).map(|source| (format!("/{field}"), source, direct_name));
    let projected = sources(volume).filter_map(|(index, source)| {
        Some((format!("/projected/sources/{index}/{field}"), source.get(field)?, "name"))
    });
    direct.into_iter().chain(projected).find_map(|(at, source, name_field)| {
        if source.get(name_field)? != name.as_str() {
            return None;
        }
        let is_only = sources(volume).count() < 2;
        let items = source.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
        let Some(items) = items else {
            // All of a ConfigMap is public; of a Secret it is not.
            return Some(Shown { at, files: None, is_alone: is_only && field == "configMap" });
        };
        let own = items.iter().filter(|item| item["key"] == trust.key());
        let files: Vec<String> = own.filter_map(|item| Some(item["path"].as_str()?.to_owned())).collect();
        let is_alone = is_only && (field == "configMap" || files.len() == items.len());
        (!files.is_empty()).then_some(Shown { at, files: Some(files), is_alone })
    })
}

fn sources(volume: &Value) -> impl Iterator<Item = (usize, &Value)> {
    volume.pointer("/projected/sources").and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// What a standing volume gets more, so that it shows the key under all the names; a finding where that would harm.
fn complete(
    planner: &Planner<'_>,
    trust: &Trust,
    lists: &Lists,
    (index, volume): (usize, &str),
    Shown { at, files, .. }: Shown,
    wanted: &[String],
) -> Result<Change, Box<Finding>> {
    let key = trust.key();
    let known = files.clone().unwrap_or_else(|| vec![key.to_owned()]);
    let missing: Vec<&String> = wanted.iter().filter(|file| !known.contains(file)).collect();
    if missing.is_empty() {
        return Ok(Change::None);
    }
    if let Source::ClusterTrustBundle { optional, .. } = &trust.source {
        let more = missing.iter().map(|file| bundle(trust, file, *optional)).collect();
        return Ok(Change::Append(format!("/{index}{at}/sources"), more));
    }
    let pointer = format!("/{index}{at}/items");
    if files.is_some() {
        return Ok(Change::Append(pointer, missing.iter().map(|file| item(key, file)).collect()));
    }
    // With `items` the volume shows nothing else any more, so whoever mounts it for something else would lose that.
    if lists.mounts_of_pod(planner).iter().any(|m| m["name"] == volume && !is_whole_at(m, &trust.mount_path)) {
        let names: Vec<String> = missing.iter().map(|file| format!("\"{file}\"")).collect();
        let message = format!(
            "the volume \"{volume}\" must show {key} as {} too, and is mounted elsewhere as well; give it `items` with all the files that are needed",
            names.join(" and ")
        );
        return Err(Box::new(Finding::new(&codes::WORKLOAD_CAN_TRUST, message)));
    }
    let mut items: Vec<Value> = keys_of(planner, trust, lists).iter().map(|other| item(other, other)).collect();
    if !items.iter().any(|item| item["key"] == key) {
        items.insert(0, item(key, key));
    }
    items.extend(missing.iter().map(|file| item(key, file)));
    Ok(Change::Set(pointer, Value::Array(items)))
}

/// The keys of the ConfigMap or Secret, where it is in the input: what is in it stays to be seen.
fn keys_of(planner: &Planner<'_>, trust: &Trust, lists: &Lists) -> Vec<String> {
    let (kind, name) = match &trust.source {
        Source::ConfigMap { name, .. } => ("ConfigMap", name),
        Source::Secret { name, .. } => ("Secret", name),
        Source::ClusterTrustBundle { .. } => return Vec::new(),
    };
    let objects = &planner.manifests.objects;
    let namespace = objects[lists.volumes.object].id.namespace.as_deref();
    let found = objects.iter().find(|o| o.is("", kind) && o.is_named(name) && o.id.shares_namespace(namespace));
    let maps = ["data", "binaryData", "stringData"].iter().filter_map(|field| found?.value.get(*field)?.as_object());
    maps.flat_map(|map| map.keys().cloned()).collect()
}

/// Whether a mount is at a path.
pub(super) fn is_at(mount: &Value, path: &str) -> bool {
    mount["mountPath"].as_str().is_some_and(|at| at.trim_end_matches('/') == path)
}

fn is_whole_at(mount: &Value, path: &str) -> bool {
    is_at(mount, path) && !is_part(mount)
}

/// Whether a mount shows a part of its volume only.
fn is_part(mount: &Value) -> bool {
    ["subPath", "subPathExpr"].iter().any(|field| mount[*field].as_str().is_some_and(|path| !path.is_empty()))
}

/// Whether the volume can be mounted beside what is; a finding says why not.
pub(super) fn can_mount(planner: &mut Planner<'_>, trust: &Trust, place: &Place, draft: &Draft, volume: &str) -> bool {
    let path = &trust.mount_path;
    let is_there = draft.list("").iter().any(|mount| is_at(mount, path));
    for (index, mount) in draft.list("").iter().enumerate() {
        let Some(at) = mount["mountPath"].as_str().map(|at| at.trim_end_matches('/').to_owned()) else { continue };
        let shown = if at.is_empty() { "/" } else { &at };
        let (code, message) = if at == *path && (mount["name"] != volume || is_part(mount)) {
            let name = mount["name"].as_str().unwrap_or_default();
            let part = if mount["name"] == volume { "a part of " } else { "" };
            let message = format!(
                "the path {at} must be free; {part}volume \"{name}\" is mounted there; move it, or set `trust.mountPath`"
            );
            (&codes::MOUNT_PATH_IS_FREE, message)
        } else if at.is_empty() || path.starts_with(&format!("{at}/")) {
            // A mount point cannot be made below a read-only ConfigMap or Secret.
            let message = format!(
                "{shown} must not be mounted itself, for the CA to be mounted at {path}; set `trust.mountPath` elsewhere"
            );
            (&codes::WORKLOAD_CAN_TRUST, message)
        } else if !is_there && at.starts_with(&format!("{path}/")) {
            let message = format!(
                "{shown} must not be mounted below {path}, where the CA is mounted, read-only; move it, or set `trust.mountPath`"
            );
            (&codes::WORKLOAD_CAN_TRUST, message)
        } else {
            continue;
        };
        planner.report_at(place, &format!("/{index}"), Finding::new(code, message));
        return false;
    }
    true
}

/// All mounts of all containers of a pod.
pub(super) fn mounts_of(pod: &Value) -> Vec<Value> {
    let containers = ["initContainers", "containers"].into_iter().flat_map(|list| entries(pod, list));
    containers.flat_map(|container| entries(container, "volumeMounts")).cloned().collect()
}
