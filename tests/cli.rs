//! The command as people and hosts meet it: exit codes, and what goes where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

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

fn list(config: &str, items: &str) -> String {
    let indented = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let items = indented(items);
    let items = if items.is_empty() { " []\n".to_owned() } else { format!("\n- {}", items.trim_start()) };
    format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n{}items:{items}",
        indented(config)
    )
}

#[test]
fn a_stream_is_wired_and_keeps_its_bytes() {
    let (_folder, config) = folder();
    let wired = program().args(["render", "-c", &config, "-"]).write_stdin(DEX).assert().success();
    let out = String::from_utf8(wired.get_output().stdout.clone()).unwrap();
    assert!(out.starts_with(DEX), "{out}");
    assert!(out.contains("    - id: headlamp\n"), "{out}");
    assert!(out.contains("secretEnv: HEADLAMP_CLIENT_SECRET"), "{out}");
}

#[test]
fn a_list_comes_back_as_a_list() {
    for version in ["v1", "v1beta1"] {
        let input = list(CONFIG, DEX).replace("io/v1\nkind: Res", &format!("io/{version}\nkind: Res"));
        let head = format!("apiVersion: config.kubernetes.io/{version}\nkind: ResourceList\nfunctionConfig:\n");
        program()
            .write_stdin(input)
            .assert()
            .success()
            .stdout(predicate::str::starts_with(head))
            .stdout(contains("id: headlamp"));
    }
}

#[test]
fn the_legacy_plugin_takes_the_document_as_its_first_argument() {
    let (_folder, config) = folder();
    program().arg(&config).write_stdin(DEX).assert().success().stdout(contains("- id: headlamp"));
}

#[test]
fn several_files_become_one_stream() {
    let (folder, config) = folder();
    let manifests = folder.path().join("manifests");
    std::fs::create_dir(&manifests).unwrap();
    std::fs::write(manifests.join("a.yaml"), DEX.trim_end()).unwrap();
    std::fs::write(manifests.join("b.yml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: dex}\n").unwrap();
    std::fs::write(manifests.join("c.txt"), "no manifest").unwrap();
    let expected = "HEADLAMP_CLIENT_SECRET\n---\napiVersion: v1\nkind: Namespace\n";
    program().args(["render", "-c", &config]).arg(&manifests).assert().success().stdout(contains(expected));
}

#[test]
fn an_empty_list_and_a_list_without_ours_are_echoed() {
    for items in ["", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n"] {
        let input = list(CONFIG, items);
        program().write_stdin(input.clone()).assert().success().stdout(input);
    }
}

#[test]
fn empty_input_is_never_a_success() {
    let (_folder, config) = folder();
    program().write_stdin("").assert().code(3).stdout(is_empty()).stderr(contains("must not be empty"));
    program().args(["render", "-c", &config]).write_stdin("").assert().code(3).stdout(is_empty());
}

#[test]
fn a_wrong_document_gives_the_items_back_with_results() {
    let input = list(&CONFIG.replace("issuer:", "isuer:"), DEX);
    let out = program().write_stdin(input.clone()).assert().code(2).stderr(contains("did you mean `issuer`?"));
    let out = String::from_utf8(out.get_output().stdout.clone()).unwrap();
    assert!(out.starts_with(&input), "the list comes back as it was");
    assert!(out.contains("results:\n- message: "), "{out}");
}

#[test]
fn a_wrong_document_in_a_file_is_reported_with_its_line() {
    let (folder, config) = folder();
    std::fs::write(folder.path().join("sso.yaml"), CONFIG.replace("app: headlamp", "app: headlmp")).unwrap();
    let expected =
        format!("{config}:7: `spec.clients[0].app` must be a known app, not \"headlmp\"; did you mean `headlamp`?");
    program()
        .args(["render", "-c", &config])
        .write_stdin(DEX)
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains(expected));
}

#[test]
fn broken_input_is_exit_3() {
    let (_folder, config) = folder();
    program().args(["render", "-c", &config]).write_stdin("a: [1\n").assert().code(3).stdout(is_empty());
    program().write_stdin("kind: ResourceList\nitems: [\n").assert().code(3).stdout(is_empty());
    program().write_stdin(list(CONFIG, "- no object")).assert().code(3).stdout(is_empty());
    program().args(["render", "-c", &config]).write_stdin(&b"a: \xff\n"[..]).assert().code(3).stderr(contains("UTF-8"));
    program()
        .args(["render", "-c", &config, "no-such-file.yaml"])
        .assert()
        .code(3)
        .stderr(contains("no-such-file.yaml"));
}

#[test]
fn one_broken_document_passes_with_a_warning() {
    let (_folder, config) = folder();
    let input = format!("{DEX}---\na: [1\n");
    let run = program().args(["render", "-c", &config]).write_stdin(input).assert().success();
    run.stdout(predicate::str::ends_with("---\na: [1\n")).stderr(contains("warning[document-is-readable]"));
}

#[test]
fn findings_stop_a_stream() {
    let (_folder, config) = folder();
    let input = DEX.replace("lab.example ", "lab.example/ ");
    let run = program().args(["render", "-c", &config]).write_stdin(input).assert().code(1).stdout(is_empty());
    run.stderr(contains("error[dex-issuer-is-ours]")).stderr(contains("only Dex's ends in a slash"));
}

#[test]
fn a_mistyped_command_is_named() {
    program().arg("rendr").assert().code(2).stderr(contains("did you mean `private-sso render`?"));
    program().args(["apps", "headlmp"]).assert().code(2).stderr(contains("`headlamp`"));
    program().args(["explain", "is-wird"]).assert().code(2).stderr(contains("`is-wired`"));
}

