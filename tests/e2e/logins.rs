//! People log in.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::lab::{HOST_CA, Lab, Running, Wired};
use super::programs;

/// Every login.
pub const LOGINS: &[(&str, fn())] = &[
    ("secrets_by_value", by_value),
    ("secrets_by_reference", by_reference),
    ("public_clients", public),
    ("helm_values", helm_values),
];

/// Who Dex knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// By Dex's own password, without groups.
    Ada,
    /// By a connector that says groups.
    Kilgore,
}

fn by_value() {
    let lab = Lab::new();
    everything_holds(&lab);
}

fn by_reference() {
    everything_holds(&referring());
}

fn public() {
    let mut lab = Lab::new();
    lab.document["spec"]["clients"] = json!([
        {"app": "argo-cd", "url": "https://argocd.lab.example", "public": true},
        {"app": "headlamp", "url": "https://headlamp.lab.example", "public": true},
    ]);
    everything_holds(&lab);
}

fn helm_values() {
    let mut lab = Lab::new();
    lab.by_values = true;
    everything_holds(&lab);
}

/// A lab whose Secrets are the user's, on both sides.
pub fn referring() -> Lab {
    let mut lab = Lab::new();
    for (at, app, namespace) in [(0, "argocd", "argocd"), (1, "headlamp", "headlamp")] {
        let name = format!("{app}-oidc");
        lab.document["spec"]["clients"][at]["secret"] = json!({"secretKeyRef": {"name": name, "key": "client-secret"}});
        for namespace in [namespace, "dex"] {
            let labels = if namespace == "argocd" { json!({"app.kubernetes.io/part-of": "argocd"}) } else { json!({}) };
            let secret = json!({
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": name, "namespace": namespace, "labels": labels},
                "stringData": {"client-secret": format!("{app}-and-Dex-share-this-2")},
            });
            lab.manifests += &format!("{secret}\n---\n");
        }
    }
    lab
}

fn everything_holds(lab: &Lab) {
    let mut wired = lab.wired();
    let has_headlamp = programs::has_headlamp();
    if has_headlamp {
        // The API server's settings are no manifest's: a person gives it what the program says it needs.
        tell_the_api_server(&mut wired);
    }
    let running = lab.start(&wired.manifests).unwrap();
    roles_hold_in_argo_cd(&running);
    if has_headlamp {
        roles_hold_in_headlamp(&running);
    } else {
        eprintln!(
            "skipped: logins at Headlamp: there is no headlamp-server in PATH (its image has it as /headlamp/headlamp-server)"
        );
    }
}

/// Takes the flags over that the program names.
fn tell_the_api_server(wired: &mut Wired) {
    let words = wired.said.split_whitespace().filter(|word| word.starts_with("--oidc-"));
    let mut flags: Vec<String> =
        words.map(|word| word.replace("--oidc-ca-file=<the", &format!("--oidc-ca-file={HOST_CA}"))).collect();
    flags.dedup();
    assert!(flags.len() >= 4, "the program must say what the API server needs: {}", wired.said);
    let mut objects = wired.manifests.0.iter_mut();
    let server = objects.find(|object| object["metadata"]["name"] == "kube-apiserver").unwrap();
    let command = server["spec"]["containers"][0]["command"].as_array_mut().unwrap();
    command.extend(flags.into_iter().map(Value::from));
}

/// An administrator may do what somebody else may not.
fn roles_hold_in_argo_cd(running: &Running) {
    for (person, name, may) in
        [(Person::Ada, "ada@lab.example", true), (Person::Kilgore, "kilgore@kilgore.trout", false)]
    {
        let browser = running.browser();
        let page = log_in(&browser, "https://argocd.lab.example/auth/login", person);
        let user = browser.open("https://argocd.lab.example/api/v1/session/userinfo");
        let known: Value = serde_json::from_str(&user.body).unwrap_or_default();
        assert_eq!(known["loggedIn"], true, "{}\n{} {}: {}", running.logs(), page.url, page.status, page.text());
        assert_eq!(known["username"], name);
        if !may {
            // What Argo CD takes for groups: the claims that its roles look at.
            assert_eq!(known["groups"], json!(["authors", name]));
        }
        let project = json!({"project": {"metadata": {"name": "books"}, "spec": {"description": name}}});
        let made = browser.send("https://argocd.lab.example/api/v1/projects", &project);
        assert_eq!(made.status, if may { 200 } else { 403 }, "{name}: {}", made.body);
    }
}

/// The API server takes the token that Headlamp forwards, and knows who it is.
fn roles_hold_in_headlamp(running: &Running) {
    for (person, name, may) in
        [(Person::Ada, "ada@lab.example", true), (Person::Kilgore, "kilgore@kilgore.trout", false)]
    {
        let browser = running.browser();
        let page = log_in(&browser, "https://headlamp.lab.example/oidc?cluster=main", person);
        let end = "https://headlamp.lab.example/auth?cluster=main";
        assert_eq!(page.url.as_str(), end, "{}\n{}", running.logs(), page.text());
        let user = browser.open("https://headlamp.lab.example/clusters/main/me");
        assert!(user.body.contains(name), "{} {}", user.status, user.body);
        // The API server looks for the issuer again every ten seconds.
        let until = Instant::now() + Duration::from_secs(30);
        let answer = loop {
            let answer = browser.open("https://headlamp.lab.example/clusters/main/api/v1/namespaces");
            if answer.status != 401 || Instant::now() > until {
                break answer;
            }
            std::thread::sleep(Duration::from_millis(500));
        };
        assert_eq!(answer.status, if may { 200 } else { 403 }, "{}\n{}", running.logs(), answer.body);
    }
}

/// Goes to an app's login and signs in at Dex; gives where that ends.
pub fn log_in(browser: &Browser, url: &str, person: Person) -> Page {
    let page = browser.open(url);
    if !page.url.as_str().starts_with("https://dex.lab.example/auth") || page.status != 200 {
        return page;
    }
    if person == Person::Kilgore {
        return browser.click(&page, "/auth/team");
    }
    let form = browser.click(&page, "/auth/local");
    browser.submit(&form, &[("login", "ada@lab.example"), ("password", "swordfish")])
}
