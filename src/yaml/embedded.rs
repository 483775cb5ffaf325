//! Documents inside strings of other documents, any number of levels down.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::Value;

use super::edit::{EditError, Edited};
use super::locate::Change;
use super::session::Session;
use super::{ini, ini_edit};

/// A document inside a string field: a configuration in a ConfigMap, base64 in a Secret, values in a HelmChart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Embedded {
    /// The string field.
    pub field: PointerBuf,
    /// How the document became a string.
    pub encoding: Encoding,
    /// What the document is.
    pub format: Format,
}

/// How a document becomes a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// In base64, as in a Secret's `data`.
    Base64,
    /// Behind the first `=`, as in `key=text`.
    Assigned,
}

/// What an embedded document is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML.
    #[default]
    Yaml,
    /// JSON, and it stays JSON.
    Json,
    /// INI as Grafana and Gitea read it: section → key → text. Keys before the first section are in the section `""`.
    Ini,
}

/// Applies a patch to a document inside strings, outermost first. Every level keeps its bytes outside the edited place,
/// and every level is proved. An absent, null or empty field is an empty document, written new.
pub fn edit_within(text: &str, inside: &[Embedded], patch: &Patch) -> Result<String, EditError> {
    Ok(edit_within_noted(text, inside, patch)?.text)
}

/// The same, saying also what had to be written anew; pointers are those of the level they are in.
pub fn edit_within_noted(text: &str, inside: &[Embedded], patch: &Patch) -> Result<Edited, EditError> {
    edit_level(text, Format::Yaml, inside, patch)
}

fn edit_level(text: &str, format: Format, inside: &[Embedded], patch: &Patch) -> Result<Edited, EditError> {
    if format == Format::Ini {
        return edit_ini(text, inside, patch);
    }
    let mut session = Session::open(text, format == Format::Json)?;
    let Some((at, deeper)) = inside.split_first() else {
        if session.value.is_null() && needs_mapping(patch) {
            session.change(Pointer::root(), Change::Replace(Value::Object(serde_json::Map::new())))?;
        }
        session.patch(patch)?;
        return Ok(session.close());
    };
    if session.value.is_null() {
        session.change(Pointer::root(), Change::Replace(Value::Object(serde_json::Map::new())))?;
    }
    let old = field(&session.value, at)?;
    let inner = decoded(old, at)?;
    let edited = edit_level(&inner, at.format, deeper, patch).map_err(|cause| within(at, cause))?;
    if edited.text != inner {
        let new = Value::String(encoded(&edited.text, old, at));
        let is_there = session.value.pointer(at.field.as_str()).is_some();
        session.change(&at.field, if is_there { Change::Replace(new) } else { Change::Add(new) })?;
    }
    let mut outer = session.close();
    outer.notes.extend(edited.notes);
    Ok(outer)
}

fn edit_ini(text: &str, inside: &[Embedded], patch: &Patch) -> Result<Edited, EditError> {
    let Some((at, deeper)) = inside.split_first() else {
        return Ok(Edited { text: ini_edit::edit(text, patch)?, notes: Vec::new() });
    };
    let value = ini::value(text)?;
    let old = field(&value, at)?;
    let inner = decoded(old, at)?;
    let edited = edit_level(&inner, at.format, deeper, patch).map_err(|cause| within(at, cause))?;
    if edited.text == inner {
        return Ok(Edited { text: text.to_owned(), notes: edited.notes });
    }
    let new = AddOperation { path: at.field.clone(), value: Value::String(encoded(&edited.text, old, at)) };
    let text = ini_edit::edit(text, &Patch(vec![PatchOperation::Add(new)]))?;
    Ok(Edited { text, notes: edited.notes })
}

/// An embedded document as data; null when the field is absent or null.
pub fn embedded_value(value: &Value, at: &Embedded) -> Result<Value, EditError> {
    let text = embedded_text(value, at)?;
    match at.format {
        _ if value.pointer(at.field.as_str()).is_none_or(Value::is_null) => Ok(Value::Null),
        Format::Ini => ini::value(&text).map_err(EditError::Syntax),
        Format::Yaml | Format::Json => Session::open(&text, at.format == Format::Json).map(|session| session.value),
    }
}

/// Puts another text into the field of a document that holds one, in the way the old one was written.
pub fn set_text(text: &str, field: &Pointer, encoding: Encoding, new: &str) -> Result<String, EditError> {
    let mut session = Session::open(text, false)?;
    let at = Embedded { field: field.to_buf(), encoding, format: Format::Yaml };
    let old = self::field(&session.value, &at)?;
    let value = Value::String(encoded(new, old, &at));
    session.change(field, Change::Replace(value))?;
    Ok(session.close().text)
}

/// The decoded text of an embedded document; empty when the field is absent or null.
pub fn embedded_text(value: &Value, at: &Embedded) -> Result<String, EditError> {
    decoded(field(value, at)?, at)
}

/// True when the patch goes into a mapping that an empty document does not have.
fn needs_mapping(patch: &Patch) -> bool {
    patch.0.first().is_some_and(|first| !matches!(first, PatchOperation::Test(_)) && !first.path().is_root())
}

fn error(at: &Embedded, message: &str) -> EditError {
    // The value itself is never shown: it may be a Secret's.
    EditError::Embedded { field: at.field.clone(), message: message.to_owned() }
}

/// A syntax error's line counts inside the string; the message says so.
fn within(at: &Embedded, cause: EditError) -> EditError {
    match cause {
        EditError::Syntax(cause) => error(at, &format!("inside it, {cause}")),
        cause => cause,
    }
}

fn field<'v>(value: &'v Value, at: &Embedded) -> Result<&'v str, EditError> {
    match value.pointer(at.field.as_str()) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(error(at, "its value is no string")),
    }
}

fn decoded(text: &str, at: &Embedded) -> Result<String, EditError> {
    match at.encoding {
        Encoding::Plain => return Ok(text.to_owned()),
        Encoding::Assigned => return Ok(text.split_once('=').map_or("", |(_, text)| text).to_owned()),
        Encoding::Base64 => {}
    }
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed).map_err(|_| error(at, "its value is no base64"))?;
    String::from_utf8(bytes).map_err(|_| error(at, "what its base64 decodes to is no UTF-8 text"))
}

/// The text as the field's new string: base64 in the wrapping of the old one.
fn encoded(text: &str, old: &str, at: &Embedded) -> String {
    match at.encoding {
        Encoding::Plain => return text.to_owned(),
        Encoding::Assigned => {
            let key = old.split_once('=').map_or(old, |(key, _)| key);
            return format!("{key}={text}");
        }
        Encoding::Base64 => {}
    }
    let packed = STANDARD.encode(text);
    let body = old.trim_end();
    let tail = old.get(body.len()..).unwrap_or_default();
    let lead = body.len() - body.trim_start().len();
    let (lead, body) = body.split_at(lead);
    let Some(width) = body.find(|c: char| c.is_ascii_whitespace()) else {
        return format!("{lead}{packed}{tail}");
    };
    let rest = body.get(width..).unwrap_or_default();
    let gap = rest.get(..rest.len() - rest.trim_start().len()).unwrap_or_default();
    let lines: Vec<&str> = (0..packed.len())
        .step_by(width.max(1))
        .filter_map(|from| packed.get(from..packed.len().min(from + width)))
        .collect();
    format!("{lead}{}{tail}", lines.join(gap))
}
