//! kustomize's `helmCharts` and HelmChartInflationGenerator: `valuesInline` beats `valuesFile` unless `valuesMerge` says
//! otherwise.

use serde_json::Value;

use super::{Release, chart_name, is_filled, text};
use crate::krm::{Manifests, Object, Place};

pub(super) fn kustomization(_: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    let charts = object.value.get("helmCharts").and_then(Value::as_array).map_or(0, Vec::len);
    let namespace = text(&object.value, "/namespace").map(str::to_owned);
    (0..charts)
        .filter_map(|i| {
            let mut release = of_chart(index, object, &format!("/helmCharts/{i}"))?;
            release.namespace = namespace.clone().or(release.namespace);
            Some(release)
        })
        .collect()
}

pub(super) fn generator(_: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    of_chart(index, object, "").into_iter().collect()
}

fn of_chart(index: usize, object: &Object, pointer: &str) -> Option<Release> {
    let chart = object.value.pointer(pointer)?;
    let name = text(chart, "/name").or_else(|| text(chart, "/chartName"))?;
    let fields = ["valuesFile", "additionalValuesFiles"];
    let unseen = fields.iter().filter(|field| is_filled(chart, &format!("/{field}"))).map(|field| (*field).to_owned());
    Some(Release {
        object: index,
        chart: chart_name(name),
        name: text(chart, "/releaseName").map(str::to_owned),
        namespace: text(chart, "/namespace").map(str::to_owned),
        sources: vec![Place::object(index).under(&format!("{pointer}/valuesInline"))],
        overrides: Vec::new(),
        targets: Vec::new(),
        unseen: unseen.collect(),
        namespace_labels: None,
    })
}
