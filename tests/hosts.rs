//! The program inside other programs: the pages of `docs/`, the READMEs of `examples/`, and what each host shows of good and
//! bad input (`tests/hosts/*.md`) are run as they stand, in the real programs: kustomize, kubectl,
//! kpt, Helm, Argo CD's plugin server, podman.
//!
//! A page is a script (see `hosts/script.rs`): its console blocks are run in a folder of their own, and what they print must be
//! what the page says. `UPDATE_FIXTURES=1 cargo test --test hosts -- NAME` writes it anew, and fails, so that a person reads the
//! difference. A program that is not here skips its pages visibly; with `PRIVATE_SSO_TOOLS=required` that is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[path = "hosts/charts.rs"]
mod charts;
#[path = "hosts/containers.rs"]
mod containers;
#[path = "hosts/programs.rs"]
mod programs;
#[path = "hosts/sandbox.rs"]
mod sandbox;
#[path = "hosts/script.rs"]
mod script;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = pages().into_iter().map(|page| {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        Trial::test(name.clone(), move || run(&page, &name).map_err(Into::into))
    });
    libtest_mimic::run(&arguments, trials.chain(charts::trials()).collect()).exit_code()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files that have something to run, in the order of their paths.
fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = ["docs", "examples", "tests/hosts"].map(|folder| root().join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md")
                && !script::read(&path).programs().is_empty()
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Runs a page, and compares it with what it then would say.
fn run(page: &Path, name: &str) -> Result<(), String> {
    let script = script::read(page);
    let mut tools = Vec::new();
    for tool in script.programs() {
        match programs::find(&tool) {
            Some(path) => tools.push((tool, path)),
            None => return programs::skip(&tool, name),
        }
    }
    // An example is a package to copy, so its README is followed in a copy of it; every other page begins in an empty folder.
    let package = page.starts_with(root().join("examples")).then(|| page.parent().unwrap());
    let sandbox = sandbox::Sandbox::new(package, &tools);
    let seen = script.with_outputs(&sandbox.run(&script));
    if seen == script.text {
        return Ok(());
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(page, &seen).unwrap();
    }
    let diff = similar::TextDiff::from_lines(&script.text, &seen).unified_diff().header("the page", "seen").to_string();
    Err(format!("what is seen must be what the page says; UPDATE_FIXTURES=1 writes it anew\n{diff}"))
}
