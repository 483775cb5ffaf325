//! Which `PrivateSSO` document an Application is wired with.

use std::path::{Path, PathBuf};

use super::super::environments::holds_document;
use super::{Failure, Parameters, Repository, shown};

/// The parameter's, else the nearest one upward in the repository, else the one beside the plugin's configuration.
pub(super) fn find(repository: &Repository, parameters: &Parameters, plugin: &Path) -> Result<PathBuf, Failure> {
    if let Some(path) = &parameters.config {
        return repository.file(path, "config");
    }
    let upward = repository.app.ancestors().take_while(|folder| folder.starts_with(&repository.root));
    for folder in upward.chain([plugin]) {
        let mut found = documents_in(folder);
        match (found.pop(), found.pop()) {
            (None, _) => {}
            (Some(document), None) => return Ok(document),
            (Some(first), Some(second)) => {
                return Err(Failure::usage(format!(
                    "one PrivateSSO must lie in a folder: {} and {} both do; name one in the parameter `config`",
                    shown(&first, &repository.root),
                    shown(&second, &repository.root)
                )));
            }
        }
    }
    Err(Failure::usage(format!(
        "a PrivateSSO must be named in the parameter `config`, lie in the Application's folder or above it in the repository, or in {}",
        plugin.display()
    )))
}

/// Files of a folder that hold a document; those below it speak of their own folders.
fn documents_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"))
        .filter(|path| std::fs::read_to_string(path).is_ok_and(|text| holds_document(&text)))
        .collect();
    found.sort();
    found
}
