//! Paths as text can compare them.

use std::path::{Component, Path, PathBuf};

use private_sso::krm::FilePath;

/// The path from the root, through real folders. A link keeps its own name: it is where people put it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let full = normal(&std::env::current_dir().unwrap_or_default().join(path));
    match full.parent().and_then(|folder| folder.canonicalize().ok()).zip(full.file_name()) {
        Some((folder, name)) => folder.join(name),
        None => full,
    }
}

/// The same path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A path as people write it: without `./`.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// The nearest folder above a path that git keeps.
pub(super) fn repository_of(full: &Path) -> Option<PathBuf> {
    full.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Where a file is, and the repository that it is in: the nearest folder upward that git keeps, else the current folder.
pub(super) fn in_repository(path: &Path) -> FilePath {
    let full = absolute(path);
    let kept = repository_of(&full);
    let current = || std::env::current_dir().ok().filter(|folder| full.starts_with(folder));
    let root = kept.or_else(current).or_else(|| full.parent().map(Path::to_owned)).unwrap_or_default();
    let text = |path: &Path| path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    FilePath { path: text(&full), root: text(&root) }
}
