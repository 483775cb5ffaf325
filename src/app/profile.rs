//! A profile: how one application takes its OIDC settings, on every surface it has.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What is known of one application.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Profile {
    /// The name in `clients[].app`: the application's own, in lower case.
    pub name: String,
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
    /// Documents kept as text in a ConfigMap.
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
    /// The Dex it runs itself, if it does.
    pub bundled_dex: Option<BundledDex>,
    /// Whether it forwards ID tokens to the API server.
    #[serde(default)]
    pub forwards_tokens: bool,
}

/// How an app is a client of Dex.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClientProfile {
    /// The client id people use for it.
    pub id: String,
    /// Appended to `url`: the redirect URIs.
    pub redirect_paths: Vec<String>,
    /// Whether it can sign in with PKCE and no secret.
    #[serde(default)]
    pub public: bool,
    /// Where a secret in clear text is kept for it.
    pub secret_store: Option<SecretStore>,
    /// Labels that a Secret must carry for the app to read it.
    #[serde(default)]
    pub secret_labels: BTreeMap<String, String>,
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

/// One workload of an app.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Component {
    /// The name in `clients[].components`.
    pub name: String,
    /// Any of these label sets marks the workload (on the object or its pod template).
    pub labels: Vec<BTreeMap<String, String>>,
    /// None of these label sets may be there.
    #[serde(default)]
    pub not_labels: Vec<BTreeMap<String, String>>,
    /// Any of these repository paths in a container's image marks it too.
    #[serde(default)]
    pub images: Vec<String>,
    /// The container's possible names; where none is there, the only container.
    pub containers: Vec<String>,
    /// Whether it calls the issuer, and so gets the CA unless `components` says otherwise.
    #[serde(default)]
    pub trust: bool,
    /// Where the chart's values keep its variables and volumes.
    pub values: Option<PodValues>,
}

/// JSON pointers to lists in a chart's values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodValues {
    /// A list of environment entries.
    pub env: String,
    /// A list of volumes.
    pub volumes: String,
    /// A list of volume mounts.
    pub volume_mounts: String,
    /// A list of further arguments.
    pub args: Option<String>,
    /// A mapping of variables to values, beside the list.
    pub env_map: Option<String>,
}

/// An app's Helm chart.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Chart {
    /// Its name in Chart.yaml.
    pub name: String,
    /// The name it gives objects where the release's name does not hold it. Default: the chart's.
    pub object_name: Option<String>,
    /// The Secret it makes of its OIDC values, if it does: JSON pointer to the switch, and the Secret's name.
    pub oidc_secret: Option<OidcSecret>,
    /// Its Ingress.
    pub ingress: Option<ChartIngress>,
    /// Variables and volumes that it gives all components.
    pub global: Option<PodValues>,
}

/// A Secret that a chart makes of its OIDC values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OidcSecret {
    /// Its name by default.
    pub name: String,
    /// JSON pointer to the switch by which the chart makes it; off, values are written out, without quotes.
    pub create_at: String,
    /// JSON pointer to the switch of the mode in which a Secret made elsewhere holds the settings.
    pub external_at: String,
    /// JSON pointer to that Secret's name.
    pub external_name_at: String,
}

/// The keys of a chart's Ingress.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChartIngress {
    /// JSON pointer to the mapping that holds `enabled` and `annotations`.
    pub at: String,
    /// The key of the class in it.
    pub class_name: String,
    /// The key of a list of `{host}` in it.
    pub hosts: Option<String>,
    /// The key of the only host in it.
    pub hostname: Option<String>,
    /// JSON pointer to the host where `hostname` is empty.
    pub hostname_default: Option<String>,
    /// The key of a list of `{name}` with further hosts in it.
    pub extra_hosts: Option<String>,
    /// The key of a list of further TLS entries in it.
    pub extra_tls: Option<String>,
    /// Whether `tls` is a switch; otherwise a list of `{hosts, secretName}`.
    #[serde(default)]
    pub tls_is_switch: bool,
    /// The TLS Secret where the chart fixes its name.
    pub tls_secret: Option<String>,
}

/// A document kept as text in a ConfigMap.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Document {
    /// The name that settings refer to.
    pub name: String,
    /// The ConfigMap.
    pub config_map: String,
    /// The key in it.
    pub key: String,
    /// JSON pointer to the same text in the chart's values.
    pub values: String,
    /// JSON pointer to the chart's switch for the ConfigMap.
    pub made_at: Option<String>,
}

