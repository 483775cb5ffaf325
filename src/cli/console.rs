//! Standard output and standard error. Output is complete before its first byte leaves.
#![allow(clippy::print_stderr, reason = "this module is where standard error is written")]

use std::io::Write as _;

use private_sso::emit::finding_text;
use private_sso::krm::Finding;

use super::Failure;

/// Writes all of it, and finds out whether it arrived.
pub(super) fn write_all(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written
        .map_err(|error| Failure { code: 3, message: format!("standard output must take the whole result: {error}") })
}

/// Writes documentation.
pub(super) fn print(text: &str) -> Result<u8, Failure> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    write_all(&format!("{text}{end}")).map(|()| 0)
}

/// One line on standard error.
pub(super) fn error(message: &str) {
    eprintln!("error: {message}");
}

/// One line per finding, errors first.
pub(super) fn findings(findings: &[Finding]) {
    for finding in findings {
        eprintln!("{}", finding_text(finding));
    }
}

/// What was done, for people who look at a terminal.
pub(super) fn summary(reasons: &[(String, usize)]) {
    use std::io::IsTerminal as _;
    if !std::io::stderr().is_terminal() {
        return;
    }
    for (reason, objects) in reasons {
        let plural = if *objects == 1 { "object" } else { "objects" };
        eprintln!("private-sso: {reason} ({objects} {plural})");
    }
}
