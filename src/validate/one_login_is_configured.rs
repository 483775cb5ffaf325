//! # What must hold
//! Argo CD has one login: `oidc.config`, or the Dex that it runs itself by `dex.config`.
//!
//! # Why
//! With both, the login goes by `oidc.config`, and every later call verifies tokens through the connection to the bundled Dex: a `rootCA`
//! counts at the login and fails after it (argoproj/argo-cd#9505, read in util/session/sessionmanager.go and util/oidc/oidc.go).
//!
//! # Broken
//! ```yaml
//! data:
//!   oidc.config: "issuer: https://dex.lab.example"
//!   dex.config: "connectors: [{type: github, id: github, name: GitHub}]"
//! ```
//!
//! # Fixed
//! ```yaml
//! data:
//!   oidc.config: "issuer: https://dex.lab.example"
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::ONE_LOGIN_IS_CONFIGURED, ids: &["A01"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.name == "argo-cd") {
        let Some((_, told)) = consumer.issuer() else { continue };
        let both = |dex: &&crate::model::Dex<'_>| {
            dex.bundled_in.is_some() && dex.place.object == told.place.object && dex.field("connectors").is_some()
        };
        let Some(dex) = world.dexes.iter().find(both) else { continue };
        let root_ca = world.beside_issuer(consumer, "rootCA").is_some();
        let (severity, why) = match root_ca {
            true => (Severity::Error, "`rootCA` then counts at the login and not after it"),
            false => (Severity::Warning, "tokens are then verified through the connection to the bundled Dex"),
        };
        let message = format!("Argo CD must have one login, `oidc.config` or `dex.config`, and has both: {why}");
        let finding = world.finding(&codes::ONE_LOGIN_IS_CONFIGURED, message, &told.place).severity(severity);
        found.push(world.against(finding, &dex.place, "the other one"));
    }
    found
}
