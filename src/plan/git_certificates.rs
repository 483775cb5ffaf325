//! The CA for git over HTTPS, which does not look at `SSL_CERT_DIR`: an app has a ConfigMap with a certificate for each host.

use serde_json::json;

use super::instance::{config_maps, of_client};
use super::layers::Layers;
use super::planner::Planner;
use crate::app::profile::GitCertificates;
use crate::config::{Client, Trust, certificate};
use crate::krm::{Finding, Place, Severity, codes};
use crate::patch::{Draft, token};

const REASON: &str = "let git trust the CA";

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(trust) = planner.config.trust.clone().filter(|trust| !trust.git_hosts.is_empty()) else {
        return;
    };
    for client in &planner.config.clients.clone() {
        let profile = client.profile.clone();
        let Some((profile, git)) = profile.and_then(|p| Some((p.clone(), p.git_certificates.clone()?))) else {
            continue;
        };
        rendered(planner, &trust, client, &git);
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            if git.made_at.as_ref().is_some_and(|at| super::values::is_made_elsewhere(planner, &layers, at)) {
                continue;
            }
            for host in &trust.git_hosts {
                let pointer = format!("{}/{}", git.values, token(host));
                let stands = layers.get(planner, &pointer);
                let Some(place) = layers.source(planner, &pointer) else { continue };
                let Some(mut draft) = planner.draft(&place, &codes::GIT_HOST_IS_TRUSTED) else { continue };
                let stands = stands.as_ref().and_then(|value| value.as_str());
                set(planner, &trust, (&place, &mut draft), &layers.pointer(&pointer), host, stands);
                planner.record(&place, draft, REASON);
            }
        }
    }
}

fn rendered(planner: &mut Planner<'_>, trust: &Trust, client: &Client, git: &GitCertificates) {
    let instance = of_client(planner, client);
    let is_seen = instance.as_ref().is_some_and(|instance| !instance.workloads.is_empty());
    let namespace = instance.and_then(|instance| instance.namespace).or_else(|| client.namespace.clone());
    let maps = config_maps(planner, &git.config_map, namespace.as_deref(), &format!("client {}", client.id));
    if maps.is_empty() && is_seen {
        let message = format!(
            "ConfigMap {} is not in the input: it must hold the CA under {}, for git to trust them",
            git.config_map,
            trust.git_hosts.join(" and ")
        );
        planner.report(Finding::new(&codes::GIT_HOST_IS_TRUSTED, message).severity(Severity::Info));
    }
    for map in maps {
        let place = Place::object(map);
        let Some(mut draft) = planner.draft(&place, &codes::GIT_HOST_IS_TRUSTED) else { continue };
        for host in &trust.git_hosts {
            let pointer = format!("/data/{}", token(host));
            let stands = draft.text(&pointer).map(str::to_owned);
            set(planner, trust, (&place, &mut draft), &pointer, host, stands.as_deref());
        }
        planner.record(&place, draft, REASON);
    }
}

/// Gives a host the CA where nothing stands; what stands and does not hold it is somebody else's.
fn set(
    planner: &mut Planner<'_>,
    trust: &Trust,
    (place, draft): (&Place, &mut Draft),
    pointer: &str,
    host: &str,
    stands: Option<&str>,
) {
    let Some(stands) = stands.filter(|text| !text.trim().is_empty()) else {
        let text = trust.certificate.as_deref().unwrap_or_default();
        return draft.set(pointer, json!(format!("{}\n", text.trim())));
    };
    let known = certificate::read(stands).unwrap_or_default();
    if !trust.certificates.iter().all(|certificate| known.contains(certificate)) {
        let message = format!(
            "must hold the CA of `trust.certificate`, for git to trust {host}; another certificate stands there, and git believes no one else: add the CA to it, or remove it"
        );
        planner.report_at(place, pointer, Finding::new(&codes::GIT_HOST_IS_TRUSTED, message));
    }
}
