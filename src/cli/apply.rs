//! `apply`: wires the files of a repository in place, or shows what it would do.

use std::path::{Path, PathBuf};

use private_sso::read::Input;
use private_sso::{Outcome, emit};

use super::environments::{self, Environment};
use super::files::{self, Manifest, Manifests};
use super::write::{Rewrite, write_files};
use super::{Failure, console, history, paths};

/// One file that changes, and why.
struct Changed<'a> {
    rewrite: Rewrite<'a>,
    reasons: Vec<&'a str>,
}

/// What the command was asked for.
pub(super) struct Request {
    pub(super) config: Option<PathBuf>,
    pub(super) values: Vec<(String, PathBuf)>,
    pub(super) is_dry: bool,
    pub(super) paths: Vec<PathBuf>,
}

/// Wires what lies below the paths. Nothing is written where one document or one file fails.
pub(super) fn apply(request: &Request) -> Result<u8, Failure> {
    let Request { config, values, is_dry, paths } = request;
    let config = config.as_deref();
    if paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("`apply` must be given files or folders; for standard input use `render`"));
    }
    let mut paths = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.clone() };
    paths.extend(values.iter().map(|(_, path)| path.clone()));
    let manifests = Manifests::read(&paths, config)?;
    let environments = environments::share(config, &manifests.files)?;
    if environments.is_empty() {
        return Err(Failure::usage(
            "a PrivateSSO document must be given with -c, or lie in the tree; `private-sso init` writes a first one",
        ));
    }
    console::findings(&manifests.unreadable);
    let mut runs = Vec::new();
    for environment in &environments {
        runs.push(run(environment, &manifests, values)?);
    }
    for run in &runs {
        console::findings(&run.outcome.findings);
    }
    if runs.iter().any(|run| run.outcome.failed) {
        console::note("nothing was written");
        return Ok(1);
    }
    let changed: Vec<Changed<'_>> =
        environments.iter().zip(&runs).flat_map(|(environment, run)| changed(environment, run, &manifests)).collect();
    if *is_dry {
        console::write_all(&diff(&changed))?;
        return Ok(u8::from(!changed.is_empty()));
    }
    let files: Vec<&Path> = changed.iter().map(|file| file.rewrite.path).collect();
    for file in history::uncommitted(&files) {
        console::note(&format!("{} had changes that are not committed; they are still in it", paths::shown(&file)));
    }
    for (link, target) in files.iter().filter_map(|file| Some((file, leads_out(file)?))) {
        let link = paths::shown(link);
        console::note(&format!("{link} leads out of the repository, and {} is what is written", target.display()));
    }
    let table = table(&changed);
    let rewrites: Vec<Rewrite<'_>> = changed.into_iter().map(|file| file.rewrite).collect();
    write_files(&rewrites)?;
    console::print(&table)
}

/// All diffs, with names as `git apply` takes them: from the current folder on, or, where one is not below it, from the
/// repository's.
fn diff(changed: &[Changed<'_>]) -> String {
    let is_below = |file: &Changed<'_>| {
        let name = paths::shown(file.rewrite.path);
        !name.starts_with("..") && !file.rewrite.path.is_absolute()
    };
    let from_root = |file: &Changed<'_>| {
        let place = paths::in_repository(file.rewrite.path);
        place.path.strip_prefix(&place.root).unwrap_or(&place.path).trim_start_matches('/').to_owned()
    };
    let is_here = changed.iter().all(is_below);
    if let (false, Some(first)) = (is_here, changed.first()) {
        let root = paths::in_repository(first.rewrite.path).root;
        console::note(&format!("the names in the diff begin in {root}: apply it there"));
    }
    let name = |file: &Changed<'_>| if is_here { paths::shown(file.rewrite.path) } else { from_root(file) };
    changed.iter().map(|file| emit::unified_diff(&name(file), file.rewrite.old, file.rewrite.new)).collect()
}

/// The file that a link leads to, where that is in no repository or in another one: git does not show what is written there.
fn leads_out(file: &Path) -> Option<PathBuf> {
    let target = file.canonicalize().ok().filter(|_| file.is_symlink())?;
    let root = paths::repository_of(&paths::absolute(file))?;
    (paths::repository_of(&target).as_ref() != Some(&root)).then_some(target)
}

/// What came of one document, and the source that each of its files is.
struct Run {
    outcome: Outcome,
    sources: Vec<usize>,
    /// Env files that its Kustomizations take in, each with its source.
    env_files: Vec<(Manifest, usize)>,
}

fn run(environment: &Environment, manifests: &Manifests, values: &[(String, PathBuf)]) -> Result<Run, Failure> {
    let (mut input, mut sources) = (Input::default(), Vec::new());
    for index in &environment.files {
        sources.push(input.sources.len());
        let file = &manifests.files[*index];
        file.clone().add_to(&mut input)?;
        if let Some(path) = &file.path {
            input.located(paths::in_repository(path));
        }
    }
    let mut env_files = Vec::new();
    for (file, wanted) in files::env_files(&mut input) {
        let (Some(path), Some(name)) = (&file.path, file.name()) else { continue };
        let source = input.sources.len();
        input.add_env_file(&wanted, name, file.text.clone(), paths::in_repository(path));
        if input.sources.len() > source {
            env_files.push((file, source));
        }
    }
    let claims = values.iter().map(|(app, path)| (app.clone(), paths::in_repository(path).path));
    input.claims = claims.collect();
    Ok(Run { outcome: private_sso::run(&environment.config, input)?, sources, env_files })
}

fn changed<'a>(environment: &Environment, run: &'a Run, manifests: &'a Manifests) -> Vec<Changed<'a>> {
    let mut found = Vec::new();
    let files = environment.files.iter().map(|index| &manifests.files[*index]).zip(&run.sources);
    let files = files.chain(run.env_files.iter().map(|(file, source)| (file, source)));
    for (file, source) in files {
        let new = &run.outcome.texts[*source];
        if let Some(path) = file.path.as_deref().filter(|_| file.text != *new) {
            let reasons = run.outcome.reasons.iter().filter(|reason| reason.source == *source);
            let reasons = reasons.map(|reason| reason.text.as_str()).collect();
            found.push(Changed { rewrite: Rewrite { path, old: &file.text, new }, reasons });
        }
    }
    found
}

/// File and reason, in columns.
fn table(changed: &[Changed<'_>]) -> String {
    let name = |file: &Changed<'_>| paths::shown(file.rewrite.path);
    let width = changed.iter().map(|file| name(file).chars().count()).max().unwrap_or_default();
    let mut out = String::new();
    for file in changed {
        let mut shown = name(file);
        for reason in &file.reasons {
            out.push_str(&format!("{shown:width$}  {reason}\n"));
            shown.clear();
        }
    }
    match changed.len() {
        0 => out.push_str("nothing has to change\n"),
        1 => out.push_str("1 file was written\n"),
        count => out.push_str(&format!("{count} files were written\n")),
    }
    out
}
