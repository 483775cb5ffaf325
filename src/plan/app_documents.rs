//! Settings that an app keeps in a ConfigMap: plain keys, and fields of documents kept as text.

use serde_json::{Value, json};

use super::instance::{config_maps, of_client};
use super::layers::Layers;
use super::planner::Planner;
use super::value::{over, value_of};
use super::{app_secrets, secret, values};
use crate::app::profile::{Profile, SecretStore, ValueFrom};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, Severity, codes};
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
                match secret_for(planner, client, profile, place, current.as_deref(), surface) {
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

/// What stands in the field for the client secret: a `$` reference, after the secret itself is where it points to.
fn secret_for(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    place: &Place,
    current: Option<&str>,
    surface: &Surface<'_>,
) -> Option<String> {
    let store = profile.client.as_ref()?.secret_store.as_ref()?;
    let doubled = matches!(surface, Surface::Values { doubled: true, .. });
    let write = |reference: String| {
        if doubled { format!("${reference}") } else { reference }
    };
    match &client.secret {
        ClientSecret::Public | ClientSecret::Environment(_) => None,
        ClientSecret::Reference { app, .. } => {
            check_label(planner, profile, &app.name, surface);
            // The app's own Secret is filled in the cluster too, so a key may be missing here.
            if app.name != store.name {
                secret::check_key(planner, &app.name, &app.key, surface.namespace());
                clear_store(planner, client, profile, store, current, surface);
            }
            Some(write(reference_to(&app.name, &app.key, store)))
        }
        ClientSecret::Value(value) => {
            let current = current.map(|text| if doubled { text.replacen("$$", "$", 1) } else { text.to_owned() });
            let stood = current.as_deref().and_then(|text| parse_reference(text, store));
            match keep(planner, client, profile, stood, value, surface) {
                Ok(reference) => Some(write(reference)),
                Err(name) => {
                    let message = format!(
                        "the client secret comes from Secret {name}, which is not in the input, and `secret.value` never replaces a reference; use `secretKeyRef`, or put that Secret into the input"
                    );
                    planner.report_at(
                        place,
                        "/clientSecret",
                        Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message),
                    );
                    None
                }
            }
        }
    }
}

/// The clear secret in the app's own Secret goes when a reference to another one takes its place.
fn clear_store(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    store: &SecretStore,
    current: Option<&str>,
    surface: &Surface<'_>,
) {
    let own = format!("${}", store.key);
    if current.is_none_or(|current| current.replacen("$$", "$", 1) != own) {
        return;
    }
    match surface {
        Surface::Rendered { namespace, .. } => {
            if let Some(object) = secret::find(planner, &store.name, namespace.as_deref()) {
                secret::clear(planner, object, &store.key, &reason(profile, client));
            }
        }
        Surface::Values { layers, .. } => {
            let pointer = format!("{}/{}", store.values, token(&store.key));
            if layers.get(planner, &pointer).is_some()
                && let Some(place) = layers.source(planner, &pointer)
                && let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING)
            {
                planner.corrected(&place, &layers.pointer(&pointer), None);
                draft.remove(&layers.pointer(&pointer));
                planner.record(&place, draft, reason(profile, client));
            }
        }
    }
}

/// `$key` in the app's own Secret, `$name:key` in another one.
fn reference_to(name: &str, key: &str, store: &SecretStore) -> String {
    if name == store.name { format!("${key}") } else { format!("${name}:{key}") }
}

fn parse_reference(text: &str, store: &SecretStore) -> Option<(String, String)> {
    let reference = text.strip_prefix('$')?;
    let (name, key) = reference.split_once(':').unwrap_or((&store.name, reference));
    Some((name.to_owned(), key.to_owned()))
}

