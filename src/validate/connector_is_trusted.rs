//! # What must hold
//! Dex trusts the CA of each provider that a connector asks.
//!
//! # Why
//! Dex asks the provider itself, and a certificate of a CA of one's own fails there as it does in an app
//! (argoproj/argo-helm#2642). It stays a warning, because an image or a webhook may bring the CA.
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
//! - {type: oidc, id: keycloak, name: Keycloak, config: {issuer: https://keycloak.lab.example/realms/lab, rootCAs: [/etc/dex/ca/ca.crt]}}
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CONNECTOR_IS_TRUSTED, ids: &["T11"], check };

/// Fields by which a connector is told of a CA, or not to ask for one.
const OWN: &[&str] = &["rootCA", "rootCAs", "rootCAData", "insecureSkipVerify", "insecureCA"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        let is_told = dex.containers.is_empty() || dex.containers.iter().any(|own| world.may_trust_more(own));
        for (connector, place) in dex.connectors.iter().filter(|_| !is_told) {
            let config = &connector["config"];
            if OWN.iter().any(|field| !config[*field].is_null()) {
                continue;
            }
            let url =
                ["issuer", "baseURL", "hostName"].iter().find_map(|field| Some((field, config[*field].as_str()?)));
            let Some((field, url)) = url else { continue };
            let host = host_of(url).unwrap_or_else(|| url.to_owned());
            let Some((authority, at)) = world.private_issuer_of(&host) else { continue };
            let message = format!(
                "Dex must trust the CA of {host}, which connector \"{}\" asks: {authority} signs its certificate; name the CA in `rootCA` or `rootCAs`",
                connector["id"].as_str().unwrap_or_default()
            );
            let finding =
                world.finding(&codes::CONNECTOR_IS_TRUSTED, message, &place.under(&format!("/config/{field}")));
            found.push(world.against(finding, &at, "the CA is one of your own"));
        }
    }
    found
}
