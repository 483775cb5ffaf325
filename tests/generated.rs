//! What can be derived is generated, committed and compared. `UPDATE_GENERATED=1` writes it anew, and fails, so that a
//! person reads the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::Path;

use assert_cmd::Command;
use private_sso::krm::pod::{POD_TEMPLATES, is_followed_by_kustomize};
use private_sso::krm::{Location, Object, ObjectRef};
use private_sso::yaml::{Style, to_yaml};
use serde_json::{Value, json};

#[path = "generated/apps.rs"]
mod apps;
#[path = "generated/hosts.rs"]
mod hosts;

fn output(arguments: &[&str]) -> String {
    let run = Command::cargo_bin("private-sso").unwrap().args(arguments).assert().success();
    String::from_utf8(run.get_output().stdout.clone()).unwrap()
}

fn compare(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    if committed == text {
        return;
    }
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    panic!("{path} must be what the program says of itself; run with UPDATE_GENERATED=1, and read the difference");
}

#[test]
fn the_kinds_in_the_page_about_trust_are_those_of_the_table() {
    let mut table =
        String::from("| API group | kind | its pod template | kustomize changes names in it |\n|---|---|---|---|\n");
    for (group, kind, path) in POD_TEMPLATES {
        let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
        let id = ObjectRef { api_version: version, kind: (*kind).to_owned(), ..ObjectRef::default() };
        let object = Object::new(id, Location::default(), Value::Null);
        let is_followed = if is_followed_by_kustomize(&object) { "yes" } else { "no" };
        let group = if group.is_empty() { "core" } else { group };
        let path = if path.is_empty() { "the object itself".to_owned() } else { format!("`{path}`") };
        table.push_str(&format!("| {group} | {kind} | {path} | {is_followed} |\n"));
    }
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/trust.md")).unwrap();
    let (before, rest) = page.split_once("<!-- generated: kinds -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    compare("docs/trust.md", &format!("{before}<!-- generated: kinds -->\n{table}<!-- end -->{after}"));
}

#[test]
fn the_page_of_apps_is_committed_and_backed_by_cases() {
    compare("docs/apps.md", &apps::page());
}

/// Editors complete a profile of one's own like the rest of the document.
#[test]
fn the_schema_describes_profiles() {
    let schema: Value = serde_json::from_str(&output(&["schema"])).unwrap();
    let profile = &schema["properties"]["spec"]["properties"]["apps"]["items"];
    let (mut bare, mut all) = (Vec::new(), Vec::new());
    fn walk(value: &Value, at: &str, bare: &mut Vec<String>, all: &mut Vec<String>) {
        for (name, field) in value["properties"].as_object().into_iter().flatten() {
            let path = format!("{at}.{name}");
            if field["description"].as_str().is_none_or(str::is_empty) {
                bare.push(path.clone());
            }
            all.push(path.clone());
            let inner = [field, &field["items"], &field["additionalProperties"]];
            let either = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| field[key].as_array()).flatten();
            for inner in inner.into_iter().chain(either) {
                walk(inner, &path, bare, all);
            }
        }
    }
    walk(profile, "apps[]", &mut bare, &mut all);
    assert!(bare.is_empty(), "each field of a profile must have a description: {}", bare.join(", "));
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/README.md")).unwrap();
    let words: Vec<&str> = readme.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    all.retain(|path| !path.rsplit('.').next().is_some_and(|name| words.contains(&name)));
    assert!(all.is_empty(), "functions/README.md must tell of each field: {}", all.join(", "));
    for field in ["name", "components", "settings", "options", "documents", "chart", "client", "alternative"] {
        assert!(profile["properties"][field].is_object(), "{field}");
    }
    let text = profile.to_string();
    for word in ["openssl", "issuer", "clientSecretName", "ini", "reference", "public"] {
        assert!(text.contains(&format!("\"{word}\"")), "the words for an editor to offer must hold {word}");
    }
}

#[test]
fn the_schema_is_committed() {
    compare("functions/private-sso.schema.json", &output(&["schema"]));
}

