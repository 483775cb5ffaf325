//! # What must hold
//! An app whose roles go by group asks Dex for the scope `groups`.
//!
//! # Why
//! Without the scope the token holds no groups: the login works, and the person may do nothing (argoproj/argo-cd#1235,
//! headlamp#1436).
//!
//! # Broken
//! ```yaml
//! requestedScopes: [openid, profile, email]     # and policy.csv: g, platform, role:admin
//! ```
//!
//! # Fixed
//! ```yaml
//! requestedScopes: [openid, profile, email, groups]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};
use crate::model::{Consumer, Policy, World};

pub(super) const RULE: Rule = Rule { code: &codes::GROUPS_ARE_ASKED_FOR, ids: &["S01"], check };

/// Options that speak of groups, by their names in profiles.
const OPTIONS: &[&str] =
    &["role_attribute_path", "allowed-group", "allowed_groups", "oidc_admin_group", "groups_attribute_path"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let policies = world.policies();
    let mut found = Vec::new();
    for consumer in &world.consumers {
        // oauth2-proxy and others ask for what they need where no scopes are told.
        let Some((scopes, Some(said))) = consumer.scopes() else { continue };
        if world.dexes_for(consumer).is_empty() || scopes.iter().any(|scope| scope == "groups") {
            continue;
        }
        // At the end of a run a policy that was there before is nobody's business.
        let by_policy = if review.is_run { None } else { by_policy(world, consumer, &policies) };
        let Some((what, place)) = by_policy.or_else(|| by_option(consumer)) else {
            continue;
        };
        let message = format!(
            "{} must ask for the scope groups, because {what}; it asks for {}",
            consumer.profile.title,
            scopes.join(" ")
        );
        let finding = world.finding(&codes::GROUPS_ARE_ASKED_FOR, message, &said.place);
        found.push(world.against(finding, &place, "groups are spoken of here"));
    }
    found
}

fn by_policy(world: &World<'_>, consumer: &Consumer<'_>, policies: &[Policy<'_>]) -> Option<(String, Place)> {
    let own = policies.iter().filter(|policy| policy.profile.name == consumer.profile.name);
    let same = own.filter(|policy| {
        policy.namespace.is_none() || consumer.namespace.is_none() || policy.namespace == consumer.namespace
    });
    let near: Vec<&Policy<'_>> =
        same.filter(|policy| world.is_beside(policy.place.object, consumer.anchor.object)).collect();
    let policy = near.first()?;
    // An account of Argo CD's own is no group.
    let is_account = |subject: &str| {
        let key = crate::patch::token(&format!("accounts.{subject}"));
        match &consumer.values {
            Some(values) => !values.get(world, &format!("/configs/cm/{key}")).is_absent(),
            None => world.texts.with(&consumer.anchor.under(&format!("/data/{key}")), |value| value.is_some()),
        }
    };
    let mut subjects = policy.assignments().into_iter();
    let (subject, _, place) = subjects.find(|(subject, ..)| Policy::is_group(subject) && !is_account(subject))?;
    let reads_groups = policy.claims(world)?.iter().any(|claim| claim == "groups");
    reads_groups.then(|| (format!("its policy gives {subject} a role"), place))
}

fn by_option(consumer: &Consumer<'_>) -> Option<(String, Place)> {
    OPTIONS.iter().find_map(|name| {
        let said = consumer.option(name)?;
        let text = said.literal()?;
        let speaks = if name.ends_with("_path") { text.contains("groups") } else { !text.is_empty() };
        speaks.then(|| (format!("`{name}` speaks of groups"), said.place.clone()))
    })
}
