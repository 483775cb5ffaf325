//! The values that settings take, and when two of them say the same.

use serde_json::{Value, json};

use super::instance::plain;
use crate::app::profile::{Setting, ValueFrom, When};
use crate::config::document::KeyRef;
use crate::config::{Client, ClientSecret, Config};

/// What a setting must say for a client.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// The document says nothing of it.
    Nothing,
    /// This, whatever stands.
    Own(Value),
    /// This, where nothing stands.
    Default(Value),
    /// The client secret, in the form that the place takes.
    Secret,
    /// No client secret: what stands goes.
    NoSecret,
}

impl Wanted {
    /// Whether there is something to be written.
    pub(super) fn is_written(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Default(_) | Self::Secret)
    }
}

/// What the document wants a setting to say.
pub(super) fn wanted(config: &Config, client: &Client, setting: &Setting) -> Wanted {
    let sort = match client.secret {
        ClientSecret::Public => When::Public,
        ClientSecret::Value(_) => When::Value,
        ClientSecret::Reference { .. } | ClientSecret::Environment(_) => When::Reference,
    };
    let applies = setting.when.is_empty() || setting.when.contains(&sort);
    match (setting.from, &setting.literal) {
        (Some(ValueFrom::ClientSecret), _) => match client.secret {
            // Something else brings it, and where from is not known.
            ClientSecret::Environment(_) => Wanted::Nothing,
            ClientSecret::Public => Wanted::NoSecret,
            _ if !applies => Wanted::NoSecret,
            _ => Wanted::Secret,
        },
        (Some(ValueFrom::ClientSecretName | ValueFrom::ClientSecretKey), _) if sort == When::Public => Wanted::NoSecret,
        _ if !applies => Wanted::Nothing,
        (Some(from), _) => {
            value_of(config, client, from).map_or(Wanted::Nothing, |value| Wanted::Own(beyond_implied(setting, value)))
        }
        (None, Some(literal)) if setting.owned => Wanted::Own(literal.clone()),
        (None, Some(literal)) => Wanted::Default(literal.clone()),
        (None, None) => Wanted::Nothing,
    }
}

/// Without what the app asks for by itself, where the place takes the rest alone.
fn beyond_implied(setting: &Setting, value: Value) -> Value {
    match value {
        Value::Array(words) if setting.leave_out_implied => {
            let is_further = |word: &Value| !setting.implied.contains(&plain(word));
            words.into_iter().filter(is_further).collect()
        }
        other => other,
    }
}

/// A value of the document as an app takes it. Dex's endpoints lie below the issuer (dex: server/server.go).
pub(super) fn value_of(config: &Config, client: &Client, from: ValueFrom) -> Option<Value> {
    let issuer = config.issuer.trim_end_matches('/');
    Some(match from {
        ValueFrom::Issuer => json!(config.issuer),
        ValueFrom::DiscoveryURL => json!(format!("{issuer}/.well-known/openid-configuration")),
        ValueFrom::AuthorizationEndpoint => json!(format!("{issuer}/auth")),
        ValueFrom::TokenEndpoint => json!(format!("{issuer}/token")),
        ValueFrom::UserinfoEndpoint => json!(format!("{issuer}/userinfo")),
        ValueFrom::ClientID => json!(client.id),
        ValueFrom::ClientSecretName => json!(secret_key(client)?.name),
        ValueFrom::ClientSecretKey => json!(secret_key(client)?.key),
        ValueFrom::ClientIDSecretName => json!(id_key(client)?.name),
        ValueFrom::ClientIDSecretKey => json!(id_key(client)?.key),
        ValueFrom::RedirectURI => json!(client.redirect_uris.first()?),
        ValueFrom::Scopes => json!(client.scopes),
        ValueFrom::Url => json!(client.url.as_ref()?),
        ValueFrom::UrlScheme => json!(Parts::of(client.url.as_ref()?)?.scheme),
        ValueFrom::UrlHost => json!(Parts::of(client.url.as_ref()?)?.host),
        ValueFrom::UrlHostname => json!(Parts::of(client.url.as_ref()?)?.hostname),
        ValueFrom::UrlPort => json!(Parts::of(client.url.as_ref()?)?.port),
        ValueFrom::UrlPath => json!(Parts::of(client.url.as_ref()?)?.path),
        ValueFrom::Pkce if client.secret == ClientSecret::Public => json!(true),
        ValueFrom::Pkce | ValueFrom::ClientSecret => return None,
    })
}

/// An address in parts, taken apart as text: a template's variable may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts<'u> {
    scheme: &'u str,
    host: &'u str,
    hostname: &'u str,
    port: &'u str,
    path: &'u str,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let digits = |port: &&str| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
        let stated = host.rsplit_once(':').filter(|(_, port)| digits(port));
        let own = if scheme == "http" { "80" } else { "443" };
        let (hostname, port) = stated.unwrap_or((host, own));
        let path = path.trim_end_matches('/');
        Some(Self { scheme, host, hostname, port, path: if path.is_empty() { "/" } else { path } })
    }
}

/// What a browser says of where a page comes from, as Dex compares it: scheme and host, and no port that is the scheme's own.
pub(super) fn origin_of(url: &str) -> Option<String> {
    let parts = Parts::of(url)?;
    let is_own = [("http", "80"), ("https", "443")].contains(&(parts.scheme, parts.port));
    Some(format!("{}://{}", parts.scheme, if is_own { parts.hostname } else { parts.host }))
}

