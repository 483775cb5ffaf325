//! # What must hold
//! Where an app passes the person's token on to the API server, that one accepts the app's client id as audience.
//!
//! # Why
//! `oidc: expected audience "kubernetes" got ["headlamp"]`, and the login loops with 401 (kubernetes-sigs/headlamp#670). The app uses the
//! client of the API server, or its own is among the audiences, or it asks for `audience:server:client_id:<the API server's>`.
//!
//! # Broken
//! ```yaml
//! kind: AuthenticationConfiguration
//! jwt: [{issuer: {url: https://dex.lab.example, audiences: [kubernetes]}}]      # and Headlamp's client is headlamp
//! ```
//!
//! # Fixed
//! ```yaml
//! jwt: [{issuer: {url: https://dex.lab.example, audiences: [kubernetes, headlamp], audienceMatchPolicy: MatchAny}}]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};
use crate::model::{compare, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::API_SERVER_ACCEPTS_CLIENT, ids: &["B01", "B03"], check };

/// Dex's scope for a token that is for another client too.
const CROSS: &str = "audience:server:client_id:";

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let servers = world.api_servers();
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.forwards_tokens) {
        let (Some((issuer, told)), Some((id, said))) = (consumer.issuer(), consumer.client_id()) else { continue };
        let app = &consumer.profile.title;
        let own: Vec<_> = servers.iter().filter(|server| server.issuer == issuer).collect();
        if own.is_empty() {
            if let Some(near) = servers.iter().find(|server| compare::is_near(&server.issuer, &issuer)) {
                let message = format!(
                    "the API server must trust the issuer of the tokens that {app} passes on, \"{issuer}\", and it has \"{}\": {}",
                    near.issuer,
                    compare::difference(&near.issuer, &issuer)
                );
                let finding =
                    world.finding(&codes::API_SERVER_ACCEPTS_CLIENT, message, &near.place).severity(Severity::Warning);
                found.push(world.against(finding, &told.place, format!("{app} is told \"{issuer}\"")));
            }
            continue;
        }
        let asked: Vec<String> = consumer.scopes().map(|(scopes, _)| scopes).unwrap_or_default();
        let accepts = |audience: &String| {
            audience == &id
                || is_template(audience)
                || asked.iter().any(|scope| scope.strip_prefix(CROSS) == Some(audience))
        };
        if own.iter().any(|server| server.audiences.is_empty() || server.audiences.iter().any(accepts)) {
            continue;
        }
        let Some(server) = own.first() else { continue };
        let message = format!(
            "the API server must accept \"{id}\", whose tokens {app} passes on; its audiences are {}: add it, or have {app} use that client, or ask for the scope {CROSS}{}",
            server.audiences.join(", "),
            server.audiences.first().map(String::as_str).unwrap_or_default()
        );
        // Of several, one that is not in the input may be meant.
        let severity = if servers.len() == 1 { Severity::Error } else { Severity::Warning };
        let finding = world.finding(&codes::API_SERVER_ACCEPTS_CLIENT, message, &server.place).severity(severity);
        found.push(world.against(finding, &said.place, format!("{app}'s client is \"{id}\"")));
    }
    found
}
