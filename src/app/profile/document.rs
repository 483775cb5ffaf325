//! Documents of an app that are kept as text.

use schemars::JsonSchema;
use serde::Deserialize;

/// A document kept as text in a ConfigMap or Secret.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Document {
    /// The name that settings refer to.
    pub name: String,
    /// What it is written in. Default: yaml.
    #[serde(default)]
    pub format: DocumentFormat,
    /// The ConfigMap; `*name` is any that ends so. Default: the ConfigMap or Secret that the first component reads and that
    /// has the key.
    pub config_map: Option<String>,
    /// The key in it.
    pub key: String,
    /// JSON pointer to the part of the document that fields are in. Default: the whole of it.
    #[serde(default)]
    pub under: String,
    /// Other keys that the same document may stand under; the one that is there counts.
    #[serde(default)]
    pub other_keys: Vec<OtherKey>,
    /// Whether it is only written to where it stands.
    #[serde(default)]
    pub must_exist: bool,
    /// Whether the app reads it from the variable of the key's name: where it stands nowhere, it is made in the Secret that the
    /// first component takes all its variables from.
    #[serde(default)]
    pub in_variable: bool,
    /// JSON pointer to the same text in the chart's values.
    pub values: Option<String>,
    /// JSON pointer to a mapping in the chart's values that becomes the document: fields are values below it.
    pub values_at: Option<String>,
    /// JSON pointer to the chart's switch for the ConfigMap.
    pub made_at: Option<String>,
    /// The flag with the path of the file: what is mounted there is the document, whatever its key is called. YAML only.
    pub file_flag: Option<String>,
    /// Whether flags and variables count for nothing beside it, but where it refers to a variable as `${NAME}`. The client
    /// secret then comes by its setting's variable, and the document refers to that.
    #[serde(default)]
    pub wins: bool,
    /// JSON pointers in the chart's values: where one is filled, the document is made elsewhere.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// What must stand in it: said where it is not in the input.
    pub advice: Option<String>,
}

/// Another key that a document may stand under.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OtherKey {
    /// The key.
    pub key: String,
    /// JSON pointer to the part of the document there that fields are in. Default: the whole of it.
    #[serde(default)]
    pub under: String,
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocumentFormat {
    /// YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
    /// INI: fields are `/section/key`.
    Ini,
}
