//! A release's values as layers: which source a value is written to, so that it is the one that counts.

use serde_json::Value;

use super::planner::Planner;
use crate::app::profile::Profile;
use crate::carrier::{self, Release};
use crate::config::document::Helm;
use crate::krm::{Finding, Place, codes};
use crate::patch::{Draft, chosen_from};

/// One release of an app, its values below the umbrella chart's key if it has one.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    pub(super) release: Release,
    prefix: String,
}

impl Layers {
    /// The releases of a profile's chart that a client, or Dex, is about.
    pub(super) fn find(
        planner: &mut Planner<'_>,
        profile: &Profile,
        helm: &Helm,
        namespace: Option<&str>,
        whom: &str,
    ) -> Vec<Self> {
        let Some(chart) = &profile.chart else {
            return Vec::new();
        };
        // An umbrella chart may be a part of another one.
        let named = |release: &Release| -> Vec<String> {
            let umbrella = chart.umbrellas.get(&release.chart).cloned();
            match (helm.prefix.as_str(), release.prefix.as_str()) {
                ("", "") => umbrella.into_iter().collect(),
                ("", prefix) => std::iter::once(prefix.to_owned()).chain(umbrella).collect(),
                (prefix, _) => vec![prefix.to_owned()],
            }
        };
        let is_prefixed =
            |release: &Release| helm.prefix.is_empty() || release.prefix.is_empty() || release.prefix == helm.prefix;
        let found: Vec<Self> = planner
            .releases
            .iter()
            .filter(|&release| match helm.release.as_str() {
                "" => match &release.app {
                    Some(app) => *app == profile.name,
                    None => {
                        chart.names().any(|name| name == release.chart) || chart.umbrellas.contains_key(&release.chart)
                    }
                },
                // An umbrella chart's release holds several charts.
                name => {
                    release.name.as_deref() == Some(name)
                        && (release.prefix.is_empty() || chart.names().any(|name| name == release.chart))
                }
            })
            .filter(|release| match (namespace, release.namespace.as_deref()) {
                (Some(wanted), Some(known)) => wanted == known,
                _ => true,
            })
            .filter(|release| is_prefixed(release))
            .map(|release| {
                let prefix = named(release).iter().map(|key| format!("/{}", crate::patch::token(key))).collect();
                Self { release: release.clone(), prefix }
            })
            // An umbrella chart may have this part of it turned off.
            .filter(|layers| layers.prefix.is_empty() || layers.get(planner, "/enabled") != Some(Value::Bool(false)))
            .collect();
        let shown = |release: &Release| {
            let object = &planner.manifests.objects[release.object];
            let file = planner.manifests.files.shown(object).filter(|_| object.id.kind.is_empty());
            file.map_or_else(|| object.id.to_string(), str::to_owned)
        };
        let mut different: Vec<String> = found
            .iter()
            .map(|Self { release, .. }| match &release.namespace {
                Some(namespace) => format!("{} (into {namespace})", shown(release)),
                None => shown(release),
            })
            .collect();
        different.dedup();
        if different.len() > 1 {
            let message = format!(
                "{whom} must match one release of chart {}, and the input has {}; say which with `namespace` or `helm.release`",
                chart.name,
                different.join(" and ")
            );
            planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
            return Vec::new();
        }
        found
    }

    /// The place of a source, and the pointer of a value in it.
    pub(super) fn pointer(&self, pointer: &str) -> String {
        format!("{}{pointer}", self.prefix)
    }

    /// What counts for a pointer: the highest source that has it.
    pub(super) fn get(&self, planner: &Planner<'_>, pointer: &str) -> Option<Value> {
        if let Some(known) = self.overriding(pointer) {
            return planner.manifests.read(&known.list.under(&known.value)).ok();
        }
        self.holder(planner, pointer).and_then(|place| {
            let draft = planner.manifests.draft(&place).ok()?;
            draft.get(&self.pointer(pointer)).cloned()
        })
    }

    /// The source that a value other than a list is written to: where it stands, else where most of the way to it does,
    /// else the one that beats the others.
    pub(super) fn source(&self, planner: &Planner<'_>, pointer: &str) -> Option<Place> {
        let mut above = pointer;
        while !above.is_empty() {
            if let Some(holder) = self.holder(planner, above) {
                return Some(holder);
            }
            above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        self.release.sources.last().cloned()
    }

    /// The source that a list is written to, and what could replace the list unseen.
    pub(super) fn list(&self, planner: &Planner<'_>, pointer: &str) -> Option<List> {
        let below = format!("{}/", self.pointer(pointer));
        let mut others = self.release.unseen.clone();
        if let Some(known) = self.release.overrides.iter().find(|known| known.pointer.starts_with(&below)) {
            others.push(known.list.field(""));
        }
        let place = self.source(planner, pointer)?;
        Some(List { place, pointer: self.pointer(pointer), others })
    }

    /// The single value that beats all sources at a pointer; the last one counts.
    pub(super) fn overriding(&self, pointer: &str) -> Option<&carrier::Override> {
        let wanted = self.pointer(pointer);
        self.release.overrides.iter().rfind(|known| known.pointer == wanted)
    }

    /// Where the carrier takes a single value from, if it does.
    pub(super) fn target(&self, pointer: &str) -> Option<&carrier::Target> {
        let wanted = self.pointer(pointer);
        self.release.targets.iter().find(|target| target.pointer == wanted)
    }

    /// The highest source that has a value; of an element of a list, the one that has the list, because it is the one that counts.
    fn holder(&self, planner: &Planner<'_>, pointer: &str) -> Option<Place> {
        let pointer = self.pointer(chosen_from(pointer).unwrap_or(pointer));
        let has = |place: &&Place| planner.manifests.draft(place).is_ok_and(|draft| draft.get(&pointer).is_some());
        self.release.sources.iter().rev().find(has).cloned()
    }
}

/// A list in values. Helm replaces lists instead of joining them, so one that another source may hold is not written.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) place: Place,
    pub(super) pointer: String,
    others: Vec<String>,
}

impl List {
    /// Records a draft, or says what has to be added by hand where another source could hold the list.
    pub(super) fn record(&self, planner: &mut Planner<'_>, draft: Draft, reason: &str, what: &str) -> bool {
        if self.others.is_empty() {
            planner.record(&self.place, draft, reason);
        } else if draft.is_changed() {
            self.report(planner, what);
            return false;
        }
        true
    }

    /// Whether another source could hold the list.
    pub(super) fn is_locked(&self) -> bool {
        !self.others.is_empty()
    }

    /// Says what has to be added by hand.
    pub(super) fn report(&self, planner: &mut Planner<'_>, what: &str) {
        let message = format!(
            "must stand in one source of values, because Helm replaces lists; {} may hold it too, so it was not written: add {what} there",
            self.others.join(", ")
        );
        planner.report_at(&self.place, &self.pointer, Finding::new(&codes::LIST_IS_IN_ONE_SOURCE, message));
    }
}
