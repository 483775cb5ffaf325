//! Turns changes into text. The only stage that knows any; every edit is proved before it counts.

use std::collections::BTreeMap;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use serde_json::{Value, json};

use crate::krm::{Change, ObjectRef};
use crate::parallel;
use crate::plan::Addition;
use crate::read::{Document, Form, Part, Source, Within};
use crate::yaml::{
    EditError, Embedded, Entry, LineBreak, Outline, Style, edit_env, edit_within, env_values, set_text, to_yaml,
};

mod host;

/// An edit that did not come out as planned, or cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place cannot be edited without changing others; the user has a way out.
    #[error("{object}: {reason}")]
    Refused {
        /// The object.
        object: Box<ObjectRef>,
        /// Pointer to the place, in the document it is in.
        pointer: String,
        /// What must hold.
        reason: String,
    },
    /// A failed proof: our bug.
    #[error(
        "{object}: the edited text does not mean what was planned; nothing was changed. This is a bug of private-sso, please report it: {reason}"
    )]
    Unfaithful {
        /// The object.
        object: Box<ObjectRef>,
        /// What differed.
        reason: String,
    },
}

/// Every source's text with the changes made, in the order of the sources.
///
/// # Errors
/// One edit failed; then none counts.
pub fn apply(
    sources: &[Source],
    objects: &[crate::krm::Object],
    changes: &[Change],
    additions: &[Addition],
) -> Result<Vec<String>, Error> {
    let mut by_object: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    for change in changes {
        let steps = by_object.entry(change.object).or_default();
        match steps.last_mut() {
            // Operations on one document, one after the other, are one patch.
            Some(last) if last.inside == change.inside => last.patch.0.extend(change.patch.0.iter().cloned()),
            _ => steps.push(Step { inside: change.inside.clone(), patch: change.patch.clone() }),
        }
    }
    let new_objects = host::placed(objects, additions);
    let edits = Edits { objects, by_object, new_objects };
    let mut texts = sources.iter().map(|source| edits.source(source)).collect::<Result<Vec<String>, Error>>()?;
    for (index, source) in sources.iter().enumerate() {
        if let Some(within) = source.within.as_ref().filter(|_| texts[index] != source.text) {
            texts[within.source] = put_back(&texts[within.source], within, &texts[index])?;
        }
    }
    Ok(texts)
}

/// The outer text with a new text in the field that holds it.
fn put_back(outer: &str, within: &Within, text: &str) -> Result<String, Error> {
    set_text(outer, &within.field, within.encoding, text)
        .map_err(|error| Error::Unfaithful { object: Box::default(), reason: error.to_string() })
}

/// A patch on one document of an object.
struct Step {
    inside: Vec<Embedded>,
    patch: Patch,
}

struct Edits<'a> {
    objects: &'a [crate::krm::Object],
    by_object: BTreeMap<usize, Vec<Step>>,
    /// New objects by the object they stand beside.
    new_objects: Vec<(usize, Value)>,
}

