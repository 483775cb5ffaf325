//! Says of each finding in which file, and on which line, it is: lines of files that we opened, else what the host's
//! annotations say.

use std::collections::HashMap;

use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use crate::krm::{Finding, Location, Object, ObjectRef, Place, mask};
use crate::read::{Document, Form, Source};
use crate::yaml::{Embedded, Encoding, Kind, ScalarStyle, Tree, env_line};

/// The annotation by which an object says which findings it does not want to hear of.
const IGNORE: &str = "sso.kidd.network/ignore";

/// Fills in file, line and excerpt of each finding, and of its other end; what the place itself says to ignore goes.
pub fn locate(sources: &[Source], objects: &[Object], findings: &mut Vec<Finding>) {
    let mut lines = Lines { sources, trees: HashMap::new() };
    let object_of = |finding: &Finding| match &finding.place {
        Some(place) => objects.get(place.object),
        None => finding.object.as_ref().and_then(|id| objects.iter().find(|object| object.id == *id)),
    };
    for finding in findings.iter_mut() {
        // A file without a kind has no name to be found by.
        let named = |id: &ObjectRef| {
            let found = objects.iter().position(|object| object.id == *id);
            found.filter(|_| !id.kind.is_empty())
        };
        let index = match &finding.place {
            Some(place) => Some(place.object),
            None => finding.object.as_ref().and_then(named),
        };
        if let Some(object) = index.and_then(|index| objects.get(index)) {
            let place = finding.place.clone().unwrap_or_else(|| Place::object(index.unwrap_or_default()));
            (finding.file, finding.index, finding.line) = lines.of(object, &place);
            let source = sources.get(object.location.source);
            finding.excerpt = finding.line.and_then(|line| excerpt(source?, object, line));
        }
        if let Some(related) = finding.related.as_mut()
            && let Some(object) = objects.get(related.place.object)
        {
            (related.file, _, related.line) = lines.of(object, &related.place);
        }
    }
    findings.retain(|finding| {
        let Some(object) = object_of(finding) else { return true };
        let annotated = object.annotation(IGNORE).unwrap_or_default();
        let is_annotated = annotated.split([',', ' ']).any(|code| code == finding.code.name);
        let source = sources.get(object.location.source);
        let is_commented = || {
            finding.line.is_some_and(|line| source.is_some_and(|source| says_ignore(source, line, finding.code.name)))
        };
        !is_annotated && !is_commented()
    });
}

/// Says which document it is whose mistakes these are: a host may have several, and they may lie in several packages.
pub(super) fn in_document(document: &Value, findings: &mut Vec<Finding>) {
    let id = Some(ObjectRef::of(document)).filter(|id| !id.kind.is_empty() && !id.name.is_empty());
    for finding in findings {
        finding.object.clone_from(&id);
        (finding.file, finding.index) = host_file(document);
    }
}

/// The file and the position in it, as the host says.
fn host_file(object: &Value) -> (Option<String>, Option<u64>) {
    let annotations = object.pointer("/metadata/annotations");
    let annotation = |key: &str| Some(annotations?.get(key)?.as_str()?.to_owned());
    let file = annotation("internal.config.kubernetes.io/path").or_else(|| annotation("config.kubernetes.io/path"));
    (file, annotation("internal.config.kubernetes.io/index").and_then(|index| index.parse().ok()))
}

/// Whether a line, or the comment above it, says `# private-sso: ignore CODE reason`. Without a reason it says nothing.
fn says_ignore(source: &Source, line: usize, code: &str) -> bool {
    let says = |text: &str| {
        let Some((_, rest)) = text.split_once("# private-sso: ignore ") else { return false };
        let mut words = rest.split_whitespace();
        words.next() == Some(code) && words.next().is_some()
    };
    let at = |number: usize| number.checked_sub(1).and_then(|index| source.text.lines().nth(index));
    at(line).is_some_and(says)
        || at(line.saturating_sub(1)).is_some_and(|above| above.trim_start().starts_with('#') && says(above))
}

/// Trees of the documents that findings are in, each parsed once.
struct Lines<'a> {
    sources: &'a [Source],
    trees: HashMap<Location, Option<(Tree, usize)>>,
}

impl Lines<'_> {
    fn of(&mut self, object: &Object, place: &Place) -> (Option<String>, Option<u64>, Option<usize>) {
        let name = self.sources.get(object.location.source).and_then(|source| source.name.clone());
        if let Some(name) = name {
            return (Some(name), None, self.line(object, place));
        }
        let (file, index) = host_file(&object.value);
        (file, index, None)
    }

    fn line(&mut self, object: &Object, place: &Place) -> Option<usize> {
        let sources = self.sources;
        let source = sources.get(object.location.source)?;
        if let Form::Env { .. } = source.documents.get(object.location.document)?.form {
            return place.at.last().and_then(|key| env_line(&source.text, &key.decoded()));
        }
        let tree = self.trees.entry(object.location.clone()).or_insert_with(|| tree_of(sources, object));
        let (tree, first_line) = tree.as_ref()?;
        Some(first_line + line_in(tree, &place.inside, &place.at)? - 1)
    }
}

fn tree_of(sources: &[Source], object: &Object) -> Option<(Tree, usize)> {
    let source = sources.get(object.location.source)?;
    let document: &Document = source.documents.get(object.location.document)?;
    let text = source.text.get(document.range.clone())?;
    match &document.form {
        Form::List { outline, .. } => {
            let entry = outline.entries.as_ref()?.get(object.location.entry?)?;
            Some((Tree::parse(&entry.document(text)).ok()?, document.first_line + entry.first_line - 1))
        }
        _ => Some((Tree::parse(text).ok()?, document.first_line)),
    }
}

/// The line of a field, or of the nearest parent that stands; inside a text, where its lines are lines of the file.
fn line_in(tree: &Tree, inside: &[Embedded], at: &PointerBuf) -> Option<usize> {
    let (outer, deeper) = match inside.split_first() {
        Some((first, deeper)) => (&first.field, Some((first, deeper))),
        None => (at, None),
    };
    let mut pointer = outer.clone();
    let line = loop {
        if let Some(line) = tree.line_of(&pointer) {
            break line;
        }
        pointer.pop_back()?;
    };
    let within = || {
        let (first, deeper) = deeper?;
        let (_, id) = tree.find(outer)?;
        let Kind::Scalar { text, style: ScalarStyle::Literal } = &tree.node(id).kind else {
            return None;
        };
        if first.encoding != Encoding::Plain {
            return None;
        }
        let header = tree.text().get(..tree.node(id).span().start)?.matches('\n').count() + 1;
        Some(header + line_in(&Tree::parse(text).ok()?, deeper, at)?)
    };
    Some(within().unwrap_or(line))
}

/// The line itself, secrets masked.
fn excerpt(source: &Source, object: &Object, line: usize) -> Option<String> {
    source.name.as_ref()?;
    let text = source.text.lines().nth(line - 1)?.trim_end();
    // A flag and its value may stand on two lines.
    let before = line.checked_sub(2).and_then(|index| source.text.lines().nth(index)).unwrap_or_default().trim();
    let follows_flag = before.starts_with("- -") && mask::is_secret_name(before) && !before.contains('=');
    let holds_secrets = object.id.kind == "Secret" && object.id.group().is_empty();
    Some(match (holds_secrets, follows_flag) {
        (true, _) => mask::line_of_secret(text),
        (_, true) => mask::MASK.to_owned(),
        _ => mask::line(text),
    })
}
