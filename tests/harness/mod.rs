//! Runs one fixture and says everything that does not hold.

mod case;
pub mod check;
mod checks;
mod command;
mod envelope;
mod expectation;

pub use case::Case;

/// Everything that is wrong; with `update` the expectations are written first.
pub fn problems(case: &Case, update: bool) -> Vec<String> {
    match run(case, update) {
        Ok(problems) => problems,
        Err(problem) => vec![problem],
    }
}

fn run(case: &Case, update: bool) -> Result<Vec<String>, String> {
    let command = command::run(case)?;
    if case.is_for_the_command_alone() {
        let found = expectation::Expectation::of(case, &command, None)?;
        let mut problems = if update { found.write(&case.folder)? } else { found.compare(&case.folder)? };
        problems.extend(checks::nothing_came(&command));
        return Ok(problems);
    }
    let ran = case.run(&case.texts);
    let found = expectation::Expectation::of(case, &command, ran.as_ref().ok())?;
    let mut problems = if update { found.write(&case.folder)? } else { found.compare(&case.folder)? };
    problems.extend(checks::about(case));
    problems.extend(checks::command(case, &command, &ran));
    if let Ok(ran) = &ran {
        problems.extend(checks::determinism(case, ran));
        problems.extend(checks::idempotence(case, ran));
        problems.extend(checks::crlf(case, ran));
        problems.extend(checks::envelope(case, ran));
    }
    Ok(problems)
}
