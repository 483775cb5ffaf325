//! A key of the chart's own, and what beats it: parameters, and what the carrier takes from elsewhere.

use serde_json::{Value, json};

use super::Wiring;
use super::variables::variable;
use crate::app::profile::{DocumentFormat, Setting, ValueFrom};
use crate::carrier::{Override, Target};
use crate::krm::finding::field_path;
use crate::krm::{Finding, Place, codes};
use crate::patch::{chosen_from, token};
use crate::plan::app_documents::{is_reference, variable_of};
use crate::plan::instance::plain;
use crate::plan::interpolation::{self, Says};
use crate::plan::planner::Planner;
use crate::plan::value::{over, same, text_of, written};

impl Wiring<'_> {
    pub(super) fn set_key(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, value: &Value) {
        let above = self.layers.release.overrides.iter().find(|known| {
            let full = self.layers.pointer(pointer);
            full.starts_with(&format!("{}/", known.pointer))
        });
        if let Some(known) = above {
            let message =
                "sets a whole part of the values, so that single ones in it have no effect; set them one by one";
            return planner.report_at(&known.list, &known.entry, Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        let Some(place) = self.layers.source(planner, pointer) else {
            return;
        };
        let current = self.layers.get(planner, pointer);
        // A document that the chart makes of a mapping may take a text from elsewhere.
        let reference = current.as_ref().and_then(Value::as_str).filter(|text| is_reference(text));
        let is_winner = self.profile.is_in_winner(setting);
        if let Some(text) = reference.filter(|_| setting.values.is_none() || is_winner) {
            if let Some(own) = setting.env.as_deref().filter(|own| is_winner && variable_of(text) == Some(own)) {
                let own = setting.as_variable(own);
                return match &own.values {
                    Some(key) => self.set(planner, &own, key, value),
                    None => self.give(planner, &own, value),
                };
            }
            let entry = variable_of(text).and_then(|name| variable(planner, self.profile, self.layers, name, true));
            return match entry {
                Some(entry) => self.set_variable(planner, setting, &entry, value),
                None => {
                    let message =
                        format!("comes from elsewhere: there it must be \"{}\"", text_of(setting, value, false));
                    self.report(planner, pointer, &codes::WORKLOAD_IS_IN_INPUT, &message);
                }
            };
        }
        // In INI all values are texts, and may stand for others.
        let is_text = setting.values.is_none() && self.profile.format_of(setting) == Some(DocumentFormat::Ini);
        if let Some(text) = current.as_ref().and_then(Value::as_str).filter(|_| is_text) {
            let section = pointer.rsplit_once('/').map_or("", |(section, _)| section);
            match interpolation::says(text, |key| self.layers.get(planner, &format!("{section}/{}", token(key)))) {
                Says::Text(text) if interpolation::is_same(&text, value) => return,
                Says::Unseen => {
                    let message =
                        format!("comes from elsewhere: there it must be \"{}\"", text_of(setting, value, false));
                    return self.report(planner, pointer, &codes::WORKLOAD_IS_IN_INPUT, &message);
                }
                Says::Text(_) | Says::Itself => {}
            }
        }
        let Some(wanted) = written(self.client, setting, current.as_ref(), value) else {
            return;
        };
        if is_text && current.as_ref().map(plain) == Some(plain(&wanted)) {
            return;
        }
        if self.is_unquoted(planner, setting, &wanted) {
            // The chart passes the values' own variables on as they are, and renders the flag for them too.
            if let Some(name) = &setting.chart_env {
                self.add_text(planner, name, &plain(&wanted));
            }
            return;
        }
        let full = self.layers.pointer(pointer);
        if chosen_from(pointer).is_none() {
            return self.write(planner, &place, &full, wanted, setting);
        }
        let Some(list) = chosen_from(pointer).and_then(|list| self.layers.list(planner, list)) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) {
            let shown = if setting.from == Some(ValueFrom::ClientSecret) && !wanted.as_str().is_some_and(is_reference) {
                "the client secret".to_owned()
            } else {
                wanted.to_string()
            };
            let what = format!("`{}`: {shown}", field_path(&full));
            let at = draft.resolve(&full);
            planner.own(&list.place, &mut draft, &at, wanted, setting.from != Some(ValueFrom::ClientSecret));
            list.record(planner, draft, &self.reason, &what);
        }
    }

    /// Adds what is missing to a list.
    pub(super) fn add_elements(&self, planner: &mut Planner<'_>, pointer: &str, value: &Value) {
        let words = match value {
            Value::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        let stands = self.layers.get(planner, pointer);
        let stands = stands.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        for word in words.into_iter().filter(|word| !stands.contains(word)) {
            let what = word.to_string();
            self.append(planner, pointer, word, &what);
        }
    }

    /// Whether the chart would write the text without the quotes it needs.
    fn is_unquoted(&self, planner: &Planner<'_>, setting: &Setting, value: &Value) -> bool {
        let switch =
            self.profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref()).map(|secret| &secret.create_at);
        let is_off = switch.and_then(|at| self.layers.get(planner, at)).is_some_and(|made| made == false);
        let needs_quotes = value.as_str().is_some_and(|text| !crate::yaml::is_plain(text, false));
        is_off && needs_quotes && setting.chart_env.is_some()
    }

    pub(super) fn set_override(&self, planner: &mut Planner<'_>, setting: &Setting, known: &Override, value: &Value) {
        let current = planner.manifests.draft(&known.list).ok();
        let current = current.and_then(|draft| draft.get(&known.value).map(plain)).unwrap_or_default();
        let mut wanted = text_of(setting, &over(self.client, setting, &current, value), false);
        if known.expands {
            wanted = wanted.replace('$', "$$");
        }
        if !same(setting, &current, &wanted) {
            self.write(planner, &known.list, &known.value, json!(wanted), setting);
        }
    }

    /// What a carrier takes from elsewhere beats the values, and can only be right there.
    pub(super) fn check_target(&self, planner: &mut Planner<'_>, setting: &Setting, target: &Target, value: &Value) {
        let place = Place::object(self.layers.release.object);
        let Target { kind, name, key, .. } = target;
        let finding = if setting.from == Some(ValueFrom::ClientSecret) {
            let message = format!(
                "the client secret comes from {kind} {name} {key}, and `secret.value` never replaces a reference; use `secretKeyRef`"
            );
            Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message)
        } else {
            let wanted = text_of(setting, value, false);
            let message = format!("comes from {kind} {name} {key}: there it must be \"{wanted}\"");
            Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message)
        };
        planner.report_at(&place, &target.pointer, finding);
    }

    /// Whether another value of the chart already yields this one as `https://<host>`.
    pub(super) fn is_yielded_by_host(&self, planner: &Planner<'_>, setting: &Setting, value: &Value) -> bool {
        let (Some(host), Some(pointer)) = (&setting.values_host, &setting.values) else {
            return false;
        };
        let yields = self.layers.get(planner, host).and_then(|host| Some(format!("https://{}", host.as_str()?)));
        yields.is_some_and(|url| *value == url) && self.layers.get(planner, pointer).is_none()
    }
}
