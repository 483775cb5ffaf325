//! Helm's post-renderer: what a chart renders comes on standard input, and leaves wired on standard output.
//!
//! Helm 3 runs it as a command and shows standard error where it fails. Helm 4 runs it as a plugin and shows nothing of what
//! a plugin writes to standard error, only why its output is no YAML. So in that plugin an error is a line of output that is
//! none. Helm 3 would take the same line for manifests: there it must never be written.

use std::path::Path;
use std::process::ExitCode;

use private_sso::config::document::FailOn;
use private_sso::emit::finding_text;
use private_sso::krm::Severity;

use super::files::{self, Manifest, Manifests};
use super::{Failure, console};

pub(super) fn post_render(config: &Path, namespace: Option<&str>) -> Result<u8, Failure> {
    let document = files::config(config)?;
    let text = files::stdin()?;
    if text.trim().is_empty() {
        // A chart may render nothing; Helm 4 wants some output all the same.
        return console::print("# private-sso: the chart renders nothing");
    }
    let manifests = Manifests { files: vec![Manifest { path: None, text, is_found: false }], ..Manifests::default() };
    let mut input = manifests.into_input()?;
    if let Some(namespace) = namespace {
        input.put_into(namespace);
    }
    let outcome = private_sso::run(&document, input)?;
    if outcome.failed && is_helm_4() {
        let worst = if document.checks.fail_on == FailOn::Warning { Severity::Warning } else { Severity::Error };
        let lines = outcome.findings.iter().filter(|finding| finding.severity <= worst).map(finding_text);
        return Err(Failure { code: 1, message: lines.collect::<Vec<_>>().join(" | ") });
    }
    console::findings(&outcome.findings);
    if outcome.failed {
        return Ok(1);
    }
    console::write_all(&outcome.texts.concat())?;
    Ok(0)
}

/// Whether Helm 4 runs this as its plugin: the plugin's own flag, and the variable that Helm sets for plugins.
pub(super) fn is_helm_4() -> bool {
    let mut arguments = std::env::args().skip(1);
    arguments.next().as_deref() == Some("post-render")
        && arguments.any(|argument| argument == "--helm4")
        && std::env::var_os("HELM_PLUGIN_DIR").is_some()
}

/// Says in the one way that Helm 4 passes on why there is no output: a separator of documents that is none.
pub(super) fn tell_helm_4(message: &str) -> ExitCode {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    // Helm looks for separators behind the end of a line.
    match console::print(&format!("# private-sso failed\n--- private-sso: {line}")) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.code),
    }
}
