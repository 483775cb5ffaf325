//! Charts that lie in the tree. An umbrella chart keeps the values of each dependency below its alias or name, in the
//! `values.yaml` beside its Chart.yaml (helm: `ProcessDependencies` in pkg/chart).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Release, chart_of, text, values_file};
use crate::krm::{Manifests, files};

/// A chart by name, and the key below which its values lie.
pub(super) type Part = (String, String);

/// What a chart in a folder installs: its dependencies, or itself where it has none. Nothing where none lies there.
pub(super) fn parts(manifests: &Manifests, folder: &str) -> Vec<Part> {
    let Some(chart) = manifests.files.document(&files::join(folder, "Chart.yaml")) else {
        return Vec::new();
    };
    let chart = &manifests.objects[chart].value;
    let dependencies = chart.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    let parts: Vec<Part> = dependencies
        .filter_map(|dependency| {
            let name = text(dependency, "/name")?;
            let chart = chart_of(name, text(dependency, "/repository"));
            Some((chart, text(dependency, "/alias").unwrap_or(name).to_owned()))
        })
        .collect();
    if !parts.is_empty() {
        return parts;
    }
    text(chart, "/name").map(|name| (name.to_owned(), String::new())).into_iter().collect()
}

/// Umbrella charts that nothing in the tree installs: whoever does uses their own values.
pub(super) fn releases(manifests: &Manifests, known: &[Release]) -> Vec<Release> {
    let used: BTreeSet<usize> = known.iter().flat_map(|release| &release.sources).map(|source| source.object).collect();
    let mut found = Vec::new();
    for (path, chart) in manifests.files.documents().filter(|(path, _)| files::name(path) == "Chart.yaml") {
        let folder = files::parent(path);
        let Some(values) = values_file(manifests, &files::join(folder, "values.yaml")) else {
            continue;
        };
        if used.contains(&values.object) {
            continue;
        }
        for (name, prefix) in parts(manifests, folder).into_iter().filter(|(_, prefix)| !prefix.is_empty()) {
            found.push(Release {
                object: chart,
                chart: name,
                version: None,
                name: None,
                namespace: None,
                sources: vec![values.clone()],
                overrides: Vec::new(),
                targets: Vec::new(),
                unseen: Vec::new(),
                prefix,
                app: None,
                namespace_labels: None,
            });
        }
    }
    found.sort_by_key(|release| release.object);
    found
}
