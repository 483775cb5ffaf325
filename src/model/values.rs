//! Apps in Helm values: of the carriers, and in files of values that lie beside them.

use serde_json::Value;

use super::consumer::follow;
use super::rendered::{by_name, flag, format_of, record};
use super::{Consumer, Container, Said, SecretKey, Seen, World};
use crate::app::profile::{PodValues, Profile, Setting, ValueFrom};
use crate::carrier::Release;
use crate::krm::Place;

/// A release's values, below the umbrella chart's key if it has one.
#[derive(Clone, Debug)]
pub struct Values {
    /// The release.
    pub release: Release,
    /// JSON pointer to the chart's own values.
    pub prefix: String,
    /// Whether more values are there than the input shows.
    pub is_partial: bool,
}

impl Values {
    /// What counts for a pointer.
    pub fn get(&self, world: &World<'_>, pointer: &str) -> Seen {
        let full = format!("{}{pointer}", self.prefix);
        if let Some(known) = self.release.overrides.iter().rfind(|known| known.pointer == full) {
            let said = world.texts.said(&known.list, &known.value);
            return said.map_or(Seen::Unseen, |mut said| {
                if let (true, Some(text)) = (known.expands, said.text()) {
                    said.value = Value::String(text.replace("$$", "$"));
                }
                Seen::Is(said)
            });
        }
        if let Some(target) = self.release.targets.iter().find(|target| target.pointer == full) {
            let place = Place::object(self.release.object);
            let namespace = world.texts.objects()[self.release.object].id.namespace.clone();
            return match target.kind.as_str() {
                "Secret" => {
                    let key = SecretKey { namespace, name: target.name.clone(), key: target.key.clone() };
                    Seen::Is(world.of_secret(key, &place))
                }
                "ConfigMap" => {
                    world.of_config_map(&target.name, namespace.as_deref(), &target.key).unwrap_or(Seen::Unseen)
                }
                _ => Seen::Unseen,
            };
        }
        let found = self.release.sources.iter().rev().find_map(|source| world.texts.said(source, &full));
        match found {
            Some(said) => Seen::Is(said),
            None if self.is_partial => Seen::Unseen,
            None => Seen::Absent,
        }
    }

    /// The same, where an empty text says nothing.
    pub fn filled(&self, world: &World<'_>, pointer: &str) -> Seen {
        match self.get(world, pointer) {
            Seen::Is(said) if said.value == "" && said.from.is_none() => Seen::Absent,
            seen => seen,
        }
    }

    /// The place of a list: in the source that holds it.
    fn list(&self, world: &World<'_>, pointer: &str) -> Option<Place> {
        let full = format!("{}{pointer}", self.prefix);
        let places = self.release.sources.iter().rev().map(|source| source.under(&full));
        places.into_iter().find(|place| world.texts.with(place, |value| value.is_some()))
    }

    /// What the values say of a container.
    pub fn container(&self, world: &World<'_>, lists: &PodValues, global: Option<&PodValues>) -> Container {
        let all = || std::iter::once(lists).chain(global);
        let places = |pointers: Vec<&str>| {
            pointers
                .into_iter()
                .filter(|pointer| !pointer.is_empty())
                .filter_map(|pointer| self.list(world, pointer))
                .collect()
        };
        Container {
            object: self.release.object,
            name: String::new(),
            image: String::new(),
            is_init: false,
            namespace: self.release.namespace.clone(),
            place: self.release.sources.last().cloned().unwrap_or_else(|| Place::object(self.release.object)),
            env: places(
                all()
                    .flat_map(|lists| {
                        [&lists.env, &lists.env_map, &lists.env_from_map].into_iter().filter_map(Option::as_deref)
                    })
                    .collect(),
            ),
            env_from: places(vec!["/envFrom"]),
            args: places(lists.args.as_deref().into_iter().collect()),
            mounts: places(all().filter_map(|lists| lists.volume_mounts.as_deref()).collect()),
            volumes: places(all().filter_map(|lists| lists.volumes.as_deref()).collect()),
            // A chart sets and mounts more than its values' lists say.
            is_partial: true,
        }
    }
}

