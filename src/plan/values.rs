//! Settings of an app in the values of its Helm chart, and the values that settings take.

use serde_json::{Value, json};

use super::instance::plain;
use super::layers::Layers;
use super::planner::Planner;
use super::value::{same, text_of, value_of};
use crate::app::profile::{Profile, Setting, ValueFrom};
use crate::config::document::KeyRef;
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, codes};

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            wire(planner, client, &profile, &layers);
            super::app_documents::in_values(planner, client, &profile, &layers);
            super::trust::in_values(planner, client, &profile, &layers);
            if profile.forwards_tokens {
                let id = planner.manifests.objects[layers.release.object].id.clone();
                let finding = super::app_flags::what_the_api_server_needs(planner.config, client);
                planner.report(finding.on(&id));
            }
        }
    }
}

fn wire(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    let is_external = profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref()).is_some_and(|secret| {
        layers.get(planner, &secret.external_at).is_some_and(|switch| switch == true || switch == "true")
    });
    let reason = format!("set OIDC of {} for client {}", profile.title, client.id);
    for setting in &profile.settings {
        let Some(pointer) = &setting.values else {
            continue;
        };
        if is_external && setting.chart_env.is_some() {
            continue;
        }
        match setting.from {
            Some(ValueFrom::ClientSecret) => secret(planner, client, profile, layers, setting, pointer, &reason),
            Some(from) => {
                if let Some(value) = value_of(planner.config, client, from)
                    && !is_yielded_by_host(planner, layers, setting, &value)
                {
                    let value = joined(setting, value);
                    set(planner, layers, profile, setting, pointer, value, &reason);
                }
            }
            None => {}
        }
    }
    for (name, value) in &client.settings {
        if let Some(option) = profile.option(name)
            && let Some(pointer) = &option.values
        {
            set(planner, layers, profile, option, pointer, value.clone(), &reason);
        }
    }
    if is_external {
        check_external(planner, client, layers);
    }
}

/// A value in clear cannot go where a Secret made elsewhere holds it.
fn check_external(planner: &mut Planner<'_>, client: &Client, layers: &Layers) {
    let place = Place::object(layers.release.object);
    let message = match client.secret {
        ClientSecret::Value(_) => {
            "the chart takes the client secret from a Secret made elsewhere (`externalSecret`), and `secret.value` never replaces a reference; use `secretKeyRef`"
        }
        ClientSecret::Public => {
            "the client is public, and the chart always passes the secret of its `externalSecret`; give the client a secret, or turn `externalSecret` off"
        }
        _ => return,
    };
    let code = if client.secret == ClientSecret::Public {
        &codes::APP_TAKES_SETTING
    } else {
        &codes::VALUE_REPLACES_NO_REFERENCE
    };
    planner.report_at(&place, "", Finding::new(code, message));
}

/// Writes one value where it counts: into the parameter or variable that sets it, else into a source.
fn set(
    planner: &mut Planner<'_>,
    layers: &Layers,
    profile: &Profile,
    setting: &Setting,
    pointer: &str,
    value: Value,
    reason: &str,
) {
    let shown = setting.from != Some(ValueFrom::ClientSecret);
    if let (Some(index), Some(parameters)) = (layers.parameter(planner, pointer), layers.release.parameters.clone()) {
        return set_parameter(planner, &parameters, index, &value, shown, reason);
    }
    if set_argument(planner, layers, profile, setting, &value, reason) {
        return;
    }
    if let Some(variable) = &setting.chart_env
        && set_variable(planner, layers, variable, setting, &value, reason)
    {
        return;
    }
    let Some(place) = layers.source(planner, pointer) else {
        return;
    };
    let full = layers.pointer(pointer);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    if let (Some(current), Some(wanted)) = (draft.text(&full), value.as_str())
        && same(setting, current, wanted)
    {
        return;
    }
    planner.own(&place, &mut draft, &full, value, shown);
    planner.record(&place, draft, reason);
}

