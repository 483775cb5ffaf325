//! What is filled in when it is deployed: `https://dex.${domain}` by Flux or envsubst, `{{ .domain }}` by a template. A first
//! document may hold such an address, because addresses are only ever compared as they stand; so while a tree is looked
//! at, each placeholder is a word like any other.

use std::sync::Arc;

use serde_json::Value;

use super::{Client, Fact, Secret, Survey};
use crate::krm::Manifests;

/// Words that no manifest holds: from Unicode's area for private use.
const START: char = '\u{E000}';
const END: char = '\u{E001}';

/// The placeholders of a tree; the word that stands for one holds its number.
#[derive(Default)]
pub(super) struct Placeholders(Vec<String>);

impl Placeholders {
    /// The manifests with words in place of placeholders; nothing where there are none.
    pub(super) fn held(manifests: &Manifests) -> Option<(Manifests, Self)> {
        let mut placeholders = Self::default();
        let mut held = manifests.clone();
        for object in &mut held.objects {
            placeholders.hold_in(Arc::make_mut(&mut object.value));
        }
        (!placeholders.0.is_empty()).then_some((held, placeholders))
    }

    fn hold_in(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(held) = self.hold(text) {
                    *text = held;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hold_in(item)),
            Value::Object(map) => map.values_mut().for_each(|value| self.hold_in(value)),
            _ => {}
        }
    }

    /// The text with words, where it is more than one placeholder: what is nothing else may be anything.
    fn hold(&mut self, text: &str) -> Option<String> {
        let mut out = String::new();
        let (mut rest, mut found) = (text, 0);
        while let Some((at, end)) = next(rest) {
            let (before, from) = rest.split_at(at);
            let (placeholder, after) = from.split_at(end);
            let number = self.0.iter().position(|known| known == placeholder).unwrap_or_else(|| {
                self.0.push(placeholder.to_owned());
                self.0.len() - 1
            });
            out.push_str(&format!("{before}{START}{number}{END}"));
            (rest, found) = (after, found + 1);
        }
        out.push_str(rest);
        let is_all = found == 1 && next(text.trim()).is_some_and(|(at, end)| at == 0 && end == text.trim().len());
        (found > 0 && !is_all).then_some(out)
    }

    /// The text as it stood.
    pub(super) fn restored(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, (number, after))) =
            rest.split_once(START).and_then(|(before, rest)| Some((before, rest.split_once(END)?)))
        {
            out.push_str(before);
            out.push_str(number.parse().ok().and_then(|number: usize| self.0.get(number)).map_or("", String::as_str));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A survey in the words of the tree.
    pub(super) fn restore(&self, survey: &mut Survey) {
        let mut texts: Vec<&mut String> = Vec::new();
        fn of_fact(fact: &mut Fact) -> [&mut String; 2] {
            [&mut fact.value, &mut fact.at]
        }
        texts.extend(survey.issuer.iter_mut().chain(&mut survey.other_issuers).flat_map(of_fact));
        texts.extend(survey.cluster_issuer.iter_mut().flat_map(of_fact));
        if let Some(ca) = &mut survey.trust {
            texts.extend([&mut ca.name, &mut ca.at]);
            texts.extend([&mut ca.key, &mut ca.mount_path, &mut ca.volume_name].into_iter().flatten());
            texts.extend(ca.namespace_labels.values_mut());
        }
        for client in &mut survey.clients {
            let Client { title, at, id, client_id, name, namespace, release, several, url, .. } = client;
            let Client { redirect_uris, scopes, secret, trusted_peers, .. } = client;
            texts.extend([title, at, id]);
            texts.extend([client_id, name, namespace, release].into_iter().flatten());
            texts.extend(several);
            texts.extend(url.iter_mut().flat_map(of_fact));
            texts.extend(redirect_uris.iter_mut().chain(scopes).chain(trusted_peers));
            match secret {
                Secret::Proposed | Secret::Public => {}
                Secret::Clear(at) | Secret::Variable(at) => texts.push(at),
                Secret::FilledIn { text, at } => texts.extend([text, at]),
                Secret::Reference { app, dex, env } => {
                    texts.extend([&mut app.0, &mut app.1]);
                    texts.extend(dex.iter_mut().flat_map(|(name, key)| [name, key]));
                    texts.extend(env);
                }
            }
        }
        texts.extend(&mut survey.open);
        for text in texts {
            *text = self.restored(text);
        }
    }
}

/// The text without any.
pub(super) fn plain(text: &str) -> String {
    let Some((before, (_, after))) =
        text.split_once(START).and_then(|(before, rest)| Some((before, rest.split_once(END)?)))
    else {
        return text.trim_matches(['-', '.']).to_owned();
    };
    plain(&format!("{before}{after}"))
}

/// Whether a word stands in a text.
pub(super) fn is_held(text: &str) -> bool {
    text.contains(START)
}

/// Where the next placeholder begins, and how long it is.
fn next(text: &str) -> Option<(usize, usize)> {
    let found = [("${", "}"), ("{{", "}}")].into_iter().filter_map(|(start, end)| {
        let at = text.find(start)?;
        let length = text.get(at..)?.find(end)? + end.len();
        Some((at, length))
    });
    found.min()
}

#[cfg(test)]
mod tests {
    use super::Placeholders;

    #[test]
    fn what_is_held_comes_back() {
        for text in ["https://dex.${DOMAIN:=lab.example}/{{ .path }}", "a ${b} ${b}", "plain", "${", "{{x"] {
            let mut placeholders = Placeholders::default();
            let held = placeholders.hold(text).unwrap_or_else(|| text.to_owned());
            assert!(!held.contains("${b}") && !held.contains("${DOMAIN"), "{held}");
            assert_eq!(placeholders.restored(&held), text);
        }
    }

    #[test]
    fn what_is_nothing_else_stays() {
        assert_eq!(Placeholders::default().hold("${SECRET}"), None);
        assert_eq!(Placeholders::default().hold(" {{ .secret }}\n"), None);
    }
}
