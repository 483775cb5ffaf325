//! Settings in a ConfigMap or Secret that a container's variables come from: all of it by `envFrom`, or one key of it.

use serde_json::{Value, json};

use super::{Wiring, over, same, text_of};
use crate::app::profile::{Setting, ValueFrom};
use crate::krm::Place;
use crate::krm::pod::entries;
use crate::patch::token;
use crate::plan::planner::Planner;
use crate::plan::secret;

/// A key of an object in the input.
pub(super) struct Held {
    object: usize,
    key: String,
    is_secret: bool,
}

impl Wiring<'_> {
    /// Corrects a setting where its variable comes from, and says whether it does.
    pub(super) fn set_where_it_comes_from(&self, planner: &mut Planner<'_>, setting: &Setting, value: &Value) -> bool {
        let Some(held) = self.comes_from(planner, setting) else { return false };
        if held.is_secret {
            self.fill_over(planner, held.object, &held.key, setting, value);
            return true;
        }
        let place = Place::object(held.object);
        let pointer = format!("/data/{}", token(&held.key));
        let Ok(mut draft) = planner.manifests.draft(&place) else { return false };
        let current = draft.text(&pointer).unwrap_or_default().to_owned();
        let wanted = text_of(setting, &over(self.client, setting, &current, value), true);
        if !same(setting, &current, &wanted) {
            planner.own(&place, &mut draft, &pointer, json!(wanted), true);
            planner.record(&place, draft, &self.reason);
        }
        true
    }

    /// Where the setting's variable comes from, in the input.
    pub(super) fn comes_from(&self, planner: &Planner<'_>, setting: &Setting) -> Option<Held> {
        // A client secret has ways of its own, and never goes into a ConfigMap.
        let variable = setting.env.as_ref().filter(|_| setting.from != Some(ValueFrom::ClientSecret))?;
        self.held(planner, variable)
    }

    fn held(&self, planner: &Planner<'_>, variable: &str) -> Option<Held> {
        let draft = planner.manifests.draft(&self.place).ok()?;
        let container = draft.get(&self.container)?;
        let text = |value: &Value, pointer: &str| Some(value.pointer(pointer)?.as_str()?.to_owned());
        if let Some(entry) = entries(container, "env").filter(|entry| entry["name"] == variable).last() {
            let (name, key) = ("/valueFrom/configMapKeyRef/name", "/valueFrom/configMapKeyRef/key");
            return self.config_map(planner, &text(entry, name)?, text(entry, key)?);
        }
        // The last source of a variable counts.
        let sources: Vec<&Value> = entries(container, "envFrom").collect();
        sources.into_iter().rev().find_map(|entry| {
            let key = variable.strip_prefix(entry["prefix"].as_str().unwrap_or_default())?.to_owned();
            if let Some(name) = text(entry, "/configMapRef/name") {
                return self.config_map(planner, &name, key);
            }
            let object = secret::find(planner, &text(entry, "/secretRef/name")?, self.namespace.as_deref())?;
            let draft = planner.manifests.draft(&Place::object(object)).ok()?;
            secret::get(&draft, &key)?.ok()?;
            Some(Held { object, key, is_secret: true })
        })
    }

    fn config_map(&self, planner: &Planner<'_>, name: &str, key: String) -> Option<Held> {
        let mut objects = planner.manifests.objects.iter().enumerate().filter(|(_, object)| {
            object.is("", "ConfigMap")
                && object.is_named(name)
                && object.id.shares_namespace(self.namespace.as_deref())
                && object.value.pointer("/data").and_then(|data| data.get(&key)).is_some_and(Value::is_string)
        });
        let (object, _) = objects.next()?;
        // Of several the one that is meant is not known.
        objects.next().is_none().then(|| Held { object, key: key.clone(), is_secret: false })
    }
}
