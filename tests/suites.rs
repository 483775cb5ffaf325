//! Other people's suites, read from the packages they are published in: nothing of them is copied here.
//!
//! - RFC 6902: `specs/*.json` of json-patch 0.2.6
//! - the YAML test suite: `test-data` of yaml-edit 0.3.6
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use json_patch::Patch;
use private_sso::yaml::{EditError, Style, Tree, Wanted, documents, edit, edit_noted, outline, to_yaml};
use serde_json::{Value, json};

/// Where Cargo keeps a dependency's source.
fn package(name: &str, version: &str) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // Only what this platform builds with: the rest of the lock file was perhaps never downloaded.
    let about = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let about = String::from_utf8(about.stdout).unwrap();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--format-version", "1", "--offline", "--filter-platform", host, "--manifest-path"];
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = std::process::Command::new(cargo).args(arguments).arg(manifest).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == name && p["version"] == version);
    Path::new(found.unwrap()["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

/// Runs the case through text; says why it is wrong.
fn patch_case(text: &str, case: &Value, patch: &Patch) -> Result<(), String> {
    let mut model: Value = Tree::parse(text).and_then(|tree| tree.value()).map_err(|error| error.to_string())?;
    if model != case["doc"] {
        return Err(format!("the document reads as {model}"));
    }
    let is_good = json_patch::patch(&mut model, patch).is_ok();
    match edit(text, patch) {
        Err(_) if !is_good => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(text) if !is_good => Err(format!("must fail, gave {text}")),
        Ok(text) => {
            let got = Tree::parse(&text).and_then(|tree| tree.value()).map_err(|error| error.to_string())?;
            let is_expected = case.get("expected").is_none_or(|expected| *expected == got);
            if got == model && is_expected { Ok(()) } else { Err(format!("gave {got}")) }
        }
    }
}

#[test]
fn json_patch_tests_hold_on_text() {
    let specs = package("json-patch", "0.2.6").join("specs");
    let (mut run, mut wrong) = (0, Vec::new());
    for file in ["spec_tests.json", "tests.json", "revert_tests.json"] {
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(specs.join(file)).unwrap()).unwrap();
        for case in cases {
            let Ok(patch) = serde_json::from_value::<Patch>(case["patch"].clone()) else {
                continue;
            };
            let json = serde_json::to_string(&case["doc"]).unwrap();
            let pretty = serde_json::to_string_pretty(&case["doc"]).unwrap();
            let compact = to_yaml(&case["doc"], &Style::default());
            let wide = to_yaml(&case["doc"], &Style { indented_sequences: true, indent: 4, ..Style::default() });
            for text in [json, pretty, compact, wide] {
                run += 1;
                if let Err(why) = patch_case(&text, &case, &patch) {
                    wrong.push(format!("{text}\n{}\n{why}", case["patch"]));
                }
            }
        }
    }
    assert!(run >= 400, "only {run} cases");
    assert!(wrong.is_empty(), "{} of {run} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

struct Case {
    name: String,
    text: String,
    is_valid: bool,
    json: Option<String>,
}

fn yaml_cases() -> Vec<Case> {
    fn collect(folder: &Path, name: &str, cases: &mut Vec<Case>) {
        if let Ok(text) = std::fs::read_to_string(folder.join("in.yaml")) {
            let json = std::fs::read_to_string(folder.join("in.json")).ok();
            cases.push(Case { name: name.to_owned(), text, is_valid: !folder.join("error").exists(), json });
            return;
        }
        let mut below: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        below.sort();
        for path in below.into_iter().filter(|path| path.is_dir()) {
            let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
            // Beside the cases lie folders that list them again by name and by tag.
            if name.len() > 5
                || name.trim_start_matches('/').chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            {
                collect(&path, &name, cases);
            }
        }
    }
    let mut cases = Vec::new();
    collect(&package("yaml-edit", "0.3.6").join("test-data"), "", &mut cases);
    cases
}

#[test]
fn yaml_test_suite() {
    let cases = yaml_cases();
    let (mut accepted, mut rejected, mut same, mut wrong) = (0, 0, 0, Vec::new());
    let nothing: Patch = Patch(Vec::new());
    for case in &cases {
        let cut = documents(&case.text);
        let mut rebuilt = String::new();
        let mut at = 0;
        for document in &cut {
            rebuilt += &case.text[at..document.range.start];
            rebuilt += &case.text[document.range.clone()];
            at = document.range.end;
        }
        rebuilt += &case.text[at..];
        assert_eq!(rebuilt, case.text, "{}", case.name);
        let texts: Vec<&str> = cut.iter().map(|document| &case.text[document.range.clone()]).collect();
        let trees: Vec<_> = texts.iter().map(|text| Tree::parse(text)).collect();
        for (text, tree) in texts.iter().zip(&trees) {
            assert_eq!(outline(text, "items", &Wanted::default()).is_ok(), tree.is_ok(), "{}", case.name);
            match edit(text, &nothing) {
                Ok(edited) => assert_eq!(edited, *text, "{}", case.name),
                Err(_) => assert!(tree.as_ref().map_or(true, |tree| tree.value().is_err()), "{}", case.name),
            }
        }
        match (case.is_valid, trees.iter().all(Result::is_ok)) {
            (true, true) => accepted += 1,
            (false, false) => rejected += 1,
            (expected, _) => wrong.push(format!("{} valid: {expected}", case.name)),
        }
        if let (true, Some(json)) = (case.is_valid, &case.json) {
            let expected: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(json).into_iter().collect();
            let got: Option<Vec<Value>> = trees.iter().map(|tree| tree.as_ref().ok()?.value().ok()).collect();
            match (expected, got) {
                (Ok(expected), Some(got)) if expected == got => same += 1,
                (expected, got) => wrong.push(format!("{} means {got:?}, not {expected:?}", case.name)),
            }
        }
    }
    let valid = cases.iter().filter(|case| case.is_valid).count();
    let told = format!(
        "{accepted}/{valid} accepted, {rejected}/{} rejected, {same} same values\n{}",
        cases.len() - valid,
        wrong.join("\n")
    );
    // The six invalid ones that pass are comments without a blank before them and the like: Go reads them too.
    assert!(cases.len() > 400 && accepted == valid && rejected >= 88 && same >= 278, "{told}");
}

/// Every place of a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(items) => (0..items.len()).for_each(|n| pointers(&items[n], &format!("{at}/{n}"), found)),
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{}", escape(key)), found))
        }
        _ => {}
    }
}

