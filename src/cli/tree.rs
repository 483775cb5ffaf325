//! The files of a folder that can hold manifests: what git ignores is left out, and links are not followed in circles.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

/// The first line of a file for cloud-init, whatever its name.
const CLOUD_CONFIG: &[u8] = b"#cloud-config";

/// What a walk finds.
#[derive(Default)]
pub(super) struct Found {
    /// In the order of their names.
    pub(super) files: Vec<PathBuf>,
    /// Folders and links that cannot be read, with the reason.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// Walks a folder. A file that several links lead to is found once.
pub(super) fn walk(folder: &Path) -> Found {
    let mut found = Found::default();
    let (mut seen, mut links) = (BTreeSet::new(), Vec::new());
    // A folder that git ignores is still read where it is named.
    let walk = WalkBuilder::new(folder).filter_entry(|entry| !is_of_chart(entry)).sort_by_file_name(Ord::cmp).build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.unreadable.push((folder.to_owned(), error.to_string()));
                continue;
            }
        };
        let path = entry.into_path();
        if path.is_dir() || !can_hold_manifests(&path) {
            continue;
        }
        match path.canonicalize() {
            Ok(real) if real.is_file() => {
                if path.is_symlink() {
                    links.push((path, real));
                } else {
                    seen.insert(real);
                    found.files.push(path);
                }
            }
            Ok(_) => {}
            Err(error) => found.unreadable.push((path, error.to_string())),
        }
    }
    // A file goes by its own name where it has one here.
    found.files.extend(links.into_iter().filter(|(_, real)| seen.insert(real.clone())).map(|(link, _)| link));
    found.files.sort();
    found
}

/// Templates of a chart are no manifests, and charts that it brings are not the user's to edit.
fn is_of_chart(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    (name == "templates" || name == "charts")
        && entry.path().is_dir()
        && entry.path().parent().is_some_and(|parent| parent.join("Chart.yaml").is_file())
}

fn can_hold_manifests(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") || is_cloud_config(path)
}

fn is_cloud_config(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut start = [0; CLOUD_CONFIG.len()];
    std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && start == CLOUD_CONFIG)
}
