//! What must hold of every case, whatever it is about.

use private_sso::{Error, Outcome, emit};

use super::case::{Case, Form};
use super::command::Output;
use super::envelope;
use super::expectation::{results, unified};

/// The first line says what the case is about; inputs that are bad as a whole have no room for it.
pub fn about(case: &Case) -> Option<String> {
    let config = case.config_text();
    let says = |text: &str| text.starts_with("# ");
    let is_said = case.texts.first().is_some_and(|text| says(text)) || says(&config) || case.name.starts_with("bad/");
    (!is_said).then(|| "the first line of input.yaml must be a comment that says what the case is about".to_owned())
}

/// The program gives what the library gives; with any exit code but 0 a list comes back with its items as they were, a
/// stream not at all.
pub fn command(case: &Case, command: &Output, ran: &Result<Outcome, Error>) -> Vec<String> {
    let mut problems = Vec::new();
    let code = match ran {
        Ok(ran) => i32::from(ran.failed),
        Err(error) => i32::from(error.exit_code()),
    };
    if code != command.code {
        problems.push(format!("the program exits with {}, the library with {code}", command.code));
    }
    let stdout = String::from_utf8_lossy(&command.stdout);
    let wanted = match (ran, case.form) {
        (Ok(ran), Form::List) => {
            let texts = if ran.failed { &case.texts } else { &ran.texts };
            emit::with_results(texts.first().map_or("", String::as_str), &ran.findings).unwrap_or_default()
        }
        (Ok(ran), Form::Stream) if !ran.failed => ran.texts.concat(),
        (Ok(ran), Form::Files) if !ran.failed => envelope::join(&ran.texts),
        (Err(error @ Error::Config(_)), Form::List) => {
            let text = case.texts.first().map_or("", String::as_str);
            let document = envelope::field(text, "functionConfig").unwrap_or_default();
            emit::with_results(text, &emit::findings_of(error, &document)).unwrap_or_default()
        }
        _ => String::new(),
    };
    if stdout != wanted {
        problems
            .push(format!("standard output (- wanted, + found):\n{}", unified(&wanted, &stdout, "wanted", "found")));
    }
    if case.form == Form::List {
        let (texts, findings) = match ran {
            Ok(ran) if !ran.failed => (&ran.texts, ran.findings.len()),
            Ok(ran) => (&case.texts, ran.findings.len()),
            Err(Error::Config(mistakes)) => (&case.texts, mistakes.len()),
            Err(_) => return problems,
        };
        problems.extend(texts.first().and_then(|text| given_back(text, &stdout, findings)));
    }
    problems
}

/// A list comes back with the items as they are, byte for byte, and with every finding in its `results`.
fn given_back(text: &str, stdout: &str, findings: usize) -> Option<String> {
    let results = |text: &str| envelope::field(text, "results").and_then(|list| Some(list.as_array()?.len()));
    let wanted = results(text).unwrap_or_default() + findings;
    let found = results(stdout).unwrap_or_default();
    if found != wanted {
        return Some(format!("`results` must hold {wanted} findings, and holds {found}"));
    }
    let is_block = !text.trim_start_matches('\u{feff}').starts_with('{');
    let is_same = if is_block && results(text).is_none() {
        stdout.starts_with(text.trim_end())
    } else {
        envelope::objects(stdout) == envelope::objects(text)
    };
    (!is_same).then(|| "the items must come back as they are, with `results` behind them".to_owned())
}

/// Input that the program refuses gives nothing.
pub fn nothing_came(command: &Output) -> Option<String> {
    (command.code == 0 || !command.stdout.is_empty())
        .then(|| "the input must be refused, with nothing given".to_owned())
}

/// Two runs give the same bytes and say the same.
pub fn determinism(case: &Case, ran: &Outcome) -> Option<String> {
    match case.run(&case.texts) {
        Ok(again) => same("determinism: two runs differ", ran, &again, &ran.texts),
        Err(error) => Some(format!("determinism: the second run fails: {error}")),
    }
}

/// A run over the output changes nothing.
pub fn idempotence(case: &Case, ran: &Outcome) -> Option<String> {
    if ran.failed {
        return None;
    }
    match case.run(&ran.texts) {
        Ok(again) if again.failed => {
            Some(format!("idempotence: the second run fails:\n{}", results(&again.findings).unwrap_or_default()))
        }
        Ok(again) => differences("idempotence: the second run changes its own output", &ran.texts, &again.texts),
        Err(error) => Some(format!("idempotence: the second run fails: {error}")),
    }
}

/// The same input with CRLF gives the same output with CRLF. Not asked of input that holds CR of its own: there is no
/// twin of mixed line ends.
pub fn crlf(case: &Case, ran: &Outcome) -> Option<String> {
    if case.texts.iter().any(|text| text.contains('\r')) {
        return None;
    }
    let twin = |texts: &[String]| texts.iter().map(|text| text.replace('\n', "\r\n")).collect::<Vec<_>>();
    match case.run(&twin(&case.texts)) {
        Ok(found) => same("CRLF twin", ran, &found, &twin(&ran.texts)),
        Err(error) => Some(format!("CRLF twin: the run fails: {error}")),
    }
}

/// The same objects in the other envelope change in the same way.
pub fn envelope(case: &Case, ran: &Outcome) -> Option<String> {
    let label = "envelope";
    let (found, wanted) = match (case.form, case.texts.as_slice()) {
        (Form::Stream, [text]) => {
            let config = case.config_text();
            let list = |text: &str| envelope::list_of(text, &config);
            (case.run_list(&list(text)?), list(ran.texts.first()?)?)
        }
        (Form::List, [text]) => {
            (case.run_stream(&envelope::stream_of(text)?), envelope::stream_of(ran.texts.first()?)?)
        }
        _ => (case.run_stream(&envelope::join(&case.texts)), envelope::join(&ran.texts)),
    };
    match found {
        Ok(found) => {
            let text = found.texts.first()?;
            if envelope::objects(text) == envelope::objects(&wanted) && is_same_but_for_blank_lines(text, &wanted) {
                return same(label, ran, &found, &found.texts);
            }
            same(label, ran, &found, &[wanted])
        }
        // Decision 11 of the design: in a stream what cannot be read passes, in a list it is refused.
        Err(Error::Input(_)) if !case.texts.iter().all(|text| envelope::holds_objects_only(text)) => None,
        Err(error) => Some(format!("{label}: the run fails: {error}")),
    }
}

/// Blank lines between two objects belong to neither: a new object may stand before or behind them.
fn is_same_but_for_blank_lines(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
    lines(one) == lines(other)
}

fn same(label: &str, one: &Outcome, other: &Outcome, wanted: &[String]) -> Option<String> {
    if let Some(problem) = differences(label, wanted, &other.texts) {
        return Some(problem);
    }
    let said = |ran: &Outcome| {
        let mut findings = ran.findings.clone();
        findings.iter_mut().for_each(|finding| (finding.file, finding.line) = (None, None));
        results(&findings).unwrap_or_default()
    };
    let (one, other) = (said(one), said(other));
    (one != other).then(|| format!("{label}: findings differ:\n{}", unified(&one, &other, "wanted", "found")))
}

fn differences(label: &str, wanted: &[String], found: &[String]) -> Option<String> {
    let lines: String = wanted.iter().zip(found).map(|(old, new)| unified(old, new, "wanted", "found")).collect();
    (!lines.is_empty() || wanted.len() != found.len()).then(|| format!("{label} (- wanted, + found):\n{lines}"))
}
