//! kpt's RenderHelmChart: `helmCharts[].templateOptions.values.valuesInline`.

use serde_json::Value;

use super::{Release, chart_of, is_filled, text};
use crate::krm::{Manifests, Object, Place};

pub(super) fn render_helm_chart(_: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    let charts = object.value.get("helmCharts").and_then(Value::as_array);
    let charts = charts.into_iter().flatten().enumerate();
    charts
        .filter_map(|(i, chart)| {
            let place = Place::object(index).under(&format!("/helmCharts/{i}/templateOptions"));
            let unseen =
                is_filled(chart, "/templateOptions/values/valuesFiles").then(|| "values.valuesFiles".to_owned());
            Some(Release {
                object: index,
                chart: chart_of(text(chart, "/chartArgs/name")?, text(chart, "/chartArgs/repo")),
                version: text(chart, "/chartArgs/version").map(str::to_owned),
                name: text(chart, "/templateOptions/releaseName").map(str::to_owned),
                namespace: text(chart, "/templateOptions/namespace").map(str::to_owned),
                sources: vec![place.under("/values/valuesInline")],
                overrides: Vec::new(),
                targets: Vec::new(),
                unseen: unseen.into_iter().collect(),
                prefix: String::new(),
                app: None,
                namespace_labels: None,
            })
        })
        .collect()
}
