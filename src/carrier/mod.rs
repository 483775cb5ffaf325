//! Where Helm values live in manifests: one file per kind of carrier, one line in the table.

mod argo_cd;
mod chart;
mod flux;
mod generators;
mod k3s;
mod kpt;
mod kustomize;

use serde_json::Value;

use crate::krm::{Manifests, Object, Place};

/// One release of a chart, and the sources of its values that the input shows.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Index of the object that carries it.
    pub object: usize,
    /// The chart's name, without repository; those of Bitnami, which has charts of its own under the names of others, with it.
    pub chart: String,
    /// The chart's version as it is written: it may be a range.
    pub version: Option<String>,
    /// The release's name, where it is known.
    pub name: Option<String>,
    /// The namespace it is installed into, where it is known.
    pub namespace: Option<String>,
    /// In rising precedence; never empty.
    pub sources: Vec<Place>,
    /// Single values that beat all sources: `helm.parameters` of Argo CD, `set` of K3s.
    pub overrides: Vec<Override>,
    /// Single values that the carrier takes from elsewhere: JSON pointer in the values, and where from.
    pub targets: Vec<Target>,
    /// Sources that the input does not show, as people write the field.
    pub unseen: Vec<String>,
    /// The key below which an umbrella chart keeps the values of the chart; empty where they are the chart's own.
    pub prefix: String,
    /// The app whose values these are, where the user says so.
    pub app: Option<String>,
    /// Where labels for the namespace go, if the carrier makes it.
    pub namespace_labels: Option<Place>,
}

/// One value that beats all sources of values.
#[derive(Clone, Debug)]
pub struct Override {
    /// JSON pointer in the values.
    pub pointer: String,
    /// The list or mapping it stands in.
    pub list: Place,
    /// JSON pointer of the entry in it.
    pub entry: String,
    /// JSON pointer of its value in it.
    pub value: String,
    /// Whether the carrier expands `$`, so that a literal one is written twice.
    pub expands: bool,
}

/// One value that a carrier takes from a key of a Secret or ConfigMap.
#[derive(Clone, Debug)]
pub struct Target {
    /// JSON pointer in the values.
    pub pointer: String,
    /// `Secret` or `ConfigMap`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The key.
    pub key: String,
}

/// The keys of a path as `helm --set` writes it: `a.b\.c[0].d`.
pub fn set_path(name: &str) -> Vec<String> {
    let (mut tokens, mut current, mut chars) = (Vec::new(), String::new(), name.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => current.extend(chars.next()),
            '.' | '[' => {
                if !current.is_empty() {
                    tokens.push(std::mem::take(&mut current));
                }
            }
            ']' => {}
            c => current.push(c),
        }
    }
    if !current.is_empty() {
        tokens.push(current);
    }
    tokens
}

/// Finds the releases of one kind of carrier.
type Find = fn(&Manifests, usize, &Object) -> Vec<Release>;

/// API group, kind, and how to read it.
const CARRIERS: &[(&str, &str, Find)] = &[
    ("argoproj.io", "Application", argo_cd::application),
    ("argoproj.io", "ApplicationSet", argo_cd::application_set),
    ("helm.toolkit.fluxcd.io", "HelmRelease", flux::helm_release),
    ("helm.cattle.io", "HelmChart", k3s::helm_chart),
    ("helm.cattle.io", "HelmChartConfig", k3s::helm_chart_config),
    ("kustomize.config.k8s.io", "Kustomization", kustomize::kustomization),
    // Its apiVersion is `builtin`, a version without a group.
    ("", "HelmChartInflationGenerator", kustomize::generator),
    ("fn.kpt.dev", "RenderHelmChart", kpt::render_helm_chart),
];

/// Whether objects of a kind can carry Helm values, so that they have to be parsed.
pub fn is_carrier(group: &str, kind: &str) -> bool {
    CARRIERS.iter().any(|(g, k, _)| *g == group && *k == kind)
}

