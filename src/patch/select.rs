//! Pointers that choose an element of a list by one of its fields, `/gitea/oauth/[name=dex]/scopes`, or the first: `/providers/[0]/id`.

use serde_json::{Map, Value};

use super::{parse, token};

/// A token `[field=value]`: the element of a list with that field. `[0]` is the first element, which needs no field.
pub(super) fn selector(token: &str) -> Option<(&str, &str)> {
    let inner = token.strip_prefix('[')?.strip_suffix(']')?;
    if inner == "0" { Some(("", "")) } else { inner.split_once('=').filter(|(field, _)| !field.is_empty()) }
}

/// The pointer with the index of each chosen element in place of what chooses it; where an element is not there, the rest
/// stays as it is.
pub(super) fn resolve(value: &Value, pointer: &str) -> String {
    if !pointer.contains("/[") {
        return pointer.to_owned();
    }
    let (mut out, mut at) = (String::new(), Some(value));
    for part in parse(pointer).tokens() {
        let part = part.decoded().into_owned();
        let index = selector(&part).and_then(|(field, wanted)| position(at?, field, wanted));
        let part = index.map_or(part, |index| index.to_string());
        at = at.and_then(|value| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(&part),
        });
        out.push('/');
        out.push_str(&token(&part));
    }
    out
}

/// The pointer up to the first list of which an element is chosen.
pub fn chosen_from(pointer: &str) -> Option<&str> {
    let mut end = 0;
    for part in pointer.split('/').skip(1) {
        if selector(part).is_some() {
            return pointer.get(..end);
        }
        end += part.len() + 1;
    }
    None
}

fn position(list: &Value, field: &str, wanted: &str) -> Option<usize> {
    if field.is_empty() {
        return (!list.as_array()?.is_empty()).then_some(0);
    }
    list.as_array()?.iter().position(|element| element.get(field).and_then(Value::as_str) == Some(wanted))
}

/// What stands below missing parents: mappings, and a list of one element where one is chosen.
pub(super) fn nest(tokens: &[String], leaf: Value) -> Value {
    tokens.iter().rev().fold(leaf, |inner, token| match selector(token) {
        Some((field, wanted)) => Value::Array(vec![element(field, wanted, inner)]),
        None => {
            let mut map = Map::new();
            map.insert(token.clone(), inner);
            Value::Object(map)
        }
    })
}

/// An element with the field that chooses it in front.
pub(super) fn element(field: &str, wanted: &str, inner: Value) -> Value {
    let mut map = Map::new();
    if !field.is_empty() {
        map.insert(field.to_owned(), Value::String(wanted.to_owned()));
    }
    if let Value::Object(rest) = inner {
        map.extend(rest);
    }
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::chosen_from;

    #[test]
    fn the_list_of_a_pointer_is_what_stands_before_the_choice() {
        assert_eq!(chosen_from("/gitea/oauth/[name=dex]/scopes"), Some("/gitea/oauth"));
        assert_eq!(chosen_from("/providers/[0]/id"), Some("/providers"));
        assert_eq!(chosen_from("/gitea/oauth/0"), None);
        assert_eq!(chosen_from("/a[b=c]"), None);
    }
}
