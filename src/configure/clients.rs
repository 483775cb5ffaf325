//! Validates `clients` and fills in what the profile knows.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Mistakes, check_url};
use crate::app::profile::{ClientProfile, Profile};
use crate::config::document::{Client, ClientSecret};
use crate::config::shape::nearest;
use crate::config::v1alpha1;

pub(super) fn clients_of(
    clients: Vec<v1alpha1::Client>,
    profiles: &[Arc<Profile>],
    groups: bool,
    found: &mut Mistakes,
) -> Vec<Client> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut valid = Vec::new();
    for (index, client) in clients.into_iter().enumerate() {
        let pointer = format!("/clients/{index}");
        let client = client_of(client, profiles, groups, &pointer, found);
        if client.id.is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(client.id.clone(), index) {
            let message = format!("must be unique: \"{}\" is already the id of clients[{first}]", client.id);
            found.add(&format!("{pointer}/clientID"), message);
        }
        valid.push(client);
    }
    valid
}

fn client_of(
    mut client: v1alpha1::Client,
    profiles: &[Arc<Profile>],
    groups: bool,
    pointer: &str,
    found: &mut Mistakes,
) -> Client {
    let profile = client.app.as_deref().and_then(|app| profile_of(app, profiles, pointer, found));
    let profile = profile.map(|profile| with_login_source(profile, &mut client, pointer, found));
    let known = profile.as_ref().and_then(|profile| profile.client.as_ref());
    let is_app = client.app.is_some();
    if !is_app && client.client_id.is_none() {
        found.add(&format!("{pointer}/clientID"), "must be set for a client without `app`");
    }
    if !is_app && client.redirect_uris.is_empty() && client.public != Some(true) {
        found.add(&format!("{pointer}/redirectURIs"), "must be set for a client without `app`");
    }
    match &client.url {
        None if known.is_some_and(|known| !known.redirect_paths.is_empty()) => {
            found.add(&format!("{pointer}/url"), "must be set: the app's address in the browser");
        }
        Some(url) => check_url(&format!("{pointer}/url"), url, found),
        None => {}
    }
    for (index, uri) in client.redirect_uris.iter().enumerate() {
        if uri.trim().is_empty() || uri.contains(char::is_whitespace) && !uri.contains("{{") {
            found.add(&format!("{pointer}/redirectURIs/{index}"), "must be a URI without spaces");
        }
    }
    if let Some(id) = &client.client_id
        && (id.is_empty() || id.contains(char::is_whitespace))
    {
        found.add(&format!("{pointer}/clientID"), "must not be empty or hold spaces");
    }
    let secret = secret_of(&client, profile.as_deref(), pointer, found);
    if let Some(profile) = &profile {
        check_settings(&client, profile, pointer, found);
        for (index, component) in client.components.iter().enumerate() {
            let names = profile.components.iter().map(|component| component.name.as_str());
            if !names.clone().any(|name| name == component) {
                let names: Vec<_> = names.collect();
                let message = format!("must be one of {}, not \"{component}\"", names.join(", "));
                found.add(&format!("{pointer}/components/{index}"), message);
            }
        }
    }
    let redirect_uris = redirect_uris(&client, known);
    if is_app && profile.is_some() && redirect_uris.is_empty() {
        found.add(&format!("{pointer}/redirectURIs"), "must be set: the app's profile knows none");
    }
    let states_scopes = client.scopes.is_some();
    let scopes = client.scopes.unwrap_or_else(|| default_scopes(known, groups));
    Client {
        id: client.client_id.or_else(|| known.map(|known| known.id.clone())).unwrap_or_default(),
        profile,
        name: client.name,
        url: client.url,
        redirect_uris,
        scopes,
        states_scopes,
        secret,
        namespace: Some(client.namespace).filter(|name| !name.is_empty()),
        workload: Some(client.workload).filter(|name| !name.is_empty()),
        settings: client.settings,
        trusted_peers: client.trusted_peers,
        components: client.components,
        helm: client.helm,
    }
}

/// The derived ones first, then the app's own, then the additional ones; each once.
fn redirect_uris(client: &v1alpha1::Client, known: Option<&ClientProfile>) -> Vec<String> {
    let url = client.url.as_deref().unwrap_or_default();
    let base = url.trim_end_matches('/');
    let derived = known.iter().flat_map(|known| &known.redirect_paths).map(|path| match path.as_str() {
        "" => url.to_owned(),
        path => format!("{base}{path}"),
    });
    let own = known.iter().flat_map(|known| &known.redirect_uris).chain(&client.redirect_uris).cloned();
    let mut uris: Vec<String> = Vec::new();
    for uri in derived.chain(own) {
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    uris
}

fn default_scopes(known: Option<&ClientProfile>, groups: bool) -> Vec<String> {
    let mut scopes = known.map(|known| known.scopes.clone()).unwrap_or_default();
    if scopes.is_empty() {
        scopes = ["openid", "profile", "email"].map(str::to_owned).to_vec();
    }
    if groups && !scopes.iter().any(|scope| scope == "groups") {
        scopes.push("groups".to_owned());
    }
    scopes
}

fn profile_of(app: &str, profiles: &[Arc<Profile>], pointer: &str, found: &mut Mistakes) -> Option<Arc<Profile>> {
    let clients = || profiles.iter().filter(|profile| profile.client.is_some());
    let profile = clients().find(|profile| profile.is_called(app));
    if profile.is_none() {
        let hint = match nearest(app, clients().flat_map(|profile| profile.names())) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`private-sso apps` lists them; one of your own goes into `apps`".to_owned(),
        };
        found.add(&format!("{pointer}/app"), format!("must be a known app, not \"{app}\"; {hint}"));
    }
    profile.cloned()
}

