//! K3s' HelmChart and HelmChartConfig: `valuesContent` as text; the config's values beat the chart's.

use super::{Override, Release, chart_of, is_filled, set_path, text};
use crate::krm::{Manifests, Object, Place};
use crate::yaml::Encoding;

pub(super) fn helm_chart(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    // Where a HelmChartConfig of the same name is there, it carries the release.
    let config = manifests.objects.iter().position(|other| is_config_of(other, object));
    let Some(chart) = text(&object.value, "/spec/chart") else {
        return Vec::new();
    };
    let mut sources = vec![Place::object(index).embedded("/spec/valuesContent", Encoding::Plain)];
    let mut unseen = unseen_of(object);
    let overrides = set_of(index, object);
    if let Some(config) = config {
        let values = Place::object(config).embedded("/spec/valuesContent", Encoding::Plain);
        // An empty one is no source yet: nothing is moved there.
        if text(&manifests.objects[config].value, "/spec/valuesContent").is_some() {
            sources.push(values);
        }
        unseen.extend(unseen_of(&manifests.objects[config]));
    }
    vec![Release {
        object: index,
        chart: chart_of(chart, text(&object.value, "/spec/repo")),
        version: text(&object.value, "/spec/version").map(str::to_owned),
        name: Some(object.id.name.clone()),
        namespace: text(&object.value, "/spec/targetNamespace")
            .map(str::to_owned)
            .or_else(|| object.id.namespace.clone()),
        sources,
        overrides,
        targets: Vec::new(),
        unseen,
        prefix: String::new(),
        app: None,
        namespace_labels: None,
    }]
}

/// Alone, a HelmChartConfig is for a chart made elsewhere, which K3s names after the chart.
pub(super) fn helm_chart_config(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    if manifests.objects.iter().any(|other| other.is("helm.cattle.io", "HelmChart") && is_config_of(object, other)) {
        return Vec::new();
    }
    vec![Release {
        object: index,
        chart: object.id.name.clone(),
        version: None,
        name: Some(object.id.name.clone()),
        namespace: object.id.namespace.clone(),
        sources: vec![Place::object(index).embedded("/spec/valuesContent", Encoding::Plain)],
        overrides: Vec::new(),
        targets: Vec::new(),
        unseen: unseen_of(object),
        prefix: String::new(),
        app: None,
        namespace_labels: None,
    }]
}

fn is_config_of(config: &Object, chart: &Object) -> bool {
    config.is("helm.cattle.io", "HelmChartConfig")
        && config.id.name == chart.id.name
        && config.id.shares_namespace(chart.id.namespace.as_deref())
}

/// `spec.set` becomes `--set`.
fn set_of(index: usize, object: &Object) -> Vec<Override> {
    let set = object.value.pointer("/spec/set").and_then(serde_json::Value::as_object);
    let list = Place::object(index).under("/spec/set");
    let entry = |name: &String| {
        let at = format!("/{}", crate::patch::token(name));
        let pointer = crate::patch::pointer(&set_path(name));
        Override { pointer, list: list.clone(), entry: at.clone(), value: at, expands: false }
    };
    set.into_iter().flatten().map(|(name, _)| entry(name)).collect()
}

fn unseen_of(object: &Object) -> Vec<String> {
    let fields = ["valuesSecrets"];
    fields
        .iter()
        .filter(|field| is_filled(&object.value, &format!("/spec/{field}")))
        .map(|field| format!("spec.{field}"))
        .collect()
}
