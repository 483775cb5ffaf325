//! Settings of an app in the values of its Helm chart.

mod client_secret;
mod start;

use serde_json::{Value, json};
use start::{Entry, Start};

use super::layers::Layers;
use super::planner::Planner;
use super::secret;
use super::value::{over, same, text_of, value_of};
use crate::app::profile::{Profile, Setting, ValueFrom};
use crate::carrier::{Override, Target};
use crate::config::Client;
use crate::config::document::KeyRef;
use crate::krm::{Code, Finding, Place, codes};

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            let reason = format!("set OIDC of {} for client {}", profile.title, client.id);
            Wiring { client, profile: &profile, layers: &layers, reason }.run(planner);
            super::app_documents::in_values(planner, client, &profile, &layers);
            super::trust::in_values(planner, client, &profile, &layers);
            if profile.forwards_tokens {
                let id = planner.manifests.objects[layers.release.object].id.clone();
                let finding = super::app_flags::what_the_api_server_needs(planner.config, client);
                planner.report(finding.on(&id));
            }
        }
    }
}

/// One app in the values of one release.
struct Wiring<'a> {
    client: &'a Client,
    profile: &'a Profile,
    layers: &'a Layers,
    reason: String,
}

impl Wiring<'_> {
    fn run(&self, planner: &mut Planner<'_>) {
        let is_external = self.check_external(planner);
        for setting in &self.profile.settings {
            let Some(pointer) = &setting.values else {
                continue;
            };
            if is_external && setting.chart_env.is_some() || self.is_made_elsewhere(planner, setting) {
                continue;
            }
            match setting.from {
                Some(ValueFrom::ClientSecret) => self.secret(planner, setting, pointer),
                Some(from) => {
                    if let Some(value) = value_of(planner.config, self.client, from)
                        && !self.is_yielded_by_host(planner, setting, &value)
                    {
                        self.set(planner, setting, pointer, &value);
                    }
                }
                None => {}
            }
        }
        for (name, value) in &self.client.settings {
            let Some(option) = self.profile.option(name) else {
                continue;
            };
            match &option.values {
                // The chart would pass a variable that nothing sets.
                Some(_) if is_external && option.chart_env.is_some() => self.add_argument(planner, option, value),
                Some(pointer) => self.set(planner, option, pointer, value),
                None => self.add_argument(planner, option, value),
            }
        }
    }

    fn report(&self, planner: &mut Planner<'_>, pointer: &str, code: &'static Code, message: &str) {
        let place = self.layers.source(planner, pointer).unwrap_or_else(|| Place::object(self.layers.release.object));
        planner.report_at(&place, &self.layers.pointer(pointer), Finding::new(code, message));
    }

    /// Whether the chart does not make the object that the value would be in.
    fn is_made_elsewhere(&self, planner: &mut Planner<'_>, setting: &Setting) -> bool {
        let Some(switch) = &setting.made_at else {
            return false;
        };
        is_made_elsewhere(planner, self.layers, switch)
    }

    /// Writes one value where it counts.
    fn set(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, value: &Value) {
        match start::of(planner, self.profile, self.layers, setting, pointer) {
            Start::Override(known) => self.set_override(planner, setting, &known, value),
            Start::Argument { place, pointer, prefix, value: current } => {
                let wanted = text_of(setting, &over(self.client, setting, &current, value), true);
                if !same(setting, &current, &wanted) {
                    self.write(planner, &place, &pointer, json!(format!("{prefix}{wanted}")), setting);
                }
            }
            Start::Variable(entry) => self.set_variable(planner, setting, &entry, value),
            Start::Target(target) => self.check_target(planner, setting, &target, value),
            Start::Key => self.set_key(planner, setting, pointer, value),
        }
    }

    /// A flag among the values' own arguments, for what the chart has no key for.
    fn add_argument(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) {
        let lists = self.profile.components.first().and_then(|component| component.values.as_ref());
        let Some((args, flag)) = lists.and_then(|values| values.args.as_ref()).zip(setting.flag.as_ref()) else {
            return;
        };
        if let Start::Argument { .. } = start::of(planner, self.profile, self.layers, setting, args) {
            return self.set(planner, setting, args, value);
        }
        let is_off = *value == json!(false) || *value == json!("");
        if is_off && setting.chart_env.is_some() {
            return;
        }
        let Some(list) = self.layers.list(planner, args) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) {
            let argument = format!("-{flag}={}", text_of(setting, value, true));
            draft.append(&list.pointer, json!(argument));
            list.record(planner, draft, &self.reason, &argument);
        }
    }

    fn write(&self, planner: &mut Planner<'_>, place: &Place, pointer: &str, value: Value, setting: &Setting) {
        if let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) {
            planner.own(place, &mut draft, pointer, value, setting.from != Some(ValueFrom::ClientSecret));
            planner.record(place, draft, &self.reason);
        }
    }

    fn set_key(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, value: &Value) {
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
        let full = self.layers.pointer(pointer);
        let current = self.layers.get(planner, pointer);
        let wanted = match (&current, &setting.join) {
            (Some(Value::String(current)), Some(_)) => {
                let wanted = text_of(setting, &over(self.client, setting, current, value), false);
                if same(setting, current, &wanted) {
                    return;
                }
                json!(wanted)
            }
            (_, Some(_)) if value.is_array() => json!(text_of(setting, value, false)),
            _ => value.clone(),
        };
        if self.is_unquoted(planner, setting, &wanted) {
            return self.add_variable(planner, setting, &wanted);
        }
        self.write(planner, &place, &full, wanted, setting);
    }

    /// Whether the chart would write the text without the quotes it needs.
    fn is_unquoted(&self, planner: &Planner<'_>, setting: &Setting, value: &Value) -> bool {
        let switch =
            self.profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref()).map(|secret| &secret.create_at);
        let is_off = switch.and_then(|at| self.layers.get(planner, at)).is_some_and(|made| made == false);
        let needs_quotes = value.as_str().is_some_and(|text| !crate::yaml::is_plain(text, false));
        is_off && needs_quotes && setting.chart_env.is_some()
    }

    /// The chart passes the values' own variables on as they are, and renders the flag for them too.
    fn add_variable(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) {
        let lists = self.profile.components.first().and_then(|component| component.values.as_ref());
        let (Some(values), Some(name)) = (lists, &setting.chart_env) else {
            return;
        };
        let Some(list) = self.layers.list(planner, &values.env) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) {
            draft.append(&list.pointer, json!({"name": name, "value": value}));
            list.record(planner, draft, &self.reason, name);
        }
    }

    fn set_override(&self, planner: &mut Planner<'_>, setting: &Setting, known: &Override, value: &Value) {
        let current = planner.manifests.draft(&known.list).ok();
        let current = current.and_then(|draft| draft.get(&known.value).map(super::instance::plain)).unwrap_or_default();
        let mut wanted = text_of(setting, &over(self.client, setting, &current, value), false);
        if known.expands {
            wanted = wanted.replace('$', "$$");
        }
        if !same(setting, &current, &wanted) {
            self.write(planner, &known.list, &known.value, json!(wanted), setting);
        }
    }

    fn set_variable(&self, planner: &mut Planner<'_>, setting: &Setting, entry: &Entry, value: &Value) {
        if let Some(current) = entry.text() {
            let wanted = text_of(setting, &over(self.client, setting, &current, value), entry.is_own);
            if !same(setting, &current, &wanted) {
                self.write(planner, &entry.place, &format!("{}/value", entry.pointer), json!(wanted), setting);
            }
            return;
        }
        let wanted = text_of(setting, value, entry.is_own);
        let Some(KeyRef { name, key }) = entry.reference() else {
            let message = "must be a value or come from a Secret, to be checked";
            return planner.report_at(&entry.place, &entry.pointer, Finding::new(&codes::APP_TAKES_SETTING, message));
        };
        match secret::find(planner, &name, self.layers.release.namespace.as_deref()) {
            Some(object) => {
                let held = planner.manifests.draft(&Place::object(object)).ok();
                let held = held.and_then(|draft| secret::get(&draft, &key)?.ok()).unwrap_or_default();
                if !same(setting, &held, &wanted) {
                    let shown = setting.from != Some(ValueFrom::ClientSecret);
                    secret::fill(planner, object, &key, &wanted, shown, &self.reason);
                }
            }
            None if setting.from == Some(ValueFrom::ClientSecret) => {
                let message = format!(
                    "the client secret comes from Secret {name}, and `secret.value` never replaces a reference; use `secretKeyRef`, or put that Secret into the input"
                );
                let finding = Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message);
                planner.report_at(&entry.place, &entry.pointer, finding);
            }
            None => {
                let message = format!(
                    "comes from key {key} of Secret {name}, which is not in the input: there it must be \"{wanted}\""
                );
                planner.report_at(&entry.place, &entry.pointer, Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
            }
        }
    }

    /// What a carrier takes from elsewhere beats the values, and can only be right there.
    fn check_target(&self, planner: &mut Planner<'_>, setting: &Setting, target: &Target, value: &Value) {
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

    fn remove_at(&self, planner: &mut Planner<'_>, place: &Place, pointer: &str) {
        if let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) {
            planner.corrected(place, pointer, None);
            draft.remove(pointer);
            planner.record(place, draft, &self.reason);
        }
    }

    /// Whether another value of the chart already yields this one as `https://<host>`.
    fn is_yielded_by_host(&self, planner: &Planner<'_>, setting: &Setting, value: &Value) -> bool {
        let (Some(host), Some(pointer)) = (&setting.values_host, &setting.values) else {
            return false;
        };
        let yields = self.layers.get(planner, host).and_then(|host| Some(format!("https://{}", host.as_str()?)));
        yields.is_some_and(|url| *value == url) && self.layers.get(planner, pointer).is_none()
    }
}

/// Whether a chart's switch says that an object is made elsewhere; then values for it would be ignored.
pub(super) fn is_made_elsewhere(planner: &mut Planner<'_>, layers: &Layers, switch: &str) -> bool {
    if layers.get(planner, switch).is_none_or(|made| made != false) {
        return false;
    }
    let place = layers.source(planner, switch).unwrap_or_else(|| Place::object(layers.release.object));
    let message = "the chart does not make the object, so values for it would be ignored; it is wired where it is made";
    planner.report_at(&place, &layers.pointer(switch), Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
    true
}
