//! # What must hold
//! A client secret comes from a Secret by reference.
//!
//! # Why
//! In clear text everybody who may read the repository, or the ConfigMap, can sign in as the app
//! (failures: plain text in values is what most tutorials show).
//!
//! # Broken
//! ```yaml
//! secret: {value: dex-oidc-secret}
//! ```
//!
//! # Fixed
//! ```yaml
//! secret:
//!   secretKeyRef: {name: headlamp-oidc, key: client-secret}
//! ```

use super::{Review, Rule};
use crate::config::ClientSecret;
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_A_REFERENCE, check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let in_clear = review.config.clients.iter().filter(|client| matches!(client.secret, ClientSecret::Value(_)));
    in_clear
        .map(|client| {
            let message = format!(
                "the secret of client \"{}\" must come from a Secret: `secret.value` is in clear text in the document and at both ends; use `secret.secretKeyRef`",
                client.id
            );
            Finding::new(&codes::CLIENT_SECRET_IS_A_REFERENCE, message)
        })
        .collect()
}
