//! # What must hold
//! An Ingress that asks cert-manager for a certificate says for which hosts.
//!
//! # Why
//! cert-manager makes a certificate for what stands under `tls`. Without it the annotation does nothing, and the host is served with the
//! controller's own certificate, which no client trusts. An Ingress without the annotation may have its certificate from elsewhere.
//!
//! # Broken
//! ```yaml
//! kind: Ingress
//! metadata: {annotations: {cert-manager.io/cluster-issuer: lab-ca}}
//! spec: {rules: [{host: dex.lab.example}]}
//! ```
//!
//! # Fixed
//! ```yaml
//! spec:
//!   rules: [{host: dex.lab.example}]
//!   tls: [{hosts: [dex.lab.example], secretName: dex-tls}]
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, codes};
use crate::model::RouteKind;

pub(super) const RULE: Rule = Rule { code: &codes::HOST_HAS_TLS, ids: &["N01"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let is_https = |url: &String| url.starts_with("https://");
    let issuers = world.dexes.iter().filter_map(|dex| dex.issuer_text());
    let urls = world.consumers.iter().filter_map(|consumer| Some(consumer.url()?.0));
    let hosts: Vec<String> = issuers.chain(urls).filter(is_https).filter_map(|url| host_of(&url)).collect();
    let mut found = Vec::new();
    for route in &world.routes {
        let is_asked = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"]
            .iter()
            .any(|key| route.annotations.get(*key).is_some());
        let is_plain =
            route.tls.is_none() && matches!(route.kind, RouteKind::Ingress) && !world.is_patched(route.place.object);
        if is_asked && is_plain && hosts.iter().any(|host| route.takes(host)) {
            let message = format!(
                "`tls` must have {}, for which the annotation asks cert-manager; it makes no certificate without it",
                route.host
            );
            found.push(world.finding(&codes::HOST_HAS_TLS, message, &route.place));
        }
    }
    found
}
