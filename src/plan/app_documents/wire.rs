//! Settings as fields of one document.

use serde_json::{Value, json};

use super::{Surface, reason, secret, store};
use crate::app::profile::{Document, Profile, Setting};
use crate::config::Client;
use crate::krm::{Finding, Place, codes};
use crate::patch::{Draft, token};
use crate::plan::instance::plain;
use crate::plan::interpolation::{self, Says};
use crate::plan::planner::Planner;
use crate::plan::value::{Wanted, text_of, wanted, written};
use crate::yaml::Format;

/// One document of an app, and a client's settings in it.
pub(super) struct Wiring<'a> {
    pub(super) client: &'a Client,
    pub(super) profile: &'a Profile,
    pub(super) document: &'a Document,
    /// The document's root.
    pub(super) place: Place,
    /// Pointer to the part of it that fields are in.
    pub(super) under: String,
    pub(super) format: Format,
    pub(super) surface: Surface<'a>,
}

impl Wiring<'_> {
    pub(super) fn run(&self, planner: &mut Planner<'_>) {
        let Some(draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        if draft.get("").is_some_and(|whole| !whole.is_object()) {
            let message = "must be a YAML mapping in text; nothing in it was changed";
            return planner.report_at(&self.place, "", Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        self.report_unknown(planner, &draft);
        self.report_other_login(planner);
        let keeps = secret::keeps(self, planner);
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        for setting in self.profile.settings.iter().filter(|setting| setting.is_in(&self.document.name)) {
            if !(keeps && setting.is_about_the_secret()) {
                self.wire(planner, &mut draft, setting);
            }
        }
        for (name, value) in &self.client.settings {
            match self.profile.option(name) {
                Some(option)
                    if option.is_in(&self.document.name)
                        && self.surface.is_new_enough(planner, self.client, self.profile, option) =>
                {
                    self.set(planner, &mut draft, option, value);
                }
                None if self.profile.open_document().is_some_and(|open| open.name == self.document.name) => {
                    draft.set(&format!("{}/{}", self.under, token(name)), value.clone());
                }
                _ => {}
            }
        }
        planner.record(&self.place, draft, reason(self.profile, self.client));
    }

    /// The pointer to a setting's field.
    pub(super) fn pointer(&self, setting: &Setting) -> String {
        let field = setting.document.as_ref().map(crate::app::profile::DocumentField::pointer).unwrap_or_default();
        format!("{}{field}", self.under)
    }

    fn wire(&self, planner: &mut Planner<'_>, draft: &mut Draft, setting: &Setting) {
        let pointer = self.pointer(setting);
        let wanted = wanted(planner.config, self.client, setting);
        if wanted.is_written() && !self.surface.is_new_enough(planner, self.client, self.profile, setting) {
            return;
        }
        match wanted {
            Wanted::Secret if self.has_store() => {
                let current = draft.text(&pointer).map(str::to_owned);
                let wanted = store::secret_for(
                    planner,
                    self.client,
                    self.profile,
                    &self.place,
                    current.as_deref(),
                    &self.surface,
                );
                if let Some(wanted) = wanted.filter(|wanted| current.as_ref() != Some(wanted)) {
                    // A reference may be shown; what it replaces may be a secret.
                    planner.own(&self.place, draft, &pointer, json!(wanted), false);
                }
            }
            Wanted::Secret => secret::give(self, planner, draft, setting),
            Wanted::NoSecret if draft.text(&pointer).is_some_and(|text| !text.is_empty()) => {
                planner.corrected(&self.place, &draft.resolve(&pointer), None);
                draft.remove(&pointer);
            }
            Wanted::Own(value) => self.set(planner, draft, setting, &value),
            Wanted::Default(value) => {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                let is_stated = self.client.settings.contains_key(&name.replace("~1", "/").replace("~0", "~"));
                if setting.element || draft.get(&pointer).is_none() && !is_stated {
                    self.set(planner, draft, setting, &value);
                }
            }
            Wanted::NoSecret | Wanted::Nothing => {}
        }
    }

    fn has_store(&self) -> bool {
        self.profile.client.as_ref().is_some_and(|known| known.secret_store.is_some())
    }

    fn set(&self, planner: &mut Planner<'_>, draft: &mut Draft, setting: &Setting, value: &Value) {
        // A flag or variable that stands beats the document, and is corrected where it is.
        if !self.document.wins && self.surface.stands(planner, self.client, self.profile, setting) {
            return;
        }
        let pointer = self.pointer(setting);
        let current = draft.get(&pointer).cloned();
        if let Some(text) = current.as_ref().and_then(Value::as_str).filter(|text| is_reference(text)) {
            let is_seen = |name| self.surface.has_variable(planner, self.client, self.profile, name);
            if !variable_of(text).is_some_and(is_seen) {
                self.report_reference(planner, setting, &pointer, value);
            }
            return;
        }
        if self.format == Format::Ini
            && let Some(text) = current.as_ref().and_then(Value::as_str)
        {
            let section = pointer.rsplit_once('/').map_or("", |(section, _)| section);
            match interpolation::says(text, |key| draft.get(&format!("{section}/{}", token(key))).cloned()) {
                Says::Text(text) if interpolation::is_same(&text, value) => return,
                Says::Unseen => return self.report_reference(planner, setting, &pointer, value),
                Says::Text(_) | Says::Itself => {}
            }
        }
        if setting.element && self.format != Format::Ini {
            for word in missing(current.as_ref(), value) {
                draft.append(&pointer, word);
            }
            return;
        }
        if let Some(value) = written(self.client, setting, current.as_ref(), &self.fitting(setting, value)) {
            planner.own(&self.place, draft, &pointer, self.fitting(setting, &value), true);
        }
    }

    /// A value as the format has it: in INI, everything is text.
    fn fitting(&self, setting: &Setting, value: &Value) -> Value {
        match value {
            Value::Array(_) if setting.join.is_none() && self.format == Format::Ini => {
                json!(text_of(setting, value, false))
            }
            Value::Array(_) | Value::String(_) => value.clone(),
            other if self.format == Format::Ini => json!(plain(other)),
            other => other.clone(),
        }
    }

    /// A text that the app takes from elsewhere stays, and can only be right there.
    fn report_reference(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, value: &Value) {
        let message = format!("comes from elsewhere: there it must be \"{}\"", text_of(setting, value, false));
        planner.report_at(&self.place, pointer, Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
    }

    /// Where the app runs a Dex of its own for logins, ours takes their place (argo-cd: `NewClientApp` in util/oidc).
    fn report_other_login(&self, planner: &mut Planner<'_>) {
        let other = self.profile.bundled_dex.as_ref().map(|dex| &dex.document);
        let other = other.filter(|other| **other != self.document.name).and_then(|other| self.profile.document(other));
        let (Some(other), Some((embedded, outer))) = (other, self.place.inside.split_last()) else {
            return;
        };
        let mut field = embedded.field.clone();
        field.pop_back();
        field.push_back(other.key.as_str());
        let holder = Place { object: self.place.object, inside: outer.to_vec(), at: field };
        if planner.manifests.read(&holder).is_ok_and(|value| value.as_str().is_some_and(|text| !text.trim().is_empty()))
        {
            let message = format!(
                "must be empty beside `{}`, which wins: who signs in by it now no longer can; move its connectors to Dex, then remove it",
                self.document.key
            );
            planner.report_at(&holder, "", Finding::new(&codes::ONE_LOGIN_IS_CONFIGURED, message));
        }
    }

    /// Fields that the app does not read, beside those that it does.
    fn report_unknown(&self, planner: &mut Planner<'_>, draft: &Draft) {
        let settings = self.profile.settings.iter().filter(|setting| setting.is_in(&self.document.name));
        let mut parents: Vec<String> = settings.map(|setting| self.pointer(setting)).collect();
        for parent in &mut parents {
            parent.truncate(parent.rfind('/').unwrap_or_default());
        }
        parents.sort_unstable();
        parents.dedup();
        for (field, advice) in &self.profile.unknown_fields {
            for pointer in parents.iter().map(|parent| format!("{parent}/{}", token(field))) {
                if draft.get(&pointer).is_some() {
                    let message = format!(
                        "`{field}` must be a field that {} reads, and it is ignored: {advice}",
                        self.profile.title
                    );
                    planner.report_at(&self.place, &pointer, Finding::new(&codes::FIELD_EXISTS, message));
                }
            }
        }
    }
}

/// The elements of a list that are not there yet.
fn missing(current: Option<&Value>, value: &Value) -> Vec<Value> {
    let stands = current.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let all = match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    all.into_iter().filter(|word| !stands.contains(word)).collect()
}

/// A text by which an app refers to a variable or a file: `$__env{NAME}`, `$__file{/path}`, `${NAME}`.
pub(in crate::plan) fn is_reference(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("$__") || text.starts_with("${")) && text.ends_with('}')
}

/// The variable that such a text is, if it is one.
pub(in crate::plan) fn variable_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text.strip_prefix("$__env{").or_else(|| text.strip_prefix("${"))?;
    inner.strip_suffix('}')
}

/// The file that such a text is, if it is one.
pub(in crate::plan) fn file_of(text: &str) -> Option<&str> {
    text.trim().strip_prefix("$__file{")?.strip_suffix('}')
}
