//! Apps in rendered manifests: flags, variables, ConfigMaps and the documents in them.

use serde_json::Value;

use super::consumer::follow;
use super::{Consumer, Container, Said, Seen, World};
use crate::app::profile::{Document, DocumentFormat, Profile, Setting, ValueFrom};
use crate::app::recognise::{container_of, is_component};
use crate::krm::Place;
use crate::yaml::Format;

/// The instances of an app that workloads and ConfigMaps show.
pub(super) fn find<'a>(world: &World<'a>, profile: &'a Profile) -> Vec<Consumer<'a>> {
    let mut found = Vec::new();
    let Some(component) = profile.components.first() else { return found };
    let takes = |setting: &Setting| setting.flag.is_some() || setting.env.is_some();
    let by_pod = profile.settings.iter().any(takes);
    let maps: Vec<&str> = own_maps(profile);
    if let Some(resource) = &profile.resource {
        for object in world.of_kind(&resource.kind) {
            let it = &world.texts.objects()[object];
            if it.is(&resource.group, &resource.kind) {
                found.push(told(world, profile, Place::object(object), it.id.namespace.clone(), None));
            }
        }
    }
    if by_pod || maps.is_empty() {
        for &object in &world.pods {
            let it = &world.texts.objects()[object];
            let Some(pointer) = is_component(it, component).then(|| container_of(it, component)).flatten() else {
                continue;
            };
            let container = world.containers_of(object).into_iter().find(|own| own.place.at.as_str() == pointer);
            found.push(told(world, profile, Place::object(object), it.id.namespace.clone(), container));
        }
    } else {
        for map in maps.iter().flat_map(|name| world.named("ConfigMap", name, None)) {
            let namespace = world.texts.objects()[map].id.namespace.clone();
            let pod = world.pods.iter().copied().find(|pod| {
                let it = &world.texts.objects()[*pod];
                is_component(it, component)
                    && it.id.shares_namespace(namespace.as_deref())
                    && world.is_beside(map, *pod)
            });
            let container = pod.and_then(|pod| {
                let pointer = container_of(&world.texts.objects()[pod], component)?;
                world.containers_of(pod).into_iter().find(|own| own.place.at.as_str() == pointer)
            });
            found.push(told(world, profile, Place::object(map), namespace, container));
        }
    }
    found.retain(|consumer| consumer.issuer().is_some() || consumer.client_id().is_some());
    found
}

/// The ConfigMaps that a profile's settings are in, by the names that it gives.
fn own_maps(profile: &Profile) -> Vec<&str> {
    let keys = profile.settings.iter().filter_map(|setting| setting.config_map.as_ref()?.name.as_deref());
    let documents = profile.documents.iter().filter_map(|document| document.config_map.as_deref());
    let mut names: Vec<&str> =
        keys.chain(documents).filter(|name| !name.is_empty() && !name.starts_with('*')).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn told<'a>(
    world: &World<'a>,
    profile: &'a Profile,
    anchor: Place,
    namespace: Option<String>,
    container: Option<Container>,
) -> Consumer<'a> {
    let mut consumer = Consumer {
        profile,
        anchor,
        namespace,
        container,
        values: None,
        told: Default::default(),
        options: Default::default(),
    };
    let stands = |flag_name: &str| match &consumer.container {
        Some(container) => matches!(flag(world, container, flag_name), Seen::Is(_)),
        None => false,
    };
    consumer.profile = profile.by_flag(stands);
    for setting in consumer.profile.settings.iter().chain(&consumer.profile.options) {
        let mut seen = setting_of(world, &consumer, setting);
        if setting.from == Some(ValueFrom::ClientSecret)
            && let Seen::Is(said) = seen
        {
            seen = follow(world, &consumer, said);
        }
        record(&mut consumer, setting, seen);
    }
    by_name(world, &mut consumer);
    consumer
}

/// An app that is told the name and key of a Secret has the client secret, and maybe the id, from there.
pub(super) fn by_name(world: &World<'_>, consumer: &mut Consumer<'_>) {
    use ValueFrom::{ClientID, ClientIDSecretKey, ClientIDSecretName, ClientSecret, ClientSecretKey, ClientSecretName};
    for (what, name, key) in
        [(ClientSecret, ClientSecretName, ClientSecretKey), (ClientID, ClientIDSecretName, ClientIDSecretKey)]
    {
        let Some((place, name)) = consumer.said(name).and_then(|said| Some((said.place.clone(), said.literal()?)))
        else {
            continue;
        };
        let Some(key) = consumer.literal(key).filter(|_| !name.is_empty()) else { continue };
        let from = super::SecretKey { namespace: consumer.namespace.clone(), name, key };
        consumer.told.insert(what, Seen::Is(world.of_secret(from, &place)));
    }
}

