//! # What must hold
//! A registered redirect URI is one address, without wildcards.
//!
//! # Why
//! Dex compares the strings. A `*` is a star, and never matches anything else.
//!
//! # Broken
//! ```yaml
//! redirectURIs: [https://*.lab.example/oauth2/callback]
//! ```
//!
//! # Fixed
//! ```yaml
//! redirectURIs: [https://grafana.lab.example/oauth2/callback, https://longhorn.lab.example/oauth2/callback]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::REDIRECT_URI_IS_LITERAL, ids: &["R06"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for client in world.dexes.iter().flat_map(|dex| &dex.clients) {
        for said in client.list("redirectURIs") {
            let Some(text) = said.literal().filter(|text| text.contains('*')) else { continue };
            let message = format!(
                "a redirect URI of client \"{}\" must be one address; Dex never matches the star in \"{text}\"",
                client.title()
            );
            found.push(world.finding(&codes::REDIRECT_URI_IS_LITERAL, message, &said.place));
        }
    }
    found
}
