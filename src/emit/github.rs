//! Findings as annotations of GitHub Actions.

use crate::krm::{Finding, Severity};

/// One workflow command per finding.
pub fn github(findings: &[Finding]) -> String {
    findings.iter().map(annotation).collect()
}

fn annotation(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(file) = &finding.file {
        properties.push(format!("file={}", property(file)));
    }
    if let Some(line) = finding.line {
        properties.push(format!("line={line}"));
    }
    properties.push(format!("title={}", property(finding.code.name)));
    format!("::{command} {}::{}\n", properties.join(","), data(&super::text::sentence(finding)))
}

/// What a command's message may hold.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a command's property may hold.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::github;
    use crate::krm::{Finding, codes};

    #[test]
    fn what_commands_reserve_is_escaped() {
        let mut finding = Finding::new(&codes::IS_WIRED, "must be 100%,\nall: of it");
        (finding.file, finding.line) = (Some("a,b:c.yaml".to_owned()), Some(3));
        let wanted = "::error file=a%2Cb%3Ac.yaml,line=3,title=is-wired::must be 100%25, all: of it\n";
        assert_eq!(github(&[finding]), wanted);
    }
}
