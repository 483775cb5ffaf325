//! K3s' HelmChart and HelmChartConfig: `valuesContent` as text; the config's values beat the chart's.

use super::{Release, chart_name, is_filled, text};
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
        chart: chart_name(chart),
        name: Some(object.id.name.clone()),
        namespace: text(&object.value, "/spec/targetNamespace")
            .map(str::to_owned)
            .or_else(|| object.id.namespace.clone()),
        sources,
        parameters: None,
        targets: Vec::new(),
        unseen,
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
        name: Some(object.id.name.clone()),
        namespace: object.id.namespace.clone(),
        sources: vec![Place::object(index).embedded("/spec/valuesContent", Encoding::Plain)],
        parameters: None,
        targets: Vec::new(),
        unseen: unseen_of(object),
        namespace_labels: None,
    }]
}

fn is_config_of(config: &Object, chart: &Object) -> bool {
    config.is("helm.cattle.io", "HelmChartConfig")
        && config.id.name == chart.id.name
        && config.id.shares_namespace(chart.id.namespace.as_deref())
}

fn unseen_of(object: &Object) -> Vec<String> {
    let fields = ["set", "valuesSecrets"];
    fields
        .iter()
        .filter(|field| is_filled(&object.value, &format!("/spec/{field}")))
        .map(|field| format!("spec.{field}"))
        .collect()
}
