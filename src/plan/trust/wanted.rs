//! Which containers need the CA, and what they run: from the apps of `clients` and from `trust.workloads`.

use std::collections::BTreeMap;

use kube_core::SelectorExt as _;
use serde_json::Value;

use super::by_name;
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::config::document::Workload;
use crate::krm::pod::{containers, template_pointer};
use crate::krm::{Finding, Object, Place, codes};
use crate::plan::instance::{container_of, of_client, report_no_container};
use crate::plan::planner::Planner;

/// By object: the pointer of each container, and everything that is said of what it runs.
pub(super) type Wanted = BTreeMap<usize, Vec<(String, Vec<Runtime>)>>;

/// All of them. What two entries say of one container holds together.
pub(super) fn wanted(planner: &mut Planner<'_>, trust: &Trust) -> Wanted {
    let mut wanted = Wanted::new();
    of_apps(planner, trust, &mut wanted);
    for workload in &trust.workloads {
        of_workload(planner, workload, &mut wanted);
    }
    wanted
}

fn add(wanted: &mut Wanted, object: usize, container: String, runtime: Runtime) {
    let pod = wanted.entry(object).or_default();
    match pod.iter_mut().find(|(known, _)| *known == container) {
        Some((_, runtimes)) => runtimes.push(runtime),
        None => pod.push((container, vec![runtime])),
    }
}

fn of_apps(planner: &mut Planner<'_>, trust: &Trust, wanted: &mut Wanted) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let Some(instance) = of_client(planner, client) else {
            continue;
        };
        for component in profile.components.iter().filter(|component| client.trusts(component)) {
            for object in instance.of(&component.name).collect::<Vec<_>>() {
                if by_name::is_mounted(planner, trust, object, component) {
                    continue;
                }
                let runtime = component.runtime.unwrap_or(profile.runtime);
                let others = containers(&planner.manifests.objects[object]);
                let others = others.iter().filter(|other| component.init_containers.iter().any(|n| n == other.name()));
                for pointer in others.map(|other| other.pointer.clone()).collect::<Vec<_>>() {
                    add(wanted, object, pointer, runtime);
                }
                match container_of(&planner.manifests.objects[object], component) {
                    Some(container) => add(wanted, object, container, runtime),
                    // Said already where the app takes flags.
                    None => report_no_container(planner, object, component),
                }
            }
        }
    }
}

fn of_workload(planner: &mut Planner<'_>, workload: &Workload, wanted: &mut Wanted) {
    let objects = &planner.manifests.objects;
    let selected: Vec<usize> = (0..objects.len()).filter(|index| selects(workload, &objects[*index])).collect();
    let mut names: Vec<String> = Vec::new();
    let mut is_found = false;
    for object in &selected {
        for container in containers(&objects[*object]) {
            if workload.containers.is_empty() || workload.containers.iter().any(|name| name == container.name()) {
                add(wanted, *object, container.pointer.clone(), workload.runtime);
                is_found = true;
            }
            names.push(container.name().to_owned());
        }
    }
    let unknown: Vec<&String> = workload.containers.iter().filter(|name| !names.contains(name)).collect();
    if let (false, Some(object)) = (names.is_empty() || unknown.is_empty(), selected.first()) {
        names.dedup();
        let message = format!("`containers` must name containers of the workload; it has {}", names.join(", "));
        let id = objects[*object].id.clone();
        planner.report(Finding::new(&codes::CONTAINER_IS_KNOWN, message).on(&id));
    } else if !is_found && workload.name.is_some() {
        match selected.first() {
            Some(object) => report_no_pod(planner, *object),
            None => report_unmatched(planner, workload),
        }
    }
}

fn selects(workload: &Workload, object: &Object) -> bool {
    let labels = object.value.pointer("/metadata/labels").and_then(Value::as_object);
    let labels = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    template_pointer(object).is_some()
        && workload.kind.as_ref().is_none_or(|kind| *kind == object.id.kind)
        && workload.name.as_ref().is_none_or(|name| object.is_named(name))
        && object.id.shares_namespace(workload.namespace.as_deref())
        && workload.selector.matches(&labels)
}

/// A name that matches nothing may be in another package, or misspelt.
fn report_unmatched(planner: &mut Planner<'_>, workload: &Workload) {
    let (kind, name) = (workload.kind.as_deref().unwrap_or("workload"), workload.name.as_deref().unwrap_or_default());
    let place = workload.namespace.as_ref().map_or(String::new(), |namespace| format!(" in namespace {namespace}"));
    let message = format!(
        "`trust.workloads` names the {kind} {name}{place}, which is not in the input; it gets the CA where it is"
    );
    planner.report(Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
}

/// A workload that is there and has no containers: it borrows its pods, or has them elsewhere.
fn report_no_pod(planner: &mut Planner<'_>, object: usize) {
    let target = &planner.manifests.objects[object];
    let list = format!("{}/spec/containers", template_pointer(target).unwrap_or_default());
    let (pointer, message) = match (target.text("/spec/workloadRef/kind"), target.text("/spec/workloadRef/name")) {
        (Some(kind), Some(name)) => (
            "/spec/workloadRef".to_owned(),
            format!(
                "must have pods of its own to be given the CA; it takes them from the {kind} {name}: name that in `trust.workloads`"
            ),
        ),
        _ => (list, "must be a list of containers, for the CA to be given to them; none is here".to_owned()),
    };
    planner.report_at(&Place::object(object), &pointer, Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
}
