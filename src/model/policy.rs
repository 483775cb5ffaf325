//! Who may do what in an app that keeps its roles in a ConfigMap, as Argo CD does.

use serde_json::Value;

use super::{Said, World};
use crate::app::profile::Profile;
use crate::krm::Place;
use crate::patch::token;
use crate::yaml::Encoding;

/// The role assignments of one instance.
#[derive(Clone, Debug)]
pub struct Policy<'a> {
    /// The app.
    pub profile: &'a Profile,
    /// The mapping of keys to texts.
    pub place: Place,
    /// The mapping.
    pub map: Value,
    /// The namespace, where it is known.
    pub namespace: Option<String>,
    /// Whether more may stand elsewhere.
    pub is_partial: bool,
}

impl Policy<'_> {
    /// A key's text.
    pub fn said(&self, key: &str) -> Option<Said> {
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        Some(Said::new(value.clone(), self.place.under(&format!("/{}", token(key)))))
    }

    /// Subjects and their roles: the lines `g, subject, role` of all keys that hold lines.
    pub fn assignments(&self) -> Vec<(String, String, Place)> {
        let keys = self
            .map
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| key.starts_with("policy.") && key.ends_with("csv"));
        let mut found = Vec::new();
        for (key, text) in keys {
            for line in text.as_str().unwrap_or_default().lines() {
                let mut parts = line.split(',').map(|part| part.trim().trim_matches('"'));
                if let (Some("g"), Some(subject), Some(role)) = (parts.next(), parts.next(), parts.next()) {
                    found.push((subject.to_owned(), role.to_owned(), self.place.under(&format!("/{}", token(key)))));
                }
            }
        }
        found
    }

    /// The claims that subjects are looked up in; `groups` where nothing is said, and nothing where it cannot be read.
    pub fn claims(&self, world: &World<'_>) -> Option<Vec<String>> {
        let Some(said) = self.said("scopes").filter(|said| said.value != "") else {
            return Some(vec!["groups".to_owned()]);
        };
        said.literal()?;
        // A list in a text.
        let root = Place { at: Default::default(), ..said.place.clone() };
        let list = world.texts.at(&root.embedded(said.place.at.as_str(), Encoding::Plain))?;
        let words = list.as_array()?.iter().map(|word| word.as_str().map(str::to_owned));
        words.collect()
    }

    /// Whether a subject is a group, as far as its text tells: no e-mail address, and no role or project of the app's.
    pub fn is_group(subject: &str) -> bool {
        !subject.is_empty()
            && !subject.contains('@')
            && !subject.starts_with("role:")
            && !subject.starts_with("proj:")
            && subject != "admin"
    }
}

impl<'a> World<'a> {
    /// The role assignments of all instances.
    pub fn policies(&self) -> Vec<Policy<'a>> {
        let mut found = Vec::new();
        for profile in &self.profiles {
            let Some(roles) = &profile.roles else { continue };
            for map in self.named("ConfigMap", &roles.config_map, None) {
                let place = Place::object(map).under("/data");
                found.push(Policy {
                    profile,
                    map: self.texts.at(&place).unwrap_or_default(),
                    namespace: self.texts.objects()[map].id.namespace.clone(),
                    is_partial: self.is_patched(map),
                    place,
                });
            }
            for values in super::values::releases(self, profile) {
                let Some(said) = values.get(self, &roles.values).said().cloned() else { continue };
                found.push(Policy {
                    profile,
                    place: said.place,
                    map: said.value,
                    namespace: values.release.namespace.clone(),
                    // A chart has defaults, and other sources may say more.
                    is_partial: values.is_partial || values.release.sources.len() > 1,
                });
            }
        }
        found
    }
}
