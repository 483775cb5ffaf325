//! Finds Dex's configuration: what its pod mounts, else what reads like it, its Helm values, and the Dex that an app
//! runs itself.

use serde_json::Value;

use crate::app::profile::Profile;
use crate::config::document::host_of;
use crate::krm::{Finding, Object, Place, Severity, codes};
use crate::patch::{Draft, token};
use crate::plan::instance::{container_of, is_component, of_client};
use crate::plan::layers::{Layers, List};
use crate::plan::mounted::{Mounted, at_path};
use crate::plan::planner::Planner;
use crate::yaml::Encoding;

/// One Dex: its configuration, and where its variables are set.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Home {
    /// The configuration's root.
    pub(super) config: Place,
    /// The list of clients in Helm values, which another source may hold too.
    pub(super) list: Option<List>,
    /// Pointer from the place to the root: Helm values keep the configuration below `config`.
    pub(super) root: String,
    /// Nothing where Dex's pod is not in the input.
    pub(super) variables: Vec<Variables>,
    /// Rendered workloads that mount the configuration.
    pub(super) pods: Vec<usize>,
    /// The client whose app runs this Dex.
    pub(super) bundled_in: Option<String>,
    /// That app's own Secret.
    pub(super) secret_store: Option<String>,
}

/// Where a Dex takes variables from.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Variables {
    pub(super) place: Target,
    pub(super) env: String,
    pub(super) env_from: String,
    /// A mapping of variables beside the list, in Helm values.
    pub(super) env_map: Option<String>,
}

/// An object, or whichever source of Helm values a list belongs to.
#[derive(Clone, Debug)]
pub(in crate::plan) enum Target {
    Object(usize),
    Values(Box<Layers>, String),
}

impl Home {
    /// A Dex of which no more is known than its configuration.
    fn at(config: Place) -> Self {
        Self {
            config,
            list: None,
            root: String::new(),
            variables: Vec::new(),
            pods: Vec::new(),
            bundled_in: None,
            secret_store: None,
        }
    }

    /// The pointer to the list of clients, in the case the configuration has it.
    pub(super) fn clients_pointer(&self, draft: &Draft) -> String {
        let key = draft.get(&self.root).map_or("staticClients".to_owned(), |root| key_of(root, "staticClients"));
        format!("{}/{key}", self.root)
    }
}

/// A key as it stands: Dex reads keys in any case.
pub(super) fn key_of(mapping: &Value, name: &str) -> String {
    let keys = mapping.as_object().into_iter().flat_map(|map| map.keys());
    keys.filter(|key| key.eq_ignore_ascii_case(name))
        .max_by_key(|key| *key == name)
        .cloned()
        .unwrap_or_else(|| name.to_owned())
}

/// Found once: where Dex is does not change while it is wired.
pub(super) fn homes(planner: &mut Planner<'_>) -> Vec<Home> {
    if let Some(known) = &planner.dex {
        return known.clone();
    }
    let found = find(planner);
    planner.dex = Some(found.clone());
    found
}

fn find(planner: &mut Planner<'_>) -> Vec<Home> {
    if planner.config.bundled_dex().is_some() {
        return bundled(planner);
    }
    let profile = planner.config.dex_profile.clone();
    let mut near = Vec::new();
    let mut homes = in_pods(planner, &profile, &mut near).unwrap_or_else(|| by_content(planner, &mut near));
    homes.extend(in_values(planner, &profile, &mut near));
    let mut namespaces: Vec<String> =
        homes.iter().filter_map(|home| planner.manifests.objects[home.config.object].id.namespace.clone()).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let is_rendered = homes.iter().all(|home| home.list.is_none());
    if is_rendered && namespaces.len() > 1 {
        let message = format!(
            "one Dex must have the document's issuer, and the input has one in each of the namespaces {}; say which with `dex.namespace`",
            namespaces.join(" and ")
        );
        planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
        return Vec::new();
    }
    // A Dex that is nearly ours is a mistake only where no other one is.
    if homes.is_empty() {
        for miss in near {
            planner.report_at(&miss.config, &miss.pointer, miss.finding);
        }
    }
    homes
}

/// A Dex whose issuer is nearly the document's.
struct NearMiss {
    config: Place,
    pointer: String,
    finding: Finding,
}

