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
pub mod model;
pub mod parallel;
pub mod patch;
pub mod yaml;

// The stages: verbs, each used here only.
pub mod apply;
pub mod configure;
pub mod emit;
pub mod plan;
pub mod read;
pub mod survey;
pub mod validate;

use std::collections::{BTreeMap, BTreeSet};

use config::Config;
use config::document::FailOn;
use config::shape::Mistake;
use krm::{Files, Finding, Manifests, Place, Severity, codes};
use model::World;
use read::{Input, Source, Unreadable};
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
    /// Why things changed, in the order of the sources: index of the source, reason, and how many objects changed.
    pub reasons: Vec<Reason>,
    /// Whether findings fail the run.
    pub failed: bool,
}

/// Why objects of one source change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Index of the source.
    pub source: usize,
    /// "register client headlamp".
    pub text: String,
    /// How many objects.
    pub objects: usize,
}

/// Wires what is in the input; a document that only checks has it looked at.
///
/// # Errors
/// A proof failed, or an object of a kind that the document adds cannot be read. Everything else is a finding.
pub fn run(config: &Config, mut input: Input) -> Result<Outcome, Error> {
    input.add_kinds(&config.kinds())?;
    if config.check_only {
        let texts = input.sources.iter().map(|source| source.text.clone()).collect();
        let mut report = check(&[Document::everywhere(config.clone())], input);
        report.locate();
        let failed = fails(config.checks.fail_on, &report.findings);
        return Ok(Outcome { texts, findings: report.findings, reasons: Vec::new(), failed });
    }
    let Input { sources, objects, mut findings, claims, .. } = input;
    let files = Files::new(sources.iter().map(|source| source.path.clone()).collect(), &objects).claimed(claims);
    let (plan, after) = plan::plan(config, Manifests::new(objects).in_files(files));
    findings.extend(plan.findings.iter().cloned());
    let mut texts = Vec::new();
    match apply::apply(&sources, &after.objects, &plan.changes, &plan.additions) {
        Ok(edited) => texts = edited,
        Err(apply::Error::Refused { object, pointer, reason }) => {
            let finding = Finding::new(&codes::PLACE_CAN_BE_EDITED, reason).on(&object);
            findings.push(finding.at(krm::finding::field_path(pointer.trim_end_matches("/-"))));
        }
        Err(error) => return Err(Error::Bug(error.to_string())),
    }
    let reasons = summary(&plan, &after, &sources);
    let mut world = World::new(&after, profiles(&[config]), &names(&sources));
    world.keep_only(config);
    let review = validate::Review { world: &world, documents: vec![config], after: &after, is_run: true, now: None };
    add_rules(&mut findings, validate::validate(&review));
    findings.retain(|finding| !config.checks.disabled.contains_key(finding.code.name));
    emit::locate(&sources, &after.objects, &mut findings);
    findings.sort_by_key(|finding| finding.severity);
    let failed = fails(config.checks.fail_on, &findings);
    if failed || texts.is_empty() {
        texts = sources.iter().map(|source| source.text.clone()).collect();
    }
    Ok(Outcome { texts, findings, reasons, failed })
}

/// A document, and which part of a tree it speaks of.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub config: Config,
    /// The names of the sources that it speaks of; nothing means all of the input.
    pub files: Option<BTreeSet<String>>,
}

impl Document {
    /// A document that speaks of all of the input.
    pub fn everywhere(config: Config) -> Self {
        Self { config, files: None }
    }

    fn covers(&self, source: Option<&Source>) -> bool {
        match (&self.files, source.and_then(|source| source.name.as_ref())) {
            (Some(files), Some(name)) => files.contains(name),
            _ => true,
        }
    }
}

/// What a check found.
#[derive(Debug)]
pub struct Report {
    /// The files looked at. Their text is needed for lines only, and may be brought back before `locate`.
    pub sources: Vec<Source>,
    /// Everything there is to say, errors first.
    pub findings: Vec<Finding>,
    objects: Vec<krm::Object>,
}

