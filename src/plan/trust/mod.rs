//! Mounts the CA and tells the runtime where it is.

mod by_name;
mod lists;
mod runtime;
mod values;
mod volume;
mod wanted;

pub(super) use values::in_values;

use super::planner::Planner;
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::krm::pod::{is_windows, template_pointer};
use crate::krm::{Finding, Place, codes};
use lists::{Lists, Variables, wire};
use runtime::Needs;

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for (object, containers) in wanted::wanted(planner, &trust) {
        mount(planner, &trust, object, &containers);
    }
}

fn mount(planner: &mut Planner<'_>, trust: &Trust, object: usize, containers: &[(String, Vec<Runtime>)]) {
    let place = Place::object(object);
    let target = &planner.manifests.objects[object];
    if is_windows(target) {
        let message = "the pod must not be for Windows, which takes its CAs from the system's store; it was left alone";
        return unable(planner, &place, "", message);
    }
    let namespace = target.id.namespace.clone();
    let Some(template) = template_pointer(target).map(str::to_owned) else {
        return;
    };
    let needs: Vec<Needs> = containers
        .iter()
        .map(|(container, runtimes)| Needs::of(planner, trust, &place.under(&format!("{container}/env")), runtimes))
        .collect();
    // The containers share one volume.
    let mut files: Vec<String> = Vec::new();
    for file in needs.iter().flat_map(|needs| &needs.files) {
        if !files.contains(file) {
            files.push(file.clone());
        }
    }
    for ((container, _), needs) in containers.iter().zip(needs) {
        let lists = Lists {
            env: Variables::List(place.under(&format!("{container}/env"))),
            mounts: place.under(&format!("{container}/volumeMounts")),
            volumes: place.under(&format!("{template}/spec/volumes")),
            pod: Some(place.under(&format!("{template}/spec"))),
            locked: None,
        };
        if wire(planner, trust, &lists, &needs.variables, &files) {
            planner.trusting.extend(namespace.clone());
        }
    }
}

fn unable(planner: &mut Planner<'_>, place: &Place, pointer: &str, message: &str) {
    planner.report_at(place, pointer, Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
}
