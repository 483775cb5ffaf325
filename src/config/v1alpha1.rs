//! The document as people write it. Renaming a field here breaks users.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app::profile::{Profile, Runtime};

/// What is wired: one Dex, one private CA, the apps and the people.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spec {
    /// Dex's issuer, exactly as Dex has it. Required where there are clients. Written and compared byte for byte.
    #[serde(default)]
    pub issuer: String,
    /// The private CA. Omit where the issuer's certificate is publicly trusted.
    pub trust: Option<Trust>,
    /// TLS for the hosts of the issuer and the clients. Omit to leave Ingresses alone.
    pub ingress: Option<Ingress>,
    /// Helps to find Dex.
    #[serde(default)]
    pub dex: Dex,
    /// The apps that sign people in, and other clients of Dex.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// Who may do what, for all apps that have roles.
    #[serde(default)]
    pub access: Vec<Access>,
    /// What is reported, and what fails a run.
    #[serde(default)]
    pub checks: Checks,
    /// Profiles of your own, in the format of `functions/apps`.
    #[serde(default)]
    pub apps: Vec<Profile>,
    /// In file mode: what of a tree this document speaks of. Default: its folder and below.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// Where the CA certificate is, and where it goes. Exactly one of `configMap`, `secret`, `clusterTrustBundle`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Trust {
    /// A ConfigMap in the namespace of every wired workload.
    pub config_map: Option<TrustKey>,
    /// A Secret; only the named key is projected, so that no private key comes along.
    pub secret: Option<TrustKey>,
    /// A ClusterTrustBundle, projected as `key`.
    pub cluster_trust_bundle: Option<ClusterTrustBundle>,
    /// Where the CA is mounted. Default: /etc/ssl/local-ca.
    pub mount_path: Option<String>,
    /// The volume's name. Default: local-ca.
    pub volume_name: Option<String>,
    /// PEM of the CA: allows hash-named files and checks of its content.
    #[serde(default)]
    pub certificate: String,
    /// The bundle also holds the public roots.
    #[serde(default)]
    pub full_bundle: bool,
    /// Labels for the Namespaces of wired workloads, for example those that trust-manager selects.
    #[serde(default)]
    pub namespace_labels: BTreeMap<String, String>,
    /// More workloads that call private hosts; the apps of `clients` are included by themselves.
    #[serde(default)]
    pub workloads: Vec<Workload>,
    /// Kinds of workloads that are not known by themselves, and where they have their pod template.
    #[serde(default)]
    pub pod_templates: Vec<PodTemplate>,
    /// Hosts behind the CA that Argo CD clones from over HTTPS, without ports. Needs `certificate`.
    #[serde(default)]
    pub git_hosts: Vec<String>,
}

/// Where a kind of workload has its pod template.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodTemplate {
    /// The API group, without version: example.com.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// JSON pointer to what holds the pod's `metadata` and `spec`: /spec/template.
    pub path: String,
}

/// One key of a ConfigMap or Secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TrustKey {
    /// The object's name.
    pub name: String,
    /// Default: ca.crt.
    pub key: Option<String>,
    /// Whether the pod starts without it. Default: true.
    pub optional: Option<bool>,
}

/// A ClusterTrustBundle by name, or by signer and labels.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClusterTrustBundle {
    /// The object's name.
    pub name: Option<String>,
    /// The signer, with `labelSelector`.
    pub signer_name: Option<String>,
    /// Which bundles of the signer.
    pub label_selector: Option<Map<String, Value>>,
    /// The file's name. Default: ca.crt.
    pub key: Option<String>,
    /// Whether the pod starts without it. Default: true.
    pub optional: Option<bool>,
}

/// Workloads that call private hosts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Workload {
    /// Deployment, or any other kind that has a pod template. Default: any of them.
    pub kind: Option<String>,
    /// The object's name. Default: any.
    pub name: Option<String>,
    /// The object's namespace. Default: any.
    pub namespace: Option<String>,
    /// A label selector as kubectl takes it: `app=web,tier in (a, b)`.
    #[serde(default)]
    pub label_selector: String,
    /// Which containers and init containers. Default: all.
    #[serde(default)]
    pub containers: Vec<String>,
    /// What the containers run: decides the variables. Default: not stated.
    pub runtime: Option<Runtime>,
}