impl Edits<'_> {
    fn source(&self, source: &Source) -> Result<String, Error> {
        let mut out = String::with_capacity(source.text.len());
        let mut done = 0;
        for document in &source.documents {
            let slice = |from: usize, to: usize| source.text.get(from..to).unwrap_or_default();
            out.push_str(slice(done, document.range.start));
            out.push_str(&self.document(slice(document.range.start, document.range.end), document)?);
            done = document.range.end;
        }
        out.push_str(source.text.get(done..).unwrap_or_default());
        Ok(out)
    }

    fn document(&self, text: &str, document: &Document) -> Result<String, Error> {
        match &document.form {
            Form::Opaque => Ok(text.to_owned()),
            Form::Object(index) => {
                let mut edited = match self.by_object.get(index) {
                    Some(steps) => self.steps(text, steps, *index)?,
                    None => text.to_owned(),
                };
                let style = style_of(text);
                for (_, value) in self.new_objects.iter().filter(|(beside, _)| beside == index) {
                    let line_break = style.line_break.as_str();
                    if !edited.ends_with('\n') {
                        edited.push_str(line_break);
                    }
                    edited.push_str("---");
                    edited.push_str(line_break);
                    edited.push_str(&to_yaml(value, &style));
                }
                Ok(edited)
            }
            Form::Env { object, field } => self.env(text, *object, field),
            Form::List { parts, outline } => self.list(text, parts, outline),
        }
    }

    /// The lines of an env file are one field of the object that is made of it; nothing else of the object stands there.
    fn env(&self, text: &str, index: usize, field: &str) -> Result<String, Error> {
        let steps = self.by_object.get(&index).map(Vec::as_slice).unwrap_or_default();
        let is_beside = self.new_objects.iter().any(|(beside, _)| *beside == index);
        if steps.is_empty() && !is_beside {
            return Ok(text.to_owned());
        }
        let object = || Box::new(self.objects.get(index).map(|object| object.id.clone()).unwrap_or_default());
        let refused = |pointer: &str| {
            Error::Refused {
            object: object(),
            pointer: pointer.to_owned(),
            reason: "must be made by the generator in another way: its env file holds one line of text for each key, and nothing else".to_owned(),
        }
        };
        let first = steps.first().and_then(|step| Some(step.patch.0.first()?.path().to_string())).unwrap_or_default();
        if is_beside || steps.iter().any(|step| !step.inside.is_empty()) {
            return Err(refused(&first));
        }
        let mut value = json!({field: env_values(text).unwrap_or_default()});
        for step in steps {
            json_patch::patch(&mut value, &step.patch).map_err(|_| refused(&first))?;
        }
        let is_all = value.as_object().is_some_and(|map| map.keys().all(|key| key == field));
        let wanted: Option<BTreeMap<String, String>> = serde_json::from_value(value[field].clone()).ok();
        let wanted = wanted.filter(|_| is_all).ok_or_else(|| refused(&first))?;
        edit_env(text, &wanted).map_err(|error| self.error(index, error))
    }

    fn steps(&self, text: &str, steps: &[Step], object: usize) -> Result<String, Error> {
        let mut text = text.to_owned();
        for step in steps {
            text = edit_within(&text, &step.inside, &step.patch).map_err(|error| self.error(object, error))?;
        }
        Ok(text)
    }

    fn error(&self, object: usize, error: EditError) -> Error {
        let object = Box::new(self.objects.get(object).map(|object| object.id.clone()).unwrap_or_default());
        match error {
            EditError::Alias { pointer, .. } => {
                let reason = "must not be shared: through an anchor or alias an edit there changes other places too; write the value out";
                Error::Refused { object, pointer: pointer.to_string(), reason: reason.to_owned() }
            }
            EditError::Merge { pointer, .. } => {
                let reason =
                    "must be written out where it is to differ: a merge key (`<<`) brings it from another mapping";
                Error::Refused { object, pointer: pointer.to_string(), reason: reason.to_owned() }
            }
            EditError::Embedded { field, message } => Error::Refused {
                object,
                pointer: field.to_string(),
                reason: format!("must hold a document: {message}"),
            },
            EditError::Unwritable { pointer, message } => Error::Refused {
                object,
                pointer: pointer.to_string(),
                reason: format!("must be something that can be written there: {message}"),
            },
            other => Error::Unfaithful { object, reason: other.to_string() },
        }
    }

    fn list(&self, text: &str, parts: &[Part], outline: &Outline) -> Result<String, Error> {
        let entries = outline.entries.as_deref().unwrap_or_default();
        let touched: Vec<Touched<'_>> = parts
            .iter()
            .filter_map(|part| {
                let steps = self.by_object.get(&part.object).map(Vec::as_slice).unwrap_or_default();
                let new = self.new_objects.iter().filter(|(beside, _)| *beside == part.object);
                let new: Vec<Value> = new.map(|(_, value)| value.clone()).collect();
                let is_touched = !steps.is_empty() || !new.is_empty();
                is_touched.then_some(Touched { part, entry: entries.get(part.entry)?, steps, new })
            })
            .collect();
        let is_shared = touched.iter().any(|t| !t.steps.is_empty() && (t.entry.borrows || t.entry.lends));
        let is_in_brackets = touched.iter().any(|t| !t.new.is_empty() && t.entry.dash.is_none());
        if is_shared || is_in_brackets {
            return self.whole(text, &touched);
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let bytes = touched.iter().map(|touched| touched.entry.range.len()).sum();
        let edited = parallel::map(&touched, bytes, |_, touched| {
            self.steps(&touched.entry.document(text), touched.steps, touched.part.object)
        });
        for (Touched { part, entry, new, .. }, edited) in touched.iter().zip(edited) {
            out.push_str(slice(done, entry.range.start));
            let edited = edited?;
            let restored = entry.restore(text, &edited).ok_or_else(|| Error::Unfaithful {
                object: Box::new(self.objects.get(part.object).map(|object| object.id.clone()).unwrap_or_default()),
                reason: "the entry lost its dash".to_owned(),
            })?;
            out.push_str(&restored);
            if !new.is_empty() {
                out.push_str(
                    &outline.behind(text, part.entry, new, style_of(&entry.document(text))).unwrap_or_default(),
                );
            }
            done = entry.range.end;
        }
        out.push_str(slice(done, text.len()));
        Ok(out)
    }

    /// Edits through the whole list: where entries share anchors, or the list is in brackets.
    fn whole(&self, text: &str, touched: &[Touched<'_>]) -> Result<String, Error> {
        let mut text = text.to_owned();
        for Touched { part, steps, .. } in touched {
            let base = PointerBuf::from_tokens(["items".to_owned(), part.entry.to_string()]);
            for step in *steps {
                let (inside, patch) = rebase(&base, step);
                text = edit_within(&text, &inside, &patch).map_err(|error| self.error(part.object, error))?;
            }
        }
        let path = PointerBuf::from_tokens(["items", "-"]);
        let new = touched.iter().flat_map(|touched| &touched.new);
        let operations: Vec<PatchOperation> =
            new.map(|value| PatchOperation::Add(AddOperation { path: path.clone(), value: value.clone() })).collect();
        if !operations.is_empty() {
            let patch = Patch(operations);
            text = edit_within(&text, &[], &patch).map_err(|error| self.error(usize::MAX, error))?;
        }
        Ok(text)
    }
}

/// An entry of a list that changes, or that new ones follow.
struct Touched<'a> {
    part: &'a Part,
    entry: &'a Entry,
    steps: &'a [Step],
    new: Vec<Value>,
}

