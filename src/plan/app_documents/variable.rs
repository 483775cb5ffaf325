//! A document that an app reads from a variable, where it does not stand yet.

use serde_json::Value;

use crate::app::profile::{Document, Profile};
use crate::config::Client;
use crate::krm::pod::entries;
use crate::krm::{Finding, Place, codes};
use crate::plan::instance::{container_of, of_client};
use crate::plan::planner::Planner;
use crate::plan::secret;

/// The Secret that it is made in: the one that the first component takes all its variables from.
pub(super) fn holders(
    planner: &mut Planner<'_>,
    client: &Client,
    profile: &Profile,
    document: &Document,
) -> Vec<usize> {
    let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else {
        return Vec::new();
    };
    let workloads: Vec<usize> = instance.of(&component.name).collect();
    let mut found = Vec::new();
    for workload in workloads {
        let target = planner.manifests.objects[workload].clone();
        let Some(at) = container_of(&target, component) else {
            continue;
        };
        let Some(container) = target.value.pointer(&at) else {
            continue;
        };
        let place = Place::object(workload);
        if let Some(index) = entries(container, "env").position(|entry| entry["name"] == document.key.as_str()) {
            let message = format!(
                "{} reads its settings for client {} from this variable, whose text is not in the input: there they must be set",
                profile.title, client.id
            );
            planner.report_at(
                &place,
                &format!("{at}/env/{index}"),
                Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message),
            );
            continue;
        }
        let names: Vec<&str> = entries(container, "envFrom")
            .filter_map(|source| source.pointer("/secretRef/name").and_then(Value::as_str))
            .collect();
        let secrets: Vec<usize> =
            names.iter().filter_map(|name| secret::find(planner, name, target.id.namespace.as_deref())).collect();
        match (secrets.as_slice(), names.as_slice()) {
            ([only], _) => found.push(*only),
            (_, names) => {
                let message = format!(
                    "the settings of {} must be in one Secret that its variables come from (`envFrom`), under {}; in the input it has {}",
                    profile.title,
                    document.key,
                    if secrets.is_empty() { "none" } else { "several" }
                );
                let pointer = if names.is_empty() { at.clone() } else { format!("{at}/envFrom") };
                planner.report_at(&place, &pointer, Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
            }
        }
    }
    found
}
