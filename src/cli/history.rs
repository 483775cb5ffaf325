//! What git says of the files that are written: git is the undo.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files that have changes git does not hold yet. Nothing where git is not there to ask.
pub(super) fn uncommitted(files: &[&Path]) -> Vec<PathBuf> {
    files.iter().filter(|file| is_uncommitted(file)).map(|file| (*file).to_owned()).collect()
}

fn is_uncommitted(file: &Path) -> bool {
    let Some(real) = file.canonicalize().ok() else { return false };
    let Some((folder, name)) = real.parent().zip(real.file_name()) else { return false };
    let status = Command::new("git").current_dir(folder).args(["status", "--porcelain", "--"]).arg(name).output();
    status.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}
