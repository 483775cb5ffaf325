//! A folder of its own for a page: the program and the hosts are in PATH, and nothing of the user's settings is seen.

use std::fmt::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::script::{Script, Step};
use super::{containers, root};

/// What ends the output of a command; its exit status follows.
const MARK: &str = "----end-of-command----";

pub struct Sandbox {
    folder: tempfile::TempDir,
    tools: Vec<(String, PathBuf)>,
}

impl Sandbox {
    /// With a copy of a package, or empty.
    pub fn new(package: Option<&Path>, tools: &[(String, PathBuf)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "home", "lab", "files"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        if let Some(package) = package {
            copy(package, &folder.path().join("lab"));
        }
        let sandbox = Self { folder, tools: tools.to_vec() };
        sandbox.link("private-sso", Path::new(env!("CARGO_BIN_EXE_private-sso")));
        for (name, program) in
            tools.iter().filter(|(name, _)| !matches!(name.as_str(), "private-sso" | "helm3" | "helm4" | "static"))
        {
            sandbox.link(name, program);
            if name == "podman" {
                // kustomize knows no other name for what runs containers.
                sandbox.link("docker", program);
                containers::settings(&sandbox.path("containers"));
            }
        }
        sandbox
    }

    fn link(&self, name: &str, program: &Path) {
        std::os::unix::fs::symlink(program, self.path("bin").join(name)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What each command prints, as the page has it.
    pub fn run(&self, script: &Script) -> Vec<String> {
        let source = self.path("script.sh");
        std::fs::write(&source, self.shell(script)).unwrap();
        let shell = Command::new("sh")
            .arg(&source)
            .process_group(0)
            .current_dir(self.path("lab"))
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .envs(containers::variables(&self.path("containers")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let group = format!("-{}", shell.id());
        let output = shell.wait_with_output().unwrap();
        // A page that ends early leaves what it has started; mostly there is nothing, and then this says so.
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut outputs = Vec::new();
        let mut rest = printed.as_str();
        while let Some((text, after)) = rest.split_once(&format!("\n{MARK}")) {
            let (status, next) = after.split_once('\n').unwrap();
            outputs.push(self.as_read(text, status.trim()));
            rest = next;
        }
        let expected = script.steps.iter().filter(|step| matches!(step, Step::Command(..))).count();
        assert_eq!(outputs.len(), expected, "the shell ended early: {printed}");
        outputs
    }

    /// One shell script of all steps; it prints a mark behind what each command prints.
    fn shell(&self, script: &Script) -> String {
        let mut shell = "exec 2>&1\n".to_owned();
        for (number, step) in script.steps.iter().enumerate() {
            let done = match step {
                Step::File(path, text) => {
                    let stored = self.path("files").join(number.to_string());
                    std::fs::write(&stored, text).unwrap();
                    writeln!(shell, "mkdir -p \"$(dirname '{path}')\"; cp '{}' '{path}'", stored.display())
                }
                Step::Block(words) => words.iter().try_for_each(|word| self.begin(&mut shell, word)),
                Step::Command(command, _) => writeln!(shell, "{command}\nprintf '\\n{MARK} %s\\n' $?"),
            };
            done.unwrap();
        }
        shell
    }

    /// What a word behind `console` asks for.
    fn begin(&self, shell: &mut String, word: &str) -> std::fmt::Result {
        match (word, self.tools.iter().find(|(name, _)| name == word)) {
            ("helm3" | "helm4", Some((_, program))) => {
                // The two Helms do not share their plugins.
                let (helm, data) = (self.path("bin").join("helm"), self.path("home").join(word));
                writeln!(
                    shell,
                    "ln -sfn '{}' '{}'; export HELM_DATA_HOME='{}'",
                    program.display(),
                    helm.display(),
                    data.display()
                )
            }
            ("static", Some((_, program))) => {
                let built = "target/x86_64-unknown-linux-musl/release/private-sso";
                let source = root().display().to_string();
                writeln!(
                    shell,
                    "install -D '{}' '{built}'; cp -r '{source}/Containerfile' '{source}/images' .",
                    program.display()
                )
            }
            ("charts", _) => writeln!(shell, "cp -r '{}'/* .", root().join("tests/charts").display()),
            ("examples" | "plugins", _) => writeln!(shell, "cp -r '{}' .", root().join(word).display()),
            _ => Ok(()),
        }
    }

    /// The same on every machine and at every run: no temporary names, no durations.
    fn as_read(&self, text: &str, status: &str) -> String {
        let text = text.replace(&self.path("bin").display().to_string(), "/usr/local/bin");
        let text = text.replace(&self.path("lab").display().to_string(), "/lab");
        let text = text.replace(&self.folder.path().display().to_string(), "/tmp");
        let mut seen = String::new();
        for line in without_log_format(&text) {
            writeln!(seen, "{}", without_duration(&without_number(&line, "kust-plugin-config-")).trim_end()).unwrap();
        }
        if status != "0" {
            writeln!(seen, "[exit status {status}]").unwrap();
        }
        seen
    }
}

/// Some builds of kubectl log their error, with the time and a process id, where others print it.
fn without_log_format(text: &str) -> Vec<String> {
    const LOG: &str = "] \"command failed\" err=";
    let mut lines = Vec::new();
    let mut is_log = false;
    for line in text.lines() {
        match line.split_once(LOG) {
            Some((_, "<")) => is_log = true,
            Some((_, quoted)) => {
                let message: String = serde_json::from_str(quoted).unwrap();
                lines.push(as_error(&message));
            }
            None if is_log && line == " >" => is_log = false,
            None if is_log && lines.last().is_none_or(|last: &String| !last.starts_with("error: ")) => {
                lines.push(as_error(line.trim_start_matches('\t')));
            }
            None if is_log => lines.push(line.trim_start_matches('\t').to_owned()),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// As kubectl prints an error.
fn as_error(message: &str) -> String {
    if message.starts_with("error: ") { message.to_owned() } else { format!("error: {message}") }
}

/// kustomize's temporary files end in a number.
fn without_number(line: &str, before: &str) -> String {
    match line.split_once(before) {
        Some((head, tail)) => format!("{head}{before}{}", tail.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => line.to_owned(),
    }
}

/// kpt says how long a function took: `in 1.2s`.
fn without_duration(line: &str) -> String {
    match line.rsplit_once(" in ") {
        Some((head, time)) if time.ends_with('s') && time.starts_with(|c: char| c.is_ascii_digit()) => head.to_owned(),
        _ => line.to_owned(),
    }
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-r").arg(from.join(".")).arg(to).status().unwrap();
    assert!(status.success(), "cp -r {}", from.display());
}
