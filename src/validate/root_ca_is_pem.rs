//! # What must hold
//! `rootCA` in Argo CD's `oidc.config` is a certificate in PEM.
//!
//! # Why
//! It takes the text itself, not a path. Of one that is no PEM Argo CD says so in its log only, and goes on without it:
//! `x509: certificate signed by unknown authority`.
//!
//! # Broken
//! ```yaml
//! rootCA: /etc/ssl/local-ca/ca.crt
//! ```
//!
//! # Fixed
//! ```yaml
//! rootCA: |
//!   -----BEGIN CERTIFICATE-----
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::ROOT_CA_IS_PEM, ids: &["T14"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let told = world.consumers.iter().filter(|consumer| consumer.profile.name == "argo-cd");
    let said = told.filter_map(|consumer| world.beside_issuer(consumer, "rootCA"));
    let is_other = |text: &String| !text.is_empty() && !text.contains("-----BEGIN ") && !text.starts_with('$');
    let wrong = said.filter(|said| said.literal().as_ref().is_some_and(is_other));
    let message = "`rootCA` must hold the certificate itself in PEM; Argo CD goes on without what is none";
    wrong.map(|said| world.finding(&codes::ROOT_CA_IS_PEM, message, &said.place)).collect()
}