/// What Dex's pods mount; `None` where the input holds no such pod.
fn in_pods(planner: &mut Planner<'_>, profile: &Profile, near: &mut Vec<NearMiss>) -> Option<Vec<Home>> {
    let component = profile.components.first()?;
    let namespace = planner.config.dex.namespace.clone();
    let pods: Vec<usize> = (0..planner.manifests.objects.len())
        .filter(|index| {
            let object = &planner.manifests.objects[*index];
            is_component(object, component) && object.id.shares_namespace(namespace.as_deref())
        })
        .collect();
    let mut homes: Vec<Home> = Vec::new();
    let mut found = false;
    for pod in pods {
        let Some(container) = container_of(&planner.manifests.objects[pod], component) else {
            continue;
        };
        let Some(mounted) = mounted_config(planner, pod, &container) else {
            continue;
        };
        found = true;
        let object = planner.manifests.objects[pod].clone();
        let configs = mounted.holders(planner, object.id.namespace.as_deref());
        if configs.is_empty() {
            let message = format!(
                "Dex's configuration is key {} of {} {}, which is not in the input; register the clients where it is made",
                mounted.key, mounted.kind, mounted.name
            );
            planner.report(Finding::new(&codes::DEX_CONFIG_IS_IN_INPUT, message).on(&object.id));
            continue;
        }
        let variables = Variables {
            place: Target::Object(pod),
            env: format!("{container}/env"),
            env_from: format!("{container}/envFrom"),
            env_map: None,
        };
        for config in configs {
            if !is_ours(planner, &config, "", true, near) {
                continue;
            }
            match homes.iter_mut().find(|home| home.config == config) {
                Some(home) => {
                    home.variables.push(variables.clone());
                    home.pods.push(pod);
                }
                None => homes.push(Home { variables: vec![variables.clone()], pods: vec![pod], ..Home::at(config) }),
            }
        }
    }
    found.then_some(homes)
}

/// Follows the last argument of `dex serve` to the volume that holds it: the volume counts, not any name.
fn mounted_config(planner: &Planner<'_>, pod: usize, pointer: &str) -> Option<Mounted> {
    let object = &planner.manifests.objects[pod];
    let container = object.value.pointer(pointer)?;
    let words = ["command", "args"].iter().flat_map(|field| container.get(field).and_then(Value::as_array)).flatten();
    let path = words
        .filter_map(Value::as_str)
        .filter(|word| word.starts_with('/'))
        .rfind(|word| [".yaml", ".yml", ".json", ".tpl", ".tmpl"].iter().any(|ending| word.ends_with(ending)))?;
    let mut found = at_path(object, pointer, path);
    // Of several projected sources the one that the input holds is the one that can be wired.
    let seen = found.iter().position(|mounted| !mounted.holders(planner, object.id.namespace.as_deref()).is_empty());
    (!found.is_empty()).then(|| found.swap_remove(seen.unwrap_or(0)))
}

/// The chart's test hook carries a copy of the configuration that no Dex reads.
fn is_test_hook(object: &Object) -> bool {
    object.annotation("helm.sh/hook").is_some_and(|hooks| hooks.contains("test"))
}

/// Every text that reads like a Dex configuration with our issuer.
fn by_content(planner: &mut Planner<'_>, near: &mut Vec<NearMiss>) -> Vec<Home> {
    let mut homes = Vec::new();
    let namespace = planner.config.dex.namespace.clone();
    for index in 0..planner.manifests.objects.len() {
        let object = &planner.manifests.objects[index];
        if !object.id.shares_namespace(namespace.as_deref()) || is_test_hook(object) {
            continue;
        }
        for config in texts(object, index) {
            if is_dex_config(planner, &config) && is_ours(planner, &config, "", false, near) {
                homes.push(Home::at(config));
            }
        }
    }
    homes
}

fn texts(object: &Object, index: usize) -> Vec<Place> {
    // A file that is the configuration itself.
    if object.id.kind.is_empty() && object.value.is_object() {
        return vec![Place::object(index)];
    }
    let keys = |field: &str| {
        let map = object.value.pointer(field).and_then(Value::as_object);
        map.into_iter().flatten().filter(|(_, value)| value.is_string()).map(|(key, _)| key.clone()).collect::<Vec<_>>()
    };
    let place = Place::object(index);
    let fields: &[(&str, Encoding)] = match (object.id.group(), object.id.kind.as_str()) {
        ("", "ConfigMap") => &[("/data", Encoding::Plain)],
        ("", "Secret") => &[("/stringData", Encoding::Plain), ("/data", Encoding::Base64)],
        ("external-secrets.io", "ExternalSecret") => &[("/spec/target/template/data", Encoding::Plain)],
        _ => return Vec::new(),
    };
    fields
        .iter()
        .flat_map(|(field, encoding)| {
            let place = place.clone();
            keys(field).into_iter().map(move |key| place.embedded(&format!("{field}/{}", token(&key)), *encoding))
        })
        .collect()
}

