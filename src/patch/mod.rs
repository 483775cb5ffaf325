//! Builds RFC 6902 patches by saying what must be there; what already is yields no operation.

mod select;

use std::sync::Arc;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
pub use select::chosen_from;
use select::{element, nest, resolve, selector};
use serde_json::Value;

/// A patch in the making, over a copy of the document, so that later steps see earlier ones.
///
/// Only `add`, `replace` and `remove` are made; lists are appended to. Every pointer is below `base`. A token
/// `[name=dex]` in it is the element of a list with that field, `[0]` the first.
#[derive(Clone, Debug)]
pub struct Draft {
    value: Arc<Value>,
    base: String,
    operations: Vec<PatchOperation>,
    misfit: Option<Misfit>,
}

/// Something of another shape stands where a change belongs. It is never replaced: it is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where it stands, from the document's root.
    pub pointer: String,
    /// What it must be: "a list".
    pub wanted: &'static str,
}

impl Draft {
    /// Starts from the document as it is.
    pub fn new(value: impl Into<Arc<Value>>) -> Self {
        Self::under(value, "")
    }

    /// Starts from the document as it is, for what is below a pointer; nothing has to stand there yet.
    pub fn under(value: impl Into<Arc<Value>>, base: &str) -> Self {
        Self { value: value.into(), base: base.to_owned(), operations: Vec::new(), misfit: None }
    }

    /// The whole document as the patch leaves it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Turns to what is below another pointer of the same document.
    pub fn turn_to(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// What stands at a pointer; `null` and absent are the same to Kubernetes.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.at(pointer).filter(|value| !value.is_null())
    }

