//! # What must hold
//! A client secret has no white space around it.
//!
//! # Why
//! `echo secret | base64` encodes a line break too. One end trims it and the other does not, and the login ends in
//! `invalid_client` though both look the same.
//!
//! # Broken
//! ```yaml
//! data: {client-secret: c2VjcmV0Cg==}       # "secret" and a line break
//! ```
//!
//! # Fixed
//! ```yaml
//! data: {client-secret: c2VjcmV0}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::Seen;

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_CLEAN, ids: &["C10"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut ends = Vec::new();
    for consumer in &world.consumers {
        if let (Some((id, _)), Some(said)) = (consumer.client_id(), consumer.secret()) {
            ends.push((id, said.clone()));
        }
    }
    for dex in &world.dexes {
        for client in &dex.clients {
            if let Seen::Is(said) = dex.secret_of(world, client) {
                ends.push((client.title(), said));
            }
        }
    }
    let is_wrapped = |text: &String| !text.is_empty() && text.trim() != text;
    let wrapped = ends.into_iter().filter(|(_, said)| said.text().as_ref().is_some_and(is_wrapped));
    wrapped
        .map(|(id, said)| {
            let whose = said.from.as_ref().map_or(String::new(), |key| format!(" in key {} of Secret {}", key.key, key.name));
            let message = format!(
                "the secret of client \"{id}\"{whose} must have no white space around it; encode it without a line break (`printf %s`)"
            );
            world.finding(&codes::CLIENT_SECRET_IS_CLEAN, message, &said.place)
        })
        .collect()
}
