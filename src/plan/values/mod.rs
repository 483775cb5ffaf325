//! Settings of an app in the values of its Helm chart.

mod client_secret;
mod key;
mod login_source;
mod start;
mod unclaimed;
mod variables;
mod winner;

use serde_json::{Value, json};
use start::Start;
use variables::{pod_values, variable};

use super::instance::plain;
use super::layers::Layers;
use super::planner::Planner;
use super::since;
use super::value::{Wanted, over, same, text_of, wanted};
use crate::app::profile::{Profile, Setting, ValueFrom};
use crate::config::Client;
use crate::krm::{Code, Finding, Place, codes};
use crate::patch::token;

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let whom = format!("client {}", client.id);
        unclaimed::report(planner, client, &profile);
        unclaimed::report_namesakes(planner, client, &profile);
        login_source::report_manifests(planner, client, &profile);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            let reason = format!("set OIDC of {} for client {}", profile.title, client.id);
            let is_on = |switch: &str| layers.get(planner, switch).is_some_and(|on| on == true || on == "true");
            let counts = profile.by_switch(is_on).clone();
            winner::report(planner, client, &profile, &layers);
            let profile = counts;
            let by_hand = by_hand(planner, &profile, &layers);
            Wiring { client, profile: &profile, layers: &layers, reason, by_hand }.run(planner);
            super::app_documents::in_values(planner, client, &profile, &layers);
            super::trust::in_values(planner, client, &profile, &layers);
            if profile.forwards_tokens {
                let finding = super::app_flags::what_the_api_server_needs(planner.config, client);
                planner.report_at(&Place::object(layers.release.object), "", finding);
            }
        }
    }
}

/// Whether the values set a variable of their own that the chart's keys would set a second time.
fn by_hand(planner: &Planner<'_>, profile: &Profile, layers: &Layers) -> bool {
    let twice = profile.settings.iter().filter(|setting| setting.values.is_some());
    let mut names = twice.filter_map(|setting| setting.env.as_ref());
    profile.chart.as_ref().is_some_and(|chart| chart.renders_variables)
        && names.any(|name| variable(planner, profile, layers, name, true).is_some())
}

/// One app in the values of one release.
struct Wiring<'a> {
    client: &'a Client,
    profile: &'a Profile,
    layers: &'a Layers,
    reason: String,
    /// Whether variables by hand stand in place of the chart's own keys.
    by_hand: bool,
}

