//! The Secret that holds a client secret for an app: one by the name that the app fixes, or one that is added.

use serde_json::{Map, Value, json};

use super::instance::of_client;
use super::layers::Layers;
use super::planner::Planner;
use super::secret;
use super::value::{Wanted, id_key, wanted};
use crate::app::profile::{Profile, Setting, ValueFrom};
use crate::config::document::KeyRef;
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, Place, codes};

/// Apps that read a Secret of a fixed name have no setting for it: the Secret alone is wired.
pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(name) = client.app().and_then(|known| known.secret_name.clone()) else {
            continue;
        };
        for (object, namespace) in places(planner, client) {
            match &client.secret {
                ClientSecret::Value(value) => hold(planner, client, namespace.as_deref(), value, object),
                ClientSecret::Reference { app, .. } => {
                    check_reference(planner, client, &name, app, object);
                    secret::check_key(planner, &app.name, &app.key, namespace.as_deref());
                }
                ClientSecret::Public | ClientSecret::Environment(_) => {}
            }
        }
    }
}

/// Where the input shows the app: the first of its workloads, and the carriers of its chart; each with its namespace.
fn places(planner: &mut Planner<'_>, client: &Client) -> Vec<(usize, Option<String>)> {
    let Some(profile) = client.profile.clone() else {
        return Vec::new();
    };
    let instance = of_client(planner, client);
    let rendered = instance.and_then(|instance| Some((instance.workloads.first()?.1, instance.namespace)));
    let resources: Vec<usize> = super::app_resources::of_client(planner, client, &profile);
    let resources = resources
        .into_iter()
        .map(|object| (object, planner.manifests.objects[object].id.namespace.clone()))
        .collect::<Vec<_>>();
    let whom = format!("client {}", client.id);
    let layers = Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom);
    let releases = layers.into_iter().map(|layers| (layers.release.object, layers.release.namespace));
    rendered.into_iter().chain(resources).chain(releases).collect()
}

fn check_reference(planner: &mut Planner<'_>, client: &Client, name: &str, app: &KeyRef, object: usize) {
    let key = client.secret_keys().client_secret;
    if app.name == name && app.key == key {
        return;
    }
    let title = client.profile.as_ref().map(|profile| profile.title.clone()).unwrap_or_default();
    let message = format!(
        "{title} takes the client secret from key {key} of Secret {name} only, so `secretKeyRef` must be {{name: {name}, key: {key}}}, not {{name: {}, key: {}}}",
        app.name, app.key
    );
    planner.report_at(&Place::object(object), "", Finding::new(&codes::APP_TAKES_SETTING, message));
}

/// Where the settings of an app are that name a Secret.
pub(super) struct Home<'a> {
    pub(super) namespace: Option<&'a str>,
    /// The object that they are in; findings are about it, and a Secret is added beside it.
    pub(super) beside: usize,
    pub(super) reason: &'a str,
}

/// What a setting says as it stands.
pub(super) type Stands<'s> = &'s dyn Fn(&Planner<'_>, &Setting) -> Option<String>;

/// Whether the Secret that an app's settings name stays as it is named: a secret in clear text is filled into it. Otherwise
/// the settings are free to be written, and the Secret that they will name is seen to.
pub(super) fn keeps(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    home: &Home<'_>,
    stands: Stands<'_>,
) -> bool {
    let setting = |from: ValueFrom| profile.settings.iter().find(move |setting| setting.from == Some(from));
    let Some(name) = setting(ValueFrom::ClientSecretName) else {
        return false;
    };
    let said = |planner: &Planner<'_>, from: ValueFrom| setting(from).and_then(|setting| stands(planner, setting));
    match &client.secret {
        ClientSecret::Value(value) => {
            let held = said(planner, ValueFrom::ClientSecretName).filter(|name| *name != client.secret_name());
            let Some(held) = held else {
                if matches!(wanted(planner.config, client, name), Wanted::Own(_)) {
                    hold(planner, client, home.namespace, value, home.beside);
                }
                return false;
            };
            let Some(object) = secret::find(planner, &held, home.namespace) else {
                let message = format!(
                    "the client secret comes from Secret {held}, which is not in the input, and `secret.value` never replaces a reference; use `secretKeyRef`, or put that Secret into the input"
                );
                let finding = Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message);
                planner.report_at(&Place::object(home.beside), "", finding);
                return true;
            };
            let keys = client.secret_keys();
            let key = said(planner, ValueFrom::ClientSecretKey).unwrap_or(keys.client_secret);
            secret::fill(planner, object, &key, value, false, home.reason);
            let holds_id = said(planner, ValueFrom::ClientIDSecretName).is_none_or(|name| name == held);
            let key = said(planner, ValueFrom::ClientIDSecretKey).or(keys.client_id);
            if let Some(key) = key.filter(|_| holds_id) {
                secret::fill(planner, object, &key, &client.id, true, home.reason);
            }
            true
        }
        ClientSecret::Reference { app, .. } => {
            secret::check_key(planner, &app.name, &app.key, home.namespace);
            if let Some(id) = id_key(client) {
                check_id(planner, client, &id, home);
            }
            false
        }
        ClientSecret::Public | ClientSecret::Environment(_) => false,
    }
}

/// The client id that an app reads from a Secret too.
fn check_id(planner: &mut Planner<'_>, client: &Client, id: &KeyRef, home: &Home<'_>) {
    if secret::find(planner, &id.name, home.namespace).is_some() {
        return secret::check_key(planner, &id.name, &id.key, home.namespace);
    }
    let message = format!(
        "the client id comes from key {} of Secret {}, which is not in the input: there it must be \"{}\"",
        id.key, id.name, client.id
    );
    planner.report_at(&Place::object(home.beside), "", Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
}

/// Makes a Secret hold a secret in clear text: fills the one that the input has, else adds one.
pub(super) fn hold(planner: &mut Planner<'_>, client: &Client, namespace: Option<&str>, value: &str, beside: usize) {
    let (name, keys) = (client.secret_name(), client.secret_keys());
    let reason = format!("hold the secret of client {}", client.id);
    if let Some(known) = secret::find(planner, &name, namespace) {
        if let Some(key) = &keys.client_id {
            secret::fill(planner, known, key, &client.id, true, &reason);
        }
        return secret::fill(planner, known, &keys.client_secret, value, false, &reason);
    }
    let sealed = planner.manifests.objects.iter().find(|object| {
        ["SealedSecret", "ExternalSecret"].contains(&object.id.kind.as_str())
            && object.id.name == name
            && object.id.shares_namespace(namespace)
    });
    if let Some(sealed) = sealed.map(|object| object.id.clone()) {
        let message = "makes the Secret that would hold `secret.value`; refer to it by `secretKeyRef` instead";
        return planner.report(Finding::new(&codes::SECRET_IS_WRITABLE, message).on(&sealed));
    }
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(name));
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    let labels = client.app().map(|known| &known.secret_labels);
    if let Some(labels) = labels.filter(|labels| !labels.is_empty()) {
        metadata.insert("labels".to_owned(), json!(labels));
    }
    let mut held: Map<String, Value> = Map::new();
    if let Some(key) = keys.client_id {
        held.insert(key, json!(client.id));
    }
    held.insert(keys.client_secret, json!(value));
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "stringData": held,
    });
    planner.add(secret, beside, reason);
}
