//! `private-sso check` as people and hosts meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends where something does not hold"
)]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

const CONFIG: &str = "\
apiVersion: sso.kidd.network/v1alpha1
kind: PrivateSSO
metadata: {name: lab}
spec:
  issuer: https://dex.lab.example
  clients:
  - app: headlamp
    url: https://headlamp.lab.example
    secret: {secretKeyRef: {name: headlamp-oidc, key: client-secret}}
";

const DEX: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: dex, namespace: dex}
data:
  config.yaml: |
    issuer: https://dex.lab.example   # ours
    storage: {type: memory}
";

fn program() -> Command {
    let mut program = Command::cargo_bin("private-sso").unwrap();
    for variable in ["NO_COLOR", "HELM_PLUGIN_DIR", "KUSTOMIZE_PLUGIN_CONFIG_STRING"] {
        program.env_remove(variable);
    }
    program
}

fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sso.yaml");
    std::fs::write(&config, CONFIG).unwrap();
    let name = config.display().to_string();
    (folder, name)
}

/// A folder with a Dex to check, and things that are no manifests.
fn messy_tree() -> tempfile::TempDir {
    let (folder, _) = folder();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join("tree").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("dex.yaml", DEX.as_bytes());
    write("binary.yaml", &[0xff, 0xfe, 0x00, 0x80]);
    write("broken.yaml", b"a: [1\n---\nb: {\n");
    write("template.yaml", b"{{- if .Values.x }}\nkind: {{ .Values.kind }}\n{{- end }}\n");
    write("playbook.yml", b"- hosts: all\n  tasks:\n  - debug: {msg: \"{{ x }}\"}\n");
    write("empty.yaml", b"");
    write("secret.sops.yaml", b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: \"ENC[AES256_GCM,data:x,type:str]\"}\nsops: {mac: x}\n");
    write("vault.yml", b"$ANSIBLE_VAULT;1.1;AES256\n62313365396662343061393464336163\n");
    write("patch.yaml", b"- op: add\n  path: /spec\n  value: {a: 1}\n");
    write("nameless.yaml", b"apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 2}\n");
    write("terraform.yaml", b"a:\n%{ if x ~}\n  b: c\n%{ endif ~}\n");
    write("placeholder.yaml", b"metadata:\n  annotations:\n    <ISSUER_ANNOTATION>\n    a: b\n");
    write("jinja.yaml", b"{% for a in b %}\nname: {{ a }}\n{% endfor %}\n");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", folder.path().join("tree/dangling.yaml")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("tree/loop")).unwrap();
        std::os::unix::fs::symlink("round.yaml", folder.path().join("tree/round.yaml")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("tree/pipe.yaml")).status();
        assert!(pipe.unwrap().success());
    }
    folder
}

#[test]
fn a_check_says_what_a_run_would_change_and_changes_nothing() {
    let folder = messy_tree();
    let check = |more: &[&str]| {
        let mut check = program();
        check.current_dir(folder.path()).args(["check", "-c", "sso.yaml", "tree"]).args(more);
        check.assert()
    };
    check(&[]).code(1).stdout(contains("error[is-wired]").and(contains("tree/dex.yaml:6")));
    check(&["--fail-on", "never"]).success();
    check(&["-o", "github"]).code(1).stdout(contains("::error file=tree/dex.yaml,line="));
    assert_eq!(std::fs::read_to_string(folder.path().join("tree/dex.yaml")).unwrap(), DEX);
    let run = check(&["-o", "json"]).code(1);
    let report: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    let unread = |name: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["file"] == format!("tree/{name}")).count()
    };
    // One line per file that cannot be read, and none for a template or what is simply something else.
    let counts = ["binary.yaml", "broken.yaml", "dangling.yaml", "template.yaml", "playbook.yml"].map(unread);
    assert_eq!(counts, [1, 1, 1, 0, 0]);
    let others = [
        "secret.sops.yaml",
        "vault.yml",
        "patch.yaml",
        "nameless.yaml",
        "jinja.yaml",
        "terraform.yaml",
        "placeholder.yaml",
    ]
    .map(unread);
    assert_eq!(others, [0; 7]);
}

#[test]
fn a_check_uses_the_documents_in_the_tree_or_none() {
    let folder = messy_tree();
    let check = || program().current_dir(folder.path()).args(["check", "tree"]).assert();
    check().success();
    std::fs::copy(folder.path().join("sso.yaml"), folder.path().join("tree/sso.yaml")).unwrap();
    check().code(1).stdout(contains("error[is-wired]"));
    // A document speaks of its folder and below.
    std::fs::create_dir(folder.path().join("tree/other")).unwrap();
    std::fs::rename(folder.path().join("tree/sso.yaml"), folder.path().join("tree/other/sso.yaml")).unwrap();
    check().success();
    std::fs::write(folder.path().join("tree/other/sso.yaml"), CONFIG.replace("issuer:", "issuerr:")).unwrap();
    check().code(1).stdout(contains("error[document-is-right]").and(contains("tree/other/sso.yaml:5")));
}

