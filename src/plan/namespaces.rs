//! Labels for the namespaces of wired workloads, so that a CA bundle reaches them.

use serde_json::json;

use super::layers::Layers;
use super::planner::Planner;
use crate::krm::{Finding, Place, codes};
use crate::patch::token;

const REASON: &str = "let the CA bundle reach the namespace";

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(trust) = planner.config.trust.clone().filter(|trust| !trust.namespace_labels.is_empty()) else {
        return;
    };
    // A package with the Namespace alone is wired by what the document says of it.
    let stated = planner.config.clients.iter().filter_map(|client| client.namespace.clone());
    let stated = stated.chain(trust.workloads.iter().filter_map(|workload| workload.namespace.clone()));
    let wanted: Vec<String> = planner.trusting.iter().cloned().chain(stated).collect();
    for index in 0..planner.manifests.objects.len() {
        let object = &planner.manifests.objects[index];
        if object.is("", "Namespace") && wanted.iter().any(|name| object.is_named(name)) {
            label(planner, &Place::object(index).under("/metadata/labels"), &trust.namespace_labels);
        }
    }
    let labels: Vec<String> = trust.namespace_labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    for name in planner.trusting.clone() {
        let is_seen =
            planner.manifests.objects.iter().any(|object| object.is("", "Namespace") && object.is_named(&name));
        let is_made = planner
            .releases
            .iter()
            .any(|release| release.namespace_labels.is_some() && release.namespace.as_ref() == Some(&name));
        if !is_seen && !is_made {
            let message = format!(
                "Namespace {name} is not in the input: it must carry {} for the CA bundle to reach it",
                labels.join(" and ")
            );
            planner.report(Finding::new(&codes::NAMESPACE_IS_IN_INPUT, message));
        }
    }
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            if let Some(place) = layers.release.namespace_labels {
                label(planner, &place, &trust.namespace_labels);
            }
        }
    }
}

fn label(planner: &mut Planner<'_>, place: &Place, labels: &[(String, String)]) {
    let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    for (key, value) in labels {
        draft.set(&format!("/{}", token(key)), json!(value));
    }
    planner.record(place, draft, REASON);
}
