//! RFC 6902 on text: each operation is a splice, and the result is proved.

use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchError};

use super::session::Session;
use super::syntax::SyntaxError;

/// Why text was not edited. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text is no YAML.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The patch does not fit the document.
    #[error("patch must fit the document: {0}")]
    Patch(#[from] PatchError),
    /// The place is repeated elsewhere.
    #[error(
        "`{pointer}` on line {line} must not be shared: an anchor or alias makes an edit there change other places too; write the value out where it is to differ"
    )]
    Alias {
        /// The place of the edit.
        pointer: PointerBuf,
        /// Where the shared node or the alias stands, 1-based.
        line: usize,
    },
    /// The place comes from a merge key.
    #[error(
        "`{pointer}` on line {line} must be written where it is to differ: a merge key (`<<`) brings it from another mapping"
    )]
    Merge {
        /// The place of the edit.
        pointer: PointerBuf,
        /// Where the mapping stands, 1-based.
        line: usize,
    },
    /// A document inside a string is not there, or is none.
    #[error("`{field}` must hold a document: {message}")]
    Embedded {
        /// The string's place.
        field: PointerBuf,
        /// What is wrong.
        message: String,
    },
    /// The format has no way to write what the patch puts there.
    #[error("`{pointer}` must be something that can be written there: {message}")]
    Unwritable {
        /// The place of the edit.
        pointer: PointerBuf,
        /// What must hold.
        message: String,
    },
    /// The new text would not mean what was asked for.
    #[error(
        "`{pointer}` could not be edited faithfully; nothing was changed. This is a bug: please report it with the document around `{pointer}`"
    )]
    Unfaithful {
        /// The place of the edit.
        pointer: PointerBuf,
    },
}

/// Edited text, and what had to be written anew for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// Nodes whose layout could not be kept.
    pub notes: Vec<Note>,
}

/// A node that was written anew because no splice in its own layout gave the right meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The node.
    pub rewritten: PointerBuf,
}

/// Applies a patch to a document's text. Bytes outside the edited places stay as they are, and parsing the result gives
/// what [`json_patch::patch`] makes of the parsed text, else nothing is changed.
pub fn edit(text: &str, patch: &Patch) -> Result<String, EditError> {
    Ok(edit_noted(text, patch)?.text)
}

/// The same, saying also what had to be written anew.
pub fn edit_noted(text: &str, patch: &Patch) -> Result<Edited, EditError> {
    let mut session = Session::open(text, false)?;
    session.patch(patch)?;
    Ok(session.close())
}
