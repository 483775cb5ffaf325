//! Argo CD's Application and ApplicationSet: `valuesObject`, `values` as text, `parameters`; one or many sources.
//!
//! Precedence is `parameters > valuesObject > values > valueFiles`, and a set `valuesObject` drops `values` entirely
//! (argo-cd: `ValuesYAML` in pkg/apis/application/v1alpha1/values.go).

use serde_json::Value;

use super::{Override, Release, Target, chart_name, is_filled, set_path, text};
use crate::krm::{Manifests, Object, Place};
use crate::yaml::Encoding;

pub(super) fn application(_: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    of_spec(index, object, "/spec")
}

pub(super) fn application_set(_: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    of_spec(index, object, "/spec/template/spec")
}

fn of_spec(index: usize, object: &Object, spec: &str) -> Vec<Release> {
    let single = object.value.pointer(&format!("{spec}/source")).is_some_and(Value::is_object);
    let count = object.value.pointer(&format!("{spec}/sources")).and_then(Value::as_array).map_or(0, Vec::len);
    let mut pointers: Vec<String> = (0..count).map(|i| format!("{spec}/sources/{i}")).collect();
    // `sources` wins where both are set.
    if single && pointers.is_empty() {
        pointers.push(format!("{spec}/source"));
    }
    pointers.iter().filter_map(|pointer| of_source(index, object, spec, pointer)).collect()
}

fn of_source(index: usize, object: &Object, spec: &str, pointer: &str) -> Option<Release> {
    let source = object.value.pointer(pointer)?;
    let chart = text(source, "/chart").map(chart_name).or_else(|| chart_in_git(source))?;
    let place = Place::object(index).under(pointer);
    let mut unseen = Vec::new();
    if is_filled(source, "/helm/valueFiles") {
        unseen.push("helm.valueFiles".to_owned());
    }
    let files = source.pointer("/helm/fileParameters").and_then(Value::as_array).into_iter().flatten();
    let targets = files.filter_map(|entry| {
        let pointer = crate::patch::pointer(&set_path(text(entry, "/name")?));
        let name = text(entry, "/path").unwrap_or_default().to_owned();
        Some(Target { pointer, kind: "file".to_owned(), name, key: String::new() })
    });
    let sources = if source.pointer("/helm/valuesObject").is_some_and(|v| !v.is_null())
        || text(source, "/helm/values").is_none()
    {
        vec![place.under("/helm/valuesObject")]
    } else {
        vec![place.embedded("/helm/values", Encoding::Plain)]
    };
    let name = text(source, "/helm/releaseName").map(str::to_owned).or_else(|| match spec {
        "/spec" => Some(object.id.name.clone()),
        _ => text(&object.value, "/spec/template/metadata/name").map(str::to_owned),
    });
    Some(Release {
        object: index,
        chart,
        name: name.filter(|name| !name.contains("{{")),
        namespace: text(&object.value, &format!("{spec}/destination/namespace"))
            .filter(|namespace| !namespace.contains("{{"))
            .map(str::to_owned),
        sources,
        overrides: parameters(source, &place.under("/helm/parameters")),
        targets: targets.collect(),
        unseen,
        namespace_labels: has_namespace_option(object, spec)
            .then(|| Place::object(index).under(&format!("{spec}/syncPolicy/managedNamespaceMetadata/labels"))),
    })
}

/// `helm.parameters`, the values of which are expanded with the app's environment.
fn parameters(source: &Value, list: &Place) -> Vec<Override> {
    let entries = source.pointer("/helm/parameters").and_then(Value::as_array).into_iter().flatten().enumerate();
    let entry = |(index, entry): (usize, &Value)| Override {
        pointer: crate::patch::pointer(&set_path(entry["name"].as_str().unwrap_or_default())),
        list: list.clone(),
        entry: format!("/{index}"),
        value: format!("/{index}/value"),
        expands: true,
    };
    entries.map(entry).collect()
}

/// A chart in a git repository is known by its folder, where the source has Helm settings.
fn chart_in_git(source: &Value) -> Option<String> {
    let path = text(source, "/path")?;
    source.get("helm").filter(|helm| helm.is_object())?;
    Some(chart_name(path))
}

/// `managedNamespaceMetadata` counts only where Argo CD creates the namespace.
fn has_namespace_option(object: &Object, spec: &str) -> bool {
    let options = object.value.pointer(&format!("{spec}/syncPolicy/syncOptions")).and_then(Value::as_array);
    options.into_iter().flatten().any(|option| option == "CreateNamespace=true")
}
