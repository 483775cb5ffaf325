//! Variables of an app's container in the values of its chart: a list of entries, or mappings by name.

use serde_json::{Value, json};

use super::Wiring;
use crate::app::profile::{PodValues, Profile, Setting, ValueFrom};
use crate::config::document::KeyRef;
use crate::krm::{Finding, Place, codes};
use crate::patch::token;
use crate::plan::instance::plain;
use crate::plan::layers::Layers;
use crate::plan::planner::Planner;
use crate::plan::secret;
use crate::plan::value::{escaped, over, same, text_of, unescaped};

/// One variable as it stands.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) pointer: String,
    /// Whether the program reads the variable itself, and not by way of the chart's flag.
    pub(super) is_own: bool,
    shape: Shape,
    value: Value,
}

/// Where the chart keeps a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// An entry with `name` in a list.
    List,
    /// A value in a mapping of names to values.
    Map,
    /// A `valueFrom` in a mapping of names to them.
    FromMap,
}

impl Entry {
    /// The text, where the variable has one.
    pub(super) fn text(&self) -> Option<String> {
        match self.shape {
            Shape::Map if self.value.is_object() => None,
            Shape::Map => Some(plain(&self.value)),
            Shape::FromMap => None,
            Shape::List => {
                let is_text = self.value.get("valueFrom").is_none_or(Value::is_null);
                is_text.then(|| self.value.get("value").map(plain).unwrap_or_default())
            }
        }
    }

    /// The Secret's key, where the variable comes from one.
    pub(super) fn reference(&self) -> Option<KeyRef> {
        let reference = match self.shape {
            Shape::List | Shape::Map => self.value.pointer("/valueFrom/secretKeyRef")?,
            Shape::FromMap => self.value.get("secretKeyRef")?,
        };
        let text = |field: &str| reference.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(KeyRef { name: text("name")?, key: text("key")? })
    }

    /// The pointer to the text.
    pub(super) fn text_pointer(&self) -> String {
        if self.shape == Shape::List { format!("{}/value", self.pointer) } else { self.pointer.clone() }
    }
}

/// Where the chart keeps the variables and arguments of the container that takes settings.
pub(super) fn pod_values(profile: &Profile) -> Option<&PodValues> {
    profile.components.first()?.values.as_ref()
}

/// The last entry of a name among the values' own variables.
pub(super) fn variable(
    planner: &Planner<'_>,
    profile: &Profile,
    layers: &Layers,
    name: &str,
    is_own: bool,
) -> Option<Entry> {
    let known = pod_values(profile)?;
    let in_list = layers.release.sources.iter().rev().find_map(|place| {
        let list = layers.pointer(known.env.as_ref()?);
        let draft = planner.manifests.draft(place).ok()?;
        let index = draft.list(&list).iter().rposition(|entry| entry["name"] == name)?;
        let pointer = format!("{list}/{index}");
        let value = draft.get(&pointer)?.clone();
        Some(Entry { place: place.clone(), pointer, is_own, shape: Shape::List, value })
    });
    let in_map = |map: Option<&String>, shape: Shape| {
        let pointer = format!("{}/{}", map?, token(name));
        let value = layers.get(planner, &pointer)?;
        Some(Entry {
            place: layers.source(planner, &pointer)?,
            pointer: layers.pointer(&pointer),
            is_own,
            shape,
            value,
        })
    };
    in_list
        .or_else(|| in_map(known.env_from_map.as_ref(), Shape::FromMap))
        .or_else(|| in_map(known.env_map.as_ref(), Shape::Map))
}

