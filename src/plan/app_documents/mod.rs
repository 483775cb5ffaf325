//! Settings that an app keeps in a ConfigMap or Secret: plain keys, and fields of documents kept as text.

mod find;
mod secret;
mod store;
mod variable;
mod wire;

pub(super) use find::said;
use serde_json::{Map, Value, json};
use wire::Wiring;
pub(super) use wire::{file_of, is_reference, variable_of};

use super::layers::Layers;
use super::planner::Planner;
use super::value::{Wanted, text_of, wanted};
use super::{app_flags, since, values};
use crate::app::profile::{Document, Profile, Setting};
use crate::config::Client;
use crate::krm::{Finding, Place, Severity, codes};
use crate::patch::token;
use crate::yaml::Encoding;

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let profile = app_flags::in_use(planner, client, &profile).clone();
        keys(planner, client, &profile);
        report_missing(planner, client, &profile);
        for document in used_documents(planner, client, &profile) {
            let namespace = find::namespace_of(planner, client);
            find::report_unseen(planner, client, &profile, &document);
            for found in find::documents(planner, client, &profile, &document) {
                let surface = Surface::Rendered { map: found.holder, namespace: namespace.clone() };
                let (place, under, format) = (found.place, found.under, find::format_of(&document));
                Wiring { client, profile: &profile, document: &document, place, under, format, surface }.run(planner);
            }
        }
    }
}

/// Settings that are keys of a ConfigMap.
fn keys(planner: &mut Planner<'_>, client: &Client, profile: &Profile) {
    let options = client.settings.iter().filter_map(|(name, value)| Some((profile.option(name)?, Some(value))));
    for (setting, stated) in profile.settings.iter().map(|setting| (setting, None)).chain(options) {
        let Some(target) = &setting.config_map else {
            continue;
        };
        let (value, is_default) = match (stated, wanted(planner.config, client, setting)) {
            (Some(value), _) => (value.clone(), false),
            (None, Wanted::Own(value)) => (value, false),
            (None, Wanted::Default(value)) => (value, true),
            (None, Wanted::Nothing | Wanted::Secret | Wanted::NoSecret) => continue,
        };
        if app_flags::stands(planner, client, profile, setting) || !since::in_app(planner, client, profile, setting) {
            continue;
        }
        for map in find::keys(planner, client, profile, target) {
            let place = Place::object(map);
            let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
                continue;
            };
            let pointer = format!("/data/{}", token(&target.key));
            let current = draft.get(&pointer).map(super::instance::plain);
            let value = super::value::over(client, setting, current.as_deref().unwrap_or_default(), &value);
            let value = text_of(setting, &value, true);
            let says_so = current.as_ref().is_some_and(|current| super::value::same(setting, current, &value));
            let is_chosen = is_default && current.is_some();
            if !says_so && !is_chosen {
                planner.own(&place, &mut draft, &pointer, json!(value), true);
                planner.record(&place, draft, reason(profile, client));
            }
        }
    }
}

/// Keys of a ConfigMap that somebody has to think of, where they are not there.
fn report_missing(planner: &mut Planner<'_>, client: &Client, profile: &Profile) {
    let is_asked = |option: &&Setting| client.settings.keys().any(|name| option.goes_by(name));
    for option in profile.options.iter().filter(|option| !is_asked(option)) {
        let (Some(message), Some(target)) = (&option.missing, &option.config_map) else { continue };
        for map in find::keys(planner, client, profile, target) {
            let place = Place::object(map);
            let pointer = format!("/data/{}", token(&target.key));
            if planner.manifests.draft(&place).is_ok_and(|draft| draft.get(&pointer).is_none()) {
                let finding = Finding::new(&codes::APP_TAKES_SETTING, message).severity(Severity::Warning);
                planner.report_at(&place, &pointer, finding);
            }
        }
    }
}

/// The same in the values of a chart that keeps a document as text there.
pub(super) fn in_values(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    for document in used_documents(planner, client, profile) {
        let Some(pointer) = &document.values else {
            continue;
        };
        let is_elsewhere = document.made_at.as_ref().is_some_and(|at| values::is_made_elsewhere(planner, layers, at));
        if is_elsewhere || document.must_exist && layers.get(planner, pointer).is_none() {
            continue;
        }
        let Some(source) = layers.source(planner, pointer) else {
            continue;
        };
        let format = find::format_of(&document);
        let mut place = source.embedded_as(&layers.pointer(pointer), Encoding::Plain, format);
        let mut doubled = false;
        if let Some(known) = layers.overriding(pointer) {
            place = known.list.embedded_as(&known.value, Encoding::Plain, format);
            doubled = known.expands;
        }
        let (surface, under) = (Surface::Values { layers, doubled }, document.under.clone());
        Wiring { client, profile, document: &document, place, under, format, surface }.run(planner);
    }
}

