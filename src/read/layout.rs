//! How a source is made up: its documents, and the entries of the lists among them.

use std::ops::Range;

use json_patch::jsonptr::PointerBuf;

use crate::krm::FilePath;
use crate::yaml::{Encoding, Outline};

/// One file, standard input, or a text in another source.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The path as given; nothing for standard input.
    pub name: Option<String>,
    /// Where the file is, in a tree.
    pub path: Option<FilePath>,
    /// The text field that it is, where it is no file of its own.
    pub within: Option<Within>,
    /// Every byte, as received.
    pub text: String,
    /// The documents that hold something.
    pub documents: Vec<Document>,
}

/// The field of another source that holds a whole stream.
#[derive(Clone, Debug)]
pub struct Within {
    /// Index of that source.
    pub source: usize,
    /// The field in its only document.
    pub field: PointerBuf,
    /// How the text became a string.
    pub encoding: Encoding,
}

/// One document of a source.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its bytes in the source.
    pub range: Range<usize>,
    /// The line it begins on, from 1.
    pub first_line: usize,
    /// What it is.
    pub form: Form,
}

/// What a document is.
#[derive(Clone, Debug)]
pub enum Form {
    /// One object, by index.
    Object(usize),
    /// A list of objects.
    List {
        /// Its objects.
        parts: Vec<Part>,
        /// Where they stand.
        outline: Box<Outline>,
    },
    /// An env file: lines that are the data of one object.
    Env {
        /// Index of the object.
        object: usize,
        /// The field that they are.
        field: &'static str,
    },
    /// Something that cannot be read as an object; it passes as it is.
    Opaque,
}

/// One object of a list.
#[derive(Clone, Debug)]
pub struct Part {
    /// Index of the object.
    pub object: usize,
    /// Index of the entry.
    pub entry: usize,
}
