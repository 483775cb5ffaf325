//! # What must hold
//! A client is public in Dex where its app has no secret, and has a secret where its app sends one.
//!
//! # Why
//! Dex compares what is sent with what it has, also with nothing: a secret for a public client, or none for another, is
//! `invalid_client`.
//!
//! # Broken
//! ```yaml
//! # Dex                                                     # Argo CD
//! - {id: argocd, name: Argo CD, public: true, ...}          clientSecret: $argocd-oidc:client-secret
//! ```
//!
//! # Fixed
//! ```yaml
//! - {id: argocd, name: Argo CD, public: true, ...}          enablePKCEAuthentication: true
//! ```

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_TYPE_FITS_APP, ids: &["C11"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let Some((id, told)) = consumer.client_id() else { continue };
        let clients: Vec<_> = world.dexes_for(consumer).into_iter().filter_map(|dex| dex.client(&id)).collect();
        let app = &consumer.profile.title;
        let has_secret =
            |client: &&&crate::model::DexClient| client.text("secret").is_some() || client.text("secretEnv").is_some();
        let all_public = clients.iter().all(|client| client.is_public() && !has_secret(&client));
        let all_secret = clients.iter().all(|client| has_secret(&client));
        let Some(client) = clients.first() else { continue };
        let is_confidential = consumer.profile.client.as_ref().is_none_or(|known| known.confidential);
        let sends = consumer.secret().filter(|said| said.text().is_none_or(|text| !text.is_empty()));
        let (message, place) = match sends {
            Some(said) if all_public => (
                format!(
                    "client \"{id}\" is public in Dex, so {app} must send no secret; take its secret away, or give Dex's client one"
                ),
                &said.place,
            ),
            None if all_secret && !is_confidential => (
                format!("client \"{id}\" must be `public: true` in Dex, without a secret: {app} cannot send one"),
                &told.place,
            ),
            None if all_secret && consumer.lacks(ValueFrom::ClientSecret) && consumer.values.is_none() => {
                (format!("client \"{id}\" has a secret in Dex, so {app} must send it; it is told none"), &told.place)
            }
            _ => continue,
        };
        let finding = world.finding(&codes::CLIENT_TYPE_FITS_APP, message, place);
        found.push(world.against(finding, &client.name_place(), "Dex's client is here"));
    }
    found
}
