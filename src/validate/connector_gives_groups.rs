//! # What must hold
//! Where apps ask Dex for groups, its connectors bring some.
//!
//! # Why
//! An `oidc` connector passes groups on only with `insecureEnableGroups`, and an `ldap` one only with a `groupSearch`. The
//! login works, and the person may do nothing (argoproj/argo-cd#2782).
//!
//! # Broken
//! ```yaml
//! connectors:
//! - {type: oidc, id: keycloak, name: Keycloak, config: {issuer: https://keycloak.lab.example/realms/lab}}
//! ```
//!
//! # Fixed
//! ```yaml
//! connectors:
//! - {type: oidc, id: keycloak, name: Keycloak, config: {issuer: https://keycloak.lab.example/realms/lab, insecureEnableGroups: true}}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CONNECTOR_GIVES_GROUPS, ids: &["S05"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        // Only where groups are asked for by name: a default list has them for no reason of anybody's.
        let Some((scopes, Some(_))) = consumer.scopes() else { continue };
        if !scopes.iter().any(|scope| scope == "groups") {
            continue;
        }
        for (connector, place) in world.dexes_for(consumer).into_iter().flat_map(|dex| &dex.connectors) {
            let config = &connector["config"];
            let (is_mute, way_out) = match connector["type"].as_str() {
                Some("oidc") => (
                    config["insecureEnableGroups"] != true && config["claimMapping"]["groups"].is_null(),
                    "`insecureEnableGroups: true`",
                ),
                Some("ldap") => (config["groupSearch"].is_null(), "a `groupSearch`"),
                _ => continue,
            };
            if is_mute && config.is_object() {
                let name = connector["id"].as_str().unwrap_or_default();
                let message = format!(
                    "connector \"{name}\" must bring groups, for which {} asks; it needs {way_out}",
                    consumer.profile.title
                );
                let known = |finding: &Finding| finding.place.as_ref() == Some(place);
                if !found.iter().any(known) {
                    found.push(world.finding(&codes::CONNECTOR_GIVES_GROUPS, message, place));
                }
            }
        }
    }
    found
}
