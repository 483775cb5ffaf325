//! What a container's `args` and `env` say of a setting.

use serde_json::Value;

use crate::app::profile::Setting;
use crate::config::document::KeyRef;

/// A container's arguments and variables.
pub(super) struct Arguments<'a> {
    container: &'a Value,
    pointer: &'a str,
}

/// A flag as it stands.
pub(super) struct Flag {
    /// The arguments it takes up: one (`-a=b`), or two (`-a b`).
    pub(super) pointers: Vec<String>,
    /// What stands before the value in its argument: `-a=`, or nothing.
    pub(super) prefix: String,
    /// The value as written.
    pub(super) value: String,
}

/// Where the value of a setting starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Written out in a flag.
    Flag { pointer: String, prefix: String, value: String },
    /// Written out in a variable.
    Variable { pointer: String, name: String, value: String },
    /// In a key of a Secret; `pointer` is the variable's entry.
    Secret { pointer: String, name: String, key: String },
    /// Somewhere that is not followed: a ConfigMap key, a field reference.
    Elsewhere { pointer: String },
    /// Nowhere.
    Absent,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(object: &'a Value, pointer: &'a str) -> Self {
        Self { container: object.pointer(pointer).unwrap_or(&Value::Null), pointer }
    }

    fn list(&self, field: &str) -> impl Iterator<Item = (usize, &'a Value)> {
        self.container.get(field).and_then(Value::as_array).into_iter().flatten().enumerate()
    }

    fn args(&self) -> impl Iterator<Item = (String, &'a str)> {
        let (base, fields) = (self.pointer.to_owned(), ["command", "args"]);
        let mut all = Vec::new();
        for field in fields {
            for (index, value) in self.list(field) {
                if let Some(text) = value.as_str() {
                    all.push((format!("{base}/{field}/{index}"), text));
                }
            }
        }
        all.into_iter()
    }

    /// A flag with one or two dashes; the last one counts, as in Go's `flag`.
    pub(super) fn flag(&self, name: &str) -> Option<Flag> {
        let args: Vec<(String, &str)> = self.args().collect();
        let position = args.iter().rposition(|(_, text)| flag_name(text).is_some_and(|(flag, _)| flag == name))?;
        let (pointer, text) = &args[position];
        match flag_name(text)?.1 {
            Some(value) => {
                let prefix = text[..text.len() - value.len()].to_owned();
                Some(Flag { pointers: vec![pointer.clone()], prefix, value: value.to_owned() })
            }
            None => match args.get(position + 1).filter(|(_, next)| !next.starts_with('-')) {
                Some((next, value)) => Some(Flag {
                    pointers: vec![pointer.clone(), next.clone()],
                    prefix: String::new(),
                    value: (*value).to_owned(),
                }),
                // A flag alone is a switch that is on.
                None => {
                    Some(Flag { pointers: vec![pointer.clone()], prefix: format!("{text}="), value: "true".to_owned() })
                }
            },
        }
    }

    /// Every value of a flag that may stand several times, each of which may be several with commas between.
    pub(super) fn elements(&self, name: &str) -> Vec<String> {
        let args: Vec<(String, &str)> = self.args().collect();
        let mut found = Vec::new();
        for (index, (_, text)) in args.iter().enumerate() {
            let value = match flag_name(text) {
                Some((flag, Some(value))) if flag == name => value,
                Some((flag, None)) if flag == name => args.get(index + 1).map_or("", |(_, next)| next),
                _ => continue,
            };
            found.extend(value.split(',').map(|word| word.trim().to_owned()));
        }
        found
    }

    /// `-` or `--`, as most flags that stand here; nothing where none does.
    pub(super) fn dashes(&self) -> Option<&'static str> {
        let flags: Vec<&str> = self.args().map(|(_, text)| text).filter(|text| text.starts_with('-')).collect();
        let double = flags.iter().filter(|text| text.starts_with("--")).count();
        (!flags.is_empty()).then(|| if double * 2 > flags.len() { "--" } else { "-" })
    }

    /// The pointer to a variable's entry; the last one counts.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let found = self.list("env").filter(|(_, entry)| entry["name"] == name).last();
        found.map(|(index, _)| format!("{}/env/{index}", self.pointer))
    }

    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }

    /// The Secret key that a variable refers to.
    pub(super) fn reference(&self, name: &str) -> Option<KeyRef> {
        let (_, entry) = self.list("env").filter(|(_, entry)| entry["name"] == name).last()?;
        let reference = entry.pointer("/valueFrom/secretKeyRef")?;
        let text = |field: &str| reference.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(KeyRef { name: text("name")?, key: text("key")? })
    }

    /// Whether an argument reads a variable: `$(NAME)`.
    pub(super) fn reads(&self, variable: &str) -> bool {
        let wanted = format!("$({variable})");
        self.args().any(|(_, text)| text.contains(&wanted))
    }

    /// The Secret all keys of which become variables, if there is one.
    pub(super) fn env_from_secret(&self) -> Option<String> {
        self.list("envFrom").find_map(|(_, entry)| Some(entry.pointer("/secretRef/name")?.as_str()?.to_owned()))
    }

    /// Every such Secret.
    pub(super) fn all_env_from_secrets(&self) -> Vec<String> {
        let names = self.list("envFrom").filter_map(|(_, entry)| entry.pointer("/secretRef/name")?.as_str());
        names.map(str::to_owned).collect()
    }

    /// Where the program gets a setting from: the flag beats the variable. The chart's own variable counts where the
    /// chart's flag is there to read it, or will be.
    pub(super) fn source(&self, setting: &Setting, is_chart: bool) -> Source {
        if let Some(flag) = setting.flag.as_ref().and_then(|name| self.flag(name)) {
            let inner = flag.value.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
            return match inner {
                // A variable that nothing sets is no value; only the chart's own may yet be added.
                Some(variable) if !self.has_variable(variable) && setting.chart_env.as_deref() != Some(variable) => {
                    Source::Elsewhere { pointer: flag.pointers.last().cloned().unwrap_or_default() }
                }
                Some(variable) => self.variable_source(variable),
                None => Source::Flag {
                    pointer: flag.pointers.last().cloned().unwrap_or_default(),
                    prefix: flag.prefix,
                    value: super::unescaped(&flag.value),
                },
            };
        }
        for variable in setting.env.iter().chain(setting.chart_env.iter().filter(|_| is_chart)) {
            let source = self.variable_source(variable);
            if source != Source::Absent {
                return source;
            }
        }
        Source::Absent
    }

    fn variable_source(&self, name: &str) -> Source {
        let Some(pointer) = self.variable(name) else {
            return Source::Absent;
        };
        let Some((_, entry)) = self.list("env").filter(|(_, entry)| entry["name"] == name).last() else {
            return Source::Absent;
        };
        if let Some(KeyRef { name, key }) = self.reference(name) {
            return Source::Secret { pointer, name, key };
        }
        if entry.get("valueFrom").is_some_and(|from| !from.is_null()) {
            return Source::Elsewhere { pointer: format!("{pointer}/valueFrom") };
        }
        let value = super::unescaped(&entry.get("value").map(super::plain).unwrap_or_default());
        Source::Variable { pointer: format!("{pointer}/value"), name: name.to_owned(), value }
    }
}

