//! # What must hold
//! Argo CD looks its subjects up in the claims that they are from.
//!
//! # Why
//! `scopes` in argocd-rbac-cm is `[groups]` unless it says otherwise. With it a line for an e-mail address matches nobody, and so does
//! any line where a claim is misspelt.
//!
//! # Broken
//! ```yaml
//! data:
//!   policy.csv: g, admin@lab.example, role:admin
//! ```
//!
//! # Fixed
//! ```yaml
//! data:
//!   scopes: "[groups, email]"
//!   policy.csv: g, admin@lab.example, role:admin
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::POLICY_SCOPES_FIT_SUBJECTS, ids: &["B05"], check };

/// Claims that Dex gives.
const CLAIMS: &[&str] = &["groups", "email", "name", "preferred_username", "sub", "federated_claims"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for policy in world.policies() {
        let Some(claims) = policy.claims(world) else { continue };
        let near = |claim: &&String| {
            let lower = claim.to_lowercase();
            CLAIMS.iter().find(|known| {
                **known != claim.as_str() && strsim::damerau_levenshtein(known, &lower) <= 1 && lower != "names"
            })
        };
        if let Some(said) = policy.said("scopes")
            && let Some((claim, meant)) = claims.iter().find_map(|claim| Some((claim, near(&claim)?)))
        {
            let message = format!("`scopes` must name claims of the token: \"{claim}\" is none, \"{meant}\" is");
            found.push(world.finding(&codes::POLICY_SCOPES_FIT_SUBJECTS, message, &said.place));
        }
        if policy.is_partial && policy.said("scopes").is_none() || claims.iter().any(|claim| claim != "groups") {
            continue;
        }
        if let Some((subject, _, place)) = policy.assignments().into_iter().find(|(subject, ..)| is_address(subject)) {
            let message =
                format!("`scopes` must have email for the policy to match {subject}; it is [{}]", claims.join(", "));
            found.push(world.finding(&codes::POLICY_SCOPES_FIT_SUBJECTS, message, &place));
        }
    }
    found
}

fn is_address(subject: &str) -> bool {
    subject.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !crate::model::is_template(subject)
}
