//! Settings that an app takes as flags or variables, in whichever mode its manifests are.
//!
//! A chart passes a value on through a chain: a key of a Secret, a variable, `-flag=$(VARIABLE)`. A value is
//! corrected where it starts; a chain that is missing is made as the chart would render it.

mod alternative;
mod arguments;
mod client_secret;
mod config_map;
mod element;
mod file_line;
mod mode;

use arguments::{Arguments, Source};
use mode::{Mode, mode_of};
use serde_json::{Value, json};

use super::instance::{Instance, container_of, of_client, plain, report_no_container};
use super::planner::Planner;
use super::value::{Wanted, escaped, over, same, text_of, unescaped, value_of, wanted};
use super::{app_documents, secret, since};
use crate::app::profile::{Component, Profile, Setting, ValueFrom};
use crate::config::document::KeyRef;
use crate::config::{Client, ClientSecret, Config};
use crate::krm::{Finding, Place, codes};

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let Some(instance) = of_client(planner, client) else {
            continue;
        };
        if !profile.takes_flags() {
            continue;
        }
        let component = &profile.components[0];
        let counts = in_use(planner, client, &profile).clone();
        for object in instance.of(&component.name).collect::<Vec<_>>() {
            match container_of(&planner.manifests.objects[object], component) {
                Some(container) => Wiring::new(planner, client, &counts, &instance, object, container).run(planner),
                None => report_no_container(planner, object, component),
            }
        }
        if profile.forwards_tokens
            && let Some(object) = instance.of(&component.name).next()
        {
            let id = planner.manifests.objects[object].id.clone();
            let finding = what_the_api_server_needs(planner.config, client);
            planner.report(finding.on(&id));
        }
    }
}

/// The profile as the flags of the app's own container choose it.
pub(super) fn in_use<'p>(planner: &mut Planner<'_>, client: &Client, profile: &'p Profile) -> &'p Profile {
    let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else {
        return profile;
    };
    profile.by_flag(|flag| flag_of(planner, &instance, component, flag).is_some())
}

/// The value of a flag of the app's own container.
pub(super) fn flag_of(planner: &Planner<'_>, instance: &Instance, component: &Component, flag: &str) -> Option<String> {
    instance.of(&component.name).find_map(|object| {
        let object = &planner.manifests.objects[object];
        let container = container_of(object, component)?;
        Some(Arguments::new(&object.value, &container).flag(flag)?.value)
    })
}

/// Whether a flag or variable of the app's own container gives a setting.
pub(super) fn stands(planner: &mut Planner<'_>, client: &Client, profile: &Profile, setting: &Setting) -> bool {
    if setting.flag.is_none() && setting.env.is_none() {
        return false;
    }
    let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else {
        return false;
    };
    instance.of(&component.name).any(|object| {
        let object = &planner.manifests.objects[object];
        container_of(object, component)
            .is_some_and(|container| Arguments::new(&object.value, &container).source(setting, false) != Source::Absent)
    })
}

struct Wiring<'a> {
    client: &'a Client,
    profile: &'a Profile,
    namespace: Option<String>,
    place: Place,
    container: String,
    mode: Mode,
    reason: String,
}

impl<'a> Wiring<'a> {
    fn new(
        planner: &Planner<'_>,
        client: &'a Client,
        profile: &'a Profile,
        instance: &Instance,
        object: usize,
        container: String,
    ) -> Self {
        let place = Place::object(object);
        let value = &planner.manifests.objects[object].value;
        let args = Arguments::new(value, &container);
        let namespace = planner.manifests.objects[object].id.namespace.clone().or_else(|| instance.namespace.clone());
        let mode = mode_of(planner, profile, object, &args, namespace.as_deref());
        let reason = format!("set OIDC of {} for client {}", profile.title, client.id);
        Self { client, profile, namespace, place, container, mode, reason }
    }

