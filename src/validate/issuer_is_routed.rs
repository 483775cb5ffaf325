//! # What must hold
//! Something routes the issuer's address to Dex: its host, and its path.
//!
//! # Why
//! Browsers and apps ask Dex at its issuer. An Ingress of the host that does not take the issuer's path answers 404 for
//! `/.well-known/openid-configuration`. A host that nothing in the input routes may be routed elsewhere, so that is only said.
//!
//! # Broken
//! ```yaml
//! issuer: https://sso.lab.example/dex
//! ---
//! kind: Ingress
//! spec: {rules: [{host: sso.lab.example, http: {paths: [{path: /auth, pathType: Prefix}]}}]}
//! ```
//!
//! # Fixed
//! ```yaml
//! spec: {rules: [{host: sso.lab.example, http: {paths: [{path: /dex, pathType: Prefix}]}}]}
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, Severity, codes};
use crate::model::{RouteKind, compare};

pub(super) const RULE: Rule = Rule { code: &codes::ISSUER_IS_ROUTED, ids: &["I03"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    if review.is_run {
        return found;
    }
    for dex in world.dexes.iter().filter(|dex| dex.bundled_in.is_none()) {
        let (Some(issuer), Some(said)) = (dex.issuer_text(), &dex.issuer) else { continue };
        let Some(host) = host_of(&issuer) else { continue };
        let routes: Vec<_> = world.routes.iter().filter(|route| route.takes(&host)).collect();
        let path = compare::path_of(&issuer);
        if routes.is_empty() {
            // Only where Dex itself and routes of its domain are in the input can one be missed.
            let parent = host.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
            let has_kin = |parent: &str| world.routes.iter().any(|route| route.host.ends_with(&format!(".{parent}")));
            if !dex.containers.is_empty() && parent.is_some_and(has_kin) {
                let message =
                    format!("something must route {host}, the host of Dex's issuer; nothing in the input does");
                found.push(world.finding(&codes::ISSUER_IS_ROUTED, message, &said.place).severity(Severity::Info));
            }
            continue;
        }
        let takes = |route: &&&crate::model::Route| {
            let is_open =
                |known: &String| path.starts_with(known.trim_end_matches('/')) || known.contains(['(', '*', '$', '.']);
            route.kind != RouteKind::Ingress || route.paths.is_empty() || route.paths.iter().any(is_open)
        };
        if routes.iter().any(|route| takes(&route)) {
            continue;
        }
        let Some(route) = routes.first() else { continue };
        let message =
            format!("{host} must be routed at {path}, where Dex's issuer is; it is at {}", route.paths.join(", "));
        let finding = world.finding(&codes::ISSUER_IS_ROUTED, message, &said.place);
        found.push(world.against(finding, &route.place, "it is routed here"));
    }
    found
}