/// The releases of a profile's chart, and the parts of umbrella charts that are it.
pub(super) fn releases(world: &World<'_>, profile: &Profile) -> Vec<Values> {
    let known = world.known_releases.borrow().get(&profile.name).cloned();
    known.unwrap_or_else(|| {
        let found = find_releases(world, profile);
        world.known_releases.borrow_mut().insert(profile.name.clone(), found.clone());
        found
    })
}

fn find_releases(world: &World<'_>, profile: &Profile) -> Vec<Values> {
    let Some(chart) = &profile.chart else { return Vec::new() };
    let is_it = |name: &str| chart.names().any(|known| known == name);
    let mut found = Vec::new();
    for release in &world.releases {
        if is_it(&release.chart) {
            let is_partial = !release.unseen.is_empty();
            let key = crate::patch::token(&release.prefix);
            let prefix = if key.is_empty() { key } else { format!("/{key}") };
            found.push(Values { release: release.clone(), prefix, is_partial });
            continue;
        }
        if let Some(key) = chart.umbrellas.get(&release.chart) {
            // An umbrella chart may be a part of another one.
            let own = Some(crate::patch::token(&release.prefix)).filter(|own| !own.is_empty());
            let prefix: String =
                own.into_iter().chain([crate::patch::token(key)]).map(|key| format!("/{key}")).collect();
            found.push(Values { release: release.clone(), prefix, is_partial: !release.unseen.is_empty() });
            continue;
        }
        // An umbrella chart keeps the app's values below the chart's name, or whatever people call it there.
        for source in &release.sources {
            let keys = world.texts.mappings(source).into_iter().filter(|key| is_it(key) || *key == profile.name);
            for key in keys {
                let prefix = format!("/{}", crate::patch::token(&key));
                if !found.iter().any(|known: &Values| known.release.object == release.object && known.prefix == prefix)
                {
                    found.push(Values { release: release.clone(), prefix, is_partial: !release.unseen.is_empty() });
                }
            }
        }
    }
    found.extend(files(world, profile));
    found
}

/// Files of values that look like the app's: two of its settings stand where its chart keeps them.
fn files(world: &World<'_>, profile: &Profile) -> Vec<Values> {
    use ValueFrom::{AuthorizationEndpoint, ClientID, ClientSecret, DiscoveryURL, Issuer, TokenEndpoint};
    let telling = [Issuer, ClientID, ClientSecret, AuthorizationEndpoint, DiscoveryURL, TokenEndpoint];
    let documents: Vec<&str> = profile.documents.iter().filter_map(|document| document.values.as_deref()).collect();
    let mut pointers: Vec<String> = Vec::new();
    for setting in profile.settings.iter().filter(|setting| setting.from.is_some_and(|from| telling.contains(&from))) {
        pointers.extend(setting.values.clone());
        let Some(field) = &setting.document else { continue };
        let Some(document) = profile.document(&field.name) else { continue };
        pointers.extend(document.values.clone());
        pointers.extend(document.values_at.as_ref().map(|at| format!("{at}{}{}", document.under, field.pointer())));
    }
    pointers.retain(|pointer| pointer.matches('/').count() > 1);
    pointers.sort_unstable();
    pointers.dedup();
    let mut found = Vec::new();
    for &object in &world.bare {
        let place = Place::object(object);
        let below = world.texts.mappings(&place).into_iter().map(|key| format!("/{}", crate::patch::token(&key)));
        for prefix in std::iter::once(String::new()).chain(below) {
            // A look at the first key spares the rest for nearly all files.
            let has_first = |pointer: &str| {
                let first = pointer.split('/').nth(1).unwrap_or_default();
                world.texts.with(&place.under(&format!("{prefix}/{first}")), |value| value.is_some())
            };
            let stands = |pointer: &&String| {
                has_first(pointer)
                    && world
                        .texts
                        .said(&place, &format!("{prefix}{pointer}"))
                        .is_some_and(|said| said.text().is_some_and(|text| !text.is_empty()))
            };
            let standing: Vec<&String> = pointers.iter().filter(stands).collect();
            let is_document = standing.iter().any(|pointer| documents.contains(&pointer.as_str()));
            if standing.len() >= 2 || is_document {
                found.push(Values { release: of_file(profile, object), prefix, is_partial: true });
            }
        }
    }
    found
}

