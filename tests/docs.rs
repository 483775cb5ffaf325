//! The diffs in README files are what the program does. `UPDATE_GENERATED=1` writes them anew, and fails, so that a
//! person reads the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use similar::TextDiff;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What wiring one file of the quickstart changes in it.
fn diff_of(file: &str) -> String {
    let run = Command::cargo_bin("private-sso")
        .unwrap()
        .current_dir(root())
        .args(["render", "-c", "examples/quickstart/sso.yaml", file])
        .assert()
        .success();
    let after = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let before = std::fs::read_to_string(root().join(file)).unwrap();
    TextDiff::from_lines(&before, &after).unified_diff().header(file, "wired").to_string()
}

fn compare(path: &str) {
    let file = Path::new(&root()).join(path);
    let committed = std::fs::read_to_string(&file).unwrap();
    let mut parts = committed.split("```diff\n");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (block, rest) = part.split_once("```\n").unwrap();
        let name = block.lines().next().and_then(|line| line.strip_prefix("--- ")).unwrap();
        text.push_str(&format!("```diff\n{}```\n{rest}", diff_of(name)));
    }
    if committed == text {
        return;
    }
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    panic!("the diffs in {path} must be what the program does; run with UPDATE_GENERATED=1, and read the difference");
}

#[test]
fn the_readme_shows_what_the_program_does() {
    compare("README.md");
}

#[test]
fn the_quickstart_shows_what_the_program_does() {
    compare("examples/quickstart/README.md");
}

#[test]
fn the_complete_example_of_a_profile_is_a_fixture() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("functions/README.md")).unwrap();
    for case in ["example", "example-chart"] {
        let config =
            std::fs::read_to_string(root.join("tests/fixtures/apps/own").join(case).join("config.yaml")).unwrap();
        assert!(page.contains(&format!("```yaml\n{config}```")), "functions/README.md must hold {case}/config.yaml");
    }
}