/// All releases in the input, in its order.
pub fn releases(manifests: &Manifests) -> Vec<Release> {
    let mut found = Vec::new();
    for (index, object) in manifests.objects.iter().enumerate() {
        let group = object.id.group();
        for (_, _, find) in CARRIERS.iter().filter(|(g, kind, _)| *g == group && *kind == object.id.kind) {
            found.extend(find(manifests, index, object));
        }
    }
    let in_tree = chart::releases(manifests, &found);
    found.extend(in_tree);
    found.extend(claims(manifests));
    found
}

/// Files that the user names as the values of an app; those of one app are one release, later ones beat earlier ones.
fn claims(manifests: &Manifests) -> Vec<Release> {
    let mut found: Vec<Release> = Vec::new();
    for (app, object) in manifests.files.claims() {
        match found.iter_mut().find(|release| release.app.as_deref() == Some(app)) {
            Some(release) => release.sources.push(Place::object(object)),
            None => found.push(Release {
                object,
                chart: String::new(),
                version: None,
                name: None,
                namespace: None,
                sources: vec![Place::object(object)],
                overrides: Vec::new(),
                targets: Vec::new(),
                unseen: Vec::new(),
                prefix: String::new(),
                app: Some(app.to_owned()),
                namespace_labels: None,
            }),
        }
    }
    found
}

/// What stands before the name of a chart of Bitnami's: it has the name of the project's own chart, and other values.
pub const BITNAMI: &str = "bitnami/";

/// A chart's name by its reference and the address of its repository, where that is known.
fn chart_of(reference: &str, repository: Option<&str>) -> String {
    let name = chart_name(reference);
    let is_bitnami = [Some(reference), repository].into_iter().flatten().any(|text| text.contains("bitnami"));
    if is_bitnami { format!("{BITNAMI}{name}") } else { name }
}

/// The last part of a chart's reference: `oci://host/charts/dex`, `./charts/dex` and `dex` are all `dex`.
fn chart_name(reference: &str) -> String {
    let path = reference.trim_end_matches('/');
    let path = path.rsplit_once('/').map_or(path, |(_, name)| name);
    // A packed chart: `dex-0.24.0.tgz`.
    let name = match path.strip_suffix(".tgz") {
        Some(packed) => packed.rsplit_once('-').map_or(packed, |(name, _)| name),
        None => path,
    };
    name.split(['@', ':']).next().unwrap_or(name).to_owned()
}

/// The values in a file of the tree: a document that is no object.
fn values_file(manifests: &Manifests, path: &str) -> Option<Place> {
    let index = manifests.files.document(path)?;
    manifests.objects[index].id.kind.is_empty().then(|| Place::object(index))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

fn is_filled(value: &Value, pointer: &str) -> bool {
    match value.pointer(pointer) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{chart_name, chart_of, set_path};

    #[test]
    fn set_paths_are_read_as_helm_does() {
        assert_eq!(set_path(r"configs.cm.oidc\.config"), ["configs", "cm", "oidc.config"]);
        assert_eq!(set_path("server.env[0].name"), ["server", "env", "0", "name"]);
    }

    #[test]
    fn charts_are_known_by_their_last_part() {
        for reference in
            ["dex", "oci://ghcr.io/dexidp/charts/dex", "./charts/dex/", "https://x/dex-0.24.0.tgz", "dex:1.0"]
        {
            assert_eq!(chart_name(reference), "dex", "{reference}");
        }
        for (reference, repository) in [
            ("oci://registry-1.docker.io/bitnamicharts/dex", None),
            ("dex", Some("https://charts.bitnami.com/bitnami")),
        ] {
            assert_eq!(chart_of(reference, repository), "bitnami/dex", "{reference}");
        }
        assert_eq!(chart_of("dex", Some("https://charts.dexidp.io")), "dex");
    }
}
