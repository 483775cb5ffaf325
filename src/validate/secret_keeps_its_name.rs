//! # What must hold
//! A Secret to which a text refers by name is in the cluster under that name.
//!
//! # Why
//! kustomize gives what it generates a name with a hash, and all names their prefix and suffix. It changes references in
//! fields that it knows, and none in a text: Argo CD's `oidc.config` goes on with `$argocd-oidc:client-secret`, finds no
//! such Secret, and sends the reference itself as the secret.
//!
//! # Broken
//! ```yaml
//! kind: Kustomization
//! secretGenerator:
//! - {name: argocd-oidc, envs: [oidc.env]}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Kustomization
//! secretGenerator:
//! - {name: argocd-oidc, envs: [oidc.env], options: {disableNameSuffixHash: true}}
//! ```

use super::{Review, Rule};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::SECRET_KEEPS_ITS_NAME, ids: &[], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    review.documents.iter().flat_map(|config| &config.clients).flat_map(|client| renamed(review, client)).collect()
}

/// The Secrets of a client that kustomize is about to rename, where the app has their name in a text.
fn renamed(review: &Review<'_>, client: &Client) -> Vec<Finding> {
    let by_text = |client: &Client| client.profile.as_ref()?.client.as_ref()?.secret_store.clone();
    let ClientSecret::Reference { app, .. } = &client.secret else { return Vec::new() };
    if by_text(client).is_none() {
        return Vec::new();
    }
    let secrets = review.after.objects.iter().filter(|object| {
        object.is("", "Secret") && object.is_named(&app.name) && object.id.shares_namespace(client.namespace.as_deref())
    });
    let is_hashed = "internal.config.kubernetes.io/needsHashSuffix";
    secrets
        .filter_map(|object| {
            let (how, way_out) = match object.annotation(is_hashed) {
                _ if object.id.name != app.name => ("a prefix or suffix", "name it so in the document, or add none to it"),
                Some("enabled") => ("a hash", "set `disableNameSuffixHash: true` in its generator"),
                _ => return None,
            };
            let message = format!(
                "Secret {} must keep its name: kustomize gives it {how}, and does not change the text in which client {} refers to it; {way_out}",
                app.name, client.id
            );
            Some(Finding::new(&codes::SECRET_KEEPS_ITS_NAME, message).on(&object.id))
        })
        .collect()
}
