//! Containers with their variables and files, in workloads and in the values of charts.

use serde_json::Value;

use super::{Said, SecretKey, Seen, World};
use crate::krm::Place;
use crate::krm::pod::{self, entries};

/// A container, or what a chart's values say of one.
#[derive(Clone, Debug)]
pub struct Container {
    /// The workload, or the carrier of the values.
    pub object: usize,
    /// Its name; empty in values.
    pub name: String,
    /// Its image; empty in values.
    pub image: String,
    /// Whether it is an init container.
    pub is_init: bool,
    /// The namespace it runs in, where it is known.
    pub namespace: Option<String>,
    /// The container itself; the values' root.
    pub place: Place,
    /// Places of lists of variables, and mappings of variables to values.
    pub env: Vec<Place>,
    /// Places of lists of `envFrom`.
    pub env_from: Vec<Place>,
    /// Places of lists of arguments, in their order.
    pub args: Vec<Place>,
    /// Places of lists of mounts.
    pub mounts: Vec<Place>,
    /// Places of lists of volumes.
    pub volumes: Vec<Place>,
    /// Whether something that is unseen may add to it.
    pub is_partial: bool,
}

/// What is behind a path in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAt {
    /// No volume is mounted there.
    NotMounted,
    /// A key of a ConfigMap or Secret.
    Key {
        /// `ConfigMap` or `Secret`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The key.
        key: String,
        /// Whether the pod starts without it.
        is_optional: bool,
        /// Whether it is mounted by `subPath`, and so never renewed.
        is_sub_path: bool,
        /// Where the volume is declared.
        volume: Place,
        /// Where it is mounted.
        mount: Place,
    },
    /// Something in a volume that cannot be looked into.
    Unseen,
}

/// One entry of a list of mounts.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where it is mounted.
    pub path: String,
    /// The file in the volume, if only one is.
    pub sub_path: Option<String>,
    /// The volume's name.
    pub volume: String,
    /// The entry.
    pub place: Place,
}

