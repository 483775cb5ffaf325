//! TLS for the hosts of the issuer and the clients: Ingresses, Gateway listeners, and the charts' own Ingress values.
//!
//! cert-manager issues nothing where an Ingress names two issuers, and skips a TLS entry without a Secret
//! (cert-manager: pkg/controller/certificate-shim).

use serde_json::{Value, json};

use super::instance::of_client;
use super::layers::Layers;
use super::planner::Planner;
use crate::app::profile::{ChartIngress, Profile};
use crate::config::Client;
use crate::config::document::{Ingress, host_of};
use crate::krm::pod::{entries, template_pointer};
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;

const CLUSTER_ISSUER: &str = "cert-manager.io~1cluster-issuer";
const ISSUER: &str = "cert-manager.io~1issuer";
/// Any of these names the issuer by itself or beside ours, and cert-manager then refuses.
const FOREIGN: &[&str] = &[ISSUER, CLUSTER_ISSUER, "cert-manager.io~1issuer-kind", "cert-manager.io~1issuer-group"];

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(ingress) = planner.config.ingress.clone() else {
        return;
    };
    let hosts = planner.config.hosts();
    for index in 0..planner.manifests.objects.len() {
        let object = &planner.manifests.objects[index];
        if object.is("networking.k8s.io", "Ingress") {
            of_ingress(planner, &ingress, index, &hosts);
        } else if object.is("gateway.networking.k8s.io", "Gateway") {
            of_gateway(planner, &ingress, index, &hosts);
        }
    }
    let dex = planner.config.dex_profile.clone();
    let (helm, namespace) = (planner.config.dex.helm.clone(), planner.config.dex.namespace.clone());
    for layers in Layers::find(planner, &dex, &helm, namespace.as_deref(), "Dex") {
        of_chart(planner, &ingress, &dex, &layers, &hosts);
    }
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            of_chart(planner, &ingress, &profile, &layers, &hosts);
        }
        if ingress.create {
            create(planner, &ingress, client);
        }
    }
}

const REASON: &str = "give the host TLS";

fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    pattern == host
        || pattern.strip_prefix("*.").is_some_and(|rest| host.split_once('.').is_some_and(|(_, parent)| parent == rest))
}

fn of_ingress(planner: &mut Planner<'_>, ingress: &Ingress, index: usize, hosts: &[String]) {
    let place = Place::object(index);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let ruled: Vec<String> = draft
        .list("/spec/rules")
        .iter()
        .filter_map(|rule| rule["host"].as_str())
        .filter(|rule| hosts.iter().any(|host| matches(rule, host)))
        .map(str::to_owned)
        .collect();
    if ruled.is_empty() {
        return;
    }
    annotate(planner, ingress, &place, &mut draft, "/metadata/annotations");
    let has_class = draft.text("/spec/ingressClassName").is_some_and(|class| !class.is_empty())
        || draft.text("/metadata/annotations/kubernetes.io~1ingress.class").is_some();
    if let (Some(class), false) = (&ingress.class_name, has_class) {
        draft.set("/spec/ingressClassName", json!(class));
    }
    let name = planner.manifests.objects[index].id.name.clone();
    let secret = fixed_secret(planner, index).unwrap_or_else(|| format!("{name}-tls"));
    cover(&mut draft, "/spec/tls", &ruled, &secret);
    planner.record(&place, draft, REASON);
}

/// The TLS Secret of an app's Ingress where its chart fixes the name, so that both surfaces converge.
fn fixed_secret(planner: &Planner<'_>, index: usize) -> Option<String> {
    let label = planner.manifests.objects[index].label("helm.sh/chart")?;
    planner.config.clients.iter().filter_map(|client| client.profile.as_ref()?.chart.as_ref()).find_map(|chart| {
        chart.version_in(label)?;
        chart.ingress.as_ref()?.tls_secret.clone()
    })
}