/// Every operation at every place of every valid document: proved, or refused because the place is shared.
#[test]
fn the_yaml_test_suite_can_be_edited_everywhere() {
    let (mut done, mut refused, mut rewritten, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for case in yaml_cases().into_iter().filter(|case| case.is_valid) {
        for document in documents(&case.text) {
            let text = &case.text[document.range];
            let Ok(value) = Tree::parse(text).unwrap().value() else {
                continue;
            };
            let mut places = Vec::new();
            pointers(&value, "", &mut places);
            for place in places {
                let new = json!({"new": ["a", {"b": "yes"}]});
                let mut operations = vec![
                    json!({"op": "replace", "path": place, "value": "new: text"}),
                    json!({"op": "replace", "path": place, "value": "two\nlines\n"}),
                    json!({"op": "replace", "path": place, "value": new}),
                ];
                match value.pointer(&place) {
                    Some(Value::Array(_)) => operations.extend(
                        ["-", "0"].map(|at| json!({"op": "add", "path": format!("{place}/{at}"), "value": new})),
                    ),
                    Some(Value::Object(_)) => {
                        operations.push(json!({"op": "add", "path": format!("{place}/zz"), "value": new}))
                    }
                    _ => {}
                }
                if !place.is_empty() {
                    operations.push(json!({"op": "remove", "path": place}));
                }
                for operation in operations {
                    let patch: Patch = serde_json::from_value(json!([operation])).unwrap();
                    match edit_noted(text, &patch) {
                        Ok(edited) if edited.notes.is_empty() => done += 1,
                        Ok(edited) => rewritten.push(format!("{} {operation}\n{text:?}\n{:?}", case.name, edited.text)),
                        Err(EditError::Alias { .. } | EditError::Merge { .. }) => refused += 1,
                        Err(error) => wrong.push(format!("{} {operation}\n{text:?}\n{error}", case.name)),
                    }
                }
            }
        }
    }
    let told = format!(
        "{done} done, {refused} refused, {} rewritten, {} wrong\n{}\n{}",
        rewritten.len(),
        wrong.len(),
        wrong.join("\n"),
        rewritten.join("\n")
    );
    // What is written anew are mostly the one pairs of `[a: b]`, which have no braces to add to.
    assert!(wrong.is_empty() && done >= 4600 && refused >= 100 && rewritten.len() <= 34, "{told}");
}
