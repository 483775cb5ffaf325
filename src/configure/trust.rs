//! Validates `trust`, and fills in its defaults.

use json_patch::jsonptr::PointerBuf;
use serde_json::{Map, Value};

use super::Mistakes;
use crate::config::document::{Source, Trust, Workload};
use crate::config::shape::nearest;
use crate::config::{certificate, selector, v1alpha1};
use crate::krm::pod::{POD_TEMPLATES, PodTemplate};

pub(super) fn trust_of(trust: v1alpha1::Trust, found: &mut Mistakes) -> Trust {
    let key = |key: Option<String>| key.unwrap_or_else(|| "ca.crt".to_owned());
    let source = match (trust.config_map, trust.secret, trust.cluster_trust_bundle) {
        (Some(map), None, None) => {
            Source::ConfigMap { name: map.name, key: key(map.key), optional: map.optional.unwrap_or(true) }
        }
        (None, Some(secret), None) => {
            Source::Secret { name: secret.name, key: key(secret.key), optional: secret.optional.unwrap_or(true) }
        }
        (None, None, Some(bundle)) => {
            if bundle.name.is_some() == bundle.signer_name.is_some() {
                found.add("/trust/clusterTrustBundle", "must have `name` or `signerName`, one of the two");
            }
            let mut selection = Map::new();
            for (field, value) in [("name", bundle.name), ("signerName", bundle.signer_name)] {
                if let Some(value) = value {
                    selection.insert(field.to_owned(), Value::String(value));
                }
            }
            if let Some(labels) = bundle.label_selector {
                selection.insert("labelSelector".to_owned(), Value::Object(labels));
            }
            Source::ClusterTrustBundle { selection, key: key(bundle.key), optional: bundle.optional.unwrap_or(true) }
        }
        _ => {
            found.add("/trust", "must have exactly one of `configMap`, `secret` and `clusterTrustBundle`");
            Source::ConfigMap { name: String::new(), key: key(None), optional: true }
        }
    };
    let mount_path = trust.mount_path.unwrap_or_else(|| "/etc/ssl/local-ca".to_owned());
    if !mount_path.starts_with('/') || mount_path.contains(':') || mount_path.len() < 2 {
        found.add("/trust/mountPath", "must be an absolute path without a colon");
    }
    if mount_path.trim_end_matches('/') == "/etc/ssl/certs" && !trust.full_bundle {
        let message = "must not be /etc/ssl/certs, where images have the public roots, unless the bundle holds those too and `fullBundle` says so";
        found.add("/trust/mountPath", message);
    }
    let volume_name = trust.volume_name.unwrap_or_else(|| "local-ca".to_owned());
    if !is_dns_label(&volume_name) {
        found.add("/trust/volumeName", "must be a DNS label: lower case letters, digits and -, at most 63");
    }
    let certificate = Some(trust.certificate).filter(|pem| !pem.trim().is_empty());
    let certificates = certificate.as_deref().map_or(Ok(Vec::new()), certificate::read).unwrap_or_else(|message| {
        found.add("/trust/certificate", message);
        Vec::new()
    });
    check_git_hosts(&trust.git_hosts, certificate.is_some(), found);
    let pod_templates = pod_templates(trust.pod_templates, found);
    let workloads = trust.workloads.into_iter().enumerate();
    let workloads = workloads.filter_map(|(index, w)| workload_of(index, w, &pod_templates, found)).collect();
    Trust {
        source,
        mount_path: mount_path.trim_end_matches('/').to_owned(),
        volume_name,
        certificate,
        certificates,
        full_bundle: trust.full_bundle,
        namespace_labels: trust.namespace_labels.into_iter().collect(),
        workloads,
        pod_templates,
        git_hosts: trust.git_hosts,
    }
}

fn is_dns_label(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

fn workload_of(
    index: usize,
    workload: v1alpha1::Workload,
    own: &[PodTemplate],
    found: &mut Mistakes,
) -> Option<Workload> {
    let pointer = format!("/trust/workloads/{index}");
    if workload.kind.is_none() && workload.name.is_none() && workload.label_selector.is_empty() {
        found.add(&pointer, "must have `kind`, `name` or `labelSelector`");
    }
    let kinds = POD_TEMPLATES.iter().map(|(_, kind, _)| *kind).chain(own.iter().map(|kind| kind.kind.as_str()));
    if let Some(kind) = &workload.kind
        && !kinds.clone().any(|known| known == kind)
    {
        let hint = match nearest(kind, kinds) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`trust.podTemplates` adds kinds".to_owned(),
        };
        let message = format!("must be a kind that has a pod template, not \"{kind}\"; {hint}");
        found.add(&format!("{pointer}/kind"), message);
    }
    let selector = match selector::parse(&workload.label_selector) {
        Ok(selector) => selector,
        Err(error) => {
            found
                .add(&format!("{pointer}/labelSelector"), format!("must be a label selector such as app=web: {error}"));
            return None;
        }
    };
    Some(Workload {
        kind: workload.kind,
        name: workload.name,
        namespace: workload.namespace,
        selector,
        containers: workload.containers,
        runtime: workload.runtime.unwrap_or_default(),
    })
}

/// Hosts become keys of a ConfigMap.
fn check_git_hosts(hosts: &[String], has_certificate: bool, found: &mut Mistakes) {
    if !hosts.is_empty() && !has_certificate {
        found.add(
            "/trust/certificate",
            "must be set where there are `gitHosts`: git is given the CA itself, host by host",
        );
    }
    for (index, host) in hosts.iter().enumerate() {
        let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if host.is_empty() || !host.chars().all(is_host) {
            let message = format!("must be a host in lower case, without scheme, port and path, not \"{host}\"");
            found.add(&format!("/trust/gitHosts/{index}"), message);
        }
    }
}

/// The kinds that the document adds to the table.
fn pod_templates(stated: Vec<v1alpha1::PodTemplate>, found: &mut Mistakes) -> Vec<PodTemplate> {
    let mut valid: Vec<PodTemplate> = Vec::new();
    for (index, v1alpha1::PodTemplate { group, kind, path }) in stated.into_iter().enumerate() {
        let at = format!("/trust/podTemplates/{index}");
        if group.is_empty() || group.contains(['/', ' ']) {
            let message = format!("must be an API group without version, such as example.com, not \"{group}\"");
            found.add(&format!("{at}/group"), message);
        }
        if kind.is_empty() || !kind.chars().all(|c| c.is_ascii_alphanumeric()) {
            found.add(&format!("{at}/kind"), format!("must be a kind, such as Widget, not \"{kind}\""));
        }
        if PointerBuf::parse(path.as_str()).is_err() {
            let message = format!(
                "must be a JSON pointer to what holds `metadata` and `spec` of the pod, such as /spec/template, not \"{path}\""
            );
            found.add(&format!("{at}/path"), message);
        }
        let built_in = POD_TEMPLATES.iter().map(|(group, kind, path)| (*group, *kind, *path));
        let mut known = built_in
            .chain(valid.iter().map(|k| (k.group.as_str(), k.kind.as_str(), k.path.as_deref().unwrap_or_default())));
        if let Some((.., other)) = known.find(|(g, k, other)| *g == group && *k == kind && *other != path) {
            found.add(&at, format!("must not have another path than {other}, which is known for {group} {kind}"));
            continue;
        }
        valid.push(PodTemplate { group, kind, path: Some(path) });
    }
    valid
}
