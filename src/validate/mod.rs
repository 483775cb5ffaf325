//! Looks at the outcome and says what does not hold. One rule per file, one line in the table.

mod bundle_holds_the_certificate;
mod certificate_is_a_ca;
mod client_secret_is_a_reference;
mod secret_keeps_its_name;
mod trust_source_keeps_its_name;

use crate::config::Config;
use crate::krm::{Code, Finding, Manifests};

/// What a rule looks at.
pub struct Review<'a> {
    /// The document.
    pub config: &'a Config,
    /// The manifests as the plan leaves them.
    pub after: &'a Manifests,
}

/// One rule.
pub struct Rule {
    /// What must hold.
    pub code: &'static Code,
    /// Finds where it does not.
    pub check: fn(&Review<'_>) -> Vec<Finding>,
}

/// All rules, by name.
pub const RULES: &[Rule] = &[
    bundle_holds_the_certificate::RULE,
    certificate_is_a_ca::RULE,
    client_secret_is_a_reference::RULE,
    secret_keeps_its_name::RULE,
    trust_source_keeps_its_name::RULE,
];

/// Everything that does not hold.
pub fn validate(review: &Review<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| (rule.check)(review)).collect()
}
