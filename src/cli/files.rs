//! Files and standard input.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use private_sso::Error;
use private_sso::config::Config;
use private_sso::config::shape::Mistake;
use private_sso::emit::{MARKER, mistake_text};
use private_sso::krm::{Finding, codes};
use private_sso::read::{EnvFile, Input};
use private_sso::yaml::Tree;

use super::{Failure, paths, tree};

/// Everything on standard input.
pub(super) fn stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure { code: 3, message: format!("standard input must be readable: {error}") })?;
    text_of(bytes, "standard input")
}

/// No input at all: most likely what comes before failed.
pub(super) fn empty() -> Failure {
    let message = if is_kustomize_plugin() {
        "the kustomization must have resources: there is nothing to wire"
    } else {
        "the input must not be empty: what comes before in the pipe may have failed, or the output be redirected to the input"
    };
    Failure { code: 3, message: message.to_owned() }
}

/// Whether kustomize runs this as a legacy plugin. Its first argument is then a copy of the document in a temporary file, with
/// sorted keys: neither the file's name nor its lines are the user's.
fn is_kustomize_plugin() -> bool {
    std::env::var_os("KUSTOMIZE_PLUGIN_CONFIG_STRING").is_some()
}

fn text_of(bytes: Vec<u8>, name: &str) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| Failure {
        code: 3,
        message: format!("{name} must be UTF-8: byte {} is not", error.utf8_error().valid_up_to()),
    })
}

/// A file's text.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure { code: 3, message: format!("{} must be readable: {error}", paths::shown(path)) })?;
    text_of(bytes, &paths::shown(path))
}

/// The document in a file, with the lines of what is wrong in it.
pub(super) fn config(path: &Path) -> Result<Config, Failure> {
    let name = path.display().to_string();
    if !path.is_file() {
        return Err(Failure::usage(format!("{name} must be a file that holds a PrivateSSO document")));
    }
    let text = read(path).map_err(|failure| Failure::usage(failure.message))?;
    let documents: Vec<_> = private_sso::yaml::documents(&text)
        .into_iter()
        .filter(|piece| {
            let body = text.get(piece.range.clone()).unwrap_or_default();
            body.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        })
        .collect();
    let [document] = documents.as_slice() else {
        return Err(Failure::usage(format!("{name} must hold one PrivateSSO document, not {}", documents.len())));
    };
    let body = text.get(document.range.clone()).unwrap_or_default();
    let broken = |error: private_sso::yaml::SyntaxError| {
        let error = error.below(document.first_line - 1);
        Failure::usage(format!("{name}:{}: must be YAML: {}", error.line, error.reason()))
    };
    let tree = Tree::parse(body).map_err(broken)?;
    let value = tree.value().map_err(broken)?;
    private_sso::configure(&value).map_err(|error| match error {
        Error::Config(mistakes) => {
            let mut mistakes = mistakes;
            mistakes.sort_by_key(|mistake| line_of(&tree, mistake, document.first_line));
            let lines: Vec<String> = mistakes
                .iter()
                .map(|mistake| match line_of(&tree, mistake, document.first_line) {
                    _ if is_kustomize_plugin() => mistake_text(mistake),
                    line => format!("{name}:{line}: {}", mistake_text(mistake)),
                })
                .collect();
            Failure::usage(lines.join("\nerror: "))
        }
        other => other.into(),
    })
}

fn line_of(tree: &Tree, mistake: &Mistake, first_line: usize) -> usize {
    let mut pointer = mistake.pointer.as_str();
    loop {
        let parsed = json_patch::jsonptr::PointerBuf::parse(pointer).unwrap_or_default();
        if let Some(line) = tree.line_of(&parsed) {
            return first_line + line - 1;
        }
        match pointer.rsplit_once('/') {
            Some((parent, _)) => pointer = parent,
            None => return first_line,
        }
    }
}

/// One text to read.
#[derive(Clone)]
pub(super) struct Manifest {
    /// The path, where it is a file.
    pub(super) path: Option<PathBuf>,
    /// Its text.
    pub(super) text: String,
    /// Whether it was found in a folder, and not named.
    pub(super) is_found: bool,
}

/// What was read, and what was found and could not be.
#[derive(Default)]
pub(super) struct Manifests {
    /// In the order they were named, those of a folder by their names.
    pub(super) files: Vec<Manifest>,
    /// One per file.
    pub(super) unreadable: Vec<Finding>,
}

