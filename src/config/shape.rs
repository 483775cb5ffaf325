//! Compares a document with the schema of its types and reports every mistake at once.
//!
//! Serde stops at the first mistake and knows no neighbours; people fix a document faster when they see all of
//! its mistakes, each with the field and the nearest known name.

use serde_json::{Map, Value};

/// One mistake in the user's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// JSON pointer to the field.
    pub pointer: String,
    /// What must hold and what was found.
    pub message: String,
}

/// Every way in which `value` does not fit `schema` (subschemas inlined, as [`schema_of`] makes it).
pub fn mistakes(schema: &Value, value: &Value, pointer: &str) -> Vec<Mistake> {
    let mut found = Vec::new();
    walk(schema, value, pointer, &mut found);
    found
}

/// The JSON Schema of a type with every subschema in its place.
pub fn schema_of<T: schemars::JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::openapi3().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn walk(schema: &Value, value: &Value, pointer: &str, found: &mut Vec<Mistake>) {
    if value.is_null() && is_nullable(schema) {
        return;
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return check_choice(choices.iter().filter_map(Value::as_str), value, pointer, found);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = schema.get(key) {
            return check_branches(branches, value, pointer, found);
        }
    }
    let Some(expected) = schema.get("type").and_then(Value::as_str) else {
        return;
    };
    match (expected, value) {
        ("object", Value::Object(map)) => check_object(schema, map, pointer, found),
        ("array", Value::Array(items)) => {
            let item = schema.get("items").unwrap_or(&Value::Null);
            for (index, entry) in items.iter().enumerate() {
                walk(item, entry, &format!("{pointer}/{index}"), found);
            }
        }
        ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("integer" | "number", Value::Number(_)) => {}
        _ => found.push(Mistake {
            pointer: pointer.to_owned(),
            message: format!("must be {}, not {}", article(expected), describe(value)),
        }),
    }
}

fn check_object(schema: &Value, map: &Map<String, Value>, pointer: &str, found: &mut Vec<Mistake>) {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    for (key, value) in map {
        let inner = format!("{pointer}/{}", crate::patch::token(key));
        match (properties.get(key), schema.get("additionalProperties")) {
            (Some(property), _) => walk(property, value, &inner, found),
            (None, Some(Value::Bool(false))) => {
                let hint = nearest(key, properties.keys().map(String::as_str));
                let message = match hint {
                    Some(name) => format!("is no known field; did you mean `{name}`?"),
                    None if properties.is_empty() => "must be empty".to_owned(),
                    None => {
                        let known: Vec<_> = properties.keys().map(|name| format!("`{name}`")).collect();
                        format!("is no known field; known are {}", known.join(", "))
                    }
                };
                found.push(Mistake { pointer: inner, message });
            }
            (None, Some(rest @ Value::Object(_))) => walk(rest, value, &inner, found),
            (None, _) => {}
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|name| !map.contains_key(*name)) {
        found.push(Mistake { pointer: format!("{pointer}/{name}"), message: "must be set".to_owned() });
    }
}

fn check_choice<'a>(
    choices: impl Iterator<Item = &'a str> + Clone,
    value: &Value,
    pointer: &str,
    found: &mut Vec<Mistake>,
) {
    if value.as_str().is_some_and(|text| choices.clone().any(|choice| choice == text)) {
        return;
    }
    let known: Vec<_> = choices.clone().map(|choice| format!("`{choice}`")).collect();
    let hint = value
        .as_str()
        .and_then(|text| nearest(text, choices))
        .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    let shown = value.as_str().map_or_else(|| describe(value).to_owned(), |text| format!("\"{text}\""));
    let message = format!("must be one of {}, not {shown}{hint}", known.join(", "));
    found.push(Mistake { pointer: pointer.to_owned(), message });
}

/// A value has to fit one branch; where it fits none, the mistakes of the nearest branch are the helpful ones.
fn check_branches(branches: &[Value], value: &Value, pointer: &str, found: &mut Vec<Mistake>) {
    let constants: Vec<&str> = branches
        .iter()
        .filter_map(|branch| branch.get("const").or_else(|| branch.get("enum")?.get(0)))
        .filter_map(Value::as_str)
        .collect();
    if !constants.is_empty() && constants.len() == branches.len() {
        return check_choice(constants.into_iter(), value, pointer, found);
    }
    let best = branches.iter().map(|branch| mistakes(branch, value, pointer)).min_by_key(Vec::len);
    found.extend(best.unwrap_or_default());
}

fn is_nullable(schema: &Value) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// The nearest of some names, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = name.to_lowercase();
    known
        .map(|candidate| (strsim::damerau_levenshtein(&plain, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(name.len()) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

fn article(kind: &str) -> &'static str {
    match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "true or false",
        _ => "a number",
    }
}

/// Names the kind of value only: what stands in a wrong place may be a secret.
fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false (quote it where text is meant)",
        Value::Number(_) => "a number (quote it where text is meant)",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::v1alpha1::Spec;

    fn check(spec: Value, expected: &[&str]) {
        let found: Vec<_> = mistakes(&schema_of::<Spec>(), &spec, "")
            .into_iter()
            .map(|m| format!("{} {}", m.pointer, m.message))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_mistake_is_reported_with_the_nearest_name() {
        check(
            json!({"isuer": "x", "clients": [{"clientId": 5, "public": "yes"}], "trust": {"configMap": {"key": "a"}}}),
            &[
                "/isuer is no known field; did you mean `issuer`?",
                "/clients/0/clientId is no known field; did you mean `clientID`?",
                "/clients/0/public must be true or false, not a string",
                "/trust/configMap/name must be set",
            ],
        );
    }

    #[test]
    fn choices_are_listed() {
        check(
            json!({"checks": {"failOn": "warn"}}),
            &["/checks/failOn must be one of `error`, `warning`, `never`, not \"warn\""],
        );
    }

    #[test]
    fn what_is_right_is_silent() {
        check(json!({"issuer": "https://dex", "clients": [{"app": "headlamp", "secret": {"value": "x"}}]}), &[]);
    }
}