/// Puts a secret in clear where the reference that stands points to, or into the app's own Secret, or into a new one.
fn keep(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    stood: Option<(String, String)>,
    value: &str,
    surface: &Surface<'_>,
) -> Result<String, String> {
    let Some(store) = profile.client.as_ref().and_then(|known| known.secret_store.as_ref()) else {
        return Err(String::new());
    };
    let own = (client.secret_name(), client.secret_keys().client_secret);
    let reason = reason(profile, client);
    let (beside, namespace) = match surface {
        Surface::Rendered { map, namespace } => {
            let of_map = || planner.manifests.objects[*map].id.namespace.clone();
            (*map, namespace.clone().or_else(of_map))
        }
        Surface::Values { layers, .. } => (layers.release.object, layers.release.namespace.clone()),
    };
    if let Some((name, key)) = &stood
        && let Some(object) = secret::find(planner, name, namespace.as_deref())
    {
        check_label(planner, profile, name, surface);
        secret::fill(planner, object, key, value, false, &reason);
        return Ok(reference_to(name, key, store));
    }
    if let Surface::Values { layers, .. } = surface {
        let is_made =
            store.made_at.as_ref().and_then(|switch| layers.get(planner, switch)).is_none_or(|made| made != false);
        let own_key = stood.as_ref().filter(|(name, _)| *name == store.name).map(|(_, key)| key.clone());
        let key = own_key.unwrap_or_else(|| store.key.clone());
        let pointer = format!("{}/{}", store.values, token(&key));
        let is_own = stood.as_ref().is_none_or(|(name, _)| *name == store.name);
        if is_made && is_own {
            let (place, at, value) = match layers.overriding(&pointer) {
                Some(known) if known.expands => (known.list.clone(), known.value.clone(), value.replace('$', "$$")),
                Some(known) => (known.list.clone(), known.value.clone(), value.to_owned()),
                None => match layers.source(planner, &pointer) {
                    Some(place) => (place, layers.pointer(&pointer), value.to_owned()),
                    None => return Err(store.name.clone()),
                },
            };
            if let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) {
                planner.own(&place, &mut draft, &at, json!(value), false);
                planner.record(&place, draft, &reason);
            }
            return Ok(reference_to(&store.name, &key, store));
        }
    } else if stood.is_none()
        && let Some(object) = secret::find(planner, &store.name, namespace.as_deref())
    {
        check_label(planner, profile, &store.name, surface);
        secret::fill(planner, object, &store.key, value, false, &reason);
        return Ok(reference_to(&store.name, &store.key, store));
    }
    match stood {
        Some((name, _)) if name != own.0 => Err(name),
        // Made by an earlier run and kept in another file.
        Some((name, key)) => Ok(reference_to(&name, &key, store)),
        None => {
            app_secrets::hold(planner, client, namespace.as_deref(), value, beside);
            Ok(reference_to(&own.0, &own.1, store))
        }
    }
}

/// An unlabelled Secret is not read, and the reference itself is sent as the secret.
fn check_label(planner: &mut Planner<'_>, profile: &Profile, name: &str, surface: &Surface<'_>) {
    let namespace = surface.namespace();
    let labels = profile.client.as_ref().map(|known| known.secret_labels.clone()).unwrap_or_default();
    let Some(object) = secret::find(planner, name, namespace) else {
        let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        // The app's own Secret carries it from the start.
        let is_own = profile
            .client
            .as_ref()
            .and_then(|known| known.secret_store.as_ref())
            .is_some_and(|store| store.name == name);
        if !pairs.is_empty() && !is_own {
            let message = format!(
                "Secret {name} is not in the input: it must carry the label {}, else {} sends the reference itself as the secret",
                pairs.join(" and "),
                profile.title
            );
            planner.report(Finding::new(&codes::SECRET_IS_LABELLED, message).severity(Severity::Info));
        }
        return;
    };
    for (key, value) in labels {
        let target = &planner.manifests.objects[object];
        if target.label(&key) != Some(&value) {
            let message = format!(
                "must carry the label {key}={value}: {} does not read it otherwise, and sends the reference itself as the secret",
                profile.title
            );
            let finding =
                Finding::new(&codes::SECRET_IS_LABELLED, message).severity(Severity::Error).on(&target.id.clone());
            planner.report(finding.at("metadata.labels"));
        }
    }
}
