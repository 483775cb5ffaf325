//! What git says of the files that are written: git is the undo.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::paths;

/// The files that have changes git does not hold yet. Nothing where git is not there to ask.
pub(super) fn uncommitted(files: &[&Path]) -> Vec<PathBuf> {
    let mut by_repository: BTreeMap<PathBuf, Vec<(&Path, PathBuf)>> = BTreeMap::new();
    for file in files {
        let Ok(real) = file.canonicalize() else { continue };
        let Some(root) = paths::repository_of(&real) else { continue };
        by_repository.entry(root).or_default().push((file, real));
    }
    let mut found: HashSet<&Path> = HashSet::new();
    for (root, files) in &by_repository {
        let changed = changed(root);
        found.extend(files.iter().filter(|(_, real)| changed.contains(real)).map(|(file, _)| file));
    }
    files.iter().filter(|file| found.contains(*file)).map(|file| (*file).to_owned()).collect()
}

/// One question for all files of a repository: there may be thousands.
fn changed(root: &Path) -> HashSet<PathBuf> {
    let arguments = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"];
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else { return HashSet::new() };
    // Two letters and a space stand before each name.
    let names = output.stdout.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..));
    names.map(|name| root.join(path_of(name))).collect()
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}