/// The same step seen from further out.
fn rebase(base: &PointerBuf, step: &Step) -> (Vec<Embedded>, Patch) {
    let under = |path: &PointerBuf| {
        let mut full = base.clone();
        full.append(path);
        full
    };
    let mut inside = step.inside.clone();
    if let Some(first) = inside.first_mut() {
        first.field = under(&first.field);
        return (inside, step.patch.clone());
    }
    let operations = step.patch.0.iter().map(|operation| match operation {
        PatchOperation::Add(op) => PatchOperation::Add(AddOperation { path: under(&op.path), value: op.value.clone() }),
        PatchOperation::Replace(op) => {
            PatchOperation::Replace(ReplaceOperation { path: under(&op.path), value: op.value.clone() })
        }
        PatchOperation::Remove(op) => PatchOperation::Remove(RemoveOperation { path: under(&op.path) }),
        PatchOperation::Test(op) => {
            PatchOperation::Test(TestOperation { path: under(&op.path), value: op.value.clone() })
        }
        other => other.clone(),
    });
    (inside, Patch(operations.collect()))
}

/// New documents look like the one they stand beside.
fn style_of(text: &str) -> Style {
    let line_break = if text.contains("\r\n") { LineBreak::CrLf } else { LineBreak::Lf };
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let wide = lines.windows(2).find_map(|pair| {
        let [key, item] = pair else { return None };
        let is_list = key.trim_end().ends_with(':') && item.trim_start().starts_with("- ");
        is_list.then(|| indent(item) > indent(key.trim_start_matches("- ")))
    });
    Style { indented_sequences: wide.unwrap_or(false), line_break, ..Style::default() }
}
