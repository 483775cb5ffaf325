//! The wire's words: objects, where they stand, and what is said about them.

pub mod codes;
pub mod files;
pub mod finding;
pub mod generators;
pub mod manifests;
pub mod mask;
pub mod object;
pub mod pod;

pub use codes::Code;
pub use files::{FilePath, Files};
pub use finding::{Finding, Related, Severity};
pub use manifests::{Change, Manifests, Place};
pub use object::{Location, Object, ObjectRef};
