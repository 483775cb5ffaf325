//! `private-sso check`: looks at files, changes none, and says what does not hold.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use private_sso::config::Config;
use private_sso::config::document::FailOn;
use private_sso::krm::{Finding, codes};
use private_sso::read::{Input, Source};
use private_sso::{Document, emit};

use super::arguments::{FailOnArgument, Format};
use super::environments::{self, Scope};
use super::{Failure, console, files, paths};

/// What the command was asked for.
pub(super) struct Request {
    pub(super) config: Option<PathBuf>,
    pub(super) format: Format,
    pub(super) fail_on: Option<FailOnArgument>,
    pub(super) paths: Vec<PathBuf>,
}

pub(super) fn run(request: &Request) -> Result<u8, Failure> {
    let named = request.config.as_deref().map(|path| Ok::<_, Failure>((path, files::config(path)?))).transpose()?;
    let (mut input, count) = read(&request.paths)?;
    let documents = share(named, &mut input)?;
    let fail_on = request.fail_on.map_or_else(|| strictest(&documents), FailOn::from);
    let kinds: Vec<_> = documents.iter().flat_map(|document| document.config.kinds()).collect();
    let passed_over = input.sources_with(&kinds);
    bring_back(&mut input.sources, &passed_over);
    let mut report = private_sso::check(&documents, input);
    let in_question = report.sources_in_question();
    bring_back(&mut report.sources, &in_question);
    report.locate();
    let name = request.config.as_ref().or(request.paths.first()).map_or("-".into(), |path| path.display().to_string());
    let text = match request.format {
        Format::Text => emit::report(&report.findings, count, console::is_coloured()),
        Format::Json => emit::json(&report.findings),
        Format::Sarif => emit::sarif(&report.findings, &name),
        Format::Github => emit::github(&report.findings),
    };
    console::write_report(&text)?;
    Ok(u8::from(private_sso::fails(fail_on, &report.findings)))
}

/// All of the input, and how many files it is. What cannot be read is one finding each, and the rest goes on.
fn read(paths: &[PathBuf]) -> Result<(Input, usize), Failure> {
    let mut input = Input::for_check();
    input.now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
    let entries = files::entries(paths)?;
    let progress = console::Progress::new(entries.len());
    for (done, entry) in entries.iter().enumerate() {
        progress.at(done);
        let (path, is_found) = match entry {
            files::Entry::File { path, is_found } => (path, is_found),
            files::Entry::Unreadable { path, reason } => {
                input.findings.push(files::left_out(path, reason));
                continue;
            }
            files::Entry::Stdin => {
                let text = files::stdin()?;
                if text.is_empty() {
                    return Err(files::empty());
                }
                input.add_stream(None, text).map_err(|error| files::unreadable("standard input", &error))?;
                continue;
            }
        };
        let name = normal(path).display().to_string();
        match files::read(path) {
            // What `emit` wrote are patches: parts of objects that stand elsewhere.
            Ok(text) if *is_found && text.starts_with(emit::MARKER) => continue,
            Ok(text) if *is_found => input.add_found(name.clone(), text),
            Ok(text) => {
                let added = input.add_stream(Some(name.clone()), text);
                added.map_err(|error| files::unreadable(&name, &error))?;
            }
            Err(failure) if *is_found => {
                let mut finding = Finding::new(&codes::DOCUMENT_IS_READABLE, failure.message);
                finding.file = Some(name.clone());
                input.findings.push(finding);
            }
            Err(failure) => return Err(failure),
        }
        if input.sources.last().is_some_and(|source| source.name.as_ref() == Some(&name)) {
            input.located(paths::in_repository(path));
        }
        input.forget_text(&name);
    }
    files::add_env_files(&mut input);
    progress.end();
    Ok((input, entries.len()))
}

/// The documents, and which files each speaks of, as `apply` shares them out. One that is named is looked at alone; of files
/// that another one in the tree speaks of it says nothing.
fn share(named: Option<(&Path, Config)>, input: &mut Input) -> Result<Vec<Document>, Failure> {
    let own = named.as_ref().map(|(path, _)| paths::absolute(path));
    let (mut documents, mut scopes) = (Vec::new(), Vec::new());
    if let Some((path, config)) = named {
        scopes.push(Some(Scope::new(path, &config, true)?));
        documents.push(Document::everywhere(config));
    }
    for (name, read) in input.documents() {
        match read {
            Ok(_) if own.is_some() && name.as_deref().map(|name| paths::absolute(Path::new(name))) == own => {}
            Ok(config) => {
                scopes.push(name.map(|name| Scope::new(Path::new(&name), &config, false)).transpose()?);
                documents.push(Document::everywhere(config));
            }
            Err(findings) if own.is_none() => input.findings.extend(findings),
            Err(_) => {}
        }
    }
    // Such as came without a file speak of everything.
    let places: Vec<usize> = (0..scopes.len()).filter(|index| scopes[*index].is_some()).collect();
    let scopes: Vec<Scope> = scopes.into_iter().flatten().collect();
    let mut files: Vec<BTreeSet<String>> = vec![BTreeSet::new(); scopes.len()];
    for name in input.sources.iter().filter_map(|source| source.name.as_ref()) {
        if let Some(owner) = environments::owner(&scopes, Path::new(name))? {
            files[owner].insert(name.clone());
        }
    }
    for (place, files) in places.into_iter().zip(files) {
        documents[place].files = Some(files);
    }
    if own.is_some() {
        documents.truncate(1);
    }
    Ok(documents)
}

/// A path without `.` and, where the text allows it, without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Reads texts again, which are not kept while a tree is read.
fn bring_back(sources: &mut [Source], wanted: &[usize]) {
    for index in wanted {
        let Some(source) = sources.get_mut(*index) else { continue };
        if let Some(Ok(text)) = source.name.as_deref().map(|name| files::read(Path::new(name))) {
            source.text = text;
        }
    }
}

fn strictest(documents: &[Document]) -> FailOn {
    let wanted = |fail_on| documents.iter().any(|document| document.config.checks.fail_on == fail_on);
    match () {
        () if wanted(FailOn::Warning) => FailOn::Warning,
        () if documents.is_empty() || wanted(FailOn::Error) => FailOn::Error,
        () => FailOn::Never,
    }
}
