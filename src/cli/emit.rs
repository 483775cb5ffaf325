//! `private-sso emit`: what a run changes, as the folder of a kustomize Component.

use std::path::{Path, PathBuf};

use super::files::{self, Manifests};
use super::folder::Folder;
use super::{Failure, console};

pub(super) fn emit(config: &Path, out: &Path, paths: &[PathBuf]) -> Result<u8, Failure> {
    let folder = Folder::open(out)?;
    let document = files::config(config)?;
    let paths = if paths.is_empty() { &[PathBuf::from("-")] } else { paths };
    let input = Manifests::read(paths, Some(config))?.into_input()?;
    let (outcome, files) = private_sso::component(&document, input)?;
    console::findings(&outcome.findings);
    if outcome.failed {
        return Ok(1);
    }
    if !document.check_only {
        folder.fill(&files)?;
        console::summary(&outcome.reasons);
    }
    Ok(0)
}
