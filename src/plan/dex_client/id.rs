//! Whose a client in Dex's configuration is: by its id, or by the variable that the id comes from.

use serde_json::Value;

use super::find::{Home, Target, Variables, key_of};
use crate::config::{Client, ClientSecret};
use crate::krm::{Object, Place};
use crate::patch::Draft;
use crate::plan::instance::plain;
use crate::plan::planner::Planner;
use crate::plan::secret;

/// Whether an entry is a client's. One whose id comes from a variable that is not in the input is, where it has the secret's
/// variable that the document names for the client: Dex reads both from the same environment.
pub(super) fn is_of(planner: &Planner<'_>, home: &Home, client: &Client, entry: &Value) -> bool {
    if let Some(id) = entry[key_of(entry, "id")].as_str().filter(|id| !id.is_empty()) {
        return id == client.id;
    }
    let Some(name) = entry[key_of(entry, "idEnv")].as_str().filter(|name| !name.is_empty()) else {
        return false;
    };
    match home.variables.iter().find_map(|variables| value_of(planner, variables, name)) {
        Some(id) => id == client.id,
        None => {
            let stated = match &client.secret {
                ClientSecret::Reference { env, .. } => env.as_deref(),
                ClientSecret::Environment(name) => Some(name.as_str()),
                ClientSecret::Value(_) | ClientSecret::Public => None,
            };
            stated.is_some() && entry[key_of(entry, "secretEnv")].as_str() == stated
        }
    }
}

/// What Dex's variable says, as far as the input shows: written out, or in a Secret or ConfigMap.
fn value_of(planner: &Planner<'_>, variables: &Variables, name: &str) -> Option<String> {
    let (draft, namespace) = match &variables.place {
        Target::Object(object) => {
            let namespace = planner.manifests.objects[*object].id.namespace.clone();
            (planner.manifests.draft(&Place::object(*object)).ok()?, namespace)
        }
        Target::Values(layers, pointer) => {
            let place = layers.source(planner, pointer)?;
            (planner.manifests.draft(&place).ok()?, layers.release.namespace.clone())
        }
    };
    let namespace = namespace.as_deref();
    if let Some(entry) = draft.list(&variables.env).iter().rfind(|entry| entry["name"] == name) {
        if let Some(text) = entry.get("value") {
            return Some(plain(text));
        }
        let (kind, from) = ["Secret", "ConfigMap"]
            .into_iter()
            .zip(["secretKeyRef", "configMapKeyRef"])
            .find_map(|(kind, field)| Some((kind, entry.pointer(&format!("/valueFrom/{field}"))?)))?;
        return held(planner, kind, from["name"].as_str()?, from["key"].as_str()?, namespace);
    }
    all(&draft, &variables.env_from)
        .find_map(|(kind, holder, prefix)| held(planner, kind, &holder, name.strip_prefix(prefix.as_str())?, namespace))
}

/// The Secrets and ConfigMaps all keys of which are variables, with what stands before their names; the last one counts.
fn all<'d>(draft: &'d Draft, env_from: &str) -> impl Iterator<Item = (&'static str, String, String)> + 'd {
    draft.list(env_from).iter().rev().flat_map(|source| {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        [("Secret", "/secretRef/name"), ("ConfigMap", "/configMapRef/name")]
            .into_iter()
            .filter_map(move |(kind, at)| Some((kind, source.pointer(at)?.as_str()?.to_owned(), prefix.to_owned())))
    })
}

/// The text under a key of a Secret or ConfigMap in the input.
fn held(planner: &Planner<'_>, kind: &str, name: &str, key: &str, namespace: Option<&str>) -> Option<String> {
    if kind == "Secret" {
        let object = secret::find(planner, name, namespace)?;
        let draft = planner.manifests.draft(&Place::object(object)).ok()?;
        return secret::get(&draft, key)?.ok();
    }
    let is_it =
        |object: &&Object| object.is("", kind) && object.is_named(name) && object.id.shares_namespace(namespace);
    let map = planner.manifests.objects.iter().find(is_it)?;
    map.value.get("data")?.get(key)?.as_str().map(str::to_owned)
}
