//! Every folder below `tests/trees` that holds a folder `tree` is one test of `apply` on a repository.
//!
//! | file | holds |
//! |---|---|
//! | `tree/` | the repository, committed to git before the run; its `README` says in a line what the case is about |
//! | `args` | the arguments, a word per line; absent for `apply` alone |
//! | `expected.diff` | what changed in the repository; absent where nothing does |
//! | `output.txt` | standard output, then standard error |
//! | `exit` | the exit code; absent where it is 0 |
//!
//! Each case is also run a second time, which must change nothing, and with `--dry-run`, which must write nothing and print
//! a diff that `git apply` turns into the same repository. `UPDATE_FIXTURES=1 cargo test --test trees` writes the
//! expectations anew, and fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let update = std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| !value.is_empty() && value != "0");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut trials = vec![Trial::test("trees_are_found", {
        let count = folders.len();
        move || if count > 0 { Ok(()) } else { Err(Failed::from("no folder holds a tree")) }
    })];
    trials.extend(folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || {
            let problems = problems(&folder, update);
            if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n\n"))) }
        })
    }));
    if update {
        trials.push(Trial::test("expectations_were_rewritten", || {
            Err(Failed::from("read the difference with `git diff tests/trees`, then run again without UPDATE_FIXTURES"))
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A copy of a case's tree, under git.
struct Repository(TempDir);

impl Repository {
    fn of(case: &Path) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        let tree = case.join("tree");
        let copied = Command::new("cp").arg("-R").arg(format!("{}/.", tree.display())).arg(repository.path()).status();
        assert!(copied.unwrap().success(), "{} must be copied", tree.display());
        repository.git(&["init", "--quiet"]);
        repository.git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", "--message", "as it was"]);
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str]) -> Output {
        let settings = ["-c", "user.name=test", "-c", "user.email=test@lab.example", "-c", "core.autocrlf=false"];
        let output = Command::new("git").current_dir(self.path()).args(settings).args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?} must do: {error}");
        output
    }

    /// What changed since the commit, without what depends on the content's hash.
    fn diff(&self) -> String {
        self.git(&["add", "--all", "--intent-to-add"]);
        let diff = String::from_utf8(self.git(&["diff", "--no-color", "--no-renames"]).stdout).unwrap();
        diff.lines().filter(|line| !line.starts_with("index ")).map(|line| format!("{line}\n")).collect()
    }

    fn run(&self, arguments: &[String]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_private-sso"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.current_dir(self.path()).env_clear().env("PATH", path).args(arguments).output().unwrap()
    }
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn problems(case: &Path, update: bool) -> Vec<String> {
    let arguments: Vec<String> = match std::fs::read_to_string(case.join("args")) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(_) => vec!["apply".to_owned()],
    };
    let repository = Repository::of(case);
    let output = repository.run(&arguments);
    let (diff, code) = (repository.diff(), output.status.code().unwrap_or(-1));
    let found = [
        ("expected.diff", (!diff.is_empty()).then(|| diff.clone())),
        ("output.txt", Some(text_of(&output)).filter(|text| !text.is_empty())),
        ("exit", (code != 0).then(|| format!("{code}\n"))),
    ];
    let mut problems: Vec<String> =
        found.iter().filter_map(|(name, text)| held(&case.join(name), text.as_deref(), update)).collect();
    if arguments.first().is_none_or(|command| command != "apply") || arguments.iter().any(|word| word == "--dry-run") {
        return problems;
    }
    let again = repository.run(&arguments);
    if repository.diff() != diff || again.status.code() != Some(code) {
        problems.push(format!("a second run must change nothing: {}", text_of(&again)));
    }
    problems.extend(dry(case, &arguments, &diff));
    problems
}

/// What `--dry-run` must do.
fn dry(case: &Path, arguments: &[String], diff: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let repository = Repository::of(case);
    let mut arguments = arguments.to_vec();
    arguments.push("--dry-run".to_owned());
    let output = repository.run(&arguments);
    if !repository.diff().is_empty() {
        problems.push("`--dry-run` must write nothing".to_owned());
    }
    if !diff.is_empty() {
        if output.status.code() != Some(1) {
            problems
                .push(format!("`--dry-run` must exit with 1 where there is a diff, not {:?}", output.status.code()));
        }
        let patch = repository.path().join(".git/dry.diff");
        std::fs::write(&patch, &output.stdout).unwrap();
        repository.git(&["apply", ".git/dry.diff"]);
        if repository.diff() != *diff {
            problems.push("the diff of `--dry-run`, applied, must give what `apply` writes".to_owned());
        }
    }
    problems
}

/// Compares a file with what was found, or writes it.
fn held(path: &Path, found: Option<&str>, update: bool) -> Option<String> {
    if update {
        match found {
            Some(text) => std::fs::write(path, text).unwrap(),
            None if path.exists() => std::fs::remove_file(path).unwrap(),
            None => {}
        }
        return None;
    }
    let expected = path.exists().then(|| std::fs::read_to_string(path).unwrap());
    (expected.as_deref() != found).then(|| {
        let (old, new) = (expected.unwrap_or_default(), found.unwrap_or_default());
        let diff = similar::TextDiff::from_lines(old.as_str(), new).unified_diff().to_string();
        format!("{} is not as expected (- expected, + found):\n{diff}", path.display())
    })
}
