//! # What must hold
//! A client secret comes from a Secret by reference.
//!
//! # Why
//! In clear text everybody who may read the repository, or the ConfigMap, can sign in as the app
//! (failures: plain text in values is what most tutorials show).
//!
//! # Broken
//! ```yaml
//! secret: {value: dex-oidc-secret}
//! ```
//!
//! # Fixed
//! ```yaml
//! secret:
//!   secretKeyRef: {name: headlamp-oidc, key: client-secret}
//! ```

use super::{Review, Rule};
use crate::config::ClientSecret;
use crate::krm::{Finding, codes};
use crate::model::{Said, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_A_REFERENCE, ids: &["C09", "A05"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let in_clear: Vec<&str> = review
        .documents
        .iter()
        .flat_map(|config| &config.clients)
        // A placeholder is filled in when it is deployed.
        .filter(|client| matches!(&client.secret, ClientSecret::Value(value) if !is_template(value)))
        .map(|client| client.id.as_str())
        .collect();
    let mut found: Vec<Finding> = in_clear
        .iter()
        .map(|id| {
            let message = format!(
                "the secret of client \"{id}\" must come from a Secret: `secret.value` is in clear text in the document and at both ends; use `secret.secretKeyRef`"
            );
            Finding::new(&codes::CLIENT_SECRET_IS_A_REFERENCE, message)
        })
        .collect();
    let world = review.world;
    let mut report = |id: &str, said: &Said, whose: &str, way_out: &str| {
        let object = &world.texts.objects()[said.place.object];
        // What comes by reference stands elsewhere.
        let stands_there = said.from.is_none() || world.texts.at(&said.place).as_ref() == Some(&said.value);
        let is_clear = stands_there
            && said.text().is_some_and(|text| !text.is_empty() && !is_template(&text) && !text.starts_with('$'));
        // What stands in a Secret is where it belongs, though not in a repository in clear; the document says so once.
        if object.is("", "Secret") || object.value.get("sops").is_some() || !is_clear || in_clear.contains(&id) {
            return;
        }
        let message = format!(
            "the secret of client \"{id}\" must come from a Secret: it stands in clear text in {whose}; {way_out}"
        );
        found.push(world.finding(&codes::CLIENT_SECRET_IS_A_REFERENCE, message, &said.place));
    };
    for consumer in &world.consumers {
        if let (Some((id, _)), Some(said)) = (consumer.client_id(), consumer.secret()) {
            report(&id, said, &consumer.profile.title, "refer to a Secret there");
        }
    }
    for dex in &world.dexes {
        let way_out = if dex.bundled_in.is_some() {
            "use `$name:key`"
        } else {
            "use `secretEnv`, and set the variable from a Secret"
        };
        for client in &dex.clients {
            if let Some(said) = client.text("secret") {
                report(&client.title(), &said, "Dex's configuration", way_out);
            }
        }
    }
    found
}
