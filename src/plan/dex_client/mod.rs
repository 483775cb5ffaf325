//! Registers every client in Dex, wherever Dex's configuration is.

mod find;
mod id;
mod origins;

pub(super) use find::Home;
use find::{Target, Variables, homes, key_of};
use serde_json::{Map, Value, json};

use super::layers::Layers;
use super::planner::Planner;
use crate::config::document::KeyRef;
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, Severity, codes};
use crate::patch::{Draft, token};

pub(super) fn plan(planner: &mut Planner<'_>) {
    if planner.config.clients.is_empty() {
        return;
    }
    for home in homes(planner) {
        let own = home.bundled_in.clone();
        for client in planner.config.clients.clone().iter().filter(|client| own.as_ref() != Some(&client.id)) {
            register(planner, &home, client);
            origins::allow(planner, &home, client);
        }
    }
}

fn reason(client: &Client) -> String {
    format!("register client {} in Dex", client.id)
}

fn register(planner: &mut Planner<'_>, home: &Home, client: &Client) {
    let Some(mut draft) = planner.draft(&home.config, &codes::DEX_CONFIG_IS_READABLE) else {
        return;
    };
    let list = home.clients_pointer(&draft);
    if draft.get(&list).is_some_and(|clients| !clients.is_array()) {
        let message = "must be a list of clients; nothing in it was changed";
        return planner.report_at(&home.config, &list, Finding::new(&codes::DEX_CONFIG_IS_READABLE, message));
    }
    let position = draft.list(&list).iter().rposition(|entry| id::is_of(planner, home, client, entry));
    match position {
        None => {
            let secret = secret_fields(client, home, None);
            draft.append(&list, new_entry(client, secret));
        }
        Some(index) => {
            if !correct(planner, home, client, &mut draft, &format!("{list}/{index}")) {
                return;
            }
        }
    }
    let entry = position.map_or_else(|| draft.list(&list).last(), |index| draft.list(&list).get(index));
    let variable = entry.and_then(|entry| entry[key_of(entry, "secretEnv")].as_str().map(str::to_owned));
    match &home.list {
        Some(list) => {
            if !list.record(planner, draft, &reason(client), &format!("client {}", client.id)) {
                return;
            }
        }
        None => planner.record(&home.config, draft, reason(client)),
    }
    if let (ClientSecret::Reference { dex, .. }, Some(variable)) = (&client.secret, variable) {
        provide(planner, home, client, &variable, dex);
    }
}

/// The fields that hold the secret, as one of them has to be there.
fn secret_fields(client: &Client, home: &Home, variable: Option<&str>) -> Map<String, Value> {
    let mut fields = Map::new();
    match &client.secret {
        ClientSecret::Public => fields.insert("public".to_owned(), json!(true)),
        ClientSecret::Value(value) => fields.insert("secret".to_owned(), json!(value)),
        ClientSecret::Reference { app, .. } if home.bundled_in.is_some() => {
            let reference = match home.secret_store.as_deref() {
                Some(store) if store == app.name => format!("${}", app.key),
                _ => format!("${}:{}", app.name, app.key),
            };
            fields.insert("secret".to_owned(), json!(reference))
        }
        ClientSecret::Reference { env, .. } => {
            let name = variable.map(str::to_owned).or_else(|| env.clone()).unwrap_or_else(|| client.default_env());
            fields.insert("secretEnv".to_owned(), json!(name))
        }
        ClientSecret::Environment(name) => fields.insert("secretEnv".to_owned(), json!(name)),
    };
    fields
}

fn new_entry(client: &Client, secret: Map<String, Value>) -> Value {
    let mut entry = Map::new();
    entry.insert("id".to_owned(), json!(client.id));
    entry.insert("name".to_owned(), json!(client.display_name()));
    if !client.redirect_uris.is_empty() {
        entry.insert("redirectURIs".to_owned(), json!(client.redirect_uris));
    }
    entry.extend(secret);
    if !client.trusted_peers.is_empty() {
        entry.insert("trustedPeers".to_owned(), json!(client.trusted_peers));
    }
    Value::Object(entry)
}

