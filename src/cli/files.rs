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

fn read(path: &Path) -> Result<String, Failure> {
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

/// The `.yaml` and `.yml` files of a folder and below, in the order of their names; hidden folders are left out.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure { code: 3, message: format!("{} must be readable: {error}", folder.display()) };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
        } else if path.is_dir() {
            files.extend(files_in(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            files.push(path);
        }
    }
    Ok(files)
}
