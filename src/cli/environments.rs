//! Which document speaks of which file: the nearest one upward, or the one whose `spec.paths` name it.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use private_sso::config::Config;

use super::files::{self, Manifest};
use super::{Failure, paths};

/// One document and the files it speaks of.
pub(super) struct Environment {
    /// The document.
    pub(super) config: Config,
    /// Indexes of its files.
    pub(super) files: Vec<usize>,
}

/// A document's reach: where it is, and what its `paths` match.
pub(super) struct Scope {
    path: PathBuf,
    folder: PathBuf,
    globs: Option<GlobSet>,
    is_named: bool,
}

/// Shares the files out. A document that is named speaks of all files that no other one in the tree speaks of.
pub(super) fn share(named: Option<&Path>, manifests: &[Manifest]) -> Result<Vec<Environment>, Failure> {
    let own = named.map(paths::absolute);
    let found = manifests.iter().filter(|file| holds_document(&file.text)).filter_map(|file| file.path.clone());
    let all = named.map(Path::to_owned).into_iter().chain(found.filter(|path| Some(paths::absolute(path)) != own));
    let (mut environments, mut scopes) = (Vec::new(), Vec::new());
    for path in all {
        let config = files::config(&path)?;
        scopes.push(Scope::new(&path, &config, Some(paths::absolute(&path)) == own)?);
        environments.push(Environment { config, files: Vec::new() });
    }
    for (index, file) in manifests.iter().enumerate() {
        let Some(path) = file.path.as_deref() else { continue };
        if let Some(owner) = owner(&scopes, path)? {
            environments[owner].files.push(index);
        }
    }
    if named.is_some() {
        environments.truncate(1);
    }
    Ok(environments)
}

impl Scope {
    /// The reach of the document in a file.
    pub(super) fn new(path: &Path, config: &Config, is_named: bool) -> Result<Self, Failure> {
        let folder = paths::absolute(path).parent().map(Path::to_owned).unwrap_or_default();
        let globs = globs(&folder, &config.paths)
            .map_err(|reason| Failure::usage(format!("{}: `spec.paths` {reason}", paths::shown(path))))?;
        Ok(Self { path: path.to_owned(), folder, globs, is_named })
    }
}

/// Which of several documents speaks of a file: the one whose patterns name it, else the nearest upward, else the named one.
pub(super) fn owner(scopes: &[Scope], file: &Path) -> Result<Option<usize>, Failure> {
    let full = paths::absolute(file);
    let by_pattern: Vec<usize> =
        (0..scopes.len()).filter(|i| scopes[*i].globs.as_ref().is_some_and(|globs| globs.is_match(&full))).collect();
    if let [first, second, ..] = by_pattern.as_slice() {
        return Err(two_owners(&scopes[*first], &scopes[*second], file));
    }
    let above = |scope: &Scope| scope.globs.is_none() && full.starts_with(&scope.folder);
    let nearest =
        (0..scopes.len()).filter(|i| above(&scopes[*i])).max_by_key(|i| scopes[*i].folder.components().count());
    let named = || scopes.iter().position(|scope| scope.is_named && scope.globs.is_none());
    Ok(by_pattern.first().copied().or(nearest).or_else(named))
}

fn two_owners(first: &Scope, second: &Scope, file: &Path) -> Failure {
    Failure::usage(format!(
        "one document must speak of {}, and `spec.paths` of {} and of {} both do",
        paths::shown(file),
        paths::shown(&first.path),
        paths::shown(&second.path)
    ))
}

/// Patterns are relative to the document's folder; one that names a folder means all below it.
fn globs(folder: &Path, patterns: &[String]) -> Result<Option<GlobSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let full = paths::normal(&folder.join(pattern));
        let full = full.to_string_lossy();
        let full = full.trim_end_matches('/');
        for pattern in [full.to_owned(), format!("{full}/**")] {
            let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
            set.add(glob.map_err(|error| format!("must be patterns of paths: {error}"))?);
        }
    }
    set.build().map(Some).map_err(|error| error.to_string())
}

/// Whether a file holds a document of ours.
pub(super) fn holds_document(text: &str) -> bool {
    let is_ours = |line: &str| line.trim_end().trim_matches(['"', '\'']).starts_with("apiVersion: sso.kidd.network/");
    text.lines().any(is_ours) && text.lines().any(|line| line.starts_with("kind: PrivateSSO"))
}
