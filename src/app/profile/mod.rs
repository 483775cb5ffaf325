//! A profile: how one application takes its OIDC settings, on every surface it has.

mod alternative;
mod chart;
mod check;
mod document;
mod setting;
mod source;
mod version;
mod workload;

use std::collections::BTreeMap;

pub use alternative::Alternative;
pub use chart::{Chart, ChartIngress, OidcSecret};
pub use document::{Document, DocumentFormat, OtherKey};
use schemars::JsonSchema;
use serde::Deserialize;
pub use setting::{ConfigMapKey, DocumentField, FileLine, Setting, ValueFrom, When};
pub use version::Version;
pub use workload::{CaValues, Component, PodValues};

/// What is known of one application.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Profile {
    /// The name in `clients[].app`: the application's own, in lower case.
    pub name: String,
    /// Other names for it in `clients[].app`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The name people use.
    pub title: String,
    /// Where its OIDC settings are documented.
    pub docs: String,
    /// What its containers run. Default: not stated.
    #[serde(default)]
    pub runtime: Runtime,
    /// How it is a client of Dex. Absent for Dex itself.
    pub client: Option<ClientProfile>,
    /// Its workloads; the first takes flags and variables.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Its Helm chart.
    pub chart: Option<Chart>,
    /// What stands before a flag where the container has none yet. Default: `--`.
    #[serde(default = "two_dashes")]
    pub flag_prefix: String,
    /// The custom resource that is the app's configuration, where an operator runs it.
    pub resource: Option<Resource>,
    /// Documents kept as text in a ConfigMap or Secret.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// Values of the document that the app takes, and where.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// Further settings that `clients[].settings` may name.
    #[serde(default)]
    pub options: Vec<Setting>,
    /// Fields people write that the app does not read: the field, and what to do instead.
    #[serde(default)]
    pub unknown_fields: BTreeMap<String, String>,
    /// Where its roles are kept.
    pub roles: Option<Roles>,
    /// Where it keeps the certificates of git's hosts.
    pub git_certificates: Option<GitCertificates>,
    /// The Dex it runs itself, if it does.
    pub bundled_dex: Option<BundledDex>,
    /// What its manifests cannot take, and its chart's values can: said where only manifests are in the input.
    pub values_only: Option<String>,
    /// Since which versions all settings exist that say nothing else.
    #[serde(default)]
    pub since: Since,
    /// Whether it reads its ConfigMaps and Secrets at start only, so that its pods must be made anew for what changes there.
    #[serde(default)]
    pub reads_once: bool,
    /// Whether it forwards ID tokens to the API server.
    #[serde(default)]
    pub forwards_tokens: bool,
    /// Another way to configure it, in which other settings count.
    pub alternative: Option<Alternative>,
}

fn two_dashes() -> String {
    "--".to_owned()
}

/// How an app is a client of Dex.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClientProfile {
    /// The client id people use for it.
    pub id: String,
    /// Appended to `url`: the redirect URIs; an empty one is the url itself. Without any, `url` is not required.
    #[serde(default)]
    pub redirect_paths: Vec<String>,
    /// Redirect URIs that do not depend on `url`: those of a command line.
    #[serde(default, rename = "redirectURIs")]
    pub redirect_uris: Vec<String>,
    /// What it asks for by default. Default: openid, profile, email.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whether it can sign in with PKCE and no secret.
    #[serde(default)]
    pub public: bool,
    /// Since which versions it can do so, where that is later than the rest.
    #[serde(default)]
    pub public_since: Since,
    /// Whether it can have a secret. Default: true; otherwise it is a public client without a word.
    #[serde(default = "yes")]
    pub confidential: bool,
    /// Whether its pages call Dex from the browser, so that Dex has to allow their origin.
    #[serde(default)]
    pub browser: bool,
    /// The name of its login source where it has several: a part of redirect paths and a token `[name=...]` of pointers.
    /// `settings.name` gives another.
    pub login_source: Option<String>,
    /// Where a secret in clear text is kept for it.
    pub secret_store: Option<SecretStore>,
    /// The name of the Secret, where the app takes no other.
    pub secret_name: Option<String>,
    /// The keys of the Secret that is made for it.
    #[serde(default)]
    pub secret_keys: SecretKeys,
    /// Labels that a Secret must carry for the app to read it.
    #[serde(default)]
    pub secret_labels: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// The keys of the Secret that is made where nothing holds a secret in clear text yet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretKeys {
    /// For the client id, where the app reads it from the Secret too.
    #[serde(rename = "clientID")]
    pub client_id: Option<String>,
    /// For the client secret. Default: client-secret.
    #[serde(default = "client_secret")]
    pub client_secret: String,
}

