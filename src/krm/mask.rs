//! What must not be shown: client secrets, and values of Secrets but for what is public anyway.

use serde_json::{Map, Value, json};

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Parts of names that hold a secret, in lower case without separators.
const SECRET_WORDS: &[&str] =
    &["secret", "password", "passwd", "passphrase", "token", "cookie", "apikey", "privatekey", "credential", "bindpw"];

/// Ends of names that only point to a secret, or speak about one.
const POINTING_ENDS: &[&str] = &[
    "name",
    "ref",
    "secretref",
    "keyref",
    "keyselector",
    "env",
    "file",
    "path",
    "url",
    "uri",
    "uris",
    "endpoint",
    "expiry",
    "enabled",
    "create",
    "secrets",
    "tokens",
    "label",
    "labels",
    "optional",
    "ttl",
    "lifetime",
    "secretkey",
    "audience",
    "store",
    "type",
    "namespace",
];

/// Whether a field, variable or flag of this name holds a secret itself.
pub fn is_secret_name(name: &str) -> bool {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let is_hash = ["hash", "bcrypt"].contains(&bare.as_str());
    (is_hash || SECRET_WORDS.iter().any(|word| bare.contains(word)))
        && !POINTING_ENDS.iter().any(|end| bare.ends_with(end) && bare != *end)
        && !["existingsecret", "externalsecret", "secretstore"].iter().any(|end| bare.ends_with(end))
}

/// Whether a text is public wherever it is kept: a URL without a user, a reference, a word of YAML.
fn is_public(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    let is_url = (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(['@', '?', ' ']);
    is_url
        || text.is_empty()
        || text.starts_with('$')
        || ["true", "false", "null", "~", "|", "|-", ">", ">-", "|+"].contains(&text)
}

/// A value that may be shown as a change: what is secret by its name is masked, at any depth.
pub fn value(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            // An entry of `env`: the variable's name is a value here.
            let variable = map.get("name").and_then(Value::as_str).filter(|_| map.contains_key("value"));
            let masked = map.iter().map(|(key, inner)| {
                let name = if key == "value" {
                    variable.unwrap_or(if is_secret_name(name) { name } else { key })
                } else {
                    key
                };
                (key.clone(), self::value(name, inner))
            });
            Value::Object(masked.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| self::value(name, item)).collect()),
        Value::String(text) if is_secret_name(name) && !is_public(text) => json!(MASK),
        Value::String(text) => json!(line(text)),
        other => other.clone(),
    }
}

/// A value of a Secret: only its keys, and what is public.
pub fn in_secret(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.iter().map(|(key, inner)| (key.clone(), in_secret(inner))).collect()),
        Value::String(text) if !is_public(text) => json!(MASK),
        other => other.clone(),
    }
}

/// A line as it may be shown: the value behind a secret's name is masked, in YAML, JSON, INI and flags.
pub fn line(text: &str) -> String {
    // A private key in PEM is one under any name, and on one line too.
    if let Some(at) = text.find("-----BEGIN").filter(|_| text.contains("PRIVATE KEY")) {
        return line(text.get(..at).unwrap_or_default()) + MASK;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([':', '=']) {
        let (name, tail) = rest.split_at(at);
        let (separator, tail) = tail.split_at(1);
        out.push_str(name);
        out.push_str(separator);
        rest = tail;
        let word = name.rsplit([' ', ',', '{', '[', '(']).find(|word| !word.trim_matches(['"', '\'']).is_empty());
        let is_key = separator == "=" || tail.is_empty() || tail.starts_with([' ', '"', '\'']);
        // The name of a variable, or of a field, may stand on the line before.
        let is_value = word.is_some_and(|word| word.trim_matches(['"', '\'']) == "value");
        if !is_key || !is_value && !is_secret_name(word.unwrap_or_default()) {
            continue;
        }
        let space = tail.len() - tail.trim_start().len();
        let body = tail.get(space..).unwrap_or_default();
        let quote = body.chars().next().filter(|c| ['"', '\''].contains(c));
        let end = match quote {
            Some(quote) => body.get(1..).and_then(|inner| inner.find(quote)).map_or(body.len(), |end| end + 2),
            None => body.find([',', '}']).unwrap_or(body.len()),
        };
        let (value, after) = body.split_at(end);
        out.push_str(tail.get(..space).unwrap_or_default());
        out.push_str(if is_public(value) { value } else { MASK });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A line of a Secret: only its keys, and what is public.
pub fn line_of_secret(text: &str) -> String {
    let Some((key, value)) = text.split_once(": ") else {
        return if text.trim_end().ends_with(':') { text.to_owned() } else { MASK.to_owned() };
    };
    if is_public(value) { text.to_owned() } else { format!("{key}: {MASK}") }
}

#[cfg(test)]
mod tests {
    use super::{line, line_of_secret, value};
    use serde_json::json;

    #[test]
    fn secrets_are_masked_wherever_their_name_stands() {
        for (text, shown) in [
            ("  clientSecret: s3cret # c", "  clientSecret: ***"),
            ("  certificate: \"-----BEGIN RSA PRIVATE KEY-----\\nxyz\"", "  certificate: \"***"),
            ("- {id: a, secret: \"s, x\", name: A}", "- {id: a, secret: ***, name: A}"),
            ("client_secret = s3cret", "client_secret = ***"),
            ("- --client-secret=s3cret", "- --client-secret=***"),
            ("\"clientSecret\": \"s3cret\"", "\"clientSecret\": ***"),
            ("clientSecret: $dex:secret", "clientSecret: $dex:secret"),
            ("secretName: dex", "secretName: dex"),
            ("secretEnv: DEX_SECRET", "secretEnv: DEX_SECRET"),
            ("token_url: https://dex/token", "token_url: https://dex/token"),
            ("issuer: https://dex.lab.example", "issuer: https://dex.lab.example"),
            ("existingSecret: oauth", "existingSecret: oauth"),
            ("  value: s3cr$et", "  value: ***"),
            ("  value: https://dex.lab.example", "  value: https://dex.lab.example"),
        ] {
            assert_eq!(line(text), shown);
        }
        assert_eq!(line_of_secret("  password: aGVsbG8="), "  password: ***");
        assert_eq!(line_of_secret("    aGVsbG8="), "***");
        assert_eq!(line_of_secret("stringData:"), "stringData:");
    }

    #[test]
    fn values_are_masked_at_any_depth() {
        let shown = value("env", &json!([{"name": "X_CLIENT_SECRET", "value": "s"}, {"name": "A", "value": "b"}]));
        assert_eq!(shown, json!([{"name": "X_CLIENT_SECRET", "value": "***"}, {"name": "A", "value": "b"}]));
        assert_eq!(value("", &json!({"id": "a", "secret": "s"})), json!({"id": "a", "secret": "***"}));
        assert_eq!(value("secret", &json!({"value": "s"})), json!({"value": "***"}));
    }
}
