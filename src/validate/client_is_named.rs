//! # What must hold
//! A client that is registered in the document's Dex is one that the document names.
//!
//! # Why
//! A client that leaves the document stays in Dex: private-sso removes nothing. Somebody else may have put it there, so this is only
//! said.
//!
//! # Broken
//! ```yaml
//! clients: [{app: headlamp, url: https://headlamp.lab.example}]      # Dex has grafana too
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:
//! - id: headlamp
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_IS_NAMED, ids: &[], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for config in review.documents.iter().filter(|config| !review.is_run && !config.clients.is_empty()) {
        for dex in world.dexes.iter().filter(|dex| dex.issuer_text().as_deref() == Some(config.issuer.as_str())) {
            // Another document of the same Dex may name it.
            let is_named = |id: &str| {
                review
                    .documents
                    .iter()
                    .filter(|other| other.issuer == config.issuer)
                    .flat_map(|other| &other.clients)
                    .any(|client| client.id == id)
            };
            for client in &dex.clients {
                let Some(id) = client.id.as_deref().filter(|id| !is_named(id)) else { continue };
                let message = format!(
                    "client \"{id}\" must be named by the document, or go: it is registered in Dex, and the document says nothing of it"
                );
                found.push(world.finding(&codes::CLIENT_IS_NAMED, message, &client.name_place()));
            }
        }
    }
    found
}
