//! Real rendered charts, where `PRIVATE_SSO_CORPUS` names a folder of them: every one is wired, once, and nothing but what
//! concerns the document changes. Without the variable the test says that it did not look.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends where something does not hold, and says what it left out"
)]

use std::path::Path;

use assert_cmd::Command;
use private_sso::yaml::{Tree, documents};

const CONFIG: &str = "\
apiVersion: sso.kidd.network/v1alpha1
kind: PrivateSSO
metadata: {name: lab}
spec:
  issuer: https://dex.lab.example
  trust: {configMap: {name: lab-ca}, volumeName: lab-ca}
  ingress: {clusterIssuer: lab-ca, className: traefik}
  clients:
  - app: headlamp
    url: https://headlamp.lab.example
    secret: SECRET_OF_HEADLAMP
  - app: argo-cd
    url: https://argocd.lab.example
    secret: SECRET_OF_ARGO_CD
  access:
  - {user: admin@lab.example, argoCD: 'role:admin', clusterRole: cluster-admin}
  - {group: platform, argoCD: 'role:readonly'}
";

/// Kinds that a run may change; all others must come out byte for byte.
const CONCERNED: &[&str] =
    &["ClusterRoleBinding", "ConfigMap", "Deployment", "Ingress", "Namespace", "Secret", "StatefulSet"];

fn render(config: &Path, input: &str) -> (i32, String) {
    let run = Command::cargo_bin("private-sso").unwrap().args(["render", "-c"]).arg(config).write_stdin(input).output();
    let run = run.unwrap();
    (run.status.code().unwrap_or(-1), String::from_utf8(run.stdout).unwrap())
}

fn pieces(text: &str) -> Vec<(String, &str)> {
    let kind =
        |piece: &str| Tree::parse(piece).unwrap().value().unwrap()["kind"].as_str().unwrap_or_default().to_owned();
    let texts = documents(text).into_iter().map(|piece| &text[piece.range]);
    texts.map(|piece| (kind(piece), piece)).filter(|(kind, _)| !kind.is_empty()).collect()
}

#[test]
fn every_real_chart_is_wired_once() {
    let Some(folder) = std::env::var_os("PRIVATE_SSO_CORPUS") else {
        eprintln!("skipped: PRIVATE_SSO_CORPUS names no folder of rendered charts");
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let config = scratch.path().join("sso.yaml");
    let mut wired = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let input = std::fs::read_to_string(&path).unwrap();
        for [headlamp, argo_cd] in [
            ["{value: dex-oidc-secret}", "{value: dex-oidc-secret}"],
            [
                "{secretKeyRef: {name: headlamp-oidc, key: OIDC_CLIENT_SECRET}}",
                "{secretKeyRef: {name: argocd-oidc, key: secret}}",
            ],
        ] {
            let text = CONFIG.replace("SECRET_OF_HEADLAMP", headlamp).replace("SECRET_OF_ARGO_CD", argo_cd);
            std::fs::write(&config, text).unwrap();
            let (code, output) = render(&config, &input);
            if code == 1 {
                // A secret in clear where a reference stands: refused, and nothing comes out.
                assert_eq!(output, "", "{}", path.display());
                continue;
            }
            assert_eq!(code, 0, "{}", path.display());
            wired += 1;
            assert_eq!(
                render(&config, &output),
                (0, output.clone()),
                "{}: a second run changes nothing",
                path.display()
            );
            let unconcerned = |text| {
                let pieces: Vec<(String, &str)> = pieces(text);
                pieces.into_iter().filter(|(kind, _)| !CONCERNED.contains(&kind.as_str())).collect::<Vec<_>>()
            };
            assert!(unconcerned(&input) == unconcerned(&output), "{}: what is not ours stays", path.display());
            let count = |text| pieces(text).len();
            assert!(count(&output) >= count(&input), "{}: nothing is lost", path.display());
        }
    }
    assert!(wired >= 10, "most of the charts must be wired, not {wired}");
}
