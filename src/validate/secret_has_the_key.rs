//! # What must hold
//! A Secret that is referred to has the key that the reference names.
//!
//! # Why
//! The pod does not start (`couldn't find key`), or, in Argo CD, the reference itself is sent as the secret:
//! `config referenced '$secret:key', but key does not exist in secret` (argoproj/argo-cd#6934).
//!
//! # Broken
//! ```yaml
//! clientSecret: $argocd-oidc:secret
//! ---
//! kind: Secret
//! stringData: {client-secret: ...}
//! ```
//!
//! # Fixed
//! ```yaml
//! clientSecret: $argocd-oidc:client-secret
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::{Keys, Said, Seen};

pub(super) const RULE: Rule = Rule { code: &codes::SECRET_HAS_THE_KEY, ids: &["C08", "C15"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut references: Vec<Said> = Vec::new();
    for consumer in &world.consumers {
        let all = consumer.told.values().chain(consumer.options.values()).filter_map(Seen::said);
        references.extend(all.filter(|said| said.from.is_some() && said.value.is_null()).cloned());
    }
    for dex in &world.dexes {
        references.extend(dex.clients.iter().filter_map(|client| match dex.secret_of(world, client) {
            Seen::Is(said) if said.from.is_some() && said.value.is_null() => Some(said),
            _ => None,
        }));
    }
    let mut found = Vec::new();
    for said in references {
        let Some(key) = &said.from else { continue };
        let Keys::Known(keys) = world.keys(&key.name, key.namespace.as_deref()) else { continue };
        if keys.contains(&key.key) {
            continue;
        }
        let near = keys.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &key.key));
        let hint = near.filter(|near| strsim::damerau_levenshtein(near, &key.key) <= 4);
        let hint = hint.map_or_else(|| format!("it has {}", keys.join(", ")), |near| format!("did you mean {near}?"));
        let message = format!("Secret {} must have the key {} that is referred to here; {hint}", key.name, key.key);
        let finding = world.finding(&codes::SECRET_HAS_THE_KEY, message, &said.place);
        found.push(match world.makers(&key.name, key.namespace.as_deref()).first() {
            Some((_, place)) => world.against(finding, place, "the Secret is made here"),
            None => finding,
        });
    }
    found
}