/// A mapping with an issuer and one of the keys only Dex has beside it (dex: cmd/dex/config.go).
fn is_dex_config(planner: &mut Planner<'_>, place: &Place) -> bool {
    // Most texts are no configuration at all: the word is looked for before the YAML.
    let is_text = !place.inside.is_empty();
    if is_text && !planner.manifests.text(place).is_some_and(|text| text.to_ascii_lowercase().contains("issuer")) {
        return false;
    }
    let map = match planner.manifests.read(place) {
        Ok(Value::Object(map)) => map,
        Ok(_) => return false,
        Err(reason) => {
            let issuer = planner.config.issuer.clone();
            let text = planner.manifests.text(place).unwrap_or_default();
            let is_dex = ["staticClients", "connectors", "storage"].iter().any(|key| text.contains(key));
            let names_us = is_dex && text.lines().any(|line| line.contains("issuer") && line.contains(&issuer));
            if names_us {
                let message = format!(
                    "names the document's issuer and must be YAML for clients to be registered: {reason}; nothing in it was changed"
                );
                let finding = Finding::new(&codes::DEX_CONFIG_IS_READABLE, message).severity(Severity::Warning);
                planner.report_at(place, "", finding);
            }
            return false;
        }
    };
    let has = |name: &str| map.keys().any(|key| key.eq_ignore_ascii_case(name));
    has("issuer")
        && ["staticClients", "connectors", "storage", "staticPasswords", "enablePasswordDB"].iter().any(|key| has(key))
}

/// Whether a configuration has our issuer. One that nearly has it is an error: no login could succeed.
fn is_ours(planner: &mut Planner<'_>, config: &Place, root: &str, is_mounted: bool, near: &mut Vec<NearMiss>) -> bool {
    let Some(draft) = planner.draft(config, &codes::DEX_CONFIG_IS_READABLE) else {
        return false;
    };
    let Some(mapping) = draft.get(root).filter(|value| value.is_object()) else {
        if is_mounted && draft.get(root).is_some() {
            let is_encrypted = planner.manifests.objects[config.object].value.get("sops").is_some();
            let (code, message) = if is_encrypted {
                let message = "is encrypted with SOPS, so its clients are not seen; run before encryption, or register them there";
                (&codes::DEX_CONFIG_IS_IN_INPUT, message)
            } else {
                (&codes::DEX_CONFIG_IS_READABLE, "must be a YAML mapping; nothing in it was changed")
            };
            planner.report_at(config, root, Finding::new(code, message));
        }
        return false;
    };
    let key = key_of(mapping, "issuer");
    let Some(found) = mapping[key.as_str()].as_str().map(str::to_owned) else {
        if is_mounted && mapping.get(key.as_str()).is_some() {
            let message = "the issuer must be written out, for this Dex to be known as the document's";
            let finding = Finding::new(&codes::DEX_ISSUER_IS_OURS, message).severity(Severity::Warning);
            planner.report_at(config, &format!("{root}/{key}"), finding);
        }
        return false;
    };
    let wanted = planner.config.issuer.clone();
    if found == wanted {
        return true;
    }
    if is_near(&found, &wanted) {
        let message = format!(
            "Dex's issuer \"{found}\" must be the document's \"{wanted}\", byte for byte ({}); correct the one that is wrong",
            difference(&found, &wanted)
        );
        let finding = Finding::new(&codes::DEX_ISSUER_IS_OURS, message)
            .values(Some(Value::String(found)), Some(Value::String(wanted)));
        near.push(NearMiss { config: config.clone(), pointer: format!("{root}/{key}"), finding });
    }
    false
}

/// The same host, or the same but for case, slash and scheme.
fn is_near(a: &str, b: &str) -> bool {
    let bare = |url: &str| {
        let lower = url.to_lowercase();
        lower.split_once("://").map_or(lower.clone(), |(_, rest)| rest.to_owned()).trim_end_matches('/').to_owned()
    };
    bare(a) == bare(b) || (host_of(a).is_some() && host_of(a) == host_of(b))
}

