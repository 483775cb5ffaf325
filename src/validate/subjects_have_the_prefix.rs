//! # What must hold
//! Bindings name groups as the API server makes them: with its prefix.
//!
//! # Why
//! With `oidc-groups-prefix: "oidc:"` the group `platform` of the token is `oidc:platform`, and a binding for `platform` binds nobody.
//!
//! # Broken
//! ```yaml
//! claimMappings: {groups: {claim: groups, prefix: "oidc:"}}
//! ---
//! kind: ClusterRoleBinding
//! subjects: [{kind: Group, name: platform}]
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: ClusterRoleBinding
//! subjects: [{kind: Group, name: "oidc:platform"}]
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};

pub(super) const RULE: Rule = Rule { code: &codes::SUBJECTS_HAVE_THE_PREFIX, ids: &["B02"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let servers = world.api_servers();
    let Some(server) =
        servers.first().filter(|first| servers.iter().all(|server| server.groups_prefix == first.groups_prefix))
    else {
        return Vec::new();
    };
    let prefix = &server.groups_prefix;
    if prefix.is_empty() || crate::model::is_template(prefix) {
        return Vec::new();
    }
    let mut groups: Vec<(String, Place)> = Vec::new();
    for kind in ["ClusterRoleBinding", "RoleBinding"] {
        for index in world.of_kind(kind) {
            let subjects = world.texts.objects()[index].value.get("subjects").and_then(Value::as_array);
            for (at, subject) in
                subjects.into_iter().flatten().enumerate().filter(|(_, subject)| subject["kind"] == "Group")
            {
                let name = subject["name"].as_str().unwrap_or_default().to_owned();
                groups.push((name, Place::object(index).under(&format!("/subjects/{at}/name"))));
            }
        }
    }
    // Where no binding has the prefix, all of them may be for people who sign in otherwise.
    let named = |name: &str| groups.iter().any(|(known, _)| known == &format!("{prefix}{name}"));
    let is_plain = |name: &str| !name.contains(':') && !name.is_empty() && !crate::model::is_template(name);
    let any = groups.iter().any(|(name, _)| name.starts_with(prefix.as_str()));
    let wrong = groups.iter().filter(|(name, _)| is_plain(name) && !named(name) && !any);
    let found = wrong.map(|(name, place)| {
        let message = format!("a group of a token must be bound with the prefix that the API server gives it: \"{prefix}{name}\", not \"{name}\"");
        world.against(world.finding(&codes::SUBJECTS_HAVE_THE_PREFIX, message, place), &server.place, "the API server's configuration")
    });
    found.collect()
}
