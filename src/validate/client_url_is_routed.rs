//! # What must hold
//! Something routes the address of each client of the document.
//!
//! # Why
//! People open the app there, and Dex sends them back there. The route may be in another package, so this is only said.
//!
//! # Broken
//! ```yaml
//! clients: [{app: headlamp, url: https://headlamp.lab.example}]
//! ---
//! kind: Ingress
//! spec: {rules: [{host: headlamp.example}]}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Ingress
//! spec: {rules: [{host: headlamp.lab.example}]}
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_URL_IS_ROUTED, ids: &[], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    // Where the input holds no routes at all, they are elsewhere.
    if review.is_run || world.routes.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for client in review.documents.iter().flat_map(|config| &config.clients) {
        let Some(url) = client.url.as_ref().filter(|url| !crate::model::is_template(url)) else { continue };
        let Some(host) = host_of(url) else { continue };
        // Its app is here; what is not is not missed.
        let is_here =
            world.consumers.iter().any(|consumer| consumer.client_id().is_some_and(|(id, _)| id == client.id));
        if is_here && !crate::model::compare::is_loopback(url) && !world.routes.iter().any(|route| route.takes(&host)) {
            let message =
                format!("something must route {host}, the host of client \"{}\"; nothing in the input does", client.id);
            found.push(Finding::new(&codes::CLIENT_URL_IS_ROUTED, message).severity(Severity::Info));
        }
    }
    found
}