fn of_file(profile: &Profile, object: usize) -> Release {
    let chart = profile.chart.as_ref().map(|chart| chart.name.clone()).unwrap_or_default();
    Release { object, chart, sources: vec![Place::object(object)], ..Release::default() }
}

/// The instances of an app that values show.
pub(super) fn find<'a>(world: &World<'a>, profile: &'a Profile) -> Vec<Consumer<'a>> {
    let mut found = Vec::new();
    for values in releases(world, profile) {
        let lists = profile.components.first().and_then(|component| component.values.as_ref());
        let global = profile.chart.as_ref().and_then(|chart| chart.global.as_ref());
        let mut consumer = Consumer {
            profile,
            anchor: Place::object(values.release.object),
            namespace: values.release.namespace.clone(),
            container: lists.map(|lists| values.container(world, lists, global)),
            values: Some(values.clone()),
            told: Default::default(),
            options: Default::default(),
        };
        consumer.profile = profile.by_switch(|at| values.get(world, at).said().is_some_and(Said::is_on));
        for setting in consumer.profile.settings.iter().chain(&consumer.profile.options) {
            let mut seen = setting_of(world, &consumer, &values, setting);
            if setting.from == Some(ValueFrom::ClientSecret)
                && let Seen::Is(said) = seen
            {
                seen = in_store(world, &consumer, &values, said);
            }
            record(&mut consumer, setting, seen);
        }
        by_name(world, &mut consumer);
        found.push(consumer);
    }
    found.retain(|consumer| consumer.issuer().is_some() || consumer.client_id().is_some());
    found
}

/// In the order in which the app would let one place beat the other.
fn setting_of(world: &World<'_>, consumer: &Consumer<'_>, values: &Values, setting: &Setting) -> Seen {
    if consumer.profile.is_in_winner(setting) {
        return in_winner(world, consumer, values, setting);
    }
    let is_on = |pointer: &str| values.get(world, pointer).said().is_some_and(Said::is_on);
    let chart = consumer.profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref());
    if let (Some(chart), Some(variable)) = (chart.filter(|chart| is_on(&chart.external_at)), &setting.chart_env) {
        let Some(name) = values.get(world, &chart.external_name_at).literal() else { return Seen::Unseen };
        let key = SecretKey { namespace: values.release.namespace.clone(), name, key: variable.clone() };
        return match world.keys(&key.name, key.namespace.as_deref()) {
            super::Keys::Known(keys) if !keys.contains(variable) => Seen::Absent,
            super::Keys::Known(_) => Seen::Is(world.of_secret(key, &consumer.anchor)),
            _ => Seen::Unseen,
        };
    }
    if let Some(switch) = &setting.made_at
        && values.get(world, switch).literal().as_deref() == Some("false")
    {
        return Seen::Unseen;
    }
    let variable = |name: &Option<String>| match (name, &consumer.container) {
        (Some(name), Some(container)) => stands(world.variable(container, name)),
        _ => Seen::Absent,
    };
    let by_flag = match (&setting.flag, &consumer.container) {
        (Some(name), Some(container)) => stands(flag(world, container, name)),
        _ => Seen::Absent,
    };
    let arg_map = consumer.profile.components.first().and_then(|component| component.values.as_ref()?.arg_map.as_ref());
    let by_arg_map = || match (&setting.flag, arg_map) {
        (Some(name), Some(map)) => values.get(world, &format!("{map}/{}", crate::patch::token(name))),
        _ => Seen::Absent,
    };
    let by_key = || setting.values.as_ref().map_or(Seen::Absent, |pointer| values.filled(world, pointer));
    by_flag
        .or(by_arg_map)
        .or(|| variable(&setting.chart_env))
        .or(by_key)
        .or(|| variable(&setting.env))
        .or(|| by_host(world, values, setting))
        .or(|| in_document(world, consumer, values, setting))
}

