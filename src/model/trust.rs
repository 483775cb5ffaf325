//! What containers are told of CAs, and who signs the certificates of hosts, as far as the input shows.

use serde_json::Value;

use super::{Container, Said, World, is_template};
use crate::krm::Place;

/// A file or folder that a container is told to take CAs from.
#[derive(Clone, Debug)]
pub struct CaPath {
    /// The variable or setting that names it.
    pub setting: String,
    /// The path.
    pub path: String,
    /// Where it is named.
    pub place: Place,
    /// Whether what is there takes the place of the roots that the image has.
    pub replaces_roots: bool,
}

/// Variables that name a file or folder of CAs, and whether it takes the place of the image's own.
const VARIABLES: &[(&str, bool)] = &[
    ("SSL_CERT_FILE", true),
    ("SSL_CERT_DIR", false),
    ("NODE_EXTRA_CA_CERTS", false),
    ("REQUESTS_CA_BUNDLE", true),
    ("CURL_CA_BUNDLE", true),
];

/// Where images keep files of their own, and Kubernetes puts some without a word in the manifests.
const OF_THE_IMAGE: &[&str] =
    &["/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr", "/opt", "/var/run/secrets", "/run/secrets"];

/// Variables whose CAs some runtime takes, beyond those that hold paths.
const OTHER_VARIABLES: &[&str] = &["JAVA_TOOL_OPTIONS", "NODE_TLS_REJECT_UNAUTHORIZED", "NODE_OPTIONS"];

impl CaPath {
    /// Whether it lies where images have files of their own, so that no mount need be seen.
    pub fn may_be_of_the_image(&self) -> bool {
        OF_THE_IMAGE
            .iter()
            .any(|folder| self.path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl World<'_> {
    /// The files and folders of CAs that a container's variables name.
    pub fn ca_paths(&self, container: &Container) -> Vec<CaPath> {
        let mut found = Vec::new();
        for (name, replaces_roots) in VARIABLES {
            let seen = self.variable(container, name);
            let Some((said, text)) = seen.said().and_then(|said| Some((said, said.literal()?))) else { continue };
            let paths = text.split(':').filter(|path| path.starts_with('/'));
            found.extend(paths.map(|path| CaPath {
                setting: (*name).to_owned(),
                path: if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path.to_owned() },
                place: said.place.clone(),
                replaces_roots: *replaces_roots,
            }));
        }
        found
    }

    /// Whether something may give a container a CA: a variable, a mount where runtimes look, or what is unseen.
    pub fn may_trust_more(&self, container: &Container) -> bool {
        let has = |name: &str| !self.variable(container, name).is_absent();
        let is_store = |path: &str| {
            ["/etc/ssl", "/etc/pki", "/usr/local/share/ca-certificates"].iter().any(|s| path.starts_with(s))
        };
        container.is_partial
            || VARIABLES.iter().any(|(name, _)| has(name))
            || OTHER_VARIABLES.iter().any(|name| has(name))
            || self
                .mounts(container)
                .iter()
                .any(|mount| is_store(&mount.path) || mount.path.ends_with(".crt") || mount.path.ends_with(".pem"))
    }

    /// The issuer of a host's certificate, where everything in the input that gives the host one names a CA of one's own
    /// (`ca`, `selfSigned`), and the issuer is in the input.
    pub fn private_issuer_of(&self, host: &str) -> Option<(String, Place)> {
        let mut found: Option<(String, Place)> = None;
        for route in self.routes.iter().filter(|route| route.takes(host)) {
            let by_annotation = || {
                let named = |key: &str, kind| {
                    let name = route.annotations.get(key).and_then(Value::as_str)?;
                    Some((kind, name.to_owned()))
                };
                named("cert-manager.io/cluster-issuer", "ClusterIssuer")
                    .or_else(|| named("cert-manager.io/issuer", "Issuer"))
            };
            let namespace = self.texts.objects()[route.place.object].id.namespace.clone();
            let by_certificate = || {
                let secret = route.tls.as_ref()?.secret.clone()?;
                let (index, _) = self.makers(&secret, namespace.as_deref()).into_iter().next()?;
                let object = &self.texts.objects()[index];
                if object.id.kind != "Certificate" {
                    return None;
                }
                let kind = if object.text("/spec/issuerRef/kind") == Some("ClusterIssuer") {
                    "ClusterIssuer"
                } else {
                    "Issuer"
                };
                Some((kind, object.text("/spec/issuerRef/name")?.to_owned()))
            };
            let (kind, name) = by_annotation().or_else(by_certificate)?;
            let issuers = self.named(kind, &name, if kind == "Issuer" { namespace.as_deref() } else { None });
            let is_private = |index: &usize| {
                let value = &self.texts.objects()[*index].value;
                ["/spec/ca", "/spec/selfSigned"].iter().any(|pointer| value.pointer(pointer).is_some())
            };
            let first = *issuers.first()?;
            if is_template(&name)
                || !issuers.iter().all(is_private)
                || issuers.iter().any(|index| self.is_patched(*index))
            {
                return None;
            }
            found = Some((name, Place::object(first)));
        }
        found
    }

    /// The text of a file that a container sees, where its ConfigMap is in the input.
    pub fn file_text(&self, container: &Container, path: &str) -> Option<Said> {
        match self.file_at(container, path) {
            super::FileAt::Key { kind: "ConfigMap", name, key, .. } => {
                self.of_config_map(&name, container.namespace.as_deref(), &key)?.said().cloned()
            }
            _ => None,
        }
    }

    /// The containers that a rule about CAs looks at: of all workloads, or of this document's apps alone.
    pub fn told_containers(&self, only_consumers: bool) -> Vec<Container> {
        let mut found: Vec<Container> =
            self.consumers.iter().filter_map(|consumer| consumer.container.clone()).collect();
        if !only_consumers {
            found.extend(self.pods().iter().flat_map(|pod| self.containers_of(*pod)));
            found.extend(self.dexes.iter().flat_map(|dex| dex.containers.clone()));
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|container| {
            seen.insert((container.place.object, container.place.inside.len(), container.place.at.to_string()))
        });
        found
    }
}
