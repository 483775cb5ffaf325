//! Flux's HelmRelease: `spec.values` beats `valuesFrom`, whose entries apply in their order.

use serde_json::Value;

use super::{Release, Target, set_path, text};
use crate::krm::{Manifests, Object, Place, generators};
use crate::patch::token;
use crate::yaml::Encoding;

pub(super) fn helm_release(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    let Some(chart) = chart_of(manifests, object) else {
        return Vec::new();
    };
    let (mut sources, mut unseen, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for entry in object.value.pointer("/spec/valuesFrom").and_then(Value::as_array).into_iter().flatten() {
        if let Some(target) = target_of(entry) {
            targets.push(target);
            continue;
        }
        match values_from(manifests, object, entry) {
            Some(place) => sources.push(place),
            None => {
                let kind = text(entry, "/kind").unwrap_or_default();
                unseen.push(format!("spec.valuesFrom {kind} {}", text(entry, "/name").unwrap_or_default()));
            }
        }
    }
    let own = object.value.pointer("/spec/values").is_some_and(|values| !values.is_null());
    if own || sources.is_empty() {
        sources.push(Place::object(index).under("/spec/values"));
    }
    let namespace =
        text(&object.value, "/spec/targetNamespace").map(str::to_owned).or_else(|| object.id.namespace.clone());
    vec![Release {
        object: index,
        chart,
        version: text(&object.value, "/spec/chart/spec/version").map(str::to_owned),
        name: Some(text(&object.value, "/spec/releaseName").map_or_else(|| object.id.name.clone(), str::to_owned)),
        namespace,
        sources,
        overrides: Vec::new(),
        targets,
        unseen,
        prefix: String::new(),
        app: None,
        namespace_labels: None,
    }]
}

fn chart_of(manifests: &Manifests, object: &Object) -> Option<String> {
    if let Some(chart) = text(&object.value, "/spec/chart/spec/chart") {
        return Some(super::chart_of(chart, repository_of(manifests, object)));
    }
    let (kind, name) = (text(&object.value, "/spec/chartRef/kind")?, text(&object.value, "/spec/chartRef/name")?);
    let referred = manifests
        .objects
        .iter()
        .find(|other| other.id.kind == kind && other.id.group() == "source.toolkit.fluxcd.io" && other.is_named(name));
    let reference = match (kind, referred) {
        ("OCIRepository", Some(repository)) => text(&repository.value, "/spec/url").unwrap_or(name),
        ("HelmChart", Some(chart)) => text(&chart.value, "/spec/chart").unwrap_or(name),
        _ => name,
    };
    Some(super::chart_of(reference, None))
}

/// The address of the chart's repository; its name, where the input does not hold it.
fn repository_of<'o>(manifests: &'o Manifests, object: &'o Object) -> Option<&'o str> {
    let name = text(&object.value, "/spec/chart/spec/sourceRef/name")?;
    let is_it = |other: &&Object| {
        other.id.group() == "source.toolkit.fluxcd.io" && other.id.kind == "HelmRepository" && other.is_named(name)
    };
    let address = manifests.objects.iter().find(is_it).and_then(|repository| text(&repository.value, "/spec/url"));
    address.or(Some(name))
}

/// An entry with `targetPath` is one value, not a document.
fn target_of(entry: &Value) -> Option<Target> {
    let path = text(entry, "/targetPath")?;
    let field = |pointer: &str| text(entry, pointer).unwrap_or_default().to_owned();
    let key = text(entry, "/valuesKey").unwrap_or("values.yaml").to_owned();
    Some(Target { pointer: crate::patch::pointer(&set_path(path)), kind: field("/kind"), name: field("/name"), key })
}

/// The values in a ConfigMap or Secret that the input holds.
fn values_from(manifests: &Manifests, object: &Object, entry: &Value) -> Option<Place> {
    let (kind, name) = (text(entry, "/kind")?, text(entry, "/name")?);
    let key = token(text(entry, "/valuesKey").unwrap_or("values.yaml"));
    let holder = manifests.objects.iter().position(|other| {
        other.is("", kind) && other.is_named(name) && other.id.shares_namespace(object.id.namespace.as_deref())
    });
    let Some(holder) = holder else {
        return generators::texts(manifests, kind, name, text(entry, "/valuesKey").unwrap_or("values.yaml")).pop();
    };
    let value = &manifests.objects[holder].value;
    let place = Place::object(holder);
    if value.get("sops").is_some() {
        return None;
    }
    let has = |field: &str| value.pointer(&format!("/{field}/{key}")).is_some_and(Value::is_string);
    match kind {
        "Secret" if has("stringData") => Some(place.embedded(&format!("/stringData/{key}"), Encoding::Plain)),
        "Secret" if has("data") => Some(place.embedded(&format!("/data/{key}"), Encoding::Base64)),
        "ConfigMap" if has("data") => Some(place.embedded(&format!("/data/{key}"), Encoding::Plain)),
        _ => None,
    }
}
