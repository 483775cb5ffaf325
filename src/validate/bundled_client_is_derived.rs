//! # What must hold
//! The clients that Argo CD gives its own Dex (`argo-cd`, `argo-cd-cli`, `argo-cd-pkce`) are not registered again.
//!
//! # Why
//! Argo CD derives the secret of `argo-cd` from its own key and appends `staticClients` behind it. An entry of the same id
//! takes its place, with another secret, and Argo CD's own login ends in `invalid_client` (argoproj/argo-cd#17088).
//!
//! # Broken
//! ```yaml
//! dex.config: |
//!   staticClients:
//!   - {id: argo-cd, name: Argo CD, secret: $dex.secret, redirectURIs: [https://argocd.lab.example/auth/callback]}
//! ```
//!
//! # Fixed
//! ```yaml
//! dex.config: |
//!   staticClients: []
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::BUNDLED_CLIENT_IS_DERIVED, ids: &["C16", "C03"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in world.dexes.iter().filter(|dex| dex.bundled_in.is_some()) {
        let reserved = |id: &str| ["argo-cd", "argo-cd-cli", "argo-cd-pkce"].contains(&id);
        for client in dex.clients.iter().filter(|client| client.id.as_deref().is_some_and(reserved)) {
            let message = format!(
                "client \"{}\" must be left to Argo CD, which makes it with a secret of its own; take the entry out of `dex.config`",
                client.title()
            );
            found.push(world.finding(&codes::BUNDLED_CLIENT_IS_DERIVED, message, &client.name_place()));
        }
    }
    found
}
