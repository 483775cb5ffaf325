//! Writes files in place: all of them are ready and on disk before the first takes its place.

use std::fs::{File, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Failure, paths};

/// The new text of a file.
pub(super) struct Rewrite<'a> {
    /// Where it is; a link leads to the file that is written.
    pub(super) path: &'a Path,
    /// What was read.
    pub(super) old: &'a str,
    /// What it becomes.
    pub(super) new: &'a str,
}

/// How the names of files end that are not complete yet.
pub(super) const ENDING: &str = ".private-sso";

/// Writes all files or none. A process that is killed on the way leaves each file wholly old or wholly new.
pub(super) fn write_files(rewrites: &[Rewrite<'_>]) -> Result<(), Failure> {
    let mut ready = Vec::with_capacity(rewrites.len());
    for rewrite in rewrites {
        let failed = |message: String| Failure {
            code: 3,
            message: format!("{} must be writable: {message}; nothing was written", paths::shown(rewrite.path)),
        };
        ready.push(prepare(rewrite).map_err(failed)?);
    }
    for rewrite in rewrites {
        // The last look before the first file changes.
        if std::fs::read(rewrite.path).ok().as_deref() != Some(rewrite.old.as_bytes()) {
            let message = format!("{} must not change during the run; nothing was written", paths::shown(rewrite.path));
            return Err(Failure { code: 3, message });
        }
    }
    for (index, (file, target)) in ready.into_iter().enumerate() {
        file.persist(&target).map_err(|error| Failure {
            code: 3,
            message: format!(
                "{} must be replaceable: {}; {index} of {} files were written, a second run writes the rest",
                target.display(),
                error.error,
                rewrites.len()
            ),
        })?;
    }
    for folder in rewrites.iter().filter_map(|rewrite| rewrite.path.parent()) {
        // Without it a power cut could bring an old file back whole, so a failure here is none of the user's.
        let _ = File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
            .and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// The new file beside the old one, complete and on disk, and the path it will take.
fn prepare(rewrite: &Rewrite<'_>) -> Result<(NamedTempFile, PathBuf), String> {
    let text = |error: std::io::Error| error.to_string();
    let target = rewrite.path.canonicalize().map_err(text)?;
    let metadata = target.metadata().map_err(text)?;
    if metadata.permissions().readonly() {
        return Err("it is read-only".to_owned());
    }
    let (folder, name) = target.parent().zip(target.file_name()).ok_or("it has no folder")?;
    let prefix = format!(".{}.", name.to_string_lossy());
    remove_leftovers(folder, &prefix);
    let no_file = |error: std::io::Error| format!("its folder must take a new file: {}", error.kind());
    let mut file = tempfile::Builder::new().prefix(&prefix).suffix(ENDING).tempfile_in(folder).map_err(no_file)?;
    file.write_all(rewrite.new.as_bytes()).map_err(text)?;
    file.as_file().set_permissions(metadata.permissions()).map_err(text)?;
    keep_owner(file.path(), &metadata).map_err(text)?;
    file.as_file().sync_all().map_err(text)?;
    Ok((file, target))
}

/// What a killed run left.
fn remove_leftovers(folder: &Path, prefix: &str) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(prefix) && name.ends_with(ENDING) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn keep_owner(path: &Path, old: &Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let new = path.metadata()?;
    if new.uid() == old.uid() && new.gid() == old.gid() {
        return Ok(());
    }
    std::os::unix::fs::chown(path, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Metadata) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Rewrite, write_files};

    #[test]
    fn a_file_that_changed_since_it_was_read_stops_all() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a.yaml", "b.yaml"].map(|name| folder.path().join(name));
        std::fs::write(&first, "old").unwrap();
        std::fs::write(&second, "by somebody else").unwrap();
        let rewrite = |path| Rewrite { path, old: "old", new: "new" };
        let failure = write_files(&[rewrite(&first), rewrite(&second)]).unwrap_err();
        assert_eq!(failure.code, 3);
        assert!(failure.message.contains("b.yaml must not change during the run; nothing was written"));
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "old");
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "by somebody else");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file may stay");
    }
}
