//! The folder of a Component: filled as a whole, and never where it holds files that somebody else wrote.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use private_sso::emit::{File, MARKER};
use tempfile::NamedTempFile;

use super::write::ENDING;
use super::{Failure, paths};

/// A folder that may be filled.
pub(super) struct Folder {
    path: PathBuf,
    /// What an earlier run wrote.
    stands: Vec<PathBuf>,
}

impl Folder {
    /// Finds out whether the folder is new, empty, or of an earlier run.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let mut stands = Vec::new();
        let shown = paths::shown(path);
        let failed = |error: std::io::Error| Failure::usage(format!("{shown} must be a folder: {error}"));
        let entries = match fs::read_dir(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), stands });
            }
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?.path();
            if !is_ours(&entry) {
                return Err(Failure::usage(format!(
                    "{shown} must be a new folder, or hold only what `private-sso emit` wrote; it also holds {}: move that away, or name another folder with -o",
                    paths::shown(&entry)
                )));
            }
            stands.push(entry);
        }
        Ok(Self { path: path.to_owned(), stands })
    }

    /// Makes the folder hold these files and no others.
    ///
    /// All are on disk under other names before the first takes its place, and the last to do so is the one that names the
    /// others; what no longer belongs there goes in the end. What a run that is killed on the way leaves, the next one mends.
    pub(super) fn fill(&self, files: &[File]) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure {
            code: 3,
            message: format!("{} must take the Component's files: {error}", paths::shown(&self.path)),
        };
        fs::create_dir_all(&self.path).map_err(failed)?;
        let ready: Result<Vec<_>, _> = files.iter().map(|file| self.prepare(file)).collect();
        for (file, ready) in files.iter().zip(ready.map_err(failed)?) {
            ready.persist(self.path.join(&file.name)).map_err(|error| failed(error.error))?;
        }
        let is_kept = |path: &Path| files.iter().any(|file| path.file_name() == Some(file.name.as_ref()));
        self.stands.iter().filter(|path| !is_kept(path)).try_for_each(fs::remove_file).map_err(failed)
    }

    fn prepare(&self, file: &File) -> std::io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        let prefix = format!(".{}.", file.name);
        builder.prefix(&prefix).suffix(ENDING);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As for any new file; the user's mask takes away what it does.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut ready = builder.tempfile_in(&self.path)?;
        ready.write_all(file.text.as_bytes())?;
        ready.as_file().sync_all()?;
        Ok(ready)
    }
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_leftover = name.starts_with('.') && name.ends_with(ENDING);
    path.is_file() && (is_leftover || fs::read(path).is_ok_and(|bytes| bytes.starts_with(MARKER.as_bytes())))
}
