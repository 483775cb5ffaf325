//! What changes, as a unified diff that `git apply` takes.

use similar::TextDiff;

/// The diff of one file; nothing where it stays as it is.
pub fn unified_diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let diff = TextDiff::from_lines(old, new);
    // A tab ends a name with spaces, as in GNU diff.
    let end = if name.contains(' ') { "\t" } else { "" };
    diff.unified_diff().header(&format!("a/{name}{end}"), &format!("b/{name}{end}")).to_string()
}
