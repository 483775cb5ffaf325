//! Decides what has to change. One intent per file; each sees the manifests as the ones before it leave them.

mod access;
mod app_claims;
mod app_documents;
mod app_flags;
mod app_resources;
mod app_secrets;
mod checksum;
mod dex_client;
mod git_certificates;
mod ingress;
mod instance;
mod interpolation;
mod layers;
mod mounted;
mod namespaces;
mod planner;
mod secret;
mod since;
mod trust;
mod value;
mod values;
mod wanted;

use planner::Planner;
pub use planner::{Addition, Plan};

use crate::config::Config;
use crate::krm::Manifests;

/// Why things change: one purpose, one function.
pub struct Intent {
    /// A noun of purpose.
    pub name: &'static str,
    /// Records changes and findings.
    plan: fn(&mut Planner<'_>),
}

/// All intents, in the order they run: settings before trust, so that lists grow in the order charts render them.
pub const INTENTS: &[Intent] = &[
    Intent { name: "app-claims", plan: app_claims::plan },
    Intent { name: "app-versions", plan: since::plan },
    Intent { name: "app-flags", plan: app_flags::plan },
    Intent { name: "app-documents", plan: app_documents::plan },
    Intent { name: "app-resources", plan: app_resources::plan },
    Intent { name: "helm-values", plan: values::plan },
    Intent { name: "app-secrets", plan: app_secrets::plan },
    Intent { name: "dex-clients", plan: dex_client::plan },
    Intent { name: "trust", plan: trust::plan },
    Intent { name: "git-certificates", plan: git_certificates::plan },
    Intent { name: "ingress", plan: ingress::plan },
    Intent { name: "access", plan: access::plan },
    Intent { name: "namespaces", plan: namespaces::plan },
    Intent { name: "checksum", plan: checksum::plan },
];

/// Decides all changes for a document over manifests, and gives the manifests back as the changes leave them.
pub fn plan(config: &Config, manifests: Manifests) -> (Plan, Manifests) {
    let mut planner = Planner::new(config, manifests);
    for intent in INTENTS {
        (intent.plan)(&mut planner);
    }
    planner.finish()
}
