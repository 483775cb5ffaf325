//! Where the documents and keys of an app are: in a ConfigMap of a name, or in what its first component reads.

use serde_json::Value;

use super::variable;
use crate::app::profile::{ConfigMapKey, Document, DocumentFormat, Profile, Setting};
use crate::config::Client;
use crate::krm::{Finding, Object, Place, codes};
use crate::patch::token;
use crate::plan::app_flags::flag_of;
use crate::plan::instance::{config_maps, container_of, of_client, plain};
use crate::plan::mounted::{Mounted, at_path, references, text_place};
use crate::plan::planner::Planner;
use crate::yaml::{Encoding, Format};

/// A document in a ConfigMap or Secret of the input.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The object that holds it.
    pub(super) holder: usize,
    /// The document's root.
    pub(super) place: Place,
    /// Pointer to the part of it that fields are in.
    pub(super) under: String,
}

/// How a document's text is read.
pub(super) fn format_of(document: &Document) -> Format {
    match document.format {
        DocumentFormat::Yaml => Format::Yaml,
        DocumentFormat::Json => Format::Json,
        DocumentFormat::Ini => Format::Ini,
    }
}

/// The app's namespace: that of its workloads, or the stated one.
pub(super) fn namespace_of(planner: &mut Planner<'_>, client: &Client) -> Option<String> {
    let instance = of_client(planner, client);
    instance.and_then(|instance| instance.namespace).or_else(|| client.namespace.clone())
}

/// Every place of a document: one where it stands, else one where it may be made.
pub(super) fn documents(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    document: &Document,
) -> Vec<Found> {
    if let Some(flag) = &document.file_flag {
        let (file, namespace) = (file_of_flag(planner, client, profile, flag), namespace_of(planner, client));
        let places = file.map(|file| file.holders(planner, namespace.as_deref())).unwrap_or_default();
        let under = || document.under.clone();
        return places.into_iter().map(|place| Found { holder: place.object, place, under: under() }).collect();
    }
    let keys: Vec<(&str, &str)> = std::iter::once((document.key.as_str(), document.under.as_str()))
        .chain(document.other_keys.iter().map(|other| (other.key.as_str(), other.under.as_str())))
        .collect();
    let holders = match &document.config_map {
        Some(name) => by_name(planner, client, profile, name),
        None => {
            let mut holders = read_by_component(planner, client, profile);
            holders.retain(|index| keys.iter().any(|(key, _)| has(&planner.manifests.objects[*index], key)));
            if holders.is_empty() && document.in_variable {
                holders = variable::holders(planner, client, profile, document);
            }
            holders
        }
    };
    let format = format_of(document);
    let mut found = Vec::new();
    for holder in holders {
        let object = &planner.manifests.objects[holder];
        let stands = keys.iter().find(|(key, _)| has(object, key));
        let Some((key, under)) = stands.or_else(|| keys.first().filter(|_| !document.must_exist)) else {
            continue;
        };
        let encoding = if object.is("", "Secret") { Encoding::Base64 } else { Encoding::Plain };
        let new = || Place::object(holder).embedded_as(&format!("/data/{}", token(key)), encoding, format);
        let place = text_place(object, holder, key, format).unwrap_or_else(new);
        found.push(Found { holder, place, under: (*under).to_owned() });
    }
    found
}

/// The key of a ConfigMap or Secret that is mounted where a flag of the first component says.
fn file_of_flag(planner: &mut Planner<'_>, client: &Client, profile: &Profile, flag: &str) -> Option<Mounted> {
    let (instance, component) = (of_client(planner, client)?, profile.components.first()?);
    let path = flag_of(planner, &instance, component, flag)?;
    file_in_container(planner, client, profile, &path)
}

/// The key of a ConfigMap or Secret that is mounted at a path of the first component's container.
pub(super) fn file_in_container(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    path: &str,
) -> Option<Mounted> {
    let (instance, component) = (of_client(planner, client)?, profile.components.first()?);
    instance.of(&component.name).find_map(|object| {
        let object = &planner.manifests.objects[object];
        at_path(object, &container_of(object, component)?, path).into_iter().next()
    })
}

/// Says what must stand in the file that a flag names, where that is not in the input.
pub(super) fn report_unseen(planner: &mut Planner<'_>, client: &Client, profile: &Profile, document: &Document) {
    let (Some(flag), Some(advice)) = (&document.file_flag, &document.advice) else { return };
    if !documents(planner, client, profile, document).is_empty() {
        return;
    }
    let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else { return };
    let file = file_of_flag(planner, client, profile, flag);
    let held = file.map(|file| format!(" (key {} of {} {})", file.key, file.kind, file.name)).unwrap_or_default();
    let message = format!("the file of `--{flag}`{held} is not in the input: {advice}");
    for object in instance.of(&component.name).collect::<Vec<_>>() {
        planner.report_at(&Place::object(object), "", Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message.clone()));
    }
}

