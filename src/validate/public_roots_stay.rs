//! # What must hold
//! What takes the place of the image's CAs holds the public ones too.
//!
//! # Why
//! A folder mounted over `/etc/ssl/certs` hides what the image has, and `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and
//! `CURL_CA_BUNDLE` are read in the place of it. With the private CA alone, every public host fails from then on.
//!
//! # Broken
//! ```yaml
//! kind: Bundle
//! metadata: {name: lab-ca}
//! spec:
//!   sources: [{secret: {name: lab-ca, key: tls.crt}}]      # mounted over /etc/ssl/certs
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Bundle
//! metadata: {name: lab-ca}
//! spec:
//!   sources: [{useDefaultCAs: true}, {secret: {name: lab-ca, key: tls.crt}}]
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};
use crate::model::{Container, FileAt, World, sources_of};

pub(super) const RULE: Rule = Rule { code: &codes::PUBLIC_ROOTS_STAY, ids: &["T06", "T07"], check };

/// Folders in which images keep the public roots.
const STORES: &[&str] = &["/etc/ssl/certs", "/etc/ssl", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted/pem"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for container in world.told_containers(review.is_run) {
        for mount in world.mounts(&container) {
            if mount.sub_path.is_some() || !STORES.contains(&mount.path.as_str()) {
                continue;
            }
            let Some((volume, _)) = world.volume(&container, &mount.volume) else { continue };
            let sources = sources_of(&volume);
            let are_private = sources.iter().all(|(kind, name, _)| is_private(world, &container, kind, name, None));
            if !sources.is_empty() && are_private {
                let message = format!(
                    "what is mounted over {} must hold the public CAs too, and it holds private ones only; mount it elsewhere and name it in SSL_CERT_DIR, or add the public ones (trust-manager: `useDefaultCAs`)",
                    mount.path
                );
                found.push(world.finding(&codes::PUBLIC_ROOTS_STAY, message, &mount.place));
            }
        }
        for path in world.ca_paths(&container).into_iter().filter(|path| path.replaces_roots) {
            let FileAt::Key { kind, name, key, .. } = world.file_at(&container, &path.path) else { continue };
            if is_private(world, &container, kind, &name, Some(&key)) {
                let message = format!(
                    "{} takes the place of the public CAs, and {name} holds private ones only: right where the container calls private hosts alone",
                    path.setting
                );
                found.push(world.finding(&codes::PUBLIC_ROOTS_STAY, message, &path.place).severity(Severity::Info));
            }
        }
    }
    found
}

/// Whether a source is known to hold some certificates of one's own and no more.
fn is_private(world: &World<'_>, container: &Container, kind: &str, name: &str, key: Option<&str>) -> bool {
    // There are more than a hundred public roots.
    const FEW: usize = 10;
    let bundles = world.named("Bundle", name, None);
    if let Some(bundle) = bundles.first() {
        let value = &world.texts.objects()[*bundle].value;
        let sources = value.pointer("/spec/sources").and_then(Value::as_array);
        let is_public = |source: &Value| source["useDefaultCAs"] == true || source.get("inLine").is_some();
        return bundles.len() == 1
            && !world.is_patched(*bundle)
            && sources.is_some_and(|sources| !sources.is_empty() && !sources.iter().any(is_public));
    }
    if kind != "ConfigMap" {
        return false;
    }
    let maps = world.named("ConfigMap", name, container.namespace.as_deref());
    let count = |map: &usize| {
        let data = world.texts.objects()[*map].value.get("data").and_then(Value::as_object);
        let texts = data.into_iter().flatten().filter(|(own, _)| key.is_none_or(|key| key == *own));
        texts
            .filter_map(|(_, text)| text.as_str())
            .map(|text| text.matches("-----BEGIN CERTIFICATE").count())
            .sum::<usize>()
    };
    !maps.is_empty() && maps.iter().all(|map| (1..FEW).contains(&count(map)) && !world.is_patched(*map))
}
