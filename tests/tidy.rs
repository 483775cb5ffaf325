//! The rules of ARCHITECTURE.md, held against the tree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::{Path, PathBuf};

const STAGES: &[&str] = &["read", "configure", "plan", "apply", "validate", "survey", "emit"];
const VOCABULARY: &[&str] = &["app", "carrier", "config", "krm", "model", "patch", "yaml"];
const LONGEST: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file below a folder, with the text before its tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
                found.push((path, text));
            }
        }
    }
    found
}

fn mentions<'a>(text: &'a str, module: &str) -> Option<&'a str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).find(|line| {
        line.contains(&format!("crate::{module}::"))
            || line.contains(&format!("crate::{module};"))
            || line.contains(&format!("crate::{{{module}"))
    })
}

#[test]
fn a_stage_imports_no_stage_but_for_the_types_it_is_handed() {
    // What passes from one stage to the next is named where it is made: sources by `read`, additions by `plan`.
    let handed = [("apply", "read"), ("apply", "plan"), ("emit", "read"), ("emit", "survey")];
    for stage in STAGES {
        for (path, text) in sources(&format!("src/{stage}")) {
            for other in STAGES.iter().filter(|other| *other != stage && !handed.contains(&(stage, other))) {
                assert_eq!(mentions(&text, other), None, "{} must not know the stage {other}", path.display());
            }
        }
    }
}

#[test]
fn vocabulary_imports_no_stage() {
    for module in VOCABULARY {
        for (path, text) in sources(&format!("src/{module}")) {
            for stage in STAGES {
                assert_eq!(mentions(&text, stage), None, "{} must not know the stage {stage}", path.display());
            }
        }
    }
}

#[test]
fn yaml_knows_no_kubernetes_and_nothing_else_of_the_crate() {
    for (path, text) in sources("src/yaml") {
        for other in STAGES.iter().chain(VOCABULARY).filter(|module| **module != "yaml") {
            assert_eq!(mentions(&text, other), None, "{} must stand alone", path.display());
        }
        assert!(!text.contains("kube_core"), "{} must not know Kubernetes", path.display());
    }
}

#[test]
fn only_main_and_cli_touch_the_outside() {
    for (path, text) in sources("src") {
        let relative = path.strip_prefix(root().join("src")).unwrap();
        if relative.starts_with("cli") || relative == Path::new("main.rs") {
            continue;
        }
        for outside in
            ["std::fs", "std::env::", "std::io", "std::net", "std::process", "std::time", "SystemTime", "Instant"]
        {
            assert!(!text.contains(outside), "{} must not use {outside}", path.display());
        }
    }
}

#[test]
fn every_intent_and_rule_is_in_its_table() {
    let plan = std::fs::read_to_string(root().join("src/plan/mod.rs")).unwrap();
    for (path, text) in sources("src/plan") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let name = if name == "mod" { path.parent().unwrap().file_name().unwrap().to_str().unwrap() } else { name };
        if text.contains("pub(super) fn plan(planner") {
            assert!(plan.contains(&format!("{name}::plan")), "{name} must have its line in INTENTS");
        }
    }
    let validate = std::fs::read_to_string(root().join("src/validate/mod.rs")).unwrap();
    for (path, text) in sources("src/validate") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "mod" {
            continue;
        }
        assert!(validate.contains(&format!("{name}::RULE")), "{name} must have its line in RULES");
        for heading in ["//! # What must hold", "//! # Why", "//! # Broken", "//! # Fixed"] {
            assert!(text.contains(heading), "{name} must have the heading {heading}");
        }
    }
}

#[test]
fn every_profile_and_rule_has_its_fixtures() {
    for entry in std::fs::read_dir(root().join("functions/apps")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = root().join("tests/fixtures/apps").join(&name);
        assert!(folder.is_dir(), "{} must exist", folder.display());
    }
    for (path, _) in sources("src/validate") {
        let name = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
        for case in ["holds", "broken"].iter().filter(|_| name != "mod") {
            let folder = root().join("tests/fixtures/validate").join(&name).join(case);
            assert!(folder.is_dir(), "{} must exist", folder.display());
        }
    }
}

#[test]
fn files_hold_one_idea() {
    for (path, text) in sources("src") {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines, more than {LONGEST}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(!["utils", "helpers", "common", "misc", "manager"].contains(&name), "{} says nothing", path.display());
        assert!(text.starts_with("//!"), "{} must say what it is for", path.display());
    }
}

#[test]
fn no_path_of_one_machine_is_tracked() {
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    // Outside a checkout (a packed crate) there is nothing tracked to look at.
    let Ok(listed) = listed else { return };
    for name in
        String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty() && *name != "tests/tidy.rs")
    {
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        for path in ["home", "root", "work"].map(|folder| format!("/{folder}/")) {
            let found = text.lines().find(|line| line.contains(&path) && !line.contains("/home/argocd"));
            assert_eq!(found, None, "{name} names {path}");
        }
    }
}
