//! Errors that people see at run time, and the findings that explain them.

use private_sso::krm::codes;

use super::{Failure, console};

/// Words that an error holds, all of them, in lower case, and what may be behind it.
const SYMPTOMS: &[(&[&str], &[&str])] = &[
    (&["certificate signed by unknown authority"], TRUST),
    (&["unable to get local issuer certificate"], TRUST),
    (&["self-signed certificate"], TRUST),
    (&["self signed certificate"], TRUST),
    (&["pkix path building failed"], TRUST),
    (&["failed to verify certificate"], TRUST),
    (&["append ca cert"], &["ca-file-is-there", "root-ca-is-pem", "certificate-is-valid"]),
    (&["add custom cert"], &["ca-file-is-there", "root-ca-is-pem", "certificate-is-valid"]),
    (&["certificate is valid for"], &["certificate-names-the-host", "issuer-is-https"]),
    (&["certificate has expired"], &["certificate-is-valid"]),
    (&["cannot sign this kind of certificate"], &["certificate-is-a-ca"]),
    (&["mount", "not a directory"], &["ca-mount-is-renewed", "public-roots-stay"]),
    (
        &["unregistered redirect_uri"],
        &["redirect-uri-is-registered", "public-url-is-set", "callback-url-is-explicit", "redirect-uri-is-literal"],
    ),
    (&["redirect_uri=http://"], &["public-url-is-set", "callback-url-is-explicit", "redirect-uri-is-registered"]),
    (&["redirect_uri", "localhost:3000"], &["public-url-is-set"]),
    (&["redirect url", "protocol and host"], &["public-url-is-set", "url-has-root-path", "field-exists"]),
    (&["invalid redirect url"], &["public-url-is-set", "url-has-root-path", "field-exists"]),
    (&["issuer did not match"], &["issuer-is-exact", "url-has-root-path", "issuer-is-the-base"]),
    (&["issuer", "does not match"], &["issuer-is-exact", "issuer-is-the-base"]),
    (&["404", "openid-configuration"], &["issuer-is-the-base", "issuer-is-exact", "issuer-is-routed"]),
    (&["502"], &["proxy-takes-large-tokens", "issuer-is-the-base", "issuer-is-trusted"]),
    (&["connection reset", "/token"], &["issuer-is-routed", "issuer-is-https"]),
    (&["no such host"], &["issuer-is-https", "issuer-is-routed"]),
    (&["too_many_redirects"], &["server-and-proxy-agree-on-tls"]),
    (&["too many redirects"], &["server-and-proxy-agree-on-tls"]),
    (&["named cookie not present"], &["public-url-is-set", "url-has-root-path", "redirect-uri-is-https"]),
    (
        &["login", "loop"],
        &[
            "api-server-accepts-client",
            "api-server-knows-issuer",
            "callback-url-is-explicit",
            "external-secret-is-complete",
        ],
    ),
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
            "pods-restart-on-change",
        ],
    ),
    (&["invalid client credentials"], SECRET),
    (&["invalid client_secret"], SECRET),
    (&["unauthorized_client"], &["client-type-fits-app", "client-is-registered"]),
    (&["config referenced", "does not exist in secret"], &["secret-is-labelled", "secret-has-the-key"]),
    (&["secret", "not found"], &["secret-is-in-input", "secret-has-the-key"]),
    (&["couldn't find key"], &["secret-has-the-key"]),
    (&["field is required for"], &["client-is-complete"]),
    (&["malformed dex configuration"], &["bundled-dex-has-connectors", "dex-config-is-readable"]),
    (&["invalid_scope"], &["scopes-are-known", "peer-is-trusted"]),
    (&["unrecognized scope"], &["scopes-are-known"]),
    (&["can't request scope"], &["peer-is-trusted"]),
    (&["expected audience", "got"], &["api-server-accepts-client", "api-server-knows-issuer", "client-is-of-one-app"]),
    (&["system:anonymous"], &["api-server-accepts-client", "api-server-knows-issuer", "subjects-have-the-prefix"]),
    (&["logged in to the server"], &["api-server-accepts-client", "api-server-knows-issuer"]),
    (&["401"], &["api-server-accepts-client", "api-server-knows-issuer"]),
    (&["permission denied"], ROLES),
    (&["forbidden"], ROLES),
];

/// The CA did not get there, or is not the right one.
const TRUST: &[&str] = &[
    "is-wired",
    "issuer-is-trusted",
    "ca-file-is-there",
    "trust-variable-fits-runtime",
    "root-ca-is-pem",
    "one-login-is-configured",
    "connector-is-trusted",
    "public-roots-stay",
    "workload-can-trust",
    "bundle-holds-the-certificate",
    "certificate-is-a-ca",
    "ca-mount-is-renewed",
];

/// The two ends have two secrets.
const SECRET: &[&str] =
    &["client-secret-is-shared", "secret-variable-is-set", "client-secret-is-no-variable", "client-secret-is-clean"];

/// The person came in, and may do nothing.
const ROLES: &[&str] = &[
    "groups-are-asked-for",
    "policy-lets-somebody-in",
    "policy-scopes-fit-subjects",
    "connector-gives-groups",
    "subjects-have-the-prefix",
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