/// The ConfigMaps that hold a key of a setting, or are to hold it.
pub(super) fn keys(planner: &mut Planner<'_>, client: &Client, profile: &Profile, target: &ConfigMapKey) -> Vec<usize> {
    if let Some(name) = &target.name {
        return by_name(planner, client, profile, name);
    }
    let read = read_by_component(planner, client, profile);
    let maps: Vec<usize> =
        read.into_iter().filter(|index| planner.manifests.objects[*index].is("", "ConfigMap")).collect();
    // The one that has the key, or another key of the app's; else the only one.
    let known: Vec<&str> =
        profile.settings.iter().filter_map(|setting| Some(setting.config_map.as_ref()?.key.as_str())).collect();
    let with = |keys: &[&str]| {
        let holds = |index: &&usize| keys.iter().any(|key| has(&planner.manifests.objects[**index], key));
        maps.iter().find(holds).copied()
    };
    let only = if maps.len() == 1 { maps.first().copied() } else { None };
    with(&[target.key.as_str()]).or_else(|| with(&known)).or(only).into_iter().collect()
}

/// What the documents and ConfigMaps in the input say of a setting: nothing where none of them is there.
pub(in crate::plan) fn said(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    setting: &Setting,
) -> Option<Option<String>> {
    if let Some(target) = &setting.document
        && let Some(document) = profile.document(&target.name).cloned()
    {
        let found = documents(planner, client, profile, &document).into_iter().next();
        if let Some(found) = found {
            let draft = planner.manifests.draft(&found.place).ok()?;
            let filled = |pointer: &str| {
                let text = draft.get(&format!("{}{pointer}", found.under)).map(plain)?;
                Some(text).filter(|text| !text.is_empty() || setting.file_field.is_none())
            };
            let by_file = || Some(format!("$__file{{{}}}", filled(&setting.file_pointer()?)?));
            return Some(filled(&target.pointer()).or_else(by_file));
        }
    }
    let target = setting.config_map.as_ref()?;
    let map = keys(planner, client, profile, target).into_iter().next()?;
    let draft = planner.manifests.draft(&Place::object(map)).ok()?;
    Some(draft.get(&format!("/data/{}", token(&target.key))).map(plain))
}

fn by_name(planner: &mut Planner<'_>, client: &Client, profile: &Profile, name: &str) -> Vec<usize> {
    let namespace = namespace_of(planner, client);
    let whom = format!("client {}", client.id);
    let found = config_maps(planner, name, namespace.as_deref(), &whom);
    let names = |planner: &Planner<'_>, found: &[usize]| {
        let mut names: Vec<String> =
            found.iter().map(|index| planner.manifests.objects[*index].id.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    if !name.starts_with('*') || names(planner, &found).len() < 2 {
        return found;
    }
    // Several releases: the one whose workload reads it.
    let read = read_by_component(planner, client, profile);
    let of_release: Vec<usize> = found.iter().copied().filter(|index| read.contains(index)).collect();
    if names(planner, &of_release).len() == 1 {
        return of_release;
    }
    let message = format!(
        "{whom} must match one ConfigMap {name}, and the input has {}; say which with `namespace`",
        names(planner, &found).join(" and ")
    );
    planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
    Vec::new()
}

/// The ConfigMaps and Secrets in the input that the app's first component reads, in the order of [`references`].
fn read_by_component(planner: &mut Planner<'_>, client: &Client, profile: &Profile) -> Vec<usize> {
    let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else {
        return Vec::new();
    };
    let objects = &planner.manifests.objects;
    let mut found: Vec<usize> = Vec::new();
    for workload in instance.of(&component.name) {
        let namespace = objects[workload].id.namespace.as_deref().or(instance.namespace.as_deref());
        for (kind, name) in references(&objects[workload]) {
            let is_it = |object: &Object| {
                object.is("", kind) && object.is_named(&name) && object.id.shares_namespace(namespace)
            };
            let all = objects.iter().enumerate().filter(|(_, object)| is_it(object)).map(|(index, _)| index);
            found.extend(all.filter(|index| !found.contains(index)).collect::<Vec<_>>());
        }
    }
    found
}

fn has(object: &Object, key: &str) -> bool {
    ["data", "stringData"]
        .iter()
        .any(|field| object.value.get(field).and_then(|data| data.get(key)).is_some_and(Value::is_string))
}
