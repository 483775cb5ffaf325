//! An app that a flag has configured in another way: what its document refers to, and what must not stand beside it.

use serde_json::Value;

use super::Wiring;
use super::arguments::Arguments;
use crate::app::profile::Setting;
use crate::krm::{Finding, codes};
use crate::plan::app_documents::{self, variable_of};
use crate::plan::planner::Planner;

/// Says which flags must go, because the app does not start with them, and which settings it does not take so.
pub(super) fn report(wiring: &Wiring<'_>, planner: &mut Planner<'_>) {
    let Some(profile) = wiring.client.profile.clone() else { return };
    let Some(other) = &profile.alternative else { return };
    let object = &planner.manifests.objects[wiring.place.object];
    let args = Arguments::new(&object.value, &wiring.container);
    if args.flag(&other.flag).is_none() {
        return;
    }
    let found = profile.flags_left_out().filter_map(|name| args.flag(name));
    let mut stand: Vec<String> = found.filter_map(|flag| flag.pointers.first().cloned()).collect();
    stand.sort_unstable();
    for pointer in stand {
        let message =
            format!("must not stand beside `--{}`, with which {} does not start; remove it", other.flag, profile.title);
        planner.report_at(&wiring.place, &pointer, Finding::new(&codes::APP_TAKES_SETTING, message));
    }
    for name in wiring.client.settings.keys().filter(|name| wiring.profile.option(name).is_none()) {
        let message = format!(
            "the setting `{name}` must be one that {} takes with `--{}`; it was not written",
            profile.title, other.flag
        );
        planner.report_at(&wiring.place, &wiring.container, Finding::new(&codes::APP_TAKES_SETTING, message));
    }
}

impl Wiring<'_> {
    /// Corrects the variable that a field of the document refers to; other variables count for nothing.
    pub(super) fn set_referred(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) {
        let said = app_documents::said(planner, self.client, self.profile, setting).flatten();
        let Some(name) = said.as_deref().and_then(variable_of) else { return };
        let is_there = planner
            .manifests
            .draft(&self.place)
            .is_ok_and(|draft| Arguments::new(draft.value(), &self.container).has_variable(name));
        if is_there {
            self.set(planner, &setting.as_variable(name), value, true);
        }
    }
}
