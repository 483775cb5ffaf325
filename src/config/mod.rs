//! The `PrivateSSO` document: the shape people write, and the shape that cannot be wrong.

pub mod certificate;
pub mod document;
pub mod selector;
pub mod shape;
pub mod v1alpha1;

pub use document::{Access, Client, ClientSecret, Config, KeyRef, Settings, Source, Trust};

/// The API version of the document.
pub const API_VERSION: &str = "sso.kidd.network/v1alpha1";
/// The kind that wires.
pub const KIND: &str = "PrivateSSO";
/// The kind that only reports.
pub const CHECK_KIND: &str = "PrivateSSOCheck";
