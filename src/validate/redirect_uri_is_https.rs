//! # What must hold
//! A registered redirect URI is an `https` address, or leads back to the machine of whoever signs in.
//!
//! # Why
//! Over plain `http` the code can be read on the way. Most often it is a sign that an app behind a proxy does not know that
//! it is reached by `https` (grafana/grafana#11817).
//!
//! # Broken
//! ```yaml
//! redirectURIs: [http://grafana.lab.example/login/generic_oauth]
//! ```
//!
//! # Fixed
//! ```yaml
//! redirectURIs: [https://grafana.lab.example/login/generic_oauth]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::compare;

pub(super) const RULE: Rule = Rule { code: &codes::REDIRECT_URI_IS_HTTPS, ids: &["R04"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for client in world.dexes.iter().flat_map(|dex| &dex.clients) {
        let registered: Vec<String> = client.list("redirectURIs").iter().filter_map(|said| said.text()).collect();
        for said in client.list("redirectURIs") {
            let is_plain = |text: &String| text.starts_with("http://") && !compare::is_loopback(text);
            let Some(text) = said.literal().filter(is_plain) else { continue };
            // The same address by https is registered too: this one is for those who come by the old link.
            if registered.contains(&text.replacen("http://", "https://", 1)) {
                continue;
            }
            let message = format!("the redirect URI \"{text}\" of client \"{}\" must be https", client.title());
            found.push(world.finding(&codes::REDIRECT_URI_IS_HTTPS, message, &said.place));
        }
    }
    found
}
