//! Texts of INI that stand for other keys of their section: `https://%(domain)s`, as `gopkg.in/ini.v1` reads them.

use serde_json::Value;

use super::instance::plain;

/// What such a text says in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The text itself: it stands for nothing else.
    Itself,
    /// This.
    Text(String),
    /// Something that another source gives.
    Unseen,
}

/// Puts the keys of the section in place of their names.
pub(super) fn says(text: &str, key: impl Fn(&str) -> Option<Value>) -> Says {
    if !text.contains("%(") {
        return Says::Itself;
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("%(") {
        let Some((name, after)) = after.split_once(")s") else { return Says::Itself };
        let Some(value) = key(name).map(|value| plain(&value)).filter(|value| !value.contains("%(")) else {
            return Says::Unseen;
        };
        out.push_str(before);
        out.push_str(&value);
        rest = after;
    }
    Says::Text(out + rest)
}

/// Whether a text that stands for others already says an address: a final slash makes no difference to it.
pub(super) fn is_same(text: &str, wanted: &Value) -> bool {
    wanted.as_str().is_some_and(|wanted| wanted.trim_end_matches('/') == text.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Says, says};

    #[test]
    fn names_are_keys_of_the_section() {
        let key = |name: &str| (name == "domain").then(|| json!("grafana.lab.example"));
        assert_eq!(says("https://%(domain)s/", key), Says::Text("https://grafana.lab.example/".to_owned()));
        assert_eq!(says("%(protocol)s://%(domain)s", key), Says::Unseen);
        for text in ["https://grafana.lab.example", "100%(", "%(open"] {
            assert_eq!(says(text, key), Says::Itself, "{text}");
        }
    }
}
