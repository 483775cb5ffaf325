//! # What must hold
//! An issuer is the base of Dex's addresses, not one of them; and where an app asks for the address of the discovery
//! document, that is told in full.
//!
//! # Why
//! Apps append `/.well-known/openid-configuration` to the issuer themselves. With the callback or the authorization
//! endpoint as issuer they ask for a document that is not there (kubernetes-sigs/headlamp#127).
//!
//! # Broken
//! ```yaml
//! issuer: https://dex.lab.example/.well-known/openid-configuration
//! ```
//!
//! # Fixed
//! ```yaml
//! issuer: https://dex.lab.example
//! ```

use serde_json::json;

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::krm::{Finding, Severity, codes};
use crate::model::{Consumer, World};

pub(super) const RULE: Rule = Rule { code: &codes::ISSUER_IS_THE_BASE, ids: &["I02"], check };

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Whether a text is an address below an issuer, and not the issuer.
pub(super) fn is_below(text: &str, issuer: &str) -> bool {
    let ends = ["/auth", "/token", "/callback", "/keys", "/userinfo", DISCOVERY];
    let rest = text.trim_end_matches('/').strip_prefix(issuer.trim_end_matches('/'));
    rest.is_some_and(|rest| ends.contains(&rest))
}

fn check(review: &Review<'_>) -> Vec<Finding> {
    let consumers = review.world.consumers.iter();
    consumers
        .flat_map(|consumer| issuer(review.world, consumer).into_iter().chain(discovery(review.world, consumer)))
        .collect()
}

fn issuer(world: &World<'_>, consumer: &Consumer<'_>) -> Option<Finding> {
    let said = consumer.said(ValueFrom::Issuer)?;
    let text = said.literal()?;
    let of_dex = world.dexes.iter().filter_map(|dex| dex.issuer_text()).find(|issuer| is_below(&text, issuer));
    let base = of_dex.or_else(|| text.trim_end_matches('/').strip_suffix(DISCOVERY).map(str::to_owned))?;
    let message = format!(
        "the issuer of {} must be \"{base}\" alone: it appends the path of an address itself, and \"{text}\" already is one",
        consumer.profile.title
    );
    let finding = world.finding(&codes::ISSUER_IS_THE_BASE, message, &said.place);
    Some(finding.values(Some(json!(text)), Some(json!(base))))
}

fn discovery(world: &World<'_>, consumer: &Consumer<'_>) -> Option<Finding> {
    let said = consumer.said(ValueFrom::DiscoveryURL)?;
    let text = said.literal().filter(|text| text.contains("://") && !text.contains("/.well-known/"))?;
    let is_dex = world
        .dexes
        .iter()
        .filter_map(|dex| dex.issuer_text())
        .any(|issuer| issuer.trim_end_matches('/') == text.trim_end_matches('/'));
    let wanted = format!("{}{DISCOVERY}", text.trim_end_matches('/'));
    let message = format!(
        "{} must be told the discovery document in full, \"{wanted}\"; \"{text}\" is the issuer alone",
        consumer.profile.title
    );
    let finding = world.finding(&codes::ISSUER_IS_THE_BASE, message, &said.place);
    let severity = if is_dex { Severity::Error } else { Severity::Warning };
    Some(finding.values(Some(json!(text)), Some(json!(wanted))).severity(severity))
}
