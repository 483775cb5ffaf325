//! API servers as relying parties: whose tokens they accept, and what they make of claims.

use serde_json::Value;

use super::World;
use crate::krm::Place;

/// One trusted issuer of an API server.
#[derive(Clone, Debug)]
pub struct ApiServer {
    /// The issuer.
    pub issuer: String,
    /// The client ids it accepts.
    pub audiences: Vec<String>,
    /// What it puts before a group.
    pub groups_prefix: String,
    /// Where the issuer stands.
    pub place: Place,
}

impl World<'_> {
    /// What the input shows of API servers: an AuthenticationConfiguration, kubeadm's and K3s' configuration, or flags.
    pub fn api_servers(&self) -> Vec<ApiServer> {
        let mut found = Vec::new();
        for (index, object) in self.texts.objects().iter().enumerate() {
            let place = Place::object(index);
            match object.id.kind.as_str() {
                "AuthenticationConfiguration" => {
                    let entries = object.value.get("jwt").and_then(Value::as_array).into_iter().flatten().enumerate();
                    found
                        .extend(entries.filter_map(|(at, entry)| of_entry(entry, &place.under(&format!("/jwt/{at}")))));
                }
                "ClusterConfiguration" => {
                    let pointer = "/apiServer/extraArgs";
                    let flags = object.value.pointer(pointer).map(flags_of_map).unwrap_or_default();
                    found.extend(of_flags(&flags, &place.under(pointer)));
                }
                "" => {
                    let pointer = "/kube-apiserver-arg";
                    let flags = object.value.pointer(pointer).map(flags_of_list).unwrap_or_default();
                    found.extend(of_flags(&flags, &place.under(pointer)));
                }
                _ => {}
            }
        }
        for container in
            self.pods().iter().flat_map(|pod| self.containers_of(*pod)).filter(|own| own.name == "kube-apiserver")
        {
            let words: Vec<Value> = self.list(&container.args).into_iter().map(|(word, _)| word).collect();
            found.extend(of_flags(&flags_of_list(&Value::Array(words)), &container.place));
        }
        found
    }
}

fn of_entry(entry: &Value, place: &Place) -> Option<ApiServer> {
    let audiences = entry.pointer("/issuer/audiences").and_then(Value::as_array);
    Some(ApiServer {
        issuer: entry.pointer("/issuer/url")?.as_str()?.to_owned(),
        audiences: audiences.into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect(),
        groups_prefix: entry
            .pointer("/claimMappings/groups/prefix")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        place: place.under("/issuer/audiences"),
    })
}

/// kubeadm's mapping, or its list of names and values.
fn flags_of_map(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(map) => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        }
        Value::Array(items) => items
            .iter()
            .filter_map(|item| Some((item["name"].as_str()?.to_owned(), item["value"].as_str()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    }
}

fn flags_of_list(value: &Value) -> Vec<(String, String)> {
    let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let pairs = words.filter_map(|word| word.trim_start_matches('-').split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn of_flags(flags: &[(String, String)], place: &Place) -> Option<ApiServer> {
    let flag = |name: &str| flags.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    Some(ApiServer {
        issuer: flag("oidc-issuer-url")?,
        audiences: flag("oidc-client-id").into_iter().collect(),
        groups_prefix: flag("oidc-groups-prefix").unwrap_or_default(),
        place: place.clone(),
    })
}
