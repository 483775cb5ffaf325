//! # What must hold
//! A file that a setting names as a CA is there: below a volume of the container, under a key that its source has.
//!
//! # Why
//! Headlamp and oauth2-proxy stop without the file, and Dex with a connector's; Go, Python and Node go on without the CA, and the
//! first connection ends in `x509: certificate signed by unknown authority` (mintel/dex-k8s-authenticator#139).
//!
//! # Broken
//! ```yaml
//! env: [{name: SSL_CERT_FILE, value: /ca/ca.crt}]
//! volumeMounts: [{name: local-ca, mountPath: /certs}]
//! ```
//!
//! # Fixed
//! ```yaml
//! env: [{name: SSL_CERT_FILE, value: /certs/ca.crt}]
//! volumeMounts: [{name: local-ca, mountPath: /certs}]
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::app::recognise::has_image;
use crate::krm::{Finding, Place, Severity, codes, pod};
use crate::model::{CaPath, Consumer, Container, FileAt, Keys, World};

pub(super) const RULE: Rule = Rule { code: &codes::CA_FILE_IS_THERE, ids: &["T02", "T03"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for container in world.told_containers(review.is_run) {
        for path in world.ca_paths(&container) {
            found.extend(of_path(world, &container, &path, Severity::Warning));
        }
    }
    for consumer in &world.consumers {
        let (Some(container), Some(said)) = (&consumer.container, consumer.option("caFile")) else { continue };
        let Some(path) = said.literal().filter(|path| path.starts_with('/')) else { continue };
        let (setting, place) = ("the CA file".to_owned(), said.place.clone());
        let path = CaPath { setting, path, place, replaces_roots: false };
        let severity = if is_official(world, consumer, container) { Severity::Error } else { Severity::Warning };
        found.extend(of_path(world, container, &path, severity));
    }
    for dex in &world.dexes {
        for (connector, place) in &dex.connectors {
            for (path, at) in connector_files(connector, place) {
                let setting = format!("connector \"{}\"", connector["id"].as_str().unwrap_or_default());
                let path = CaPath { setting, path, place: at, replaces_roots: false };
                // Where one pod of several has the file, the others may be of another environment.
                let wrong: Vec<Finding> =
                    dex.containers.iter().filter_map(|own| of_path(world, own, &path, Severity::Error)).collect();
                if wrong.len() == dex.containers.len() {
                    found.extend(wrong.into_iter().next());
                }
            }
        }
    }
    found
}

/// An image of one's own may hold the file.
fn is_official(world: &World<'_>, consumer: &Consumer<'_>, container: &Container) -> bool {
    let object = &world.texts.objects()[container.object];
    let own = pod::containers(object).into_iter().find(|own| container.place.at.as_str() == own.pointer);
    own.is_some_and(|own| consumer.profile.components.iter().any(|component| has_image(&own, component)))
}

fn connector_files(connector: &Value, place: &Place) -> Vec<(String, Place)> {
    let config = &connector["config"];
    let one = config["rootCA"].as_str().map(|path| (path.to_owned(), place.under("/config/rootCA")));
    let many = config["rootCAs"].as_array().into_iter().flatten().enumerate();
    let many =
        many.filter_map(|(at, path)| Some((path.as_str()?.to_owned(), place.under(&format!("/config/rootCAs/{at}")))));
    one.into_iter().chain(many).filter(|(path, _)| path.starts_with('/') && !crate::model::is_template(path)).collect()
}

fn of_path(world: &World<'_>, container: &Container, path: &CaPath, severity: Severity) -> Option<Finding> {
    let CaPath { setting, path: file, place, .. } = path;
    let problem = match world.file_at(container, file) {
        FileAt::NotMounted if !path.may_be_of_the_image() => "no volume is mounted there".to_owned(),
        // The folder itself has no key.
        FileAt::Key { kind, name, key, .. } if !key.is_empty() => {
            let keys = keys(world, kind, &name, container.namespace.as_deref())?;
            if keys.contains(&key) {
                return None;
            }
            format!("it is the key {key} of the {kind} {name}, which has {}", keys.join(", "))
        }
        _ => return None,
    };
    let message = format!("{setting} must name a CA that is there, not {file}: {problem}");
    Some(world.finding(&codes::CA_FILE_IS_THERE, message, place).severity(severity))
}

/// The keys of a source, where they are all known.
fn keys(world: &World<'_>, kind: &str, name: &str, namespace: Option<&str>) -> Option<Vec<String>> {
    if kind == "Secret" {
        return match world.keys(name, namespace) {
            Keys::Known(keys) => Some(keys),
            _ => None,
        };
    }
    // What an operator or trust-manager fills is empty here, or carries a mark.
    if !world.named("Bundle", name, None).is_empty() {
        return None;
    }
    let mut all = Vec::new();
    for map in world.named("ConfigMap", name, namespace) {
        let object = &world.texts.objects()[map];
        let fields = ["data", "binaryData"].into_iter().filter_map(|field| object.value.get(field)?.as_object());
        let own: Vec<String> = fields.flat_map(|data| data.keys().cloned()).collect();
        if own.is_empty()
            || object.label("config.openshift.io/inject-trusted-cabundle").is_some()
            || world.is_patched(map)
        {
            return None;
        }
        all.extend(own);
    }
    (!all.is_empty()).then_some(all)
}
