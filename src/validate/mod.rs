//! Looks at the outcome and says what does not hold. One rule per file, one line in the table.

mod access_is_named;
mod api_server_accepts_client;
mod bundle_holds_the_certificate;
mod bundled_client_is_derived;
mod bundled_dex_has_connectors;
mod ca_file_is_there;
mod ca_mount_is_renewed;
mod callback_url_is_explicit;
mod certificate_is_a_ca;
mod certificate_is_valid;
mod certificate_names_the_host;
mod certificates_are_verified;
mod cli_redirect_is_registered;
mod client_id_is_unique;
mod client_is_complete;
mod client_is_named;
mod client_is_of_one_app;
mod client_is_registered;
mod client_is_used;
mod client_secret_is_a_reference;
mod client_secret_is_clean;
mod client_secret_is_no_sample;
mod client_secret_is_no_variable;
mod client_secret_is_shared;
mod client_type_fits_app;
mod client_url_is_routed;
mod connector_gives_groups;
mod connector_is_trusted;
mod endpoints_are_below_issuer;
mod external_secret_is_complete;
mod field_exists;
mod groups_are_asked_for;
mod host_has_tls;
mod issuer_is_exact;
mod issuer_is_https;
mod issuer_is_routed;
mod issuer_is_the_base;
mod issuer_is_trusted;
mod one_login_is_configured;
mod peer_is_trusted;
mod pods_restart_on_change;
mod policy_lets_somebody_in;
mod policy_scopes_fit_subjects;
mod proxy_takes_large_tokens;
mod public_roots_stay;
mod public_url_is_set;
mod redirect_uri_is_absolute;
mod redirect_uri_is_https;
mod redirect_uri_is_literal;
mod redirect_uri_is_registered;
mod root_ca_is_pem;
mod scopes_are_known;
mod secret_has_the_key;
mod secret_is_in_input;
mod secret_is_labelled;
mod secret_keeps_its_name;
mod secret_variable_is_set;
mod server_and_proxy_agree_on_tls;
mod service_account_is_not_used;
mod sso_mode_is_on;
mod subjects_have_the_prefix;
mod trust_source_keeps_its_name;
mod trust_variable_fits_runtime;
mod url_has_root_path;

use crate::config::Config;
use crate::krm::{Code, Finding, Manifests};
use crate::model::World;

/// What a rule looks at.
pub struct Review<'a> {
    /// The manifests, as they are or as the plan leaves them.
    pub world: &'a World<'a>,
    /// The documents, if there are any.
    pub documents: Vec<&'a Config>,
    /// The manifests themselves.
    pub after: &'a Manifests,
    /// Whether it is the end of a run, which must not stop at what it has made work.
    pub is_run: bool,
    /// Seconds since 1970, where the caller says what time it is.
    pub now: Option<u64>,
}

/// One rule.
pub struct Rule {
    /// What must hold.
    pub code: &'static Code,
    /// What the rule is called in the research of failures that it comes from.
    pub ids: &'static [&'static str],
    /// Finds where it does not.
    pub check: fn(&Review<'_>) -> Vec<Finding>,
}

/// All rules, by name.
pub const RULES: &[Rule] = &[
    access_is_named::RULE,
    api_server_accepts_client::RULE,
    bundle_holds_the_certificate::RULE,
    bundled_client_is_derived::RULE,
    bundled_dex_has_connectors::RULE,
    ca_file_is_there::RULE,
    ca_mount_is_renewed::RULE,
    callback_url_is_explicit::RULE,
    certificate_is_a_ca::RULE,
    certificate_is_valid::RULE,
    certificate_names_the_host::RULE,
    certificates_are_verified::RULE,
    cli_redirect_is_registered::RULE,
    client_id_is_unique::RULE,
    client_is_complete::RULE,
    client_is_named::RULE,
    client_is_of_one_app::RULE,
    client_is_registered::RULE,
    client_is_used::RULE,
    client_secret_is_a_reference::RULE,
    client_secret_is_clean::RULE,
    client_secret_is_no_sample::RULE,
    client_secret_is_no_variable::RULE,
    client_secret_is_shared::RULE,
    client_type_fits_app::RULE,
    client_url_is_routed::RULE,
    connector_gives_groups::RULE,
    connector_is_trusted::RULE,
    endpoints_are_below_issuer::RULE,
    external_secret_is_complete::RULE,
    field_exists::RULE,
    groups_are_asked_for::RULE,
    host_has_tls::RULE,
    issuer_is_exact::RULE,
    issuer_is_https::RULE,
    issuer_is_routed::RULE,
    issuer_is_the_base::RULE,
    issuer_is_trusted::RULE,
    one_login_is_configured::RULE,
    peer_is_trusted::RULE,
    pods_restart_on_change::RULE,
    policy_lets_somebody_in::RULE,
    policy_scopes_fit_subjects::RULE,
    proxy_takes_large_tokens::RULE,
    public_roots_stay::RULE,
    public_url_is_set::RULE,
    redirect_uri_is_absolute::RULE,
    redirect_uri_is_https::RULE,
    redirect_uri_is_literal::RULE,
    redirect_uri_is_registered::RULE,
    root_ca_is_pem::RULE,
    scopes_are_known::RULE,
    secret_has_the_key::RULE,
    secret_is_in_input::RULE,
    secret_is_labelled::RULE,
    secret_keeps_its_name::RULE,
    secret_variable_is_set::RULE,
    server_and_proxy_agree_on_tls::RULE,
    service_account_is_not_used::RULE,
    sso_mode_is_on::RULE,
    subjects_have_the_prefix::RULE,
    trust_source_keeps_its_name::RULE,
    trust_variable_fits_runtime::RULE,
    url_has_root_path::RULE,
];

/// Everything that does not hold, each once.
pub fn validate(review: &Review<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for rule in RULES {
        for finding in (rule.check)(review) {
            let is_known = |known: &Finding| {
                known.code == finding.code && known.place == finding.place && known.message == finding.message
            };
            if !found.iter().any(is_known) {
                found.push(finding);
            }
        }
    }
    found
}
