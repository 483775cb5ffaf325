//! Files and standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use private_sso::Error;
use private_sso::config::Config;
use private_sso::config::shape::Mistake;
use private_sso::emit::mistake_text;
use private_sso::yaml::Tree;

use super::Failure;

/// Everything on standard input.
pub(super) fn stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure { code: 3, message: format!("standard input must be readable: {error}") })?;
    text_of(bytes, "standard input")
}

/// No input at all: most likely what comes before failed.
pub(super) fn empty() -> Failure {
    Failure {
        code: 3,
        message: "the input must not be empty: what comes before in the pipe may have failed, or the output be redirected to the input".to_owned(),
    }
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
        .map_err(|error| Failure { code: 3, message: format!("{} must be readable: {error}", path.display()) })?;
    text_of(bytes, &path.display().to_string())
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
                .map(|mistake| {
                    format!("{name}:{}: {}", line_of(&tree, mistake, document.first_line), mistake_text(mistake))
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
pub(super) struct Manifest {
    /// The path, where it is a file.
    pub(super) name: Option<String>,
    /// Its text.
    pub(super) text: String,
    /// Whether it was found in a folder, and not named.
    pub(super) is_found: bool,
}

/// Manifests from files, folders or standard input.
///
/// The document itself is no manifest: it is left out where it lies in one of the folders.
pub(super) fn manifests(paths: &[PathBuf], config: &Path) -> Result<Vec<Manifest>, Failure> {
    let mut inputs = Vec::new();
    let is_config = |file: &Path| file.canonicalize().ok() == config.canonicalize().ok();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Manifest { name: None, text: stdin()?, is_found: false });
        } else if path.is_dir() {
            let files = files_in(path)?;
            if files.is_empty() {
                let message = format!("{} must hold files that end in .yaml or .yml", path.display());
                return Err(Failure { code: 3, message });
            }
            for file in files.into_iter().filter(|file| !is_config(file)) {
                inputs.push(Manifest { name: Some(file.display().to_string()), text: read(&file)?, is_found: true });
            }
        } else {
            inputs.push(Manifest { name: Some(path.display().to_string()), text: read(path)?, is_found: false });
        }
    }
    if paths.is_empty() {
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            return Err(Failure::usage("manifests must come on standard input, or as files or folders"));
        }
        inputs.push(Manifest { name: None, text: stdin()?, is_found: false });
    }
    if inputs.iter().all(|input| input.text.is_empty()) {
        return Err(empty());
    }
    Ok(inputs)
}

/// What is to be read.
pub(super) enum Entry {
    /// Standard input.
    Stdin,
    /// A file, named or found in a folder.
    File { path: PathBuf, is_found: bool },
}

/// Everything below the paths, in its order. A folder that cannot be read, and one that is met again through a link, is
/// passed over where it was not named.
pub(super) fn entries(paths: &[PathBuf]) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            entries.push(Entry::Stdin);
        } else if path.is_dir() {
            let files = files_in(path)?;
            entries.extend(files.into_iter().map(|path| Entry::File { path, is_found: true }));
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

/// The `.yaml` and `.yml` files of a folder and below, in the order of their names; hidden folders are left out, and so
/// are folders that cannot be read and links that lead back.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let list = |folder: &Path| -> std::io::Result<Vec<PathBuf>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            entries.push(entry?.path());
        }
        entries.sort();
        entries.reverse();
        Ok(entries)
    };
    let unreadable =
        |error: std::io::Error| Failure { code: 3, message: format!("{} must be readable: {error}", folder.display()) };
    let mut open = list(folder).map_err(unreadable)?;
    let mut visited = std::collections::HashSet::from([folder.canonicalize().ok()]);
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
        } else if path.is_dir() {
            if visited.insert(path.canonicalize().ok()) {
                open.extend(list(&path).unwrap_or_default());
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            files.push(path);
        }
    }
    Ok(files)
}
