//! One value, and every place where an app takes it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

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
    /// Whether a literal is this document's own: another value that stands is corrected.
    #[serde(default)]
    pub owned: bool,
    /// With which client secrets the setting is written. Default: with all.
    #[serde(default)]
    pub when: Vec<When>,
    /// Whether the value is one element of a list, or of a flag that may stand several times; others stay.
    #[serde(default)]
    pub element: bool,
    /// What the app takes where the setting stands nowhere.
    pub default: Option<Value>,
    /// The scope that has to be asked for where this stands.
    pub needs_scope: Option<String>,
    /// What joins a list into one text. Default: the list stays one.
    pub join: Option<String>,
    /// What joins it in a flag or variable written out. Default: as `join`.
    pub flag_join: Option<String>,
    /// Words that the app adds to a list by itself: with and without them says the same.
    #[serde(default)]
    pub implied: Vec<String>,
    /// Whether the place takes only what is asked for beyond `implied`.
    #[serde(default)]
    pub leave_out_implied: bool,
    /// Whether it is only corrected where it stands, because something else gives it already.
    #[serde(default)]
    pub if_present: bool,
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
    /// A line of a file that says it where neither flag nor variable does.
    pub file_line: Option<FileLine>,
    /// The field beside it in the document that names a file with the same value, which counts where this one is empty.
    pub file_field: Option<String>,
    /// JSON pointer in the custom resource that is the app's configuration.
    pub resource: Option<String>,
    /// JSON pointer in the chart's values; a token `[name=dex]` is the element of a list with that field.
    pub values: Option<String>,
    /// JSON pointer in the chart's values to a host that already yields it as `https://<host>`.
    pub values_host: Option<String>,
    /// JSON pointer to the chart's switch for the object that the value is in.
    pub made_at: Option<String>,
    /// Of an option that is a key of a ConfigMap: what to say where the key is not there, and nobody asks for it.
    pub missing: Option<String>,
    /// Since which version of the chart.
    pub since_chart: Option<String>,
    /// Since which version of the app.
    pub since_app: Option<String>,
}

/// A key of a ConfigMap.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConfigMapKey {
    /// The ConfigMap; `*name` is any that ends so. Default: the one that the first component reads.
    pub name: Option<String>,
    /// The key.
    pub key: String,
}

/// A line `key = "value"` of a file that a flag names: flags and variables beat it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FileLine {
    /// The flag with the path of the file.
    pub flag: String,
    /// The key of the line.
    pub key: String,
    /// JSON pointer to the file's text in the chart's values.
    pub values: Option<String>,
}

impl FileLine {
    /// The value in a text, where a line of it has the key.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().strip_prefix('"')?.split_once('"')?.0;
            (key.trim() == self.key).then_some(value)
        })
    }
}

/// A field of an embedded document.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DocumentField {
    /// The document's name.
    pub name: String,
    /// The field's name, or a JSON pointer to it.
    pub field: String,
}

impl DocumentField {
    /// The JSON pointer to the field.
    pub fn pointer(&self) -> String {
        if self.field.starts_with('/') { self.field.clone() } else { format!("/{}", crate::patch::token(&self.field)) }
    }
}

/// A sort of client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// One in clear text.
    Value,
    /// A reference to a Secret, or one that something else brings.
    Reference,
    /// None: a public client.
    Public,
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
    /// The name of the Secret that holds the client secret.
    ClientSecretName,
    /// The key of the client secret in it.
    ClientSecretKey,
    /// The name of the Secret that holds the client id.
    ClientIDSecretName,
    /// The key of the client id in it.
    ClientIDSecretKey,
    /// The first redirect URI.
    RedirectURI,
    /// The scopes.
    Scopes,
    /// The app's address.
    Url,
    /// Its scheme.
    UrlScheme,
    /// Its host, with the port where it has one.
    UrlHost,
    /// Its host without a port.
    UrlHostname,
    /// Its port, also where it is the scheme's own; as text.
    UrlPort,
    /// Its path without a final slash; `/` where it has none.
    UrlPath,
    /// `true` for a public client; not set for others.
    Pkce,
}

impl Setting {
    /// Whether this document decides on the value: another one that stands is corrected.
    pub fn is_owned(&self) -> bool {
        self.from.is_some() || self.owned
    }

    /// The setting as its variable alone, without the document that refers to it.
    #[must_use]
    pub fn as_variable(&self, name: &str) -> Self {
        let values = self.values.clone().filter(|_| self.env.as_deref() == Some(name));
        Self { env: Some(name.to_owned()), flag: None, document: None, values, ..self.clone() }
    }

    /// JSON pointer to the field of the document that names a file with the value.
    pub fn file_pointer(&self) -> Option<String> {
        let target = self.document.as_ref()?.pointer();
        let (parent, _) = target.rsplit_once('/')?;
        Some(format!("{parent}/{}", crate::patch::token(self.file_field.as_ref()?)))
    }

    /// Whether a flag or variable takes it.
    pub fn is_for_a_container(&self) -> bool {
        self.flag.is_some() || self.env.is_some()
    }

    /// Whether it is a field of a document.
    pub fn is_in(&self, document: &str) -> bool {
        self.document.as_ref().is_some_and(|target| target.name == document)
    }

    /// Whether it is the client secret, or says where that or the client id is kept.
    pub fn is_about_the_secret(&self) -> bool {
        use ValueFrom::{ClientIDSecretKey, ClientIDSecretName, ClientSecret, ClientSecretKey, ClientSecretName};
        [ClientSecret, ClientSecretName, ClientSecretKey, ClientIDSecretName, ClientIDSecretKey]
            .iter()
            .any(|from| self.from == Some(*from))
    }

    /// Whether a user may mean this setting by a name: its own, the flag's, the variable's, or the last part of the
    /// field in a document or in values.
    pub fn goes_by(&self, name: &str) -> bool {
        let last = |pointer: &String| pointer.rsplit('/').next() == Some(name);
        self.name.as_deref() == Some(name)
            || self.flag.as_deref() == Some(name.trim_start_matches('-'))
            || self.env.as_deref() == Some(name)
            || self.chart_env.as_deref() == Some(name)
            || self.document.as_ref().is_some_and(|document| document.field.rsplit('/').next() == Some(name))
            || self.values.as_ref().is_some_and(last)
    }
}