impl World<'_> {
    /// All containers of a workload.
    pub fn containers_of(&self, object: usize) -> Vec<Container> {
        let it = &self.texts.objects()[object];
        let Some(template) = pod::template_pointer(it) else { return Vec::new() };
        let root = Place::object(object);
        let volumes = root.under(&format!("{template}/spec/volumes"));
        let is_partial = self.is_patched(object);
        let found = pod::containers(it).into_iter().map(|container| {
            let place = root.under(&container.pointer);
            Container {
                object,
                name: container.name().to_owned(),
                image: container.image().to_owned(),
                is_init: container.is_init,
                namespace: it.id.namespace.clone(),
                env: vec![place.under("/env")],
                env_from: vec![place.under("/envFrom")],
                args: vec![place.under("/command"), place.under("/args")],
                mounts: vec![place.under("/volumeMounts")],
                volumes: vec![volumes.clone()],
                place,
                is_partial,
            }
        });
        found.collect()
    }

    /// The entries of lists, each with its place.
    pub fn list(&self, places: &[Place]) -> Vec<(Value, Place)> {
        let mut found = Vec::new();
        for place in places {
            if let Some(Value::Array(items)) = self.texts.at(place) {
                let items = items.into_iter().enumerate();
                found.extend(items.map(|(index, item)| (item, place.under(&format!("/{index}")))));
            }
        }
        found
    }

    /// A variable of a container, followed to the Secret or ConfigMap it comes from.
    pub fn variable(&self, container: &Container, name: &str) -> Seen {
        for place in &container.env {
            // The entry of a list, or the value of a mapping, and where it is.
            let found = self.texts.with(place, |value| match value {
                Some(Value::Array(items)) => {
                    let index = items.iter().rposition(|entry| entry["name"] == name)?;
                    Some((items[index].clone(), place.under(&format!("/{index}")), true))
                }
                Some(Value::Object(map)) => {
                    let value = map.get(name)?;
                    let at = place.under(&format!("/{}", crate::patch::token(name)));
                    Some((value.clone(), at, value.is_object()))
                }
                _ => None,
            });
            match found {
                Some((entry, at, true)) => return self.entry(container, &entry, &at),
                Some((value, at, false)) => return Seen::Is(Said::new(value, at)),
                None => {}
            }
        }
        self.env_from(container, name)
    }

    fn entry(&self, container: &Container, entry: &Value, place: &Place) -> Seen {
        if let Some(value) = entry.get("value").filter(|value| !value.is_null()) {
            return Seen::Is(Said::new(value.clone(), place.under("/value")));
        }
        let from = entry.get("valueFrom").unwrap_or(entry);
        let text = |reference: &Value, field: &str| reference.get(field).and_then(Value::as_str).map(str::to_owned);
        if let Some(reference) = from.get("secretKeyRef") {
            let (Some(name), Some(key)) = (text(reference, "name"), text(reference, "key")) else {
                return Seen::Unseen;
            };
            return Seen::Is(self.of_secret(SecretKey { namespace: container.namespace.clone(), name, key }, place));
        }
        if let Some(reference) = from.get("configMapKeyRef") {
            let (Some(name), Some(key)) = (text(reference, "name"), text(reference, "key")) else {
                return Seen::Unseen;
            };
            return self.of_config_map(&name, container.namespace.as_deref(), &key).unwrap_or(Seen::Unseen);
        }
        if entry.get("valueFrom").is_some() { Seen::Unseen } else { Seen::Is(Said::new("".into(), place.clone())) }
    }

    /// A value that comes from a Secret: read where it is in the input, and known to be there otherwise.
    pub fn of_secret(&self, key: SecretKey, place: &Place) -> Said {
        let value = self.value_of(&key).map_or(Value::Null, Value::String);
        Said { value, place: place.clone(), from: Some(key) }
    }

    /// A key of a ConfigMap; nothing where the ConfigMap is not in the input.
    pub fn of_config_map(&self, name: &str, namespace: Option<&str>, key: &str) -> Option<Seen> {
        let maps = self.named("ConfigMap", name, namespace);
        let mut found = maps.iter().map(|map| {
            let place = Place::object(*map).under(&format!("/data/{}", crate::patch::token(key)));
            self.texts.at(&place).map_or(Seen::Unseen, |value| Seen::Is(Said::new(value, place)))
        });
        found.next()
    }

    fn env_from(&self, container: &Container, name: &str) -> Seen {
        let mut is_open = container.is_partial;
        for (source, place) in self.list(&container.env_from) {
            let prefix = source["prefix"].as_str().unwrap_or_default();
            let Some(key) = name.strip_prefix(prefix) else { continue };
            let named = |field: &str| source.pointer(&format!("/{field}/name")).and_then(Value::as_str);
            if let Some(secret) = named("secretRef") {
                match self.keys(secret, container.namespace.as_deref()) {
                    super::Keys::Known(keys) if keys.iter().any(|known| known == key) => {
                        let key = SecretKey {
                            namespace: container.namespace.clone(),
                            name: secret.to_owned(),
                            key: key.to_owned(),
                        };
                        return Seen::Is(self.of_secret(key, &place));
                    }
                    super::Keys::Known(_) => {}
                    _ => is_open = true,
                }
            } else if let Some(map) = named("configMapRef") {
                let maps = self.named("ConfigMap", map, container.namespace.as_deref());
                is_open |= maps.is_empty();
                if let Some(Seen::Is(said)) = self.of_config_map(map, container.namespace.as_deref(), key) {
                    return Seen::Is(said);
                }
            } else {
                is_open = true;
            }
        }
        if is_open { Seen::Unseen } else { Seen::Absent }
    }

    /// The mounts of a container.
    pub fn mounts(&self, container: &Container) -> Vec<Mount> {
        let entries = self.list(&container.mounts).into_iter();
        let mounts = entries.filter_map(|(entry, place)| {
            let text = |field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
            let path = text("mountPath")?;
            let path = if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path };
            Some(Mount { path, sub_path: text("subPath"), volume: text("name")?, place })
        });
        mounts.collect()
    }

    /// A volume's declaration by its name.
    pub fn volume(&self, container: &Container, name: &str) -> Option<(Value, Place)> {
        self.list(&container.volumes).into_iter().find(|(volume, _)| volume["name"] == name)
    }

    /// What is behind a path of a container.
    pub fn file_at(&self, container: &Container, path: &str) -> FileAt {
        let mounts = self.mounts(container);
        let below = |mount: &Mount| {
            let rest = if mount.path == "/" { Some(path) } else { path.strip_prefix(mount.path.as_str()) }?;
            (rest.is_empty() || rest.starts_with('/') || mount.path == "/")
                .then(|| rest.trim_start_matches('/').to_owned())
        };
        let nearest = mounts.iter().filter_map(|mount| Some((mount, below(mount)?))).min_by_key(|(_, rest)| rest.len());
        let Some((mount, rest)) = nearest else {
            return if container.is_partial { FileAt::Unseen } else { FileAt::NotMounted };
        };
        let file = match (&mount.sub_path, rest.as_str()) {
            (Some(sub_path), "") => sub_path.clone(),
            (Some(sub_path), rest) => format!("{sub_path}/{rest}"),
            (None, rest) => rest.to_owned(),
        };
        let Some((volume, at)) = self.volume(container, &mount.volume) else { return FileAt::Unseen };
        let sources = sources_of(&volume);
        for (kind, name, source) in &sources {
            let items = source.get("items").and_then(Value::as_array);
            let key = match items {
                Some(items) => {
                    items.iter().find(|item| item["path"] == file.as_str()).and_then(|item| item["key"].as_str())
                }
                None => Some(file.as_str()),
            };
            let is_it = |key: &str| {
                sources.len() == 1 || items.is_some() || self.holds(kind, name, container.namespace.as_deref(), key)
            };
            if let Some(key) = key.filter(|key| is_it(key)) {
                return FileAt::Key {
                    kind,
                    name: name.clone(),
                    key: key.to_owned(),
                    is_optional: source["optional"] == true
                        || volume.pointer("/secret/optional") == Some(&Value::Bool(true)),
                    is_sub_path: mount.sub_path.is_some(),
                    volume: at,
                    mount: mount.place.clone(),
                };
            }
        }
        FileAt::Unseen
    }

    fn holds(&self, kind: &str, name: &str, namespace: Option<&str>, key: &str) -> bool {
        match kind {
            "Secret" => matches!(self.keys(name, namespace), super::Keys::Known(keys) if keys.iter().any(|k| k == key)),
            _ => matches!(self.of_config_map(name, namespace, key), Some(Seen::Is(_))),
        }
    }
}

/// The ConfigMaps and Secrets that a volume shows: kind, name, and how.
pub fn sources_of(volume: &Value) -> Vec<(&'static str, String, &Value)> {
    let direct = [("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")];
    let mut found = Vec::new();
    for (kind, field, name) in direct {
        if let Some(source) = volume.get(field).filter(|source| source.is_object()) {
            found.push((kind, source[name].as_str().unwrap_or_default().to_owned(), source));
        }
    }
    for source in volume.get("projected").into_iter().flat_map(|projected| entries(projected, "sources")) {
        for (kind, field) in [("Secret", "secret"), ("ConfigMap", "configMap")] {
            if let Some(source) = source.get(field).filter(|source| source.is_object()) {
                found.push((kind, source["name"].as_str().unwrap_or_default().to_owned(), source));
            }
        }
    }
    found
}
