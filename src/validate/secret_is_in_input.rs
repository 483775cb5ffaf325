//! # What must hold
//! A Secret that is referred to is the one that is there.
//!
//! # Why
//! A Secret may come from outside the input, so one that is missing is no mistake by itself. Where another one of the
//! same namespace nearly has the name, it most likely is: `Error: secret "dex-secrets" not found` (khuedoan/homelab#155).
//!
//! # Broken
//! ```yaml
//! secretKeyRef: {name: headlamp-odic, key: client-secret}     # the Secret is called headlamp-oidc
//! ```
//!
//! # Fixed
//! ```yaml
//! secretKeyRef: {name: headlamp-oidc, key: client-secret}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::{Keys, Said, Seen};

pub(super) const RULE: Rule = Rule { code: &codes::SECRET_IS_IN_INPUT, ids: &["C08"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut references: Vec<Said> = Vec::new();
    for consumer in &world.consumers {
        references.extend(consumer.told.values().filter_map(Seen::said).cloned());
    }
    for dex in &world.dexes {
        references.extend(dex.clients.iter().filter_map(|client| dex.secret_of(world, client).said().cloned()));
    }
    let mut found = Vec::new();
    for said in references {
        let Some(key) =
            said.from.as_ref().filter(|key| world.keys(&key.name, key.namespace.as_deref()) == Keys::NotSeen)
        else {
            continue;
        };
        let Some(namespace) = &key.namespace else { continue };
        let near = world.secrets_in(namespace).into_iter().find(|(name, _)| {
            let distance = strsim::damerau_levenshtein(name, &key.name);
            (1..=2).contains(&distance) && key.name.len() > 5
        });
        if let Some((name, place)) = near {
            let message = format!(
                "Secret {} must be there; the input has {name} in namespace {namespace}: is that the one that is meant?",
                key.name
            );
            let finding = world.finding(&codes::SECRET_IS_IN_INPUT, message, &said.place);
            found.push(world.against(finding, &place, format!("{name} is made here")));
        }
    }
    found
}
