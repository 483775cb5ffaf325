//! Settings that an app keeps in a ConfigMap: plain keys, and fields of documents kept as text.

mod store;

use serde_json::{Value, json};

use super::instance::{config_maps, of_client};
use super::layers::Layers;
use super::planner::Planner;
use super::value::{over, value_of};
use super::values;
use crate::app::profile::{Profile, ValueFrom};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, codes};
use crate::patch::token;
use crate::yaml::Encoding;

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let has_maps = profile.settings.iter().any(|setting| setting.config_map.is_some());
        if !has_maps && profile.documents.is_empty() {
            continue;
        }
        let instance = of_client(planner, client);
        let namespace = instance.and_then(|instance| instance.namespace).or_else(|| client.namespace.clone());
        rendered(planner, client, &profile, namespace.as_deref());
    }
}

fn rendered(planner: &mut Planner<'_>, client: &Client, profile: &Profile, namespace: Option<&str>) {
    let whom = format!("client {}", client.id);
    for setting in &profile.settings {
        let (Some(target), Some(from)) = (&setting.config_map, setting.from) else {
            continue;
        };
        let Some(value) = value_of(planner.config, client, from) else {
            continue;
        };
        for map in config_maps(planner, &target.name, namespace, &whom) {
            let place = Place::object(map);
            let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
                continue;
            };
            planner.own(&place, &mut draft, &format!("/data/{}", token(&target.key)), value.clone(), true);
            planner.record(&place, draft, reason(profile, client));
        }
    }
    for document in used_documents(planner, client, profile) {
        let Some(document) = profile.document(&document) else {
            continue;
        };
        for map in config_maps(planner, &document.config_map, namespace, &whom) {
            let place = Place::object(map).embedded(&format!("/data/{}", token(&document.key)), Encoding::Plain);
            let surface = Surface::Rendered { map, namespace: namespace.map(str::to_owned) };
            wire(planner, client, profile, &document.name, &place, &surface);
        }
    }
}

/// The same in the values of a chart.
pub(super) fn in_values(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    for document in used_documents(planner, client, profile) {
        let Some(document) = profile.document(&document) else {
            continue;
        };
        let is_elsewhere = document.made_at.as_ref().is_some_and(|at| values::is_made_elsewhere(planner, layers, at));
        if is_elsewhere {
            continue;
        }
        let Some(source) = layers.source(planner, &document.values) else {
            continue;
        };
        let mut place = source.embedded(&layers.pointer(&document.values), Encoding::Plain);
        let mut doubled = false;
        if let Some(known) = layers.overriding(&document.values) {
            place = known.list.embedded(&known.value, Encoding::Plain);
            doubled = known.expands;
        }
        wire(planner, client, profile, &document.name, &place, &Surface::Values { layers, doubled });
    }
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
}

fn reason(profile: &Profile, client: &Client) -> String {
    format!("set OIDC of {} for client {}", profile.title, client.id)
}

/// The documents that a client's settings are in; none for the client of a Dex that the app runs itself.
fn used_documents(planner: &Planner<'_>, client: &Client, profile: &Profile) -> Vec<String> {
    if planner.config.bundled_dex().is_some_and(|own| own.id == client.id) {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for document in profile.settings.iter().filter_map(|setting| setting.document.as_ref()) {
        if !names.contains(&document.name) {
            names.push(document.name.clone());
        }
    }
    names
}

fn wire(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    document: &str,
    place: &Place,
    surface: &Surface<'_>,
) {
    let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    if draft.get("").is_some_and(|whole| !whole.is_object()) {
        let message = "must be a YAML mapping in text; nothing in it was changed";
        return planner.report_at(place, "", Finding::new(&codes::APP_TAKES_SETTING, message));
    }
    report_unknown(planner, profile, place, draft.get(""));
    report_other_login(planner, profile, document, place);
    for setting in &profile.settings {
        let Some(target) = setting.document.as_ref().filter(|target| target.name == document) else {
            continue;
        };
        let pointer = format!("/{}", token(&target.field));
        match (setting.from, &setting.literal) {
            (Some(ValueFrom::ClientSecret), _) => {
                let current = draft.text(&pointer).map(str::to_owned);
                match store::secret_for(planner, client, profile, place, current.as_deref(), surface) {
                    Some(wanted) if current.as_deref() == Some(wanted.as_str()) => {}
                    Some(wanted) => {
                        // A reference may be shown; what it replaces may be a secret.
                        planner.own(place, &mut draft, &pointer, json!(wanted), false);
                    }
                    None if client.secret == ClientSecret::Public && current.is_some() => {
                        planner.corrected(place, &pointer, None);
                        draft.remove(&pointer);
                    }
                    None => {}
                }
            }
            (Some(from), _) => {
                let current = draft.list(&pointer).iter().map(super::instance::plain).collect::<Vec<_>>().join(" ");
                let value = value_of(planner.config, client, from).map(|value| over(client, setting, &current, &value));
                if let Some(value) = value
                    && !is_same_list(draft.get(&pointer), &value)
                {
                    planner.own(place, &mut draft, &pointer, value, true);
                }
            }
            (None, Some(literal)) if draft.get(&pointer).is_none() && !client.settings.contains_key(&target.field) => {
                draft.set(&pointer, literal.clone());
            }
            _ => {}
        }
    }
    for (field, value) in client.settings.iter().filter(|(name, _)| profile.option(name).is_none()) {
        draft.set(&format!("/{}", token(field)), value.clone());
    }
    planner.record(place, draft, reason(profile, client));
}

/// A list of the same words in another order says the same.
fn is_same_list(current: Option<&Value>, wanted: &Value) -> bool {
    let words = |value: &Value| {
        let mut words: Vec<String> = value.as_array()?.iter().map(super::instance::plain).collect();
        words.sort_unstable();
        words.dedup();
        Some(words)
    };
    match (current.and_then(words), words(wanted)) {
        (Some(current), Some(wanted)) => current == wanted,
        _ => false,
    }
}

/// Where the app runs a Dex of its own for logins, ours takes their place (argo-cd: `NewClientApp` in util/oidc).
fn report_other_login(planner: &mut Planner<'_>, profile: &Profile, document: &str, place: &Place) {
    let other = profile.bundled_dex.as_ref().map(|dex| &dex.document).filter(|other| *other != document);
    let Some((other, own)) = other.and_then(|other| profile.document(other)).zip(profile.document(document)) else {
        return;
    };
    let Some((embedded, outer)) = place.inside.split_last() else {
        return;
    };
    let mut field = embedded.field.clone();
    field.pop_back();
    field.push_back(other.key.as_str());
    let holder = Place { object: place.object, inside: outer.to_vec(), at: field };
    if planner.manifests.read(&holder).is_ok_and(|value| value.as_str().is_some_and(|text| !text.trim().is_empty())) {
        let message = format!(
            "must be empty beside `{}`, which wins: who signs in by it now no longer can; move its connectors to Dex, then remove it",
            own.key
        );
        planner.report_at(&holder, "", Finding::new(&codes::ONE_LOGIN_IS_CONFIGURED, message));
    }
}

fn report_unknown(planner: &mut Planner<'_>, profile: &Profile, place: &Place, document: Option<&Value>) {
    for (field, advice) in &profile.unknown_fields {
        if document.and_then(|document| document.get(field)).is_some() {
            let message =
                format!("`{field}` must be a field that {} reads, and it is ignored: {advice}", profile.title);
            planner.report_at(place, &format!("/{field}"), Finding::new(&codes::FIELD_EXISTS, message));
        }
    }
}
