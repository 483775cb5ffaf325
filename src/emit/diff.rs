//! What changes, as a unified diff that `git apply` takes.

use similar::{Algorithm, TextDiff};

/// From how many bytes on a diff need not be the shortest.
const LONG: usize = 1 << 18;

/// The diff of one file; nothing where it stays as it is.
pub fn unified_diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    // The shortest diff of a text with thousands of changes takes minutes; lines that stand once are held fast there.
    let algorithm = if old.len() < LONG { Algorithm::Myers } else { Algorithm::Patience };
    let diff = TextDiff::configure().algorithm(algorithm).diff_lines(old, new);
    diff.unified_diff().header(&shown("a", name), &shown("b", name)).to_string()
}

/// A name as `git apply` reads it: a tab ends one with spaces, as in GNU diff; what could end it early stands in quotes.
fn shown(side: &str, name: &str) -> String {
    let is_special = |c: char| c == '"' || c == '\\' || c.is_ascii_control();
    if !name.contains(is_special) {
        return format!("{side}/{name}{}", if name.contains(' ') { "\t" } else { "" });
    }
    let mut out = format!("\"{side}/");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_ascii_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn names_are_as_git_reads_them() {
        for (name, expected) in [
            ("dex/ü.yaml", "a/dex/ü.yaml"),
            ("my dex.yaml", "a/my dex.yaml\t"),
            ("a\"b\\c\n.yaml", r#""a/a\"b\\c\012.yaml""#),
        ] {
            assert_eq!(shown("a", name), expected);
        }
    }
}
