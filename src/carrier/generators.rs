//! What the generators of an ApplicationSet put into its template, as far as the tree shows it: folders of the repository
//! and lists that are written out.

use globset::GlobBuilder;
use serde_json::Value;

use super::text;
use crate::krm::{Manifests, Object, files};

/// Names and what stands for them, for one application.
pub(super) type Bindings = Vec<(String, String)>;

/// One set for each application; one empty set where nothing is known.
pub(super) fn bindings(manifests: &Manifests, object: &Object) -> Vec<Bindings> {
    let generators = object.value.pointer("/spec/generators").and_then(Value::as_array);
    let found: Vec<Bindings> = generators
        .into_iter()
        .flatten()
        .flat_map(|generator| {
            let mut all = elements(generator);
            all.extend(folders(manifests, object, generator));
            all
        })
        .collect();
    if found.is_empty() { vec![Bindings::new()] } else { found }
}

/// `list.elements`, the texts of each.
fn elements(generator: &Value) -> Vec<Bindings> {
    let elements = generator.pointer("/list/elements").and_then(Value::as_array).into_iter().flatten();
    let texts = |element: &Value| {
        let fields = element.as_object().into_iter().flatten();
        fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    };
    elements.map(texts).collect()
}

/// `git.directories`: each folder that a pattern matches and no `exclude` does.
fn folders(manifests: &Manifests, object: &Object, generator: &Value) -> Vec<Bindings> {
    let Some(file) = manifests.files.of(object) else { return Vec::new() };
    let patterns = generator.pointer("/git/directories").and_then(Value::as_array);
    let patterns: Vec<(globset::GlobMatcher, bool)> = patterns
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let glob = GlobBuilder::new(text(entry, "/path")?).literal_separator(true).build().ok()?;
            Some((glob.compile_matcher(), entry["exclude"] == true))
        })
        .collect();
    let matches =
        |folder: &str, exclude: bool| patterns.iter().any(|(glob, is)| *is == exclude && glob.is_match(folder));
    let below = manifests.files.folders(&file.root).filter_map(|folder| folder.strip_prefix(&file.root));
    let below = below.map(|folder| folder.trim_start_matches('/'));
    below
        .filter(|folder| matches(folder, false) && !matches(folder, true))
        .map(|folder| {
            let name = files::name(folder);
            [("path", folder), ("path.path", folder), ("path.basename", name)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .to_vec()
        })
        .collect()
}

/// A text of the template with what is known filled in: `{{path}}`, `{{ .path.basename }}`.
pub(super) fn fill(text: &str, bindings: &Bindings) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (inner, after))) =
        rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        let name = inner.trim().trim_start_matches('.');
        out.push_str(before);
        match bindings.iter().find(|(known, _)| known == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&format!("{{{{{inner}}}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn what_is_not_known_stays() {
        let bindings = vec![("path.basename".to_owned(), "dex".to_owned())];
        assert_eq!(fill("a/{{ .path.basename }}/{{x}}.yaml", &bindings), "a/dex/{{x}}.yaml");
        assert_eq!(fill("{{", &bindings), "{{");
    }
}
