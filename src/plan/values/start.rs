//! Where a setting starts in the values of a chart: what the program sees in the end is decided there.

use serde_json::Value;

use crate::app::profile::{PodValues, Profile, Setting};
use crate::carrier::{Override, Target};
use crate::config::document::KeyRef;
use crate::krm::Place;
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

/// An entry of a list of variables.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) pointer: String,
    /// Whether the program reads the variable itself, and not by way of the chart's flag.
    pub(super) is_own: bool,
    value: Value,
}

impl Entry {
    /// The text, where the variable has one.
    pub(super) fn text(&self) -> Option<String> {
        let from = self.value.get("valueFrom").is_none_or(Value::is_null);
        from.then(|| self.value.get("value").map(plain).unwrap_or_default())
    }

    /// The Secret's key, where the variable comes from one.
    pub(super) fn reference(&self) -> Option<KeyRef> {
        let reference = self.value.pointer("/valueFrom/secretKeyRef")?;
        let text = |field: &str| reference.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(KeyRef { name: text("name")?, key: text("key")? })
    }
}

fn lists(profile: &Profile) -> Option<&PodValues> {
    profile.components.first()?.values.as_ref()
}

/// Looks in the order in which the program would let one place beat the other.
pub(super) fn of(planner: &Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting, pointer: &str) -> Start {
    if let Some(known) = layers.overriding(pointer) {
        return Start::Override(known.clone());
    }
    if let Some(target) = layers.target(pointer) {
        return Start::Target(target.clone());
    }
    if let Some(found) = argument(planner, profile, layers, setting) {
        return found;
    }
    let by_chart = setting.chart_env.as_ref().and_then(|name| variable(planner, profile, layers, name, false));
    if let Some(entry) = by_chart {
        return Start::Variable(entry);
    }
    let filled = layers.get(planner, pointer).is_some_and(|value| value != "");
    match setting.env.as_ref().filter(|_| !filled).and_then(|name| variable(planner, profile, layers, name, true)) {
        Some(entry) => Start::Variable(entry),
        None => Start::Key,
    }
}

fn argument(planner: &Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting) -> Option<Start> {
    let (list, flag) = (layers.pointer(lists(profile)?.args.as_ref()?), setting.flag.as_ref()?);
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

/// The last entry of a name among the values' own variables.
pub(super) fn variable(
    planner: &Planner<'_>,
    profile: &Profile,
    layers: &Layers,
    name: &str,
    is_own: bool,
) -> Option<Entry> {
    let list = layers.pointer(&lists(profile)?.env);
    layers.release.sources.iter().rev().find_map(|place| {
        let draft = planner.manifests.draft(place).ok()?;
        let index = draft.list(&list).iter().rposition(|entry| entry["name"] == name)?;
        let pointer = format!("{list}/{index}");
        let value = draft.get(&pointer)?.clone();
        Some(Entry { place: place.clone(), pointer, is_own, value })
    })
}