/// `-name`, `--name`, `-name=value`: the name, and the value where there is one.
fn flag_name(text: &str) -> Option<(&str, Option<&str>)> {
    let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-'))?;
    match name.split_once('=') {
        Some((name, value)) => Some((name, Some(value))),
        None => Some((name, None)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_are_found_in_every_form() {
        let object =
            json!({"c": {"args": ["-in-cluster", "-oidc-client-id=a", "--oidc-scopes", "b,c", "-oidc-use-pkce"]}});
        let args = Arguments::new(&object, "/c");
        let value = |name: &str| args.flag(name).map(|flag| (flag.pointers, flag.prefix, flag.value));
        assert_eq!(value("oidc-client-id"), Some((vec!["/c/args/1".into()], "-oidc-client-id=".into(), "a".into())));
        assert_eq!(value("oidc-scopes"), Some((vec!["/c/args/2".into(), "/c/args/3".into()], "".into(), "b,c".into())));
        assert_eq!(value("oidc-use-pkce"), Some((vec!["/c/args/4".into()], "-oidc-use-pkce=".into(), "true".into())));
        assert_eq!(value("other"), None);
        assert_eq!(args.dashes(), Some("-"));
        assert_eq!(args.elements("oidc-scopes"), ["b", "c"]);
    }

    #[test]
    fn a_chain_is_followed_to_its_start() {
        let object = json!({"c": {
            "args": ["-x=$(X)"],
            "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        }});
        let setting = Setting { flag: Some("x".into()), ..Setting::default() };
        let source = Arguments::new(&object, "/c").source(&setting, false);
        assert_eq!(source, Source::Secret { pointer: "/c/env/0".into(), name: "s".into(), key: "k".into() });
    }
}
