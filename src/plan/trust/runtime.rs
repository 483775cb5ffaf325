//! How each runtime learns of a CA: the variables that name it.

use serde_json::json;

use super::unable;
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;
use crate::plan::planner::Planner;

/// Name, value, and whether it joins an existing value with `:`.
pub(super) type Variable = (&'static str, String, bool);

/// What tells a runtime of the CA; nothing, with a finding, where that cannot be done.
pub(super) fn variables_of(
    planner: &mut Planner<'_>,
    trust: &Trust,
    env: &Place,
    runtime: Runtime,
) -> Option<Vec<Variable>> {
    let with_system = || format!("/etc/ssl/certs:{}", trust.mount_path);
    match runtime {
        Runtime::Go => Some(vec![("SSL_CERT_DIR", trust.mount_path.clone(), true)]),
        Runtime::Unstated | Runtime::Rust => Some(vec![("SSL_CERT_DIR", with_system(), true)]),
        Runtime::Node => Some(vec![("NODE_EXTRA_CA_CERTS", trust.file(), false)]),
        Runtime::Python if trust.full_bundle => {
            Some(vec![("REQUESTS_CA_BUNDLE", trust.file(), false), ("SSL_CERT_FILE", trust.file(), false)])
        }
        Runtime::Python => {
            unable(
                planner,
                env,
                "",
                "Python replaces the public roots by the file it is given, so the bundle must hold them too; set `trust.fullBundle: true` once it does",
            );
            None
        }
        Runtime::Openssl => {
            unable(
                planner,
                env,
                "",
                "OpenSSL reads a directory by hash-named files, which are not made yet; use a full bundle and SSL_CERT_FILE by hand",
            );
            None
        }
        Runtime::Java => {
            unable(
                planner,
                env,
                "",
                "Java needs a trust store: let trust-manager make a PKCS#12 target, mount it, and name it in JAVA_TOOL_OPTIONS",
            );
            None
        }
    }
}

/// Sets a variable, or joins it to what stands; where neither can be, a finding says so.
pub(super) fn set_variable(
    planner: &mut Planner<'_>,
    place: &Place,
    draft: &mut Draft,
    name: &str,
    value: &str,
    joins: bool,
) {
    let Some(index) = draft.list("").iter().rposition(|entry| entry["name"] == name) else {
        return draft.append("", json!({"name": name, "value": value}));
    };
    let pointer = format!("/{index}");
    if draft.get(&format!("{pointer}/valueFrom")).is_some() {
        let message = format!(
            "{name} must be a plain value, for the CA to be added; it comes from elsewhere: have it hold {value}"
        );
        return planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
    }
    let current = draft.text(&format!("{pointer}/value")).unwrap_or_default().to_owned();
    let missing: Vec<&str> =
        value.split(':').filter(|part| !current.split(':').any(|known| known.trim_end_matches('/') == *part)).collect();
    if current.is_empty() {
        draft.set(&format!("{pointer}/value"), json!(value));
    } else if current == value || joins && missing.is_empty() {
    } else if joins {
        // What is already there keeps its place; only the CA's own directory is added.
        let own: Vec<&str> = missing.into_iter().filter(|part| *part != "/etc/ssl/certs").collect();
        let joined = std::iter::once(current.trim_end_matches(':')).chain(own).collect::<Vec<_>>().join(":");
        draft.set(&format!("{pointer}/value"), json!(joined));
    } else {
        let message =
            format!("{name} must be {value}, for the CA to be trusted; it is {current}; merge the files, or remove it");
        planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
    }
}