#[test]
fn documentation_goes_to_standard_output() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["apps"],
        &["apps", "argo-cd"],
        &["explain"],
        &["schema"],
        &["completions", "bash"],
    ] {
        program().args(arguments).assert().success().stdout(is_empty().not()).stderr(is_empty());
    }
    let doc = program().arg("--doc").assert().success();
    let doc: serde_json::Value = serde_json::from_slice(&doc.get_output().stdout).unwrap();
    assert!(doc["short"].is_string() && doc["tags"].is_array());
}

#[test]
fn no_secret_is_shown() {
    let config =
        CONFIG.replace("{secretKeyRef: {name: headlamp-oidc, key: client-secret}}", "{value: hunter2-hunter2}");
    let items = "\
apiVersion: v1
kind: Secret
metadata: {name: dex}
stringData:
  config.yaml: |
    issuer: https://dex.lab.example
    storage: {type: memory}
    staticClients:
    - {id: headlamp, name: Headlamp, secret: old-secret-value, redirectURIs: []}
";
    let run = program().write_stdin(list(&config, items)).assert().success();
    let out = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let (_, results) = out.split_once("results:").unwrap();
    let told = String::from_utf8_lossy(&run.get_output().stderr).into_owned() + results;
    assert!(told.contains("value-is-ours"), "{told}");
    assert!(!told.contains("hunter2") && !told.contains("old-secret-value"), "{told}");
}

#[test]
fn the_quickstart_runs() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart");
    let (config, manifests) = (examples.join("sso.yaml"), examples.join("manifests"));
    program().args(["render", "-c"]).arg(config).arg(manifests).assert().success().stdout(is_empty().not());
}

#[test]
fn a_post_renderer_wires_a_stream() {
    let (_folder, config) = folder();
    let run = program().args(["post-render", "-c", &config]).write_stdin(DEX).assert().success();
    run.stdout(contains("- id: headlamp")).stderr(predicate::str::contains("error").not());
}

#[test]
fn a_chart_may_render_nothing() {
    let (_folder, config) = folder();
    for input in ["", "\n", " \r\n\n"] {
        let run = program().args(["post-render", "-c", &config]).write_stdin(input).assert().success();
        run.stdout("# private-sso: the chart renders nothing\n").stderr(is_empty());
    }
    let comments = "---\n# Source: demo/templates/off.yaml\n---\n";
    program().args(["post-render", "-c", &config]).write_stdin(comments).assert().success().stdout(comments);
}

#[test]
fn manifests_without_a_namespace_go_where_helm_puts_them() {
    let (folder, config) = folder();
    std::fs::write(folder.path().join("sso.yaml"), CONFIG.replace("spec:\n", "spec:\n  dex: {namespace: dex}\n"))
        .unwrap();
    let input = DEX.replace(", namespace: dex", "");
    let wired = |namespace: &str| {
        let arguments = ["post-render", "-c", &config, "--namespace", namespace];
        let run = program().args(arguments).write_stdin(input.clone()).assert().success();
        String::from_utf8(run.get_output().stdout.clone()).unwrap()
    };
    assert!(wired("dex").contains("- id: headlamp"));
    assert_eq!(wired("other"), input);
}

#[test]
fn errors_go_to_standard_output_in_the_plugin_of_helm_4_alone() {
    let (folder, config) = folder();
    let wrong = folder.path().join("wrong.yaml").display().to_string();
    std::fs::write(&wrong, CONFIG.replace("issuer:", "isuer:")).unwrap();
    let finding = DEX.replace("lab.example ", "lab.example/ ");
    // How it is called, its input, its exit code, and a word of the reason.
    let cases: [(&[&str], &str, i32, &str); 5] = [
        (&["-c", &wrong], DEX, 2, "did you mean `issuer`?"),
        (&["-c", &config], &finding, 1, "error[dex-issuer-is-ours]"),
        (&["-c", &config], "a: [1\n", 3, "must be YAML"),
        (&["-c", &config, "--names=x"], DEX, 2, "--names"),
        (&[], DEX, 2, "must be given with -c"),
    ];
    for (arguments, input, code, reason) in cases {
        let mut run = program();
        run.args(["post-render", "--helm4"]).args(arguments).write_stdin(input);
        run.assert().code(code).stdout(is_empty()).stderr(contains(reason));
        let told = run.env("HELM_PLUGIN_DIR", folder.path()).assert().success();
        let told = String::from_utf8(told.get_output().stdout.clone()).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines.len() == 2 && lines[1].starts_with("--- private-sso: ") && lines[1].contains(reason), "{told}");
        // Helm 3 takes any output for manifests, so the variable alone must change nothing.
        let mut run = program();
        run.arg("post-render").args(arguments).env("HELM_PLUGIN_DIR", folder.path()).write_stdin(input);
        run.assert().code(code).stdout(is_empty());
    }
}

#[test]
fn a_legacy_plugin_names_no_temporary_file() {
    let (folder, config) = folder();
    let mut run = program();
    run.arg(&config).env("KUSTOMIZE_PLUGIN_CONFIG_STRING", CONFIG);
    run.write_stdin("")
        .assert()
        .code(3)
        .stderr("error: the kustomization must have resources: there is nothing to wire\n");
    std::fs::write(folder.path().join("sso.yaml"), CONFIG.replace("issuer:", "isuer:")).unwrap();
    let expected = "error: `spec.isuer` is no known field; did you mean `issuer`?\n";
    run.write_stdin(DEX).assert().code(2).stdout(is_empty()).stderr(expected);
}
