//! # What must hold
//! Headlamp acts as the person who signed in, not as its own ServiceAccount.
//!
//! # Why
//! With `unsafe-use-service-account-token` everybody who reaches Headlamp may do what its ServiceAccount may: with the chart's
//! ClusterRoleBinding, everything.
//!
//! # Broken
//! ```yaml
//! config: {unsafeUseServiceAccountToken: true}
//! ```
//!
//! # Fixed
//! ```yaml
//! clusterRoleBinding: {create: false}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::SERVICE_ACCOUNT_IS_NOT_USED, ids: &["B06"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.name == "headlamp") {
        let by_values = consumer
            .values
            .as_ref()
            .and_then(|values| values.get(world, "/config/unsafeUseServiceAccountToken").said().cloned());
        let by_flag = || {
            let words = world.list(&consumer.container.as_ref()?.args);
            let is_it = |word: &&str| {
                let flag = word.trim_start_matches('-');
                ["unsafe-use-service-account-token", "unsafe-use-service-account-token=true"].contains(&flag)
            };
            words.into_iter().find(|(word, _)| word.as_str().as_ref().is_some_and(is_it)).map(|(_, place)| place)
        };
        let place = by_values.filter(|said| said.is_on()).map(|said| said.place).or_else(by_flag);
        let message =
            "Headlamp must act as the person who signed in; here everybody who reaches it acts as its ServiceAccount";
        found.extend(place.map(|place| world.finding(&codes::SERVICE_ACCOUNT_IS_NOT_USED, message, &place)));
    }
    found
}
