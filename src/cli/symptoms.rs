//! Errors that people see at run time, and the findings that explain them.

use private_sso::krm::codes;

use super::{Failure, console};

/// Words that an error holds, all of them, in lower case, and what may be behind it.
const SYMPTOMS: &[(&[&str], &[&str])] = &[
    (&["certificate signed by unknown authority"], &["is-wired", "workload-can-trust", "bundle-holds-the-certificate"]),
    (&["unable to get local issuer certificate"], &["is-wired", "workload-can-trust", "bundle-holds-the-certificate"]),
    (&["self-signed certificate in certificate chain"], &["is-wired", "workload-can-trust"]),
    (&["failed to verify certificate"], &["is-wired", "workload-can-trust", "certificate-is-a-ca"]),
    (&["cannot sign this kind of certificate"], &["certificate-is-a-ca"]),
    (&["unregistered redirect_uri"], &["redirect-uri-is-registered", "public-url-is-set", "callback-url-is-explicit"]),
    (&["redirect_uri", "localhost:3000"], &["public-url-is-set"]),
    (&["invalid redirect url"], &["public-url-is-set", "url-has-root-path"]),
    (&["issuer did not match"], &["issuer-is-exact", "url-has-root-path"]),
    (&["issuer", "does not match"], &["issuer-is-exact"]),
    (&["404", "openid-configuration"], &["issuer-is-the-base", "issuer-is-exact"]),
    (&["invalid client_id"], &["client-is-registered"]),
    (
        &["invalid_client"],
        &[
            "client-secret-is-shared",
            "secret-variable-is-set",
            "client-secret-is-no-variable",
            "client-type-fits-app",
            "client-is-registered",
            "client-secret-is-clean",
            "bundled-client-is-derived",
        ],
    ),
    (
        &["invalid client credentials"],
        &["client-secret-is-shared", "secret-variable-is-set", "client-secret-is-no-variable"],
    ),
    (
        &["invalid client_secret"],
        &["client-secret-is-shared", "secret-variable-is-set", "client-secret-is-no-variable"],
    ),
    (&["config referenced", "does not exist in secret"], &["secret-is-labelled", "secret-has-the-key"]),
    (&["secret", "not found"], &["secret-is-in-input", "secret-has-the-key"]),
    (&["couldn't find key"], &["secret-has-the-key"]),
    (&["field is required for"], &["client-is-complete"]),
    (&["expected audience", "got"], &["api-server-knows-issuer", "client-is-of-one-app"]),
    (&["401"], &["api-server-knows-issuer"]),
];

/// Names the findings behind an error, the likeliest first.
pub(super) fn explain(text: &str) -> Result<u8, Failure> {
    let lower = text.to_lowercase();
    let matching = SYMPTOMS.iter().filter(|(words, _)| words.iter().all(|word| lower.contains(word)));
    let mut names: Vec<&str> = Vec::new();
    for name in matching.flat_map(|(_, codes)| codes.iter()) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        let message = "no finding is known to explain this error; `private-sso explain` lists them all".to_owned();
        return Err(Failure { code: 1, message });
    }
    let known = names.iter().filter_map(|name| codes::find(name));
    let lines: Vec<String> =
        known.map(|code| format!("{:<34} {:<8} {}", code.name, code.severity, code.summary)).collect();
    console::print(&format!("{}\n\nprivate-sso check says which of them it is.", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::{SYMPTOMS, codes};

    #[test]
    fn every_symptom_names_codes_that_exist() {
        for name in SYMPTOMS.iter().flat_map(|(_, names)| names.iter()) {
            assert!(codes::find(name).is_some(), "{name}");
        }
    }
}
