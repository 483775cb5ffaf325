//! `init`: a first document, from what lies in a tree.

use std::path::PathBuf;

use private_sso::emit;
use private_sso::read::Input;

use super::files::{self, Manifests};
use super::{Failure, console, paths};

/// Looks at files and folders, changes none, and writes a document to standard output or into a new file.
pub(super) fn run(inputs: &[PathBuf], output: Option<&PathBuf>) -> Result<u8, Failure> {
    if let Some(output) = output.filter(|output| output.exists()) {
        return Err(Failure::usage(format!("{} must not be there yet: init never replaces a file", output.display())));
    }
    let inputs = if inputs.is_empty() { vec![PathBuf::from(".")] } else { inputs.to_vec() };
    let manifests = Manifests::read(&inputs, None)?;
    let mut input = Input { findings: manifests.unreadable, is_for_check: true, ..Input::default() };
    for file in manifests.files {
        let path = file.path.clone();
        file.add_to(&mut input)?;
        if let Some(path) = path {
            input.located(paths::in_repository(&path));
        }
    }
    files::add_env_files(&mut input);
    let known = input.documents().into_iter().filter_map(|(name, _)| name);
    for name in known {
        console::note(&format!("{name} holds a PrivateSSO document already"));
    }
    let (survey, findings) = private_sso::survey(input);
    console::findings(&findings);
    let text = emit::first_document(&survey, "sso");
    match output {
        None => console::print(&text),
        Some(output) => {
            std::fs::write(output, text).map_err(|error| Failure {
                code: 3,
                message: format!("{} must be writable: {error}", output.display()),
            })?;
            console::note(&format!(
                "{} was written; read it, then `private-sso apply -c` it with --dry-run",
                output.display()
            ));
            Ok(0)
        }
    }
}