/// Files what is known of a setting; of several for one value the one that says most counts.
pub(super) fn record<'a>(consumer: &mut Consumer<'a>, setting: &'a Setting, seen: Seen) {
    if let Some(from) = setting.from {
        let known = consumer.told.remove(&from).unwrap_or_default();
        consumer.told.insert(from, known.or(|| seen));
    } else if let Some(name) = &setting.name {
        consumer.options.insert(name, seen);
    }
}

fn setting_of(world: &World<'_>, consumer: &Consumer<'_>, setting: &Setting) -> Seen {
    if consumer.profile.is_in_winner(setting) {
        return match in_document(world, consumer, setting) {
            Seen::Is(said) => follow(world, consumer, said),
            seen => seen,
        };
    }
    let by_flag = || match (&setting.flag, &consumer.container) {
        (Some(name), Some(container)) => flag(world, container, name),
        (Some(_), None) => Seen::Unseen,
        (None, _) => Seen::Absent,
    };
    let by_variable = || match (&setting.env, &consumer.container) {
        (Some(name), Some(container)) => world.variable(container, name),
        (Some(_), None) => Seen::Unseen,
        (None, _) => Seen::Absent,
    };
    if let Some(pointer) = setting.resource.as_ref().filter(|_| is_resource(world, consumer)) {
        return world.texts.said(&consumer.anchor, pointer).map_or(Seen::Absent, Seen::Is);
    }
    by_flag().or(by_variable).or(|| in_map(world, consumer, setting)).or(|| in_document(world, consumer, setting))
}

/// Whether the app is told by the custom resource that is its configuration.
fn is_resource(world: &World<'_>, consumer: &Consumer<'_>) -> bool {
    let object = &world.texts.objects()[consumer.anchor.object];
    consumer.profile.resource.as_ref().is_some_and(|resource| object.is(&resource.group, &resource.kind))
}

/// A key of a ConfigMap of the app.
fn in_map(world: &World<'_>, consumer: &Consumer<'_>, setting: &Setting) -> Seen {
    let Some(key) = &setting.config_map else { return Seen::Absent };
    let mut is_partial = false;
    for map in holders(world, consumer, key.name.as_deref()) {
        let place = Place::object(map).under(&format!("/data/{}", crate::patch::token(&key.key)));
        if let Some(value) = world.texts.at(&place) {
            return Seen::Is(Said::new(value, place));
        }
        is_partial |= world.is_patched(map);
    }
    if is_partial { Seen::Unseen } else { Seen::Absent }
}

/// A field of a document in a ConfigMap or Secret of the app.
fn in_document(world: &World<'_>, consumer: &Consumer<'_>, setting: &Setting) -> Seen {
    let Some(field) = &setting.document else { return Seen::Absent };
    let Some(document) = consumer.profile.document(&field.name) else { return Seen::Absent };
    let others = document.other_keys.iter().map(|other| (&other.key, &other.under));
    let keys: Vec<(&String, &String)> = std::iter::once((&document.key, &document.under)).chain(others).collect();
    let format = format_of(document);
    if let Some(name) = &document.file_flag {
        return in_file(world, consumer, setting, name);
    }
    for holder in holders(world, consumer, document.config_map.as_deref()) {
        for (key, under) in &keys {
            let Some(place) = world.texts.in_data_as(holder, key, format) else { continue };
            return match world.texts.said(&place, &format!("{under}{}", field.pointer())) {
                Some(said) => Seen::Is(said),
                // A text that is no document yet may become one.
                None if world.texts.at(&place).is_some_and(|document| document.is_object()) => Seen::Absent,
                None => Seen::Unseen,
            };
        }
    }
    Seen::Unseen
}

/// A field of the document in the file that a flag names.
fn in_file(world: &World<'_>, consumer: &Consumer<'_>, setting: &Setting, flag_name: &str) -> Seen {
    let Some(container) = &consumer.container else { return Seen::Unseen };
    let path = match flag(world, container, flag_name) {
        Seen::Is(said) => said.text().unwrap_or_default(),
        Seen::Absent | Seen::Unseen => return Seen::Unseen,
    };
    let super::FileAt::Key { kind, name, key, .. } = world.file_at(container, &path) else { return Seen::Unseen };
    let holders = world.named(kind, &name, consumer.namespace.as_deref());
    let place = holders.into_iter().find_map(|holder| world.texts.in_data_as(holder, &key, Format::Yaml));
    let Some((place, field)) = place.zip(setting.document.as_ref()) else { return Seen::Unseen };
    let filled = |pointer: &str| {
        world.texts.said(&place, pointer).filter(|said| said.text().is_none_or(|text| !text.is_empty()))
    };
    if let Some(said) = filled(&field.pointer()) {
        return Seen::Is(said);
    }
    match setting.file_pointer().and_then(|pointer| filled(&pointer)) {
        Some(said) => {
            Seen::Is(Said { value: Value::String(format!("$__file{{{}}}", said.text().unwrap_or_default())), ..said })
        }
        None => Seen::Absent,
    }
}

