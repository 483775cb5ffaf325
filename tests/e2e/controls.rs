//! Controls: manifests that are wired and then broken in one place. The login must fail, with the recorded error; and `check`
//! must have named the fault beforehand.

use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use super::lab::{Lab, Wired};
use super::logins::{Person, log_in, referring};
use super::manifests::Manifests;

/// What is broken, and the code under which `check` names it.
pub struct Control {
    pub name: &'static str,
    code: &'static str,
    lab: fn() -> Lab,
    break_it: fn(&mut Manifests),
}

/// Every control.
pub const CONTROLS: &[Control] = &[
    Control { name: "no_ca", code: "is-wired", lab: Lab::new, break_it: without_ca },
    Control {
        name: "redirect_uri_with_a_slash",
        code: "redirect-uri-is-registered",
        lab: Lab::new,
        break_it: |manifests| {
            edit(
                manifests,
                "Secret",
                "dex",
                "config.yaml",
                "argocd.lab.example/auth/callback",
                "argocd.lab.example/auth/callback/",
            );
        },
    },
    Control {
        name: "another_client_secret",
        code: "client-secret-is-shared",
        lab: Lab::new,
        break_it: |manifests| {
            edit(
                manifests,
                "Secret",
                "dex",
                "config.yaml",
                "Argo-cd-and-Dex-share-this-1",
                "Argo-cd-and-Dex-share-this-9",
            );
        },
    },
    Control {
        name: "issuer_with_a_slash",
        code: "issuer-is-exact",
        lab: Lab::new,
        break_it: |manifests| {
            edit(
                manifests,
                "ConfigMap",
                "argocd-cm",
                "oidc.config",
                "issuer: https://dex.lab.example",
                "issuer: https://dex.lab.example/",
            );
        },
    },
    Control {
        name: "secret_variable_unset",
        code: "secret-variable-is-set",
        lab: referring,
        break_it: without_variable,
    },
    Control {
        name: "secret_without_label",
        code: "secret-is-labelled",
        lab: referring,
        break_it: |manifests| {
            find(manifests, "Secret", "argocd-oidc", "argocd")["metadata"]["labels"] = json!({});
        },
    },
];

impl Control {
    /// Checks, logs in, and compares what is seen with what is recorded.
    pub fn run(&self) -> Result<(), String> {
        let lab = (self.lab)();
        let Wired { mut manifests, .. } = lab.wired();
        (self.break_it)(&mut manifests);
        let codes = lab.check(&manifests);
        if !codes.iter().any(|code| code == self.code) {
            return Err(format!("`check` must find {}, it finds {codes:?}", self.code));
        }
        let seen = match lab.start(&manifests) {
            Err(said) => format!("does not start: {}\n", said.trim().lines().last().unwrap_or_default()),
            Ok(running) => {
                let browser = running.browser();
                let page = log_in(&browser, "https://argocd.lab.example/auth/login", Person::Ada);
                let user = browser.open("https://argocd.lab.example/api/v1/session/userinfo");
                if user.body.contains("\"loggedIn\":true") {
                    return Err(format!("the login must fail, it ends at {}", page.url));
                }
                let place = format!("{}{}", page.url.host_str().unwrap_or_default(), page.url.path());
                format!("{place} ({}): {}\n", page.status, page.text())
            }
        };
        let seen = masked(&seen);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/controls").join(format!("{}.txt", self.name));
        let recorded = std::fs::read_to_string(&file).unwrap_or_default();
        if seen == recorded {
            return Ok(());
        }
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &seen).unwrap();
        }
        Err(format!("another error is seen than {} records: {seen}", file.display()))
    }
}

/// Without what differs from run to run.
fn masked(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let is_time = word.starts_with("time=") || word.contains("\"time\":");
        if is_time { "TIME" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn find<'a>(manifests: &'a mut Manifests, kind: &str, name: &str, namespace: &str) -> &'a mut Value {
    let mut objects = manifests.0.iter_mut();
    let found = objects.find(|object| {
        let meta = &object["metadata"];
        object["kind"] == kind && meta["name"] == name && meta["namespace"] == namespace
    });
    found.unwrap_or_else(|| panic!("there must be a {kind} {namespace}/{name}"))
}

/// Changes a text in a ConfigMap or Secret.
fn edit(manifests: &mut Manifests, kind: &str, name: &str, key: &str, old: &str, new: &str) {
    let namespace = if name == "dex" { "dex" } else { "argocd" };
    let text = &mut find(manifests, kind, name, namespace)["data"][key];
    let base64 = base64::engine::general_purpose::STANDARD;
    let plain = text.as_str().unwrap();
    let plain =
        if kind == "Secret" { String::from_utf8(base64.decode(plain).unwrap()).unwrap() } else { plain.to_owned() };
    assert!(plain.contains(old), "{kind} {name} must hold {old}: {plain}");
    let changed = plain.replace(old, new);
    *text = json!(if kind == "Secret" { base64.encode(changed) } else { changed });
}

fn without_ca(manifests: &mut Manifests) {
    let server = find(manifests, "Deployment", "argocd-server", "argocd");
    let pod = &mut server["spec"]["template"]["spec"];
    pod["volumes"].as_array_mut().unwrap().retain(|volume| volume["name"] != "local-ca");
    let container = &mut pod["containers"][0];
    container["volumeMounts"].as_array_mut().unwrap().retain(|mount| mount["name"] != "local-ca");
    container["env"].as_array_mut().unwrap().retain(|variable| variable["name"] != "SSL_CERT_DIR");
}

fn without_variable(manifests: &mut Manifests) {
    let dex = find(manifests, "Deployment", "dex", "dex");
    let variables = dex["spec"]["template"]["spec"]["containers"][0]["env"].as_array_mut().unwrap();
    variables.retain(|variable| variable["name"] != "ARGOCD_CLIENT_SECRET");
}
