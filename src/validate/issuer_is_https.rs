//! # What must hold
//! Dex's issuer is an `https` address that browsers and pods both reach.
//!
//! # Why
//! The browser is sent to the issuer. A Service's name or `localhost` leads nowhere outside the cluster, and over plain
//! `http` codes and tokens can be read on the way.
//!
//! # Broken
//! ```yaml
//! issuer: http://dex.dex.svc:5556
//! ```
//!
//! # Fixed
//! ```yaml
//! issuer: https://dex.lab.example
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, codes};
use crate::model::{DexClient, compare};

pub(super) const RULE: Rule = Rule { code: &codes::ISSUER_IS_HTTPS, ids: &["I04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        let (Some(issuer), Some(said)) = (dex.issuer_text(), &dex.issuer) else { continue };
        let Some(host) = host_of(&issuer) else { continue };
        let is_internal = host.ends_with(".svc")
            || host.ends_with(".cluster.local")
            || !host.contains('.') && !compare::is_loopback(&issuer);
        // Where redirects are relative, a proxy before Dex and its apps leads browsers by paths (Kubeflow does).
        let is_relative = |client: &DexClient| {
            client.list("redirectURIs").iter().any(|uri| uri.text().is_some_and(|uri| uri.starts_with('/')))
        };
        let reason = match () {
            () if is_internal && dex.clients.iter().any(is_relative) => continue,
            () if is_internal => "browsers are sent there, and only the cluster knows that name",
            () if compare::is_loopback(&issuer) => "browsers are sent there, and for them it is their own machine",
            () if issuer.starts_with("http://") => "over http, codes and tokens can be read on the way",
            () => continue,
        };
        let message = format!("Dex's issuer \"{issuer}\" must be an https address that browsers reach: {reason}");
        found.push(world.finding(&codes::ISSUER_IS_HTTPS, message, &said.place));
    }
    found
}
