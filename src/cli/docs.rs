//! What the program says of itself.

use private_sso::app::{BUILT_IN, profile::Profile};
use private_sso::config::shape::{nearest, schema_of};
use private_sso::config::{API_VERSION, CHECK_KIND, KIND, v1alpha1};
use private_sso::krm::codes;
use serde_json::{Value, json};

use super::{Failure, console};

pub(super) const ON_A_TERMINAL: &str = "\
a ResourceList must come on standard input. Some ways to begin:
  private-sso render -c sso.yaml manifests/    wire a folder of manifests, print the result
  helm template ... | private-sso render -c sso.yaml -
  private-sso --help";

/// The JSON Schema of a document.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": KIND,
        "type": "object",
        "required": ["apiVersion", "kind", "spec"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"enum": [KIND, CHECK_KIND]},
            "metadata": {"type": "object"},
            "spec": schema_of::<v1alpha1::Spec>(),
        },
    })
}

pub(super) fn schema_json() -> String {
    serde_json::to_string_pretty(&schema()).unwrap_or_default()
}

/// The keys that the SDK of KRM functions prints.
pub(super) fn doc_json() -> String {
    let doc = json!({
        "short": "Wire apps to Dex behind a private CA",
        "long": "Reads one PrivateSSO document as functionConfig and makes manifests, rendered or as Helm values, say what it says: the CA is mounted, apps get their OIDC settings, Dex their clients, hosts TLS, people roles. Every byte that does not have to change stays.",
        "examples": "private-sso render -c sso.yaml manifests/",
        "image": "private-sso",
        "description": "Wire Headlamp, Argo CD and other apps to Dex behind a private CA",
        "tags": ["mutator", "validator"],
        "sourceURL": "",
        "examplePackageURLs": [],
        "license": "Apache-2.0",
        "hidden": false,
    });
    serde_json::to_string_pretty(&doc).unwrap_or_default()
}

pub(super) fn apps(name: Option<&str>) -> Result<u8, Failure> {
    let Some(name) = name else {
        let note =
            |profile: &Profile| if profile.client.is_none() { " (clients are registered in it; no `app`)" } else { "" };
        let lines: Vec<String> =
            BUILT_IN.iter().map(|profile| format!("{:<12} {}{}", profile.name, profile.title, note(profile))).collect();
        return console::print(&lines.join("\n"));
    };
    match BUILT_IN.iter().find(|profile| profile.is_called(name)) {
        Some(profile) => console::print(&describe(profile)),
        None => {
            let hint = nearest(name, BUILT_IN.iter().flat_map(|profile| profile.names()));
            let hint =
                hint.map_or("`private-sso apps` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            Err(Failure::usage(format!("\"{name}\" must be a known app; {hint}")))
        }
    }
}

fn describe(profile: &Profile) -> String {
    let mut lines = vec![format!("{} ({})", profile.title, profile.name), format!("documentation: {}", profile.docs)];
    if let Some(client) = &profile.client {
        lines.push(format!("client id by default: {}", client.id));
        let after = client.redirect_paths.iter().map(|path| match path.as_str() {
            "" => "url".to_owned(),
            path => format!("url + {path}"),
        });
        let uris: Vec<String> = after.chain(client.redirect_uris.iter().cloned()).collect();
        lines.push(format!("redirect URIs: {}", uris.join(", ")));
        let public = match (client.public, client.confidential) {
            (_, false) => "always",
            (true, true) => "yes",
            (false, true) => "no",
        };
        lines.push(format!("public client with PKCE: {public}"));
    }
    let components = profile
        .components
        .iter()
        .map(|component| format!("{}{}", component.name, if component.trust { " (gets the CA)" } else { "" }));
    lines.push(format!("components: {}", components.collect::<Vec<_>>().join(", ")));
    if let Some(chart) = &profile.chart {
        lines.push(format!("Helm chart: {}", chart.name));
    }
    lines.extend(settings(profile));
    if let Some((other, whole)) = profile.alternative.as_ref().zip(profile.alternate()) {
        lines.push(format!("with -{}, in place of them:", other.flag));
        lines.extend(settings(whole));
    }
    lines.join("\n")
}

/// The settings and options of a profile, with every place that takes them.
fn settings(profile: &Profile) -> Vec<String> {
    let mut lines = Vec::new();
    for (title, settings) in [("settings", &profile.settings), ("options", &profile.options)] {
        if settings.is_empty() {
            continue;
        }
        lines.push(format!("{title}:"));
        for setting in settings {
            let what = match (&setting.name, setting.from) {
                (Some(name), _) => name.clone(),
                (None, Some(from)) => {
                    let name = format!("{from:?}");
                    let (first, rest) = name.split_at(1);
                    format!("{}{rest}", first.to_lowercase())
                }
                (None, None) => {
                    setting.document.as_ref().map_or("literal".to_owned(), |document| document.field.clone())
                }
            };
            let places = [
                setting.flag.as_ref().map(|flag| format!("-{flag}")),
                setting.env.clone(),
                setting.config_map.as_ref().map(|map| match &map.name {
                    Some(name) => format!("ConfigMap {name} {}", map.key),
                    None => format!("ConfigMap key {}", map.key),
                }),
                setting.document.as_ref().map(|document| format!("{}.{}", document.name, document.field)),
                setting
                    .values
                    .as_ref()
                    .map(|values| format!("values {}", values.trim_start_matches('/').replace('/', "."))),
                setting.since_chart.as_ref().map(|version| format!("since chart {version}")),
                setting.since_app.as_ref().map(|version| format!("since version {version}")),
            ];
            lines.push(format!("  {what}: {}", places.into_iter().flatten().collect::<Vec<_>>().join(", ")));
        }
    }
    lines
}

/// What the page of rules says of a code, without its heading and severity.
fn section(code: &str) -> Option<&'static str> {
    let start = format!("\n## {code}\n");
    let (_, rest) = include_str!("../../docs/rules.md").split_once(&start)?;
    let body = rest.split("\n## ").next()?;
    Some(body.split_once("\n\n").map_or(body, |(_, text)| text).trim())
}

pub(super) fn explain(code: Option<&str>) -> Result<u8, Failure> {
    let Some(name) = code else {
        let lines: Vec<String> = codes::CODES
            .iter()
            .map(|code| format!("{:<34} {:<8} {}", code.name, code.severity, code.summary))
            .collect();
        return console::print(&lines.join("\n"));
    };
    match codes::find(name) {
        Some(code) => {
            let head = format!("{} ({})\n{}", code.name, code.severity, code.summary);
            console::print(&section(code.name).map_or(head.clone(), |section| format!("{head}\n\n{section}")))
        }
        None => {
            let hint = nearest(name, codes::CODES.iter().map(|code| code.name));
            let hint =
                hint.map_or("`private-sso explain` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            Err(Failure::usage(format!("\"{name}\" must be the code of a finding; {hint}")))
        }
    }
}