/// What the values' own lists do not say may still be said by the chart's keys.
fn stands(seen: Seen) -> Seen {
    if matches!(seen, Seen::Unseen) { Seen::Absent } else { seen }
}

/// A host in the values that yields the setting as `https://<host>`.
fn by_host(world: &World<'_>, values: &Values, setting: &Setting) -> Seen {
    let Some(pointer) = &setting.values_host else { return Seen::Absent };
    match values.filled(world, pointer) {
        Seen::Is(said) => match said.text() {
            Some(host) => Seen::Is(Said { value: Value::String(format!("https://{host}")), ..said }),
            None => Seen::Unseen,
        },
        seen => seen,
    }
}

/// A field of a document beside which flags and variables count for nothing; what it refers to is followed, also to the key
/// of which the chart makes the variable.
fn in_winner(world: &World<'_>, consumer: &Consumer<'_>, values: &Values, setting: &Setting) -> Seen {
    let document = setting.document.as_ref().and_then(|field| consumer.profile.document(&field.name));
    let is_elsewhere = |at: &String| values.filled(world, at).said().is_some();
    if document.is_some_and(|document| document.elsewhere.iter().any(is_elsewhere)) {
        return Seen::Unseen;
    }
    let Seen::Is(said) = in_document(world, consumer, values, setting) else { return Seen::Absent };
    let own = setting.env.as_ref().map(|name| format!("${{{name}}}"));
    let is_own = said.text() == own;
    match follow(world, consumer, said) {
        Seen::Unseen if is_own => setting.values.as_ref().map_or(Seen::Unseen, |at| match values.filled(world, at) {
            Seen::Absent => Seen::Unseen,
            seen => seen,
        }),
        seen => seen,
    }
}

fn in_document(world: &World<'_>, consumer: &Consumer<'_>, values: &Values, setting: &Setting) -> Seen {
    let Some(field) = &setting.document else { return Seen::Absent };
    let Some(document) = consumer.profile.document(&field.name) else { return Seen::Absent };
    let pointer = format!("{}{}", document.under, field.pointer());
    let in_mapping =
        document.values_at.as_ref().map_or(Seen::Absent, |at| values.get(world, &format!("{at}{pointer}")));
    let (Seen::Absent | Seen::Unseen, Some(text)) = (&in_mapping, &document.values) else { return in_mapping };
    match values.get(world, text) {
        Seen::Is(Said { place, value: Value::String(_), .. }) => {
            let root = Place { at: Default::default(), ..place.clone() };
            let text = root.embedded_as(place.at.as_str(), crate::yaml::Encoding::Plain, format_of(document));
            world.texts.said(&text, &pointer).map_or(Seen::Absent, Seen::Is)
        }
        Seen::Is(_) | Seen::Unseen => Seen::Unseen,
        Seen::Absent => Seen::Absent,
    }
}

/// A reference to the app's own Secret is one to the values that fill it.
fn in_store(world: &World<'_>, consumer: &Consumer<'_>, values: &Values, said: Said) -> Seen {
    let store = consumer.profile.client.as_ref().and_then(|client| client.secret_store.as_ref());
    let text = said.text().unwrap_or_default();
    if let (Some(store), Some(key)) = (store, text.strip_prefix('$').filter(|key| !key.contains([':', '{']))) {
        let pointer = format!("{}/{}", store.values, crate::patch::token(key));
        if let Seen::Is(filled) = values.get(world, &pointer) {
            return Seen::Is(Said {
                from: Some(SecretKey {
                    namespace: consumer.namespace.clone(),
                    name: store.name.clone(),
                    key: key.to_owned(),
                }),
                ..filled
            });
        }
    }
    follow(world, consumer, said)
}
