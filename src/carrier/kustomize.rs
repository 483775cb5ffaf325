//! kustomize's `helmCharts` and HelmChartInflationGenerator: `valuesInline` beats `valuesFile` unless `valuesMerge` says
//! otherwise, and `additionalValuesFiles` beat both (kustomize: HelmChartInflationGenerator.go).

use serde_json::Value;

use super::{Release, chart_of, is_filled, text, values_file};
use crate::krm::{Manifests, Object, Place, files};

pub(super) fn kustomization(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    let charts = object.value.get("helmCharts").and_then(Value::as_array).map_or(0, Vec::len);
    let namespace = text(&object.value, "/namespace").map(str::to_owned);
    (0..charts)
        .filter_map(|i| {
            let mut release = of_chart(manifests, index, object, &format!("/helmCharts/{i}"))?;
            release.namespace = namespace.clone().or(release.namespace);
            Some(release)
        })
        .collect()
}

pub(super) fn generator(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    of_chart(manifests, index, object, "").into_iter().collect()
}

fn of_chart(manifests: &Manifests, index: usize, object: &Object, pointer: &str) -> Option<Release> {
    let chart = object.value.pointer(pointer)?;
    let name = text(chart, "/name").or_else(|| text(chart, "/chartName"))?;
    let mut unseen = Vec::new();
    let mut file = |field: &str, name: &str| {
        let path = manifests.files.folder_of(object).map(|folder| files::join(folder, name));
        let place = path.and_then(|path| values_file(manifests, &path));
        if place.is_none() {
            unseen.push(format!("{field} {name}"));
        }
        place
    };
    let first = text(chart, "/valuesFile").and_then(|name| file("valuesFile", name));
    let more = chart.get("additionalValuesFiles").and_then(Value::as_array).into_iter().flatten();
    let more: Vec<Place> =
        more.filter_map(Value::as_str).filter_map(|name| file("additionalValuesFiles", name)).collect();
    let has_inline = is_filled(chart, "/valuesInline") || first.is_none() && more.is_empty();
    let inline = has_inline.then(|| Place::object(index).under(&format!("{pointer}/valuesInline")));
    let base: Vec<Place> = match text(chart, "/valuesMerge") {
        Some("merge") => inline.into_iter().chain(first).collect(),
        Some("replace") if inline.is_some() => inline.into_iter().collect(),
        _ => first.into_iter().chain(inline).collect(),
    };
    Some(Release {
        object: index,
        chart: chart_of(name, text(chart, "/repo").or_else(|| text(chart, "/chartRepo"))),
        version: text(chart, "/version").or_else(|| text(chart, "/chartVersion")).map(str::to_owned),
        name: text(chart, "/releaseName").map(str::to_owned),
        namespace: text(chart, "/namespace").map(str::to_owned),
        sources: base.into_iter().chain(more).collect(),
        overrides: Vec::new(),
        targets: Vec::new(),
        unseen,
        prefix: String::new(),
        app: None,
        namespace_labels: None,
    })
}
