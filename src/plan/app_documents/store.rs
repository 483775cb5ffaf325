//! The client secret of an app whose documents refer to it as `$key` or `$name:key`.

use serde_json::json;

use super::{Surface, reason};
use crate::app::profile::{Profile, SecretStore};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, Severity, codes};
use crate::patch::token;
use crate::plan::planner::Planner;
use crate::plan::{app_secrets, secret};

/// What stands in the field for the client secret: a `$` reference, after the secret itself is where it points to.
pub(super) fn secret_for(
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
