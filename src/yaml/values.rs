//! A document as JSON straight from its steps, without a tree, where it is ordinary; else from its tree.

use serde_json::{Map, Value};

use super::lexer::lex;
use super::scalar::resolve_tagged;
use super::syntax::SyntaxError;
use super::tree::{ScalarStyle, Tree};
use super::walk::{Step, What};

/// Reads exactly one document as JSON; an empty one is null. Says the same as [`Tree::value`].
pub fn value(text: &str) -> Result<Value, SyntaxError> {
    let mut builder = Builder::default();
    let is_ordinary = lex(text, usize::MAX, &mut |step, _| builder.step(step));
    match (is_ordinary, builder.root, builder.is_odd) {
        (Some(()), Some(value), false) => Ok(value),
        _ => Tree::parse(text)?.value(),
    }
}

enum Open {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Mapping(Map<String, Value>, Option<String>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    /// A merge key, a key that stands twice or one that is no scalar: the tree knows what is to be said.
    is_odd: bool,
}

impl Builder {
    fn step(&mut self, step: Step<'_>) {
        match step.what {
            What::Scalar(text, style) => match self.open.last_mut() {
                Some(Open::Mapping(map, key @ None)) => {
                    self.is_odd |= (text == "<<" && style == ScalarStyle::Plain) || map.contains_key(text.as_ref());
                    *key = Some(text.into_owned());
                }
                _ => match style {
                    ScalarStyle::Plain => self.add(resolve_tagged(&text, style, step.tag)),
                    _ => self.add(Value::String(text.into_owned())),
                },
            },
            What::Sequence { .. } => self.open(Open::List(Vec::new())),
            What::Mapping { .. } => self.open(Open::Mapping(Map::new(), None)),
            What::Close => match self.open.pop() {
                Some(Open::List(items)) => self.add(Value::Array(items)),
                Some(Open::Mapping(map, _)) => self.add(Value::Object(map)),
                None => self.is_odd = true,
            },
            What::Alias(_) => self.is_odd = true,
        }
    }

    fn open(&mut self, open: Open) {
        self.is_odd |= matches!(self.open.last(), Some(Open::Mapping(_, None)));
        self.open.push(open);
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Open::List(items)) => items.push(value),
            Some(Open::Mapping(map, key)) => match key.take() {
                Some(key) => {
                    map.insert(key, value);
                }
                None => self.is_odd = true,
            },
            None => self.root = Some(value),
        }
    }
}
