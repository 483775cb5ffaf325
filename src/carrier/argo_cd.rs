//! Argo CD's Application and ApplicationSet: `valuesObject`, `values` as text, `parameters`; one or many sources.
//!
//! Precedence is `parameters > valuesObject > values > valueFiles`, and a set `valuesObject` drops `values` entirely
//! (argo-cd: `ValuesYAML` in pkg/apis/application/v1alpha1/values.go).

use serde_json::Value;

use super::chart::{self, Part};
use super::generators::{Bindings, bindings, fill};
use super::{Override, Release, Target, chart_name, chart_of, set_path, text, values_file};
use crate::krm::{Manifests, Object, Place, files};
use crate::yaml::Encoding;

pub(super) fn application(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    Spec { manifests, index, object, spec: "/spec", bindings: &Bindings::new() }.releases()
}

pub(super) fn application_set(manifests: &Manifests, index: usize, object: &Object) -> Vec<Release> {
    let mut found: Vec<Release> = Vec::new();
    for bindings in bindings(manifests, object) {
        let spec = Spec { manifests, index, object, spec: "/spec/template/spec", bindings: &bindings };
        for release in spec.releases() {
            // Applications that differ in what is not read here, such as the cluster, are one release.
            let same = |known: &Release| {
                (&known.chart, &known.sources, &known.prefix) == (&release.chart, &release.sources, &release.prefix)
            };
            if !found.iter().any(same) {
                found.push(release);
            }
        }
    }
    found
}

/// The `spec` of an Application, with what a generator puts into it.
struct Spec<'a> {
    manifests: &'a Manifests,
    index: usize,
    object: &'a Object,
    spec: &'static str,
    bindings: &'a Bindings,
}

impl Spec<'_> {
    fn releases(&self) -> Vec<Release> {
        let at = |field: &str| self.object.value.pointer(&format!("{}/{field}", self.spec));
        let count = at("sources").and_then(Value::as_array).map_or(0, Vec::len);
        let mut pointers: Vec<String> = (0..count).map(|i| format!("{}/sources/{i}", self.spec)).collect();
        // `sources` wins where both are set.
        if at("source").is_some_and(Value::is_object) && pointers.is_empty() {
            pointers.push(format!("{}/source", self.spec));
        }
        pointers.iter().flat_map(|pointer| self.of_source(pointer)).collect()
    }

    fn text(&self, value: &Value, pointer: &str) -> Option<String> {
        text(value, pointer).map(|text| fill(text, self.bindings))
    }

    fn of_source(&self, pointer: &str) -> Vec<Release> {
        let Some(source) = self.object.value.pointer(pointer) else { return Vec::new() };
        let parts = self.parts(source);
        if parts.is_empty() {
            return Vec::new();
        }
        let place = Place::object(self.index).under(pointer);
        let (mut sources, unseen) = self.value_files(source, parts.iter().any(|(_, prefix)| !prefix.is_empty()));
        let has_object = source.pointer("/helm/valuesObject").is_some_and(|values| !values.is_null());
        let has_text = text(source, "/helm/values").is_some();
        if has_object || sources.is_empty() && !has_text {
            sources.push(place.under("/helm/valuesObject"));
        } else if has_text {
            sources.push(place.embedded("/helm/values", Encoding::Plain));
        }
        let files = source.pointer("/helm/fileParameters").and_then(Value::as_array).into_iter().flatten();
        let targets = files.filter_map(|entry| {
            let pointer = crate::patch::pointer(&set_path(text(entry, "/name")?));
            let name = text(entry, "/path").unwrap_or_default().to_owned();
            Some(Target { pointer, kind: "file".to_owned(), name, key: String::new() })
        });
        let targets: Vec<Target> = targets.collect();
        let name = self.text(source, "/helm/releaseName").or_else(|| match self.spec {
            "/spec" => Some(self.object.id.name.clone()),
            _ => self.text(&self.object.value, "/spec/template/metadata/name"),
        });
        let namespace = self.text(&self.object.value, &format!("{}/destination/namespace", self.spec));
        let labels = format!("{}/syncPolicy/managedNamespaceMetadata/labels", self.spec);
        let release = |(chart, prefix): (String, String)| Release {
            object: self.index,
            chart,
            version: text(source, "/chart").and_then(|_| self.text(source, "/targetRevision")),
            name: name.clone().filter(|name| !name.contains("{{")),
            namespace: namespace.clone().filter(|namespace| !namespace.contains("{{")),
            sources: sources.clone(),
            overrides: parameters(source, &place.under("/helm/parameters")),
            targets: targets.clone(),
            unseen: unseen.clone(),
            prefix,
            app: None,
            namespace_labels: has_namespace_option(self.object, self.spec)
                .then(|| Place::object(self.index).under(&labels)),
        };
        parts.into_iter().map(release).collect()
    }

    /// The charts of a source: one from a repository of charts, or those in a folder of the tree.
    fn parts(&self, source: &Value) -> Vec<Part> {
        if let Some(chart) = text(source, "/chart") {
            return vec![(chart_of(chart, text(source, "/repoURL")), String::new())];
        }
        let in_tree = self.folder(source).map(|folder| chart::parts(self.manifests, &folder)).unwrap_or_default();
        if !in_tree.is_empty() {
            return in_tree;
        }
        chart_in_git(source).map(|chart| (chart, String::new())).into_iter().collect()
    }

    fn root(&self) -> Option<&str> {
        Some(self.manifests.files.of(self.object)?.root.as_str())
    }

    /// Where the source's path is in the tree.
    fn folder(&self, source: &Value) -> Option<String> {
        Some(files::join(self.root()?, self.text(source, "/path")?.trim_start_matches('/')))
    }

    /// The values files in rising precedence, and those that the tree does not hold.
    fn value_files(&self, source: &Value, is_umbrella: bool) -> (Vec<Place>, Vec<String>) {
        let (mut places, mut unseen) = (Vec::new(), Vec::new());
        if is_umbrella {
            let own = self.folder(source).map(|folder| files::join(&folder, "values.yaml"));
            places.extend(own.and_then(|path| values_file(self.manifests, &path)));
        }
        let names = source.pointer("/helm/valueFiles").and_then(Value::as_array).into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            match self.path_of(source, name).and_then(|path| values_file(self.manifests, &path)) {
                Some(place) if places.contains(&place) => {}
                Some(place) => places.push(place),
                None => unseen.push(format!("helm.valueFiles {name}")),
            }
        }
        (places, unseen)
    }

    /// A path below the chart's folder, from the root of the repository, or in another source (`$name/...`).
    fn path_of(&self, source: &Value, name: &str) -> Option<String> {
        let name = fill(name, self.bindings);
        if name.contains("{{") || name.contains("://") {
            return None;
        }
        let root = self.root()?;
        if let Some(rest) = name.strip_prefix('$') {
            return Some(files::join(root, rest.split_once('/')?.1));
        }
        match name.strip_prefix('/') {
            Some(rest) => Some(files::join(root, rest)),
            None => Some(files::join(&self.folder(source)?, &name)),
        }
    }
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