impl Report {
    /// The sources that findings are in.
    pub fn sources_in_question(&self) -> Vec<usize> {
        let places = self.findings.iter().flat_map(|finding| {
            let by_id =
                || finding.object.as_ref().and_then(|id| self.objects.iter().position(|object| object.id == *id));
            let own = finding.place.as_ref().map(|place| place.object).or_else(by_id);
            own.into_iter().chain(finding.related.as_ref().map(|related| related.place.object))
        });
        let mut sources: Vec<usize> =
            places.filter_map(|object| Some(self.objects.get(object)?.location.source)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// Fills in files and lines.
    pub fn locate(&mut self) {
        emit::locate(&self.sources, &self.objects, &mut self.findings);
    }
}

/// What a document says, or what is wrong with it.
pub type Configured = Result<Config, Vec<Finding>>;

impl Input {
    /// The documents among the objects: the name of the file, and what it says or what is wrong with it.
    pub fn documents(&self) -> Vec<(Option<String>, Configured)> {
        let configured = |(index, object): (usize, &krm::Object)| {
            let name = self.sources.get(object.location.source).and_then(|source| source.name.clone());
            let wrong = |mistake: &Mistake| {
                let place = Place::object(index).under(&mistake.pointer);
                Finding::new(&codes::DOCUMENT_IS_RIGHT, mistake.message.clone()).in_place(&object.id, place)
            };
            let read = configure::configure(&object.value).map_err(|mistakes| mistakes.iter().map(wrong).collect());
            (name, read)
        };
        let objects = self.objects.iter().enumerate();
        let own = objects.filter(|(_, object)| configure::is_document(&object.value)).map(configured);
        // The document that a list brings along for a function.
        let config = self.function_config().ok().filter(configure::is_document);
        let brought = config.map(|config| {
            let wrong = |mistake: &Mistake| Finding::new(&codes::DOCUMENT_IS_RIGHT, emit::mistake_text(mistake));
            (None, configure::configure(&config).map_err(|mistakes| mistakes.iter().map(wrong).collect()))
        });
        own.chain(brought).collect()
    }
}

/// Looks at the input, changes nothing, and says what does not hold; with documents also what a run would change.
pub fn check(documents: &[Document], mut input: Input) -> Report {
    for document in documents {
        if let Err(error) = input.add_kinds(&document.config.kinds()) {
            input.findings.push(Finding::new(&codes::INPUT_IS_READABLE, error.to_string()));
        }
    }
    let Input { sources, objects, mut findings, claims, now, .. } = input;
    let files = Files::new(sources.iter().map(|source| source.path.clone()).collect(), &objects).claimed(claims);
    let manifests = Manifests::new(objects).in_files(files);
    for document in documents {
        let mut before = manifests.clone();
        let is_foreign = |object: &&mut krm::Object| !document.covers(sources.get(object.location.source));
        for object in before.objects.iter_mut().filter(is_foreign) {
            (object.id, object.value) = (krm::ObjectRef::default(), Value::Null.into());
        }
        let (plan, after) = plan::plan(&document.config, before.clone());
        findings.extend(plan.as_findings(&before, &after));
        // What would be corrected is said by `is-wired`.
        findings.extend(plan.findings.into_iter().filter(|finding| finding.code != &codes::VALUE_IS_OURS));
    }
    let configs: Vec<&Config> = documents.iter().map(|document| &document.config).collect();
    let world = World::new(&manifests, profiles(&configs), &names(&sources));
    let review = validate::Review { world: &world, documents: configs, after: &manifests, is_run: false, now };
    add_rules(&mut findings, validate::validate(&review));
    let source_of = |finding: &Finding| {
        let object = finding.place.as_ref().map(|place| place.object);
        sources.get(manifests.objects.get(object?)?.location.source)
    };
    findings.retain(|finding| {
        let covering = documents.iter().filter(|document| document.covers(source_of(finding)));
        !covering.into_iter().any(|document| document.config.checks.disabled.contains_key(finding.code.name))
    });
    findings.sort_by_key(|finding| finding.severity);
    Report { sources, findings, objects: manifests.objects }
}

/// What rules find, but for what the plan has already said of the same field.
fn add_rules(findings: &mut Vec<Finding>, found: Vec<Finding>) {
    let said = findings.len();
    for finding in found {
        let is_said = |known: &Finding| {
            let other = finding.related.as_ref().map(|other| &other.object);
            let same = (&finding.object, &finding.field) == (&known.object, &known.field)
                && (finding.object.is_some() || finding.message == known.message);
            known.code == finding.code && (same || known.object.is_some() && known.object.as_ref() == other)
        };
        if !findings.iter().take(said).any(is_said) {
            findings.push(finding);
        }
    }
}

/// The built-in profiles, and those of the documents.
fn profiles<'a>(configs: &[&'a Config]) -> Vec<&'a app::profile::Profile> {
    let mut found: Vec<&app::profile::Profile> = app::BUILT_IN.iter().collect();
    let own = configs.iter().flat_map(|config| &config.clients).filter_map(|client| client.profile.as_deref());
    for profile in own {
        match found.iter_mut().find(|known| known.name == profile.name) {
            Some(known) => *known = profile,
            None => found.push(profile),
        }
    }
    found
}

