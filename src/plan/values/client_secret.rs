//! The client secret in the values of a chart: in clear, by reference, or none.

use serde_json::{Value, json};

use super::Wiring;
use super::start::{self, Entry, Start};
use crate::app::profile::{Setting, ValueFrom};
use crate::config::ClientSecret;
use crate::config::document::KeyRef;
use crate::krm::{Finding, Place, codes};
use crate::plan::planner::Planner;

impl Wiring<'_> {
    /// Whether a Secret made elsewhere holds the settings; then only that Secret can be right or wrong.
    pub(super) fn check_external(&self, planner: &mut Planner<'_>) -> bool {
        let Some(chart) = self.profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref()) else {
            return false;
        };
        if !self.layers.get(planner, &chart.external_at).is_some_and(|switch| switch == true || switch == "true") {
            return false;
        }
        let name = self.layers.get(planner, &chart.external_name_at);
        let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
        let setting = self.profile.settings.iter().find(|setting| setting.from == Some(ValueFrom::ClientSecret));
        let key = setting.and_then(|setting| setting.chart_env.as_deref()).unwrap_or_default();
        match &self.client.secret {
            ClientSecret::Value(_) => {
                let message = "the chart takes the client secret from a Secret made elsewhere, and `secret.value` never replaces a reference; use `secretKeyRef`";
                self.report(planner, &chart.external_at, &codes::VALUE_REPLACES_NO_REFERENCE, message);
            }
            ClientSecret::Public => {
                let message = "the client is public, and in this mode the chart always passes a secret; give the client one, or turn the mode off";
                self.report(planner, &chart.external_at, &codes::APP_TAKES_SETTING, message);
            }
            ClientSecret::Reference { app, .. } if app.name != name || app.key != key => {
                let message = format!(
                    "the chart takes the client secret from {key} of Secret {name}, so `secretKeyRef` must be {{name: {name}, key: {key}}}"
                );
                self.report(planner, &chart.external_at, &codes::APP_TAKES_SETTING, &message);
            }
            ClientSecret::Reference { .. } | ClientSecret::Environment(_) => {}
        }
        true
    }

    pub(super) fn secret(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str) {
        match &self.client.secret {
            ClientSecret::Value(value) => {
                // The chart's flag would beat a variable that the program reads itself.
                let own = setting.env.as_ref();
                let own = own.and_then(|name| start::variable(planner, self.profile, self.layers, name, true));
                match own.filter(|entry| entry.reference().is_some()) {
                    Some(entry) => self.set_variable(planner, setting, &entry, &json!(value)),
                    None => self.set(planner, setting, pointer, &json!(value)),
                }
            }
            ClientSecret::Reference { app, .. } => self.refer(planner, setting, pointer, app),
            ClientSecret::Public => {
                self.remove(planner, setting, pointer);
                let own = setting.env.as_ref();
                if let Some(entry) =
                    own.and_then(|name| start::variable(planner, self.profile, self.layers, name, true))
                {
                    self.remove_at(planner, &entry.place, &entry.pointer);
                }
            }
            ClientSecret::Environment(_) => {}
        }
    }

    /// A reference takes the place of a clear value; one that says the same already stays.
    fn refer(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, app: &KeyRef) {
        if let Some(target) = self.layers.target(pointer) {
            if target.name != app.name || target.key != app.key {
                let message = format!(
                    "the client secret comes from key {} of {} {}, so `secretKeyRef` must be {{name: {}, key: {}}}",
                    target.key, target.kind, target.name, target.name, target.key
                );
                let place = Place::object(self.layers.release.object);
                planner.report_at(&place, "", Finding::new(&codes::APP_TAKES_SETTING, message));
            }
            return;
        }
        let variable = |planner: &Planner<'_>, name: Option<&String>, is_own| {
            name.and_then(|name| start::variable(planner, self.profile, self.layers, name, is_own))
        };
        let says_so = |entry: &Option<Entry>| entry.as_ref().and_then(Entry::reference).is_some_and(|key| key == *app);
        if says_so(&variable(planner, setting.chart_env.as_ref(), false)) {
            return;
        }
        self.remove(planner, setting, pointer);
        let own = variable(planner, setting.env.as_ref(), true);
        if says_so(&own) {
            return;
        }
        let Some(name) = &setting.env else {
            return;
        };
        let entry = json!({"name": name, "valueFrom": {"secretKeyRef": {"name": app.name, "key": app.key}}});
        if let Some(own) = own {
            if let Some(mut draft) = planner.draft(&own.place, &codes::APP_TAKES_SETTING) {
                planner.corrected(&own.place, &own.pointer, None);
                draft.set(&own.pointer, entry);
                planner.record(&own.place, draft, &self.reason);
            }
            return;
        }
        let env = self.profile.components.first().and_then(|component| component.values.as_ref());
        let Some(list) = env.and_then(|values| self.layers.list(planner, &values.env)) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) {
            draft.append(&list.pointer, entry);
            list.record(planner, draft, &self.reason, &format!("{name} from key {} of Secret {}", app.key, app.name));
        }
    }

    /// Takes a clear value away wherever it starts.
    fn remove(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str) {
        if let Some(entry) =
            setting.chart_env.as_ref().and_then(|name| start::variable(planner, self.profile, self.layers, name, false))
        {
            self.remove_at(planner, &entry.place, &entry.pointer);
        }
        for place in self.layers.release.sources.clone() {
            let full = self.layers.pointer(pointer);
            // Absent and empty say the same to the chart.
            let is_filled = |draft: crate::patch::Draft| draft.text(&full).is_some_and(|text| !text.is_empty());
            if planner.manifests.draft(&place).is_ok_and(is_filled) {
                self.remove_at(planner, &place, &full);
            }
        }
        match start::of(planner, self.profile, self.layers, setting, pointer) {
            Start::Override(known) => self.remove_at(planner, &known.list, &known.entry),
            Start::Argument { place, pointer, .. } => self.remove_at(planner, &place, &pointer),
            Start::Variable(_) | Start::Target(_) | Start::Key => {}
        }
    }
}
