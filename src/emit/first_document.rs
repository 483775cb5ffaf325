//! A survey as a first document, with comments on what was seen and what was not.

use std::fmt::Write as _;

use crate::survey::{Ca, Client, Fact, Secret, Survey};
use crate::yaml::is_plain;

/// The document. What has to be filled in by hand is a comment that says so.
pub fn first_document(survey: &Survey, name: &str) -> String {
    let mut out = String::from(
        "# Written by `private-sso init` from what it found. Read it, mend it, then see what it would change:\n#\n#   private-sso apply -c THIS-FILE --dry-run\n",
    );
    for line in &survey.open {
        let _ = writeln!(out, "#\n# {line}");
    }
    out.push_str("apiVersion: sso.kidd.network/v1alpha1\nkind: PrivateSSO\nmetadata:\n");
    let _ = writeln!(out, "  name: {}\nspec:", text(name));
    issuer(&mut out, survey);
    trust(&mut out, survey.trust.as_ref());
    match &survey.cluster_issuer {
        Some(Fact { value, at }) => {
            let _ = writeln!(out, "  ingress:   # {at}\n    clusterIssuer: {}", text(value));
        }
        None => out.push_str("  # ingress: {clusterIssuer: NAME}   # to have cert-manager give the hosts TLS\n"),
    }
    if survey.clients.is_empty() {
        out.push_str("  clients: []   # no app that is known here was found: see `private-sso apps`\n");
    } else if survey.clients.iter().any(Client::is_complete) {
        out.push_str("  clients:\n");
    } else {
        out.push_str("  # clients:\n");
    }
    for each in &survey.clients {
        client(&mut out, each);
    }
    out
}

fn issuer(out: &mut String, survey: &Survey) {
    match &survey.issuer {
        Some(Fact { value, at }) => {
            let _ = writeln!(out, "  issuer: {}   # {at}", text(value));
        }
        None => out.push_str("  issuer: https://dex.example.com   # put in Dex's own, exactly as Dex has it\n"),
    }
    for Fact { value, at } in &survey.other_issuers {
        let _ = writeln!(out, "  # Another Dex: {value}   # {at}");
    }
}

fn trust(out: &mut String, ca: Option<&Ca>) {
    let Some(ca) = ca else {
        out.push_str(
            "  # trust: {configMap: {name: NAME}}   # the private CA, in the namespace of every app; omit where the certificates are public\n",
        );
        return;
    };
    let key = ca.key.as_ref().map_or(String::new(), |key| format!(", key: {}", flow(key)));
    let _ = writeln!(out, "  trust:   # {}\n    {}: {{name: {}{key}}}", ca.at, ca.kind, flow(&ca.name));
    for (field, value) in [("mountPath", &ca.mount_path), ("volumeName", &ca.volume_name)] {
        if let Some(value) = value {
            let _ = writeln!(out, "    {field}: {}", text(value));
        }
    }
    if !ca.namespace_labels.is_empty() {
        out.push_str("    namespaceLabels:\n");
        for (key, value) in &ca.namespace_labels {
            let _ = writeln!(out, "      {}: {}", text(key), text(value));
        }
    }
}

fn client(out: &mut String, client: &Client) {
    let seen = if client.is_wired { "signs people in" } else { "is here, and signs nobody in yet" };
    let _ = writeln!(
        out,
        "  # {} {}: {}",
        client.title,
        if client.app.is_some() { seen } else { "is known to Dex alone" },
        client.at
    );
    if !client.several.is_empty() {
        let _ = writeln!(
            out,
            "  # It is here several times, also in {}: a document speaks of one, by `namespace` or `helm`, or each folder has its own",
            client.several.join(", ")
        );
    }
    if let Some(other) = &client.shared_with {
        let _ = writeln!(out, "  # It has the client id of {other}, and a document can speak of a client once");
    }
    // A client without its address would not be a document: it is a comment, to be completed.
    let (lead, rest) = if client.is_complete() { ("  - ", "    ") } else { ("  # - ", "  #   ") };
    let mut fields: Vec<String> = Vec::new();
    if let Some(app) = &client.app {
        fields.push(format!("app: {}", text(app)));
    }
    let optional = [("namespace", &client.namespace), ("clientID", &client.client_id), ("name", &client.name)];
    fields.extend(optional.iter().filter_map(|(field, value)| Some(format!("{field}: {}", text(value.as_ref()?)))));
    fields.extend(client.release.iter().map(|name| format!("helm: {{release: {}}}", flow(name))));
    match (&client.url, &client.app) {
        (Some(Fact { value, at }), _) => fields.push(format!("url: {}   # {at}", text(value))),
        (None, Some(_)) => {
            fields.push("url: https://app.example.com   # its address in the browser was not found".to_owned())
        }
        (None, None) => {}
    }
    if !client.redirect_uris.is_empty() {
        fields.push("redirectURIs:".to_owned());
        fields.extend(client.redirect_uris.iter().map(|uri| format!("- {}", text(uri))));
    }
    fields.extend(client.login_source.iter().map(|name| format!("settings: {{name: {}}}", flow(name))));
    for (field, list) in [("scopes", &client.scopes), ("trustedPeers", &client.trusted_peers)] {
        if !list.is_empty() {
            let words: Vec<String> = list.iter().map(|word| flow(word)).collect();
            fields.push(format!("{field}: [{}]", words.join(", ")));
        }
    }
    fields.extend(secret(client));
    for (index, field) in fields.iter().enumerate() {
        let _ = writeln!(out, "{}{field}", if index == 0 { lead } else { rest });
    }
}

fn secret(client: &Client) -> Vec<String> {
    let pair = |(name, key): &(String, String)| format!("{{name: {}, key: {}}}", flow(name), flow(key));
    let proposed = pair(&client.proposed);
    match &client.secret {
        Secret::Public => vec!["public: true".to_owned()],
        Secret::Reference { app, dex, env } => {
            let mut lines = vec!["secret:".to_owned(), format!("  secretKeyRef: {}", pair(app))];
            lines.extend(dex.as_ref().map(|dex| format!("  dexSecretKeyRef: {}", pair(dex))));
            lines.extend(env.as_ref().map(|env| format!("  dexEnv: {}", text(env))));
            lines
        }
        Secret::Clear(at) => vec![
            format!("secret:   # in clear text today, in {at}"),
            format!("  secretKeyRef: {proposed}   # put it into a Secret of this name, beside the app and beside Dex"),
        ],
        Secret::FilledIn { text: value, at } => {
            vec!["secret:".to_owned(), format!("  value: {}   # filled in when it is deployed: {at}", text(value))]
        }
        Secret::Variable(name) => {
            vec![
                "secret:".to_owned(),
                format!("  dexEnv: {}   # Dex has it from where this tree does not show it", text(name)),
            ]
        }
        Secret::Proposed => vec![
            "secret:".to_owned(),
            format!("  secretKeyRef: {proposed}   # make a Secret of this name, beside the app and beside Dex"),
        ],
    }
}

/// A text as a block scalar on one line.
fn text(value: &str) -> String {
    quoted(value, false)
}

/// The same in brackets.
fn flow(value: &str) -> String {
    quoted(value, true)
}

fn quoted(value: &str, in_flow: bool) -> String {
    if is_plain(value, in_flow) { value.to_owned() } else { serde_json::Value::from(value).to_string() }
}