/// One value, and every place where the app takes it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Setting {
    /// Which value of the document. Absent for options.
    pub from: Option<ValueFrom>,
    /// The option's name in `clients[].settings`.
    pub name: Option<String>,
    /// A value given here; one that already stands is kept.
    pub literal: Option<Value>,
    /// What joins a list into one text. Default: the list stays one.
    pub join: Option<String>,
    /// What joins it in a flag or variable written out. Default: as `join`.
    pub flag_join: Option<String>,
    /// Words that the app adds to a list by itself: with and without them says the same.
    #[serde(default)]
    pub implied: Vec<String>,
    /// A flag that is on where it stands alone, as the chart renders it.
    #[serde(default)]
    pub is_switch: bool,
    /// A flag of the program, without dashes.
    pub flag: Option<String>,
    /// The variable that the program reads in place of the flag.
    pub env: Option<String>,
    /// The variable through which the chart passes it to the flag.
    pub chart_env: Option<String>,
    /// Its key in the Secret that the chart makes.
    pub chart_secret_key: Option<String>,
    /// A key of a ConfigMap.
    pub config_map: Option<ConfigMapKey>,
    /// A field of one of `documents`.
    pub document: Option<DocumentField>,
    /// JSON pointer in the chart's values.
    pub values: Option<String>,
    /// JSON pointer in the chart's values to a host that already yields it as `https://<host>`.
    pub values_host: Option<String>,
    /// JSON pointer to the chart's switch for the object that the value is in.
    pub made_at: Option<String>,
    /// Since which version of the chart.
    pub since_chart: Option<String>,
    /// Since which version of the app.
    pub since_app: Option<String>,
}

/// A key of a ConfigMap.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConfigMapKey {
    /// The ConfigMap.
    pub name: String,
    /// The key.
    pub key: String,
}

/// A field of an embedded document.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DocumentField {
    /// The document's name.
    pub name: String,
    /// The field's name.
    pub field: String,
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

/// Which value of the `PrivateSSO` document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ValueFrom {
    /// The issuer.
    Issuer,
    /// The issuer's discovery document.
    DiscoveryURL,
    /// Dex's authorization endpoint.
    AuthorizationEndpoint,
    /// Dex's token endpoint.
    TokenEndpoint,
    /// Dex's userinfo endpoint.
    UserinfoEndpoint,
    /// The client id.
    ClientID,
    /// The client secret, in the form the place takes.
    ClientSecret,
    /// The first redirect URI.
    RedirectURI,
    /// The scopes.
    Scopes,
    /// The app's address.
    Url,
    /// `true` for a public client; not set for others.
    Pkce,
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
    /// Whether what serde cannot see holds: pointers, and names that refer to each other.
    ///
    /// # Errors
    /// What must hold, with the field.
    pub fn check(&self) -> Result<(), String> {
        for (index, setting) in self.settings.iter().enumerate() {
            let field = format!("settings[{index}]");
            if setting.from.is_none() && setting.literal.is_none() {
                return Err(format!("`{field}` must have `from` or `literal`"));
            }
            self.check_setting(setting, &field)?;
        }
        for (index, option) in self.options.iter().enumerate() {
            let field = format!("options[{index}]");
            if option.name.is_none() || option.from.is_some() {
                return Err(format!("`{field}` must have `name` and no `from`"));
            }
            self.check_setting(option, &field)?;
        }
        if let Some(bundled) = &self.bundled_dex
            && self.document(&bundled.document).is_none()
        {
            return Err(format!("`bundledDex.document` must name one of `documents`, not \"{}\"", bundled.document));
        }
        Ok(())
    }

    fn check_setting(&self, setting: &Setting, field: &str) -> Result<(), String> {
        let targets = [
            setting.flag.is_some(),
            setting.env.is_some(),
            setting.config_map.is_some(),
            setting.document.is_some(),
            setting.values.is_some(),
        ];
        if !targets.contains(&true) {
            return Err(format!("`{field}` must say where the app takes it: flag, env, configMap, document or values"));
        }
        if let Some(document) = &setting.document
            && self.document(&document.name).is_none()
        {
            return Err(format!("`{field}.document.name` must be one of `documents`, not \"{}\"", document.name));
        }
        for pointer in setting.values.iter().chain(&setting.values_host) {
            if !pointer.starts_with('/') {
                return Err(format!("`{field}.values` must be a JSON pointer that starts with /, not \"{pointer}\""));
            }
        }
        Ok(())
    }

    /// One of the documents.
    pub fn document(&self, name: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.name == name)
    }

    /// The option that a user's setting names: by its name, its flag or its variable.
    pub fn option(&self, name: &str) -> Option<&Setting> {
        self.options.iter().find(|option| option.goes_by(name))
    }

    /// Whether the app takes its settings by flags or variables, so that only known ones can be set.
    pub fn takes_flags(&self) -> bool {
        self.settings.iter().any(|setting| setting.flag.is_some() || setting.env.is_some())
    }
}

impl Setting {
    /// Whether a user may mean this setting by a name: its own, the flag's, the variable's, or the last part of the
    /// field in a document or in values.
    pub fn goes_by(&self, name: &str) -> bool {
        let last = |pointer: &String| pointer.rsplit('/').next() == Some(name);
        self.name.as_deref() == Some(name)
            || self.flag.as_deref() == Some(name.trim_start_matches('-'))
            || self.env.as_deref() == Some(name)
            || self.chart_env.as_deref() == Some(name)
            || self.document.as_ref().is_some_and(|document| document.field == name)
            || self.values.as_ref().is_some_and(last)
    }
}
