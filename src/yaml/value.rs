//! A tree as JSON: aliases expanded, merge keys applied, scalars read by the core schema.

use serde_json::{Map, Value};

use super::lines::line_number;
use super::scalar::resolve_tagged;
use super::syntax::SyntaxError;
use super::tree::{Kind, NodeId, Tree};

/// How many bytes and nodes aliases may add before the document is taken for an attack.
const EXPANSION: usize = 8 << 20;
/// How deep a value may nest, its aliases expanded.
const DEPTH: usize = 400;

impl Tree {
    /// The document as JSON. Keys keep their order and become text; duplicate keys are an error.
    pub fn value(&self) -> Result<Value, SyntaxError> {
        self.value_of(self.root)
    }

    /// One node of the document as JSON.
    pub fn value_of(&self, id: NodeId) -> Result<Value, SyntaxError> {
        Reader { tree: self, expanded: 0, aliases: Vec::new(), depth: 0 }.value(id)
    }
}

struct Reader<'t> {
    tree: &'t Tree,
    /// What was read through aliases so far.
    expanded: usize,
    /// The anchored nodes being expanded right now.
    aliases: Vec<NodeId>,
    depth: usize,
}

impl Reader<'_> {
    fn error(&self, id: NodeId, message: impl Into<String>) -> SyntaxError {
        SyntaxError::at(&self.tree.text, self.tree.node(id).start, message)
    }

    fn value(&mut self, id: NodeId) -> Result<Value, SyntaxError> {
        let node = self.tree.node(id);
        if self.depth > DEPTH {
            return Err(self.error(id, format!("values must nest less than {DEPTH} deep")));
        }
        if !self.aliases.is_empty() {
            self.expanded += 16 + if let Kind::Scalar { text, .. } = &node.kind { text.len() } else { 0 };
            if self.expanded > EXPANSION {
                return Err(self.error(id, "aliases must not expand to more than 8 MiB"));
            }
        }
        self.depth += 1;
        let value = match &node.kind {
            Kind::Scalar { text, style } => resolve_tagged(text, *style, node.tag),
            Kind::Sequence { items, .. } => {
                Value::Array(items.iter().map(|item| self.value(*item)).collect::<Result<_, _>>()?)
            }
            Kind::Mapping { entries, .. } => Value::Object(self.mapping(entries)?),
            Kind::Alias { target } => {
                // A node is inside itself when the alias stands within its span.
                let around = self.tree.node(*target).span();
                if around.contains(&node.start) || self.aliases.contains(target) {
                    return Err(self.error(id, "an alias must not stand inside the node it repeats"));
                }
                self.aliases.push(*target);
                let value = self.value(*target)?;
                self.aliases.pop();
                value
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn mapping(&mut self, entries: &[(NodeId, NodeId)]) -> Result<Map<String, Value>, SyntaxError> {
        let tree = self.tree;
        let mut map = Map::new();
        let mut merges = Vec::new();
        for (key, value) in entries {
            if tree.is_merge(*key) {
                if let Some(first) = merges.first() {
                    return Err(self.duplicate("<<", *first, *key));
                }
                merges.push(*key);
                continue;
            }
            let text = tree.key_text(*key);
            if map.contains_key(text) {
                let is_same = |(other, _): &&(NodeId, NodeId)| !tree.is_merge(*other) && tree.key_text(*other) == text;
                let first = entries.iter().find(is_same).map_or(*key, |(first, _)| *first);
                return Err(self.duplicate(text, first, *key));
            }
            let value = self.value(*value)?;
            map.insert(text.to_owned(), value);
        }
        if !merges.is_empty() {
            self.merge(entries, &mut map)?;
        }
        Ok(map)
    }

    /// Adds what `<<` names and the mapping itself does not say; earlier mappings win.
    fn merge(&mut self, entries: &[(NodeId, NodeId)], map: &mut Map<String, Value>) -> Result<(), SyntaxError> {
        for (key, value) in entries {
            if !self.tree.is_merge(*key) {
                continue;
            }
            let values = match self.value(*value)? {
                Value::Array(values) => values,
                value => vec![value],
            };
            for value in values {
                let Value::Object(merged) = value else {
                    return Err(self.error(*key, "the merge key `<<` must have mappings as its value"));
                };
                for (key, value) in merged {
                    map.entry(key).or_insert(value);
                }
            }
        }
        Ok(())
    }

    fn duplicate(&self, key: &str, first: NodeId, second: NodeId) -> SyntaxError {
        let first = line_number(&self.tree.text, self.tree.node(first).start);
        let error = self.error(second, format!("key `{key}` must stand once"));
        SyntaxError { first: Some(first), ..error }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Tree;

    fn value(text: &str) -> Value {
        Tree::parse(text).unwrap().value().unwrap()
    }

    fn error(text: &str) -> String {
        Tree::parse(text).and_then(|tree| tree.value()).unwrap_err().to_string()
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text = "a: 1\nb: yes\nc: ~\nd:\ne: 0x1f\nf: 1e3\ng: '1'\nh: 99999999999999999999\ni: .nan\nj: !!str 5\nk: 0o17\nl: 012\n";
        let expect = json!({"a": 1, "b": "yes", "c": null, "d": null, "e": 31, "f": 1000.0, "g": "1",
            "h": "99999999999999999999", "i": ".nan", "j": "5", "k": 15, "l": 12});
        assert_eq!(value(text), expect);
    }

    #[test]
    fn aliases_and_merges_are_applied() {
        let text = "base: &b {x: 1, y: 2}\nz:\n  <<: *b\n  y: 3\nw: [*b, *b]\n";
        let expect =
            json!({"base": {"x": 1, "y": 2}, "z": {"y": 3, "x": 1}, "w": [{"x": 1, "y": 2}, {"x": 1, "y": 2}]});
        assert_eq!(value(text), expect);
    }

    #[test]
    fn other_keys_become_text() {
        assert_eq!(
            value("1: a\ntrue: b\n~: c\n? [x, y]\n: d\n"),
            json!({"1": "a", "true": "b", "~": "c", "[x, y]": "d"})
        );
    }

    #[test]
    fn duplicate_keys_name_both_lines() {
        assert_eq!(
            error("a: 1\nb: 2\na: 3\n"),
            "line 3, column 1: key `a` must stand once, it stands on line 1 and on line 3"
        );
    }

    #[test]
    fn expansion_is_bounded() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (this, next) in "abcdefghij".chars().zip("bcdefghijk".chars()) {
            text +=
                &format!("{next}: &{next} [*{this}, *{this}, *{this}, *{this}, *{this}, *{this}, *{this}, *{this}]\n");
        }
        assert!(error(&text).contains("8 MiB"));
        assert!(error("a: &a [*a]").contains("inside the node"));
        assert!(error("a: &a {<<: *a}").contains("inside the node"));
    }

    #[test]
    fn an_empty_document_is_null() {
        assert_eq!((value(""), value("# c\n"), value("---\n")), (Value::Null, Value::Null, Value::Null));
    }
}