/// How a document's text is read.
pub(super) fn format_of(document: &Document) -> Format {
    match document.format {
        DocumentFormat::Yaml => Format::Yaml,
        DocumentFormat::Json => Format::Json,
        DocumentFormat::Ini => Format::Ini,
    }
}

/// The objects that hold settings of an instance: of a name, or of whatever name its pod reads.
fn holders(world: &World<'_>, consumer: &Consumer<'_>, name: Option<&str>) -> Vec<usize> {
    let anchor = consumer.anchor.object;
    let namespace = consumer.namespace.as_deref();
    let found = match name.map(|name| (name, name.strip_prefix('*'))) {
        Some((_, Some(end))) => {
            let maps = world.of_kind("ConfigMap").into_iter();
            let is_it = |map: &usize| {
                let id = &world.texts.objects()[*map].id;
                id.name.ends_with(end) && id.shares_namespace(namespace)
            };
            maps.filter(is_it).collect()
        }
        Some((name, None)) => world.named("ConfigMap", name, namespace),
        None => read_by(world, consumer),
    };
    if found.contains(&anchor) { vec![anchor] } else { world.nearest(found, anchor) }
}

/// The ConfigMaps and Secrets that the app's container reads.
fn read_by(world: &World<'_>, consumer: &Consumer<'_>) -> Vec<usize> {
    let Some(container) = &consumer.container else { return Vec::new() };
    let mounts = world.mounts(container);
    let mounted = mounts.iter().filter_map(|mount| world.volume(container, &mount.volume));
    let mut names: Vec<(&str, String)> = Vec::new();
    for (volume, _) in mounted {
        names.extend(super::sources_of(&volume).into_iter().map(|(kind, name, _)| (kind, name)));
    }
    for (source, _) in world.list(&container.env_from) {
        let named = |field: &str| source.pointer(&format!("/{field}/name")).and_then(Value::as_str).map(str::to_owned);
        names.extend(named("configMapRef").map(|name| ("ConfigMap", name)));
        names.extend(named("secretRef").map(|name| ("Secret", name)));
    }
    let namespace = consumer.namespace.as_deref();
    names.iter().flat_map(|(kind, name)| world.named(kind, name, namespace)).collect()
}

/// A flag with one or two dashes; the last one counts. `$(NAME)` is followed to the variable.
pub(super) fn flag(world: &World<'_>, container: &Container, name: &str) -> Seen {
    let words = world.list(&container.args);
    let text = |index: usize| words.get(index).and_then(|(word, _)| word.as_str());
    let is_shell =
        text(0).is_some_and(|word| ["sh", "bash", "ash"].contains(&word.rsplit('/').next().unwrap_or_default()));
    if is_shell {
        return Seen::Unseen;
    }
    for index in (0..words.len()).rev() {
        let Some(bare) = text(index).filter(|word| word.starts_with('-')).map(|word| word.trim_start_matches('-'))
        else {
            continue;
        };
        let (value, place) = match bare.split_once('=') {
            Some((found, value)) if found == name => (value.to_owned(), words[index].1.clone()),
            None if bare == name => match text(index + 1).filter(|next| !next.starts_with('-')) {
                Some(next) => (next.to_owned(), words[index + 1].1.clone()),
                None => ("true".to_owned(), words[index].1.clone()),
            },
            _ => continue,
        };
        let variable = value.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
        return match variable.map(|name| world.variable(container, name)) {
            None => Seen::Is(Said::new(Value::String(value), place)),
            Some(Seen::Is(said)) => Seen::Is(said),
            Some(_) => Seen::Unseen,
        };
    }
    // A file may say what no flag does.
    let has_file = words.iter().any(|(word, _)| {
        word.as_str().is_some_and(|word| ["--config", "-config"].contains(&word.split('=').next().unwrap_or_default()))
    });
    if container.is_partial || has_file { Seen::Unseen } else { Seen::Absent }
}
