//! # What must hold
//! Headlamp behind an Ingress with TLS is told its callback URL.
//!
//! # Why
//! It makes the URL of the request otherwise, and behind a proxy that ends TLS and sends no `X-Forwarded-Proto` that is an
//! `http` one, which Dex refuses as unregistered (kubernetes-sigs/headlamp#430).
//!
//! # Broken
//! ```yaml
//! config: {oidc: {clientID: headlamp, issuerURL: https://dex.lab.example}}
//! ```
//!
//! # Fixed
//! ```yaml
//! config: {oidc: {clientID: headlamp, issuerURL: https://dex.lab.example, callbackURL: https://headlamp.lab.example/oidc-callback}}
//! ```

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CALLBACK_URL_IS_EXPLICIT, ids: &["R07"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.name == "headlamp") {
        let Some((_, said)) = consumer.client_id().filter(|_| consumer.lacks(ValueFrom::RedirectURI)) else { continue };
        let message = "Headlamp must be told its callback URL where a proxy ends TLS before it; else it guesses the scheme from a header that the proxy has to send";
        found.push(world.finding(&codes::CALLBACK_URL_IS_EXPLICIT, message, &said.place));
    }
    found
}
