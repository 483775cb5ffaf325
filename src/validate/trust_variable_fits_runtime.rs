//! # What must hold
//! A container is told of the CA in a way that what it runs listens to.
//!
//! # Why
//! Node, Java and Python's requests ignore `SSL_CERT_DIR` and Node and Java `SSL_CERT_FILE` too; OpenSSL finds in
//! `SSL_CERT_DIR` only files that are named by their subject's hash. All of them go on without a word, and the first
//! connection fails (measured with each of them).
//!
//! # Broken
//! ```yaml
//! image: node:22
//! env: [{name: SSL_CERT_FILE, value: /ca/ca.crt}]
//! ```
//!
//! # Fixed
//! ```yaml
//! image: node:22
//! env: [{name: NODE_EXTRA_CA_CERTS, value: /ca/ca.crt}]
//! ```

use super::{Review, Rule};
use crate::app::profile::Runtime;
use crate::krm::{Finding, codes};
use crate::model::{Container, FileAt, World};

pub(super) const RULE: Rule = Rule { code: &codes::TRUST_VARIABLE_FITS_RUNTIME, ids: &["T04", "T05"], check };

/// Images that say by their name what they run.
const IMAGES: &[(&str, Runtime)] = &[
    ("node", Runtime::Node),
    ("openjdk", Runtime::Java),
    ("eclipse-temurin", Runtime::Java),
    ("amazoncorretto", Runtime::Java),
    ("ruby", Runtime::Openssl),
    ("php", Runtime::Openssl),
    ("curl", Runtime::Openssl),
];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for container in world.told_containers(review.is_run) {
        let Some(runtime) = runtime_of(world, &container) else { continue };
        let paths = world.ca_paths(&container);
        let has = |name: &str| paths.iter().any(|path| path.setting == name && !path.may_be_of_the_image());
        let set = |name: &str| !world.variable(&container, name).is_absent();
        let told = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| has(name));
        let way_out = match runtime {
            Runtime::Node if told.is_some() && !set("NODE_EXTRA_CA_CERTS") && !set("NODE_OPTIONS") => {
                "Node reads NODE_EXTRA_CA_CERTS"
            }
            Runtime::Java if told.is_some() && !set("JAVA_TOOL_OPTIONS") && !set("JAVA_OPTS") => {
                "Java reads a trust store, which JAVA_TOOL_OPTIONS can name"
            }
            Runtime::Python if has("SSL_CERT_DIR") && !set("SSL_CERT_FILE") && !set("REQUESTS_CA_BUNDLE") => {
                "Python reads SSL_CERT_FILE and REQUESTS_CA_BUNDLE, with a bundle that holds the public roots too"
            }
            Runtime::Openssl if has("SSL_CERT_DIR") && !set("SSL_CERT_FILE") && !is_hashed(world, &container) => {
                "OpenSSL finds there only files that are named by their subject's hash, as in `items: [{key: ca.crt, path: 1a2b3c4d.0}]`; give its hash, or use SSL_CERT_FILE with a bundle that holds the public roots too"
            }
            _ => continue,
        };
        let Some(path) = paths.iter().find(|path| Some(path.setting.as_str()) == told) else { continue };
        let message =
            format!("the CA must be told in a way that the container listens to, not by {}: {way_out}", path.setting);
        found.push(world.finding(&codes::TRUST_VARIABLE_FITS_RUNTIME, message, &path.place));
    }
    found
}

/// What a container runs: by the app that it is, else by the name of its image.
fn runtime_of(world: &World<'_>, container: &Container) -> Option<Runtime> {
    let own = world
        .consumers
        .iter()
        .find(|consumer| consumer.container.as_ref().is_some_and(|own| own.place == container.place));
    let image = container.image.rsplit('/').next()?.split([':', '@']).next()?;
    own.map(|consumer| consumer.profile.runtime)
        .filter(|runtime| *runtime != Runtime::default())
        .or_else(|| IMAGES.iter().find(|(name, _)| *name == image).map(|(_, runtime)| *runtime))
}

/// Whether one of the folders has a file that OpenSSL would find, or cannot be looked into.
fn is_hashed(world: &World<'_>, container: &Container) -> bool {
    let folders = world.ca_paths(container).into_iter().filter(|path| path.setting == "SSL_CERT_DIR");
    folders.filter(|path| !path.may_be_of_the_image()).any(|folder| {
        let mounts = world.mounts(container);
        let Some(mount) = mounts.iter().find(|mount| mount.path == folder.path) else { return true };
        let Some((volume, _)) = world.volume(container, &mount.volume) else { return true };
        let sources = crate::model::sources_of(&volume);
        let is_name = |name: &str| {
            name.len() == 10 && name.ends_with(".0") && name.chars().take(8).all(|c| c.is_ascii_hexdigit())
        };
        sources.is_empty()
            || sources.iter().any(|(kind, name, source)| match source.get("items").and_then(|items| items.as_array()) {
                Some(items) => items.iter().any(|item| item["path"].as_str().is_some_and(is_name)),
                None => match world.named(kind, name, container.namespace.as_deref()).first() {
                    Some(object) => {
                        let data = world.texts.objects()[*object].value.get("data").and_then(|data| data.as_object());
                        data.is_none_or(|data| data.is_empty() || data.keys().any(|key| is_name(key)))
                    }
                    None => true,
                },
            })
            || matches!(world.file_at(container, &folder.path), FileAt::NotMounted)
    })
}
