//! Turns the user's document into a [`Config`], or says everything that is wrong with it.

mod clients;
mod trust;

use std::sync::Arc;

use serde_json::Value;

use crate::app::profile::Profile;
use crate::config::shape::{self, Mistake, nearest};
use crate::config::{API_VERSION, CHECK_KIND, Config, KIND, v1alpha1};
use crate::krm::codes;

/// Whether an object is one of our documents.
pub fn is_document(value: &Value) -> bool {
    value["apiVersion"].as_str().is_some_and(|v| v.starts_with("sso.kidd.network/"))
        && [KIND, CHECK_KIND].iter().any(|kind| value["kind"] == *kind)
}

/// Reads a document: a `PrivateSSO`, a `PrivateSSOCheck`, or a ConfigMap whose `data.spec` holds the spec as YAML.
///
/// # Errors
/// Every mistake in it, with its JSON pointer.
pub fn configure(document: &Value) -> Result<Config, Vec<Mistake>> {
    let (spec, base) = spec_of(document)?;
    let misshapen = shape::mistakes(&shape::schema_of::<v1alpha1::Spec>(), &spec, base);
    // What is left without the misshapen fields is looked at too: people mend a document faster in one go.
    let rest = without(spec, base, &misshapen);
    let spec: v1alpha1::Spec = match serde_json::from_value(rest) {
        Ok(spec) => spec,
        Err(_) if !misshapen.is_empty() => return Err(misshapen),
        Err(error) => return Err(vec![mistake(base, &format!("must fit its schema: {error}"))]),
    };
    let mut found = Mistakes { base: base.to_owned(), list: Vec::new() };
    let name = document.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let config = validate(spec, name, document["kind"] == CHECK_KIND, &mut found);
    let mut all = misshapen;
    for mistake in found.list {
        if !all.iter().any(|known| explains(known, &mistake)) {
            all.push(mistake);
        }
    }
    if all.is_empty() { Ok(config) } else { Err(all) }
}

/// Whether a mistake follows from a misshapen field: the same one, or one that was misspelt.
fn explains(known: &Mistake, mistake: &Mistake) -> bool {
    let parent = |pointer: &str| pointer.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
    let name = mistake.pointer.rsplit('/').next().unwrap_or_default();
    mistake.pointer.starts_with(&known.pointer)
        || known.pointer.starts_with(&format!("{}/", mistake.pointer))
        || parent(&known.pointer) == parent(&mistake.pointer) && known.message.contains(&format!("`{name}`?"))
}

/// The spec without its misshapen fields, last first so that indices stay true.
fn without(mut spec: Value, base: &str, misshapen: &[Mistake]) -> Value {
    for mistake in misshapen.iter().rev() {
        let pointer = mistake.pointer.strip_prefix(base).unwrap_or_default();
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        match spec.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                map.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
            }
            Some(Value::Array(items)) => {
                if let Some(index) = key.parse().ok().filter(|index| *index < items.len()) {
                    let _: Value = items.remove(index);
                }
            }
            _ => {}
        }
    }
    spec
}

fn spec_of(document: &Value) -> Result<(Value, &'static str), Vec<Mistake>> {
    if document.is_null() {
        return Err(vec![mistake("", "must be set: a PrivateSSO as `functionConfig`, or with `-c`")]);
    }
    if document["kind"] == "ConfigMap" && document["apiVersion"] == "v1" {
        let Some(text) = document.pointer("/data/spec").and_then(Value::as_str) else {
            return Err(vec![mistake("/data/spec", "must hold the spec of a PrivateSSO as YAML text")]);
        };
        let tree = crate::yaml::Tree::parse(text).and_then(|tree| tree.value());
        return tree
            .map(|spec| (spec, "/data/spec"))
            .map_err(|error| vec![mistake("/data/spec", &format!("must be YAML: {error}"))]);
    }
    let mut mistakes = Vec::new();
    if document["apiVersion"] != API_VERSION {
        mistakes.push(mistake("/apiVersion", &format!("must be {API_VERSION}{}", not(&document["apiVersion"]))));
    }
    if document["kind"] != KIND && document["kind"] != CHECK_KIND {
        mistakes.push(mistake("/kind", &format!("must be {KIND} or {CHECK_KIND}{}", not(&document["kind"]))));
    }
    if let Value::Object(map) = document {
        for key in map.keys().filter(|key| !["apiVersion", "kind", "metadata", "spec"].contains(&key.as_str())) {
            mistakes.push(mistake(
                &format!("/{}", crate::patch::token(key)),
                "is no known field; it may belong below `spec`",
            ));
        }
    }
    match document.get("spec") {
        Some(spec @ Value::Object(_)) if mistakes.is_empty() => return Ok((spec.clone(), "/spec")),
        Some(Value::Object(_)) => {}
        _ => mistakes.push(mistake("/spec", "must be a mapping")),
    }
    Err(mistakes)
}

fn not(found: &Value) -> String {
    found.as_str().map_or(String::new(), |text| format!(", not \"{text}\""))
}

