//! A stream as a `ResourceList` and back, as text: nothing here parses or prints YAML.

use private_sso::yaml::{Tree, documents};
use serde_json::Value;

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

/// A stream's documents as block entries. Nothing where that cannot be said line by line: a byte order mark, directives
/// and `...`, content beside `---`, tabs as indentation, and a `List`, whose objects a host lays out one by one.
pub fn list_of(stream: &str, config: &str) -> Option<String> {
    let is_awkward = |line: &str| {
        (line.starts_with("---") && line.trim_end() != "---" && !line.starts_with("--- #"))
            || line.starts_with(['%', '\u{feff}', '\t'])
            || line.trim_end() == "..."
            || (line.starts_with("kind:") && line.trim_end().ends_with("List"))
    };
    if stream.lines().any(is_awkward) {
        return None;
    }
    let mut out = format!("{HEAD}functionConfig:\n");
    push_indented(&mut out, config.trim_start_matches("---\n"));
    out.push_str("items:\n");
    let mut lines = stream.split_inclusive('\n').peekable();
    while lines.peek().is_some() {
        let mut begun = false;
        for line in lines.by_ref().take_while(|line| !line.starts_with("---")) {
            let is_content = !line.trim().is_empty() && !line.starts_with('#');
            match (begun, is_content) {
                (false, true) => out.push_str("- "),
                (false, false) => {}
                (true, _) => out.push_str(if line.trim().is_empty() { "" } else { "  " }),
            }
            begun |= is_content;
            out.push_str(line);
        }
    }
    Some(out)
}

fn push_indented(out: &mut String, text: &str) {
    for line in text.split_inclusive('\n') {
        out.push_str(if line.trim().is_empty() { "" } else { "  " });
        out.push_str(line);
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The entries of a list as documents. Nothing where the list is not made of block entries, or an entry of it lies
/// otherwise than two columns behind its dash, or is itself a list, which the function does not look into.
pub fn stream_of(list: &str) -> Option<String> {
    let mut lines = list.split_inclusive('\n').skip_while(|line| line.trim_end() != "items:").skip(1).peekable();
    let indent = lines.peek()?.find('-')?;
    let dash = format!("{}- ", " ".repeat(indent));
    let inner = " ".repeat(indent + 2);
    let mut out = String::new();
    for line in lines {
        if line.trim_end() == format!("{inner}kind: List") {
            return None;
        }
        if let Some(rest) = line.strip_prefix(&dash) {
            if rest.starts_with([' ', '&', '*', '#', '{', '[', '-']) {
                return None;
            }
            out.push_str("---\n");
            out.push_str(rest);
        } else if let Some(rest) = line.strip_prefix(&inner) {
            out.push_str(rest);
        } else if line.trim().is_empty() || line.starts_with('#') {
            out.push_str(line);
        } else if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            break;
        } else {
            return None;
        }
    }
    Some(out)
}

/// Several files as one stream, as `render` writes them.
pub fn join(texts: &[String]) -> String {
    let mut out = String::new();
    for text in texts {
        if !out.is_empty() {
            if !out.ends_with('\n') {
                out.push('\n');
            }
            if !text.trim_start_matches('\u{feff}').starts_with("---") {
                out.push_str("---\n");
            }
        }
        out.push_str(if out.is_empty() { text } else { text.trim_start_matches('\u{feff}') });
    }
    out
}

/// The objects of a stream or a list, as data.
pub fn objects(text: &str) -> Vec<Value> {
    let values = documents(text).into_iter().filter_map(|piece| {
        let body = text.get(piece.range)?;
        Some(Tree::parse(body).and_then(|tree| tree.value()).unwrap_or_default())
    });
    let values = values.filter(|value| !value.is_null());
    values
        .flat_map(|mut value| match value.get_mut("items") {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => vec![value],
        })
        .collect()
}

/// A field of the only document of a text.
pub fn field(text: &str, name: &str) -> Option<Value> {
    let piece = documents(text).into_iter().next()?;
    Tree::parse(text.get(piece.range)?).and_then(|tree| tree.value()).ok()?.get(name).cloned()
}

/// Whether every document of a stream is a mapping that can be read.
pub fn holds_objects_only(stream: &str) -> bool {
    documents(stream).into_iter().all(|piece| {
        let value = Tree::parse(stream.get(piece.range).unwrap_or_default()).and_then(|tree| tree.value());
        value.is_ok_and(|value| value.is_object() || value.is_null())
    })
}
