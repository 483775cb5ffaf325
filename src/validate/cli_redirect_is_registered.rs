//! # What must hold
//! The client of a command line has the loopback redirect URIs that the command listens on.
//!
//! # Why
//! Only a public client without any `redirectURIs` may be sent back to every port of the own machine. As soon as one is
//! listed, all of them have to be (dexidp/dex server/oauth2.go; `argocd login --sso`, kubelogin).
//!
//! # Broken
//! ```yaml
//! - {id: argocd-cli, name: CLI, public: true, redirectURIs: [http://localhost]}
//! ```
//!
//! # Fixed
//! ```yaml
//! - {id: argocd-cli, name: CLI, public: true, redirectURIs: [http://localhost:8085/auth/callback]}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::{DexClient, Said};

pub(super) const RULE: Rule = Rule { code: &codes::CLI_REDIRECT_IS_REGISTERED, ids: &["R08"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
        if let Some(id) = world.beside_issuer(consumer, "cliClientID").and_then(|said| said.literal()) {
            wanted.push((id, vec!["http://localhost:8085/auth/callback".to_owned()]));
        }
        if let (Some((id, _)), Some(client)) = (consumer.client_id(), &consumer.profile.client) {
            wanted.push((id, client.redirect_uris.clone()));
        }
        for (id, uris) in wanted.into_iter().filter(|(_, uris)| !uris.is_empty()) {
            let clients: Vec<&DexClient> =
                world.dexes_for(consumer).into_iter().filter_map(|dex| dex.client(&id)).collect();
            let takes = |client: &&DexClient| {
                let registered: Vec<String> = client.list("redirectURIs").iter().filter_map(Said::text).collect();
                registered.is_empty() && client.is_public() || uris.iter().any(|uri| registered.contains(uri))
            };
            let Some(client) = clients.first().filter(|_| !clients.iter().any(takes)) else { continue };
            let place = client.field("redirectURIs").map_or_else(|| client.name_place(), |said| said.place);
            let message = format!(
                "client \"{id}\" must have the redirect URI that the command line of {} listens on, \"{}\"",
                consumer.profile.title,
                uris.join("\" or \"")
            );
            found.push(world.finding(&codes::CLI_REDIRECT_IS_REGISTERED, message, &place));
        }
    }
    found
}
