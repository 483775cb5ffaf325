//! A page of Markdown as a script.
//!
//! - A block `console` with names of programs behind it is run, in one shell from the first block to the last: lines that begin
//!   with `$ ` are commands, `> ` continues one, what follows is what it prints, and the last line its exit status where
//!   that is not 0. `helm3` and `helm4` are both `helm` in the block. `charts` puts the charts headlamp, dex and argo-cd into the folder,
//!   `plugins` and `examples` the repository's folders of these names, `static` the Containerfile with what it copies, and the
//!   program where cargo puts it when it is built for musl. With `podman`, `docker` is podman too.
//! - A block of another language with a path behind it is a file to write.

use std::fmt::Write as _;
use std::path::Path;

const FENCE: &str = "```";

/// Words behind `console` that ask for a folder, not for a program.
pub const FOLDERS: &[&str] = &["charts", "examples", "plugins"];

/// What a page says, in its order.
pub struct Script {
    /// All of it.
    pub text: String,
    /// What is to be done.
    pub steps: Vec<Step>,
}

pub enum Step {
    /// A file to write: its path and text.
    File(String, String),
    /// The programs of the block that begins.
    Block(Vec<String>),
    /// A command, and the lines of the page where its output stands.
    Command(String, std::ops::Range<usize>),
}

pub fn read(page: &Path) -> Script {
    let text = std::fs::read_to_string(page).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut steps = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(info) = lines[at].strip_prefix(FENCE) else {
            at += 1;
            continue;
        };
        let start = at + 1;
        let end = (start..lines.len()).find(|line| lines[*line] == FENCE).expect("a block must be closed");
        let mut words = info.split_whitespace();
        match (words.next(), words.next()) {
            (Some("console"), Some(first)) => {
                steps.push(Step::Block([first].into_iter().chain(words).map(str::to_owned).collect()));
                commands(&lines, start..end, &mut steps);
            }
            (Some(_), Some(path)) => {
                let text = lines[start..end].iter().map(|line| format!("{line}\n")).collect();
                steps.push(Step::File(path.to_owned(), text));
            }
            _ => {}
        }
        at = end + 1;
    }
    Script { text, steps }
}

fn commands(lines: &[&str], block: std::ops::Range<usize>, steps: &mut Vec<Step>) {
    let mut at = block.start;
    while at < block.end {
        let mut command = lines[at].strip_prefix("$ ").expect("a console block must begin with a command").to_owned();
        at += 1;
        while at < block.end && (lines[at].starts_with("> ") || lines[at] == ">") {
            let _ = write!(command, "\n{}", lines[at][1..].strip_prefix(' ').unwrap_or_default());
            at += 1;
        }
        let end = (at..block.end).find(|line| lines[*line].starts_with("$ ")).unwrap_or(block.end);
        steps.push(Step::Command(command, at..end));
        at = end;
    }
}

impl Script {
    /// The programs that it needs.
    pub fn programs(&self) -> Vec<String> {
        let blocks = self.steps.iter().filter_map(|step| match step {
            Step::Block(words) => Some(words),
            _ => None,
        });
        let mut names: Vec<String> =
            blocks.flatten().filter(|word| !FOLDERS.contains(&word.as_str())).cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    /// The page, with what its commands printed.
    pub fn with_outputs(&self, outputs: &[String]) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        let ranges = self.steps.iter().filter_map(|step| match step {
            Step::Command(_, range) => Some(range),
            _ => None,
        });
        let mut text = String::new();
        let mut at = 0;
        for (range, output) in ranges.zip(outputs) {
            lines[at..range.start].iter().for_each(|line| writeln!(text, "{line}").unwrap());
            text.push_str(output);
            at = range.end;
        }
        lines[at..].iter().for_each(|line| writeln!(text, "{line}").unwrap());
        text
    }
}
