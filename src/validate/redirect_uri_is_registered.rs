//! # What must hold
//! The redirect URI that an app sends is one of its client's `redirectURIs` in Dex, byte for byte.
//!
//! # Why
//! Dex compares the strings and answers `Unregistered redirect_uri` (dexidp/dex#1703, argoproj/argo-cd#19787). A missing
//! slash, `http` for `https`, a port or a typo such as `/login/generic_outh` is enough.
//!
//! # Broken
//! ```yaml
//! redirectURIs: [https://grafana.lab.example/login/generic_outh]
//! ```
//!
//! # Fixed
//! ```yaml
//! redirectURIs: [https://grafana.lab.example/login/generic_oauth]
//! ```

use serde_json::json;

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::{Consumer, DexClient, Said, compare, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::REDIRECT_URI_IS_REGISTERED, ids: &["R01", "R02"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let (Some((uri, said)), Some((id, _))) = (consumer.redirect_uri(), consumer.client_id()) else { continue };
        let clients: Vec<&DexClient> =
            world.dexes_for(consumer).into_iter().filter_map(|dex| dex.client(&id)).collect();
        let Some(client) = clients.first() else { continue };
        if clients.iter().any(|client| is_open(client, consumer, &uri)) {
            continue;
        }
        let registered = client.list("redirectURIs");
        let texts = registered.iter().filter_map(|said| Some((said, said.text()?)));
        let nearest = texts.min_by_key(|(_, text)| strsim::damerau_levenshtein(text, &uri));
        let (place, hint, current) = match nearest {
            Some((said, text)) if is_meant(&text, &uri) => (
                said.place.clone(),
                format!("\"{text}\" is registered ({})", compare::difference(&text, &uri)),
                Some(text),
            ),
            Some(_) => {
                let all: Vec<String> =
                    registered.iter().filter_map(Said::text).map(|text| format!("\"{text}\"")).collect();
                (list_place(client), format!("registered are {}", all.join(", ")), None)
            }
            None => (list_place(client), "none is registered".to_owned(), None),
        };
        let message = format!(
            "client \"{id}\" must have the redirect URI that {} sends, \"{uri}\"; {hint}",
            consumer.profile.title
        );
        let finding = world.finding(&codes::REDIRECT_URI_IS_REGISTERED, message, &place);
        let finding = finding.values(current.map(|text| json!(text)), Some(json!(uri)));
        found.push(world.against(
            finding,
            &said.place,
            format!("{} is told \"{}\"", consumer.profile.title, said.text().unwrap_or_default()),
        ));
    }
    found
}

fn list_place(client: &DexClient) -> crate::krm::Place {
    client.field("redirectURIs").map_or_else(|| client.name_place(), |said| said.place)
}

/// Whether a client takes the URI, or what it takes cannot be told.
fn is_open(client: &DexClient, consumer: &Consumer<'_>, uri: &str) -> bool {
    let url = consumer.url().map(|(url, _)| url.trim_end_matches('/').to_owned()).unwrap_or_default();
    let paths = consumer.profile.client.iter().flat_map(|known| &known.redirect_paths);
    let others: Vec<String> = paths.map(|path| format!("{url}{path}")).collect();
    let registered = client.list("redirectURIs");
    if registered.is_empty() && client.is_public() && compare::is_loopback(uri) {
        return true;
    }
    // A list that is no list, or a template, may become anything.
    let is_odd = client.field("redirectURIs").is_some_and(|said| !said.value.is_array());
    is_odd
        || registered.iter().any(|said| match said.text() {
            Some(text) => {
                text == uri
                    || is_template(&text)
                    || others.contains(&text)
                    || text.starts_with('/') && compare::path_of(uri).ends_with(&text)
            }
            None => true,
        })
}

/// Whether a registered URI is most likely meant to be the one that is sent.
fn is_meant(registered: &str, uri: &str) -> bool {
    compare::is_near(registered, uri) || compare::bare(registered) == compare::bare(uri)
}
