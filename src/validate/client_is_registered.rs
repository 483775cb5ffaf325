//! # What must hold
//! The client id that an app uses is registered in the Dex whose issuer it is told.
//!
//! # Why
//! Dex answers `invalid_client` or `Invalid client_id`, and nothing says which of the two ends is wrong.
//!
//! # Broken
//! ```yaml
//! # Dex                        # Argo CD
//! staticClients:               clientID: argocd
//! - id: argo-cd
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:               clientID: argocd
//! - id: argocd
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};
use crate::model::{Consumer, Dex};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_IS_REGISTERED, ids: &["C01"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let Some((id, said)) = consumer.client_id() else { continue };
        let dexes = world.dexes_for(consumer);
        let Some(dex) = dexes.first() else { continue };
        if dexes.iter().any(|dex| knows(dex, &id)) || review.world.has_kind("OAuth2Client") {
            continue;
        }
        let place = list_place(dex);
        let issuer = dex.issuer_text().unwrap_or_default();
        let ids: Vec<&str> = dex.clients.iter().filter_map(|client| client.id.as_deref()).collect();
        let hint = match meant(dex, consumer, &id) {
            Some(near) => format!("; did you mean \"{near}\"?"),
            None if ids.is_empty() => "; it has no clients".to_owned(),
            None => format!("; registered are {}", ids.join(", ")),
        };
        let message =
            format!("client \"{id}\" of {} must be registered in the Dex of {issuer}{hint}", consumer.profile.title);
        let finding = world.finding(&codes::CLIENT_IS_REGISTERED, message, &said.place);
        found.push(world.against(finding, &place, "Dex's clients are here"));
    }
    found
}

fn knows(dex: &Dex<'_>, id: &str) -> bool {
    let is_unknown = dex.clients.iter().any(|client| client.id.is_none());
    // The Dex that Argo CD runs has clients of its own.
    let is_reserved = dex.bundled_in.is_some() && ["argo-cd", "argo-cd-cli", "argo-cd-pkce"].contains(&id);
    let is_list = dex.field("staticClients").is_none_or(|said| said.value.is_array());
    dex.is_partial || is_unknown || is_reserved || !is_list || dex.client(id).is_some()
}

/// The client that was meant: its id is nearly the same, or only this app would send its redirect URI.
fn meant(dex: &Dex<'_>, consumer: &Consumer<'_>, id: &str) -> Option<String> {
    let ids = || dex.clients.iter().filter_map(|client| client.id.as_deref());
    let bare = |text: &str| text.to_ascii_lowercase().replace(['-', '_', '.'], "");
    let near = ids().find(|known| bare(known) == bare(id) || strsim::damerau_levenshtein(known, id) <= 2);
    let sends = || {
        let uri = consumer.redirect_uri()?.0;
        let has = |client: &&crate::model::DexClient| {
            client.list("redirectURIs").iter().any(|said| said.value == uri.as_str())
        };
        dex.clients.iter().find(has)?.id.as_deref()
    };
    near.or_else(sends).map(str::to_owned)
}

fn list_place(dex: &Dex<'_>) -> Place {
    dex.field("staticClients").map_or_else(|| dex.place.clone(), |said| said.place)
}
