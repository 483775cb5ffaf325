//! # What must hold
//! What Headlamp's chart reads from `config.oidc.externalSecret` is in that Secret, and switched on.
//!
//! # Why
//! With `externalSecret` the chart takes the scopes only with `hasScopes: true`, and the callback URL from the key OIDC_CALLBACK_URL,
//! though the value in `config.oidc` is what switches its flag on: without the key Headlamp gets the text `$(OIDC_CALLBACK_URL)`
//! (charts/headlamp/templates/deployment.yaml).
//!
//! # Broken
//! ```yaml
//! config: {oidc: {scopes: openid email groups, externalSecret: {enabled: true, name: headlamp-oidc}}}
//! ```
//!
//! # Fixed
//! ```yaml
//! config: {oidc: {externalSecret: {enabled: true, name: headlamp-oidc, hasScopes: true}}}      # with the key OIDC_SCOPES
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};
use crate::model::Keys;

pub(super) const RULE: Rule = Rule { code: &codes::EXTERNAL_SECRET_IS_COMPLETE, ids: &["A03"], check };

/// Keys that the chart always hands on.
const NEEDED: &[&str] = &["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER_URL"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for profile in world.profiles.iter().filter(|profile| profile.name == "headlamp") {
        for values in world.releases_of(profile) {
            let get = |pointer: &str| values.get(world, &format!("/config/oidc/{pointer}")).said().cloned();
            if !get("externalSecret/enabled").is_some_and(|said| said.is_on()) {
                continue;
            }
            let has_scopes = get("externalSecret/hasScopes").is_some_and(|said| said.is_on());
            if let Some(said) =
                get("scopes").filter(|said| !has_scopes && said.text().is_some_and(|text| !text.is_empty()))
            {
                let message = "with `externalSecret` the scopes must be in its key OIDC_SCOPES, with `hasScopes: true`; these are ignored";
                let finding = world.finding(&codes::EXTERNAL_SECRET_IS_COMPLETE, message, &said.place);
                // The default of the chart.
                found.extend((said.text().as_deref() != Some("profile,email")).then_some(finding));
            }
            let Some(name) = get("externalSecret/name").filter(|said| said.literal().is_some()) else { continue };
            let secret = name.literal().unwrap_or_default();
            let Keys::Known(keys) = world.keys(&secret, values.release.namespace.as_deref()) else { continue };
            let callback = get("callbackURL").is_some_and(|said| said.text().is_some_and(|text| !text.is_empty()));
            let wanted = NEEDED
                .iter()
                .copied()
                .chain(callback.then_some("OIDC_CALLBACK_URL"))
                .chain(has_scopes.then_some("OIDC_SCOPES"));
            let missing: Vec<&str> = wanted.filter(|key| !keys.iter().any(|known| known == key)).collect();
            if !missing.is_empty() {
                let message = format!(
                    "the Secret {secret} must have the keys that the chart reads; it lacks {}",
                    missing.join(", ")
                );
                found.push(
                    world.finding(&codes::EXTERNAL_SECRET_IS_COMPLETE, message, &name.place).severity(Severity::Error),
                );
            }
        }
    }
    found
}
