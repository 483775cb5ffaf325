//! The page of hosts: the pages of `tests/hosts/seen`, which `tests/hosts.rs` runs in the real programs, side by side.

use std::fmt::Write as _;
use std::path::Path;

use super::compare;

/// What every host is given, in the order of the columns. A host may show more; that is in its transcript.
const CASES: [&str; 5] =
    ["Success", "A finding of severity error", "A wrong document", "Broken manifests", "An empty package"];

const HEAD: &str = "# Hosts

How the program is switched on in each host, and what its user sees: where it says what it has found, and how a run ends. Each end
leads to the transcript; what stands there in code is the host's own wording. Wherever a run fails, nothing is written or deleted.
Generated from `tests/hosts/seen`, whose pages are run in the real programs, by `cargo test --test generated`.

";

#[test]
fn the_page_of_hosts_is_committed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/seen");
    let mut pages: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut table =
        format!("{HEAD}| host | switched on by | findings are shown | {} |\n", CASES.join(" | ").to_lowercase());
    table.push_str(&format!("|{}\n", "---|".repeat(3 + CASES.len())));
    let mut transcripts = String::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        let (head, rest) = text.split_once("\n## ").unwrap();
        let said = |key: &str| head.lines().find_map(|line| line.strip_prefix(&format!("- {key}: "))).unwrap();
        let host = said("host");
        let _ = write!(table, "| [{host}]({}) | {} | {} |", said("page"), said("switched on"), said("findings"));
        let sections: Vec<&str> = rest.split("\n## ").collect();
        for case in CASES {
            let section = sections.iter().find(|section| section.starts_with(&format!("{case}\n")));
            let section = section.unwrap_or_else(|| panic!("{} must have a section \"{case}\"", page.display()));
            let _ = write!(table, " {} |", outcome(section, &anchor(&format!("{host}: {case}"))));
        }
        table.push('\n');
        let setup = head.split_once("\n- findings: ").unwrap().1.split_once('\n').unwrap().1;
        let _ = write!(transcripts, "\n## {host}\n{setup}\n");
        for section in sections {
            let section = section.trim_end().replacen('\n', "\n\n", 1).replace("\n\n\n", "\n\n");
            let _ = write!(transcripts, "### {host}: {section}\n\n");
        }
    }
    // Without the programs behind them, the blocks are for reading only.
    let transcripts: String = transcripts
        .lines()
        .map(|line| if line.starts_with("```console") { "```console\n".to_owned() } else { format!("{line}\n") })
        .collect();
    compare("docs/hosts.md", &format!("{table}{}", transcripts.replace("\n\n\n", "\n\n")));
}

/// The address of a heading, as the places where pages are read make it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).collect::<String>().replace(' ', "-")
}

/// How a section ends: its last exit status, and the words that say why.
fn outcome(section: &str, anchor: &str) -> String {
    let status = section.lines().filter_map(|line| line.strip_prefix("[exit status ")?.strip_suffix(']')).next();
    match status {
        None => format!("[succeeds](#{anchor})"),
        Some(status) => {
            let mut printed = section.lines().filter(|line| !line.starts_with("$ "));
            let reason = printed.clone().find_map(ours).or_else(|| printed.find_map(hosts)).unwrap();
            format!("[fails ({status})](#{anchor}): {}", reason.replace('|', "\\|"))
        }
    }
}

/// What the program says in a line.
fn ours(line: &str) -> Option<String> {
    let is_document = line.contains("error[document-is-right]");
    if let (Some(start), false) = (line.find("error["), is_document) {
        return Some(format!("`{}]`", &line[start..start + line[start..].find(']')?]));
    }
    if let Some(start) = line.find("`spec.") {
        return Some(line[start..].split(';').next()?.to_owned());
    }
    // "Must" is the word of our errors.
    line.rsplit_once("error: ").map(|(_, error)| error.to_owned()).filter(|error| error.contains(" must "))
}

/// What the host says in a line.
fn hosts(line: &str) -> Option<String> {
    let (error, rest) = line.split_once(": ")?;
    error.eq_ignore_ascii_case("error").then(|| format!("`{rest}`"))
}