/// A login source may have another name than the profile's: `settings.name`.
fn with_login_source(
    profile: Arc<Profile>,
    client: &mut v1alpha1::Client,
    pointer: &str,
    found: &mut Mistakes,
) -> Arc<Profile> {
    if profile.client.as_ref().is_none_or(|known| known.login_source.is_none()) {
        return profile;
    }
    match client.settings.shift_remove("name") {
        None => profile,
        Some(serde_json::Value::String(name)) if is_path_segment(&name) => Arc::new(profile.for_login_source(&name)),
        Some(_) => {
            let message = "must be letters, digits, `-`, `_` or `.`: the name is a part of the redirect URI";
            found.add(&format!("{pointer}/settings/name"), message);
            profile
        }
    }
}

/// Whether a name stands in a path as it is.
fn is_path_segment(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn secret_of(
    client: &v1alpha1::Client,
    profile: Option<&Profile>,
    pointer: &str,
    found: &mut Mistakes,
) -> ClientSecret {
    let at = format!("{pointer}/secret");
    let known = profile.and_then(|profile| profile.client.as_ref().map(|known| (profile, known)));
    if let Some((profile, _)) = known.filter(|(_, known)| !known.confidential) {
        let only = format!("{} can only be a public client, with PKCE and no secret", profile.title);
        if client.public == Some(false) {
            found.add(&format!("{pointer}/public"), format!("must not be false: {only}"));
        }
        if client.secret.is_some() {
            found.add(&at, format!("must not be set: {only}"));
        }
        return ClientSecret::Public;
    }
    if client.public == Some(true) {
        if client.secret.is_some() {
            found.add(&at, "must not be set for a public client");
        }
        if known.is_some_and(|(_, known)| !known.public) {
            found.add(&format!("{pointer}/public"), "must not be true: the app cannot sign in without a secret");
        }
        return ClientSecret::Public;
    }
    let Some(secret) = &client.secret else {
        found.add(&at, "must be set (`value`, `secretKeyRef` or `dexEnv`), or `public: true`");
        return ClientSecret::Public;
    };
    match (&secret.value, &secret.secret_key_ref, &secret.dex_env) {
        (Some(value), None, None) => {
            if value.trim().is_empty() || value.trim() != value || value.contains("{{") {
                found.add(
                    &format!("{at}/value"),
                    "must be text without outer spaces and without `{{`, which Dex's image would execute",
                );
            }
            if secret.dex_secret_key_ref.is_some() || secret.client_id_key_ref.is_some() {
                found.add(
                    &at,
                    "must not have `dexSecretKeyRef` or `clientIDKeyRef` beside `value`; they go with `secretKeyRef`",
                );
            }
            ClientSecret::Value(value.clone())
        }
        (None, Some(app), env) => ClientSecret::Reference {
            app: app.clone(),
            dex: secret.dex_secret_key_ref.clone().unwrap_or_else(|| app.clone()),
            env: env.clone(),
            client_id: secret.client_id_key_ref.clone(),
        },
        (None, None, Some(env)) => {
            if secret.dex_secret_key_ref.is_some() || secret.client_id_key_ref.is_some() {
                found.add(&at, "must have `secretKeyRef` beside `dexSecretKeyRef` or `clientIDKeyRef`");
            }
            ClientSecret::Environment(env.clone())
        }
        _ => {
            found.add(
                &at,
                "must have exactly one of `value` and `secretKeyRef` (`dexEnv` goes with `secretKeyRef`, or alone)",
            );
            ClientSecret::Public
        }
    }
}

fn check_settings(client: &v1alpha1::Client, profile: &Profile, pointer: &str, found: &mut Mistakes) {
    for name in client.settings.keys() {
        let at = format!("{pointer}/settings/{}", crate::patch::token(name));
        let ways = || std::iter::once(profile).chain(profile.alternate());
        let owns =
            |profile: &Profile| profile.settings.iter().any(|setting| setting.is_owned() && setting.goes_by(name));
        if ways().any(owns) {
            found.add(&at, "must not be set here: this document sets it from its own fields");
        } else if profile.open_document().is_none() && ways().all(|profile| profile.option(name).is_none()) {
            let names = ways().flat_map(|profile| &profile.options).filter_map(|option| option.name.as_deref());
            let hint = match nearest(name, names.clone()) {
                Some(name) => format!("did you mean `{name}`?"),
                None if profile.options.is_empty() => "its profile knows none".to_owned(),
                None => format!("known are {}", names.collect::<Vec<_>>().join(", ")),
            };
            found.add(&at, format!("must be a setting of {}; {hint}", profile.title));
        } else if let Some(advice) = profile.unknown_fields.get(name) {
            found.add(&at, format!("must be a field that {} reads: {advice}", profile.title));
        }
    }
}
