//! `private-sso cmp`: the generate step of an Argo CD config management plugin. It renders what is in the Application's folder
//! with the tool beside it, wires it, and prints it; nothing of it needs a shell.
//!
//! Argo CD takes empty output for "no resources", and with pruning deletes all there were: so that is an error here.

mod document;
mod parameters;
mod repository;
mod tool;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use private_sso::read::Input;
use private_sso::yaml::{Tree, documents};
use serde_json::Value;

use self::parameters::Parameters;
use self::repository::Repository;
use self::tool::Found;
use super::files::Manifest;
use super::{Failure, console, files};

/// What the command was asked for.
pub(super) struct Request {
    /// Print what can be set instead.
    pub(super) announce: bool,
    /// The folder with the plugin's configuration.
    pub(super) plugin: PathBuf,
    /// Options for `kustomize build`.
    pub(super) kustomize: Vec<String>,
}

pub(super) fn run(request: &Request) -> Result<u8, Failure> {
    let repository = Repository::here()?;
    let parameters = Parameters::from_environment()?;
    let found = Found::in_folder(&repository.app)?;
    let config = document::find(&repository, &parameters, &request.plugin);
    if request.announce {
        return console::print(&parameters::announcement(&repository, &found, config.ok().as_deref()));
    }
    let document = files::config(&repository.seen_from_app(&config?))?;
    let mut input = Input::default();
    for Manifest { path, text, is_found } in found.render(&repository, &parameters, &request.kustomize)? {
        let name = path.as_deref().map_or_else(|| found.name().to_owned(), |path| path.display().to_string());
        let text = for_the_cluster(&text, &name, matches!(found, Found::Plain(_)))?;
        Manifest { path, text, is_found }.add_to(&mut input)?;
    }
    if input.objects.is_empty() {
        let message = format!(
            "{} must render at least one object: Argo CD would take none for an order to delete what there is",
            found.name()
        );
        return Err(Failure { code: 3, message });
    }
    if let Some(namespace) = variable("ARGOCD_APP_NAMESPACE") {
        input.put_into(&namespace);
    }
    let outcome = private_sso::run(&document, input)?;
    console::findings(&outcome.findings);
    if outcome.failed {
        return Ok(1);
    }
    console::write_all(&super::join(&outcome.texts))?;
    Ok(0)
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Only what a cluster takes: no document of ours, nothing that is no object, and in plain manifests no object that is for
/// tools alone; of the others kustomize and Helm have decided.
fn for_the_cluster(text: &str, name: &str, is_plain: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for piece in documents(text) {
        let body = text.get(piece.range).unwrap_or_default();
        let value = Tree::parse(body).and_then(|tree| tree.value()).map_err(|error| {
            let error = error.below(piece.first_line - 1);
            let message = format!("{name}:{}: must be YAML that Kubernetes can read: {}", error.line, error.reason());
            Failure { code: 3, message }
        })?;
        let is_object = value["kind"].is_string() && value["apiVersion"].is_string();
        let is_ours = value["apiVersion"].as_str().is_some_and(|version| version.starts_with("sso.kidd.network/"));
        let local = &value["metadata"]["annotations"]["config.kubernetes.io/local-config"];
        let is_local = is_plain && !matches!(local, Value::Null) && local.as_str() != Some("false");
        if is_object && !is_ours && !is_local {
            let end = if body.ends_with('\n') { "" } else { "\n" };
            // Writing to a string does not fail.
            let _ = write!(out, "---\n{body}{end}");
        }
    }
    Ok(out)
}

/// A path of the repository as people know it: without the temporary folder that Argo CD copied it to.
fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
