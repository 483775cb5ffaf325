//! Findings for people: what must hold, where, the line itself, and the other end.

use super::text::{one_line, visible};
use crate::krm::{Finding, Severity};

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// All findings, and how many they are.
pub fn report(findings: &[Finding], files: usize, is_coloured: bool) -> String {
    let paint = |style: &str, text: &str| match is_coloured {
        true => format!("{style}{text}{PLAIN}"),
        false => text.to_owned(),
    };
    let mut out = String::new();
    for finding in findings {
        let head = format!("{}[{}]", finding.severity, finding.code.name);
        out.push_str(&format!(
            "{}: {}\n",
            paint(colour(finding.severity), &head),
            paint(BOLD, &one_line(&finding.message))
        ));
        let at = place(finding.file.as_deref(), finding.line);
        let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
        let field = finding.field.clone().unwrap_or_default();
        let whole = join(&[&at, &object, &field]);
        if !whole.is_empty() {
            out.push_str(&format!("  {} {}\n", paint(DIM, "-->"), visible(&whole)));
        }
        if let (Some(line), Some(excerpt)) = (finding.line, &finding.excerpt) {
            out.push_str(&format!("  {} {}\n", paint(DIM, &format!("{line:>5} |")), shorten(excerpt)));
        }
        if let Some(proposed) = &finding.proposed {
            out.push_str(&format!("  {} {}\n", paint(DIM, "    + |"), shorten(&proposed.to_string())));
        }
        if let Some(other) = &finding.related {
            let at = place(other.file.as_deref(), other.line);
            let whole = join(&[&at, &other.object.to_string(), &other.field]);
            let message = one_line(&other.message);
            out.push_str(&format!("  {} {message}: {}\n", paint(DIM, "==>"), visible(&whole)));
        }
        out.push('\n');
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let files = counted(files, "file");
    if findings.is_empty() {
        out.push_str(&format!("nothing found in {files}\n"));
    } else {
        out.push_str(&format!(
            "{}, {}, {} in {files}; `private-sso explain CODE` tells more\n",
            counted(count(Severity::Error), "error"),
            counted(count(Severity::Warning), "warning"),
            counted(count(Severity::Info), "info"),
        ));
    }
    out
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Info => "\u{1b}[1;36m",
    }
}

fn place(file: Option<&str>, line: Option<usize>) -> String {
    match (file, line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.to_owned(),
        _ => String::new(),
    }
}

fn join(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A line that a terminal can show: without control characters, and not endless.
fn shorten(line: &str) -> String {
    const WIDTH: usize = 160;
    let clean: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WIDTH + 1).collect();
    if clean.chars().count() > WIDTH { format!("{}…", clean.chars().take(WIDTH).collect::<String>()) } else { clean }
}
