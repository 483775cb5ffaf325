//! Where the keys of Secrets come from: a Secret, a store outside, a seal, a generator. Values are never told, only
//! compared.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{SecretKey, World};
use crate::krm::{Object, Place};
use crate::patch::token;

/// What brings a key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A Secret in the input, with this value.
    Value(String),
    /// A store outside: its key and property.
    Remote(String, String),
    /// Something that can be opened in the cluster only: what it is.
    Closed(&'static str),
}

/// The keys that a Secret is known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Nothing in the input makes a Secret of that name.
    NotSeen,
    /// Something makes it, and does not say which keys.
    Open,
    /// These, and no others.
    Known(Vec<String>),
}

/// Kinds that make a Secret of their own or another name without saying its keys: kind, and the pointer to the name.
const MAKERS: &[(&str, &str)] = &[
    ("OnePasswordItem", "/metadata/name"),
    ("VaultStaticSecret", "/spec/destination/name"),
    ("VaultDynamicSecret", "/spec/destination/name"),
    ("InfisicalSecret", "/spec/managedSecretReference/secretName"),
    ("DopplerSecret", "/spec/managedSecret/name"),
    ("BitwardenSecret", "/spec/secretName"),
    ("SecretProviderClass", "/metadata/name"),
    ("SecretTemplate", "/metadata/name"),
    ("Password", "/metadata/name"),
    ("StringSecret", "/metadata/name"),
];

impl World<'_> {
    /// Everything in the input that makes a Secret of a name.
    pub fn makers(&self, name: &str, namespace: Option<&str>) -> Vec<(usize, Place)> {
        let mut found = Vec::new();
        for &index in self.by_target.get(name).into_iter().flatten() {
            let object = &self.texts.objects()[index];
            let is_everywhere = object.id.kind == "ClusterExternalSecret";
            if is_everywhere || object.id.shares_namespace(namespace) {
                found.push((index, Place::object(index)));
            }
        }
        found
    }

    /// The keys of a Secret, of all that make it together.
    pub fn keys(&self, name: &str, namespace: Option<&str>) -> Keys {
        let mut all = Keys::NotSeen;
        for (index, _) in self.makers(name, namespace) {
            let own = keys_of(&self.texts.objects()[index], name);
            all = match (all, own) {
                (Keys::Open, _) | (_, Keys::Open) => Keys::Open,
                (Keys::NotSeen, own) => own,
                (all, Keys::NotSeen) => all,
                (Keys::Known(mut all), Keys::Known(own)) => {
                    all.extend(own);
                    Keys::Known(all)
                }
            };
        }
        all
    }

    /// What brings a key; several where the input holds several environments.
    pub fn origins(&self, key: &SecretKey) -> Vec<Origin> {
        let makers = self.makers(&key.name, key.namespace.as_deref());
        makers.iter().filter_map(|(index, _)| origin_of(&self.texts.objects()[*index], &key.name, &key.key)).collect()
    }

    /// The value of a key, where it stands in the input in clear.
    pub fn value_of(&self, key: &SecretKey) -> Option<String> {
        let mut values = self.origins(key).into_iter().map(|origin| match origin {
            Origin::Value(value) => Some(value),
            _ => None,
        });
        let first = values.next()??;
        values.all(|value| value.as_ref() == Some(&first)).then_some(first)
    }
}

/// The names of the Secrets that an object makes.
pub(super) fn targets(object: &Object) -> Vec<String> {
    let text = |pointer: &str| object.text(pointer).filter(|text| !text.is_empty());
    let one = |name: Option<&str>| name.map(str::to_owned).into_iter().collect();
    match object.id.kind.as_str() {
        "Secret" if object.id.group().is_empty() => vec![object.id.name.clone()],
        "ExternalSecret" => one(text("/spec/target/name").or(Some(&object.id.name))),
        "ClusterExternalSecret" => one(text("/spec/externalSecretSpec/target/name")
            .or_else(|| text("/spec/externalSecretName"))
            .or(Some(&object.id.name))),
        "SealedSecret" => one(text("/spec/template/metadata/name").or(Some(&object.id.name))),
        "SopsSecret" => {
            let templates = object.value.pointer("/spec/secretTemplates").and_then(Value::as_array);
            let names = templates.into_iter().flatten().filter_map(|template| template["name"].as_str());
            names.map(str::to_owned).collect()
        }
        "Certificate" if object.id.group() == "cert-manager.io" => one(text("/spec/secretName")),
        "Kustomization" => generated(object, "secretGenerator").map(|(name, _)| name).collect(),
        kind => {
            let known = MAKERS.iter().find(|(maker, _)| *maker == kind);
            known.map(|(_, pointer)| text(pointer).unwrap_or(&object.id.name).to_owned()).into_iter().collect()
        }
    }
}

/// The generators of one sort in a Kustomization, by the name they give.
pub(super) fn generated<'o>(object: &'o Object, list: &str) -> impl Iterator<Item = (String, &'o Value)> {
    let entries = object.value.get(list).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| Some((entry["name"].as_str()?.to_owned(), entry)))
}

