//! # What must hold
//! Argo CD's policy gives a role to somebody who signs in.
//!
//! # Why
//! With an empty `policy.default` and no line that speaks of anybody, people sign in and see an empty list
//! (argoproj/argo-cd#2782).
//!
//! # Broken
//! ```yaml
//! kind: ConfigMap
//! metadata: {name: argocd-rbac-cm}
//! data: {policy.default: "", policy.csv: ""}
//! ```
//!
//! # Fixed
//! ```yaml
//! data:
//!   policy.csv: |
//!     g, platform, role:admin
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::POLICY_LETS_SOMEBODY_IN, ids: &["B04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for policy in world.policies().into_iter().filter(|policy| !review.is_run && !policy.is_partial) {
        let app = policy.profile;
        let shares = |namespace: &Option<String>| {
            namespace.is_none() || policy.namespace.is_none() || *namespace == policy.namespace
        };
        let signs_in = world.consumers.iter().any(|c| c.profile.name == app.name && shares(&c.namespace))
            || world
                .dexes
                .iter()
                .any(|dex| dex.bundled_in.is_some_and(|p| p.name == app.name) && shares(&dex.namespace));
        let keys = policy.map.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("policy."));
        let is_filled =
            |text: &str| text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        let has_any =
            keys.filter(|(key, _)| *key != "policy.matchMode").any(|(_, text)| text.as_str().is_none_or(is_filled));
        if signs_in && !has_any {
            let message =
                format!("a policy must give a role to those who sign in to {}; they see nothing otherwise", app.title);
            found.push(world.finding(&codes::POLICY_LETS_SOMEBODY_IN, message, &policy.place));
        }
    }
    found
}
