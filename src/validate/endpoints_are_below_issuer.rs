//! # What must hold
//! The endpoints that an app is told one by one are Dex's: the issuer with `/auth`, `/token` and `/userinfo`.
//!
//! # Why
//! Other providers have other paths, and what was copied from a page about one of them is answered with 404 after the
//! person has typed a password (linode/apl-core#3537).
//!
//! # Broken
//! ```ini
//! [auth.generic_oauth]
//! token_url = https://dex.lab.example/oauth2/token
//! ```
//!
//! # Fixed
//! ```ini
//! [auth.generic_oauth]
//! token_url = https://dex.lab.example/token
//! ```

use serde_json::json;

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::config::document::host_of;
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::ENDPOINTS_ARE_BELOW_ISSUER, ids: &["I05"], check };

const ENDPOINTS: &[(ValueFrom, &str)] = &[
    (ValueFrom::AuthorizationEndpoint, "/auth"),
    (ValueFrom::TokenEndpoint, "/token"),
    (ValueFrom::UserinfoEndpoint, "/userinfo"),
];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let told: Vec<_> = ENDPOINTS
            .iter()
            .filter_map(|(from, path)| {
                let said = consumer.said(*from)?;
                Some((said, said.literal()?, *path))
            })
            .collect();
        // Which Dex is meant is told by one endpoint that is right; a page of another provider fits none.
        let fits = |issuer: &str, text: &str, path: &str| {
            let wanted = format!("{}{path}", issuer.trim_end_matches('/'));
            // A connector may be named: `/auth/github`.
            text == wanted || text.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with(['/', '?']))
        };
        let issuers = world.dexes.iter().filter_map(|dex| Some((dex, dex.issuer_text()?)));
        let meant = issuers.into_iter().find(|(_, issuer)| told.iter().any(|(_, text, path)| fits(issuer, text, path)));
        let Some((dex, issuer)) = meant else { continue };
        for (said, text, path) in &told {
            // Inside the cluster an app may go to the Service instead.
            if host_of(text) != host_of(&issuer) || fits(&issuer, text, path) {
                continue;
            }
            let wanted = format!("{}{path}", issuer.trim_end_matches('/'));
            let message = format!(
                "the endpoint of {} must be Dex's \"{wanted}\"; \"{text}\" is none of its addresses",
                consumer.profile.title
            );
            let finding = world.finding(&codes::ENDPOINTS_ARE_BELOW_ISSUER, message, &said.place);
            let finding = finding.values(Some(json!(text)), Some(json!(wanted)));
            found.push(match &dex.issuer {
                Some(theirs) => world.against(finding, &theirs.place, format!("Dex's issuer is \"{issuer}\"")),
                None => finding,
            });
        }
    }
    found
}
