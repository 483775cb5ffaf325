//! The program itself, as a host starts it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::case::{Case, Form};

/// What came of it.
pub struct Output {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// Runs the binary in the case's folder, so that messages name files as the case does.
pub fn run(case: &Case) -> Result<Output, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_private-sso"));
    command.current_dir(&case.folder).env_clear();
    match case.form {
        Form::List => &mut command,
        Form::Stream => command.args(["render", "-c", "config.yaml"]),
        Form::Files => command.args(["render", "-c", "config.yaml", "input"]),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let bytes = match case.form {
        Form::Files => Vec::new(),
        _ => std::fs::read(case.folder.join("input.yaml")).map_err(|error| error.to_string())?,
    };
    let feed = child.stdin.take().map(|mut stdin| {
        std::thread::spawn(move || {
            // A program that stops early closes its end: what it says then is judged, not this.
            let _ = stdin.write_all(&bytes);
        })
    });
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if let Some(feed) = feed {
        feed.join().map_err(|_| "standard input could not be fed".to_owned())?;
    }
    Ok(Output {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
