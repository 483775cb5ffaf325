//! The address of an app: the host that leads to it, wherever one is written.

use super::{Client, Fact, Surveyor};
use crate::app::profile::{Profile, ValueFrom};
use crate::model::{Consumer, DexClient, Route, RouteKind, Values};

/// Where charts keep the hosts of a route of the Gateway API.
const ROUTES: &[(&str, &str)] =
    &[("/httpRoute/enabled", "/httpRoute/hostnames/0"), ("/route/main/enabled", "/route/main/hostnames/0")];

impl Surveyor<'_> {
    pub(super) fn host_of(&self, consumer: &Consumer<'_>) -> Option<Fact> {
        let mut anchors = vec![consumer.anchor.object];
        anchors.extend(consumer.container.iter().map(|container| container.object));
        let in_values = consumer.values.as_ref().and_then(|values| self.host_in_values(consumer.profile, values));
        in_values.or_else(|| self.route_to(&anchors))
    }

    /// The host by which a chart yields the address, or that its own route has.
    pub(super) fn host_in_values(&self, profile: &Profile, values: &Values) -> Option<Fact> {
        let own = profile.settings.iter().filter_map(|setting| match setting.from {
            Some(ValueFrom::UrlHost | ValueFrom::UrlHostname) => setting.values.as_deref(),
            _ => setting.values_host.as_deref(),
        });
        let of_routes = ROUTES
            .iter()
            .filter(|(enabled, _)| values.get(self.world, enabled).said().is_some_and(|said| said.is_on()));
        own.chain(of_routes.map(|(_, host)| *host)).find_map(|pointer| {
            let seen = values.get(self.world, pointer);
            let said = seen.said()?;
            let host = said.literal().filter(|host| !host.is_empty())?;
            Some(Fact { value: format!("https://{host}"), at: self.place(&said.place) })
        })
    }

    /// The host that leads to one of these objects: by a chart's own Ingress, or by a Service of a workload's name. Of
    /// several the one that takes all paths and lies nearest.
    pub(super) fn route_to(&self, anchors: &[usize]) -> Option<Fact> {
        let objects = self.manifests.objects.as_slice();
        let leads = |route: &&Route| {
            anchors.iter().any(|anchor| {
                let (object, router) = (&objects[*anchor], &objects[route.place.object]);
                let is_beside = router.id.shares_namespace(object.id.namespace.as_deref());
                // A file of values has no name of its own.
                let is_named = !object.id.name.is_empty() && route.services.contains(&object.id.name);
                route.place.object == *anchor || is_beside && is_named
            })
        };
        let routes = self.world.routes.iter();
        let routes: Vec<&Route> = routes.filter(|route| !route.host.starts_with('*')).filter(leads).collect();
        let nearest = anchors
            .iter()
            .map(|anchor| self.world.nearest(routes.iter().map(|route| route.place.object).collect(), *anchor));
        let nearest: Vec<usize> = nearest.flatten().collect();
        let route = routes.iter().min_by_key(|route| {
            let is_near = route.kind == RouteKind::Chart || nearest.contains(&route.place.object);
            (!is_near, route.paths.iter().any(|path| path != "/"))
        })?;
        Some(Fact { value: format!("https://{}", route.host), at: self.place(&route.place) })
    }

    /// The address of which Dex has the redirect URI, where it is one.
    pub(super) fn host_at_dex(&self, profile: &Profile, client: Option<&DexClient>) -> Option<Fact> {
        let paths: Vec<&String> =
            profile.client.as_ref()?.redirect_paths.iter().filter(|path| path.len() > 1).collect();
        let mut found: Vec<Fact> = Vec::new();
        for said in client?.list("redirectURIs") {
            let Some(uri) = said.literal().filter(|uri| uri.contains("://")) else { continue };
            let base = paths.iter().find_map(|path| uri.strip_suffix(path.as_str()));
            let fact = base.map(|base| Fact { value: base.to_owned(), at: self.place(&said.place) });
            found.extend(fact.filter(|fact| found.iter().all(|known| known.value != fact.value)));
        }
        match found.len() {
            1 => found.pop(),
            _ => None,
        }
    }
}

impl Client {
    /// Whether nothing required is missing, and one app is meant.
    pub fn is_complete(&self) -> bool {
        let is_told_apart = self.several.is_empty() || self.namespace.is_some() || self.release.is_some();
        (self.app.is_none() || self.url.is_some()) && is_told_apart && self.shared_with.is_none()
    }
}
