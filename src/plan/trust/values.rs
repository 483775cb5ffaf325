//! The CA in the values of a chart.

use super::lists::{Lists, wire};
use super::runtime::Needs;
use super::volume::is_at;
use crate::app::profile::{PodValues, Profile};
use crate::config::{Client, Trust};
use crate::krm::{Finding, Place, codes};
use crate::plan::layers::{Layers, List};
use crate::plan::planner::Planner;

/// Does in the values of a chart what `plan` does in its rendered manifests.
pub(in crate::plan) fn in_values(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for component in profile.components.iter().filter(|component| client.trusts(component)) {
        let Some(PodValues { env, volumes, volume_mounts, .. }) = &component.values else {
            continue;
        };
        if is_global(planner, &trust, profile, layers) {
            continue;
        }
        let lists = [env, volume_mounts, volumes].map(|pointer| layers.list(planner, pointer));
        let [Some(env), Some(mounts), Some(volumes)] = lists else {
            continue;
        };
        let locked = [&env, &mounts, &volumes].into_iter().find(|list| list.is_locked()).cloned();
        let place = |list: &List| list.place.under(&list.pointer);
        let lists = Lists { env: place(&env), mounts: place(&mounts), volumes: place(&volumes), pod: None, locked };
        let needs = Needs::of(planner, &trust, &lists.env, &[profile.runtime]);
        if wire(planner, &trust, &lists, &needs.variables, &needs.files) {
            planner.trusting.extend(layers.release.namespace.clone());
        }
    }
}

/// Whether the chart's values for all components already set the variable: a second one of the same name in a container
/// would be refused by server-side apply.
fn is_global(planner: &mut Planner<'_>, trust: &Trust, profile: &Profile, layers: &Layers) -> bool {
    let Some(global) = profile.chart.as_ref().and_then(|chart| chart.global.as_ref()) else {
        return false;
    };
    let list =
        |pointer: &str| layers.get(planner, pointer).and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let env = list(&global.env);
    let Some(entry) = env.iter().find(|entry| entry["name"] == "SSL_CERT_DIR") else {
        return false;
    };
    let has_path = entry["value"].as_str().is_some_and(|value| value.split(':').any(|part| part == trust.mount_path));
    let has_mount = list(&global.volume_mounts).iter().any(|mount| is_at(mount, &trust.mount_path));
    if !has_path || !has_mount {
        let message = format!(
            "SSL_CERT_DIR is set for all components here, and a container takes it once: add {} to it, with the volume and its mount in the lists beside it",
            trust.mount_path
        );
        let place = layers.source(planner, &global.env).unwrap_or_else(|| Place::object(layers.release.object));
        let finding = Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message);
        planner.report_at(&place, &layers.pointer(&global.env), finding);
    }
    true
}
