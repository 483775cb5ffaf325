//! Finds the workloads of an app, and tells several instances apart.

use std::sync::Arc;

use serde_json::Value;

use super::planner::Planner;
use crate::app::profile::{Component, Profile};
pub(super) use crate::app::recognise::{container_of, is_component};
use crate::config::Client;
use crate::krm::pod::containers;
use crate::krm::{Finding, Object, Severity, codes};

/// One instance of an app: where it is, and which of its workloads the input holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance {
    pub(super) namespace: Option<String>,
    /// Component name and object index.
    pub(super) workloads: Vec<(String, usize)>,
}

impl Instance {
    /// The objects of one component.
    pub(super) fn of<'a>(&'a self, component: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.workloads.iter().filter(move |(name, _)| name == component).map(|(_, object)| *object)
    }
}

/// The instance that a client is about; nothing where the input holds none of its workloads.
pub(super) fn of_client(planner: &mut Planner<'_>, client: &Client) -> Option<Instance> {
    // Found once: which workloads are whose does not change while they are wired.
    if let Some(known) = planner.instances.get(&client.id) {
        return known.clone();
    }
    let profile = client.profile.clone()?;
    let whom = format!("client {}", client.id);
    let found = find(planner, &profile, client.namespace.as_deref(), client.workload.as_deref(), &whom);
    planner.instances.insert(client.id.clone(), found.clone());
    found
}

/// The instance of a profile, or a finding where there are several.
fn find(
    planner: &mut Planner<'_>,
    profile: &Arc<Profile>,
    namespace: Option<&str>,
    workload: Option<&str>,
    whom: &str,
) -> Option<Instance> {
    let objects = &planner.manifests.objects;
    let mut matches: Vec<(usize, usize)> = Vec::new();
    for (index, object) in objects.iter().enumerate().filter(|(_, o)| o.id.shares_namespace(namespace)) {
        if let Some(component) = profile.components.iter().position(|component| is_component(object, component)) {
            matches.push((component, index));
        }
    }
    let Some(lead) = matches.iter().map(|(component, _)| *component).min() else {
        report_elsewhere(planner, profile, namespace, whom);
        return None;
    };
    let named = |object: &Object| workload.is_none_or(|name| object.is_named(name));
    let mut leads: Vec<&Object> = Vec::new();
    for (_, index) in
        matches.iter().filter(|(component, index)| *component == lead && (lead > 0 || named(&objects[*index])))
    {
        let object = &objects[*index];
        let known =
            leads.iter().any(|l| l.id.name == object.id.name && l.id.shares_namespace(object.id.namespace.as_deref()));
        if !known {
            leads.push(object);
        }
    }
    if leads.len() > 1 {
        let list: Vec<String> = leads.iter().map(|object| object.id.to_string()).collect();
        let message = format!(
            "{whom} must match one instance of {}, and the input has {}; say which with `namespace` or `workload`",
            profile.title,
            list.join(" and ")
        );
        planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
        return None;
    }
    let first = (*leads.first()?).clone();
    let same = |object: &Object| {
        let (a, b) = (first.label("app.kubernetes.io/instance"), object.label("app.kubernetes.io/instance"));
        object.id.shares_namespace(first.id.namespace.as_deref()) && (a.is_none() || b.is_none() || a == b)
    };
    let workloads = matches
        .into_iter()
        .filter(|(component, index)| {
            same(&objects[*index]) && (*component != lead || objects[*index].id.name == first.id.name)
        })
        .map(|(component, index)| (profile.components[component].name.clone(), index))
        .collect();
    Some(Instance { namespace: first.id.namespace.clone().or_else(|| namespace.map(str::to_owned)), workloads })
}

/// A namespace in which the app is not, while it is in another one, is more likely wrong than unseen.
fn report_elsewhere(planner: &mut Planner<'_>, profile: &Profile, namespace: Option<&str>, whom: &str) {
    let Some(namespace) = namespace else {
        return;
    };
    let is_app = |object: &&Object| profile.components.iter().any(|component| is_component(object, component));
    let Some(found) = planner.manifests.objects.iter().find(is_app).map(|object| object.id.clone()) else {
        return;
    };
    let message = format!(
        "{whom} has namespace \"{namespace}\", in which the input has no {}; this one stands in another",
        profile.title
    );
    planner.report(Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message).severity(Severity::Warning).on(&found));
}

/// Reports that the app's container is not to be told.
pub(super) fn report_no_container(planner: &mut Planner<'_>, object: usize, component: &Component) {
    let names: Vec<String> =
        containers(&planner.manifests.objects[object]).iter().map(|container| container.name().to_owned()).collect();
    let message = format!(
        "the container of {} must be named {} or be the only one; found {}",
        component.name,
        component.containers.join(" or "),
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    );
    let id = planner.manifests.objects[object].id.clone();
    planner.report(Finding::new(&codes::CONTAINER_IS_KNOWN, message).on(&id));
}

/// ConfigMaps of a name that an instance reads; `*name` is any that ends so, as a release's name stands before it.
pub(super) fn config_maps(planner: &mut Planner<'_>, name: &str, namespace: Option<&str>, whom: &str) -> Vec<usize> {
    let objects = &planner.manifests.objects;
    let found: Vec<usize> = (0..objects.len())
        .filter(|index| {
            let object = &objects[*index];
            let is_named = match name.strip_prefix('*') {
                Some(ending) => object.id.name.ends_with(ending),
                None => object.is_named(name),
            };
            object.is("", "ConfigMap") && is_named && object.id.shares_namespace(namespace)
        })
        .collect();
    let mut namespaces: Vec<&str> = found.iter().filter_map(|index| objects[*index].id.namespace.as_deref()).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    if namespaces.len() > 1 {
        let message = format!(
            "{whom} must match one instance, and the input has ConfigMap {name} in the namespaces {}; say which with `namespace`",
            namespaces.join(" and ")
        );
        planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
        return Vec::new();
    }
    found
}

/// The text of a value for comparison: strings as they are, true and false as words.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
