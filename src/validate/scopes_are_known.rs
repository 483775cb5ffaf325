//! # What must hold
//! An app asks Dex for scopes that Dex knows, `openid` among them.
//!
//! # Why
//! Dex refuses others: `invalid_scope ... Unrecognized scope(s) ["app_metadata"]` (minio/operator#579), and a request without
//! `openid` too: `Missing required scope(s) ["openid"]`.
//!
//! # Broken
//! ```yaml
//! requestedScopes: [profile, email, roles]
//! ```
//!
//! # Fixed
//! ```yaml
//! requestedScopes: [openid, profile, email, groups]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::SCOPES_ARE_KNOWN, ids: &["S02", "S03"], check };

/// dexidp/dex server/oauth2.go.
const KNOWN: &[&str] = &["openid", "profile", "email", "groups", "offline_access", "federated:id"];
const PEER: &str = "audience:server:client_id:";

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| !world.dexes_for(consumer).is_empty()) {
        let Some((scopes, Some(said))) = consumer.scopes() else { continue };
        let app = &consumer.profile.title;
        let is_known = |scope: &&String| KNOWN.contains(&scope.as_str()) || scope.starts_with(PEER);
        let unknown: Vec<String> =
            scopes.iter().filter(|scope| !is_known(scope)).map(|scope| format!("\"{scope}\"")).collect();
        if !unknown.is_empty() {
            let message = format!(
                "{app} must ask for scopes that Dex knows, {}; it asks for {}",
                KNOWN.join(", "),
                unknown.join(", ")
            );
            found.push(world.finding(&codes::SCOPES_ARE_KNOWN, message, &said.place));
        }
        if !scopes.is_empty() && !scopes.iter().any(|scope| scope == "openid") {
            let message = format!("{app} must ask for the scope openid; Dex refuses a request without it");
            found.push(world.finding(&codes::SCOPES_ARE_KNOWN, message, &said.place));
        }
    }
    found
}
