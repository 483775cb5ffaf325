//! What stands somewhere, and where.

use serde_json::Value;

use crate::krm::Place;

/// A key of a Secret in a namespace; no namespace means that it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretKey {
    /// The namespace, where it is known.
    pub namespace: Option<String>,
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Said {
    /// The value; `null` where it is known to stand there and cannot be read.
    pub value: Value,
    /// Where it stands, or where the reference to it does.
    pub place: Place,
    /// The Secret's key that it comes from, if it does.
    pub from: Option<SecretKey>,
}

impl Said {
    /// A value that is written out.
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place, from: None }
    }

    /// The value as text: strings as they are, switches and numbers as words.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(self.value.to_string()),
            _ => None,
        }
    }

    /// The text, where it is what will be there in the end: no template, placeholder or cipher.
    pub fn literal(&self) -> Option<String> {
        self.text().filter(|text| !is_template(text))
    }

    /// The words of a list, or of a text that joins them.
    pub fn words(&self) -> Option<Vec<String>> {
        match &self.value {
            Value::Array(items) => {
                let words: Vec<String> = items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect();
                (words.len() == items.len() && !words.iter().any(|word| is_template(word))).then_some(words)
            }
            _ => {
                let text = self.literal()?;
                let words = text.split([',', ' ', '\n', '\t', '+']).filter(|word| !word.is_empty());
                Some(words.map(str::to_owned).collect())
            }
        }
    }

    /// Whether it is switched on.
    pub fn is_on(&self) -> bool {
        self.text().is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
    }
}

/// What is known of a setting.
#[derive(Clone, Debug, Default)]
pub enum Seen {
    /// It stands nowhere, and nothing that is unseen could hold it.
    #[default]
    Absent,
    /// It may stand where the input does not show it.
    Unseen,
    /// It stands there.
    Is(Said),
}

impl Seen {
    /// What stands there.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::Is(said) => Some(said),
            _ => None,
        }
    }

    /// The text that is there in the end.
    pub fn literal(&self) -> Option<String> {
        self.said()?.literal()
    }

    /// Whether it is known to stand nowhere.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The first of two that says more than that nothing is there.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Absent => other(),
            Self::Unseen => match other() {
                Self::Is(said) => Self::Is(said),
                _ => Self::Unseen,
            },
            is => is,
        }
    }
}

/// Whether a text becomes another one before it is used: templates of Helm, Flux, Argo CD, Ansible and envsubst,
/// placeholders, ciphers.
pub fn is_template(text: &str) -> bool {
    const SIGNS: &[&str] = &["{{", "${", "$(", "<path:", "ENC[", "((", "{%", "<%", "%{", "@@", "__", "<<"];
    let is_blank = |text: &str| text.starts_with('<') && text.ends_with('>');
    SIGNS.iter().any(|sign| text.contains(sign))
        || is_blank(text)
        || text.split('/').any(is_blank)
        || ["CHANGEME", "REPLACE", "YOUR_", "YOUR-", "TODO"].iter().any(|word| text.to_uppercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_template;

    #[test]
    fn what_is_not_final_is_known() {
        for text in [
            "https://dex.${DOMAIN}",
            "{{ .Values.url }}",
            "<path:kv/data#x>",
            "https://<your-domain>/dex",
            "ENC[AES256]",
        ] {
            assert!(is_template(text), "{text}");
        }
        for text in ["https://dex.lab.example/dex", "$oidc.dex.clientSecret", "argo-cd"] {
            assert!(!is_template(text), "{text}");
        }
    }
}
