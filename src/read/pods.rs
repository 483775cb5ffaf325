//! Objects of kinds that only the document says hold a pod template, or settings of an app. It may stand behind them in the very same text,
//! so they are looked into once it is known.

use std::borrow::Cow;

use serde_json::Value;

use super::{Form, Input, Unreadable, at_line};
use crate::krm::pod::PodTemplate;
use crate::krm::{Finding, Location, Object, codes};
use crate::yaml::{SyntaxError, value as yaml_value};

impl Input {
    /// Reads the objects of further kinds, and says where each has its pod template, if it has one.
    ///
    /// # Errors
    /// One of them, an item of a `ResourceList`, cannot be read. In a stream it passes with a warning.
    pub fn add_kinds(&mut self, kinds: &[PodTemplate]) -> Result<(), Unreadable> {
        let all = if kinds.is_empty() { 0 } else { self.objects.len() };
        for index in 0..all {
            let object = &self.objects[index];
            let Some(kind) = kinds.iter().find(|kind| kind.is_of(&object.id)) else {
                continue;
            };
            if object.value.is_null() {
                match self.late(&object.location) {
                    Ok(value) => self.objects[index].value = value.into(),
                    Err((error, true)) => return Err(error),
                    Err((error, false)) => {
                        let message = format!(
                            "must be YAML that Kubernetes can read: {}; the object was passed on as it is",
                            error.message
                        );
                        self.findings.push(Finding::new(&codes::DOCUMENT_IS_READABLE, message).on(&object.id));
                        continue;
                    }
                }
            }
            if let Some(path) = &kind.path {
                self.objects[index].pod_template = Some(Cow::Owned(path.clone()));
            }
        }
        Ok(())
    }

    /// The sources in which objects of these kinds were passed over: their text is needed for `add_kinds`.
    pub fn sources_with(&self, kinds: &[PodTemplate]) -> Vec<usize> {
        let is_one = |object: &&Object| object.value.is_null() && kinds.iter().any(|kind| kind.is_of(&object.id));
        let mut sources: Vec<usize> = self.objects.iter().filter(is_one).map(|o| o.location.source).collect();
        sources.dedup();
        sources
    }

    /// The data of an object that was passed over; an error with whether it is an item of a `ResourceList`.
    fn late(&self, location: &Location) -> Result<Value, (Unreadable, bool)> {
        let found = self.sources.get(location.source).and_then(|source| {
            let document = source.documents.get(location.document)?;
            Some((document, source.text.get(document.range.clone())?))
        });
        let Some((document, text)) = found else { return Ok(Value::Null) };
        let read = |text: &str, line: usize| {
            let value = yaml_value(text);
            value.map_err(|error: SyntaxError| at_line(error, line))
        };
        let (Form::List { outline, .. }, Some(index)) = (&document.form, location.entry) else {
            return read(text, document.first_line).map_err(|error| (error, false));
        };
        let is_function = outline.root.text(1) == Some("ResourceList");
        let value = match outline.entries.as_ref().and_then(|entries| entries.get(index)) {
            // An alias to another entry: only the whole list tells what it is.
            Some(entry) if entry.borrows => read(text, document.first_line)
                .map(|whole| whole.pointer(&format!("/items/{index}")).cloned().unwrap_or_default()),
            Some(entry) => read(&entry.document(text), document.first_line + entry.first_line - 1),
            None => Ok(Value::Null),
        };
        value.map_err(|error| (error, is_function))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widgets() -> Vec<PodTemplate> {
        vec![PodTemplate { group: "example.com".into(), kind: "Widget".into(), path: Some("/spec/pod".into()) }]
    }

    fn list(items: &str) -> String {
        format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}")
    }

    #[test]
    fn an_item_that_borrows_from_another_one_is_read() {
        let text = list(
            "- {apiVersion: example.com/v1, kind: Other, spec: &pod {pod: {spec: {}}}}\n- {apiVersion: example.com/v1, kind: Widget, spec: *pod}\n",
        );
        let mut input = Input::resource_list(text).unwrap();
        assert_eq!(input.objects[1].value, Value::Null.into());
        input.add_kinds(&widgets()).unwrap();
        assert!(input.objects[1].value.pointer("/spec/pod/spec").is_some());
        assert_eq!(input.objects[1].pod_template.as_deref(), Some("/spec/pod"));
        assert_eq!(input.objects[0].value, Value::Null.into());
    }

    #[test]
    fn one_that_cannot_be_read_ends_a_list_and_passes_in_a_stream() {
        let widget = "{apiVersion: example.com/v1, kind: Widget, spec: {a: 1, a: 2}}";
        let mut input = Input::resource_list(list(&format!("- {widget}\n"))).unwrap();
        assert_eq!(input.add_kinds(&widgets()).unwrap_err().line, Some(4));
        for text in [widget.to_owned(), format!("apiVersion: v1\nkind: List\nitems:\n- {widget}\n")] {
            let mut input = Input::default();
            input.add_stream(None, text).unwrap();
            input.add_kinds(&widgets()).unwrap();
            assert_eq!(input.findings.len(), 1);
            assert_eq!(input.objects[0].pod_template, None);
        }
    }
}
