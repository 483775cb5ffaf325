//! Where a setting starts in the values of a chart: what the program sees in the end is decided there.

use super::variables::{Entry, pod_values, variable};
use crate::app::profile::{Profile, Setting};
use crate::carrier::{Override, Target};
use crate::krm::Place;
use crate::patch::token;
use crate::plan::instance::plain;
use crate::plan::layers::Layers;
use crate::plan::planner::Planner;

/// The place that decides on a setting.
#[derive(Clone, Debug)]
pub(super) enum Start {
    /// A single value that beats all sources.
    Override(Override),
    /// A flag among the values' own arguments, which stand behind the chart's.
    Argument { place: Place, pointer: String, prefix: String, value: String },
    /// An entry of the values' own variables.
    Variable(Entry),
    /// A key of a Secret or ConfigMap that the carrier takes this one value from.
    Target(Target),
    /// The chart's own key, filled or not.
    Key,
}

/// Looks in the order in which the program would let one place beat the other.
pub(super) fn of(
    planner: &Planner<'_>,
    profile: &Profile,
    layers: &Layers,
    setting: &Setting,
    pointer: Option<&str>,
) -> Start {
    if let Some(known) = pointer.and_then(|pointer| layers.overriding(pointer)) {
        return Start::Override(known.clone());
    }
    if let Some(target) = pointer.and_then(|pointer| layers.target(pointer)) {
        return Start::Target(target.clone());
    }
    if let Some(found) = argument(planner, profile, layers, setting) {
        return found;
    }
    let by_chart = setting.chart_env.as_ref().and_then(|name| variable(planner, profile, layers, name, false));
    if let Some(entry) = by_chart {
        return Start::Variable(entry);
    }
    // A filled key becomes a flag where there is one, and flags beat variables.
    let key = pointer.filter(|_| setting.flag.is_some()).and_then(|pointer| layers.get(planner, pointer));
    let filled = key.is_some_and(|value| value != "");
    match setting.env.as_ref().filter(|_| !filled).and_then(|name| variable(planner, profile, layers, name, true)) {
        Some(entry) => Start::Variable(entry),
        None => Start::Key,
    }
}

fn argument(planner: &Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting) -> Option<Start> {
    let (known, flag) = (pod_values(profile)?, setting.flag.as_ref()?);
    if let Some(map) = &known.arg_map {
        let pointer = format!("{map}/{}", token(flag));
        if let Some(value) = layers.get(planner, &pointer) {
            let place = layers.source(planner, &pointer)?;
            let pointer = layers.pointer(&pointer);
            return Some(Start::Argument { place, pointer, prefix: String::new(), value: plain(&value) });
        }
    }
    let list = layers.pointer(known.args.as_ref().or(known.arg_map.as_ref())?);
    layers.release.sources.iter().rev().find_map(|place| {
        let draft = planner.manifests.draft(place).ok()?;
        draft.list(&list).iter().enumerate().rev().find_map(|(index, argument)| {
            let (name, value) = argument.as_str()?.split_once('=')?;
            let is_it = name.trim_start_matches('-') == flag && !value.starts_with("$(");
            let (prefix, value) = (format!("{name}="), value.to_owned());
            is_it.then(|| Start::Argument { place: place.clone(), pointer: format!("{list}/{index}"), prefix, value })
        })
    })
}