#[test]
fn the_function_definition_is_committed() {
    let mut schema: Value = serde_json::from_str(&output(&["schema"])).unwrap();
    schema.as_object_mut().unwrap().shift_remove("$schema");
    let definition = json!({
        "apiVersion": "config.kubernetes.io/v1alpha1",
        "kind": "KRMFunctionDefinition",
        "metadata": {"name": "private-sso"},
        "spec": {
            "group": "sso.kidd.network",
            "names": {"kind": "PrivateSSO"},
            "description": "Wires apps to Dex behind a private CA, and keeps every byte that it does not have to change.",
            "publisher": "private-sso",
            "idempotent": true,
            "versions": [{
                "name": "v1alpha1",
                "idempotent": true,
                "schema": {"openAPIV3Schema": schema},
                "runtime": {"exec": {"platforms": [{"os": "linux", "arch": "amd64", "bin": "private-sso"}]}},
            }],
        },
    });
    let head = "# Generated from the types of the program: cargo test --test generated\n";
    compare("functions/private-sso.yaml", &format!("{head}{}", to_yaml(&definition, &Style::default())));
}

#[test]
fn the_table_of_findings_is_committed() {
    let mut table = String::from(
        "# Findings\n\nGenerated by `cargo test --test generated`; `private-sso explain CODE` says the same.\n\n",
    );
    table.push_str("| code | severity | what must hold |\n|---|---|---|\n");
    for code in private_sso::krm::codes::CODES {
        table.push_str(&format!("| `{}` | {} | {} |\n", code.name, code.severity, code.summary));
    }
    compare("functions/FINDINGS.md", &table);
}

/// The documentation on top of a rule's file, its headings one level down.
fn rule_docs(code: &str) -> String {
    let file = format!("src/validate/{}.rs", code.replace('-', "_"));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<String> = lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .map(|line| if HEADINGS.contains(&line) { format!("##{line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}

const HEADINGS: [&str; 4] = ["# What must hold", "# Why", "# Broken", "# Fixed"];

#[test]
fn the_page_of_rules_is_committed() {
    use private_sso::krm::codes;
    use private_sso::validate::RULES;
    let mut page = String::from(
        "# Rules\n\nGenerated by `cargo test --test generated` from the files in `src/validate`; `private-sso explain CODE` prints a section.\n\
         All codes, also those that a wiring run gives, are in [FINDINGS.md](../functions/FINDINGS.md); how the rules fare on public\n\
         repositories is in [check.md](check.md).\n\n## Failures and codes\n\n\
         The ids are those of the project's collection of what people run into.\n\n| id | code | severity |\n|---|---|---|\n",
    );
    let mut ids: Vec<(&str, &codes::Code)> =
        RULES.iter().flat_map(|rule| rule.ids.iter().map(|id| (*id, rule.code))).collect();
    ids.sort_by_key(|(id, code)| (*id, code.name));
    for (id, code) in ids {
        page.push_str(&format!("| {id} | [`{}`](#{}) | {} |\n", code.name, code.name, code.severity));
    }
    for rule in RULES {
        page.push_str(&format!(
            "\n## {}\n\n{}.\n\n{}\n",
            rule.code.name,
            rule.code.severity,
            rule_docs(rule.code.name)
        ));
    }
    compare("docs/rules.md", &page);
}

/// Every id of the project's collection of failures (its section 2.2), so that none is forgotten.
const FAILURES: [(&str, usize); 8] = [("T", 14), ("I", 6), ("R", 8), ("C", 16), ("S", 5), ("B", 7), ("A", 5), ("N", 2)];

#[test]
fn every_failure_of_the_collection_has_a_rule() {
    let ids: Vec<&str> = private_sso::validate::RULES.iter().flat_map(|rule| rule.ids).copied().collect();
    for id in FAILURES.iter().flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number:02}")))
    {
        assert!(ids.contains(&id.as_str()), "{id} must have a rule");
    }
    for id in ids {
        let known = FAILURES.iter().any(|(letter, count)| {
            id.strip_prefix(letter).and_then(|number| number.parse().ok()).is_some_and(|number: usize| number <= *count)
        });
        assert!(known, "{id} must be an id of the collection");
    }
}

#[test]
fn the_help_is_committed() {
    let mut text = String::new();
    let commands: [&[&str]; 4] = [&["--help"], &["render", "--help"], &["post-render", "--help"], &["check", "--help"]];
    for command in commands {
        text.push_str(&format!("$ private-sso {}\n{}\n", command.join(" "), output(command)));
    }
    compare("functions/HELP.txt", &text);
}
