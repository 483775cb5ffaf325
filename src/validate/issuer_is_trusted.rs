//! # What must hold
//! An app, and each of its init containers that calls the issuer, trusts the CA that signs the issuer's certificate.
//!
//! # Why
//! `x509: certificate signed by unknown authority` is what people meet first (argoproj/argo-cd#9505, go-gitea/gitea#29420). It is said
//! where the input shows both: an issuer whose certificate comes from a CA of one's own, and a container that is told of none. It
//! stays a warning, because an image or a webhook may bring the CA.
//!
//! # Broken
//! ```yaml
//! kind: Ingress                      # of the issuer
//! metadata: {annotations: {cert-manager.io/cluster-issuer: lab-ca}}
//! ---
//! kind: ClusterIssuer
//! metadata: {name: lab-ca}
//! spec: {ca: {secretName: lab-ca}}
//! ---
//! kind: Deployment                   # Headlamp, with no word of a CA
//! ```
//!
//! # Fixed
//! ```yaml
//! env: [{name: SSL_CERT_DIR, value: /etc/ssl/local-ca}]
//! volumeMounts: [{name: local-ca, mountPath: /etc/ssl/local-ca}]
//! ```

use super::{Review, Rule};
use crate::config::document::host_of;
use crate::krm::{Finding, codes};
use crate::model::{Consumer, Container, World};

pub(super) const RULE: Rule = Rule { code: &codes::ISSUER_IS_TRUSTED, ids: &["T01", "T10"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let (Some((issuer, told)), Some(container)) = (consumer.issuer(), &consumer.container) else { continue };
        let Some((authority, place)) = host_of(&issuer).and_then(|host| world.private_issuer_of(&host)) else {
            continue;
        };
        if consumer.values.is_some() || has_own_way(world, consumer) {
            continue;
        }
        let app = &consumer.profile.title;
        if !world.may_trust_more(container) {
            let message = format!(
                "{app} must trust the CA of {issuer}: {authority} signs its certificate, and the container is told of no CA"
            );
            let finding = world.finding(&codes::ISSUER_IS_TRUSTED, message, &told.place);
            found.push(world.against(finding, &place, "the CA is one of your own"));
            continue;
        }
        for init in init_containers(world, consumer, container) {
            let message = format!(
                "the init container {} of {app} calls {issuer} too, and must trust the CA of it as the app does: {authority} signs its certificate",
                init.name
            );
            let finding = world.finding(&codes::ISSUER_IS_TRUSTED, message, &init.place);
            found.push(world.against(finding, &place, "the CA is one of your own"));
        }
    }
    found
}

/// Whether the app is told of a CA by a setting of its own, or does not verify at all.
fn has_own_way(world: &World<'_>, consumer: &Consumer<'_>) -> bool {
    let options = ["caFile", "rootCA", "skipTLSVerify"];
    let is_open = |name: &str| consumer.options.get(name).is_some_and(|seen| !seen.is_absent());
    let has_advice = consumer.profile.components.iter().any(|component| {
        let values = component.values.as_ref();
        !component.ca_paths.is_empty() || values.is_some_and(|values| values.ca.is_some())
    });
    options.iter().any(|name| is_open(name)) || world.beside_issuer(consumer, "rootCA").is_some() || has_advice
}

/// Init containers that call the issuer, and are told of no CA.
fn init_containers(world: &World<'_>, consumer: &Consumer<'_>, container: &Container) -> Vec<Container> {
    let named =
        consumer.profile.components.first().map(|component| component.init_containers.as_slice()).unwrap_or_default();
    let all = world.containers_of(container.object).into_iter();
    let calling = all.filter(|own| own.is_init && named.contains(&own.name) && !own.is_partial);
    calling.filter(|own| !world.may_trust_more(own)).collect()
}
