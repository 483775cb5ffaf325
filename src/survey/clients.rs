//! Apps that are here, wired or not, and clients that Dex knows.

use super::{Client, Fact, Secret, Surveyor, placeholders};
use crate::app::profile::{Profile, ValueFrom};
use crate::app::recognise::is_component;
use crate::krm::Place;
use crate::model::{Consumer, Dex, DexClient, Said, Seen, Values};

/// What `clients[].scopes` is where nothing is said.
const DEFAULT_SCOPES: &[&str] = &["openid", "profile", "email"];

/// Where an app may be.
struct Candidate {
    at: String,
    anchors: Vec<usize>,
    namespace: Option<String>,
    release: Option<String>,
    values: Option<Values>,
}

/// The redirect URIs that a client of an address has by itself.
fn derived(profile: &Profile, url: Option<&Fact>) -> Vec<String> {
    let address = url.map(|fact| fact.value.trim_end_matches('/')).unwrap_or_default();
    let paths = profile.client.iter().flat_map(|client| &client.redirect_paths);
    paths.map(|path| format!("{address}{path}")).collect()
}

impl Surveyor<'_> {
    pub(super) fn clients(&self, dex: Option<&Dex<'_>>, issuer: Option<&str>, open: &mut Vec<String>) -> Vec<Client> {
        let (mut found, mut unwired): (Vec<Client>, Vec<Client>) = (Vec::new(), Vec::new());
        let mut elsewhere: Vec<&str> = Vec::new();
        for consumer in &self.world.consumers {
            let asked = consumer.issuer().map(|(issuer, _)| issuer);
            if let (Some(asked), Some(issuer)) = (&asked, issuer)
                && asked != issuer
            {
                let at = self.place(&consumer.anchor);
                open.push(format!("{} ({at}) signs people in at {asked}.", consumer.profile.title));
                elsewhere.push(&consumer.profile.name);
                continue;
            }
            let client = self.wired(consumer, dex);
            if !found.iter().any(|known| known.app == client.app && known.namespace == client.namespace) {
                found.push(client);
            }
        }
        for profile in self.world.profiles.iter().filter(|profile| profile.client.is_some()) {
            let is_known = found.iter().any(|known| known.app.as_ref() == Some(&profile.name));
            if !is_known && !elsewhere.contains(&profile.name.as_str()) {
                unwired.extend(self.unwired(profile, dex));
            }
        }
        // Only where an app is here several times does its namespace have to be said.
        let apps: Vec<Option<String>> = found.iter().map(|client| client.app.clone()).collect();
        for client in &mut found {
            if apps.iter().filter(|app| **app == client.app).count() == 1 {
                client.namespace = None;
            }
        }
        found.extend(unwired);
        found.extend(self.others(dex, &found));
        for client in &mut found {
            client.proposed = self.proposed(client);
        }
        for at in 1..found.len() {
            let known = found[..at].iter().find(|known| known.id == found[at].id).map(|known| known.title.clone());
            found[at].shared_with = known;
        }
        found
    }

    /// An app that signs people in already.
    fn wired(&self, consumer: &Consumer<'_>, dex: Option<&Dex<'_>>) -> Client {
        let profile = consumer.profile;
        let known = profile.client.as_ref();
        let default_id = known.map(|client| client.id.clone()).unwrap_or_default();
        let id = consumer.client_id().map_or_else(|| default_id.clone(), |(id, _)| id);
        let registered = dex.and_then(|dex| dex.client(&id));
        let url = consumer.url().map(|(value, said)| Fact { value, at: self.place(&said.place) });
        let url = url.or_else(|| self.host_of(consumer)).or_else(|| self.host_at_dex(profile, registered));
        let mut client = Client {
            app: Some(profile.name.clone()),
            title: profile.title.clone(),
            at: self.place(&consumer.anchor),
            id: id.clone(),
            client_id: (id != default_id).then(|| id.clone()),
            namespace: consumer.namespace.clone(),
            scopes: self.scopes(consumer),
            is_wired: true,
            ..self.registered(registered, &id, &derived(profile, url.as_ref()))
        };
        client.url = url;
        let app = consumer.secret();
        let from = |name: &String, key: &String| (name.clone(), key.clone());
        let of_app = app.and_then(|said| said.from.as_ref()).map(|key| from(&key.name, &key.key));
        client.secret = match (client.secret.clone(), of_app, app) {
            (Secret::Public, _, _) => Secret::Public,
            (Secret::Reference { app: dex, env, .. }, Some(own), _) => {
                Secret::Reference { dex: (own != dex).then(|| dex.clone()), app: own, env }
            }
            (Secret::Variable(env), ..) => Secret::Variable(env),
            (_, Some(app), _) => Secret::Reference { app, dex: None, env: None },
            (Secret::Clear(at), None, _) => Secret::Clear(at),
            (Secret::FilledIn { text, at }, None, _) => Secret::FilledIn { text, at },
            (_, None, Some(said)) => self.clear(said),
            (secret, None, None) => secret,
        };
        client
    }

    /// The name of the app's login source, where the redirect URI that Dex knows has another than the profile.
    fn name_login_source(&self, profile: &Profile, client: &mut Client) {
        let Some(known) = &profile.client else { return };
        let (Some(own), Some(url)) = (&known.login_source, &client.url) else { return };
        let address = url.value.trim_end_matches('/');
        let ways = known.redirect_paths.iter().filter_map(|path| path.split_once(own.as_str()));
        let names = ways.filter_map(|(before, after)| {
            let mut uris = client.redirect_uris.iter().enumerate();
            uris.find_map(|(index, uri)| {
                let name = uri.strip_prefix(address)?.strip_prefix(before)?.strip_suffix(after)?;
                (!name.is_empty() && !name.contains('/')).then(|| (index, name.to_owned()))
            })
        });
        if let Some((index, name)) = names.into_iter().next() {
            client.redirect_uris.remove(index);
            client.login_source = Some(name);
        }
    }

    /// What Dex knows of a client.
    fn registered(&self, client: Option<&DexClient>, id: &str, derived: &[String]) -> Client {
        let Some(client) = client else { return Client::default() };
        let texts =
            |field: &str| -> Vec<String> { client.list(field).iter().filter_map(|said| said.literal()).collect() };
        let name = client.text("name").and_then(|said| said.literal()).filter(|name| name != id);
        let redirect_uris = texts("redirectURIs").into_iter().filter(|uri| !derived.contains(uri)).collect();
        let secret = match () {
            () if client.is_public() => Secret::Public,
            () => self.secret_at_dex(client, id),
        };
        Client { name, redirect_uris, secret, trusted_peers: texts("trustedPeers"), ..Client::default() }
    }

    fn secret_at_dex(&self, client: &DexClient, id: &str) -> Secret {
        if let Some(said) = client.text("secret") {
            return self.clear(&said);
        }
        let Some(env) = client.text("secretEnv").and_then(|said| said.text()) else { return Secret::Proposed };
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let default = format!("{}_CLIENT_SECRET", id.chars().map(upper).collect::<String>());
        let dexes =
            self.world.dexes.iter().filter(|dex| dex.client(id).is_some_and(|known| known.place == client.place));
        let seen: Vec<Seen> = dexes.map(|dex| dex.variable(self.world, &env)).collect();
        let from = seen.iter().find_map(|seen| seen.said()?.from.clone());
        match from {
            Some(key) => {
                Secret::Reference { app: (key.name, key.key), dex: None, env: (env != default).then_some(env) }
            }
            // It may come from where the tree does not show it; a second one would stand beside it.
            None if !seen.iter().all(Seen::is_absent) => Secret::Variable(env),
            None => Secret::Proposed,
        }
    }

    /// A secret that stands there as text.
    fn clear(&self, said: &Said) -> Secret {
        let text = said.text().unwrap_or_default();
        let at = self.place(&said.place);
        let is_filled_in = placeholders::is_held(&text) || text.contains("${") && text.ends_with('}');
        if is_filled_in { Secret::FilledIn { text, at } } else { Secret::Clear(at) }
    }

    /// The Secret that an app's client could come from: its name and key.
    fn proposed(&self, client: &Client) -> (String, String) {
        let known = self.world.profiles.iter().find(|profile| Some(&profile.name) == client.app.as_ref());
        let known = known.and_then(|profile| profile.client.as_ref());
        let named = known.and_then(|known| known.secret_name.clone());
        let keys = known.map(|known| known.secret_keys.clone()).unwrap_or_default();
        let name = || format!("{}-oidc", placeholders::plain(&client.id).to_ascii_lowercase());
        (named.unwrap_or_else(name), keys.client_secret)
    }

    /// Scopes that `clients[].scopes` has to say: those that are not the default ones.
    fn scopes(&self, consumer: &Consumer<'_>) -> Vec<String> {
        let Some((words, Some(_))) = consumer.scopes() else { return Vec::new() };
        let mut known: Vec<&str> = words.iter().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let is_default = DEFAULT_SCOPES.iter().all(|scope| known.contains(scope))
            && known.iter().all(|scope| DEFAULT_SCOPES.contains(scope) || *scope == "groups");
        if is_default {
            return Vec::new();
        }
        let mut ordered: Vec<String> = Vec::new();
        let first = words.iter().filter(|word| *word == "openid");
        for word in first.chain(words.iter()) {
            if !ordered.contains(word) {
                ordered.push(word.clone());
            }
        }
        ordered
    }

    /// An app that is here, and signs nobody in yet.
    fn unwired(&self, profile: &Profile, dex: Option<&Dex<'_>>) -> Option<Client> {
        let objects = &self.manifests.objects;
        let component = profile.components.first();
        let is_it = |index: &usize| component.is_some_and(|component| is_component(&objects[*index], component));
        let rendered = self.world.pods().iter().copied().filter(is_it).map(|index| {
            let id = &objects[index].id;
            let at = self.place(&Place::object(index));
            Candidate { at, anchors: vec![index], namespace: id.namespace.clone(), release: None, values: None }
        });
        let mut found: Vec<Candidate> = rendered.collect();
        if found.is_empty() {
            let chart = profile.chart.as_ref();
            let is_it = |values: &Values| {
                let name = &values.release.chart;
                chart
                    .is_some_and(|chart| chart.names().any(|known| known == name) || chart.umbrellas.contains_key(name))
            };
            let values = self.world.values_of(profile).into_iter().filter(is_it);
            found.extend(values.filter_map(|values| self.candidate(values)));
        }
        // What several sources say of one release is one.
        found.dedup_by(|a, b| a.at == b.at && a.namespace == b.namespace);
        let first = found.first()?;
        let id = profile.client.as_ref().map(|client| client.id.clone()).unwrap_or_default();
        let registered = dex.and_then(|dex| dex.client(&id));
        let in_values = || first.values.as_ref().and_then(|values| self.host_in_values(profile, values));
        let url =
            in_values().or_else(|| self.route_to(&first.anchors)).or_else(|| self.host_at_dex(profile, registered));
        let client = self.registered(registered, &id, &derived(profile, url.as_ref()));
        let mut client = Client {
            app: Some(profile.name.clone()),
            title: profile.title.clone(),
            id,
            at: first.at.clone(),
            url,
            ..client
        };
        self.name_login_source(profile, &mut client);
        client.secret = match (client.secret, first.values.as_ref().and_then(|values| self.standing(profile, values))) {
            _ if profile.client.as_ref().is_some_and(|known| !known.confidential) => Secret::Public,
            // Dex has it, and the app would not: it takes one that both are given.
            (Secret::Variable(_), None) => Secret::Proposed,
            (Secret::Variable(env), Some(_)) => Secret::Variable(env),
            (Secret::Clear(_) | Secret::FilledIn { .. } | Secret::Proposed, Some(app)) => {
                Secret::Reference { app, dex: None, env: None }
            }
            (secret, _) => secret,
        };
        let differ = |of: fn(&Candidate) -> Option<&String>| {
            of(first).is_some() && found.iter().skip(1).all(|other| of(other).is_some_and(|o| Some(o) != of(first)))
        };
        if found.len() > 1 {
            client.several = found.iter().skip(1).map(|other| other.at.clone()).collect();
            match () {
                () if differ(|found| found.namespace.as_ref()) => client.namespace.clone_from(&first.namespace),
                () if differ(|found| found.release.as_ref()) => client.release.clone_from(&first.release),
                () => {}
            }
        }
        Some(client)
    }

    /// The Secret that the app's values name already.
    fn standing(&self, profile: &Profile, values: &Values) -> Option<(String, String)> {
        let said = |from: ValueFrom| {
            let setting = profile.settings.iter().find(|setting| setting.from == Some(from))?;
            let seen = values.get(self.world, setting.values.as_ref()?);
            seen.literal().filter(|text| !text.is_empty())
        };
        let text = |pointer: &str| values.get(self.world, pointer).literal().filter(|text| !text.is_empty());
        if let Some(made) = profile.chart.as_ref().and_then(|chart| chart.oidc_secret.as_ref())
            && values.get(self.world, &made.external_at).said().is_some_and(|said| said.is_on())
        {
            let setting = profile.settings.iter().find(|setting| setting.from == Some(ValueFrom::ClientSecret))?;
            return Some((text(&made.external_name_at)?, setting.chart_env.clone()?));
        }
        let key = || profile.client.as_ref().map(|client| client.secret_keys.client_secret.clone());
        Some((said(ValueFrom::ClientSecretName)?, said(ValueFrom::ClientSecretKey).or_else(key)?))
    }

    /// A release of the app's chart, unless it is a part of an umbrella chart that is turned off, or not spoken of.
    fn candidate(&self, values: Values) -> Option<Candidate> {
        let release = &values.release;
        let stands =
            |source: &Place| self.world.texts.at(&source.under(&values.prefix)).is_some_and(|part| part.is_object());
        let is_part = !values.prefix.is_empty();
        let is_off = values.get(self.world, "/enabled").literal().as_deref() == Some("false");
        if is_part && (is_off || release.prefix.is_empty() && !release.sources.iter().any(stands)) {
            return None;
        }
        let sources = release.sources.iter().map(|source| source.object);
        Some(Candidate {
            at: self.place(&Place::object(release.object)),
            anchors: std::iter::once(release.object).chain(sources).collect(),
            namespace: release.namespace.clone(),
            release: release.name.clone(),
            values: Some(values),
        })
    }

    /// Clients that Dex knows and no app here is.
    fn others(&self, dex: Option<&Dex<'_>>, known: &[Client]) -> Vec<Client> {
        let ids: Vec<String> = known
            .iter()
            .filter_map(|client| {
                let default = || {
                    let profile =
                        self.world.profiles.iter().find(|profile| Some(&profile.name) == client.app.as_ref())?;
                    Some(profile.client.as_ref()?.id.clone())
                };
                client.client_id.clone().or_else(default)
            })
            .collect();
        let clients = dex.into_iter().flat_map(|dex| &dex.clients);
        clients
            .filter_map(|client| {
                let id = client.id.as_ref().filter(|id| !ids.contains(id))?;
                let found = self.registered(Some(client), id, &[]);
                let at = self.place(&client.place);
                Some(Client {
                    title: id.clone(),
                    id: id.clone(),
                    client_id: Some(id.clone()),
                    at,
                    is_wired: true,
                    ..found
                })
            })
            .collect()
    }
}
