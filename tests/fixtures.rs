//! Every folder below `tests/fixtures` that holds an `input.yaml`, or a folder `input`, is one test.
//!
//! | file | holds |
//! |---|---|
//! | `input.yaml` | a `ResourceList` with its `functionConfig`, or a stream; the first comment says what the case is about |
//! | `input/` | several files instead: `render` of a folder |
//! | `config.yaml` | the `PrivateSSO`, where the input is no `ResourceList` |
//! | `expected.diff` | what changes; absent where nothing does |
//! | `results.yaml` | all findings in their order; absent where there are none |
//! | `exit` | the exit code; absent where it is 0 |
//! | `error.txt` | standard error, where the document or the input is refused |
//!
//! Folders below `validate` are cases of `check`: see `harness/check.rs`.
//!
//! Each case is also run twice, run over its own output, run with CRLF, and run in the other envelope: see
//! `harness/checks.rs`. `UPDATE_FIXTURES=1 cargo test --test fixtures` writes the expectations anew, and fails, so that
//! nobody commits them unread.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

mod harness;

use std::process::ExitCode;

use harness::Case;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let update = std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| !value.is_empty() && value != "0");
    let cases = Case::all(&root);
    let mut trials = vec![Trial::test("fixtures_are_found", {
        let count = cases.len();
        move || if count > 0 { Ok(()) } else { Err(Failed::from("no folder holds an input.yaml")) }
    })];
    trials.extend(cases.into_iter().map(|case| {
        Trial::test(case.name.clone(), move || {
            let problems = harness::problems(&case, update);
            if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n\n"))) }
        })
    }));
    trials.extend(harness::check::cases(&root.join("validate")).into_iter().map(|case| {
        Trial::test(format!("validate/{}", case.name), move || {
            let problems = case.problems(update);
            if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n\n"))) }
        })
    }));
    if update {
        trials.push(Trial::test("expectations_were_rewritten", || {
            Err(Failed::from(
                "read the difference with `git diff tests/fixtures`, then run again without UPDATE_FIXTURES",
            ))
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
