//! The document after validation: nothing that is required is optional here, and nothing contradicts itself.

use std::sync::Arc;

use kube_core::Selector;
use serde_json::{Map, Value};

use super::certificate::Certificate;
pub use super::v1alpha1::{Access, Checks, Dex, FailOn, Helm, Ingress, SecretKeyRef as KeyRef};
use crate::app::profile::{ClientProfile, Profile, Runtime, SecretKeys};
use crate::krm::pod::PodTemplate;

/// What one `PrivateSSO` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// `metadata.name`.
    pub name: String,
    /// Whether only to report.
    pub check_only: bool,
    /// The issuer, byte for byte; empty where there are no clients.
    pub issuer: String,
    /// The private CA.
    pub trust: Option<Trust>,
    /// TLS for hosts.
    pub ingress: Option<Ingress>,
    /// Where Dex is.
    pub dex: Dex,
    /// Dex's own profile.
    pub dex_profile: Arc<Profile>,
    /// All clients, in the document's order.
    pub clients: Vec<Client>,
    /// Who may do what.
    pub access: Vec<Access>,
    /// What is reported.
    pub checks: Checks,
    /// What of a tree this document speaks of.
    pub paths: Vec<String>,
}

impl Config {
    /// The host of the issuer and of every client's url, without port.
    pub fn hosts(&self) -> Vec<String> {
        let urls = std::iter::once(&self.issuer).chain(self.clients.iter().filter_map(|client| client.url.as_ref()));
        let mut hosts: Vec<String> = urls.filter_map(|url| host_of(url)).collect();
        hosts.dedup();
        hosts
    }

    /// Kinds that are read because of this document: those that `trust` says hold pods, and those of apps that are settings.
    pub fn kinds(&self) -> Vec<PodTemplate> {
        let pods = self.trust.iter().flat_map(|trust| trust.pod_templates.iter().cloned());
        let resources = self.clients.iter().filter_map(|client| client.profile.as_ref()?.resource.as_ref());
        let resources = resources.map(|of| PodTemplate { group: of.group.clone(), kind: of.kind.clone(), path: None });
        pods.chain(resources).collect()
    }

    /// Whether the issuer is the Dex that an app runs itself, and then which client's app.
    pub fn bundled_dex(&self) -> Option<&Client> {
        self.clients.iter().find(|client| {
            let bundled = client.profile.as_ref().and_then(|profile| profile.bundled_dex.as_ref());
            bundled.is_some_and(|dex| client.address() + &dex.issuer_path == self.issuer)
        })
    }
}

/// The host of a URL, without user, port and path; nothing where it is a template.
pub fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host.split_inclusive(']').next()? } else { host.split(':').next()? };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// One client of Dex.
#[derive(Clone, Debug)]
pub struct Client {
    /// The app's profile; absent where the client is only registered in Dex.
    pub profile: Option<Arc<Profile>>,
    /// The client id.
    pub id: String,
    /// Dex's display name where the document states one.
    pub name: Option<String>,
    /// The address in the browser, as written.
    pub url: Option<String>,
    /// Derived redirect URIs first, then the additional ones.
    pub redirect_uris: Vec<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether the document states them; default ones leave what stands.
    pub states_scopes: bool,
    /// The secret, or that there is none.
    pub secret: ClientSecret,
    /// The app's namespace where stated.
    pub namespace: Option<String>,
    /// The workload's name where stated.
    pub workload: Option<String>,
    /// The app's own settings.
    pub settings: Settings,
    /// Who may ask for tokens for this client.
    pub trusted_peers: Vec<String>,
    /// Which workloads get the CA; empty means the profile's.
    pub components: Vec<String>,
    /// The Helm release.
    pub helm: Helm,
}

/// `clients[].settings`.
pub type Settings = Map<String, Value>;

impl Client {
    /// The url without its final slash.
    pub fn address(&self) -> String {
        self.url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned()
    }

    /// Dex's display name.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Dex's variable for the secret where neither the document nor Dex names one.
    pub fn default_env(&self) -> String {
        let upper: String =
            self.id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        format!("{upper}_CLIENT_SECRET")
    }