fn client_secret() -> String {
    "client-secret".to_owned()
}

impl Default for SecretKeys {
    fn default() -> Self {
        Self { client_id: None, client_secret: client_secret() }
    }
}

/// A Secret of the app's own that holds the client secret.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretStore {
    /// Its name.
    pub name: String,
    /// The key for the client secret.
    pub key: String,
    /// JSON pointer to the mapping in the chart's values that fills it.
    pub values: String,
    /// JSON pointer to the switch by which the chart makes it; absent means it does.
    pub made_at: Option<String>,
}

/// A kind of custom resource.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// Its API group, without version.
    pub group: String,
    /// Its kind.
    pub kind: String,
}

/// Since which versions what the profile says holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Since {
    /// Of the chart.
    pub chart: Option<String>,
    /// Of the app.
    pub app: Option<String>,
}

/// Where an app keeps roles.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Roles {
    /// The ConfigMap.
    pub config_map: String,
    /// Its key for policy lines.
    pub policy: String,
    /// Its key for the claims that are subjects.
    pub scopes: String,
    /// JSON pointer to the same keys in the chart's values.
    pub values: String,
    /// JSON pointer to the chart's switch for the ConfigMap.
    pub made_at: Option<String>,
}

/// Where an app keeps a certificate for each host that it clones from over HTTPS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GitCertificates {
    /// The ConfigMap; its keys are hosts.
    pub config_map: String,
    /// JSON pointer to the same mapping in the chart's values.
    pub values: String,
    /// JSON pointer to the chart's switch for the ConfigMap.
    pub made_at: Option<String>,
}

/// A Dex that an app runs itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BundledDex {
    /// Appended to the app's url: the issuer.
    pub issuer_path: String,
    /// The client id it reserves for the app itself.
    pub own_client: String,
    /// The one of `documents` that configures it.
    pub document: String,
}

/// What a container runs; decides how it learns of a CA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// Not stated.
    #[default]
    Unstated,
    /// Go.
    Go,
    /// Rust with rustls-native-certs or OpenSSL.
    Rust,
    /// What links OpenSSL: Python ssl, curl, Ruby, PHP.
    Openssl,
    /// Node.js.
    Node,
    /// Python with requests, httpx or aiohttp.
    Python,
    /// Java.
    Java,
}

impl Profile {
    /// Whether people call the app by a name.
    pub fn is_called(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The name, and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }

    /// One of the documents.
    pub fn document(&self, name: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.name == name)
    }

    /// JSON pointer to a setting in the chart's values: its own, or that of its field in a document kept as a mapping there.
    pub fn values_pointer(&self, setting: &Setting) -> Option<String> {
        let in_mapping = || {
            let target = setting.document.as_ref()?;
            let document = self.document(&target.name)?;
            Some((format!("{}{}", document.values_at.as_ref()?, target.pointer()), document.wins))
        };
        match (&setting.values, in_mapping()) {
            (own, Some((pointer, wins))) if wins || own.is_none() => Some(pointer),
            (own, _) => own.clone(),
        }
    }

    /// Whether a setting is in a document beside which flags and variables count for nothing.
    pub fn is_in_winner(&self, setting: &Setting) -> bool {
        setting.document.as_ref().and_then(|target| self.document(&target.name)).is_some_and(|document| document.wins)
    }

    /// What the document is written in that has a setting as a field.
    pub fn format_of(&self, setting: &Setting) -> Option<DocumentFormat> {
        Some(self.document(&setting.document.as_ref()?.name)?.format)
    }

    /// The document that takes settings which the profile does not name: one that flags and variables do not stand beside.
    pub fn open_document(&self) -> Option<&Document> {
        let is_beside = |setting: &&Setting| setting.flag.is_some() || setting.env.is_some();
        let used = |document: &&Document| {
            let mut settings = self.settings.iter().filter(|setting| setting.is_in(&document.name)).peekable();
            settings.peek().is_some() && !settings.any(|setting| is_beside(&setting))
        };
        self.documents.iter().find(used)
    }

    /// The option that a user's setting names: by its name, its flag or its variable.
    pub fn option(&self, name: &str) -> Option<&Setting> {
        self.options.iter().find(|option| option.goes_by(name))
    }

    /// Whether the app takes settings by flags or variables.
    pub fn takes_flags(&self) -> bool {
        self.settings.iter().any(|setting| setting.flag.is_some() || setting.env.is_some())
    }
}
