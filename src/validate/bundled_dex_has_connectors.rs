//! # What must hold
//! The Dex that Argo CD runs itself has a connector.
//!
//! # Why
//! Argo CD starts it for its connectors alone, and takes a `dex.config` without any for malformed
//! (argoproj/argo-cd util/dex/config.go).
//!
//! # Broken
//! ```yaml
//! dex.config: |
//!   staticClients:
//!   - {id: workflows, name: Workflows, secret: $workflows-oidc:client-secret, redirectURIs: [https://workflows.lab.example/oauth2/callback]}
//! ```
//!
//! # Fixed
//! ```yaml
//! dex.config: |
//!   connectors:
//!   - {type: github, id: github, name: GitHub, config: {clientID: x, clientSecret: $github:client-secret}}
//!   staticClients: []
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::BUNDLED_DEX_HAS_CONNECTORS, ids: &["A04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let bare = world.dexes.iter().filter(|dex| dex.bundled_in.is_some() && dex.connectors.is_empty());
    // A list that is a template may become one.
    let bare = bare.filter(|dex| dex.field("connectors").is_none_or(|said| said.value.is_array()));
    let message =
        "`dex.config` must have connectors: Argo CD takes one without any for malformed, and does not start its Dex";
    bare.map(|dex| world.finding(&codes::BUNDLED_DEX_HAS_CONNECTORS, message, &dex.place)).collect()
}
