//! Apps that are here, wired or not, and clients that Dex knows.

use super::{Client, Fact, Secret, Surveyor};
use crate::app::profile::Profile;
use crate::app::recognise::is_component;
use crate::krm::Place;
use crate::model::{Consumer, Dex, DexClient, Seen};
use crate::patch::token;

/// What `clients[].scopes` is where nothing is said.
const DEFAULT_SCOPES: &[&str] = &["openid", "profile", "email"];

impl Surveyor<'_> {
    pub(super) fn clients(&self, dex: Option<&Dex<'_>>, issuer: Option<&str>, open: &mut Vec<String>) -> Vec<Client> {
        let mut found: Vec<Client> = Vec::new();
        for consumer in &self.world.consumers {
            let asked = consumer.issuer().map(|(issuer, _)| issuer);
            if let (Some(asked), Some(issuer)) = (&asked, issuer)
                && asked != issuer
            {
                let at = self.place(&consumer.anchor);
                open.push(format!("{} ({at}) signs people in at {asked}.", consumer.profile.title));
                continue;
            }
            let client = self.wired(consumer, dex);
            if !found.iter().any(|known| known.app == client.app && known.namespace == client.namespace) {
                found.push(client);
            }
        }
        for profile in self.world.profiles.iter().filter(|profile| profile.client.is_some()) {
            if !found.iter().any(|known| known.app.as_ref() == Some(&profile.name)) {
                found.extend(self.unwired(profile));
            }
        }
        // Only where an app is here several times does its namespace have to be said.
        let apps: Vec<Option<String>> = found.iter().map(|client| client.app.clone()).collect();
        for client in &mut found {
            if apps.iter().filter(|app| **app == client.app).count() == 1 {
                client.namespace = None;
            }
        }
        found.extend(self.others(dex, &found));
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
        let address = url.as_ref().map(|fact| fact.value.trim_end_matches('/').to_owned()).unwrap_or_default();
        let derived: Vec<String> = known
            .into_iter()
            .flat_map(|client| &client.redirect_paths)
            .map(|path| format!("{address}{path}"))
            .collect();
        let mut client = Client {
            app: Some(profile.name.clone()),
            title: profile.title.clone(),
            at: self.place(&consumer.anchor),
            id: id.clone(),
            client_id: (id != default_id).then(|| id.clone()),
            namespace: consumer.namespace.clone(),
            url: url.or_else(|| self.host_of(consumer)),
            scopes: self.scopes(consumer),
            is_wired: true,
            ..self.registered(registered, &id, &derived)
        };
        let app = consumer.secret();
        let from = |name: &String, key: &String| (name.clone(), key.clone());
        let of_app = app.and_then(|said| said.from.as_ref()).map(|key| from(&key.name, &key.key));
        client.secret = match (client.secret.clone(), of_app, app) {
            (Secret::Public, _, _) => Secret::Public,
            (Secret::Reference { app: dex, env, .. }, Some(own), _) => {
                Secret::Reference { dex: (own != dex).then(|| dex.clone()), app: own, env }
            }
            (Secret::Clear(_) | Secret::Proposed, Some(app), _) => Secret::Reference { app, dex: None, env: None },
            (Secret::Clear(at), None, _) => Secret::Clear(at),
            (_, None, Some(said)) => Secret::Clear(self.place(&said.place)),
            (secret, None, None) => secret,
        };
        client
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
            return Secret::Clear(self.place(&said.place));
        }
        let Some(env) = client.text("secretEnv").and_then(|said| said.text()) else { return Secret::Proposed };
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let default = format!("{}_CLIENT_SECRET", id.chars().map(upper).collect::<String>());
        let dexes =
            self.world.dexes.iter().filter(|dex| dex.client(id).is_some_and(|known| known.place == client.place));
        let from = dexes.map(|dex| dex.variable(self.world, &env)).find_map(|seen| match seen {
            Seen::Is(said) => said.from,
            _ => None,
        });
        let env = (env != default).then_some(env);
        match from {
            Some(key) => Secret::Reference { app: (key.name, key.key), dex: None, env },
            None => Secret::Proposed,
        }
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
    fn unwired(&self, profile: &Profile) -> Option<Client> {
        let objects = self.world.texts.objects();
        let component = profile.components.first();
        let rendered = component.and_then(|component| {
            self.world.pods().iter().copied().find(|index| is_component(&objects[*index], component))
        });
        let release = profile.chart.as_ref().and_then(|chart| {
            self.world.releases.iter().find(|release| chart.names().any(|name| name == release.chart))
        });
        let (at, anchors) = match (rendered, release) {
            (Some(index), _) => (Place::object(index), vec![index]),
            (None, Some(release)) => {
                let sources = release.sources.iter().map(|source| source.object);
                (Place::object(release.object), std::iter::once(release.object).chain(sources).collect())
            }
            (None, None) => return None,
        };
        Some(Client {
            app: Some(profile.name.clone()),
            title: profile.title.clone(),
            id: profile.client.as_ref().map(|client| client.id.clone()).unwrap_or_default(),
            at: self.place(&at),
            url: release.and_then(|release| self.host_in_values(profile, release)).or_else(|| self.route_to(&anchors)),
            ..Client::default()
        })
    }

    /// The host by which a chart yields the address.
    fn host_in_values(&self, profile: &Profile, release: &crate::carrier::Release) -> Option<Fact> {
        let setting = profile.settings.iter().find(|setting| setting.values_host.is_some())?;
        let prefix = if release.prefix.is_empty() { String::new() } else { format!("/{}", token(&release.prefix)) };
        let pointer = format!("{prefix}{}", setting.values_host.as_deref()?);
        let said = release.sources.iter().rev().find_map(|source| self.world.texts.said(source, &pointer))?;
        Some(Fact { value: format!("https://{}", said.literal()?), at: self.place(&said.place) })
    }

    fn host_of(&self, consumer: &Consumer<'_>) -> Option<Fact> {
        let mut anchors = vec![consumer.anchor.object];
        anchors.extend(consumer.container.iter().map(|container| container.object));
        self.route_to(&anchors)
    }

    /// The host that leads to one of these objects: by a chart's own Ingress, or by a Service of a workload's name.
    fn route_to(&self, anchors: &[usize]) -> Option<Fact> {
        let objects = self.world.texts.objects();
        let leads = |route: &&crate::model::Route| {
            anchors.iter().any(|anchor| {
                let (object, router) = (&objects[*anchor], &objects[route.place.object]);
                let is_beside = router.id.shares_namespace(object.id.namespace.as_deref());
                route.place.object == *anchor || is_beside && route.services.contains(&object.id.name)
            })
        };
        let route = self.world.routes.iter().filter(|route| !route.host.starts_with('*')).find(leads)?;
        Some(Fact { value: format!("https://{}", route.host), at: self.place(&route.place) })
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

impl Client {
    /// Whether nothing required is missing.
    pub fn is_complete(&self) -> bool {
        self.app.is_none() || self.url.is_some()
    }
}
