//! # What must hold
//! A role that somebody has in Argo CD's policy, or by a binding of private-sso, is one that `access` names.
//!
//! # Why
//! Who leaves the document keeps the role: private-sso revokes nothing. Somebody else may have given it, so this is only said.
//!
//! # Broken
//! ```yaml
//! access: [{group: platform, argoCD: "role:admin"}]      # policy.csv: g, former@lab.example, role:admin
//! ```
//!
//! # Fixed
//! ```yaml
//! policy.csv: |
//!   g, platform, role:admin
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};

pub(super) const RULE: Rule = Rule { code: &codes::ACCESS_IS_NAMED, ids: &[], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for config in review.documents.iter().filter(|config| !review.is_run && !config.access.is_empty()) {
        let names = |subject: &str, kind: &str| {
            config.access.iter().any(|access| match kind {
                "User" => access.user.as_deref() == Some(subject),
                "Group" => access.group.as_deref() == Some(subject),
                _ => access.user.as_deref() == Some(subject) || access.group.as_deref() == Some(subject),
            })
        };
        let is_ours = |name: &str| {
            config.clients.iter().any(|client| client.profile.as_ref().is_some_and(|profile| profile.name == name))
        };
        for policy in world.policies().into_iter().filter(|policy| is_ours(&policy.profile.name)) {
            for (subject, role, place) in policy.assignments() {
                // A role of a role is no person's.
                if subject.starts_with("role:") || subject.starts_with("proj:") || names(&subject, "") {
                    continue;
                }
                let message = format!(
                    "{subject} must be named by `access`, or lose the role {role}: the document says nothing of it"
                );
                found.push(world.finding(&codes::ACCESS_IS_NAMED, message, &place));
            }
        }
        let prefix = format!("private-sso:{}:", config.name);
        for index in world.of_kind("ClusterRoleBinding") {
            let object = &world.texts.objects()[index];
            let Some(role) = object.id.name.strip_prefix(&prefix) else { continue };
            let subjects = object.value.get("subjects").and_then(Value::as_array);
            for (at, subject) in subjects.into_iter().flatten().enumerate() {
                let text = |field: &str| subject[field].as_str().unwrap_or_default();
                let is_named = config.access.iter().any(|access| access.cluster_role.as_deref() == Some(role))
                    && names(text("name"), text("kind"));
                if !is_named {
                    let message = format!(
                        "{} must be named by `access`, or lose ClusterRole {role}: the document says nothing of it",
                        text("name")
                    );
                    found.push(world.finding(
                        &codes::ACCESS_IS_NAMED,
                        message,
                        &Place::object(index).under(&format!("/subjects/{at}")),
                    ));
                }
            }
        }
    }
    found
}
