//! How hosts are reached: Ingresses, Gateways, routes, the Ingresses of charts, and who issues their certificates.

use serde_json::Value;

use super::World;
use crate::app::profile::Profile;
use crate::krm::{Object, Place};

/// One host of one object that routes it.
#[derive(Clone, Debug)]
pub struct Route {
    /// In lower case; may begin with `*.`.
    pub host: String,
    /// Where the host stands.
    pub place: Place,
    /// The object's annotations.
    pub annotations: Value,
    /// The Secret of its certificate, where it has TLS; `None` where it has none.
    pub tls: Option<Tls>,
    /// The Services behind it.
    pub services: Vec<String>,
    /// The paths it takes; empty for all.
    pub paths: Vec<String>,
    /// What routes it.
    pub kind: RouteKind,
}

/// TLS of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The Secret, where it is named.
    pub secret: Option<String>,
    /// The hosts that the entry is for; empty for all.
    pub hosts: Vec<String>,
}

/// What routes a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// An Ingress.
    Ingress,
    /// A listener of a Gateway.
    Gateway,
    /// An Ingress that a chart makes.
    Chart,
    /// Anything else, of which TLS is not known.
    Other,
}

impl Route {
    /// Whether it takes a host.
    pub fn takes(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        match self.host.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
            None => self.host == host,
        }
    }
}

/// All routes of the input.
pub(super) fn find(world: &World<'_>, profiles: &[&Profile]) -> Vec<Route> {
    let mut found = Vec::new();
    for (index, object) in world.texts.objects().iter().enumerate() {
        match object.id.kind.as_str() {
            "Ingress" => ingress(index, object, &mut found),
            "Gateway" if object.id.group() == "gateway.networking.k8s.io" => gateway(index, object, &mut found),
            "HTTPRoute" | "TLSRoute" | "GRPCRoute" => http_route(index, object, &mut found),
            "IngressRoute" => ingress_route(index, object, &mut found),
            "VirtualService" | "Gateway" => {
                hosts_at(index, object, &["/spec/hosts", "/spec/servers/0/hosts"], &mut found)
            }
            "Route" => hosts_at(index, object, &["/spec/host"], &mut found),
            "HTTPProxy" => hosts_at(index, object, &["/spec/virtualhost/fqdn"], &mut found),
            _ => {}
        }
    }
    for profile in profiles {
        charts(world, profile, &mut found);
    }
    found
}

fn array<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten().enumerate()
}

fn annotations(object: &Object) -> Value {
    object.value.pointer("/metadata/annotations").cloned().unwrap_or_default()
}

fn lower(value: &Value) -> Option<String> {
    Some(value.as_str()?.to_ascii_lowercase()).filter(|host| !host.is_empty())
}

fn ingress(index: usize, object: &Object, found: &mut Vec<Route>) {
    let tls: Vec<Tls> = array(&object.value, "/spec/tls")
        .map(|(_, entry)| Tls {
            secret: entry["secretName"].as_str().map(str::to_owned),
            hosts: array(entry, "/hosts").filter_map(|(_, host)| lower(host)).collect(),
        })
        .collect();
    for (at, rule) in array(&object.value, "/spec/rules") {
        let Some(host) = lower(&rule["host"]) else { continue };
        let services = array(rule, "/http/paths").filter_map(|(_, path)| {
            let name = path.pointer("/backend/service/name").or_else(|| path.pointer("/backend/serviceName"));
            Some(name?.as_str()?.to_owned())
        });
        let paths = array(rule, "/http/paths").filter_map(|(_, path)| Some(path["path"].as_str()?.to_owned()));
        found.push(Route {
            tls: tls_for(&tls, &host),
            services: services.collect(),
            paths: paths.collect(),
            host,
            place: Place::object(index).under(&format!("/spec/rules/{at}/host")),
            annotations: annotations(object),
            kind: RouteKind::Ingress,
        });
    }
}

/// The entry that names a host, else one that names none.
fn tls_for(tls: &[Tls], host: &str) -> Option<Tls> {
    let names = |entry: &&Tls| entry.hosts.iter().any(|known| known == host || covers(known, host));
    tls.iter().find(names).or_else(|| tls.iter().find(|entry| entry.hosts.is_empty())).cloned()
}

/// Whether a name, maybe with a wildcard, covers a host.
pub fn covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    name == host
        || name.strip_prefix("*.").is_some_and(|parent| host.split_once('.').is_some_and(|(_, rest)| rest == parent))
}

fn gateway(index: usize, object: &Object, found: &mut Vec<Route>) {
    for (at, listener) in array(&object.value, "/spec/listeners") {
        let Some(host) = lower(&listener["hostname"]) else { continue };
        let is_tls = ["HTTPS", "TLS"].contains(&listener["protocol"].as_str().unwrap_or_default());
        let secret = listener.pointer("/tls/certificateRefs/0/name").and_then(Value::as_str).map(str::to_owned);
        found.push(Route {
            host,
            place: Place::object(index).under(&format!("/spec/listeners/{at}/hostname")),
            annotations: annotations(object),
            tls: is_tls.then(|| Tls { secret, hosts: Vec::new() }),
            services: Vec::new(),
            paths: Vec::new(),
            kind: RouteKind::Gateway,
        });
    }
}

