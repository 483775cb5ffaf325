//! The CA in the values of a chart.

use super::lists::{Lists, Variables, wire};
use super::runtime::Needs;
use super::unable;
use super::volume::is_at;
use crate::app::profile::{Component, PodValues, Profile};
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
        if is_global(planner, &trust, profile, layers) {
            continue;
        }
        let Some(lists) = lists(planner, component.values.as_ref(), layers) else {
            report_no_key(planner, profile, component, layers, &trust);
            continue;
        };
        let runtime = component.runtime.unwrap_or(profile.runtime);
        let needs = Needs::of(planner, &trust, lists.env.place(), &[runtime]);
        if wire(planner, &trust, &lists, &needs.variables, &needs.files) {
            planner.trusting.extend(layers.release.namespace.clone());
        }
    }
}

/// Where the chart takes variables, mounts and volumes; nothing where it has no key for one of them.
fn lists(planner: &Planner<'_>, values: Option<&PodValues>, layers: &Layers) -> Option<Lists> {
    let PodValues { env, env_map, volumes, volume_mounts, .. } = values?;
    let list = |pointer: &Option<String>| layers.list(planner, pointer.as_ref()?);
    let place = |list: &List| list.place.under(&list.pointer);
    let (mounts, volumes) = (list(volume_mounts)?, list(volumes)?);
    let stands = |map: &String| layers.get(planner, &format!("{map}/SSL_CERT_DIR")).is_some();
    let (env, in_list) = match env_map.as_ref().filter(|map| env.is_none() || stands(map)) {
        Some(map) => (Variables::Map(layers.source(planner, map)?.under(&layers.pointer(map))), None),
        None => list(env).map(|list| (Variables::List(place(&list)), Some(list)))?,
    };
    let locked = in_list.iter().chain([&mounts, &volumes]).find(|list| list.is_locked()).cloned();
    Some(Lists { env, mounts: place(&mounts), volumes: place(&volumes), pod: None, locked })
}

fn report_no_key(planner: &mut Planner<'_>, profile: &Profile, component: &Component, layers: &Layers, trust: &Trust) {
    let missing = match &component.values {
        None => "variables, volumes and mounts",
        Some(values) if values.env.is_none() && values.env_map.is_none() => "variables",
        Some(values) if values.volumes.is_none() => "volumes",
        Some(_) => "mounts",
    };
    let message = format!(
        "the chart of {} must take {missing} for {}, and has no key for that: have private-sso mount the CA at {} in what the chart renders, as post-renderer or by `render`",
        profile.title, component.name, trust.mount_path
    );
    unable(planner, &Place::object(layers.release.object), "", &message);
}

/// Whether the chart's values for all components already set the variable: a second one of the same name in a container
/// would be refused by server-side apply.
fn is_global(planner: &mut Planner<'_>, trust: &Trust, profile: &Profile, layers: &Layers) -> bool {
    let Some(global) = profile.chart.as_ref().and_then(|chart| chart.global.as_ref()) else {
        return false;
    };
    let list =
        |pointer: &str| layers.get(planner, pointer).and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let env = list(global.env.as_deref().unwrap_or_default());
    let Some(entry) = env.iter().find(|entry| entry["name"] == "SSL_CERT_DIR") else {
        return false;
    };
    let has_path = entry["value"].as_str().is_some_and(|value| value.split(':').any(|part| part == trust.mount_path));
    let has_mount =
        list(global.volume_mounts.as_deref().unwrap_or_default()).iter().any(|mount| is_at(mount, &trust.mount_path));
    if !has_path || !has_mount {
        let message = format!(
            "SSL_CERT_DIR is set for all components here, and a container takes it once: add {} to it, with the volume and its mount in the lists beside it",
            trust.mount_path
        );
        let pointer = global.env.as_deref().unwrap_or_default();
        let place = layers.source(planner, pointer).unwrap_or_else(|| Place::object(layers.release.object));
        let finding = Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message);
        planner.report_at(&place, &layers.pointer(pointer), finding);
    }
    true
}
