//! # What must hold
//! A client id is registered once in a Dex.
//!
//! # Why
//! Of two entries with one id the last one counts, silently; the redirect URIs and the secret of the other are gone.
//!
//! # Broken
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: A, redirectURIs: [https://grafana.lab.example/login/generic_oauth]}
//! - {id: grafana, name: Grafana dev, secretEnv: B, redirectURIs: [https://grafana.dev.example/login/generic_oauth]}
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: A, redirectURIs: [https://grafana.lab.example/login/generic_oauth]}
//! - {id: grafana-dev, name: Grafana dev, secretEnv: B, redirectURIs: [https://grafana.dev.example/login/generic_oauth]}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_ID_IS_UNIQUE, ids: &["C03"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        for (index, client) in dex.clients.iter().enumerate() {
            let Some(id) = &client.id else { continue };
            let Some(first) = dex.clients.iter().take(index).find(|known| known.id.as_ref() == Some(id)) else {
                continue;
            };
            let message = format!("client \"{id}\" must be registered once; of several the last one counts, silently");
            let finding = world.finding(&codes::CLIENT_ID_IS_UNIQUE, message, &client.name_place());
            // A run has wired the one that counts.
            let finding = if review.is_run { finding.severity(Severity::Warning) } else { finding };
            found.push(world.against(finding, &first.name_place(), "the other one is here"));
        }
    }
    found
}
