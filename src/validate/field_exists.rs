//! # What must hold
//! A field of an app's login is one that the app reads.
//!
//! # Why
//! Argo CD ignores what it does not know in `oidc.config`, and Grafana a section of its file: `scopes` for `requestedScopes`
//! (argoproj/argo-cd#5021), `[sever]` for `[server]` (grafana/grafana#14006). Nothing says so.
//!
//! # Broken
//! ```yaml
//! oidc.config: |
//!   scopes: [openid, groups]
//! ```
//!
//! # Fixed
//! ```yaml
//! oidc.config: |
//!   requestedScopes: [openid, groups]
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};
use crate::model::{Consumer, World};
use crate::patch::token;

pub(super) const RULE: Rule = Rule { code: &codes::FIELD_EXISTS, ids: &["A02"], check };

/// Fields of `oidc.config` up to Argo CD 3.5: OIDCConfig in util/settings/settings.go, and what is beside it in oidc.go.
const OIDC_CONFIG: &[&str] = &[
    "name",
    "issuer",
    "clientID",
    "clientSecret",
    "cliClientID",
    "allowedAudiences",
    "skipAudienceCheckWhenTokenHasNoAudience",
    "enableUserInfoGroups",
    "userInfoBaseURL",
    "userInfoPath",
    "userInfoCacheExpiration",
    "requestedScopes",
    "requestedIDTokenClaims",
    "logoutURL",
    "rootCA",
    "enablePKCEAuthentication",
    "domainHint",
    "azure",
    "refreshTokenThreshold",
];

/// Sections of Grafana's file whose names people get wrong where it hurts the login.
const SECTIONS: &[&str] = &["server", "auth", "auth.generic_oauth", "auth.basic", "auth.proxy", "users", "security"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        match consumer.profile.name.as_str() {
            "argo-cd" => found.extend(of_oidc_config(world, consumer)),
            "grafana" => found.extend(of_sections(world, consumer)),
            _ => {}
        }
    }
    found
}

/// The mapping around what an app is told of its issuer or client, one or more levels up.
fn around(world: &World<'_>, place: &Place, levels: usize) -> Option<(Value, Place)> {
    let mut at = place.clone();
    for _ in 0..levels {
        at.at.pop_back()?;
    }
    let value = world.texts.at(&at)?;
    value.is_object().then_some((value, at))
}

fn of_oidc_config(world: &World<'_>, consumer: &Consumer<'_>) -> Vec<Finding> {
    let told = consumer.issuer().map(|(_, said)| said);
    // Only where the issuer stands in the text itself is what is around it that text.
    let Some((map, at)) =
        told.filter(|said| said.place.at.tokens().count() == 1).and_then(|said| around(world, &said.place, 1))
    else {
        return Vec::new();
    };
    let keys = map.as_object().into_iter().flatten().map(|(key, _)| key);
    // Go reads fields in any case.
    let unknown = keys.filter(|key| !OIDC_CONFIG.iter().any(|known| known.eq_ignore_ascii_case(key)));
    let found = unknown.filter(|key| !crate::model::is_template(key)).map(|key| {
        let advice = consumer.profile.unknown_fields.get(key).cloned();
        let nearest = OIDC_CONFIG.iter().min_by_key(|known| strsim::damerau_levenshtein(known, key));
        let near = nearest.filter(|known| strsim::damerau_levenshtein(known, key) <= 3);
        let hint = advice.or_else(|| near.map(|known| format!("`{known}` is meant, most likely")));
        let hint = hint.map_or(String::new(), |hint| format!("; {hint}"));
        let message = format!("`{key}` must be a field that Argo CD reads, and it ignores this one{hint}");
        world.finding(&codes::FIELD_EXISTS, message, &at.under(&format!("/{}", token(key))))
    });
    found.collect()
}

fn of_sections(world: &World<'_>, consumer: &Consumer<'_>) -> Vec<Finding> {
    let told = consumer.client_id().map(|(_, said)| said).or_else(|| consumer.issuer().map(|(_, said)| said));
    let is_of_file = |said: &&crate::model::Said| said.place.at.as_str().contains("auth.generic_oauth");
    let Some((map, at)) = told.filter(is_of_file).and_then(|said| around(world, &said.place, 2)) else {
        return Vec::new();
    };
    let keys = map.as_object().into_iter().flatten().filter(|(_, value)| value.is_object()).map(|(key, _)| key);
    let found = keys.filter_map(|key| {
        let near = |known: &&&str| **known != key.as_str() && strsim::damerau_levenshtein(known, key) == 1;
        let meant = SECTIONS.iter().find(near).filter(|known| map.get(**known).is_none())?;
        let message = format!(
            "[{key}] must be a section that Grafana reads, and it ignores this one; [{meant}] is meant, most likely"
        );
        Some(world.finding(&codes::FIELD_EXISTS, message, &at.under(&format!("/{}", token(key)))))
    });
    found.collect()
}