    /// The Secret that is added where nothing holds a secret in clear text: `<clientID>-oidc`, as Kubernetes takes it,
    /// or the only one that the app reads.
    pub fn secret_name(&self) -> String {
        if let Some(name) = self.app().and_then(|known| known.secret_name.clone()) {
            return name;
        }
        let lower = self.id.to_ascii_lowercase();
        let name: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        format!("{}-oidc", name.trim_matches(['-', '.']))
    }

    /// The keys in it.
    pub fn secret_keys(&self) -> SecretKeys {
        self.app().map(|known| known.secret_keys.clone()).unwrap_or_default()
    }

    /// What is known of the app as a client.
    pub fn app(&self) -> Option<&ClientProfile> {
        self.profile.as_ref()?.client.as_ref()
    }

    /// Whether a component of the app gets the CA.
    pub fn trusts(&self, component: &crate::app::profile::Component) -> bool {
        if self.components.is_empty() { component.trust } else { self.components.contains(&component.name) }
    }
}

/// How a client proves that it is itself.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientSecret {
    /// By PKCE; it has no secret.
    Public,
    /// By a secret in clear text.
    Value(String),
    /// By a secret that a Secret holds.
    Reference {
        /// In the app's namespace.
        app: KeyRef,
        /// In Dex's namespace.
        dex: KeyRef,
        /// Dex's variable where the document names it.
        env: Option<String>,
        /// The client id, for apps that read it from a Secret too.
        client_id: Option<KeyRef>,
    },
    /// By a secret that something else brings to both ends; Dex has it in this variable.
    Environment(String),
}

impl std::fmt::Debug for ClientSecret {
    /// Never shows the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Public => "Public",
            Self::Value(_) => "Value(…)",
            Self::Reference { .. } => "Reference",
            Self::Environment(_) => "Environment",
        })
    }
}

/// The private CA and where it goes.
#[derive(Clone, Debug)]
pub struct Trust {
    /// What holds the certificate.
    pub source: Source,
    /// Where it is mounted.
    pub mount_path: String,
    /// The volume's name.
    pub volume_name: String,
    /// Its PEM, where given.
    pub certificate: Option<String>,
    /// The certificates in it.
    pub certificates: Vec<Certificate>,
    /// Whether the bundle also holds the public roots.
    pub full_bundle: bool,
    /// Labels for Namespaces.
    pub namespace_labels: Vec<(String, String)>,
    /// More workloads.
    pub workloads: Vec<Workload>,
    /// More kinds of workloads.
    pub pod_templates: Vec<PodTemplate>,
    /// Hosts that are cloned from over HTTPS.
    pub git_hosts: Vec<String>,
}

/// What holds the certificate.
#[derive(Clone, Debug)]
pub enum Source {
    /// A ConfigMap, mounted whole.
    ConfigMap {
        /// Its name.
        name: String,
        /// The key that holds the certificate.
        key: String,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// A Secret, of which only the key is projected.
    Secret {
        /// Its name.
        name: String,
        /// The key that holds the certificate.
        key: String,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// A ClusterTrustBundle, projected as a file.
    ClusterTrustBundle {
        /// `name`, or `signerName` and `labelSelector`.
        selection: Map<String, Value>,
        /// The file's name.
        key: String,
        /// Whether the pod starts without it.
        optional: bool,
    },
}

impl Trust {
    /// The file's name below the mount path.
    pub fn key(&self) -> &str {
        match &self.source {
            Source::ConfigMap { key, .. } | Source::Secret { key, .. } | Source::ClusterTrustBundle { key, .. } => key,
        }
    }

    /// The certificate's path in a container.
    pub fn file(&self) -> String {
        format!("{}/{}", self.mount_path.trim_end_matches('/'), self.key())
    }
}

/// Workloads that call private hosts, besides the apps.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The kind, where stated.
    pub kind: Option<String>,
    /// The name, where stated.
    pub name: Option<String>,
    /// The namespace, where stated.
    pub namespace: Option<String>,
    /// The labels that select it.
    pub selector: Selector,
    /// Which containers; empty means all.
    pub containers: Vec<String>,
    /// What they run.
    pub runtime: Runtime,
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_of_urls() {
        assert_eq!(host_of("https://Dex.lab.example:5556/dex").as_deref(), Some("dex.lab.example"));
        assert_eq!(host_of("http://[::1]:80/x").as_deref(), Some("[::1]"));
        assert_eq!(host_of("dex"), None);
    }
}
