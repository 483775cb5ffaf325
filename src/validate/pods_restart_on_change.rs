//! # What must hold
//! Dex restarts when its configuration changes.
//!
//! # Why
//! It reads the file once. A client that is added to a ConfigMap is unknown until somebody restarts the pod, unless a checksum on
//! the pod template, a generator's hash in the name, or a controller such as Reloader does (dexidp/dex#3853).
//!
//! # Broken
//! ```yaml
//! kind: Deployment
//! spec:
//!   template: {metadata: {labels: {app: dex}}}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Deployment
//! metadata: {annotations: {reloader.stakater.com/auto: "true"}}
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::pod::{template, template_pointer};
use crate::krm::{Finding, Place, codes};
use crate::model::World;

pub(super) const RULE: Rule = Rule { code: &codes::PODS_RESTART_ON_CHANGE, ids: &["C13"], check };

/// Words in the annotations of what restarts pods.
const SIGNS: &[&str] = &["checksum", "reloader", "hash", "configmap", "wave.pusher", "restart", "secret"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found: Vec<Finding> = Vec::new();
    for dex in world.dexes.iter().filter(|dex| !review.is_run && dex.bundled_in.is_none()) {
        let holder = &world.texts.objects()[dex.place.object];
        for container in &dex.containers {
            let object = &world.texts.objects()[container.object];
            let Some(pod) =
                template(object).filter(|_| ["Deployment", "StatefulSet"].contains(&object.id.kind.as_str()))
            else {
                continue;
            };
            let annotations = [object.value.pointer("/metadata/annotations"), pod.pointer("/metadata/annotations")];
            let mut keys = annotations.into_iter().flatten().filter_map(Value::as_object).flat_map(|map| map.keys());
            let is_watched = keys.any(|key| SIGNS.iter().any(|sign| key.to_ascii_lowercase().contains(sign)));
            if is_watched
                || !["ConfigMap", "Secret"].contains(&holder.id.kind.as_str())
                || container.is_partial
                || is_hashed(world, &holder.id.name)
            {
                continue;
            }
            let message = format!(
                "Dex must restart when {} {} changes, which it reads once; a checksum of it on the pod template, or Reloader, sees to that",
                holder.id.kind, holder.id.name
            );
            let place = Place::object(container.object).under(template_pointer(object).unwrap_or_default());
            found.push(world.finding(&codes::PODS_RESTART_ON_CHANGE, message, &place));
        }
    }
    found
}

/// Whether kustomize makes the object, or gave its name a hash.
fn is_hashed(world: &World<'_>, name: &str) -> bool {
    let is_hash = |end: &str| end.len() == 10 && end.chars().all(|c| "2456789bcdfghkmt".contains(c));
    name.rsplit_once('-').is_some_and(|(_, end)| is_hash(end))
        || world.of_kind("Kustomization").into_iter().any(|index| {
            let value = &world.texts.objects()[index].value;
            ["configMapGenerator", "secretGenerator"].iter().any(|list| {
                let entries = value.get(*list).and_then(Value::as_array).into_iter().flatten();
                entries.into_iter().any(|entry| entry["name"] == name)
            })
        })
}