impl Wiring<'_> {
    /// Corrects a variable where its value starts.
    pub(super) fn set_variable(&self, planner: &mut Planner<'_>, setting: &Setting, entry: &Entry, value: &Value) {
        if let Some(current) = entry.text() {
            let wanted = text_of(setting, &over(self.client, setting, &unescaped(&current), value), entry.is_own);
            if !same(setting, &unescaped(&current), &wanted) {
                self.write(planner, &entry.place, &entry.text_pointer(), json!(escaped(&wanted)), setting);
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
            // Made by an earlier run and kept in another file.
            None if setting.from == Some(ValueFrom::ClientSecret) && self.is_own_secret(&name) => {}
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

    fn is_own_secret(&self, name: &str) -> bool {
        self.client.secret_name() == name
    }

    /// Adds a variable with a text; says where it would have to stand if the chart has no key for it.
    pub(super) fn add_text(&self, planner: &mut Planner<'_>, name: &str, text: &str) {
        let known = pod_values(self.profile);
        match known.map(|known| (&known.env, &known.env_map)) {
            Some((Some(_), Some(map))) if self.is_map(planner) => self.put(planner, map, name, json!(escaped(text))),
            Some((Some(list), _)) => self.append(planner, list, json!({"name": name, "value": escaped(text)}), name),
            Some((None, Some(map))) => self.put(planner, map, name, json!(escaped(text))),
            _ => self.report_no_key(planner, name),
        }
    }

    /// Adds a variable that comes from a key of a Secret, or has one come from there that stands.
    pub(super) fn refer_variable(&self, planner: &mut Planner<'_>, name: &str, stands: Option<Entry>, app: &KeyRef) {
        let from = json!({"secretKeyRef": {"name": app.name, "key": app.key}});
        let entry = json!({"name": name, "valueFrom": from});
        if let Some(stands) = stands {
            let Some(mut draft) = planner.draft(&stands.place, &codes::APP_TAKES_SETTING) else {
                return;
            };
            planner.corrected(&stands.place, &stands.pointer, None);
            match stands.shape {
                Shape::List => {
                    let name = stands.value.get("name").cloned().unwrap_or_else(|| json!(name));
                    draft.set(&stands.pointer, json!({"name": name, "valueFrom": from}));
                }
                Shape::FromMap => draft.set(&stands.pointer, from),
                Shape::Map if self.is_map(planner) => draft.set(&stands.pointer, json!({"valueFrom": from})),
                Shape::Map => {
                    draft.remove(&stands.pointer);
                    planner.record(&stands.place, draft, &self.reason);
                    return self.refer_variable(planner, name, None, app);
                }
            }
            return planner.record(&stands.place, draft, &self.reason);
        }
        match pod_values(self.profile).map(|known| (&known.env_from_map, &known.env)) {
            Some((None, Some(map))) if self.is_map(planner) => {
                self.put(planner, map, name, json!({"valueFrom": from}));
            }
            Some((Some(map), _)) => self.put(planner, map, name, from),
            Some((None, Some(list))) => {
                self.append(planner, list, entry, &format!("{name} from key {} of Secret {}", app.key, app.name));
            }
            _ => self.report_no_key(planner, name),
        }
    }

    /// Whether a mapping stands where the chart takes a list or a mapping.
    fn is_map(&self, planner: &Planner<'_>) -> bool {
        let either = pod_values(self.profile)
            .and_then(|known| known.env.as_ref().filter(|env| known.env_map.as_ref() == Some(env)));
        either.and_then(|at| self.layers.get(planner, at)).is_some_and(|stands| stands.is_object())
    }

    /// Sets an entry of a mapping of variables or flags; Helm joins mappings.
    pub(super) fn put(&self, planner: &mut Planner<'_>, map: &str, name: &str, value: Value) {
        let pointer = format!("{map}/{}", token(name));
        let Some(place) = self.layers.source(planner, &pointer) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) {
            draft.set(&self.layers.pointer(&pointer), value);
            planner.record(&place, draft, &self.reason);
        }
    }

    /// Appends to a list in one source of values.
    pub(super) fn append(&self, planner: &mut Planner<'_>, pointer: &str, entry: Value, what: &str) {
        let Some(list) = self.layers.list(planner, pointer) else {
            return;
        };
        if let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) {
            draft.append(&list.pointer, entry);
            list.record(planner, draft, &self.reason, what);
        }
    }

    fn report_no_key(&self, planner: &mut Planner<'_>, name: &str) {
        let message = format!(
            "{} must take the variable {name}, and its chart has no key for variables; set it where the rendered manifests are wired",
            self.profile.title
        );
        self.report(planner, "", &codes::APP_TAKES_SETTING, &message);
    }
}
