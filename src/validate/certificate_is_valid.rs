//! # What must hold
//! A certificate that stands in the manifests for a CA has not expired, and holds no private key.
//!
//! # Why
//! Nothing that an expired CA signed is trusted: `x509: certificate has expired or is not yet valid`. Who reads a private key can sign
//! for every host that the CA is trusted for.
//!
//! # Broken
//! ```yaml
//! kind: ConfigMap
//! data: {ca.crt: ...}      # valid until last year
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: ConfigMap
//! data: {ca.crt: ...}      # the one that the CA has now
//! ```

use super::{Review, Rule};
use crate::config::certificate;
use crate::krm::{Finding, Place, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CERTIFICATE_IS_VALID, ids: &["T12"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found: Vec<Finding> = Vec::new();
    for (text, place) in cas(review) {
        let finding = if text.contains("PRIVATE KEY-----") {
            let message = "a CA that is handed out must be its certificate alone, and a private key is with it: make a new one, because who reads this has it";
            Some(world.finding(&codes::CERTIFICATE_IS_VALID, message, &place).severity(Severity::Error))
        } else {
            let now = review.now;
            let expired = certificate::read(&text)
                .unwrap_or_default()
                .into_iter()
                .find(|one| now.is_some_and(|now| one.not_after < now));
            expired.map(|one| {
                let message = format!("\"{}\" must be valid, and it has expired", one.subject);
                world.finding(&codes::CERTIFICATE_IS_VALID, message, &place)
            })
        };
        found.extend(finding.filter(|finding| !found.iter().any(|known| known.place == finding.place)));
    }
    for config in &review.documents {
        let all = config.trust.iter().flat_map(|trust| &trust.certificates);
        let expired = all.filter(|one| review.now.is_some_and(|now| one.not_after < now));
        found.extend(expired.map(|one| {
            let message = format!("\"{}\" in `trust.certificate` must be valid, and it has expired", one.subject);
            Finding::new(&codes::CERTIFICATE_IS_VALID, message)
        }));
    }
    found
}

/// Texts in ConfigMaps and settings that containers take for CAs.
fn cas(review: &Review<'_>) -> Vec<(String, Place)> {
    let world = review.world;
    let mut found = Vec::new();
    for container in world.told_containers(review.is_run) {
        for path in world.ca_paths(&container) {
            let said = world.file_text(&container, &path.path);
            found.extend(said.and_then(|said| Some((said.text()?, said.place))));
        }
    }
    for consumer in &world.consumers {
        let said = world.beside_issuer(consumer, "rootCA").or_else(|| consumer.option("rootCA").cloned());
        found.extend(said.and_then(|said| Some((said.text()?, said.place))));
    }
    found.retain(|(text, _)| text.contains("-----BEGIN"));
    found
}
