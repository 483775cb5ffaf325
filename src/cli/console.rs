//! Standard output and standard error. Output is complete before its first byte leaves.
#![allow(clippy::print_stderr, reason = "this module is where standard error is written")]

use std::io::{IsTerminal as _, Write as _};

use private_sso::Reason;
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

/// Writes a report. Whoever closes the pipe has read enough.
pub(super) fn write_report(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure { code: 3, message: format!("standard output must take the whole result: {error}") })
        }
        _ => Ok(()),
    }
}

/// Whether standard output takes colours.
pub(super) fn is_coloured() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// How far a long run is, on a terminal only.
pub(super) struct Progress {
    total: usize,
}

impl Progress {
    const STEP: usize = 64;

    pub(super) fn new(total: usize) -> Self {
        let is_shown = total > Self::STEP && std::io::stderr().is_terminal();
        Self { total: if is_shown { total } else { 0 } }
    }

    pub(super) fn at(&self, done: usize) {
        if self.total > 0 && done.is_multiple_of(Self::STEP) {
            eprint!("\rprivate-sso: {done} of {} files", self.total);
        }
    }

    pub(super) fn end(&self) {
        if self.total > 0 {
            eprint!("\r\u{1b}[2K");
        }
    }
}

/// One line on standard error.
pub(super) fn error(message: &str) {
    eprintln!("error: {message}");
}

/// One line of information on standard error.
pub(super) fn note(message: &str) {
    eprintln!("private-sso: {message}");
}

/// One line per finding, errors first.
pub(super) fn findings(findings: &[Finding]) {
    for finding in findings {
        eprintln!("{}", finding_text(finding));
    }
}

/// What was done, for people who look at a terminal.
pub(super) fn summary(reasons: &[Reason]) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let mut totals: Vec<(&str, usize)> = Vec::new();
    for reason in reasons {
        match totals.iter_mut().find(|(text, _)| *text == reason.text) {
            Some((_, objects)) => *objects += reason.objects,
            None => totals.push((&reason.text, reason.objects)),
        }
    }
    for (reason, objects) in totals {
        let plural = if objects == 1 { "object" } else { "objects" };
        eprintln!("private-sso: {reason} ({objects} {plural})");
    }
}
