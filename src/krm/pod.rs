//! Where each kind of workload keeps its pod template, and how to read one.

use std::borrow::Cow;

use serde_json::Value;

use super::{Object, ObjectRef};
use crate::patch;

/// API group, kind, and the JSON pointer to what holds the pod's `metadata` and `spec`. The document adds to it.
pub const POD_TEMPLATES: &[(&str, &str, &str)] = &[
    ("", "Pod", ""),
    ("", "PodTemplate", "/template"),
    ("", "ReplicationController", "/spec/template"),
    ("apps", "DaemonSet", "/spec/template"),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "ReplicaSet", "/spec/template"),
    ("apps", "StatefulSet", "/spec/template"),
    ("apps.kruise.io", "CloneSet", "/spec/template"),
    ("apps.kruise.io", "DaemonSet", "/spec/template"),
    ("apps.kruise.io", "StatefulSet", "/spec/template"),
    ("apps.openshift.io", "DeploymentConfig", "/spec/template"),
    ("argoproj.io", "Rollout", "/spec/template"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template"),
    ("batch", "Job", "/spec/template"),
    ("keda.sh", "ScaledJob", "/spec/jobTargetRef/template"),
    ("serving.knative.dev", "Configuration", "/spec/template"),
    ("serving.knative.dev", "Service", "/spec/template"),
];

/// A line of that table that a document adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTemplate {
    /// The API group, without version; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The JSON pointer; none where objects of the kind hold no pod and are read for another reason.
    pub path: Option<String>,
}

impl PodTemplate {
    /// Whether an object is of this kind.
    pub fn is_of(&self, id: &ObjectRef) -> bool {
        self.kind == id.kind && self.group == id.group()
    }
}

/// The pointer to the pod template of a kind in the table.
pub fn built_in(id: &ObjectRef) -> Option<Cow<'static, str>> {
    let group = id.group();
    let line = POD_TEMPLATES.iter().find(|(g, kind, _)| *g == group && *kind == id.kind);
    line.map(|(_, _, pointer)| Cow::Borrowed(*pointer))
}

/// The pointer to the pod template of a workload; nothing for other kinds.
pub fn template_pointer(object: &Object) -> Option<&str> {
    object.pod_template.as_deref()
}

/// Whether kustomize, where it renames a ConfigMap or Secret, changes the volumes of a workload too. It goes by the kind
/// and the path, whatever the group; a ReplicationController is not in its table.
pub fn is_followed_by_kustomize(object: &Object) -> bool {
    matches!(
        (object.id.kind.as_str(), template_pointer(object)),
        ("Pod", Some(""))
            | ("PodTemplate", Some("/template"))
            | ("DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "StatefulSet", Some("/spec/template"))
            | ("CronJob", Some("/spec/jobTemplate/spec/template"))
    )
}

/// The pod template of a workload.
pub fn template(object: &Object) -> Option<&Value> {
    patch::find(&object.value, template_pointer(object)?)
}

/// One container of a workload and the JSON pointer to it.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    /// `/spec/template/spec/containers/0`.
    pub pointer: String,
    /// Whether it is an init container.
    pub is_init: bool,
    /// Its data.
    pub value: &'a Value,
}

impl Container<'_> {
    /// The container's name.
    pub fn name(&self) -> &str {
        self.value.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// The container's image.
    pub fn image(&self) -> &str {
        self.value.get("image").and_then(Value::as_str).unwrap_or_default()
    }

    /// The environment entry of a name, with its index.
    pub fn env(&self, name: &str) -> Option<(usize, &Value)> {
        entries(self.value, "env").enumerate().find(|(_, entry)| entry["name"] == name)
    }
}

/// The init containers and containers of a workload, in the order they stand.
pub fn containers(object: &Object) -> Vec<Container<'_>> {
    let spec = template(object).and_then(|pod| pod.get("spec"));
    let Some((pointer, spec)) = template_pointer(object).zip(spec) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (list, is_init) in [("initContainers", true), ("containers", false)] {
        let Some(Value::Array(items)) = spec.get(list) else {
            continue;
        };
        let pointer = format!("{pointer}/spec/{list}");
        for (index, value) in items.iter().enumerate().filter(|(_, value)| value.is_object()) {
            found.push(Container { pointer: format!("{pointer}/{index}"), is_init, value });
        }
    }
    found
}

/// The images of a pod template's init containers and containers, as they stand.
pub fn images(template: &Value) -> impl Iterator<Item = &str> {
    let spec = template.get("spec");
    let containers = ["initContainers", "containers"].into_iter().filter_map(move |list| spec?.get(list)?.as_array());
    containers.flatten().filter_map(|container| container.get("image")?.as_str())
}

/// The entries of a list field; none where it is absent or null.
pub fn entries<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value.get(list).and_then(Value::as_array).into_iter().flatten()
}

/// Whether the pod is for Windows, where `SSL_CERT_DIR` means nothing.
pub fn is_windows(object: &Object) -> bool {
    let Some(spec) = template(object).and_then(|template| template.get("spec")) else {
        return false;
    };
    let selected = |label: &str| spec.get("nodeSelector").and_then(|labels| labels.get(label));
    let said =
        [spec.get("os").and_then(|os| os.get("name")), selected("kubernetes.io/os"), selected("beta.kubernetes.io/os")];
    said.into_iter().flatten().any(|system| system == "windows")
}