/// Corrects a client that is registered already; keys that stand are used in the case they stand in.
fn correct(planner: &mut Planner<'_>, home: &Home, client: &Client, draft: &mut Draft, at: &str) -> bool {
    let entry = draft.get(at).cloned().unwrap_or_default();
    let pointer = |field: &str| format!("{at}/{}", key_of(&entry, field));
    let name = draft.text(&pointer("name")).unwrap_or_default().to_owned();
    if name.is_empty() || client.name.as_ref().is_some_and(|wanted| *wanted != name) {
        planner.own(&home.config, draft, &pointer("name"), json!(client.display_name()), true);
    }
    for (field, wanted) in [("redirectURIs", &client.redirect_uris), ("trustedPeers", &client.trusted_peers)] {
        for value in wanted {
            if !draft.list(&pointer(field)).iter().any(|known| known == value.as_str()) {
                draft.append(&pointer(field), json!(value));
            }
        }
    }
    let stood = draft.text(&pointer("secretEnv")).map(str::to_owned);
    if matches!(client.secret, ClientSecret::Value(_)) && stood.is_some() {
        let message = format!(
            "the secret of client \"{}\" comes from a variable of Dex, and `secret.value` never replaces a reference; use `secretKeyRef` or `dexEnv`",
            client.id
        );
        planner.report_at(
            &home.config,
            &pointer("secretEnv"),
            Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message),
        );
        return false;
    }
    if let Some(placeholder) = filled_in(planner, home, client, draft.text(&pointer("secret"))) {
        let ClientSecret::Reference { dex, .. } = &client.secret else { return true };
        let message = format!(
            "the secret of client \"{}\" is filled in by Flux for {placeholder}, and what with is not in the input: it must be the value of key {} of Secret {}; without this line Dex takes it from there",
            client.id, dex.key, dex.name
        );
        let finding = Finding::new(&codes::CLIENT_SECRET_IS_SHARED, message).severity(Severity::Info);
        planner.report_at(&home.config, &pointer("secret"), finding);
        return true;
    }
    // A variable that the document does not name keeps the name it has.
    let named = match &client.secret {
        ClientSecret::Reference { env: Some(name), .. } => Some(name.as_str()),
        _ => stood.as_deref(),
    };
    let wanted = secret_fields(client, home, named);
    for field in ["secret", "secretEnv", "public"] {
        match wanted.get(field) {
            Some(value) => planner.own(&home.config, draft, &pointer(field), value.clone(), field == "secretEnv"),
            None => {
                if draft.get(&pointer(field)).is_some_and(|stands| *stands != false && *stands != "") {
                    planner.corrected(&home.config, &pointer(field), None);
                    draft.remove(&pointer(field));
                }
            }
        }
    }
    true
}

/// The placeholder that stands for the secret where Flux fills one in: a reference as well, which is not replaced by another.
fn filled_in(planner: &Planner<'_>, home: &Home, client: &Client, stands: Option<&str>) -> Option<String> {
    let is_reference = matches!(client.secret, ClientSecret::Reference { .. }) && home.bundled_in.is_none();
    let is_flux = || planner.manifests.objects.iter().any(|object| object.id.group().ends_with(".toolkit.fluxcd.io"));
    let text = stands.filter(|text| text.starts_with("${") && text.find('}') == Some(text.len() - 1))?;
    (is_reference && is_flux()).then(|| text.to_owned())
}