/// Names the issuer, unless another one is named.
fn annotate(planner: &mut Planner<'_>, ingress: &Ingress, place: &Place, draft: &mut Draft, at: &str) {
    let (key, value) = match (&ingress.cluster_issuer, &ingress.issuer) {
        (Some(name), _) => (CLUSTER_ISSUER, name),
        (None, Some(name)) => (ISSUER, name),
        (None, None) => return,
    };
    for foreign in FOREIGN.iter().filter(|foreign| **foreign != key) {
        let pointer = format!("{at}/{foreign}");
        if let Some(found) = draft.get(&pointer) {
            let message = format!(
                "must name one issuer: {}={found} stands, so {}={value} was not added; cert-manager issues nothing for both",
                foreign.replace("~1", "/"),
                key.replace("~1", "/")
            );
            return planner.report_at(place, &pointer, Finding::new(&codes::ISSUER_ANNOTATION_IS_FREE, message));
        }
    }
    let pointer = format!("{at}/{key}");
    match draft.text(&pointer) {
        None | Some("") => draft.set(&pointer, json!(value)),
        Some(found) if found == value => {}
        Some(found) => {
            let message =
                format!("names the issuer \"{found}\", not \"{value}\"; it was left; remove it to have the document's");
            planner.report_at(place, &pointer, Finding::new(&codes::ISSUER_ANNOTATION_IS_FREE, message));
        }
    }
}

/// Has a TLS entry with a Secret for every host. An entry that stands keeps its Secret.
fn cover(draft: &mut Draft, at: &str, hosts: &[String], secret: &str) {
    let mut missing: Vec<&String> = Vec::new();
    for host in hosts {
        let position = draft.list(at).iter().position(|entry| {
            let mut named = entries(entry, "hosts").filter_map(Value::as_str);
            named.any(|pattern| matches(pattern, host))
        });
        match position {
            Some(index) => {
                let pointer = format!("{at}/{index}/secretName");
                if draft.text(&pointer).is_none_or(str::is_empty) {
                    draft.set(&pointer, json!(secret));
                }
            }
            None if !missing.contains(&host) => missing.push(host),
            None => {}
        }
    }
    if missing.is_empty() {
        return;
    }
    // Secrets are unique in an Ingress: a second entry of the same name would be refused.
    let taken = draft.list(at).iter().position(|entry| entry["secretName"] == secret);
    match taken {
        Some(index) => {
            for host in missing {
                draft.append(&format!("{at}/{index}/hosts"), json!(host));
            }
        }
        None => draft.append(at, json!({"hosts": missing, "secretName": secret})),
    }
}

fn of_gateway(planner: &mut Planner<'_>, ingress: &Ingress, index: usize, hosts: &[String]) {
    let place = Place::object(index);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let listeners: Vec<(usize, Value)> = draft.list("/spec/listeners").iter().cloned().enumerate().collect();
    let is_ours = |listener: &Value| {
        listener["hostname"].as_str().is_some_and(|name| hosts.iter().any(|host| matches(name, host)))
    };
    if !listeners.iter().any(|(_, listener)| is_ours(listener)) {
        return;
    }
    let foreign: Vec<&str> = listeners
        .iter()
        .filter(|(_, listener)| {
            !is_ours(listener) && ["HTTPS", "TLS"].iter().any(|protocol| listener["protocol"] == *protocol)
        })
        .map(|(_, listener)| listener["hostname"].as_str().unwrap_or("*"))
        .collect();
    if !foreign.is_empty() {
        let message = format!(
            "must serve hosts of this document only to be given an issuer; it also serves {}; annotate it yourself, or give our hosts a Gateway of their own",
            foreign.join(", ")
        );
        return planner.report_at(&place, "/spec/listeners", Finding::new(&codes::GATEWAY_SERVES_OUR_HOSTS, message));
    }
    annotate(planner, ingress, &place, &mut draft, "/metadata/annotations");
    let name = planner.manifests.objects[index].id.name.clone();
    for (position, listener) in &listeners {
        let refs = format!("/spec/listeners/{position}/tls/certificateRefs");
        let terminates = listener.pointer("/tls/mode").is_none_or(|mode| mode == "Terminate");
        if is_ours(listener) && listener["protocol"] == "HTTPS" && terminates && draft.list(&refs).is_empty() {
            draft.set(&refs, json!([{"name": format!("{name}-tls")}]));
        }
    }
    planner.record(&place, draft, REASON);
}

