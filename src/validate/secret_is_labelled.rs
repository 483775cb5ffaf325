//! # What must hold
//! A Secret that Argo CD refers to as `$name:key` carries the label `app.kubernetes.io/part-of: argocd`.
//!
//! # Why
//! Argo CD does not see it otherwise, and sends the reference itself as the secret (argoproj/argo-cd#6934, #18576).
//!
//! # Broken
//! ```yaml
//! kind: Secret
//! metadata: {name: argocd-oidc, namespace: argocd}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Secret
//! metadata:
//!   name: argocd-oidc
//!   namespace: argocd
//!   labels: {app.kubernetes.io/part-of: argocd}
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, Object, codes};

pub(super) const RULE: Rule = Rule { code: &codes::SECRET_IS_LABELLED, ids: &["C14"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let Some(client) = &consumer.profile.client else { continue };
        let Some(key) = consumer.secret().and_then(|said| said.from.as_ref()) else { continue };
        let is_own = client.secret_store.as_ref().is_some_and(|store| store.name == key.name);
        if client.secret_labels.is_empty() || is_own {
            continue;
        }
        let makers = world.makers(&key.name, key.namespace.as_deref());
        for (label, value) in &client.secret_labels {
            let lacks = |(index, _): &&(usize, crate::krm::Place)| {
                lacks(&world.texts.objects()[*index], &key.name, label, value)
            };
            // Where one of several has it, the others may be of another environment; kustomize may add it to all.
            if makers.is_empty()
                || makers.iter().filter(lacks).count() < makers.len()
                || world.is_labelled_by_kustomize(label)
            {
                continue;
            }
            let Some((_, place)) = makers.first() else { continue };
            let message = format!(
                "must carry the label {label}={value}: {} does not read it otherwise, and sends the reference itself as the secret",
                consumer.profile.title
            );
            let finding = world.finding(&codes::SECRET_IS_LABELLED, message, &place.under("/metadata/labels"));
            let place = consumer.secret().map_or(&consumer.anchor, |said| &said.place);
            found.push(world.against(finding, place, "it is referred to here"));
        }
    }
    found
}

/// Whether the Secret that an object makes is known to lack a label.
fn lacks(object: &Object, name: &str, label: &str, value: &str) -> bool {
    let has = |pointer: &str| object.value.pointer(pointer).is_some_and(|labels| labels[label] == value);
    match object.id.kind.as_str() {
        "Secret" => !has("/metadata/labels"),
        // Without a template the labels of the ExternalSecret itself are copied.
        "ExternalSecret" => match object.value.pointer("/spec/target/template/metadata") {
            Some(_) => !has("/spec/target/template/metadata/labels"),
            None => !has("/metadata/labels"),
        },
        "SealedSecret" => !has("/spec/template/metadata/labels"),
        "SopsSecret" => {
            let templates = object.value.pointer("/spec/secretTemplates").and_then(Value::as_array);
            let own = templates.into_iter().flatten().find(|template| template["name"] == name);
            !own.is_some_and(|template| template["labels"][label] == value)
        }
        _ => false,
    }
}
