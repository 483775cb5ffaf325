//! private-sso wires apps, Dex and a private CA for single sign-on, in Kubernetes manifests, and keeps every byte that it
//! does not have to change.
//!
//! Data passes through the stages once, in this order:
//!
//! ```text
//! read -> configure -> plan -> apply -> validate -> emit
//! ```

// The vocabulary: nouns that stages share.
pub mod app;
pub mod carrier;
pub mod config;
pub mod krm;
pub mod patch;
pub mod yaml;

// The stages: verbs, each used here only.
pub mod apply;
pub mod configure;
pub mod emit;
pub mod plan;
pub mod read;
pub mod validate;

use config::Config;
use config::document::FailOn;
use config::shape::Mistake;
use krm::{Finding, Manifests, Severity, codes};
use read::{Input, Unreadable};
use serde_json::Value;

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document is wrong.
    #[error("the PrivateSSO document is wrong")]
    Config(Vec<Mistake>),
    /// The input cannot be read.
    #[error("{0}")]
    Input(#[from] Unreadable),
    /// A proof failed.
    #[error("{0}")]
    Bug(String),
}

impl Error {
    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Input(_) => 3,
            Self::Bug(_) => 4,
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Every source's new text; the old one where the run failed.
    pub texts: Vec<String>,
    /// Everything there is to say, errors first.
    pub findings: Vec<Finding>,
    /// Why things changed, and how many objects did: for a summary.
    pub reasons: Vec<(String, usize)>,
    /// Whether findings fail the run.
    pub failed: bool,
}

/// Wires what is in the input.
///
/// # Errors
/// A proof failed. Everything else is a finding.
pub fn run(config: &Config, input: Input) -> Result<Outcome, Error> {
    let Input { sources, objects, mut findings } = input;
    let (plan, after) = plan::plan(config, Manifests::new(objects));
    findings.extend(plan.findings.iter().cloned());
    let (mut texts, mut reasons) = (Vec::new(), Vec::new());
    if config.check_only {
        let changes = plan.changes.iter().map(|change| (change.object, &change.reason));
        let mut wanted: Vec<(usize, &String)> = Vec::new();
        for entry in changes.chain(plan.additions.iter().map(|addition| (addition.beside, &addition.reason))) {
            if !wanted.contains(&entry) {
                wanted.push(entry);
            }
        }
        findings.extend(wanted.into_iter().map(|(object, reason)| not_wired(&after, object, reason)));
    } else {
        match apply::apply(&sources, &after.objects, &plan.changes, &plan.additions) {
            Ok(edited) => texts = edited,
            Err(apply::Error::Refused { object, pointer, reason }) => {
                let finding = Finding::new(&codes::PLACE_CAN_BE_EDITED, reason).on(&object);
                findings.push(finding.at(krm::finding::field_path(pointer.trim_end_matches("/-"))));
            }
            Err(error) => return Err(Error::Bug(error.to_string())),
        }
        reasons = summary(&plan);
    }
    findings.extend(validate::validate(&validate::Review { config, after: &after }));
    findings.retain(|finding| !config.checks.disabled.contains_key(finding.code.name));
    emit::locate(&sources, &after.objects, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    let failed = fails(config, &findings);
    if failed || texts.is_empty() {
        texts = sources.iter().map(|source| source.text.clone()).collect();
    }
    Ok(Outcome { texts, findings, reasons, failed })
}

fn fails(config: &Config, findings: &[Finding]) -> bool {
    let worst = findings.iter().map(|finding| finding.severity).min();
    match config.checks.fail_on {
        FailOn::Error => worst == Some(Severity::Error),
        FailOn::Warning => matches!(worst, Some(Severity::Error | Severity::Warning)),
        FailOn::Never => false,
    }
}

fn not_wired(manifests: &Manifests, object: usize, reason: &str) -> Finding {
    let finding = Finding::new(&codes::IS_WIRED, format!("is not wired yet; a run would {reason}"));
    match manifests.objects.get(object) {
        Some(object) => finding.on(&object.id),
        None => finding,
    }
}

fn summary(plan: &plan::Plan) -> Vec<(String, usize)> {
    let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
    let changes = plan.changes.iter().map(|change| (&change.reason, change.object));
    for (reason, object) in changes.chain(plan.additions.iter().map(|addition| (&addition.reason, addition.beside))) {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, objects)) if objects.contains(&object) => {}
            Some((_, objects)) => objects.push(object),
            None => reasons.push((reason.clone(), vec![object])),
        }
    }
    reasons.into_iter().map(|(reason, objects)| (reason, objects.len())).collect()
}

/// Reads a `PrivateSSO` document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn configure(document: &Value) -> Result<Config, Error> {
    configure::configure(document).map_err(Error::Config)
}

/// The KRM function: a `ResourceList` in, a `ResourceList` out, and the exit code.
///
/// # Errors
/// The list cannot be read, so there is nothing to give back.
pub fn function(text: String) -> Result<(String, Vec<Finding>, u8), Error> {
    let input = Input::resource_list(text.clone())?;
    let document = input.function_config()?;
    let count = input.objects.len();
    let (out, findings, code) = match configure(&document).and_then(|config| run(&config, input)) {
        Ok(mut outcome) => {
            let text = outcome.texts.pop().unwrap_or_default();
            (text, outcome.findings, u8::from(outcome.failed))
        }
        Err(error) => {
            let code = error.exit_code();
            (text, emit::findings_of(&error), code)
        }
    };
    let out = emit::with_results(&out, &findings).map_err(Error::Bug)?;
    emit::check_not_emptied(count, &out).map_err(Error::Bug)?;
    Ok((out, findings, code))
}
