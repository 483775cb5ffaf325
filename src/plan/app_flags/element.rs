//! A value that is one of several: of a flag that may stand more than once, or of a variable that holds a list.

use serde_json::{Value, json};

use super::Wiring;
use super::arguments::Arguments;
use crate::app::profile::Setting;
use crate::krm::{Finding, codes};
use crate::plan::instance::plain;
use crate::plan::planner::Planner;
use crate::plan::value::{escaped, unescaped};

impl Wiring<'_> {
    /// Adds what is missing; the others stay.
    pub(super) fn add_element(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        let args = Arguments::new(draft.value(), &self.container);
        let flags = setting.flag.as_ref().map(|flag| args.elements(flag)).unwrap_or_default();
        let variable = setting.env.as_ref().and_then(|name| args.variable(name));
        let has_args = draft.get(&format!("{}/args", self.container)).is_some();
        let words: Vec<String> = match value {
            Value::Array(items) => items.iter().map(plain).collect(),
            other => vec![plain(other)],
        };
        match (&setting.flag, &setting.env, variable) {
            (Some(flag), env, _) if !flags.is_empty() || has_args || env.is_none() => {
                let dashes = args.dashes().unwrap_or(&self.profile.flag_prefix).to_owned();
                for word in words.iter().filter(|word| !flags.contains(word)) {
                    let argument = format!("{dashes}{flag}={}", escaped(word));
                    draft.append(&format!("{}/args", self.container), json!(argument));
                }
            }
            (_, Some(name), Some(entry)) if draft.get(&format!("{entry}/valueFrom")).is_some() => {
                let message =
                    format!("{name} must be a plain value, for {} to be added; write it out", words.join(", "));
                let finding = Finding::new(&codes::APP_TAKES_SETTING, message);
                return planner.report_at(&self.place, &entry, finding);
            }
            (_, Some(_), Some(entry)) => {
                let pointer = format!("{entry}/value");
                let current = draft.get(&pointer).map(plain).map(|text| unescaped(&text)).unwrap_or_default();
                let join = setting.join.as_deref().unwrap_or(",");
                let stands: Vec<&str> = current.split(join).map(str::trim).filter(|word| !word.is_empty()).collect();
                let missing = words.iter().map(String::as_str).filter(|word| !stands.contains(word));
                let all: Vec<&str> = stands.iter().copied().chain(missing).collect();
                if all.len() > stands.len() {
                    draft.set(&pointer, json!(escaped(&all.join(join))));
                }
            }
            (_, Some(name), None) => {
                let text = words.join(setting.join.as_deref().unwrap_or(","));
                draft.append(&format!("{}/env", self.container), json!({"name": name, "value": escaped(&text)}));
            }
            _ => {}
        }
        planner.record(&self.place, draft, &self.reason);
    }
}
