//! YAML as text: read with byte positions, patched without touching any other byte.
//!
//! The layer knows nothing of what the documents are about. From bottom to top:
//!
//! | file | one idea |
//! |---|---|
//! | `lines` | where lines begin and end, and what is only white space or comment |
//! | `syntax` | the one error a reader can meet |
//! | `walk` | the parser's events with spans corrected |
//! | `lexer`, `lexemes` | the same of ordinary text, much faster; `values` makes JSON of it |
//! | `tree`, `value` | one document as a tree of spans, and as JSON |
//! | `documents`, `outline`, `facts` | a stream cut into documents, a list cut into entries, without a tree |
//! | `scalar`, `layout`, `write` | how a value is written so that every reader agrees on it |
//! | `splice`, `block`, `flow`, `locate` | one operation as splices of the text |
//! | `session`, `edit` | operations in order, each with its proof |
//! | `embedded`, `lined`, `quoted` | documents inside strings of other documents |
//! | `ini`, `ini_write`, `ini_edit` | INI as one of these documents |

mod block;
mod documents;
mod edit;
mod embedded;
mod env;
mod facts;
mod flow;
mod ini;
mod ini_edit;
mod ini_write;
mod layout;
mod lexemes;
mod lexer;
mod lined;
mod lines;
mod locate;
mod outline;
mod quoted;
mod scalar;
mod session;
mod splice;
mod syntax;
mod tree;
mod value;
mod values;
mod walk;
mod write;

pub use documents::{Document, documents};
pub use edit::{EditError, Edited, Note, edit, edit_noted};
pub use embedded::{
    Embedded, Encoding, Format, edit_within, edit_within_noted, embedded_text, embedded_value, set_text,
};
pub use env::{edit_env, env_line, env_values};
pub use facts::{Facts, Scalar, Wanted};
pub use outline::{Entry, Field, Outline, outline};
pub use scalar::{is_plain, resolve};
pub use syntax::SyntaxError;
pub use tree::{Kind, Node, NodeId, ScalarStyle, Tree};
pub use values::value;
pub use write::{LineBreak, Style, to_yaml};
