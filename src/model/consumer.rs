//! Apps that sign people in: what each is told of its issuer and client, wherever it is told.

use std::collections::BTreeMap;

use super::{Container, Said, SecretKey, Seen, World, compare};
use crate::app::profile::{Profile, Setting, ValueFrom};
use crate::krm::Place;

/// One instance of an app, with a login configured.
#[derive(Clone, Debug)]
pub struct Consumer<'a> {
    /// What is known of the app.
    pub profile: &'a Profile,
    /// The object it is told by: a workload, a ConfigMap, a carrier of Helm values, a file of values.
    pub anchor: Place,
    /// Where it runs, where that is known.
    pub namespace: Option<String>,
    /// Its main container, or what values say of it.
    pub container: Option<Container>,
    /// The values of its chart, where it is told by them.
    pub values: Option<super::Values>,
    /// What it is told.
    pub told: BTreeMap<ValueFrom, Seen>,
    /// Further settings, by the profile's name for them.
    pub options: BTreeMap<&'a str, Seen>,
}

impl<'a> Consumer<'a> {
    /// A value that it is told, as far as the input shows.
    pub fn said(&self, from: ValueFrom) -> Option<&Said> {
        self.told.get(&from)?.said()
    }

    /// The same as the text it is in the end.
    pub fn literal(&self, from: ValueFrom) -> Option<String> {
        self.said(from)?.literal()
    }

    /// Whether a value is known to be told nowhere.
    pub fn lacks(&self, from: ValueFrom) -> bool {
        self.told.get(&from).is_some_and(Seen::is_absent)
    }

    /// The profile's setting of a value.
    pub fn setting(&self, from: ValueFrom) -> Option<&'a Setting> {
        self.profile.settings.iter().find(|setting| setting.from == Some(from))
    }

    /// An option, by the profile's name.
    pub fn option(&self, name: &str) -> Option<&Said> {
        self.options.get(name)?.said()
    }

    /// The issuer that it asks, also where it is only told a document or an endpoint below it.
    pub fn issuer(&self) -> Option<(String, &Said)> {
        let below = |from: ValueFrom, end: &str| {
            let said = self.said(from)?;
            Some((said.literal()?.strip_suffix(end)?.to_owned(), said))
        };
        let own = || self.said(ValueFrom::Issuer).and_then(|said| Some((said.literal()?, said)));
        own()
            .or_else(|| below(ValueFrom::DiscoveryURL, "/.well-known/openid-configuration"))
            .or_else(|| below(ValueFrom::AuthorizationEndpoint, "/auth"))
            .or_else(|| below(ValueFrom::TokenEndpoint, "/token"))
            .filter(|(issuer, _)| !issuer.is_empty())
    }

    /// The client id.
    pub fn client_id(&self) -> Option<(String, &Said)> {
        self.said(ValueFrom::ClientID).and_then(|said| Some((said.literal()?, said))).filter(|(id, _)| !id.is_empty())
    }

    /// The redirect URI that it sends, and where that comes from.
    pub fn redirect_uri(&self) -> Option<(String, &Said)> {
        let is_url = |text: &String| text.contains("://");
        if let Some(said) = self.said(ValueFrom::RedirectURI) {
            return said.literal().filter(is_url).map(|text| (text, said));
        }
        let said = self.said(ValueFrom::Url)?;
        let path = self.profile.client.as_ref()?.redirect_paths.first()?;
        let url = said.literal().filter(is_url)?;
        Some((format!("{}{path}", url.trim_end_matches('/')), said))
    }

    /// What is asked for: what it is told, or what it asks for by itself, with what the app always adds.
    pub fn scopes(&self) -> Option<(Vec<String>, Option<&Said>)> {
        let setting = self.setting(ValueFrom::Scopes)?;
        let (mut words, said) = match self.told.get(&ValueFrom::Scopes)? {
            Seen::Is(said) => (said.words()?, Some(said)),
            Seen::Absent => {
                let default = setting.default.as_ref()?;
                (Said::new(default.clone(), self.anchor.clone()).words()?, None)
            }
            Seen::Unseen => return None,
        };
        words.extend(setting.implied.iter().cloned());
        Some((words, said))
    }

    /// The address people open it at.
    pub fn url(&self) -> Option<(String, &Said)> {
        if let Some(said) = self.said(ValueFrom::Url) {
            return said.literal().map(|url| (url, said));
        }
        let (uri, said) = self.redirect_uri()?;
        let path = self.profile.client.as_ref()?.redirect_paths.iter().find(|path| uri.ends_with(path.as_str()))?;
        Some((uri.strip_suffix(path.as_str())?.to_owned(), said))
    }

    /// The client secret: where it comes from, or that it is written out.
    pub fn secret(&self) -> Option<&Said> {
        self.said(ValueFrom::ClientSecret)
            .filter(|said| said.from.is_some() || said.text().is_some_and(|text| !text.is_empty()))
    }

    /// Whether a registered redirect URI is what this app would send, whatever its host.
    pub fn would_send(&self, uri: &str) -> bool {
        let paths = self.profile.client.iter().flat_map(|client| &client.redirect_paths);
        paths.filter(|path| !path.is_empty()).any(|path| compare::path_of(uri).ends_with(path.as_str()))
    }
}

/// What the text of a setting refers to, in the words of apps that have references of their own: `$key` and
/// `$secret:key` of Argo CD, `$__env{NAME}`, `$__file{PATH}`, `${NAME}`.
pub(super) fn follow(world: &World<'_>, consumer: &Consumer<'_>, said: Said) -> Seen {
    let Some(text) = said.text().filter(|text| text.starts_with('$')) else { return Seen::Is(said) };
    let namespace = consumer.namespace.clone();
    let inside = |start: &str| text.strip_prefix(start)?.strip_suffix('}').map(str::to_owned);
    if let Some(name) = inside("$__env{").or_else(|| inside("${")) {
        return match consumer.container.as_ref().map(|container| world.variable(container, &name)) {
            Some(Seen::Is(found)) => Seen::Is(Said { place: said.place, ..found }),
            _ => Seen::Unseen,
        };
    }
    if let Some(path) = inside("$__file{") {
        return match consumer.container.as_ref().map(|container| world.file_at(container, &path)) {
            Some(super::FileAt::Key { kind: "Secret", name, key, .. }) => {
                Seen::Is(world.of_secret(SecretKey { namespace, name, key }, &said.place))
            }
            _ => Seen::Unseen,
        };
    }
    let store = consumer.profile.client.as_ref().and_then(|client| client.secret_store.as_ref());
    match (store, text.strip_prefix('$')) {
        (Some(store), Some(reference)) if !reference.is_empty() => {
            let (name, key) = reference.split_once(':').unwrap_or((&store.name, reference));
            let key = SecretKey { namespace, name: name.to_owned(), key: key.to_owned() };
            Seen::Is(world.of_secret(key, &said.place))
        }
        _ => Seen::Is(said),
    }
}
