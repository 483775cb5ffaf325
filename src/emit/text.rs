//! One line per finding, for people.

use crate::config::shape::Mistake;
use crate::krm::Finding;
use crate::krm::finding::field_path;

/// `error[code] file:line Deployment ns/name spec.x: message`
pub fn finding_text(finding: &Finding) -> String {
    let mut out = format!("{}[{}]", finding.severity, finding.code.name);
    if let Some(file) = &finding.file {
        out.push_str(&format!(" {file}"));
        if let Some(line) = finding.line {
            out.push_str(&format!(":{line}"));
        }
    }
    if let Some(object) = finding.object.as_ref().filter(|object| !object.kind.is_empty()) {
        out.push_str(&format!(" {object}"));
    }
    if let Some(field) = finding.field.as_ref().filter(|field| !field.is_empty()) {
        out.push_str(&format!(" {field}"));
    }
    out.push_str(": ");
    out.push_str(&one_line(&finding.message));
    visible(&out)
}

/// `` `spec.clients[0].url` must be set ``
pub fn mistake_text(mistake: &Mistake) -> String {
    let field = field_path(&mistake.pointer);
    let subject = if field.is_empty() { "the PrivateSSO document".to_owned() } else { format!("`{field}`") };
    one_line(&format!("{subject} {}", mistake.message))
}

/// The message as a sentence of its own: with the object it is about, where it does not name one.
pub(super) fn sentence(finding: &Finding) -> String {
    let mut subject = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(field) = finding.field.as_ref().filter(|field| !field.is_empty()) {
        subject = format!("{subject} {field}");
    }
    let message = one_line(&finding.message);
    if subject.is_empty() { message } else { visible(&format!("{}: {message}", subject.trim())) }
}

/// Hosts show the first line only.
pub(super) fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Names come from manifests, and a terminal obeys some characters: those are written as escapes.
pub(super) fn visible(text: &str) -> String {
    let is_obeyed = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if !text.contains(is_obeyed) {
        return text.to_owned();
    }
    text.chars().map(|c| if is_obeyed(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krm::{ObjectRef, codes};

    #[test]
    fn a_name_cannot_write_over_the_terminal() {
        let mut finding = Finding::new(&codes::IS_WIRED, "must not\u{1b}[2K be \u{202E}read");
        finding.object =
            Some(ObjectRef { kind: "Pod".to_owned(), name: "a\u{1b}[31m\n".to_owned(), ..Default::default() });
        let wanted = "error[is-wired] Pod a\\u{1b}[31m\\u{a}: must not\\u{1b}[2K be \\u{202e}read";
        assert_eq!(finding_text(&finding), wanted);
        assert!(!super::super::report(&[finding], 1, false).contains('\u{1b}'));
    }
}
