//! An app's Helm chart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::PodValues;

/// An app's Helm chart.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Chart {
    /// Its name in Chart.yaml.
    pub name: String,
    /// Names of other charts with the same values.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Charts that hold it: their names, and the key of their values below which its own are.
    #[serde(default)]
    pub umbrellas: BTreeMap<String, String>,
    /// The name it gives objects where the release's name does not hold it. Default: the chart's.
    pub object_name: Option<String>,
    /// The Secret it makes of its OIDC values, if it does: JSON pointer to the switch, and the Secret's name.
    pub oidc_secret: Option<OidcSecret>,
    /// Whether it gives the program the variables of settings that have one and `values`: a variable of the values' own then
    /// stands in place of all of its keys, because a container takes a name once.
    #[serde(default)]
    pub renders_variables: bool,
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
    /// The key of a list of `{host}`, or of names, in it.
    pub hosts: Option<String>,
    /// The key of the only host in it.
    pub hostname: Option<String>,
    /// JSON pointer to the host where `hostname` is empty.
    pub hostname_default: Option<String>,
    /// The key of a list of `{name}`, or of names, with further hosts in it.
    pub extra_hosts: Option<String>,
    /// The key of a list of further TLS entries in it.
    pub extra_tls: Option<String>,
    /// Whether `tls` is a switch; otherwise a list of `{hosts, secretName}`.
    #[serde(default)]
    pub tls_is_switch: bool,
    /// The TLS Secret where the chart fixes its name.
    pub tls_secret: Option<String>,
    /// What its name has behind the name of the chart's other objects.
    #[serde(default)]
    pub name_suffix: String,
}

impl Chart {
    /// The name, and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }

    /// The version in a label `helm.sh/chart`, where it is this chart's.
    pub fn version_in<'l>(&self, label: &'l str) -> Option<&'l str> {
        let rest = |name: &str| label.strip_prefix(name)?.strip_prefix('-');
        self.names().find_map(rest).filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    }
}