/// Argo CD expands `$` in parameters; a literal one is written twice.
fn set_parameter(
    planner: &mut Planner<'_>,
    parameters: &Place,
    index: usize,
    value: &Value,
    shown: bool,
    reason: &str,
) {
    let Some(mut draft) = planner.draft(parameters, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let text = plain(value).replace('$', "$$");
    planner.own(parameters, &mut draft, &format!("/{index}/value"), Value::String(text), shown);
    planner.record(parameters, draft, reason);
}

/// Where the values' own arguments hold the flag, the value belongs there: it beats what the chart would pass.
fn set_argument(
    planner: &mut Planner<'_>,
    layers: &Layers,
    profile: &Profile,
    setting: &Setting,
    value: &Value,
    reason: &str,
) -> bool {
    let values = profile.components.first().and_then(|component| component.values.as_ref());
    let Some((args, flag)) = values.and_then(|values| values.args.as_ref()).zip(setting.flag.as_ref()) else {
        return false;
    };
    let pointer = layers.pointer(args);
    for place in layers.release.sources.iter().rev() {
        let Ok(mut draft) = planner.manifests.draft(place) else {
            continue;
        };
        let found = draft.list(&pointer).iter().enumerate().rev().find_map(|(index, argument)| {
            let (name, value) = argument.as_str()?.split_once('=')?;
            (name.trim_start_matches('-') == flag).then(|| (index, name.to_owned(), value.to_owned()))
        });
        let Some((index, name, current)) = found else {
            continue;
        };
        let wanted = text_of(setting, value, true);
        if !same(setting, &current, &wanted) {
            let shown = setting.from != Some(ValueFrom::ClientSecret);
            planner.own(place, &mut draft, &format!("{pointer}/{index}"), json!(format!("{name}={wanted}")), shown);
            planner.record(place, draft, reason);
        }
        return true;
    }
    false
}

/// Where the values' own variables set what the chart would, the value belongs there.
fn set_variable(
    planner: &mut Planner<'_>,
    layers: &Layers,
    variable: &str,
    setting: &Setting,
    value: &Value,
    reason: &str,
) -> bool {
    for place in layers.release.sources.iter().rev() {
        let Ok(mut draft) = planner.manifests.draft(place) else {
            continue;
        };
        let env = layers.pointer("/env");
        let Some(index) = draft.list(&env).iter().rposition(|entry| entry["name"] == variable) else {
            continue;
        };
        if draft.get(&format!("{env}/{index}/valueFrom")).is_none() {
            let wanted = Value::String(plain(value));
            let at = format!("{env}/{index}/value");
            let current = draft.get(&at).map(plain).unwrap_or_default();
            if !same(setting, &current, &plain(value)) {
                planner.own(place, &mut draft, &at, wanted, setting.from != Some(ValueFrom::ClientSecret));
            }
            planner.record(place, draft, reason);
        }
        return true;
    }
    false
}

fn secret(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    layers: &Layers,
    setting: &Setting,
    pointer: &str,
    reason: &str,
) {
    match &client.secret {
        ClientSecret::Value(value) => {
            if env_reference(planner, profile, layers, setting).is_some() {
                let message = "the client secret comes from a Secret by a variable in `env`, and `secret.value` never replaces a reference; use `secretKeyRef`";
                let place = Place::object(layers.release.object);
                return planner.report_at(&place, "", Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message));
            }
            set(planner, layers, profile, setting, pointer, Value::String(value.clone()), reason);
        }
        ClientSecret::Reference { app, .. } => {
            remove(planner, layers, pointer, reason);
            add_reference(planner, profile, layers, setting, app, reason);
        }
        ClientSecret::Public => remove(planner, layers, pointer, reason),
        ClientSecret::Environment(_) => {}
    }
}