    fn run(&self, planner: &mut Planner<'_>) {
        alternative::report(self, planner);
        if self.is_in_a_shell(planner) {
            let message = "the program must be started without a shell, for its flags to be found: call it in `command`, with each flag an entry of `args`";
            return planner.report_at(&self.place, &self.container, Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        let mut settings: Vec<&Setting> =
            self.profile.settings.iter().filter(|setting| setting.is_for_a_container()).collect();
        if !matches!(self.client.secret, ClientSecret::Value(_)) {
            // A secret may be taken away: last, so that what is said of the others names them where they stand.
            settings.sort_by_key(|setting| setting.from == Some(ValueFrom::ClientSecret));
        }
        for setting in settings {
            let wanted = wanted(planner.config, self.client, setting);
            if wanted.is_written() && !since::in_app(planner, self.client, self.profile, setting) {
                continue;
            }
            match wanted {
                // Only what the document refers to counts beside it.
                Wanted::Own(value) if self.profile.is_in_winner(setting) => {
                    self.set_referred(planner, setting, &value);
                }
                Wanted::Default(_) if self.profile.is_in_winner(setting) => {}
                Wanted::Secret => self.secret(planner, setting),
                Wanted::NoSecret => self.no_secret(planner, setting),
                Wanted::Own(value) => self.set(planner, setting, &value, true),
                Wanted::Default(value) if setting.element || self.is_absent(planner, setting) => {
                    self.set(planner, setting, &value, true);
                }
                Wanted::Default(_) | Wanted::Nothing => {}
            }
        }
        for (name, value) in &self.client.settings {
            if let Some(option) = self.profile.option(name)
                && since::in_app(planner, self.client, self.profile, option)
            {
                self.set(planner, option, value, false);
            }
        }
    }

    /// Whether the container runs a script: what is appended to it reaches the shell, not the program.
    fn is_in_a_shell(&self, planner: &Planner<'_>) -> bool {
        let Ok(draft) = planner.manifests.draft(&self.place) else { return false };
        let words = |field: &str| draft.list(&format!("{}/{field}", self.container)).to_vec();
        let all: Vec<Value> = words("command").into_iter().chain(words("args")).collect();
        let first = all.first().and_then(Value::as_str).unwrap_or_default();
        let is_shell = ["sh", "bash", "ash"].contains(&first.rsplit('/').next().unwrap_or_default());
        is_shell
            && all
                .iter()
                .skip(1)
                .any(|word| word.as_str().is_some_and(|word| word.starts_with('-') && word.ends_with('c')))
    }

    /// Whether neither the flag nor the variable stands.
    fn is_absent(&self, planner: &mut Planner<'_>, setting: &Setting) -> bool {
        let is_absent = planner.manifests.draft(&self.place).is_ok_and(|draft| {
            Arguments::new(draft.value(), &self.container).source(setting, self.mode != Mode::Plain) == Source::Absent
        });
        is_absent
            && self.comes_from(planner, setting).is_none()
            && app_documents::said(planner, self.client, self.profile, setting).is_none()
    }

    /// Makes the program see a value, wherever the chain to it starts.
    fn set(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value, owned: bool) {
        if setting.element {
            return self.add_element(planner, setting, value);
        }
        // What is off or empty a chart does not render at all.
        let is_rendered = setting.chart_env.is_some() || setting.is_switch;
        if (*value == json!(false) || *value == json!("")) && is_rendered && self.mode != Mode::Plain {
            return self.switch_off(planner, setting);
        }
        if let Mode::External(name) = &self.mode
            && setting.chart_env.is_some()
            && (owned || self.is_passed(planner, setting))
        {
            return self.set_external(planner, name, setting, value);
        }
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        let args = Arguments::new(draft.value(), &self.container);
        let text =
            |current: &str, in_flag: bool| text_of(setting, &over(self.client, setting, current, value), in_flag);
        let source = args.source(setting, self.mode != Mode::Plain);
        if source == Source::Absent
            && let Some(said) = app_documents::said(planner, self.client, self.profile, setting)
        {
            // Where a document is in the input, it takes the value; a variable that it reads is corrected here.
            if let Some(setting) = self.by_variable_of(planner, setting, said.as_deref()) {
                self.set(planner, &setting, value, owned);
            }
            return;
        }
        let is_elsewhere = matches!(source, Source::Absent | Source::Elsewhere { .. }) && self.mode == Mode::Plain;
        if is_elsewhere && self.set_where_it_comes_from(planner, setting, value) {
            return;
        }
        match source {
            Source::Flag { pointer, prefix, value: current } => {
                let wanted = text(&current, true);
                if !same(setting, &current, &wanted) {
                    planner.own(
                        &self.place,
                        &mut draft,
                        &pointer,
                        json!(format!("{prefix}{}", escaped(&wanted))),
                        true,
                    );
                    planner.record(&self.place, draft, &self.reason);
                }
            }
            Source::Variable { pointer, name, value: current } => {
                // The program splits its own variable as it splits the flag.
                let wanted = text(&current, setting.env.as_ref() == Some(&name));
                if !same(setting, &current, &wanted) {
                    planner.own(&self.place, &mut draft, &pointer, json!(escaped(&wanted)), true);
                }
                self.pass_on(&mut draft, setting);
                planner.record(&self.place, draft, &self.reason);
            }
            Source::Secret { pointer, name, key } => {
                if let Some(wanted) = self.id_reference(setting) {
                    return self.refer(planner, draft, &pointer, &KeyRef { name, key }, &wanted);
                }
                self.pass_on(&mut draft, setting);
                planner.record(&self.place, draft, &self.reason);
                match secret::find(planner, &name, self.namespace.as_deref()) {
                    Some(object) => self.fill_over(planner, object, &key, setting, value),
                    None if owned => self.report_unseen(planner, &name, &key, setting),
                    None => {}
                }
            }
            Source::Elsewhere { pointer } => {
                let message = format!(
                    "must be a value or come from a Secret, to be set for {}; write it out, or remove it",
                    label(setting)
                );
                planner.report_at(&self.place, &pointer, Finding::new(&codes::APP_TAKES_SETTING, message));
            }
            Source::Absent => {
                let said = file_line::of_container(planner, setting, &self.place, &self.container).unwrap_or_default();
                if said.is_empty() || !same(setting, &said, &text(&said, true)) {
                    self.introduce(planner, draft, setting, &text(&said, false), &text(&said, true));
                }
            }
        }
    }

    /// The setting with the variable that a document reads it from, where the container has it.
    fn by_variable_of(&self, planner: &Planner<'_>, setting: &Setting, said: Option<&str>) -> Option<Setting> {
        let variable = app_documents::variable_of(said?)?;
        let draft = planner.manifests.draft(&self.place).ok()?;
        let args = Arguments::new(draft.value(), &self.container);
        let known = setting.env.as_deref() != Some(variable) && args.has_variable(variable);
        known.then(|| Setting { env: Some(variable.to_owned()), flag: None, document: None, ..setting.clone() })
    }

    fn fill_over(&self, planner: &mut Planner<'_>, object: usize, key: &str, setting: &Setting, value: &Value) {
        let held = planner.manifests.draft(&Place::object(object)).ok();
        let held = held.and_then(|draft| secret::get(&draft, key)?.ok()).unwrap_or_default();
        let wanted = text_of(setting, &over(self.client, setting, &held, value), false);
        self.fill(planner, object, key, setting, &wanted);
    }

    /// What is off the chart does not render at all.
    fn switch_off(&self, planner: &mut Planner<'_>, setting: &Setting) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else { return };
        self.remove_chain(planner, &mut draft, setting);
        planner.record(&self.place, draft, &self.reason);
    }

    /// Builds the chain that the manifests' mode uses.
    fn introduce(
        &self,
        planner: &mut Planner<'_>,
        mut draft: crate::patch::Draft,
        setting: &Setting,
        joined: &str,
        in_flag: &str,
    ) {
        let (env, has_args) =
            (format!("{}/env", self.container), draft.get(&format!("{}/args", self.container)).is_some());
        match (&self.mode, &setting.chart_env, &setting.chart_secret_key) {
            (Mode::ChartSecret(name), Some(variable), Some(key)) => {
                let held = secret::find(planner, name, self.namespace.as_deref());
                if held.is_none() && setting.from == Some(ValueFrom::ClientSecret) {
                    return self.report_reference(planner, name);
                }
                let from = json!({"secretKeyRef": {"name": name, "key": key}});
                draft.append(&env, json!({"name": variable, "valueFrom": from}));
                self.pass_on(&mut draft, setting);
                planner.record(&self.place, draft, &self.reason);
                match held {
                    Some(object) => self.fill(planner, object, key, setting, joined),
                    None => self.report_unseen(planner, name, key, setting),
                }
            }
            (Mode::ChartEnv, Some(variable), _) => {
                draft.append(&env, json!({"name": variable, "value": escaped(joined)}));
                self.pass_on(&mut draft, setting);
                planner.record(&self.place, draft, &self.reason);
            }
            _ => {
                match (&setting.flag, &setting.env) {
                    // Where a container has no `args`, adding one would replace the image's own.
                    (Some(flag), _) if has_args || setting.env.is_none() => {
                        let dashes = Arguments::new(draft.value(), &self.container).dashes();
                        let dashes = dashes.unwrap_or(&self.profile.flag_prefix);
                        let is_bare = setting.is_switch && in_flag == "true";
                        let value = if is_bare { String::new() } else { format!("={}", escaped(in_flag)) };
                        draft.append(&format!("{}/args", self.container), json!(format!("{dashes}{flag}{value}")));
                    }
                    (_, Some(variable)) => draft.append(&env, json!({"name": variable, "value": escaped(in_flag)})),
                    _ => {}
                }
                planner.record(&self.place, draft, &self.reason);
            }
        }
    }

    /// The flag that reads the chart's variable.
    fn pass_on(&self, draft: &mut crate::patch::Draft, setting: &Setting) {
        if let (Some(flag), Some(variable)) = (&setting.flag, &setting.chart_env)
            && self.mode != Mode::Plain
        {
            let args = Arguments::new(draft.value(), &self.container);
            if args.flag(flag).is_none() && args.has_variable(variable) {
                draft.append(&format!("{}/args", self.container), json!(format!("-{flag}=$({variable})")));
            }
        }
    }

    fn fill(&self, planner: &mut Planner<'_>, object: usize, key: &str, setting: &Setting, joined: &str) {
        let place = Place::object(object);
        if let Ok(draft) = planner.manifests.draft(&place)
            && let Some(Ok(current)) = secret::get(&draft, key)
            && same(setting, &current, joined)
        {
            return;
        }
        let shown = setting.from != Some(ValueFrom::ClientSecret);
        secret::fill(planner, object, key, joined, shown, &self.reason);
    }

    /// In the mode with a Secret made elsewhere only what that Secret holds can be right or wrong.
    fn set_external(&self, planner: &mut Planner<'_>, name: &str, setting: &Setting, value: &Value) {
        let Some(variable) = &setting.chart_env else {
            return;
        };
        let held = secret::find(planner, name, self.namespace.as_deref());
        let is_passed = self.is_passed(planner, setting);
        match held {
            Some(object) if is_passed => {
                self.fill_over(planner, object, variable, setting, value);
            }
            None if is_passed => self.report_unseen(planner, name, variable, setting),
            _ => {}
        }
    }

    /// Whether a flag for the setting is there.
    fn is_passed(&self, planner: &Planner<'_>, setting: &Setting) -> bool {
        planner.manifests.draft(&self.place).is_ok_and(|draft| {
            let args = Arguments::new(draft.value(), &self.container);
            setting.flag.as_ref().is_some_and(|flag| args.flag(flag).is_some())
        })
    }

    fn report_unseen(&self, planner: &mut Planner<'_>, name: &str, key: &str, setting: &Setting) {
        let wanted = match setting.from {
            Some(ValueFrom::ClientSecret) | None => "the same as at Dex".to_owned(),
            Some(from) => value_of(planner.config, self.client, from)
                .map(|value| format!("\"{}\"", text_of(setting, &value, false)))
                .unwrap_or_default(),
        };
        let message = format!(
            "{} comes from key {key} of Secret {name}, which is not in the input: there it must be {wanted}",
            label(setting)
        );
        planner.report_at(&self.place, &self.container, Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
    }
}

fn label(setting: &Setting) -> &str {
    setting.flag.as_deref().or(setting.env.as_deref()).unwrap_or("a setting")
}

/// Names the flags without which a login loops with 401.
pub(super) fn what_the_api_server_needs(config: &Config, client: &Client) -> Finding {
    let groups = client.scopes.iter().any(|scope| scope == "groups");
    let message = format!(
        "the API server must accept this login, and its settings are not in the input: it needs --oidc-issuer-url={} --oidc-client-id={} --oidc-username-claim=email{}{} (or an AuthenticationConfiguration with them); otherwise the login loops with 401",
        config.issuer,
        client.id,
        if groups { " --oidc-groups-claim=groups" } else { "" },
        if config.trust.is_some() { " --oidc-ca-file=<the CA on the host>" } else { "" },
    );
    Finding::new(&codes::API_SERVER_KNOWS_ISSUER, message)
}