impl Manifests {
    /// Reads files, folders and, for `-`, standard input.
    ///
    /// The document itself is no manifest: it is left out where it lies in one of the folders.
    pub(super) fn read(paths: &[PathBuf], config: Option<&Path>) -> Result<Self, Failure> {
        let mut all = Self::default();
        let config = config.and_then(|config| config.canonicalize().ok());
        for entry in entries(paths)? {
            match entry {
                Entry::Stdin => all.files.push(Manifest { path: None, text: stdin()?, is_found: false }),
                Entry::File { path, is_found } => match read(&path) {
                    _ if is_found && config.is_some() && path.canonicalize().ok() == config => {}
                    // What `emit` wrote are patches: parts of objects that stand elsewhere.
                    Ok(text) if is_found && text.starts_with(MARKER) => {}
                    Ok(text) => all.files.push(Manifest { path: Some(path), text, is_found }),
                    Err(failure) if is_found => all.unreadable.push(left_out(&path, &failure.message)),
                    Err(failure) => return Err(failure),
                },
                Entry::Unreadable { path, reason } => all.unreadable.push(left_out(&path, &reason)),
            }
        }
        if all.files.iter().all(|file| file.text.is_empty()) {
            return Err(empty());
        }
        Ok(all)
    }

    /// All of it as the input of one run.
    pub(super) fn into_input(self) -> Result<Input, Failure> {
        let mut input = Input { findings: self.unreadable, ..Input::default() };
        for file in self.files {
            file.add_to(&mut input)?;
        }
        input.check().map_err(|error| Failure { code: 3, message: format!("the input {}", error.message) })?;
        Ok(input)
    }
}

impl Manifest {
    /// The path as given.
    pub(super) fn name(&self) -> Option<String> {
        self.path.as_deref().map(paths::shown)
    }

    /// Adds the text to a run's input. A file that was found may be anything; one that was named must be readable.
    pub(super) fn add_to(self, input: &mut Input) -> Result<(), Failure> {
        let name = self.name();
        if let (Some(name), true) = (&name, self.is_found) {
            input.add_found(name.clone(), self.text);
            return Ok(());
        }
        let shown = name.clone().unwrap_or_else(|| "standard input".to_owned());
        input.add_stream(name, self.text).map_err(|error| unreadable(&shown, &error))
    }
}

/// A file of a tree that was passed over.
pub(super) fn left_out(path: &Path, reason: &str) -> Finding {
    let mut finding = Finding::new(&codes::DOCUMENT_IS_READABLE, format!("{reason}; the file was left out"));
    finding.file = Some(paths::shown(path));
    finding
}

/// What is to be read.
pub(super) enum Entry {
    /// Standard input.
    Stdin,
    /// A file, named or found in a folder.
    File { path: PathBuf, is_found: bool },
    /// Something in a folder that cannot be read.
    Unreadable { path: PathBuf, reason: String },
}

/// Everything below the paths, in its order. A folder that cannot be read, and one that is met again through a link, is
/// passed over where it was not named.
pub(super) fn entries(paths: &[PathBuf]) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            entries.push(Entry::Stdin);
        } else if path.is_dir() {
            let found = tree::walk(path);
            entries.extend(found.files.into_iter().map(|path| Entry::File { path, is_found: true }));
            let unreadable = found.unreadable.into_iter();
            entries.extend(unreadable.map(|(path, reason)| Entry::Unreadable { path, reason }));
        } else {
            entries.push(Entry::File { path: path.clone(), is_found: false });
        }
    }
    if paths.is_empty() {
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            return Err(Failure::usage("manifests must come on standard input, or as files or folders"));
        }
        entries.push(Entry::Stdin);
    }
    // A file that is named, and found in a folder too, is one.
    let real = |path: &Path| path.canonicalize().ok();
    let named: HashSet<PathBuf> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::File { path, is_found: false } => real(path),
            _ => None,
        })
        .collect();
    let mut seen = HashSet::new();
    entries.retain(|entry| match entry {
        Entry::File { path, is_found } => {
            real(path).is_none_or(|real| !(*is_found && named.contains(&real)) && seen.insert(real))
        }
        _ => true,
    });
    if entries.is_empty() {
        let message = "the paths must hold files that end in .yaml or .yml".to_owned();
        return Err(Failure { code: 3, message });
    }
    Ok(entries)
}

/// What cannot be read as manifests, with its line.
pub(super) fn unreadable(name: &str, error: &private_sso::read::Unreadable) -> Failure {
    let message = match error.line {
        Some(line) => format!("{name}:{line}: must be YAML that Kubernetes can read: {}", error.message),
        None => format!("{name}: {}", error.message),
    };
    Failure { code: 3, message }
}

/// The env files that Kustomizations of the input take in. One that cannot be read is passed over.
pub(super) fn env_files(input: &mut Input) -> Vec<(Manifest, EnvFile)> {
    let mut found = Vec::new();
    for wanted in input.env_files() {
        let Some(name) = input.sources.get(wanted.source).and_then(|source| source.name.clone()) else { continue };
        let path = Path::new(&name).parent().unwrap_or(Path::new("")).join(&wanted.path);
        match read(&path) {
            Ok(text) => found.push((Manifest { path: Some(path), text, is_found: true }, wanted)),
            Err(failure) => input.findings.push(left_out(&path, &failure.message)),
        }
    }
    found
}

/// Adds them, to be looked at.
pub(super) fn add_env_files(input: &mut Input) {
    for (file, wanted) in env_files(input) {
        if let (Some(name), Some(path)) = (file.name(), &file.path) {
            input.add_env_file(&wanted, name, file.text, paths::in_repository(path));
        }
    }
}