fn names(sources: &[Source]) -> Vec<Option<String>> {
    sources.iter().map(|source| source.name.clone()).collect()
}

/// Whether findings fail a run.
pub fn fails(fail_on: FailOn, findings: &[Finding]) -> bool {
    let worst = findings.iter().map(|finding| finding.severity).min();
    match fail_on {
        FailOn::Error => worst == Some(Severity::Error),
        FailOn::Warning => matches!(worst, Some(Severity::Error | Severity::Warning)),
        FailOn::Never => false,
    }
}

fn summary(plan: &plan::Plan, manifests: &Manifests, sources: &[Source]) -> Vec<Reason> {
    let mut found: BTreeMap<usize, Vec<(&String, BTreeSet<usize>)>> = BTreeMap::new();
    let changes = plan.changes.iter().map(|change| (&change.reason, change.object));
    for (reason, object) in changes.chain(plan.additions.iter().map(|addition| (&addition.reason, addition.beside))) {
        let source = manifests.objects.get(object).map_or(0, |object| outermost(sources, object.location.source));
        let reasons = found.entry(source).or_default();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, objects)) => drop(objects.insert(object)),
            None => reasons.push((reason, BTreeSet::from([object]))),
        }
    }
    let mut all = Vec::new();
    for (source, reasons) in found {
        let named = reasons.into_iter();
        all.extend(named.map(|(text, objects)| Reason { source, text: text.clone(), objects: objects.len() }));
    }
    all
}

/// The file that a text in another source is in.
fn outermost(sources: &[Source], source: usize) -> usize {
    match sources.get(source).and_then(|source| source.within.as_ref()) {
        Some(within) => outermost(sources, within.source),
        None => source,
    }
}

/// Looks at the input, and says what a first document would be, and what could not be read.
pub fn survey(input: Input) -> (survey::Survey, Vec<Finding>) {
    let Input { sources, objects, findings, claims, .. } = input;
    let files = Files::new(sources.iter().map(|source| source.path.clone()).collect(), &objects).claimed(claims);
    let manifests = Manifests::new(objects).in_files(files);
    (survey::survey(&manifests, profiles(&[]), &names(&sources)), findings)
}

/// Reads a `PrivateSSO` document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn configure(document: &Value) -> Result<Config, Error> {
    configure::configure(document).map_err(Error::Config)
}

/// A run, and its outcome as the files of a kustomize Component; none where the run failed or only reports.
///
/// # Errors
/// A proof failed.
pub fn component(config: &Config, mut input: Input) -> Result<(Outcome, Vec<emit::File>), Error> {
    input.add_kinds(&config.kinds())?;
    let before = input.clone();
    let mut outcome = run(config, input)?;
    if outcome.failed || config.check_only {
        return Ok((outcome, Vec::new()));
    }
    let mut after = Input::default();
    for (source, text) in before.sources.iter().zip(&outcome.texts) {
        after.add_found(source.name.clone().unwrap_or_default(), text.clone());
    }
    after.add_kinds(&config.kinds())?;
    let (files, mut findings) = emit::component(&before.objects, &after.objects).map_err(Error::Bug)?;
    findings.retain(|finding| !config.checks.disabled.contains_key(finding.code.name));
    emit::locate(&before.sources, &before.objects, &mut findings);
    outcome.findings.extend(findings);
    outcome.findings.sort_by_key(|finding| finding.severity);
    outcome.failed = fails(config.checks.fail_on, &outcome.findings);
    Ok((outcome, files))
}

/// The KRM function: a `ResourceList` in, a `ResourceList` out, and the exit code.
///
/// # Errors
/// The list cannot be read, so there is nothing to give back.
pub fn function(text: &str) -> Result<(String, Vec<Finding>, u8), Error> {
    let input = Input::resource_list(text.to_owned())?;
    let document = input.function_config()?;
    let count = input.objects.len();
    let (out, findings, code) = match configure(&document).and_then(|config| run(&config, input)) {
        Ok(mut outcome) => {
            let text = outcome.texts.pop().unwrap_or_default();
            (text, outcome.findings, u8::from(outcome.failed))
        }
        Err(error) => {
            let code = error.exit_code();
            (text.to_owned(), emit::findings_of(&error, &document), code)
        }
    };
    let out = emit::with_results(&out, &findings).map_err(Error::Bug)?;
    // What stands in front of everything else has all its items still.
    if !out.starts_with(text) {
        emit::check_not_emptied(count, &out).map_err(Error::Bug)?;
    }
    Ok((out, findings, code))
}
