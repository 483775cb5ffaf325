//! # What must hold
//! A client that asks for tokens for another one is among the `trustedPeers` of that other one.
//!
//! # Why
//! Dex refuses the scope `audience:server:client_id:ID` otherwise: `Client can't request scope(s)`.
//!
//! # Broken
//! ```yaml
//! - {id: kubernetes, name: Kubernetes, public: true}
//! ```
//!
//! # Fixed
//! ```yaml
//! - {id: kubernetes, name: Kubernetes, public: true, trustedPeers: [headlamp]}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::Dex;

pub(super) const RULE: Rule = Rule { code: &codes::PEER_IS_TRUSTED, ids: &["S04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let (Some((id, _)), Some((scopes, Some(said)))) = (consumer.client_id(), consumer.scopes()) else { continue };
        let dexes = world.dexes_for(consumer);
        for peer in scopes.iter().filter_map(|scope| scope.strip_prefix("audience:server:client_id:")) {
            let trusts = |dex: &&Dex<'_>| match dex.client(peer) {
                Some(client) => client.list("trustedPeers").iter().any(|known| known.value == id.as_str()),
                None => dex.is_partial || dex.clients.iter().any(|client| client.id.is_none()),
            };
            if peer == id || dexes.is_empty() || dexes.iter().any(trusts) {
                continue;
            }
            let message = format!(
                "client \"{peer}\" must have \"{id}\" among its `trustedPeers`, for {} to ask for tokens for it",
                consumer.profile.title
            );
            let finding = world.finding(&codes::PEER_IS_TRUSTED, message, &said.place);
            let client = dexes.iter().find_map(|dex| dex.client(peer));
            found.push(match client {
                Some(client) => world.against(finding, &client.name_place(), "that client is here"),
                None => finding,
            });
        }
    }
    found
}
