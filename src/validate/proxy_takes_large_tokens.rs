//! # What must hold
//! nginx before Headlamp takes the large headers that tokens make.
//!
//! # Why
//! A token with many groups does not fit into nginx's buffers, and the login ends in `502 Bad Gateway` (Headlamp's documentation of
//! OIDC). It depends on the token, so this is only said.
//!
//! # Broken
//! ```yaml
//! kind: Ingress
//! spec: {ingressClassName: nginx}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Ingress
//! metadata: {annotations: {nginx.ingress.kubernetes.io/proxy-buffer-size: 32k}}
//! spec: {ingressClassName: nginx}
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, codes};
use crate::model::RouteKind;

pub(super) const RULE: Rule = Rule { code: &codes::PROXY_TAKES_LARGE_TOKENS, ids: &["N02"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| !review.is_run && consumer.profile.name == "headlamp") {
        let Some(host) = consumer.url().and_then(|(url, _)| host_of(&url)) else { continue };
        for route in world.routes.iter().filter(|route| route.takes(&host) && route.kind == RouteKind::Ingress) {
            let object = &world.texts.objects()[route.place.object];
            let class =
                object.text("/spec/ingressClassName").or_else(|| object.annotation("kubernetes.io/ingress.class"));
            let has_room = ["proxy-buffer-size", "server-snippet", "configuration-snippet"]
                .iter()
                .any(|key| route.annotations.get(format!("nginx.ingress.kubernetes.io/{key}")).is_some());
            if class.is_some_and(|class| class.contains("nginx")) && !has_room && !world.is_patched(route.place.object)
            {
                let message = "nginx must take the headers that large tokens make: `nginx.ingress.kubernetes.io/proxy-buffer-size: 32k`, unless the controller is set so";
                found.push(world.finding(&codes::PROXY_TAKES_LARGE_TOKENS, message, &route.place));
            }
        }
    }
    found
}
