//! Cases of `private-sso check`: `validate/<code>/<case>`, where a case whose name begins with `broken` must have the
//! finding, and every other one must not.
//!
//! | file | holds |
//! |---|---|
//! | `input.yaml`, or `input/` | what is looked at; a first comment says what the case is about |
//! | `config.yaml` | the `PrivateSSO`, where the case is about one |
//! | `report.txt` | what is printed; absent where nothing is found |

use std::path::{Path, PathBuf};
use std::process::Command;

use super::expectation::unified;

/// One folder.
pub struct CheckCase {
    /// `code/case`.
    pub name: String,
    folder: PathBuf,
}

/// All cases below a folder, in the order of their names.
pub fn cases(root: &Path) -> Vec<CheckCase> {
    let folders = |folder: &Path| {
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        found.retain(|path| path.is_dir());
        found.sort();
        found
    };
    let cases = folders(root).into_iter().flat_map(|code| folders(&code));
    cases
        .map(|folder| CheckCase {
            name: folder.strip_prefix(root).map(|name| name.display().to_string()).unwrap_or_default(),
            folder,
        })
        .collect()
}

impl CheckCase {
    /// Everything that is wrong; with `update` the expectation is written first.
    pub fn problems(&self, update: bool) -> Vec<String> {
        match self.run(update) {
            Ok(problems) => problems,
            Err(problem) => vec![problem],
        }
    }

    fn run(&self, update: bool) -> Result<Vec<String>, String> {
        let (report, code) = self.report(&[])?;
        let expectation = self.folder.join("report.txt");
        let found = if report.starts_with("nothing found") { String::new() } else { report };
        let mut problems = Vec::new();
        if update {
            let written = match found.is_empty() {
                true if expectation.exists() => std::fs::remove_file(&expectation),
                true => Ok(()),
                false => std::fs::write(&expectation, &found),
            };
            written.map_err(|error| error.to_string())?;
        }
        let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
        if expected != found {
            problems.push(format!(
                "report.txt (- expected, + found):\n{}",
                unified(&expected, &found, "expected", "found")
            ));
        }
        let (rule, case) = self.name.split_once('/').unwrap_or_default();
        let has = found.contains(&format!("[{rule}]: "));
        if has != case.starts_with("broken") {
            problems.push(format!("{rule} must {}be found", if has { "not " } else { "" }));
        }
        let has_errors = found.lines().any(|line| line.starts_with("error["));
        if code != i32::from(has_errors) {
            problems
                .push(format!("the exit code is {code}, and there are {}errors", if has_errors { "" } else { "no " }));
        }
        if self.report(&["-o", "json"])? != self.report(&["-o", "json"])? {
            problems.push("two checks must say the same".to_owned());
        }
        Ok(problems)
    }

    /// What the program prints, and its exit code. Standard error must stay empty.
    fn report(&self, options: &[&str]) -> Result<(String, i32), String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_private-sso"));
        command.current_dir(&self.folder).env_clear().arg("check").args(options);
        if self.folder.join("config.yaml").is_file() {
            command.args(["-c", "config.yaml"]);
        }
        let input = if self.folder.join("input").is_dir() { "input" } else { "input.yaml" };
        let output = command.arg(input).output().map_err(|error| error.to_string())?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code().unwrap_or(-1)))
    }
}