fn mistake(pointer: &str, message: &str) -> Mistake {
    Mistake { pointer: pointer.to_owned(), message: message.to_owned() }
}

/// Mistakes below the spec, in the order they are found.
pub(crate) struct Mistakes {
    base: String,
    list: Vec<Mistake>,
}

impl Mistakes {
    pub(crate) fn add(&mut self, pointer: &str, message: impl Into<String>) {
        self.list.push(Mistake { pointer: format!("{}{pointer}", self.base), message: message.into() });
    }
}

fn validate(spec: v1alpha1::Spec, name: String, check_only: bool, found: &mut Mistakes) -> Config {
    if spec.issuer.is_empty() && !spec.clients.is_empty() {
        found.add("/issuer", "must be set where there are clients");
    } else if !spec.issuer.is_empty() {
        check_url("/issuer", &spec.issuer, found);
    }
    let profiles = profiles(&spec.apps, found);
    let trust = spec.trust.map(|trust| trust::trust_of(trust, found));
    if let Some(ingress) = &spec.ingress
        && ingress.issuer.is_some()
        && ingress.cluster_issuer.is_some()
    {
        found.add("/ingress/issuer", "must not be set beside `clusterIssuer`: cert-manager takes one of them");
    }
    check_access(&spec.access, &name, found);
    for (code, reason) in &spec.checks.disabled {
        let pointer = format!("/checks/disabled/{}", crate::patch::token(code));
        if codes::find(code).is_none() {
            let hint = nearest(code, codes::CODES.iter().map(|code| code.name));
            let hint = hint
                .map_or("; `private-sso explain` lists them".to_owned(), |name| format!("; did you mean `{name}`?"));
            found.add(&pointer, format!("must be the code of a finding{hint}"));
        } else if reason.trim().is_empty() {
            found.add(&pointer, "must give the reason");
        }
    }
    let groups = spec.access.iter().any(|access| access.group.is_some());
    let clients = clients::clients_of(spec.clients, &profiles, groups, found);
    let clones = clients.iter().any(|client| client.profile.as_ref().is_some_and(|p| p.git_certificates.is_some()));
    if !clones && trust.as_ref().is_some_and(|trust| !trust.git_hosts.is_empty()) {
        found.add("/clients", "must have an app that clones from `trust.gitHosts`: argo-cd");
    }
    let dex_profile = profiles.iter().find(|profile| profile.name == "dex").cloned().unwrap_or_default();
    Config {
        name,
        check_only,
        issuer: spec.issuer,
        trust,
        ingress: spec.ingress,
        dex: spec.dex,
        dex_profile,
        clients,
        access: spec.access,
        checks: spec.checks,
        paths: spec.paths,
    }
}

/// The user's profiles, then the built-in ones that they do not replace.
fn profiles(own: &[Profile], found: &mut Mistakes) -> Vec<Arc<Profile>> {
    for (index, profile) in own.iter().enumerate() {
        if let Err(message) = profile.check() {
            found.add(&format!("/apps/{index}"), message);
        }
    }
    let built_in =
        crate::app::BUILT_IN.iter().filter(|built_in| own.iter().all(|profile| profile.name != built_in.name));
    own.iter().cloned().map(Profile::complete).chain(built_in.cloned()).map(Arc::new).collect()
}

/// A URL is text; what holds a template is taken as it is.
pub(crate) fn check_url(pointer: &str, url: &str, found: &mut Mistakes) {
    if url.contains("{{") || url.contains("${") {
        return;
    }
    if !url.starts_with("https://") && !url.starts_with("http://") {
        found.add(pointer, format!("must be a URL that starts with https:// (or http://), not \"{url}\""));
    } else if url::Url::parse(url).is_err() || url.contains(char::is_whitespace) {
        found.add(pointer, format!("must be a URL, not \"{url}\""));
    } else if url.contains(['?', '#']) {
        found.add(pointer, format!("must have no query and no fragment, not \"{url}\""));
    }
}

fn check_access(access: &[v1alpha1::Access], name: &str, found: &mut Mistakes) {
    for (index, entry) in access.iter().enumerate() {
        let pointer = format!("/access/{index}");
        if entry.user.is_some() == entry.group.is_some() {
            found.add(&pointer, "must have exactly one of `user` and `group`");
        }
        if entry.argo_cd.is_none() && entry.cluster_role.is_none() {
            found.add(&pointer, "must have `argoCD` or `clusterRole`: else it gives nothing");
        }
        let subject = entry.user.as_deref().or(entry.group.as_deref()).unwrap_or_default();
        if subject.contains([',', '\n', '"']) || subject.trim() != subject || subject.is_empty() {
            found.add(&pointer, "must name a user or group without commas, quotes and outer spaces");
        }
        if entry.cluster_role.is_some() && name.is_empty() {
            found.add(
                &format!("{pointer}/clusterRole"),
                "needs `metadata.name`: ClusterRoleBindings are named after it",
            );
        }
    }
}
