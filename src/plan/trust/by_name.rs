//! The CA by the name of the ConfigMap or Secret that holds it, where an app or its chart mounts it and takes it in itself.

use serde_json::{Value, json};

use super::volume::{mounts_of, shown_in};
use crate::app::profile::{CaValues, Component, Profile};
use crate::config::{Source, Trust};
use crate::krm::pod::{entries, template};
use crate::krm::{Finding, Place, codes};
use crate::plan::layers::Layers;
use crate::plan::planner::Planner;

/// Whether a pod shows the CA at one of the paths from which the app takes CAs itself.
pub(super) fn is_mounted(planner: &mut Planner<'_>, trust: &Trust, object: usize, component: &Component) -> bool {
    let target = &planner.manifests.objects[object];
    let Some(pod) = template(target).and_then(|template| template.get("spec")) else {
        return false;
    };
    let is_path = |mount: &Value| {
        let at = mount["mountPath"].as_str().map(|at| at.trim_end_matches('/'));
        component.ca_paths.iter().any(|path| at == Some(path))
    };
    let shows = |name: &Value| entries(pod, "volumes").any(|v| v["name"] == *name && shown_in(trust, v).is_some());
    if !mounts_of(pod).iter().any(|mount| is_path(mount) && shows(&mount["name"])) {
        return false;
    }
    planner.trusting.extend(target.id.namespace.clone());
    true
}

/// The chart's key for the name of what holds the CA, and the name.
fn key_of<'a>(trust: &'a Trust, ca: &'a CaValues) -> Option<(&'a String, &'a String)> {
    match &trust.source {
        Source::ConfigMap { name, .. } => ca.config_map.as_ref().zip(Some(name)),
        Source::Secret { name, .. } => ca.secret.as_ref().zip(Some(name)),
        Source::ClusterTrustBundle { .. } => None,
    }
}

/// Whether the values name the document's CA already.
pub(super) fn says_so(planner: &Planner<'_>, trust: &Trust, ca: &CaValues, layers: &Layers) -> bool {
    key_of(trust, ca).is_some_and(|(pointer, name)| layers.get(planner, pointer).is_some_and(|stands| stands == *name))
}

/// Names the CA in the values; a finding says what to do where the chart takes none of its sort.
pub(super) fn set(planner: &mut Planner<'_>, trust: &Trust, ca: &CaValues, profile: &Profile, layers: &Layers) -> bool {
    let release = Place::object(layers.release.object);
    let Some((pointer, name)) = key_of(trust, ca) else {
        let message = other_way(trust, ca, profile);
        planner.report_at(&release, "", Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
        return false;
    };
    if let Some(key) = ca.key.as_ref().filter(|key| *key != trust.key()) {
        let message = format!(
            "the chart reads key {key} of what `{}` names, so the CA must be under it there; it is under {}",
            dotted(pointer),
            trust.key()
        );
        planner.report_at(&release, "", Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
        return false;
    }
    let Some(place) = layers.source(planner, pointer) else {
        return false;
    };
    let full = layers.pointer(pointer);
    if let Some(other) = layers.get(planner, pointer).filter(|stands| !stands.is_null() && *stands != "") {
        let message = format!("must be {name}, for the CA to be trusted; it is {other}: add the CA to that one");
        planner.report_at(&place, &full, Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
        return false;
    }
    let Some(mut draft) = planner.draft(&place, &codes::WORKLOAD_CAN_TRUST) else {
        return false;
    };
    draft.set(&full, json!(name));
    planner.record(&place, draft, format!("trust the CA of {name}"));
    true
}

/// What to do where the chart takes no CA of the document's sort.
fn other_way(trust: &Trust, ca: &CaValues, profile: &Profile) -> String {
    let own = match &trust.source {
        Source::ConfigMap { .. } => "configMap",
        Source::Secret { .. } => "secret",
        Source::ClusterTrustBundle { .. } => "clusterTrustBundle",
    };
    let secret = ca.secret.as_ref().map(|at| ("Secret", at, "secret"));
    let takes = ca.config_map.as_ref().map(|at| ("ConfigMap", at, "configMap")).or(secret);
    match (&ca.advice, takes) {
        (None, Some((kind, at, field))) => format!(
            "the chart of {} must be given the CA by the name of a {kind}, in `{}`, and the document has `trust.{own}`: have the CA in a {kind} as well, as `trust.{field}`",
            profile.title,
            dotted(at)
        ),
        (advice, _) => format!(
            "the chart of {} must take a volume for the CA, and has no key for that: {}",
            profile.title,
            advice.as_deref().unwrap_or("have private-sso mount it in what the chart renders")
        ),
    }
}

/// A pointer as people write it.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
