//! # What must hold
//! Each app has a client of its own.
//!
//! # Why
//! Whoever has the secret of one app has that of the other, and a token for one is taken by both. Apps that pass tokens on
//! to the API server share its client on purpose, and are left out.
//!
//! # Broken
//! ```yaml
//! # Grafana              # Argo CD
//! client_id: sso         clientID: sso
//! ```
//!
//! # Fixed
//! ```yaml
//! client_id: grafana     clientID: argocd
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_IS_OF_ONE_APP, ids: &["C12"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found: Vec<Finding> = Vec::new();
    let told = || {
        world.consumers.iter().filter(|consumer| !consumer.profile.forwards_tokens).filter_map(|consumer| {
            let (issuer, _) = consumer.issuer()?;
            Some((consumer, issuer, consumer.client_id()?))
        })
    };
    for (index, (consumer, issuer, (id, said))) in told().enumerate() {
        let other = told().take(index).find(|(other, theirs, (known, _))| {
            *theirs == issuer && *known == id && other.profile.name != consumer.profile.name
        });
        let is_known = found.iter().any(|finding| finding.message.contains(&format!("\"{id}\"")));
        if let Some((other, _, (_, theirs))) = other.filter(|_| !is_known) {
            let message = format!(
                "client \"{id}\" must be of one app; both {} and {} use it",
                other.profile.title, consumer.profile.title
            );
            let finding = world.finding(&codes::CLIENT_IS_OF_ONE_APP, message, &said.place);
            found.push(world.against(finding, &theirs.place, format!("{} uses it here", other.profile.title)));
        }
    }
    found
}
