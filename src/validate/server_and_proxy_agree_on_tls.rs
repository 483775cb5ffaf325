//! # What must hold
//! Argo CD's server speaks plain http where the proxy before it ends TLS, or the proxy speaks TLS to it.
//!
//! # Why
//! The server answers plain http with a redirect to https. The proxy speaks http again, and the browser ends in
//! `ERR_TOO_MANY_REDIRECTS` (Argo CD's documentation of Ingress, argoproj/argo-cd#2953).
//!
//! # Broken
//! ```yaml
//! kind: Ingress                 # with tls, to the Service's port http
//! ---
//! kind: ConfigMap
//! metadata: {name: argocd-cmd-params-cm}
//! data: {}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: ConfigMap
//! metadata: {name: argocd-cmd-params-cm}
//! data: {server.insecure: "true"}
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, Object, codes};
use crate::model::{Consumer, Route, RouteKind, World};

pub(super) const RULE: Rule = Rule { code: &codes::SERVER_AND_PROXY_AGREE_ON_TLS, ids: &[], check };

/// Annotations by which a proxy is told to speak TLS, or to pass it through.
const SPEAKS_TLS: &[&str] = &["backend-protocol", "ssl-passthrough", "scheme", "serverstransport", "secure-backends"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in
        world.consumers.iter().filter(|consumer| consumer.profile.name == "argo-cd" && consumer.values.is_none())
    {
        let Some((url, _)) = consumer.url().filter(|(url, _)| url.starts_with("https://")) else { continue };
        let Some(host) = host_of(&url) else { continue };
        if may_be_insecure(world, consumer) {
            continue;
        }
        for route in world
            .routes
            .iter()
            .filter(|route| route.takes(&host) && route.kind == RouteKind::Ingress && route.tls.is_some())
        {
            let object = &world.texts.objects()[route.place.object];
            let annotations = route.annotations.as_object();
            let is_told =
                annotations.into_iter().flatten().any(|(key, _)| SPEAKS_TLS.iter().any(|sign| key.contains(sign)));
            if is_told || world.is_patched(route.place.object) || !goes_to_http(object, route) {
                continue;
            }
            let message = "Argo CD's server must speak plain http behind a proxy that ends TLS: `server.insecure: \"true\"` in argocd-cmd-params-cm; it redirects in a circle otherwise";
            found.push(world.finding(&codes::SERVER_AND_PROXY_AGREE_ON_TLS, message, &route.place));
        }
    }
    found
}

/// Whether the server speaks plain http, or what it speaks is not seen.
fn may_be_insecure(world: &World<'_>, consumer: &Consumer<'_>) -> bool {
    let Some(container) = consumer.container.as_ref().filter(|container| !container.is_partial) else { return true };
    let words = world.list(&container.args);
    let by_flag = words
        .iter()
        .any(|(word, _)| word.as_str().is_some_and(|word| word.trim_start_matches('-').starts_with("insecure")));
    let maps = world.named("ConfigMap", "argocd-cmd-params-cm", consumer.namespace.as_deref());
    // The variable comes from the ConfigMap, where it is optional.
    let has_own = world
        .list(&container.env)
        .iter()
        .any(|(entry, _)| entry["name"] == "ARGOCD_SERVER_INSECURE" && entry.get("value").is_some());
    by_flag
        || has_own
        || maps.is_empty()
        || maps.iter().any(|map| world.is_patched(*map))
        || world
            .argo_cd_parameter(consumer, "server.insecure")
            .is_some_and(|said| said.text().as_deref() != Some("false"))
}

/// Whether all backends of the host are at the port for plain http.
fn goes_to_http(object: &Object, route: &Route) -> bool {
    let rules = object.value.pointer("/spec/rules").and_then(Value::as_array);
    let own = rules
        .into_iter()
        .flatten()
        .filter(|rule| rule["host"].as_str().is_some_and(|host| host.eq_ignore_ascii_case(&route.host)));
    let paths: Vec<&Value> = own.filter_map(|rule| rule.pointer("/http/paths")?.as_array()).flatten().collect();
    let is_http = |path: &&Value| {
        let port = path.pointer("/backend/service/port");
        port.is_some_and(|port| port["number"] == 80 || port["name"] == "http")
    };
    !paths.is_empty() && paths.iter().all(is_http)
}