    /// The text at a pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The list at a pointer; empty where it is absent or null.
    pub fn list(&self, pointer: &str) -> &[Value] {
        self.get(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Makes a value stand at a pointer, with the parents it needs.
    pub fn set(&mut self, pointer: &str, value: Value) {
        if self.at(pointer) == Some(&value) {
            return;
        }
        let target = parse(&format!("{}{}", self.base, self.resolve(pointer)));
        if let Some(current) = self.at(pointer) {
            if !is_same_shape(current, &value) {
                return self.misfit(target.as_str(), shape(&value));
            }
            return self.push(PatchOperation::Replace(ReplaceOperation { path: target, value }));
        }
        let tokens: Vec<String> = target.tokens().map(|token| token.decoded().into_owned()).collect();
        // The highest missing or null parent is made together with all below it.
        for depth in 0..=tokens.len() {
            let path = PointerBuf::from_tokens(&tokens[..depth]);
            let nested = || nest(&tokens[depth..], value.clone());
            match find(&self.value, path.as_str()) {
                Some(Value::Null) => {
                    return self.push(PatchOperation::Replace(ReplaceOperation { path, value: nested() }));
                }
                Some(Value::Object(_)) if tokens.get(depth).is_some_and(|token| selector(token).is_some()) => {
                    return self.misfit(path.as_str(), "a list");
                }
                Some(Value::Object(_)) => {}
                Some(Value::Array(_)) => {
                    let token = tokens.get(depth).map_or("", String::as_str);
                    if let Some((field, wanted)) = selector(token) {
                        let value = element(field, wanted, nest(&tokens[depth + 1..], value));
                        let path = parse(&format!("{path}/-"));
                        return self.push(PatchOperation::Add(AddOperation { path, value }));
                    }
                    if token.parse::<usize>().is_err() {
                        return self.misfit(path.as_str(), "a mapping");
                    }
                }
                Some(_) => return self.misfit(path.as_str(), "a mapping"),
                None => {
                    return self.push(PatchOperation::Add(AddOperation { path, value: nested() }));
                }
            }
        }
    }

    /// Appends to the list at a pointer, which is made where it is absent or null.
    pub fn append(&mut self, pointer: &str, value: Value) {
        match self.at(pointer) {
            Some(Value::Array(_)) => {
                let path = parse(&format!("{}{}/-", self.base, self.resolve(pointer)));
                self.push(PatchOperation::Add(AddOperation { path, value }));
            }
            None | Some(Value::Null) => self.set(pointer, Value::Array(vec![value])),
            Some(_) => self.misfit(&format!("{}{}", self.base, self.resolve(pointer)), "a list"),
        }
    }

    /// Takes away what stands at a pointer, if anything does.
    pub fn remove(&mut self, pointer: &str) {
        if self.at(pointer).is_some() {
            let path = parse(&format!("{}{}", self.base, self.resolve(pointer)));
            self.push(PatchOperation::Remove(RemoveOperation { path }));
        }
    }

    /// What stands in the way of the change, if anything does.
    pub fn in_the_way(&self) -> Option<&Misfit> {
        self.misfit.as_ref()
    }

    fn misfit(&mut self, pointer: &str, wanted: &'static str) {
        self.misfit.get_or_insert(Misfit { pointer: pointer.to_owned(), wanted });
    }

    /// Whether anything has to change.
    pub fn is_changed(&self) -> bool {
        !self.operations.is_empty()
    }

    /// The finished patch, from the document's root; `None` where nothing has to change.
    pub fn finish(self) -> Option<Patch> {
        (!self.operations.is_empty()).then_some(Patch(self.operations))
    }

    fn at(&self, pointer: &str) -> Option<&Value> {
        let below = find(&self.value, &self.base)?;
        if pointer.contains("/[") { find(below, &resolve(below, pointer)) } else { find(below, pointer) }
    }

    /// The pointer with the index of each element that it chooses by a field, where the element is there.
    pub fn resolve(&self, pointer: &str) -> String {
        match find(&self.value, &self.base) {
            Some(value) => resolve(value, pointer),
            None => pointer.to_owned(),
        }
    }

    fn push(&mut self, operation: PatchOperation) {
        // The operation was built from this very value, so it applies; if it did not, it must not be recorded.
        let patch = Patch(vec![operation.clone()]);
        if json_patch::patch(Arc::make_mut(&mut self.value), &patch).is_ok() {
            self.operations.push(operation);
        }
    }
}

/// What stands at a JSON pointer (RFC 6901), as `Value::pointer` finds it, but without a copy of each token.
pub fn find<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    if pointer.contains('~') || !(pointer.is_empty() || pointer.starts_with('/')) {
        return value.pointer(pointer);
    }
    pointer.split('/').skip(1).try_fold(value, |value, token| match value {
        Value::Object(map) => map.get(token),
        Value::Array(items) => {
            let is_index = !token.starts_with('+') && (token == "0" || !token.starts_with('0'));
            items.get(token.parse::<usize>().ok().filter(|_| is_index)?)
        }
        _ => None,
    })
}

/// One reference token as it stands in a pointer: `~` and `/` escaped.
pub fn token(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// A pointer from tokens.
pub fn pointer<S: AsRef<str>>(tokens: &[S]) -> String {
    tokens.iter().map(|part| format!("/{}", token(part.as_ref()))).collect()
}

/// A pointer from its text; one that is malformed points at the root.
pub fn parse(pointer: &str) -> PointerBuf {
    PointerBuf::parse(pointer).unwrap_or_default()
}

fn shape(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
        _ => "a plain value",
    }
}

/// `null` takes any shape.
fn is_same_shape(current: &Value, value: &Value) -> bool {
    current.is_null() || shape(current) == shape(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(before: Value, edit: impl Fn(&mut Draft), after: Value, operations: usize) {
        let mut draft = Draft::new(before.clone());
        edit(&mut draft);
        let patch = draft.finish().unwrap_or(Patch(Vec::new()));
        assert_eq!(patch.0.len(), operations);
        let mut patched = before;
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched, after);
    }

    #[test]
    fn equal_values_are_not_rewritten() {
        check(json!({"a": {"b": 1}}), |d| d.set("/a/b", json!(1)), json!({"a": {"b": 1}}), 0);
    }

    #[test]
    fn missing_and_null_parents_are_made() {
        check(json!({}), |d| d.set("/a/b/c", json!(1)), json!({"a": {"b": {"c": 1}}}), 1);
        check(json!({"a": null}), |d| d.set("/a/b", json!(1)), json!({"a": {"b": 1}}), 1);
        check(json!(null), |d| d.set("/a/b", json!(1)), json!({"a": {"b": 1}}), 1);
    }

    #[test]
    fn lists_are_appended_to() {
        check(json!({"l": null}), |d| d.append("/l", json!(1)), json!({"l": [1]}), 1);
        check(json!({"l": [0]}), |d| d.append("/l", json!(1)), json!({"l": [0, 1]}), 1);
        check(json!({}), |d| d.append("/x/l", json!(1)), json!({"x": {"l": [1]}}), 1);
    }

    #[test]
    fn elements_are_chosen_by_a_field() {
        let set = |d: &mut Draft| {
            d.set("/oauth/[name=dex]/scopes", json!("openid"));
            d.set("/oauth/[name=dex]/key/of", json!(1));
        };
        let dex = json!({"name": "dex", "scopes": "openid", "key": {"of": 1}});
        check(json!({}), set, json!({"oauth": [dex.clone()]}), 2);
        check(json!({"oauth": null}), set, json!({"oauth": [dex.clone()]}), 2);
        check(json!({"oauth": [{"name": "hub"}]}), set, json!({"oauth": [{"name": "hub"}, dex.clone()]}), 2);
        check(
            json!({"oauth": [{"name": "dex", "scopes": "all"}, {"name": "hub"}]}),
            set,
            json!({"oauth": [dex.clone(), {"name": "hub"}]}),
            2,
        );
        check(json!({"oauth": [dex.clone()]}), set, json!({"oauth": [dex.clone()]}), 0);
        check(
            json!({"oauth": [dex]}),
            |d| d.remove("/oauth/[name=dex]/key/of"),
            json!({"oauth": [{"name": "dex", "scopes": "openid", "key": {}}]}),
            1,
        );
    }

    #[test]
    fn the_first_element_is_made_where_there_is_none() {
        let set = |d: &mut Draft| {
            d.set("/providers/[0]/id", json!("dex"));
            d.set("/providers/[0]/oidcConfig/issuerURL", json!("https://dex"));
        };
        let dex = json!({"id": "dex", "oidcConfig": {"issuerURL": "https://dex"}});
        check(json!({}), set, json!({"providers": [dex.clone()]}), 2);
        check(json!({"providers": []}), set, json!({"providers": [dex.clone()]}), 2);
        check(json!({"providers": [{"id": "dex"}, 1]}), set, json!({"providers": [dex, 1]}), 1);
    }

    #[test]
    fn what_has_another_shape_stands_in_the_way() {
        for (value, pointer) in
            [(json!({"l": {"a": 1}}), "/l"), (json!({"l": "none"}), "/l"), (json!({"l": "x"}), "/l/m")]
        {
            let mut draft = Draft::new(value.clone());
            draft.append(pointer, json!(1));
            assert_eq!(draft.in_the_way().map(|misfit| misfit.pointer.as_str()), Some("/l"));
            assert_eq!(draft.value(), &value);
        }
    }

    #[test]
    fn a_mapping_has_no_elements_to_choose() {
        let mut draft = Draft::new(json!({"oauth": {"dex": {}}}));
        draft.set("/oauth/[name=dex]/scopes", json!("openid"));
        assert_eq!(draft.in_the_way().map(|misfit| misfit.wanted), Some("a list"));
    }

    #[test]
    fn found_is_what_a_json_pointer_points_at() {
        let value = json!({"a": [{"b": 1}, 2], "": 3, "a/b": 4, "~": {"": 5}, "01": [6, 7]});
        for pointer in [
            "", "/", "/a", "/a/0", "/a/0/b", "/a/1", "/a/01", "/a/+1", "/a/2", "/a/-", "/a/x", "/a/1/b", "/a~1b",
            "/~0", "/~0/", "/01", "/01/1", "/01/00", "a", "/a/", "/ä", "x/a",
        ] {
            assert_eq!(find(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn later_steps_see_earlier_ones() {
        check(
            json!({}),
            |d| {
                d.append("/l", json!(1));
                d.append("/l", json!(2));
                d.remove("/l/0");
            },
            json!({"l": [2]}),
            3,
        );
    }
}
