//! # What must hold
//! Where Argo CD is served below a path (`server.rootpath`), its `url` has that path.
//!
//! # Why
//! Redirect URIs and the issuer of its own Dex are made of `url`: `issuer did not match the issuer returned by provider,
//! expected /argo/api/dex got /api/dex` (argoproj/argo-cd#9533).
//!
//! # Broken
//! ```yaml
//! server.rootpath: /argocd          # url: https://tools.lab.example
//! ```
//!
//! # Fixed
//! ```yaml
//! server.rootpath: /argocd          # url: https://tools.lab.example/argocd
//! ```

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::krm::{Finding, codes};
use crate::model::compare;

pub(super) const RULE: Rule = Rule { code: &codes::URL_HAS_ROOT_PATH, ids: &["I06"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.name == "argo-cd") {
        let Some(root) = world.argo_cd_parameter(consumer, "server.rootpath") else { continue };
        let Some(path) = root.literal().map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty())
        else {
            continue;
        };
        let Some(said) = consumer.said(ValueFrom::Url) else { continue };
        let Some(url) = said.literal().filter(|url| !compare::path_of(url).ends_with(&path)) else { continue };
        let message = format!(
            "the url of Argo CD must end in its root path \"/{path}\", and is \"{url}\": redirect URIs are made of it"
        );
        let finding = world.finding(&codes::URL_HAS_ROOT_PATH, message, &said.place);
        found.push(world.against(finding, &root.place, "the root path is set here"));
    }
    found
}
