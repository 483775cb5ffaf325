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
    /// A list of environment entries.
    pub env: Option<String>,
    /// A list of volumes.
    pub volumes: Option<String>,
    /// A list of volume mounts.
    pub volume_mounts: Option<String>,
    /// A list of further arguments.
    pub args: Option<String>,
    /// A mapping of variables to values, beside the list or in its place.
    pub env_map: Option<String>,
    /// A mapping of variables to what a `valueFrom` holds: `{secretKeyRef: {name, key}}`.
    pub env_from_map: Option<String>,
}