/// What the documents and ConfigMaps in the input say of an app's settings, secrets left out, and the objects that hold them.
pub(super) fn said_in_objects(planner: &mut Planner<'_>, client: &Client, profile: &Profile) -> (Vec<usize>, Value) {
    let profile = app_flags::in_use(planner, client, profile).clone();
    let (mut holders, mut all) = (Vec::new(), Map::new());
    for setting in profile.settings.iter().chain(&profile.options).filter(|setting| !setting.is_about_the_secret()) {
        let found: Vec<(usize, Place, String)> = match (&setting.config_map, &setting.document) {
            (Some(target), _) => {
                let pointer = format!("/data/{}", token(&target.key));
                let maps = find::keys(planner, client, &profile, target).into_iter();
                maps.map(|map| (map, Place::object(map), pointer.clone())).collect()
            }
            (None, Some(target)) => {
                let document = profile.document(&target.name).cloned();
                let found = document.map(|document| find::documents(planner, client, &profile, &document));
                let at =
                    |found: find::Found| (found.holder, found.place, format!("{}{}", found.under, target.pointer()));
                found.into_iter().flatten().map(at).collect()
            }
            (None, None) => continue,
        };
        for (holder, place, pointer) in found {
            if !holders.contains(&holder) {
                holders.push(holder);
            }
            let said = planner.manifests.draft(&place).ok().and_then(|draft| draft.get(&pointer).cloned());
            if let Some(said) = said {
                all.insert(pointer, said);
            }
        }
    }
    (holders, Value::Object(all))
}

/// Where a document is: decides where its secret is kept.
enum Surface<'a> {
    Rendered {
        map: usize,
        namespace: Option<String>,
    },
    /// `doubled`: in a parameter of Argo CD, where `$` is written twice.
    Values {
        layers: &'a Layers,
        doubled: bool,
    },
}

impl Surface<'_> {
    fn namespace(&self) -> Option<&str> {
        match self {
            Self::Rendered { namespace, .. } => namespace.as_deref(),
            Self::Values { layers, .. } => layers.release.namespace.as_deref(),
        }
    }

    /// The object that the document is in.
    fn holder(&self) -> usize {
        match self {
            Self::Rendered { map, .. } => *map,
            Self::Values { layers, .. } => layers.release.object,
        }
    }

    /// Whether a flag or variable of the app gives the setting, and so beats the document.
    fn stands(&self, planner: &mut Planner<'_>, client: &Client, profile: &Profile, setting: &Setting) -> bool {
        match self {
            Self::Rendered { .. } => app_flags::stands(planner, client, profile, setting),
            Self::Values { layers, .. } => values::stands(planner, profile, layers, setting),
        }
    }
}

impl Surface<'_> {
    /// Whether the chart or app is new enough for a setting.
    fn is_new_enough(&self, planner: &mut Planner<'_>, client: &Client, profile: &Profile, setting: &Setting) -> bool {
        match self {
            Self::Rendered { .. } => since::in_app(planner, client, profile, setting),
            Self::Values { layers, .. } => since::in_chart(planner, profile, layers, setting),
        }
    }

    /// Whether a variable of that name is seen, so that what a document reads from it is wired there.
    fn has_variable(&self, planner: &mut Planner<'_>, client: &Client, profile: &Profile, name: &str) -> bool {
        let setting = Setting { env: Some(name.to_owned()), ..Setting::default() };
        self.stands(planner, client, profile, &setting)
    }
}

fn reason(profile: &Profile, client: &Client) -> String {
    format!("set OIDC of {} for client {}", profile.title, client.id)
}

/// The documents that a client's settings are in; none for the client of a Dex that the app runs itself.
fn used_documents(planner: &Planner<'_>, client: &Client, profile: &Profile) -> Vec<Document> {
    if planner.config.bundled_dex().is_some_and(|own| own.id == client.id) {
        return Vec::new();
    }
    let used = |document: &&Document| profile.settings.iter().any(|setting| setting.is_in(&document.name));
    profile.documents.iter().filter(used).cloned().collect()
}
