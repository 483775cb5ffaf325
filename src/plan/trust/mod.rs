//! Mounts the CA and tells the runtime where it is.

mod lists;
mod runtime;
mod values;
mod volume;
mod workloads;

pub(super) use values::in_values;

use super::instance::{container_of, of_client, report_no_container};
use super::planner::Planner;
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::krm::pod::{containers, is_windows, template_pointer};
use crate::krm::{Finding, Place, codes};
use lists::{Lists, wire};
use workloads::{report_unmatched, selects};

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let Some(instance) = of_client(planner, client) else {
            continue;
        };
        for component in profile.components.iter().filter(|component| client.trusts(component)) {
            for object in instance.of(&component.name).collect::<Vec<_>>() {
                match container_of(&planner.manifests.objects[object], component) {
                    Some(container) => mount(planner, &trust, object, &[container], profile.runtime),
                    // Said already where the app takes flags.
                    None => report_no_container(planner, object, component),
                }
            }
        }
    }
    for workload in &trust.workloads {
        let selected: Vec<usize> = (0..planner.manifests.objects.len())
            .filter(|index| selects(workload, &planner.manifests.objects[*index]))
            .collect();
        if selected.is_empty() && workload.name.is_some() {
            report_unmatched(planner, workload);
        }
        for object in selected {
            let all = containers(&planner.manifests.objects[object]);
            let wanted = all
                .iter()
                .filter(|c| workload.containers.is_empty() || workload.containers.iter().any(|n| n == c.name()));
            let pointers: Vec<String> = wanted.map(|container| container.pointer.clone()).collect();
            if pointers.is_empty() && !all.is_empty() {
                let names: Vec<_> = all.iter().map(|container| container.name().to_owned()).collect();
                let message = format!("`containers` must name containers of the workload; it has {}", names.join(", "));
                let id = planner.manifests.objects[object].id.clone();
                planner.report(Finding::new(&codes::CONTAINER_IS_KNOWN, message).on(&id));
                continue;
            }
            mount(planner, &trust, object, &pointers, workload.runtime);
        }
    }
}

fn mount(planner: &mut Planner<'_>, trust: &Trust, object: usize, containers: &[String], runtime: Runtime) {
    let place = Place::object(object);
    let target = &planner.manifests.objects[object];
    if is_windows(target) {
        let message = "the pod must not be for Windows, which takes its CAs from the system's store; it was left alone";
        return unable(planner, &place, "", message);
    }
    let namespace = target.id.namespace.clone();
    let Some(template) = template_pointer(target) else {
        return;
    };
    for container in containers {
        let lists = Lists {
            env: place.under(&format!("{container}/env")),
            mounts: place.under(&format!("{container}/volumeMounts")),
            volumes: place.under(&format!("{template}/spec/volumes")),
            locked: None,
        };
        if wire(planner, trust, &lists, runtime) {
            planner.trusting.extend(namespace.clone());
        }
    }
}

fn unable(planner: &mut Planner<'_>, place: &Place, pointer: &str, message: &str) {
    planner.report_at(place, pointer, Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
}
