//! The CA in the values of a chart.

use super::by_name;
use super::lists::{Lists, Variables, wire};
use super::runtime::Needs;
use super::unable;
use super::volume::is_at;
use crate::app::profile::{Component, PodValues, Profile};
use crate::config::{Client, Trust};
use crate::krm::{Finding, Place, codes};
use crate::plan::layers::{Layers, List};
use crate::plan::planner::Planner;
use crate::plan::since;

/// Does in the values of a chart what `plan` does in its rendered manifests.
pub(in crate::plan) fn in_values(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for component in profile.components.iter().filter(|component| client.trusts(component)) {
        if is_global(planner, &trust, profile, layers) {
            continue;
        }
        let ca = component.values.as_ref().and_then(|values| values.ca.as_ref());
        let values = component.values.as_ref().map(|values| of_version(profile, values, layers));
        let lists = lists(planner, values.as_ref(), layers);
        let is_trusted = match ca {
            Some(ca) if by_name::says_so(planner, &trust, ca, layers) => true,
            Some(ca) if lists.is_empty() => by_name::set(planner, &trust, ca, profile, layers),
            None if lists.is_empty() => {
                report_no_key(planner, profile, component, layers, &trust);
                false
            }
            _ => {
                let runtime = component.runtime.unwrap_or(profile.runtime);
                lists.iter().fold(true, |is_trusted, lists| {
                    let needs = Needs::of(planner, &trust, lists.env.place(), &[runtime]);
                    wire(planner, &trust, lists, &needs.variables, &needs.files) && is_trusted
                })
            }
        };
        if is_trusted {
            planner.trusting.extend(layers.release.namespace.clone());
        }
    }
}

/// The keys that the chart has in the release's version.
fn of_version(profile: &Profile, values: &PodValues, layers: &Layers) -> PodValues {
    let version = since::version_of(profile, layers);
    let is_old = version.zip(values.since_chart.as_ref()).is_some_and(|(is, since)| since::is_older(&is, since));
    match &values.shared_volume_mounts {
        _ if !is_old => values.clone(),
        Some(shared) => PodValues { volume_mounts: Some(shared.clone()), init_volume_mounts: None, ..values.clone() },
        None => PodValues { ca: values.ca.clone(), ..PodValues::default() },
    }
}

/// Where the chart takes variables, volumes and each sort of mounts; nothing where it has no key for one of them.
fn lists(planner: &Planner<'_>, values: Option<&PodValues>, layers: &Layers) -> Vec<Lists> {
    let mounts = values.map(|values| mounts_of(planner, values, layers)).unwrap_or_default();
    mounts.iter().filter_map(|mounts| lists_with(planner, values?, mounts, layers)).collect()
}

fn lists_with(planner: &Planner<'_>, values: &PodValues, mounts: &String, layers: &Layers) -> Option<Lists> {
    let PodValues { env, env_map, volumes, .. } = values;
    let list = |pointer: &String| layers.list(planner, pointer);
    let place = |list: &List| list.place.under(&list.pointer);
    let (mounts, volumes) = (list(mounts)?, list(volumes.as_ref()?)?);
    // The same key may take a list or a mapping.
    let is_map =
        |map: &String| env.as_ref() == Some(map) && layers.get(planner, map).is_some_and(|stands| stands.is_object());
    let stands = |map: &String| is_map(map) || layers.get(planner, &format!("{map}/SSL_CERT_DIR")).is_some();
    let (env, in_list) = match env_map.as_ref().filter(|map| env.is_none() || stands(map)) {
        Some(map) => (Variables::Map(layers.source(planner, map)?.under(&layers.pointer(map))), None),
        None => list(env.as_ref()?).map(|list| (Variables::List(place(&list)), Some(list)))?,
    };
    let locked = in_list.iter().chain([&mounts, &volumes]).find(|list| list.is_locked()).cloned();
    Some(Lists { env, mounts: place(&mounts), volumes: place(&volumes), pod: None, locked })
}

/// The lists of mounts that count: one that is empty may have another one count in its place.
fn mounts_of(planner: &Planner<'_>, values: &PodValues, layers: &Layers) -> Vec<String> {
    let is_filled = |pointer: &&String| {
        layers.get(planner, pointer).is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    };
    let shared = values.shared_volume_mounts.as_ref().filter(is_filled);
    let mut pointers: Vec<String> = Vec::new();
    for own in values.volume_mounts.iter().chain(&values.init_volume_mounts) {
        let pointer = if is_filled(&own) { own } else { shared.unwrap_or(own) };
        if !pointers.contains(pointer) {
            pointers.push(pointer.clone());
        }
    }
    pointers
}

fn report_no_key(planner: &mut Planner<'_>, profile: &Profile, component: &Component, layers: &Layers, trust: &Trust) {
    let missing = match &component.values {
        None => "variables, volumes and mounts",
        Some(values) if values.since_chart.is_some() && values.volumes.is_some() => "variables, volumes and mounts",
        Some(values) if values.env.is_none() && values.env_map.is_none() => "variables",
        Some(values) if values.volumes.is_none() => "volumes",
        Some(_) => "mounts",
    };
    let since = component.values.as_ref().and_then(|values| values.since_chart.as_ref());
    let key = match since.zip(since::version_of(profile, layers)) {
        Some((since, is)) if since::is_older(&is, since) => format!("has keys for that since {since}, and is {is}"),
        _ => "has no key for that".to_owned(),
    };
    let message = format!(
        "the chart of {} must take {missing} for {}, and {key}: have private-sso mount the CA at {} in what the chart renders, as post-renderer or by `render`",
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