/// The key of the Secret in the app's namespace that holds the client secret: the one referred to, or the one that is added.
pub(super) fn secret_key(client: &Client) -> Option<KeyRef> {
    match &client.secret {
        ClientSecret::Reference { app, .. } => Some(app.clone()),
        ClientSecret::Value(_) => Some(KeyRef { name: client.secret_name(), key: client.secret_keys().client_secret }),
        ClientSecret::Public | ClientSecret::Environment(_) => None,
    }
}

/// The same of the client id; without a reference of its own it is in the Secret of the client secret.
pub(super) fn id_key(client: &Client) -> Option<KeyRef> {
    if let ClientSecret::Reference { client_id: Some(reference), .. } = &client.secret {
        return Some(reference.clone());
    }
    Some(KeyRef { name: secret_key(client)?.name, key: client.secret_keys().client_id? })
}

/// What is written over a text that stands. Scopes that the document does not state are not its own: what stands is kept,
/// and only what is missing is added.
pub(super) fn over(client: &Client, setting: &Setting, current: &str, value: &Value) -> Value {
    let stands: Vec<&str> = current.split([',', ' ', '\n']).filter(|word| !word.is_empty()).collect();
    match value {
        Value::Array(wanted)
            if setting.from == Some(ValueFrom::Scopes) && !client.states_scopes && !stands.is_empty() =>
        {
            let missing = wanted
                .iter()
                .map(plain)
                .filter(|word| !stands.contains(&word.as_str()) && !setting.implied.contains(word));
            json!(stands.iter().map(|word| (*word).to_owned()).chain(missing).collect::<Vec<_>>())
        }
        other => other.clone(),
    }
}

/// A text as an argument or variable that the kubelet leaves as it is: it expands `$(NAME)` and reads `$$` as `$`.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '$' && rest.peek().is_some_and(|next| ['$', '('].contains(next)) {
            out.push('$');
        }
    }
    out
}

/// What the program sees of an argument or variable.
pub(super) fn unescaped(text: &str) -> String {
    text.replace("$$", "$")
}

/// A value as text: lists joined the way the place takes them.
pub(super) fn text_of(setting: &Setting, value: &Value, in_flag: bool) -> String {
    let join = if in_flag { setting.flag_join.as_ref().or(setting.join.as_ref()) } else { setting.join.as_ref() };
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(join.map_or(" ", String::as_str)),
        other => plain(other),
    }
}

/// Whether two texts of a setting say the same. Lists of words do in any order and with either separator, and with or
/// without the words that the app adds itself.
pub(super) fn same(setting: &Setting, current: &str, wanted: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text
            .split([',', ' ', '\n'])
            .filter(|word| !word.is_empty() && !setting.implied.iter().any(|implied| implied == word))
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    match setting.from {
        Some(ValueFrom::Scopes) => {}
        // An address says the same with a final slash and without.
        Some(ValueFrom::Url) => return current.trim_end_matches('/') == wanted.trim_end_matches('/'),
        _ => return current == wanted,
    }
    // Empty scopes may turn the login off altogether.
    !current.trim().is_empty() && words(current) == words(wanted)
}

/// What is written over a value of a document or of Helm values; nothing where what stands says the same.
pub(super) fn written(client: &Client, setting: &Setting, current: Option<&Value>, value: &Value) -> Option<Value> {
    let stands = match current {
        Some(Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Some(other) => plain(other),
        None => String::new(),
    };
    let value = over(client, setting, &stands, value);
    let wanted = match (&value, &setting.join) {
        (Value::Array(_), Some(_)) => json!(text_of(setting, &value, false)),
        _ => value,
    };
    let says_so = match (current, &wanted) {
        (Some(Value::Array(current)), Value::Array(wanted)) => words(setting, current) == words(setting, wanted),
        (Some(Value::String(current)), Value::String(wanted)) => same(setting, current, wanted),
        (current, wanted) => current == Some(wanted),
    };
    (!says_so).then_some(wanted)
}

/// A list of the same words in another order says the same, with or without those that the app adds itself.
fn words(setting: &Setting, items: &[Value]) -> Vec<String> {
    let mut words: Vec<String> = items.iter().map(plain).filter(|word| !setting.implied.contains(word)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::{Parts, escaped, origin_of, unescaped};

    #[test]
    fn an_address_has_parts() {
        let parts = |scheme, host, hostname, port, path| Some(Parts { scheme, host, hostname, port, path });
        let table = [
            ("https://a.example", parts("https", "a.example", "a.example", "443", "/")),
            ("https://a.example/kiali/", parts("https", "a.example", "a.example", "443", "/kiali")),
            ("http://a.example:8080/x/y", parts("http", "a.example:8080", "a.example", "8080", "/x/y")),
            ("http://[::1]/", parts("http", "[::1]", "[::1]", "80", "/")),
            ("https://[::1]:8443", parts("https", "[::1]:8443", "[::1]", "8443", "/")),
            ("https://a.${DOMAIN}/kiali", parts("https", "a.${DOMAIN}", "a.${DOMAIN}", "443", "/kiali")),
            ("a.example", None),
        ];
        for (url, expected) in table {
            assert_eq!(Parts::of(url), expected, "{url}");
        }
        assert_eq!(origin_of("https://a.example:443/x").as_deref(), Some("https://a.example"));
        assert_eq!(origin_of("http://a.example:8080/").as_deref(), Some("http://a.example:8080"));
    }

    #[test]
    fn the_kubelet_gives_back_what_was_meant() {
        for text in ["s3cr$et", "a$$b", "$(HOME)x", "$", "$$$(A)"] {
            assert_eq!(unescaped(&escaped(text)), text);
        }
        assert_eq!(escaped("s3cr$et"), "s3cr$et");
        assert_eq!(escaped("$(HOME)"), "$$(HOME)");
    }
}
