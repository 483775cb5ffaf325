//! The client secret in the values of a chart: in clear, by reference, or none.

use serde_json::{Value, json};

use super::Wiring;
use super::start::{self, Start};
use super::variables::{Entry, pod_values, variable};
use crate::app::profile::{Setting, ValueFrom};
use crate::config::ClientSecret;
use crate::config::document::KeyRef;
use crate::krm::{Finding, Place, codes};
use crate::plan::app_documents::{file_of, is_reference, variable_of};
use crate::plan::app_secrets::{self, Home};
use crate::plan::planner::Planner;
use crate::plan::secret;
use crate::plan::value::{Wanted, secret_key, wanted};

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

    /// Whether the values name a Secret that is kept, and filled.
    pub(super) fn keeps_its_secret(&self, planner: &mut Planner<'_>) -> bool {
        let named = |planner: &Planner<'_>, setting: &Setting| {
            let value = self.layers.get(planner, &self.key(setting)?)?;
            value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let release = &self.layers.release;
        let home = Home { namespace: release.namespace.as_deref(), beside: release.object, reason: &self.reason };
        app_secrets::keeps(planner, self.client, self.profile, &home, &named)
    }

    /// The chart's own key takes a secret in clear text; where it has none, a Secret holds it.
    pub(super) fn secret(&self, planner: &mut Planner<'_>, setting: &Setting) {
        match &self.client.secret {
            ClientSecret::Value(value) => {
                // The chart's flag would beat a variable that the program reads itself.
                let own = self.own_variable(planner, setting);
                let clear = setting.values.as_ref().filter(|_| !self.by_hand);
                match (own.filter(|entry| entry.reference().is_some()), clear, &setting.env) {
                    (Some(entry), ..) => self.set_variable(planner, setting, &entry, &json!(value)),
                    (None, Some(pointer), _) => self.set(planner, setting, pointer, &json!(value)),
                    (None, None, Some(_)) if self.filled(planner, setting, value) => {}
                    (None, None, Some(_)) if self.said(planner, setting).is_some_and(|text| is_reference(&text)) => {
                        let message = "the client secret comes from elsewhere, and `secret.value` never replaces a reference; use `secretKeyRef`";
                        let key = self.key(setting).unwrap_or_default();
                        self.report(planner, &key, &codes::VALUE_REPLACES_NO_REFERENCE, message);
                    }
                    (None, None, Some(_)) if self.is_named(planner) => {}
                    (None, None, Some(_)) => {
                        let (namespace, beside) = (&self.layers.release.namespace, self.layers.release.object);
                        app_secrets::hold(planner, self.client, namespace.as_deref(), value, beside);
                        if let Some(own) = secret_key(self.client) {
                            self.refer(planner, setting, &own);
                        }
                    }
                    (None, None, None) => {}
                }
            }
            ClientSecret::Reference { app, .. } => self.refer(planner, setting, app),
            ClientSecret::Public | ClientSecret::Environment(_) => {}
        }
    }

    /// Takes the secret away wherever it stands.
    pub(super) fn no_secret(&self, planner: &mut Planner<'_>, setting: &Setting) {
        self.remove(planner, setting);
        if let Some(entry) = self.own_variable(planner, setting) {
            self.remove_at(planner, &entry.place, &entry.pointer);
        }
    }

    /// The variable that the program reads itself, or that its document reads.
    fn own_variable(&self, planner: &Planner<'_>, setting: &Setting) -> Option<Entry> {
        let of = |name: &str| variable(planner, self.profile, self.layers, name, true);
        of(setting.env.as_ref()?).or_else(|| of(variable_of(&self.said(planner, setting)?)?))
    }

    /// The text under the chart's key.
    fn said(&self, planner: &Planner<'_>, setting: &Setting) -> Option<String> {
        self.layers.get(planner, &self.key(setting)?)?.as_str().map(str::to_owned)
    }

    /// The Secret's key that the values mount as the file which stands under the chart's key.
    fn mounted(&self, planner: &Planner<'_>, setting: &Setting) -> Option<KeyRef> {
        let said = self.said(planner, setting)?;
        let path = file_of(&said)?;
        let mounts = self.layers.get(planner, pod_values(self.profile)?.secret_mounts.as_ref()?)?;
        mounts.as_array()?.iter().find_map(|mount| {
            let rest = path.strip_prefix(mount["mountPath"].as_str()?.trim_end_matches('/'))?;
            let key = if rest.is_empty() { mount["subPath"].as_str()? } else { rest.strip_prefix('/')? };
            Some(KeyRef { name: mount["secretName"].as_str()?.to_owned(), key: key.to_owned() })
        })
    }

    /// Fills the Secret of such a file, where the input has it.
    fn filled(&self, planner: &mut Planner<'_>, setting: &Setting, value: &str) -> bool {
        let Some(held) = self.mounted(planner, setting) else { return false };
        let namespace = self.layers.release.namespace.as_deref();
        let Some(object) = secret::find(planner, &held.name, namespace) else { return false };
        secret::fill(planner, object, &held.key, value, false, &self.reason);
        true
    }

    /// A reference takes the place of a clear value; one that says the same already stays.
    fn refer(&self, planner: &mut Planner<'_>, setting: &Setting, app: &KeyRef) {
        if let Some(target) = self.key(setting).and_then(|pointer| self.layers.target(&pointer)) {
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
        let says_so = |entry: &Option<Entry>| entry.as_ref().and_then(Entry::reference).is_some_and(|key| key == *app);
        let by_chart = setting.chart_env.as_ref();
        let by_chart = by_chart.and_then(|name| variable(planner, self.profile, self.layers, name, false));
        if says_so(&by_chart) || self.mounted(planner, setting).is_some_and(|held| held == *app) {
            return;
        }
        self.remove(planner, setting);
        let own = self.own_variable(planner, setting);
        if says_so(&own) {
            return;
        }
        match &setting.env {
            // The chart's own keys name the Secret, unless a variable stands that does.
            Some(name) if own.is_some() || !self.is_named(planner) => self.refer_variable(planner, name, own, app),
            Some(_) => {}
            None if self.is_named(planner) => {}
            None => self.report_clear_only(planner, setting),
        }
    }

    /// Whether other keys of the chart name the Secret.
    fn is_named(&self, planner: &Planner<'_>) -> bool {
        self.profile.settings.iter().any(|setting| {
            setting.from == Some(ValueFrom::ClientSecretName)
                && self.key(setting).is_some()
                && matches!(wanted(planner.config, self.client, setting), Wanted::Own(_))
        })
    }

    /// An app that takes the secret in clear text only can have no reference.
    fn report_clear_only(&self, planner: &mut Planner<'_>, setting: &Setting) {
        let message = format!(
            "{} takes the client secret in clear text only, so it must be `secret.value`, not `secretKeyRef`",
            self.profile.title
        );
        self.report(planner, &self.key(setting).unwrap_or_default(), &codes::APP_TAKES_SETTING, &message);
    }

    /// Takes a clear value away wherever it starts.
    fn remove(&self, planner: &mut Planner<'_>, setting: &Setting) {
        if let Some(entry) =
            setting.chart_env.as_ref().and_then(|name| variable(planner, self.profile, self.layers, name, false))
        {
            self.remove_at(planner, &entry.place, &entry.pointer);
        }
        let Some(pointer) = &self.key(setting) else {
            return;
        };
        for place in self.layers.release.sources.clone() {
            let full = self.layers.pointer(pointer);
            // Absent and empty say the same to the chart.
            let is_filled = |draft: crate::patch::Draft| {
                draft.text(&full).is_some_and(|text| !text.is_empty() && !is_reference(text))
            };
            if planner.manifests.draft(&place).is_ok_and(is_filled) {
                self.remove_at(planner, &place, &full);
            }
        }
        match start::of(planner, self.profile, self.layers, setting, Some(pointer)) {
            Start::Override(known) => self.remove_at(planner, &known.list, &known.entry),
            Start::Argument { place, pointer, .. } => self.remove_at(planner, &place, &pointer),
            Start::Variable(_) | Start::Target(_) | Start::Key => {}
        }
    }
}