/// Gives Dex the variable that `secretEnv` names. An unset one would be read as the empty secret, without a word.
fn provide(planner: &mut Planner<'_>, home: &Home, client: &Client, variable: &str, from: &KeyRef) {
    let entry = json!({"name": variable, "valueFrom": {"secretKeyRef": {"name": from.name, "key": from.key}}});
    if home.variables.is_empty() {
        let message = format!(
            "Dex's pod is not in the input: there the variable {variable} must come from key {} of Secret {}",
            from.key, from.name
        );
        return planner.report_at(&home.config, "", Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
    }
    let namespace = planner.manifests.objects[home.config.object].id.namespace.clone();
    super::secret::check_key(planner, &from.name, &from.key, namespace.as_deref());
    let reason = format!("give Dex the secret of client {}", client.id);
    for Variables { place, env, env_from, env_map } in &home.variables {
        if let (Target::Values(layers, _), Some(map)) = (place, env_map) {
            clear_map(planner, layers, &format!("{map}/{}", token(variable)), &reason);
        }
        let list = match place {
            Target::Object(_) => None,
            Target::Values(layers, pointer) => layers.list(planner, pointer),
        };
        let place = match (place, &list) {
            (Target::Object(object), _) => Place::object(*object),
            (_, Some(list)) => list.place.clone(),
            (_, None) => continue,
        };
        let Some(mut draft) = planner.draft(&place, &codes::DEX_CONFIG_IS_READABLE) else {
            continue;
        };
        let provided = draft.list(env_from).iter().any(|source| {
            source.pointer("/secretRef/name") == Some(&json!(from.name))
                && format!("{}{}", source["prefix"].as_str().unwrap_or_default(), from.key) == variable
        });
        match draft.list(env).iter().rposition(|known| known["name"] == variable) {
            Some(index) => {
                let at = format!("{env}/{index}");
                let reference = draft.get(&format!("{at}/valueFrom/secretKeyRef"));
                let same = reference.is_some_and(|r| r["name"] == from.name.as_str() && r["key"] == from.key.as_str());
                if !same {
                    planner.corrected(&place, &at, None);
                    draft.set(&at, entry.clone());
                }
            }
            None if provided => {}
            None => draft.append(env, entry.clone()),
        }
        match list {
            Some(list) => {
                let what = format!("{variable} from key {} of Secret {}", from.key, from.name);
                list.record(planner, draft, &reason, &what);
            }
            None => planner.record(&place, draft, &reason),
        }
    }
}

/// A variable in the chart's mapping would stand beside the one from the Secret.
fn clear_map(planner: &mut Planner<'_>, layers: &Layers, pointer: &str, reason: &str) {
    if layers.get(planner, pointer).is_none() {
        return;
    }
    let Some(place) = layers.source(planner, pointer) else {
        return;
    };
    if let Some(mut draft) = planner.draft(&place, &codes::DEX_CONFIG_IS_READABLE) {
        planner.corrected(&place, &layers.pointer(pointer), None);
        draft.remove(&layers.pointer(pointer));
        planner.record(&place, draft, reason);
    }
}

/// The clients of a configuration, secrets left out, and the origins where an app needs them: what a checksum is taken over.
pub(super) fn clients_without_secrets(planner: &Planner<'_>, config: &Place, pointer: &str) -> Option<Value> {
    let draft = planner.manifests.draft(config).ok()?;
    let mut clients = draft.get(pointer)?.clone();
    for client in clients.as_array_mut().into_iter().flatten() {
        let key = key_of(client, "secret");
        if let Value::Object(map) = client {
            map.remove(&key);
        }
    }
    let has_pages = |client: &Client| client.app().is_some_and(|known| known.browser);
    if planner.config.clients.iter().any(has_pages) {
        let root = pointer.rsplit_once('/').map_or("", |(root, _)| root);
        let origins = draft.get(&format!("{root}{}", origins::origins_path(draft.get(root)))).cloned();
        return Some(json!({"clients": clients, "origins": origins}));
    }
    Some(clients)
}

pub(super) fn homes_in_pods(planner: &mut Planner<'_>) -> Vec<(Place, String, Vec<usize>)> {
    homes(planner)
        .into_iter()
        .filter(|home| !home.pods.is_empty())
        .filter_map(|home| {
            let draft = planner.manifests.draft(&home.config).ok()?;
            let pointer = home.clients_pointer(&draft);
            Some((home.config.clone(), pointer, home.pods.clone()))
        })
        .collect()
}

/// Objects that stand for Dex in the input: its pods, else what holds its configuration.
pub(super) fn places(planner: &mut Planner<'_>) -> Vec<usize> {
    homes(planner).iter().map(|home| home.pods.first().copied().unwrap_or(home.config.object)).collect()
}
