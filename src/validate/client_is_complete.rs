//! # What must hold
//! A static client has a `name`, one of `id` and `idEnv`, and, unless it is `public`, one of `secret` and `secretEnv`.
//!
//! # Why
//! Dex checks this when it starts, and does not start: `Name field is required for a client`, `Secret or SecretEnv field is
//! required for client` (dexidp/dex cmd/dex/serve.go; argoproj/argo-cd#3519).
//!
//! # Broken
//! ```yaml
//! staticClients:
//! - {id: grafana, secretEnv: GRAFANA_CLIENT_SECRET}
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: GRAFANA_CLIENT_SECRET}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::DexClient;

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_IS_COMPLETE, ids: &["C04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for client in world.dexes.iter().flat_map(|dex| &dex.clients).filter(|client| client.value.is_object()) {
        for reason in reasons(client) {
            let message = format!("client \"{}\" must {reason}; Dex does not start otherwise", client.title());
            found.push(world.finding(&codes::CLIENT_IS_COMPLETE, message, &client.name_place()));
        }
    }
    found
}

fn reasons(client: &DexClient) -> Vec<&'static str> {
    let has = |name: &str| client.text(name).is_some();
    let mut found = Vec::new();
    if !has("name") {
        found.push("have a `name`");
    }
    match (has("id"), has("idEnv")) {
        (false, false) => found.push("have an `id`, or an `idEnv`"),
        (true, true) => found.push("have one of `id` and `idEnv`, not both"),
        _ => {}
    }
    match (has("secret"), has("secretEnv")) {
        (true, true) => found.push("have one of `secret` and `secretEnv`, not both"),
        (false, false) if !client.is_public() => found.push("have a `secret` or a `secretEnv`, or be `public: true`"),
        _ => {}
    }
    found
}