#[test]
fn of_nested_documents_the_nearest_speaks_of_a_file_as_for_apply() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let inner = |text: &str| text.replace("lab.example", "stage.example");
    write("sso.yaml", CONFIG);
    write("dex.yaml", DEX);
    write("stage/sso.yaml", &inner(CONFIG));
    write("stage/dex.yaml", &inner(DEX));
    let wired = || {
        let run = program().current_dir(folder.path()).args(["check", ".", "-o", "json"]).assert();
        let report: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        let of = |name: &str| {
            let own = |finding: &&serde_json::Value| finding["code"] == "is-wired" && finding["file"] == name;
            findings.iter().filter(own).count()
        };
        [of("dex.yaml"), of("stage/dex.yaml")]
    };
    // The outer document says nothing of what the inner one speaks of, and of the other's Dex.
    assert_eq!(wired(), [1, 1]);
    program().current_dir(folder.path()).args(["apply", "."]).assert().success();
    assert_eq!(wired(), [0, 0]);
    // Patterns give a file to another document, and two that do are refused.
    write("stage/sso.yaml", &format!("{}  paths: [dex.yaml]\n", inner(CONFIG)));
    write("sso.yaml", &format!("{CONFIG}  paths: [stage/dex.yaml]\n"));
    program().current_dir(folder.path()).args(["check", "."]).assert().code(2).stderr(contains("both do"));
}

#[test]
fn a_check_looks_into_kinds_that_a_document_in_the_tree_adds() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "a.yaml",
        "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {pod: {spec: {containers: [{name: c}]}}}}",
    );
    let kinds = "podTemplates: [{group: example.com, kind: Widget, path: /spec/pod}], workloads: [{kind: Widget}]";
    let spec = format!("{{trust: {{configMap: {{name: lab-ca}}, {kinds}}}}}");
    write("sso.yaml", &format!("{{apiVersion: sso.kidd.network/v1alpha1, kind: PrivateSSO, spec: {spec}}}"));
    let check = || program().current_dir(folder.path()).args(["check", "."]).assert();
    check().code(1).stdout(contains("error[is-wired]").and(contains("a.yaml:1")));
}

#[test]
fn a_check_reads_standard_input_and_survives_a_closed_pipe() {
    program().args(["check", "-"]).write_stdin(DEX).assert().success();
    program().args(["check", "-"]).write_stdin("").assert().code(3);
    program().args(["check", "nowhere.yaml"]).assert().code(3);
    let (_folder, config) = folder();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_private-sso"))
        .args(["check", "-o", "sarif", "-c", &config, "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), DEX.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let folder = messy_tree();
    let mut check = program();
    check.current_dir(folder.path()).args(["check", "-c", "sso.yaml", "-o", "sarif", "tree"]);
    let run = check.assert().code(1);
    let log: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(run["tool"]["driver"]["name"], "private-sso");
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.contains([' ', '\\']) && !uri.starts_with('/'));
        assert!(place["region"].is_null() || place["region"]["startLine"].as_u64().unwrap() > 0);
        assert!(result["partialFingerprints"].is_object());
    }
}

#[test]
fn every_error_that_people_meet_is_explained() {
    for line in include_str!("symptoms.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [_, text, code] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line} must have three columns")
        };
        program().args(["explain", "--error", text]).assert().success().stdout(contains(format!("{code} ")));
    }
    program().args(["explain", "--error", "segmentation fault"]).assert().code(1);
}

/// The schema is in the npm package that `.ci/tools sarif` unpacks, and Python's jsonschema holds the report against it.
#[test]
fn sarif_is_what_its_schema_says() {
    const VALIDATE: &str = "import json, sys, jsonschema\n\
        schema, log = (json.load(open(name)) for name in sys.argv[1:])\n\
        jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)\n";
    let python = |arguments: &[&str]| std::process::Command::new("python3").args(arguments).output();
    let schema = std::env::var("PRIVATE_SSO_SARIF_SCHEMA").unwrap_or_default();
    let has_validator = python(&["-c", "import jsonschema"]).is_ok_and(|output| output.status.success());
    if !has_validator || schema.is_empty() {
        let missing = "PRIVATE_SSO_SARIF_SCHEMA must name the schema (.ci/tools sarif), and `pip install jsonschema` must be done";
        assert_ne!(std::env::var("PRIVATE_SSO_TOOLS").as_deref(), Ok("required"), "{missing}");
        return eprintln!("skipped: {missing}");
    }
    let folder = messy_tree();
    let mut check = program();
    check.current_dir(folder.path()).args(["check", "-c", "sso.yaml", "-o", "sarif", "tree"]);
    let log = folder.path().join("log.sarif");
    std::fs::write(&log, &check.assert().code(1).get_output().stdout).unwrap();
    let judged = |log: &std::path::Path| python(&["-c", VALIDATE, &schema, log.to_str().unwrap()]).unwrap();
    let output = judged(&log);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The judge must be able to say no.
    let text = std::fs::read_to_string(&log).unwrap().replace("\"ruleIndex\": ", "\"ruleIndex\": -");
    std::fs::write(&log, text).unwrap();
    assert!(!judged(&log).status.success());
}
