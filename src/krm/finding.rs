//! Something to say about the user's manifests or document.

use std::fmt;

use serde_json::Value;

use super::{Code, ObjectRef, Place};

/// How bad it is, in the words of the KRM functions specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Will fail for sure.
    Error,
    /// May fail, or is unsafe.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The specification's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to say. `emit` turns it into a KRM result or a line of text.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What must hold.
    pub code: &'static Code,
    /// The code's own severity, or another where the case is milder or worse.
    pub severity: Severity,
    /// One line: what must hold, the value found, the way out. Never holds a secret.
    pub message: String,
    /// Whom it is about.
    pub object: Option<ObjectRef>,
    /// `spec.template.spec.containers[0].env`; with `/` before a part that lies inside a text.
    pub field: Option<String>,
    /// The same as the program finds it again: which object, through which texts, which pointer.
    pub place: Option<Place>,
    /// The file, or the host's path annotation.
    pub file: Option<String>,
    /// Position in that file, from the host's annotation.
    pub index: Option<u64>,
    /// Line in a file that we opened ourselves, from 1.
    pub line: Option<usize>,
    /// That line as it stands, secrets masked.
    pub excerpt: Option<String>,
    /// The value found; never a secret.
    pub current: Option<Value>,
    /// The value that would be right; never a secret.
    pub proposed: Option<Value>,
    /// The other end, where two ends do not agree.
    pub related: Option<Box<Related>>,
}

/// The other end of something that two ends must agree on.
#[derive(Clone, Debug)]
pub struct Related {
    /// What stands there.
    pub message: String,
    /// Whom it is about.
    pub object: ObjectRef,
    /// The field.
    pub field: String,
    /// The same as the program finds it again.
    pub place: Place,
    /// The file, or the host's path annotation.
    pub file: Option<String>,
    /// Line in a file that we opened ourselves, from 1.
    pub line: Option<usize>,
}

impl Finding {
    /// A finding with the code's own severity, about nothing in particular yet.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            object: None,
            field: None,
            place: None,
            file: None,
            index: None,
            line: None,
            excerpt: None,
            current: None,
            proposed: None,
            related: None,
        }
    }

    /// Says which object it is about.
    #[must_use]
    pub fn on(mut self, object: &ObjectRef) -> Self {
        self.object = Some(object.clone());
        self
    }

    /// Says which field it is about.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says where it is, object and field.
    #[must_use]
    pub fn in_place(mut self, object: &ObjectRef, place: Place) -> Self {
        self.object = Some(object.clone());
        self.field = Some(place.field("")).filter(|field| !field.is_empty());
        self.place = Some(place);
        self
    }

    /// Says where the other end is, and what stands there.
    #[must_use]
    pub fn against(mut self, object: &ObjectRef, place: Place, message: impl Into<String>) -> Self {
        let (object, field, message) = (object.clone(), place.field(""), message.into());
        self.related = Some(Box::new(Related { message, object, field, place, file: None, line: None }));
        self
    }

    /// Says the value found and the value that would be right.
    #[must_use]
    pub fn values(mut self, current: Option<Value>, proposed: Option<Value>) -> Self {
        self.current = current;
        self.proposed = proposed;
        self
    }

    /// Changes the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// A JSON pointer as people write field paths: `/spec/containers/0/env` is `spec.containers[0].env`.
pub fn field_path(pointer: &str) -> String {
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{token}]"));
        } else if token.starts_with('[') && token.ends_with(']') {
            path.push_str(&token);
        } else if token.contains(['.', '/', ' ']) {
            path.push_str(&format!("[\"{token}\"]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&token);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::field_path;

    #[test]
    fn pointers_read_as_field_paths() {
        assert_eq!(field_path("/spec/containers/0/env"), "spec.containers[0].env");
        assert_eq!(field_path("/oauth/[name=dex]/key"), "oauth[name=dex].key");
        assert_eq!(field_path("/data/oidc.config"), "data[\"oidc.config\"]");
        assert_eq!(field_path("/metadata/annotations/a~1b"), "metadata.annotations[\"a/b\"]");
    }
}