/// The Ingress that a chart makes, where it makes one for a host of ours.
fn of_chart(planner: &mut Planner<'_>, ingress: &Ingress, profile: &Profile, layers: &Layers, hosts: &[String]) {
    let Some((chart, keys)) = profile.chart.as_ref().and_then(|chart| Some((chart, chart.ingress.as_ref()?))) else {
        return;
    };
    let enabled = format!("{}/enabled", keys.at);
    if layers.get(planner, &enabled).is_none_or(|enabled| enabled != true && enabled != "true") {
        return;
    }
    let served: Vec<String> = served(planner, layers, keys)
        .into_iter()
        .filter(|served| hosts.iter().any(|host| matches(served, host)))
        .collect();
    if served.is_empty() {
        return;
    }
    let Some(place) = layers.source(planner, &enabled) else {
        return;
    };
    let at = layers.pointer(&keys.at);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    annotate(planner, ingress, &place, &mut draft, &format!("{at}/annotations"));
    let has_class = layers.get(planner, &format!("{}/{}", keys.at, keys.class_name)).is_some_and(|class| class != "")
        || draft.text(&format!("{at}/annotations/kubernetes.io~1ingress.class")).is_some();
    if let (Some(class), false) = (&ingress.class_name, has_class) {
        draft.set(&format!("{at}/{}", keys.class_name), json!(class));
    }
    if keys.tls_is_switch {
        let main = main_host(planner, layers, keys);
        if main.as_ref().is_some_and(|host| served.contains(host)) {
            let extra = keys.extra_tls.as_ref().map(|key| format!("{at}/{key}")).unwrap_or_default();
            let covered = draft.list(&extra).iter().any(|entry| {
                entries(entry, "hosts").filter_map(Value::as_str).any(|host| main.as_deref() == Some(host))
            });
            if !covered && layers.get(planner, &format!("{}/tls", keys.at)) != Some(Value::Bool(true)) {
                draft.set(&format!("{at}/tls"), Value::Bool(true));
            }
        } else if let (Some(key), Some(secret)) = (&keys.extra_tls, &keys.tls_secret) {
            // The switch would ask for a certificate of a foreign host too.
            cover(&mut draft, &format!("{at}/{key}"), &served, secret);
        }
        planner.record(&place, draft, REASON);
    } else {
        planner.record(&place, draft, REASON);
        let name = object_name(planner, layers, chart.object_name.as_deref().unwrap_or(&chart.name));
        let secret = format!("{name}{}-tls", keys.name_suffix);
        let Some(list) = layers.list(planner, &format!("{}/tls", keys.at)) else {
            return;
        };
        let Some(mut draft) = planner.draft(&list.place, &codes::APP_TAKES_SETTING) else {
            return;
        };
        cover(&mut draft, &list.pointer, &served, &secret);
        list.record(planner, draft, REASON, &format!("{} with secretName {secret}", served.join(", ")));
    }
}

/// The hosts that a chart's Ingress serves.
fn served(planner: &Planner<'_>, layers: &Layers, keys: &ChartIngress) -> Vec<String> {
    let listed = |key: &Option<String>, field: &str| -> Vec<String> {
        let list = key.as_ref().and_then(|key| layers.get(planner, &format!("{}/{key}", keys.at)));
        let list = list.iter().filter_map(Value::as_array).flatten();
        list.filter_map(|entry| entry.as_str().or_else(|| entry[field].as_str())).map(str::to_owned).collect()
    };
    let mut hosts = listed(&keys.hosts, "host");
    hosts.extend(main_host(planner, layers, keys));
    hosts.extend(listed(&keys.extra_hosts, "name"));
    hosts
}

/// The only or first host, where the chart has a key for it.
fn main_host(planner: &Planner<'_>, layers: &Layers, keys: &ChartIngress) -> Option<String> {
    let text = |pointer: &str| {
        layers.get(planner, pointer).and_then(|value| value.as_str().map(str::to_owned)).filter(|text| !text.is_empty())
    };
    let stated = keys.hostname.as_ref().and_then(|key| text(&format!("{}/{key}", keys.at)));
    stated.or_else(|| keys.hostname_default.as_ref().and_then(|pointer| text(pointer)))
}