/// Takes a clear value away wherever it stands.
fn remove(planner: &mut Planner<'_>, layers: &Layers, pointer: &str, reason: &str) {
    for place in layers.release.sources.clone() {
        let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        // Absent and empty say the same to the chart.
        if draft.text(&layers.pointer(pointer)).is_some_and(|text| !text.is_empty()) {
            planner.corrected(&place, &layers.pointer(pointer), None);
            draft.remove(&layers.pointer(pointer));
            planner.record(&place, draft, reason);
        }
    }
    if let (Some(index), Some(parameters)) = (layers.parameter(planner, pointer), layers.release.parameters.clone()) {
        let Some(mut draft) = planner.draft(&parameters, &codes::APP_TAKES_SETTING) else {
            return;
        };
        draft.remove(&format!("/{index}"));
        planner.record(&parameters, draft, reason);
    }
}

fn env_pointer(profile: &Profile) -> Option<&str> {
    Some(profile.components.first()?.values.as_ref()?.env.as_str())
}

/// The variable by which the values take the secret from a Secret.
fn env_reference(
    planner: &Planner<'_>,
    profile: &Profile,
    layers: &Layers,
    setting: &Setting,
) -> Option<(Place, usize)> {
    let (pointer, variable) = (layers.pointer(env_pointer(profile)?), setting.env.as_ref()?);
    layers.release.sources.iter().rev().find_map(|place| {
        let draft = planner.manifests.draft(place).ok()?;
        let index = draft.list(&pointer).iter().rposition(|entry| entry["name"] == *variable)?;
        draft.get(&format!("{pointer}/{index}/valueFrom"))?;
        Some((place.clone(), index))
    })
}

fn add_reference(
    planner: &mut Planner<'_>,
    profile: &Profile,
    layers: &Layers,
    setting: &Setting,
    app: &KeyRef,
    reason: &str,
) {
    let (Some(env), Some(variable)) = (env_pointer(profile), &setting.env) else {
        return;
    };
    let entry = json!({"name": variable, "valueFrom": {"secretKeyRef": {"name": app.name, "key": app.key}}});
    let pointer = layers.pointer(env);
    if let Some((place, index)) = env_reference(planner, profile, layers, setting) {
        let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        let at = format!("{pointer}/{index}");
        if draft.get(&at) != Some(&entry) {
            planner.corrected(&place, &at, None);
            draft.set(&at, entry);
        }
        return planner.record(&place, draft, reason);
    }
    let Some(list) = layers.list(planner, env) else {
        return;
    };
    let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    draft.append(&pointer, entry);
    let what = format!("{variable} from key {} of Secret {}", app.key, app.name);
    list.record(planner, draft, reason, &what);
}

/// Whether another value of the chart already yields this one as `https://<host>`.
fn is_yielded_by_host(planner: &Planner<'_>, layers: &Layers, setting: &Setting, value: &Value) -> bool {
    let (Some(host), Some(pointer)) = (&setting.values_host, &setting.values) else {
        return false;
    };
    let yields = layers.get(planner, host).and_then(|host| Some(format!("https://{}", host.as_str()?)));
    yields.is_some_and(|url| *value == url) && layers.get(planner, pointer).is_none()
}

fn joined(setting: &Setting, value: Value) -> Value {
    match (&value, &setting.join) {
        (Value::Array(items), Some(separator)) => {
            Value::String(items.iter().map(plain).collect::<Vec<_>>().join(separator))
        }
        _ => value,
    }
}

/// Adds the Secret that holds a secret in clear text, for an app whose manifests have none.
pub(super) fn add_secret(
    planner: &mut Planner<'_>,
    client: &Client,
    namespace: Option<&str>,
    value: &str,
    beside: usize,
) {
    let mut metadata = serde_json::Map::new();
    metadata.insert("name".to_owned(), json!(format!("{}-oidc", client.id)));
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    let labels = client.profile.as_ref().and_then(|profile| profile.client.as_ref()).map(|known| &known.secret_labels);
    if let Some(labels) = labels.filter(|labels| !labels.is_empty()) {
        metadata.insert("labels".to_owned(), json!(labels));
    }
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "stringData": {"client-secret": value},
    });
    planner.add(secret, beside, format!("hold the secret of client {}", client.id));
}
