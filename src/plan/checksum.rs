//! Restarts what reads its configuration once: an annotation on the pod template that changes with the configuration.
//!
//! Dex reads its file at start only, and variables from a Secret do not change in a running pod. Secrets are left out
//! of the sum, so that it gives nothing away.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::instance::{container_of, of_client};
use super::planner::Planner;
use super::{app_documents, dex_client, secret};
use crate::app::profile::ValueFrom;
use crate::krm::pod::template_pointer;
use crate::krm::{Place, codes};

const ANNOTATION: &str = "sso.kidd.network~1checksum";

pub(super) fn plan(planner: &mut Planner<'_>) {
    for (config, pointer, pods) in dex_client::homes_in_pods(planner) {
        let Some(clients) = dex_client::clients_without_secrets(planner, &config, &pointer) else {
            continue;
        };
        for pod in pods {
            annotate(planner, pod, &[config.object], &clients, "restart Dex for its new clients");
        }
    }
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let Some(instance) = of_client(planner, client) else {
            continue;
        };
        if !profile.takes_flags() && !profile.reads_once {
            continue;
        }
        let (holders, said) = match profile.reads_once {
            true => app_documents::said_in_objects(planner, client, &profile),
            false => (Vec::new(), Value::Null),
        };
        for object in instance.of(&profile.components[0].name).collect::<Vec<_>>() {
            let Some(container) = container_of(&planner.manifests.objects[object], &profile.components[0]) else {
                continue;
            };
            let mut sources = referred(planner, object, &container);
            let hidden = profile.settings.iter().filter(|setting| setting.from == Some(ValueFrom::ClientSecret));
            let hidden: Vec<String> =
                hidden.flat_map(|setting| setting.chart_secret_key.iter().chain(&setting.chart_env)).cloned().collect();
            // What documents and ConfigMaps say stands for the rest: it is the same before and after a Secret is added.
            let content = if holders.is_empty() { contents(planner, &sources, &hidden) } else { said.clone() };
            sources.extend(&holders);
            annotate(planner, object, &sources, &content, &format!("restart {} for its new settings", profile.title));
        }
    }
}

/// The Secrets in the input that a container takes variables from.
fn referred(planner: &Planner<'_>, object: usize, container: &str) -> Vec<usize> {
    let workload = &planner.manifests.objects[object];
    let Some(container) = workload.value.pointer(container) else {
        return Vec::new();
    };
    let list = |field: &str| container.get(field).and_then(Value::as_array).into_iter().flatten();
    let names = list("env")
        .filter_map(|entry| entry.pointer("/valueFrom/secretKeyRef/name"))
        .chain(list("envFrom").filter_map(|entry| entry.pointer("/secretRef/name")));
    let mut found: Vec<usize> = names
        .filter_map(Value::as_str)
        .filter_map(|name| secret::find(planner, name, workload.id.namespace.as_deref()))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn contents(planner: &Planner<'_>, secrets: &[usize], hidden: &[String]) -> Value {
    let mut all = Map::new();
    for index in secrets {
        let Ok(draft) = planner.manifests.draft(&Place::object(*index)) else {
            continue;
        };
        let keys: Vec<String> = ["/data", "/stringData"]
            .iter()
            .filter_map(|field| draft.get(field)?.as_object().cloned())
            .flat_map(|map| map.into_iter().map(|(key, _)| key))
            .filter(|key| !hidden.contains(key))
            .collect();
        let known = keys.into_iter().filter_map(|key| {
            let value = secret::get(&draft, &key)?.ok()?;
            Some((key, json!(value)))
        });
        all.insert(planner.manifests.objects[*index].id.name.clone(), Value::Object(known.collect()));
    }
    Value::Object(all)
}

/// Sets the annotation where this run changed what the sum is over, and keeps it true where it stands.
fn annotate(planner: &mut Planner<'_>, workload: usize, sources: &[usize], content: &Value, reason: &str) {
    let Some(template) = template_pointer(&planner.manifests.objects[workload]) else {
        return;
    };
    let place = Place::object(workload);
    let pointer = format!("{template}/metadata/annotations/{ANNOTATION}");
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let changed = planner.changes().iter().any(|change| sources.contains(&change.object) && change.object != workload);
    if changed || draft.get(&pointer).is_some() {
        draft.set(&pointer, json!(checksum(content)));
        planner.record(&place, draft, reason);
    }
}

/// SHA-256 over the value with sorted keys, 16 hex digits.
fn checksum(value: &Value) -> String {
    let digest = Sha256::digest(sorted(value).to_string());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