/// The name a chart gives its objects: the release's where that holds the chart's, else both.
fn object_name(planner: &Planner<'_>, layers: &Layers, chart: &str) -> String {
    let text = |pointer: &str| {
        layers.get(planner, pointer).and_then(|value| value.as_str().map(str::to_owned)).filter(|text| !text.is_empty())
    };
    if let Some(name) = text("/fullnameOverride") {
        return name;
    }
    let name = text("/nameOverride").unwrap_or_else(|| chart.to_owned());
    match &layers.release.name {
        Some(release) if release.contains(&name) => release.clone(),
        Some(release) => format!("{release}-{name}"),
        None => name,
    }
}

/// Adds an Ingress for a host that nothing in the input routes, where the app's Service is in the input.
fn create(planner: &mut Planner<'_>, ingress: &Ingress, client: &Client) {
    let Some(host) = client.url.as_deref().and_then(host_of) else {
        return;
    };
    let objects = &planner.manifests.objects;
    let is_routed = objects.iter().any(|object| {
        let rules = object.value.pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
        let hosts = object.value.pointer("/spec/hostnames").and_then(Value::as_array).into_iter().flatten();
        let text = object.value.pointer("/spec/routes").map(Value::to_string).unwrap_or_default();
        rules.filter_map(|rule| rule["host"].as_str()).chain(hosts.filter_map(Value::as_str)).any(|h| matches(h, &host))
            || text.contains(&format!("`{host}`"))
    });
    if is_routed {
        return;
    }
    let Some(instance) = of_client(planner, client) else {
        return;
    };
    let lead = client.profile.as_ref().and_then(|profile| profile.components.first());
    let Some(workload) = lead.and_then(|component| instance.of(&component.name).next()) else {
        return;
    };
    let objects = &planner.manifests.objects;
    let pod = &objects[workload];
    let Some(labels) = template_pointer(pod).and_then(|t| pod.value.pointer(&format!("{t}/metadata/labels"))) else {
        return;
    };
    let selects = |selector: &Value| {
        selector
            .as_object()
            .is_some_and(|s| !s.is_empty() && s.iter().all(|(key, value)| labels.get(key) == Some(value)))
    };
    let Some(service) = objects.iter().position(|object| {
        object.is("", "Service")
            && object.id.shares_namespace(pod.id.namespace.as_deref())
            && object.value.pointer("/spec/selector").is_some_and(selects)
    }) else {
        return;
    };
    let found = &objects[service];
    let ports: Vec<&Value> =
        found.value.pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten().collect();
    let port =
        ports.iter().find(|port| port["name"] == "http").or_else(|| ports.first()).map(|port| port["port"].clone());
    let Some(port) = port.filter(Value::is_number) else {
        return;
    };
    let name = found.id.name.clone();
    let taken = objects.iter().find(|object| {
        object.is("networking.k8s.io", "Ingress")
            && object.id.name == name
            && object.id.shares_namespace(found.id.namespace.as_deref())
    });
    if let Some(taken) = taken {
        let message =
            format!("must route {host} itself: the name is taken, so no Ingress was added for it; add a rule");
        let finding = Finding::new(&codes::INGRESS_NAME_IS_FREE, message).on(&taken.id.clone());
        return planner.report(finding);
    }
    let mut metadata = json!({"name": name});
    if let Some(namespace) = &found.id.namespace {
        metadata["namespace"] = json!(namespace);
    }
    match (&ingress.cluster_issuer, &ingress.issuer) {
        (Some(issuer), _) => metadata["annotations"] = json!({"cert-manager.io/cluster-issuer": issuer}),
        (None, Some(issuer)) => metadata["annotations"] = json!({"cert-manager.io/issuer": issuer}),
        (None, None) => {}
    }
    let mut spec = json!({});
    if let Some(class) = &ingress.class_name {
        spec["ingressClassName"] = json!(class);
    }
    let backend = json!({"service": {"name": name, "port": {"number": port}}});
    spec["rules"] =
        json!([{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]);
    spec["tls"] = json!([{"hosts": [host], "secretName": format!("{name}-tls")}]);
    let value = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec});
    planner.add(value, service, format!("route {host}"));
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_cover_one_label() {
        assert!(matches("*.lab.example", "dex.lab.example"));
        assert!(!matches("*.lab.example", "a.b.lab.example"));
        assert!(matches("Dex.lab.example", "dex.lab.example"));
    }
}
