//! # What must hold
//! An app verifies the certificate of the issuer, and Dex those of its connectors.
//!
//! # Why
//! Without it, whoever stands between the two can give any login and any token. It is mostly switched off where the CA did
//! not get to the app (scality/metalk8s#2384): bring the CA there instead.
//!
//! # Broken
//! ```yaml
//! args: [-oidc-skip-tls-verify]
//! ```
//!
//! # Fixed
//! ```yaml
//! env: [{name: SSL_CERT_DIR, value: /etc/ssl/local-ca}]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CERTIFICATES_ARE_VERIFIED, ids: &["T09"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let switch = consumer.option("skipTLSVerify").filter(|said| said.is_on()).cloned();
        let variable = || {
            let container = consumer.container.as_ref()?;
            let is_off = |name: &str, off: &str| {
                let seen = world.variable(container, name);
                seen.said().filter(|said| said.text().as_deref() == Some(off)).cloned()
            };
            is_off("NODE_TLS_REJECT_UNAUTHORIZED", "0").or_else(|| is_off("PYTHONHTTPSVERIFY", "0"))
        };
        if let Some(said) = switch.or_else(variable) {
            let message = format!(
                "{} must verify the issuer's certificate, which is switched off here; mount the CA instead",
                consumer.profile.title
            );
            found.push(world.finding(&codes::CERTIFICATES_ARE_VERIFIED, message, &said.place));
        }
    }
    for (connector, place) in world.dexes.iter().flat_map(|dex| &dex.connectors) {
        let config = &connector["config"];
        let Some(field) = ["insecureSkipVerify", "insecureNoSSL"].iter().find(|field| config[**field] == true) else {
            continue;
        };
        let message = format!(
            "connector \"{}\" must verify the other end's certificate, and `{field}` switches that off; name the CA in `rootCA` or `rootCAs`",
            connector["id"].as_str().unwrap_or_default()
        );
        found.push(world.finding(
            &codes::CERTIFICATES_ARE_VERIFIED,
            message,
            &place.under(&format!("/config/{field}")),
        ));
    }
    found
}
