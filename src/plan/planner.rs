//! Records what intents decide, and keeps the manifests up to date for the next one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use super::dex_client::Home;
use super::instance::Instance;
use crate::carrier::{self, Release};
use crate::config::Config;
use crate::krm::{Change, Code, Finding, Manifests, Place, codes};
use crate::patch::Draft;

/// An object that must exist and does not.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The object.
    pub value: Value,
    /// Index of the object it belongs beside.
    pub beside: usize,
    /// Why.
    pub reason: String,
}

/// Everything a run would do, and everything there is to say about it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In the order they apply.
    pub changes: Vec<Change>,
    /// New objects.
    pub additions: Vec<Addition>,
    /// What was found while planning.
    pub findings: Vec<Finding>,
}

/// The plan in the making.
pub(super) struct Planner<'a> {
    pub(super) config: &'a Config,
    pub(super) manifests: Manifests,
    /// Namespaces of workloads that get the CA: they get labels.
    pub(super) trusting: BTreeSet<String>,
    /// The instance of each client's app, by client id, once looked for.
    pub(super) instances: HashMap<String, Option<Instance>>,
    /// Where Dex is, once looked for.
    pub(super) dex: Option<Vec<Home>>,
    /// The Helm releases in the input.
    pub(super) releases: Vec<Release>,
    /// Values files that several charts use, and those charts.
    shared: BTreeMap<usize, Vec<String>>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    pub(super) fn new(config: &'a Config, manifests: Manifests) -> Self {
        let releases = carrier::releases(&manifests);
        let (trusting, instances, plan) = (BTreeSet::new(), HashMap::new(), Plan::default());
        let shared = shared(&manifests, &releases);
        Self { config, manifests, trusting, instances, dex: None, releases, shared, plan }
    }

    /// The plan, and the manifests as it leaves them.
    pub(super) fn finish(self) -> (Plan, Manifests) {
        (self.plan, self.manifests)
    }

    /// A draft over a place; where its text cannot be read, a finding under `code` says so.
    pub(super) fn draft(&mut self, place: &Place, code: &'static Code) -> Option<Draft> {
        match self.manifests.draft(place) {
            Ok(draft) => Some(draft),
            Err(reason) => {
                let finding =
                    Finding::new(code, format!("must be YAML that can be read: {reason}; nothing in it was changed"));
                self.report_at(place, "", finding);
                None
            }
        }
    }

    /// Records what a draft changed, if anything.
    pub(super) fn record(&mut self, place: &Place, draft: Draft, reason: impl Into<String>) {
        if let Some(misfit) = draft.in_the_way() {
            let message =
                format!("must be {}, for private-sso to {}; nothing was written there", misfit.wanted, reason.into());
            let root = Place { at: PointerBuf::new(), ..place.clone() };
            return self.report_at(&root, &misfit.pointer.clone(), Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        let Some(patch) = draft.finish() else { return };
        let reason = reason.into();
        if let Some(users) = self.shared.get(&place.object) {
            let message = format!(
                "must hold the values of one app, for private-sso to {reason}; {} use it: give each a file of its own beside it",
                users.join(" and ")
            );
            return self.report_at(place, "", Finding::new(&codes::VALUES_ARE_OF_ONE_APP, message));
        }
        if !self.make_room(place, &reason) {
            return;
        }
        let change = Change { object: place.object, inside: place.inside.clone(), patch, reason };
        match self.manifests.apply(&change) {
            Ok(()) => self.plan.changes.push(change),
            Err(reason) => {
                let finding = Finding::new(&codes::APP_TAKES_SETTING, format!("must take the change: {reason}"));
                self.report_at(place, "", finding);
            }
        }
    }

    /// A document inside a text needs the mapping that the text is a field of. Whether it is there afterwards.
    fn make_room(&mut self, place: &Place, reason: &str) -> bool {
        let Some((last, outer)) = place.inside.split_last() else { return true };
        let mut parent = last.field.clone();
        parent.pop_back();
        let outer = Place { object: place.object, inside: outer.to_vec(), at: parent };
        let Ok(mut holder) = self.manifests.draft(&outer) else { return false };
        match holder.get("") {
            Some(Value::Object(_)) => true,
            Some(Value::Array(_))
                if last.field.as_str().rsplit('/').next().is_some_and(|t| t.parse::<usize>().is_ok()) =>
            {
                true
            }
            Some(_) => {
                let message = format!("must be a mapping, for private-sso to {reason}; nothing was written there");
                self.report_at(&outer, "", Finding::new(&codes::APP_TAKES_SETTING, message));
                false
            }
            None => {
                holder.set("", Value::Object(serde_json::Map::new()));
                let fits = holder.in_the_way().is_none();
                self.record(&outer, holder, reason);
                fits
            }
        }
    }

    pub(super) fn add(&mut self, value: Value, beside: usize, reason: impl Into<String>) {
        let known = self.plan.additions.iter().any(|addition| addition.value == value);
        if !known {
            self.plan.additions.push(Addition { value, beside, reason: reason.into() });
        }
    }

    pub(super) fn report(&mut self, finding: Finding) {
        let known = self.plan.findings.iter().any(|f| {
            f.code == finding.code
                && f.message == finding.message
                && f.object == finding.object
                && f.field == finding.field
        });
        if !known {
            self.plan.findings.push(finding);
        }
    }

    /// Reports about a field below a place.
    pub(super) fn report_at(&mut self, place: &Place, pointer: &str, finding: Finding) {
        let id = self.manifests.objects[place.object].id.clone();
        self.report(finding.in_place(&id, place.under(pointer)));
    }

    /// Sets a value that this document owns. One that stood there and was another is corrected and reported.
    pub(super) fn own(&mut self, place: &Place, draft: &mut Draft, pointer: &str, value: Value, shown: bool) {
        let current = draft.get(pointer).cloned().filter(|current| *current != value);
        if let Some(current) = current.filter(|current| current.as_str() != Some("")) {
            self.corrected(place, pointer, shown.then_some((current, value.clone())));
        }
        draft.set(pointer, value);
    }

    /// Says that a value of this document replaced another one; secrets pass `None`.
    pub(super) fn corrected(&mut self, place: &Place, pointer: &str, values: Option<(Value, Value)>) {
        let message = match &values {
            Some((current, value)) => {
                format!("is this document's: {value}, not {current}; corrected")
            }
            None => "is this document's; another value stood there; corrected".to_owned(),
        };
        let (current, proposed) = values.unzip();
        let finding = Finding::new(&codes::VALUE_IS_OURS, message).values(current, proposed);
        self.report_at(place, pointer, finding);
    }

    pub(super) fn changes(&self) -> &[Change] {
        &self.plan.changes
    }
}

/// Values files that releases of different charts use at the same place, and who they are.
fn shared(manifests: &Manifests, releases: &[Release]) -> BTreeMap<usize, Vec<String>> {
    let mut users: BTreeMap<(usize, &str), BTreeSet<&str>> = BTreeMap::new();
    for release in releases {
        for source in release.sources.iter().filter(|source| manifests.objects[source.object].id.kind.is_empty()) {
            let chart = release.app.as_deref().unwrap_or(&release.chart);
            users.entry((source.object, &release.prefix)).or_default().insert(chart);
        }
    }
    let several = users.into_iter().filter(|(_, charts)| charts.len() > 1);
    several.map(|((object, _), charts)| (object, charts.into_iter().map(str::to_owned).collect())).collect()
}