fn other(index: usize, object: &Object, host: String, pointer: &str) -> Route {
    Route {
        host,
        place: Place::object(index).under(pointer),
        annotations: annotations(object),
        tls: None,
        services: Vec::new(),
        paths: Vec::new(),
        kind: RouteKind::Other,
    }
}

fn http_route(index: usize, object: &Object, found: &mut Vec<Route>) {
    let backends = array(&object.value, "/spec/rules").flat_map(|(_, rule)| array(rule, "/backendRefs"));
    let services: Vec<String> =
        backends.filter_map(|(_, backend)| Some(backend["name"].as_str()?.to_owned())).collect();
    for (at, host) in array(&object.value, "/spec/hostnames") {
        let Some(host) = lower(host) else { continue };
        found
            .push(Route { services: services.clone(), ..other(index, object, host, &format!("/spec/hostnames/{at}")) });
    }
}

/// Traefik's own kind: hosts stand in a rule's text, `` Host(`a`, `b`) ``.
fn ingress_route(index: usize, object: &Object, found: &mut Vec<Route>) {
    for (at, route) in array(&object.value, "/spec/routes") {
        let text = route["match"].as_str().unwrap_or_default();
        let services: Vec<String> =
            array(route, "/services").filter_map(|(_, s)| Some(s["name"].as_str()?.to_owned())).collect();
        for part in text.split("Host(").skip(1) {
            let hosts = part.split(')').next().unwrap_or_default().split(',');
            for host in hosts.map(|host| host.trim().trim_matches(['`', '"', '\'']).to_ascii_lowercase()) {
                let pointer = format!("/spec/routes/{at}/match");
                found.push(Route { services: services.clone(), ..other(index, object, host, &pointer) });
            }
        }
    }
}

fn hosts_at(index: usize, object: &Object, pointers: &[&str], found: &mut Vec<Route>) {
    for pointer in pointers {
        match object.value.pointer(pointer) {
            Some(Value::Array(hosts)) => {
                let hosts = hosts.iter().enumerate().filter_map(|(at, host)| Some((at, lower(host)?)));
                found.extend(hosts.map(|(at, host)| other(index, object, host, &format!("{pointer}/{at}"))));
            }
            Some(host) => found.extend(lower(host).map(|host| other(index, object, host, pointer))),
            None => {}
        }
    }
}

/// Ingresses that charts make of their values.
fn charts(world: &World<'_>, profile: &Profile, found: &mut Vec<Route>) {
    let Some(known) = profile.chart.as_ref().and_then(|chart| chart.ingress.as_ref()) else { return };
    for values in super::values::releases(world, profile) {
        let get = |pointer: &str| values.get(world, &format!("{}{pointer}", known.at)).said().cloned();
        if !get("/enabled").is_some_and(|said| said.is_on()) {
            continue;
        }
        let mut hosts: Vec<(String, Place)> = Vec::new();
        if let Some(list) = known.hosts.as_ref().and_then(|key| get(&format!("/{key}"))) {
            for (at, host) in array(&list.value, "") {
                let (host, pointer) = match host {
                    Value::String(_) => (lower(host), format!("/{at}")),
                    host => (lower(&host["host"]), format!("/{at}/host")),
                };
                hosts.extend(host.map(|host| (host, list.place.under(&pointer))));
            }
        }
        let single = known.hostname.as_ref().and_then(|key| get(&format!("/{key}")));
        let default = || known.hostname_default.as_ref().and_then(|pointer| values.get(world, pointer).said().cloned());
        if let Some(said) = single.filter(|said| said.value != "").or_else(default) {
            hosts.extend(lower(&said.value).map(|host| (host, said.place.clone())));
        }
        let tls: Vec<Tls> = match get("/tls") {
            Some(said) if said.is_on() => vec![Tls { secret: known.tls_secret.clone(), hosts: Vec::new() }],
            Some(said) => array(&said.value, "")
                .map(|(_, entry)| Tls {
                    secret: entry["secretName"].as_str().map(str::to_owned),
                    hosts: array(entry, "/hosts").filter_map(|(_, host)| lower(host)).collect(),
                })
                .collect(),
            None => Vec::new(),
        };
        let annotations = get("/annotations").map(|said| said.value).unwrap_or_default();
        for (host, place) in hosts {
            found.push(Route {
                tls: tls_for(&tls, &host),
                host,
                place,
                annotations: annotations.clone(),
                services: Vec::new(),
                paths: Vec::new(),
                kind: RouteKind::Chart,
            });
        }
    }
}
