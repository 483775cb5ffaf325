//! # What must hold
//! Argo Workflows' server takes the mode `sso` where a login is configured.
//!
//! # Why
//! The chart's `server.sso.enabled` writes the configuration and not the flag: without `--auth-mode=sso` the login page has no button.
//!
//! # Broken
//! ```yaml
//! server: {authModes: [server], sso: {enabled: true}}
//! ```
//!
//! # Fixed
//! ```yaml
//! server: {authModes: [sso], sso: {enabled: true}}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Place, codes};
use crate::model::{Consumer, Seen, World, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::SSO_MODE_IS_ON, ids: &["B07"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in world.consumers.iter().filter(|consumer| consumer.profile.name == "argo-workflows") {
        if let Some((modes, place)) = modes(world, consumer)
            && !modes.iter().any(|mode| mode == "sso" || is_template(mode))
        {
            let given =
                if modes.is_empty() { "none is given".to_owned() } else { format!("it has {}", modes.join(", ")) };
            let message =
                format!("Argo Workflows' server must have the mode sso, because a login is configured; {given}");
            found.push(world.finding(&codes::SSO_MODE_IS_ON, message, &place));
        }
    }
    found
}

/// The modes, where all of them are seen.
fn modes(world: &World<'_>, consumer: &Consumer<'_>) -> Option<(Vec<String>, Place)> {
    if let Some(values) = &consumer.values {
        let switch = values.get(world, "/server/sso/enabled").said().filter(|said| said.is_on())?.clone();
        let has_flag = |pointer: &str| !values.get(world, pointer).is_absent();
        if has_flag("/server/authMode") || has_flag("/server/extraArgs") {
            return None;
        }
        return match values.get(world, "/server/authModes") {
            Seen::Is(said) => Some((said.words()?, said.place)),
            Seen::Absent => Some((Vec::new(), switch.place)),
            Seen::Unseen => None,
        };
    }
    let container = consumer.container.as_ref().filter(|container| !container.is_partial)?;
    let words = world.list(&container.args);
    let texts: Vec<&str> = words.iter().filter_map(|(word, _)| word.as_str()).collect();
    let mut modes: Vec<String> =
        texts.iter().filter_map(|word| Some(word.strip_prefix("--auth-mode=")?.to_owned())).collect();
    modes.extend(texts.windows(2).filter(|pair| pair[0] == "--auth-mode").map(|pair| pair[1].to_owned()));
    let is_server = texts.contains(&"server");
    is_server.then(|| (modes, container.place.clone()))
}