impl Wiring<'_> {
    fn run(&self, planner: &mut Planner<'_>) {
        if !self.has_one_login_source(planner) {
            return;
        }
        self.check_fixed_key(planner);
        let is_external = self.check_external(planner);
        let keeps = self.keeps_its_secret(planner);
        for setting in self.profile.settings.iter().filter(|setting| self.is_here(planner, setting)).collect::<Vec<_>>()
        {
            if keeps && setting.is_about_the_secret() {
                continue;
            }
            if is_external && setting.chart_env.is_some() || self.is_made_elsewhere(planner, setting) {
                continue;
            }
            let wanted = wanted(planner.config, self.client, setting);
            if wanted.is_written() && !since::in_chart(planner, self.profile, self.layers, setting) {
                continue;
            }
            if self.profile.is_in_winner(setting) && self.is_in_a_winner_elsewhere(planner, setting) {
                continue;
            }
            match wanted {
                Wanted::Secret if self.profile.is_in_winner(setting) => self.secret_in_winner(planner, setting),
                Wanted::Secret => self.secret(planner, setting),
                Wanted::NoSecret => self.no_secret(planner, setting),
                Wanted::Own(_) if setting.if_present && self.is_absent(planner, setting) => {}
                Wanted::Own(value) => {
                    if !self.is_yielded_by_host(planner, setting, &value) {
                        self.give(planner, setting, &value);
                    }
                }
                Wanted::Default(value) if setting.element || self.is_absent(planner, setting) => {
                    self.give(planner, setting, &value);
                }
                Wanted::Default(_) | Wanted::Nothing => {}
            }
        }
        let open = self.profile.open_document().and_then(|document| document.values_at.clone());
        for (name, value) in &self.client.settings {
            let Some(option) = self.profile.option(name) else {
                if let Some(at) = &open {
                    self.set_key(planner, &Setting::default(), &format!("{at}/{}", token(name)), value);
                }
                continue;
            };
            if !since::in_chart(planner, self.profile, self.layers, option) {
                continue;
            }
            // The chart would pass a variable that nothing sets.
            if is_external && option.chart_env.is_some() {
                self.add_argument(planner, option, value);
            } else {
                self.give(planner, option, value);
            }
        }
    }

    /// Whether the values are the place for a setting. A document that is a text in them is another intent's, but for the
    /// secret of an app that has a variable for it, and for what a variable gives already.
    fn is_here(&self, planner: &Planner<'_>, setting: &Setting) -> bool {
        let by_variable = setting.flag.is_some() || setting.env.is_some();
        let in_text = setting.document.as_ref().and_then(|target| self.profile.document(&target.name)?.values.as_ref());
        match in_text {
            _ if self.key(setting).is_some() => true,
            None => by_variable,
            Some(_) if setting.from == Some(ValueFrom::ClientSecret) => by_variable,
            Some(_) => by_variable && stands(planner, self.profile, self.layers, setting),
        }
    }

    /// The chart's key for a setting.
    fn key(&self, setting: &Setting) -> Option<String> {
        self.profile.values_pointer(setting).filter(|_| !self.by_hand)
    }

    /// Whether nothing stands that gives the program a value.
    fn is_absent(&self, planner: &Planner<'_>, setting: &Setting) -> bool {
        let pointer = self.key(setting);
        match start::of(planner, self.profile, self.layers, setting, pointer.as_deref()) {
            Start::Key => pointer.is_none_or(|pointer| self.layers.get(planner, &pointer).is_none()),
            Start::Override(_) | Start::Argument { .. } | Start::Variable(_) | Start::Target(_) => false,
        }
    }

    /// Gives the program a value by the chart's key, else by a flag or variable of the values' own.
    fn give(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) {
        let has_args = pod_values(self.profile).is_some_and(|known| known.args.is_some() || known.arg_map.is_some());
        let key = self.key(setting);
        if key.is_none()
            && let Start::Variable(entry) = start::of(planner, self.profile, self.layers, setting, None)
        {
            return self.set_variable(planner, setting, &entry, value);
        }
        match (key, &setting.env) {
            (Some(pointer), _) if setting.element => self.add_elements(planner, &pointer, value),
            (Some(pointer), _) => self.set(planner, setting, &pointer, value),
            (None, _) if has_args && setting.flag.is_some() => {
                let value = self.beyond_file(planner, setting, value);
                if let Some(value) = value {
                    self.add_argument(planner, setting, &value);
                }
            }
            (None, Some(name)) => self.add_text(planner, name, &text_of(setting, value, true)),
            (None, None) => {}
        }
    }

    /// What a flag must say, where a file in the values says something already; nothing where that will do.
    fn beyond_file(&self, planner: &Planner<'_>, setting: &Setting, value: &Value) -> Option<Value> {
        let line = setting.file_line.as_ref().and_then(|line| Some((line, line.values.as_ref()?)));
        let said = line.and_then(|(line, at)| {
            let text = self.layers.get(planner, at)?;
            line.find(text.as_str()?).map(str::to_owned)
        });
        let Some(said) = said.filter(|_| !stands(planner, self.profile, self.layers, setting)) else {
            return Some(value.clone());
        };
        let wanted = over(self.client, setting, &said, value);
        (!same(setting, &said, &text_of(setting, &wanted, true))).then_some(wanted)
    }

    fn report(&self, planner: &mut Planner<'_>, pointer: &str, code: &'static Code, message: &str) {
        let place = self.layers.source(planner, pointer).unwrap_or_else(|| Place::object(self.layers.release.object));
        planner.report_at(&place, &self.layers.pointer(pointer), Finding::new(code, message));
    }

    /// Whether the chart does not make the object that the value would be in.
    fn is_made_elsewhere(&self, planner: &mut Planner<'_>, setting: &Setting) -> bool {
        let document = setting.document.as_ref().and_then(|target| self.profile.document(&target.name));
        let switch = setting.made_at.as_ref().or_else(|| document.and_then(|document| document.made_at.as_ref()));
        switch.is_some_and(|switch| is_made_elsewhere(planner, self.layers, switch))
    }

    /// Writes one value where it counts.
    fn set(&self, planner: &mut Planner<'_>, setting: &Setting, pointer: &str, value: &Value) {
        match start::of(planner, self.profile, self.layers, setting, Some(pointer)) {
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
        let known = pod_values(self.profile).and_then(|values| values.args.as_ref().or(values.arg_map.as_ref()));
        let Some((args, flag)) = known.zip(setting.flag.as_ref()) else {
            return;
        };
        if setting.element {
            return self.add_repeated(planner, args, flag, value);
        }
        if let Start::Argument { .. } = start::of(planner, self.profile, self.layers, setting, Some(args)) {
            return self.set(planner, setting, args, value);
        }
        let is_off = *value == json!(false) || *value == json!("");
        if is_off && setting.chart_env.is_some() {
            return;
        }
        let text = text_of(setting, value, true);
        if self.takes_a_map(planner, args) {
            return self.put(planner, args, flag, json!(text));
        }
        let argument = format!("{}{flag}={text}", self.profile.flag_prefix);
        self.append(planner, args, json!(argument), &argument);
    }

    /// Whether arguments are a mapping of flags here, and no list stands in its place.
    fn takes_a_map(&self, planner: &Planner<'_>, args: &str) -> bool {
        let is_map = pod_values(self.profile).is_some_and(|known| known.arg_map.as_deref() == Some(args));
        is_map && !self.layers.get(planner, args).is_some_and(|stands| stands.is_array())
    }

    /// A flag that may stand several times, with what is missing.
    fn add_repeated(&self, planner: &mut Planner<'_>, args: &str, flag: &str, value: &Value) {
        let stands = self.layers.get(planner, args);
        let stands = stands.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        let stands: Vec<&str> = stands.iter().filter_map(Value::as_str).collect();
        let words = match value {
            Value::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        for word in words.iter().map(plain) {
            let says_so = |argument: &&str| {
                let known = argument.trim_start_matches('-').split_once('=');
                known.is_some_and(|(name, value)| name == flag && value.split(',').any(|known| known.trim() == word))
            };
            if !stands.iter().any(says_so) {
                let argument = format!("{}{flag}={word}", self.profile.flag_prefix);
                self.append(planner, args, json!(argument), &argument);
            }
        }
    }

    fn write(&self, planner: &mut Planner<'_>, place: &Place, pointer: &str, value: Value, setting: &Setting) {
        if let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) {
            planner.own(place, &mut draft, pointer, value, setting.from != Some(ValueFrom::ClientSecret));
            planner.record(place, draft, &self.reason);
        }
    }

    fn remove_at(&self, planner: &mut Planner<'_>, place: &Place, pointer: &str) {
        if let Some(mut draft) = planner.draft(place, &codes::APP_TAKES_SETTING) {
            planner.corrected(place, pointer, None);
            draft.remove(pointer);
            planner.record(place, draft, &self.reason);
        }
    }
}

/// Whether a variable or flag among the values' own gives a setting.
pub(super) fn stands(planner: &Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting) -> bool {
    let is_key = |start: &Start| matches!(start, Start::Key);
    !is_key(&start::of(planner, profile, layers, setting, None))
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
