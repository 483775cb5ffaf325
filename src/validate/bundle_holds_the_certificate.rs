//! # What must hold
//! The ConfigMap or Secret that is mounted holds the certificates of `trust.certificate`.
//!
//! # Why
//! OpenSSL looks for a CA under a name that is computed from `trust.certificate`. Where the mounted file holds another
//! one, as after a CA was replaced in one of the two places only, it finds nothing, and says so at the first connection.
//!
//! # Broken
//! ```yaml
//! kind: ConfigMap
//! metadata: {name: lab-ca}
//! data:
//!   ca.crt: |   # of 2024
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: ConfigMap
//! metadata: {name: lab-ca}
//! data:
//!   ca.crt: |   # the certificate of `trust.certificate`, and what else is needed
//! ```

use base64::Engine as _;

use super::{Review, Rule};
use crate::config::{Source, certificate};
use crate::krm::{Finding, Object, Place, codes};
use crate::patch::token;

pub(super) const RULE: Rule = Rule { code: &codes::BUNDLE_HOLDS_THE_CERTIFICATE, ids: &["T03"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let Some(trust) = review.documents.iter().find_map(|config| config.trust.as_ref()) else { return Vec::new() };
    let (kind, name) = match &trust.source {
        Source::ConfigMap { name, .. } => ("ConfigMap", name),
        Source::Secret { name, .. } => ("Secret", name),
        Source::ClusterTrustBundle { .. } => return Vec::new(),
    };
    let held = review.after.objects.iter().enumerate().filter(|(_, o)| o.is("", kind) && o.is_named(name));
    held.filter_map(|(index, object)| {
        let (field, text) = text_of(object, trust.key())?;
        // One that cannot be read may be encrypted, or filled later.
        let known = certificate::read(&text).ok()?;
        let missing = trust.certificates.iter().find(|certificate| !known.contains(certificate))?;
        let message = format!(
            "must hold every certificate of `trust.certificate`, and \"{}\" is not in it; bring the two to the same state",
            missing.subject
        );
        let place = Place::object(index).under(&format!("/{field}/{}", token(trust.key())));
        Some(Finding::new(&codes::BUNDLE_HOLDS_THE_CERTIFICATE, message).in_place(&object.id, place))
    })
    .collect()
}

/// The text of a key, and the field it stands in.
fn text_of(object: &Object, key: &str) -> Option<(&'static str, String)> {
    let at = |field: &str| object.value.get(field)?.get(key)?.as_str();
    if let Some(text) = at("stringData") {
        return Some(("stringData", text.to_owned()));
    }
    let text = at("data")?;
    if object.id.kind == "ConfigMap" {
        return Some(("data", text.to_owned()));
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.split_whitespace().collect::<String>()).ok()?;
    Some(("data", String::from_utf8(bytes).ok()?))
}
