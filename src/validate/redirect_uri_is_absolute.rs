//! # What must hold
//! A registered redirect URI is absolute.
//!
//! # Why
//! A relative one works only for an app that sends it so, and that is on the issuer's own host.
//!
//! # Broken
//! ```yaml
//! redirectURIs: [/oauth2/callback]
//! ```
//!
//! # Fixed
//! ```yaml
//! redirectURIs: [https://kubeflow.lab.example/oauth2/callback]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::REDIRECT_URI_IS_ABSOLUTE, ids: &["R05"], check };

/// What Dex itself registers for the device flow (dexidp/dex server/deviceflow.go).
const OF_DEX: &[&str] = &["/device/callback", "urn:ietf:wg:oauth:2.0:oob"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for client in world.dexes.iter().flat_map(|dex| &dex.clients) {
        for said in client.list("redirectURIs") {
            let is_relative =
                |text: &String| !text.contains("://") && !OF_DEX.iter().any(|known| text.ends_with(known));
            let Some(text) = said.literal().filter(is_relative) else { continue };
            let message = format!(
                "the redirect URI \"{text}\" of client \"{}\" must be absolute, unless its app sends it so",
                client.title()
            );
            found.push(world.finding(&codes::REDIRECT_URI_IS_ABSOLUTE, message, &said.place));
        }
    }
    found
}
