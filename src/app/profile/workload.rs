//! The workloads of an app, and where its chart's values keep their variables and volumes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Runtime;

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
    /// Further containers of its pod that call the issuer, init containers too: they get the CA as well.
    #[serde(default)]
    pub init_containers: Vec<String>,
    /// What its containers run, where that is not what the profile says.
    pub runtime: Option<Runtime>,
    /// Paths from which it takes CAs itself, in any container of the pod: the CA mounted there is enough.
    #[serde(default)]
    pub ca_paths: Vec<String>,
    /// Whether it calls the issuer, and so gets the CA unless `components` says otherwise.
    #[serde(default)]
    pub trust: bool,
    /// Where the chart's values keep its variables and volumes.
    pub values: Option<PodValues>,
}

/// JSON pointers in a chart's values to what a container takes. What the chart has no key for is left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PodValues {
    /// Since which version the chart has these keys; an older one has `ca` and `sharedVolumeMounts` alone.
    pub since_chart: Option<String>,
    /// A list of environment entries.
    pub env: Option<String>,
    /// A list of volumes.
    pub volumes: Option<String>,
    /// A list of volume mounts.
    pub volume_mounts: Option<String>,
    /// The same for init containers, where it is another list.
    pub init_volume_mounts: Option<String>,
    /// A list of mounts that counts in place of either of them where that one is empty.
    pub shared_volume_mounts: Option<String>,
    /// What the chart itself makes trusted.
    pub ca: Option<CaValues>,
    /// A list of further arguments.
    pub args: Option<String>,
    /// A mapping of flags, without dashes, to values; where a list of arguments stands in its place, that is taken.
    pub arg_map: Option<String>,
    /// A mapping of variables to values, beside the list or in its place.
    pub env_map: Option<String>,
    /// A mapping of variables to what a `valueFrom` holds: `{secretKeyRef: {name, key}}`.
    pub env_from_map: Option<String>,
    /// A list of Secrets as files, each with `mountPath` and `secretName`.
    pub secret_mounts: Option<String>,
}

/// How a chart takes a CA other than as a volume: it mounts it itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaValues {
    /// JSON pointer to the name of a ConfigMap.
    pub config_map: Option<String>,
    /// JSON pointer to the name of a Secret.
    pub secret: Option<String>,
    /// The only key that it reads of either. Default: all of them.
    pub key: Option<String>,
    /// What to do by hand, where neither takes the document's CA.
    pub advice: Option<String>,
}
