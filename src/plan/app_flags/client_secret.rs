//! The client secret of an app that takes flags or variables: in clear, by reference, or none.

use serde_json::json;

use super::arguments::{Arguments, Source};
use super::{Mode, Wiring};
use crate::app::profile::{Setting, ValueFrom};
use crate::config::ClientSecret;
use crate::config::document::KeyRef;
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;
use crate::plan::app_documents::variable_of;
use crate::plan::mounted::at_path;
use crate::plan::planner::Planner;
use crate::plan::value::escaped;
use crate::plan::{app_documents, app_secrets, secret};

impl Wiring<'_> {
    pub(super) fn secret(&self, planner: &mut Planner<'_>, setting: &Setting) {
        let is_absent = planner.manifests.draft(&self.place).is_ok_and(|draft| {
            Arguments::new(draft.value(), &self.container).source(setting, self.mode != Mode::Plain) == Source::Absent
        });
        let is_winner = self.profile.is_in_winner(setting);
        if (is_absent || is_winner)
            && let Some(Some(text)) = app_documents::said(planner, self.client, self.profile, setting)
            && app_documents::is_reference(&text)
        {
            return self.secret_said(planner, setting, &text);
        }
        match setting.env.as_ref().filter(|_| is_winner) {
            Some(name) => self.secret_of(planner, &setting.as_variable(name)),
            None => self.secret_of(planner, setting),
        }
    }

    /// A document reads the secret from elsewhere: that is followed to the key of a Secret.
    fn secret_said(&self, planner: &mut Planner<'_>, setting: &Setting, text: &str) {
        if let Some(setting) = self.by_variable_of(planner, setting, Some(text)) {
            return self.secret_of(planner, &setting);
        }
        if setting.env.as_deref().is_some_and(|name| variable_of(text) == Some(name)) {
            return self.secret_of(planner, &setting.as_variable(setting.env.as_deref().unwrap_or_default()));
        }
        let read = self.read_from(planner, text);
        match (&self.client.secret, read) {
            (ClientSecret::Reference { app, .. }, Some(read)) if read == *app => {
                secret::check_key(planner, &app.name, &app.key, self.namespace.as_deref());
            }
            (ClientSecret::Value(value), Some(read)) => {
                match secret::find(planner, &read.name, self.namespace.as_deref()) {
                    Some(object) => secret::fill(planner, object, &read.key, value, false, &self.reason),
                    None => self.report_reference(planner, &read.name),
                }
            }
            (ClientSecret::Value(_), None) => self.report_reference(planner, text),
            // The variable beats the document.
            _ => self.secret_of(planner, setting),
        }
    }

    /// The key of the Secret that a reference in a document ends at: all keys as variables, or a file of a volume.
    fn read_from(&self, planner: &Planner<'_>, text: &str) -> Option<KeyRef> {
        let object = &planner.manifests.objects[self.place.object];
        let args = Arguments::new(&object.value, &self.container);
        if let Some(variable) = app_documents::variable_of(text) {
            let seen = |name: &String| {
                let held = secret::find(planner, name, self.namespace.as_deref());
                let draft = held.and_then(|object| planner.manifests.draft(&Place::object(object)).ok());
                draft.is_some_and(|draft| secret::get(&draft, variable).is_some())
            };
            let names = args.all_env_from_secrets();
            let named = match &self.client.secret {
                ClientSecret::Reference { app, .. } => {
                    names.iter().find(|name| **name == app.name && variable == app.key)
                }
                _ => None,
            };
            let name = named.or_else(|| names.iter().find(|name| seen(name)))?;
            return Some(KeyRef { name: name.clone(), key: variable.to_owned() });
        }
        let path = app_documents::file_of(text)?;
        let found = at_path(object, &self.container, path).into_iter().find(|mounted| mounted.kind == "Secret")?;
        Some(KeyRef { name: found.name, key: found.key })
    }

    fn secret_of(&self, planner: &mut Planner<'_>, setting: &Setting) {
        match &self.client.secret {
            ClientSecret::Value(value) => self.secret_value(planner, setting, value),
            ClientSecret::Reference { app, .. } => {
                secret::check_key(planner, &app.name, &app.key, self.namespace.as_deref());
                self.secret_reference(planner, setting, app);
            }
            ClientSecret::Public | ClientSecret::Environment(_) => {}
        }
    }

    /// The key of a Secret that the client id must come from, where the document names one.
    pub(super) fn id_reference(&self, setting: &Setting) -> Option<KeyRef> {
        match &self.client.secret {
            ClientSecret::Reference { client_id, .. }
                if setting.from == Some(ValueFrom::ClientID) && self.mode == Mode::Plain =>
            {
                client_id.clone()
            }
            _ => None,
        }
    }

    /// Points a variable's reference to another key.
    pub(super) fn refer(
        &self,
        planner: &mut Planner<'_>,
        mut draft: Draft,
        entry: &str,
        current: &KeyRef,
        wanted: &KeyRef,
    ) {
        secret::check_key(planner, &wanted.name, &wanted.key, self.namespace.as_deref());
        let pointer = format!("{entry}/valueFrom/secretKeyRef");
        for (field, current, wanted) in [("name", &current.name, &wanted.name), ("key", &current.key, &wanted.key)] {
            if current != wanted {
                planner.own(&self.place, &mut draft, &format!("{pointer}/{field}"), json!(wanted), true);
            }
        }
        planner.record(&self.place, draft, &self.reason);
    }

    fn secret_value(&self, planner: &mut Planner<'_>, setting: &Setting, value: &str) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        if let Mode::External(name) = &self.mode {
            return match (secret::find(planner, name, self.namespace.as_deref()), &setting.chart_env) {
                (Some(object), Some(variable)) => self.fill(planner, object, variable, setting, value),
                _ => self.report_reference(planner, name),
            };
        }
        let args = Arguments::new(draft.value(), &self.container);
        if let Some(name) = setting.env.as_ref().and_then(|variable| args.reference(variable)) {
            if let Some(object) = secret::find(planner, &name.name, self.namespace.as_deref()) {
                return self.fill(planner, object, &name.key, setting, value);
            }
            if name.name != self.own_secret() {
                return self.report_reference(planner, &name.name);
            }
        }
        match args.source(setting, self.mode != Mode::Plain) {
            Source::Flag { pointer, prefix, value: current } if current != value => {
                planner.own(&self.place, &mut draft, &pointer, json!(format!("{prefix}{}", escaped(value))), false);
                planner.record(&self.place, draft, &self.reason);
            }
            Source::Variable { pointer, value: current, .. } => {
                if current != value {
                    planner.own(&self.place, &mut draft, &pointer, json!(escaped(value)), false);
                }
                self.pass_on(&mut draft, setting);
                planner.record(&self.place, draft, &self.reason);
            }
            Source::Secret { name, key, .. } => match secret::find(planner, &name, self.namespace.as_deref()) {
                Some(object) => {
                    self.pass_on(&mut draft, setting);
                    planner.record(&self.place, draft, &self.reason);
                    self.fill(planner, object, &key, setting, value);
                }
                None if name == self.own_secret() => {}
                None => self.report_reference(planner, &name),
            },
            Source::Elsewhere { .. } => self.report_reference(planner, "another source"),
            Source::Absent if self.mode == Mode::Plain => self.add_own_secret(planner, setting, value),
            Source::Absent => self.introduce(planner, draft, setting, value, value),
            Source::Flag { .. } => {}
        }
    }

    fn own_secret(&self) -> String {
        self.client.secret_name()
    }

    /// Where nothing holds the secret yet, a Secret of its own does.
    fn add_own_secret(&self, planner: &mut Planner<'_>, setting: &Setting, value: &str) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        let Some(variable) = &setting.env else {
            return self.introduce(planner, draft, setting, value, value);
        };
        let from = json!({"secretKeyRef": {"name": self.own_secret(), "key": self.client.secret_keys().client_secret}});
        draft.append(&format!("{}/env", self.container), json!({"name": variable, "valueFrom": from}));
        planner.record(&self.place, draft, &self.reason);
        app_secrets::hold(planner, self.client, self.namespace.as_deref(), value, self.place.object);
    }

    pub(super) fn report_reference(&self, planner: &mut Planner<'_>, name: &str) {
        let message = format!(
            "the client secret comes from Secret {name}, and `secret.value` never replaces a reference; use `secretKeyRef`, or put that Secret into the input"
        );
        planner.report_at(&self.place, &self.container, Finding::new(&codes::VALUE_REPLACES_NO_REFERENCE, message));
    }

    fn secret_reference(&self, planner: &mut Planner<'_>, setting: &Setting, app: &KeyRef) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        let args = Arguments::new(draft.value(), &self.container);
        if let (Mode::External(name), Some(variable)) = (&self.mode, &setting.chart_env) {
            if *name != app.name || *variable != app.key {
                let message = format!(
                    "the flag -{} reads {variable} of Secret {name}, so `secretKeyRef` must be {{name: {name}, key: {variable}}}",
                    setting.flag.as_deref().unwrap_or_default()
                );
                planner.report_at(&self.place, &self.container, Finding::new(&codes::APP_TAKES_SETTING, message));
            }
            return;
        }
        // A chain that ends at the wanted key already says the same, whatever its variable is called.
        if let Source::Secret { name, key, .. } = args.source(setting, self.mode != Mode::Plain)
            && (name == app.name && key == app.key)
        {
            return;
        }
        let Some(variable) = &setting.env else {
            let message = format!(
                "{} takes the client secret in clear text only, in the flag {}, so it must be `secret.value`, not `secretKeyRef`",
                self.profile.title,
                setting.flag.as_deref().unwrap_or_default()
            );
            return planner.report_at(&self.place, &self.container, Finding::new(&codes::APP_TAKES_SETTING, message));
        };
        // All keys of the Secret are variables already, and this one has the right name.
        let provided = args.env_from_secret().is_some_and(|name| name == app.name) && *variable == app.key;
        if provided && args.source(setting, false) == Source::Absent {
            return;
        }
        self.remove_chain(planner, &mut draft, setting);
        let args = Arguments::new(draft.value(), &self.container);
        let wanted = json!({"secretKeyRef": {"name": app.name, "key": app.key}});
        match args.variable(variable) {
            Some(pointer) => {
                let entry = json!({"name": variable, "valueFrom": wanted});
                if draft.get(&pointer) != Some(&entry) {
                    planner.corrected(&self.place, &pointer, None);
                    draft.set(&pointer, entry);
                }
            }
            None => draft.append(&format!("{}/env", self.container), json!({"name": variable, "valueFrom": wanted})),
        }
        planner.record(&self.place, draft, &self.reason);
    }

    /// Takes a value away wherever it stands on its way to the flag: a key of the chart's Secret, the chart's variable,
    /// the flag. Flags beat variables, so a reference can take the place of a clear secret only then.
    pub(super) fn remove_chain(&self, planner: &mut Planner<'_>, draft: &mut Draft, setting: &Setting) {
        let args = Arguments::new(draft.value(), &self.container);
        let flag = setting.flag.as_ref().and_then(|flag| args.flag(flag));
        if let (Some(variable), Some(key)) = (&setting.chart_env, &setting.chart_secret_key) {
            if let Some(reference) = args.reference(variable)
                && reference.key == *key
                && let Some(object) = secret::find(planner, &reference.name, self.namespace.as_deref())
            {
                secret::clear(planner, object, key, &self.reason);
            }
            if let Some(pointer) = args.variable(variable) {
                planner.corrected(&self.place, &pointer, None);
                draft.remove(&pointer);
            }
        }
        if let Some(flag) = flag.as_ref().filter(|flag| !flag.value.starts_with("$(")) {
            planner.corrected(&self.place, flag.pointers.first().map_or("", String::as_str), None);
        }
        // A flag that stands twice counts once, but the one before it must not come to count.
        let mut gone = flag;
        while let Some(flag) = gone {
            for pointer in flag.pointers.iter().rev() {
                draft.remove(pointer);
            }
            let left = Arguments::new(draft.value(), &self.container);
            gone = setting.flag.as_ref().and_then(|name| left.flag(name));
        }
    }

    pub(super) fn no_secret(&self, planner: &mut Planner<'_>, setting: &Setting) {
        let Some(mut draft) = planner.draft(&self.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        if let Mode::External(name) = &self.mode {
            let message = format!(
                "the client is public, and the chart always passes the secret of Secret {name}; give the client a secret, or use the chart's own Secret"
            );
            return planner.report_at(&self.place, &self.container, Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        self.remove_chain(planner, &mut draft, setting);
        let args = Arguments::new(draft.value(), &self.container);
        if let Some(pointer) = setting.env.as_ref().and_then(|variable| args.variable(variable)) {
            draft.remove(&pointer);
        }
        planner.record(&self.place, draft, &self.reason);
    }
}