fn difference(found: &str, wanted: &str) -> String {
    if found.trim_end_matches('/') == wanted.trim_end_matches('/') {
        return format!("only {} ends in a slash", if found.ends_with('/') { "Dex's" } else { "the document's" });
    }
    let same = found.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    format!("they differ from character {}", same + 1)
}

fn in_values(planner: &mut Planner<'_>, profile: &Profile, near: &mut Vec<NearMiss>) -> Vec<Home> {
    let (helm, namespace) = (planner.config.dex.helm.clone(), planner.config.dex.namespace.clone());
    let mut homes = Vec::new();
    for layers in Layers::find(planner, profile, &helm, namespace.as_deref(), "Dex") {
        let made = layers.get(planner, "/configSecret/create").is_none_or(|made| made != false);
        let release = Place::object(layers.release.object);
        if !made {
            let message = "Dex's configuration is in a Secret made elsewhere (`configSecret.create: false`); register the clients there";
            planner.report_at(&release, "", Finding::new(&codes::DEX_CONFIG_IS_IN_INPUT, message));
            continue;
        }
        if layers.get(planner, "/config/issuer").is_none() {
            let message = format!(
                "`config.issuer` is not in the values that the input shows{}; register the clients where it is",
                if layers.release.unseen.is_empty() {
                    String::new()
                } else {
                    format!(" ({} may hold it)", layers.release.unseen.join(", "))
                }
            );
            planner.report_at(&release, "", Finding::new(&codes::DEX_CONFIG_IS_IN_INPUT, message));
            continue;
        }
        let Some(holder) = layers.source(planner, "/config/issuer") else {
            continue;
        };
        if !is_ours(planner, &holder, &layers.pointer("/config"), true, near) {
            continue;
        }
        let Some(list) = layers.list(planner, "/config/staticClients") else {
            continue;
        };
        let values = profile.components.first().and_then(|component| component.values.as_ref());
        let variables = values.and_then(|values| Some((values, values.env.as_ref()?)));
        let variables = variables.map(|(values, env)| Variables {
            env: layers.pointer(env),
            env_from: layers.pointer("/envFrom"),
            env_map: values.env_map.clone(),
            place: Target::Values(Box::new(layers.clone()), env.clone()),
        });
        let config = list.place.clone();
        homes.push(Home {
            list: Some(list),
            root: layers.pointer("/config"),
            variables: variables.into_iter().collect(),
            ..Home::at(config)
        });
    }
    homes
}

/// The Dex that an app runs itself is configured by one of the app's documents.
fn bundled(planner: &mut Planner<'_>) -> Vec<Home> {
    let Some(client) = planner.config.bundled_dex().cloned() else {
        return Vec::new();
    };
    let Some(profile) = client.profile.clone() else {
        return Vec::new();
    };
    let Some(document) = profile.bundled_dex.as_ref().and_then(|dex| profile.document(&dex.document)) else {
        return Vec::new();
    };
    let instance = of_client(planner, &client);
    let namespace = instance.and_then(|instance| instance.namespace).or_else(|| client.namespace.clone());
    let whom = format!("client {}", client.id);
    let name = document.config_map.as_deref().unwrap_or_default();
    let maps = super::super::instance::config_maps(planner, name, namespace.as_deref(), &whom);
    let mut places: Vec<Place> = maps
        .into_iter()
        .map(|map| Place::object(map).embedded(&format!("/data/{}", token(&document.key)), Encoding::Plain))
        .collect();
    for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
        let Some((pointer, source)) =
            document.values.as_ref().and_then(|pointer| Some((pointer, layers.source(planner, pointer)?)))
        else {
            continue;
        };
        places.push(source.embedded(&layers.pointer(pointer), Encoding::Plain));
    }
    let store = profile.client.as_ref().and_then(|known| known.secret_store.as_ref()).map(|store| store.name.clone());
    let mut homes = Vec::new();
    for config in places {
        let Some(draft) = planner.draft(&config, &codes::DEX_CONFIG_IS_READABLE) else {
            continue;
        };
        if draft.get("").is_none() {
            let message = format!(
                "the issuer is the Dex that {} runs itself, and that one is idle until `{}` configures a connector; add one, then run again",
                profile.title, document.key
            );
            planner.report_at(&config, "", Finding::new(&codes::DEX_CONFIG_IS_READABLE, message));
            continue;
        }
        homes.push(Home { bundled_in: Some(client.id.clone()), secret_store: store.clone(), ..Home::at(config) });
    }
    homes
}
