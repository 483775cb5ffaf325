//! # What must hold
//! A client that is registered in Dex has an app that uses it.
//!
//! # Why
//! A client that nothing uses any more is a secret that nobody looks after. Its app may be in another package, so this is
//! only said.
//!
//! # Broken
//! ```yaml
//! staticClients:
//! - id: old-dashboard       # removed last year
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients: []
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_IS_USED, ids: &["C02"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        let Some(issuer) = dex.issuer_text() else { continue };
        let used: Vec<String> = world
            .consumers
            .iter()
            .filter(|consumer| {
                consumer.issuer().is_some_and(|(told, _)| told.trim_end_matches('/') == issuer.trim_end_matches('/'))
            })
            .filter_map(|consumer| Some(consumer.client_id()?.0))
            .collect();
        // Where no app of this Dex is in the input, none can be missed.
        if used.is_empty() {
            continue;
        }
        let named =
            |id: &&str| review.documents.iter().flat_map(|config| &config.clients).any(|client| client.id == **id);
        let unused = dex.clients.iter().filter(|client| !client.is_public()).filter_map(|client| client.id.as_deref());
        let unused: Vec<&str> = unused.filter(|id| !used.iter().any(|used| used == id) && !named(id)).collect();
        if let Some(first) = unused.first().and_then(|id| dex.client(id)) {
            let message = format!(
                "the clients of Dex must have apps that use them; none in the input is told {}",
                unused.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
            );
            found.push(world.finding(&codes::CLIENT_IS_USED, message, &first.name_place()));
        }
    }
    found
}
