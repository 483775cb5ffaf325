//! # What must hold
//! An app is told exactly the issuer that Dex has: the same scheme, host, port, path and final slash.
//!
//! # Why
//! Clients compare the two strings byte for byte and refuse the login: `oidc: issuer did not match the issuer returned by
//! provider, expected "https://x" got "https://x/"` (coreos/go-oidc#338, argoproj/argo-cd#9533).
//!
//! # Broken
//! ```yaml
//! # Dex                                    # the app
//! issuer: https://dex.lab.example          issuer: https://dex.lab.example/
//! ```
//!
//! # Fixed
//! ```yaml
//! issuer: https://dex.lab.example          issuer: https://dex.lab.example
//! ```

use serde_json::json;

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::config::document::host_of;
use crate::krm::{Finding, codes};
use crate::model::{Consumer, Dex, compare};

pub(super) const RULE: Rule = Rule { code: &codes::ISSUER_IS_EXACT, ids: &["I01"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let Some((issuer, said)) = consumer.issuer() else { continue };
        // Where only a document or an endpoint below the issuer is told, nobody compares the issuer itself.
        if consumer.said(ValueFrom::Issuer).is_none() || !world.dexes_for(consumer).is_empty() {
            continue;
        }
        let Some((dex, wanted)) = near(&world.dexes, consumer, &issuer) else { continue };
        let Some(theirs) = &dex.issuer else { continue };
        let message = format!(
            "the issuer of {} must be Dex's, byte for byte: \"{issuer}\" is not \"{wanted}\" ({}); correct the one that is wrong",
            consumer.profile.title,
            compare::difference(&issuer, &wanted)
        );
        let finding = world.finding(&codes::ISSUER_IS_EXACT, message, &said.place);
        let finding = finding.values(Some(json!(issuer)), Some(json!(wanted)));
        found.push(world.against(finding, &theirs.place, format!("Dex has \"{wanted}\"")));
    }
    found
}

/// The Dex that was meant: its issuer is nearly the same, or it is on the same host and knows the client.
fn near<'w, 'a>(dexes: &'w [Dex<'a>], consumer: &Consumer<'_>, issuer: &str) -> Option<(&'w Dex<'a>, String)> {
    let known = || dexes.iter().filter_map(|dex| Some((dex, dex.issuer_text()?)));
    let is_base = |wanted: &str| super::issuer_is_the_base::is_below(issuer, wanted);
    let knows = |dex: &Dex<'_>| consumer.client_id().is_some_and(|(id, _)| dex.client(&id).is_some());
    known()
        .find(|(_, wanted)| compare::is_near(issuer, wanted) && !is_base(wanted))
        .or_else(|| known().find(|(dex, wanted)| host_of(wanted) == host_of(issuer) && knows(dex) && !is_base(wanted)))
}
