//! # What must hold
//! A certificate is for the host that it is served at.
//!
//! # Why
//! Clients refuse one that does not name the host: `x509: certificate is valid for dex, not dex.lab.example`
//! (argoproj-labs/argocd-operator#1614).
//!
//! # Broken
//! ```yaml
//! kind: Certificate
//! spec: {secretName: dex-tls, dnsNames: [dex]}           # the Ingress of dex.lab.example uses dex-tls
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Certificate
//! spec: {secretName: dex-tls, dnsNames: [dex.lab.example]}
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, Object, codes};
use crate::model::{covers, is_template};

pub(super) const RULE: Rule = Rule { code: &codes::CERTIFICATE_NAMES_THE_HOST, ids: &["T13"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    let issuers = world.dexes.iter().filter_map(|dex| dex.issuer_text());
    let urls = world.consumers.iter().filter_map(|consumer| Some(consumer.url()?.0));
    let mut hosts: Vec<String> = issuers.chain(urls).filter_map(|url| host_of(&url)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts {
        for route in world.routes.iter().filter(|route| route.takes(&host)) {
            let Some(secret) = route.tls.as_ref().and_then(|tls| tls.secret.as_ref()) else { continue };
            let namespace = world.texts.objects()[route.place.object].id.namespace.clone();
            let makers = world.makers(secret, namespace.as_deref());
            let misses = |index: usize| {
                let object = &world.texts.objects()[index];
                object.id.kind == "Certificate" && !world.is_patched(index) && !names(object, &host)
            };
            let Some((_, at)) = makers.first().filter(|_| makers.iter().all(|(index, _)| misses(*index))) else {
                continue;
            };
            let message = format!(
                "the certificate in {secret} must name {host}, which is served with it; clients refuse it otherwise"
            );
            let finding = world.finding(&codes::CERTIFICATE_NAMES_THE_HOST, message, &at.under("/spec/dnsNames"));
            found.push(world.against(finding, &route.place, "it is served here"));
        }
    }
    found
}

/// Whether a Certificate names a host, or cannot be read so far.
fn names(object: &Object, host: &str) -> bool {
    let list = object.value.pointer("/spec/dnsNames").and_then(Value::as_array);
    let listed: Vec<&str> = list.into_iter().flatten().filter_map(Value::as_str).collect();
    let all = listed.iter().copied().chain(object.text("/spec/commonName"));
    let mut all = all.peekable();
    all.peek().is_none() || all.any(|name| is_template(name) || covers(name, host))
}