/// Which cert-manager issuer signs, and which class serves.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ingress {
    /// cert-manager's ClusterIssuer.
    pub cluster_issuer: Option<String>,
    /// cert-manager's Issuer, instead of `clusterIssuer`.
    pub issuer: Option<String>,
    /// `ingressClassName` where an Ingress has none.
    pub class_name: Option<String>,
    /// Adds an Ingress for a client's host that nothing in the input routes, where the app's Service is in it.
    #[serde(default)]
    pub create: bool,
}

/// Helps to find Dex.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dex {
    /// Dex's namespace.
    pub namespace: Option<String>,
    /// Dex's Helm release.
    #[serde(default)]
    pub helm: Helm,
}

/// Names a Helm release, or the key under which an umbrella chart keeps the values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Helm {
    /// The release's name.
    #[serde(default)]
    pub release: String,
    /// The key in the umbrella chart's values.
    #[serde(default)]
    pub prefix: String,
}

/// One client of Dex.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Client {
    /// A profile's name or alias (`private-sso apps`). Without it the client is only registered in Dex.
    pub app: Option<String>,
    /// The app's namespace; an object without one matches any.
    #[serde(default)]
    pub namespace: String,
    /// The workload's name, where a namespace holds several instances.
    #[serde(default)]
    pub workload: String,
    /// Default: the profile's. Required without `app`.
    #[serde(rename = "clientID")]
    pub client_id: Option<String>,
    /// Dex's display name. Default: the client id.
    pub name: Option<String>,
    /// The address in the browser; redirect URIs are derived from it. Required with an `app` that has one.
    pub url: Option<String>,
    /// Redirect URIs in addition to the derived ones. Required without `app`.
    #[serde(default, rename = "redirectURIs")]
    pub redirect_uris: Vec<String>,
    /// Default: openid, profile, email (or the app's own), and groups where `access` names a group.
    pub scopes: Option<Vec<String>>,
    /// PKCE and no secret. Default: false, but true for an app that can have none.
    pub public: Option<bool>,
    /// The client's secret; not for public clients.
    pub secret: Option<Secret>,
    /// Merged into the app's own OIDC settings.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Clients that may ask for tokens for this one.
    #[serde(default)]
    pub trusted_peers: Vec<String>,
    /// Which workloads of the app get the CA. Default: the profile's.
    #[serde(default)]
    pub components: Vec<String>,
    /// Names the Helm release.
    #[serde(default)]
    pub helm: Helm,
}

/// Where a client's secret comes from: one of `value`, `secretKeyRef`, `dexEnv`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Secret {
    /// In clear text; works, and is reported.
    pub value: Option<String>,
    /// A Secret that exists in the app's namespace.
    pub secret_key_ref: Option<SecretKeyRef>,
    /// And in Dex's. Default: the same name and key.
    pub dex_secret_key_ref: Option<SecretKeyRef>,
    /// For apps that read the client id from a Secret too.
    #[serde(rename = "clientIDKeyRef")]
    pub client_id_key_ref: Option<SecretKeyRef>,
    /// Dex's variable for it. Default: the client id in upper case, with `_CLIENT_SECRET`. Alone: something else sets it.
    pub dex_env: Option<String>,
}

/// A key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// The Secret's name.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// What one user or group may do. Exactly one of `user` and `group`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Access {
    /// The user's e-mail address.
    pub user: Option<String>,
    /// The group's name in the `groups` claim.
    pub group: Option<String>,
    /// An Argo CD role: `role:admin`.
    #[serde(rename = "argoCD")]
    pub argo_cd: Option<String>,
    /// A ClusterRole of Kubernetes.
    pub cluster_role: Option<String>,
}

/// What is reported, and what fails a run.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Checks {
    /// The severity from which a run fails. Default: error.
    #[serde(default)]
    pub fail_on: FailOn,
    /// Rules switched off: code and reason.
    #[serde(default)]
    pub disabled: BTreeMap<String, String>,
}

/// The severity from which a run fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Errors fail a run.
    #[default]
    Error,
    /// Warnings too.
    Warning,
    /// Nothing does.
    Never,
}