fn map_keys(object: &Object, pointer: &str) -> Vec<String> {
    let map = object.value.pointer(pointer).and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn keys_of(object: &Object, name: &str) -> Keys {
    let is_filled = |pointer: &str| match object.value.pointer(pointer) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        _ => false,
    };
    match object.id.kind.as_str() {
        "Secret" => {
            let mut keys = map_keys(object, "/data");
            keys.extend(map_keys(object, "/stringData"));
            // An empty one is filled in the cluster, and so is a copy.
            let is_copied = map_keys(object, "/metadata/annotations").iter().any(|key| {
                ["replicat", "reflect", "kubed", "sync", "vault", "avp", "secret-generator"]
                    .iter()
                    .any(|word| key.contains(word))
            });
            if keys.is_empty() || is_copied { Keys::Open } else { Keys::Known(keys) }
        }
        "ExternalSecret" | "ClusterExternalSecret" => {
            let spec = if object.id.kind == "ExternalSecret" { "/spec" } else { "/spec/externalSecretSpec" };
            let template = format!("{spec}/target/template");
            if is_filled(&format!("{template}/templateFrom")) {
                return Keys::Open;
            }
            let merges = object.text(&format!("{template}/mergePolicy")) == Some("Merge");
            let templated = map_keys(object, &format!("{template}/data"));
            if !templated.is_empty() && !merges {
                return Keys::Known(templated);
            }
            if is_filled(&format!("{spec}/dataFrom")) {
                return Keys::Open;
            }
            let data = object.value.pointer(&format!("{spec}/data")).and_then(Value::as_array);
            let own = data.into_iter().flatten().filter_map(|entry| Some(entry["secretKey"].as_str()?.to_owned()));
            Keys::Known(own.chain(templated).collect())
        }
        "SealedSecret" => {
            let mut keys = map_keys(object, "/spec/encryptedData");
            keys.extend(map_keys(object, "/spec/template/data"));
            if keys.is_empty() { Keys::Open } else { Keys::Known(keys) }
        }
        "SopsSecret" => {
            let templates = object.value.pointer("/spec/secretTemplates").and_then(Value::as_array);
            let own = templates.into_iter().flatten().find(|template| template["name"] == name);
            let keys = own.into_iter().flat_map(|template| {
                ["stringData", "data"].into_iter().filter_map(|field| template.get(field)?.as_object())
            });
            Keys::Known(keys.flat_map(|map| map.keys().cloned()).collect())
        }
        "Certificate" => Keys::Known(["tls.crt", "tls.key", "ca.crt"].map(str::to_owned).to_vec()),
        "Kustomization" => {
            let entries = generated(object, "secretGenerator").filter(|(known, _)| known == name);
            let mut keys = Vec::new();
            for (_, entry) in entries {
                if entry.get("envs").or_else(|| entry.get("env")).is_some() || entry["behavior"] == "merge" {
                    return Keys::Open;
                }
                let texts = |list: &str| {
                    entry.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
                };
                keys.extend(texts("literals").filter_map(|literal| Some(literal.split_once('=')?.0.to_owned())));
                keys.extend(texts("files").map(|file| match file.split_once('=') {
                    Some((key, _)) => key.to_owned(),
                    None => file.rsplit('/').next().unwrap_or(file).to_owned(),
                }));
            }
            Keys::Known(keys)
        }
        _ => Keys::Open,
    }
}

fn origin_of(object: &Object, name: &str, key: &str) -> Option<Origin> {
    match object.id.kind.as_str() {
        "Secret" => {
            let clear = object.value.get("stringData").and_then(|data| data.get(key));
            let packed = object.value.get("data").and_then(|data| data.get(key));
            if object.value.get("sops").is_some() {
                return clear.or(packed).map(|_| Origin::Closed("SOPS"));
            }
            if let Some(text) = clear.and_then(Value::as_str) {
                return Some(of_text(text.to_owned()));
            }
            let compact: String = packed?.as_str()?.split_whitespace().collect();
            let bytes = STANDARD.decode(compact).ok()?;
            Some(of_text(String::from_utf8(bytes).ok()?))
        }
        "ExternalSecret" | "ClusterExternalSecret" => {
            let spec = if object.id.kind == "ExternalSecret" { "/spec" } else { "/spec/externalSecretSpec" };
            let template = object.text(&format!("{spec}/target/template/data/{}", token(key)));
            let secret_key = match template {
                Some(text) => simple_reference(text)?,
                None => key.to_owned(),
            };
            let entries = |list: &str| {
                object.value.pointer(&format!("{spec}/{list}")).and_then(Value::as_array).into_iter().flatten()
            };
            let text =
                |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(entry) = entries("data").find(|entry| entry["secretKey"] == secret_key.as_str()) {
                let remote = entry.get("remoteRef")?;
                return Some(Origin::Remote(text(remote, "key"), text(remote, "property")));
            }
            let extracts: Vec<&Value> = entries("dataFrom").filter_map(|entry| entry.get("extract")).collect();
            match extracts.as_slice() {
                [one] => Some(Origin::Remote(text(one, "key"), secret_key)),
                _ => None,
            }
        }
        "SealedSecret" => Some(Origin::Closed("a SealedSecret")),
        "SopsSecret" => Some(Origin::Closed("SOPS")),
        "Kustomization" => {
            let entry = generated(object, "secretGenerator").find(|(known, _)| known == name)?.1;
            let literals = entry.get("literals").and_then(Value::as_array)?;
            let value = literals
                .iter()
                .filter_map(Value::as_str)
                .find_map(|literal| literal.strip_prefix(key)?.strip_prefix('='))?;
            Some(of_text(value.trim_matches(['"', '\'']).to_owned()))
        }
        _ => None,
    }
}

fn of_text(text: String) -> Origin {
    if super::is_template(&text) { Origin::Closed("a template") } else { Origin::Value(text) }
}

/// The key in `{{ .key }}`, with nothing done to it but being made text.
fn simple_reference(template: &str) -> Option<String> {
    let inner = template.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim().trim_matches('-').trim();
    let path = inner.split('|').next()?.trim();
    let tail: Vec<&str> = inner.split('|').skip(1).map(str::trim).collect();
    let key = path.strip_prefix('.')?;
    let is_simple = tail.iter().all(|step| ["toString", "quote", "trim"].contains(step));
    (is_simple && !key.contains([' ', '"', '('])).then(|| key.to_owned())
}
