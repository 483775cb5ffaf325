//! # What must hold
//! An app and Dex have the same client secret: both ends lead to one origin, or to values that are equal.
//!
//! # Why
//! Two secrets that differ end in `invalid_client` after the person has signed in, and neither end says whose is wrong
//! (dexidp/dex#2553, #3853). Values are only compared, never shown.
//!
//! # Broken
//! ```yaml
//! # Dex                     # the app's Secret
//! secret: in-dex            stringData: {client-secret: in-the-app}
//! ```
//!
//! # Fixed
//! ```yaml
//! # an ExternalSecret in each of the two namespaces, with the same remoteRef
//! remoteRef: {key: sso/grafana, property: client-secret}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};
use crate::model::{Origin, Said, Seen, World, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_SHARED, ids: &["C07"], check };

/// What is known of two secrets together.
enum Verdict {
    Same,
    Different,
    /// They come from elsewhere, and not from one place.
    Apart(String, String),
    Closed(&'static str),
    Unseen,
}

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let (Some((id, _)), Some(mine)) = (consumer.client_id(), consumer.secret()) else { continue };
        let ends: Vec<Said> = world
            .dexes_for(consumer)
            .into_iter()
            .filter_map(|dex| match dex.secret_of(world, dex.client(&id)?) {
                Seen::Is(said) => Some(said),
                _ => None,
            })
            .collect();
        let verdicts: Vec<(Verdict, &Said)> =
            ends.iter().map(|theirs| (compare(world, mine, theirs), theirs)).collect();
        if verdicts.iter().any(|(verdict, _)| matches!(verdict, Verdict::Same | Verdict::Unseen)) {
            continue;
        }
        let Some((verdict, theirs)) = verdicts.first() else { continue };
        let app = &consumer.profile.title;
        let (severity, message) = match verdict {
            Verdict::Different => (
                Severity::Error,
                format!("the secret of client \"{id}\" must be the same in {app} and in Dex; the two differ"),
            ),
            Verdict::Apart(a, b) => (
                Severity::Warning,
                format!(
                    "the secret of client \"{id}\" must be the same in {app} and in Dex; it comes from {a} there and from {b} here, so nothing keeps the two equal"
                ),
            ),
            Verdict::Closed(what) => (
                Severity::Info,
                format!(
                    "the secret of client \"{id}\" must be the same in {app} and in Dex; {what} cannot be looked into, so that is not proved"
                ),
            ),
            Verdict::Same | Verdict::Unseen => continue,
        };
        let finding = world.finding(&codes::CLIENT_SECRET_IS_SHARED, message, &mine.place).severity(severity);
        found.push(world.against(finding, &theirs.place, "Dex's end"));
    }
    found
}

fn compare(world: &World<'_>, mine: &Said, theirs: &Said) -> Verdict {
    if mine.from.is_some() && mine.from == theirs.from {
        return Verdict::Same;
    }
    let (mine, theirs) = (origins(world, mine), origins(world, theirs));
    if mine.is_empty() || theirs.is_empty() {
        return Verdict::Unseen;
    }
    let pairs = || mine.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
    if pairs().any(|(a, b)| a == b && !matches!(a, Origin::Closed(_))) {
        return Verdict::Same;
    }
    match pairs().next() {
        Some((Origin::Value(_), Origin::Value(_))) => Verdict::Different,
        Some((Origin::Remote(a, x), Origin::Remote(b, y))) => Verdict::Apart(title(b, y), title(a, x)),
        Some(
            (Origin::Closed(what), Origin::Closed(_) | Origin::Value(_)) | (Origin::Value(_), Origin::Closed(what)),
        ) => Verdict::Closed(what),
        _ => Verdict::Unseen,
    }
}

fn title(key: &str, property: &str) -> String {
    if property.is_empty() { key.to_owned() } else { format!("{key} {property}") }
}

fn origins(world: &World<'_>, said: &Said) -> Vec<Origin> {
    match &said.from {
        Some(key) => match said.text() {
            // The values of a chart may hold what its Secret will.
            Some(text) if !is_template(&text) => vec![Origin::Value(text)],
            _ => world.origins(key),
        },
        None => match said.text() {
            Some(text) if is_template(&text) => Vec::new(),
            Some(text) => vec![Origin::Value(text)],
            None => Vec::new(),
        },
    }
}
