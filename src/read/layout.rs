//! How a source is made up: its documents, and the entries of the lists among them.

use std::ops::Range;

use crate::yaml::Outline;

/// One file, or standard input.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as given; nothing for standard input.
    pub name: Option<String>,
    /// Every byte, as received.
    pub text: String,
    /// The documents that hold something.
    pub documents: Vec<Document>,
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
