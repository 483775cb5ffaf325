//! Which workloads `trust.workloads` selects, and which of their containers.

use kube_core::SelectorExt as _;
use serde_json::Value;

use crate::config::document::Workload;
use crate::krm::pod::template_pointer;
use crate::krm::{Finding, Object, codes};
use crate::plan::planner::Planner;

/// A name that matches nothing may be in another package, or misspelt.
pub(super) fn report_unmatched(planner: &mut Planner<'_>, workload: &Workload) {
    let (kind, name) = (workload.kind.as_deref().unwrap_or("workload"), workload.name.as_deref().unwrap_or_default());
    let place = workload.namespace.as_ref().map_or(String::new(), |namespace| format!(" in namespace {namespace}"));
    let message = format!(
        "`trust.workloads` names the {kind} {name}{place}, which is not in the input; it gets the CA where it is"
    );
    planner.report(Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
}

pub(super) fn selects(workload: &Workload, object: &Object) -> bool {
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
