//! # What must hold
//! Every certificate of `trust.certificate` is a CA's.
//!
//! # Why
//! A server's own certificate changes with every renewal, and OpenSSL takes one for an anchor only where it signed itself.
//! What every client is told to trust must be what signs the others.
//!
//! # Broken
//! ```yaml
//! trust:
//!   certificate: |   # of dex.lab.example, with CA:FALSE
//!     -----BEGIN CERTIFICATE-----
//! ```
//!
//! # Fixed
//! ```yaml
//! trust:
//!   certificate: |   # of the CA that signed it
//!     -----BEGIN CERTIFICATE-----
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CERTIFICATE_IS_A_CA, ids: &["T12"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let certificates =
        review.documents.iter().filter_map(|config| config.trust.as_ref()).flat_map(|trust| &trust.certificates);
    certificates
        .filter(|certificate| certificate.is_leaf)
        .map(|certificate| {
            let message = format!(
                "`trust.certificate` must hold the CA's certificate, and \"{}\" in it is none that may sign others; give the one that signed it",
                certificate.subject
            );
            Finding::new(&codes::CERTIFICATE_IS_A_CA, message)
        })
        .collect()
}
