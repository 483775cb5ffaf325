//! A document that wins over flags and variables, as a mapping in a chart's values.

use serde_json::{Value, json};

use super::{Wiring, stands};
use crate::app::profile::{Document, Profile, Setting};
use crate::config::Client;
use crate::krm::{Finding, Place, codes};
use crate::plan::app_documents::{is_reference, variable_of};
use crate::plan::layers::Layers;
use crate::plan::planner::Planner;

/// Says which flags must go where the chart's switch for such a document is on, and which settings it has no place for.
pub(super) fn report(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    let is_on = |switch: &str| layers.get(planner, switch).is_some_and(|on| on == true || on == "true");
    let counts = profile.by_switch(is_on);
    let Some(switch) = profile.alternative.as_ref().and_then(|other| other.values.as_ref()) else { return };
    if std::ptr::eq(counts, profile) {
        return;
    }
    let place = layers.source(planner, switch).unwrap_or_else(|| Place::object(layers.release.object));
    let shown = crate::krm::finding::field_path(&layers.pointer(switch));
    let stand: Vec<String> = profile
        .flags_left_out()
        .filter(|flag| {
            let setting = Setting { flag: Some((*flag).to_owned()), ..Setting::default() };
            stands(planner, profile, layers, &setting)
        })
        .map(str::to_owned)
        .collect();
    for flag in stand {
        let message = format!(
            "`{flag}` must not stand among the arguments beside `{shown}`, with which {} does not start; remove it",
            profile.title
        );
        planner.report_at(&place, &layers.pointer(switch), Finding::new(&codes::APP_TAKES_SETTING, message));
    }
    for name in client.settings.keys().filter(|name| counts.option(name).is_none()) {
        let message =
            format!("the setting `{name}` must be one that {} takes with `{shown}`; it was not written", profile.title);
        planner.report_at(&place, &layers.pointer(switch), Finding::new(&codes::APP_TAKES_SETTING, message));
    }
    for document in counts.documents.iter().filter(|document| document.wins) {
        if let (Some(pointer), Some(advice)) = (elsewhere(planner, layers, document), &document.advice) {
            let message = format!("the document comes from here, so nothing was written beside it: {advice}");
            let place = layers.source(planner, &pointer).unwrap_or_else(|| Place::object(layers.release.object));
            planner.report_at(&place, &layers.pointer(&pointer), Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
        }
    }
}

/// The key by which the values say that the document is made elsewhere.
fn elsewhere(planner: &Planner<'_>, layers: &Layers, document: &Document) -> Option<String> {
    let is_filled = |pointer: &&String| layers.get(planner, pointer).is_some_and(|value| value != "");
    document.elsewhere.iter().find(is_filled).cloned()
}

impl Wiring<'_> {
    /// Whether the document that a setting is in is not made of the values.
    pub(super) fn is_in_a_winner_elsewhere(&self, planner: &Planner<'_>, setting: &Setting) -> bool {
        let document = setting.document.as_ref().and_then(|target| self.profile.document(&target.name));
        document.is_some_and(|document| elsewhere(planner, self.layers, document).is_some())
    }

    /// The secret comes by a variable, and the document refers to that; a reference of its own is followed.
    pub(super) fn secret_in_winner(&self, planner: &mut Planner<'_>, setting: &Setting) {
        let (Some(pointer), Some(own)) = (self.key(setting), &setting.env) else { return };
        let said = self.layers.get(planner, &pointer);
        let said = said.as_ref().and_then(Value::as_str).filter(|text| !text.is_empty());
        if said.is_none()
            && let Some(file) = self.file_beside(planner, setting, &pointer)
        {
            let message = "the client secret comes from a file: it must hold the same secret as Dex";
            return self.report(planner, &file, &codes::WORKLOAD_IS_IN_INPUT, message);
        }
        let name = said.filter(|text| is_reference(text)).and_then(variable_of).unwrap_or(own).to_owned();
        if said.is_none_or(|text| !is_reference(text)) {
            self.set_key(planner, setting, &pointer, &json!(format!("${{{own}}}")));
        }
        self.secret(planner, &setting.as_variable(&name));
    }

    /// The field beside it that names a file, where it is filled.
    fn file_beside(&self, planner: &Planner<'_>, setting: &Setting, pointer: &str) -> Option<String> {
        let (parent, _) = pointer.rsplit_once('/')?;
        let file = format!("{parent}/{}", setting.file_field.as_ref()?);
        self.layers.get(planner, &file).filter(|path| *path != "").map(|_| file)
    }
}
