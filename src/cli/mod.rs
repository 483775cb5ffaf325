//! The command line.

mod apply;
mod arguments;
mod check;
mod cmp;
mod console;
mod docs;
mod emit;
mod environments;
mod files;
mod folder;
mod history;
mod init;
mod paths;
mod post_render;
mod symptoms;
mod tree;
mod write;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::{CommandFactory as _, Parser as _};
use files::Manifests;
use private_sso::Error;
use private_sso::emit::mistake_text;

/// Runs the command and says how it went.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => return end(2, &arguments::mistake(&error)),
        Err(error) => {
            // Nothing is left to do where even the help cannot be written.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
    };
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => end(failure.code, &failure.message),
    }
}

/// Ends without a result, and says why.
fn end(code: u8, message: &str) -> ExitCode {
    if post_render::is_helm_4() {
        return post_render::tell_helm_4(message);
    }
    console::error(message);
    ExitCode::from(code)
}

/// Why the command ends early.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = error.exit_code();
        let message = match &error {
            Error::Config(mistakes) => {
                let lines: Vec<String> = mistakes.iter().map(mistake_text).collect();
                lines.join("\nerror: ")
            }
            other => other.to_string(),
        };
        Self { code, message }
    }
}

fn run(arguments: Arguments) -> Result<u8, Failure> {
    if arguments.doc {
        return console::print(&docs::doc_json());
    }
    match arguments.command {
        Some(Command::Render { config, paths }) => render(&config, &paths),
        Some(Command::Cmp { parameters, plugin, kustomize }) => {
            cmp::run(&cmp::Request { announce: parameters, plugin, kustomize })
        }
        Some(Command::Emit { config, out, paths }) => emit::emit(&config, &out, &paths),
        Some(Command::PostRender { config, namespace, helm4: _ }) => {
            post_render::post_render(&config, namespace.as_deref())
        }
        Some(Command::Check { config, output, fail_on, paths }) => {
            check::run(&check::Request { config, format: output, fail_on, paths })
        }
        Some(Command::Apply { config, values, dry_run, paths }) => {
            apply::apply(&apply::Request { config, values, is_dry: dry_run, paths })
        }
        Some(Command::Init { output, paths }) => init::run(&paths, output.as_ref()),
        Some(Command::Apps { name }) => docs::apps(name.as_deref()),
        Some(Command::Explain { error: Some(text), .. }) => symptoms::explain(&text),
        Some(Command::Explain { code, .. }) => docs::explain(code.as_deref()),
        Some(Command::Schema) => console::print(&docs::schema_json()),
        Some(Command::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "private-sso", &mut out);
            console::print(&String::from_utf8_lossy(&out))
        }
        None => match arguments.config {
            Some(config) => legacy(&config),
            None => function(),
        },
    }
}

/// A `ResourceList` on standard input.
fn function() -> Result<u8, Failure> {
    if std::io::stdin().is_terminal() {
        return Err(Failure::usage(docs::ON_A_TERMINAL));
    }
    let text = files::stdin()?;
    if text.is_empty() {
        return Err(files::empty());
    }
    let (out, findings, code) = match private_sso::function(&text) {
        Err(private_sso::Error::Input(reason)) if !private_sso::read::is_resource_list(&text) => {
            let message = format!(
                "standard input must be one ResourceList ({reason}); for plain manifests use `private-sso render -c CONFIG`"
            );
            return Err(Failure { code: 3, message });
        }
        done => done?,
    };
    console::write_all(&out)?;
    console::findings(&findings);
    Ok(code)
}

/// kustomize's legacy exec plugin: the configuration as first argument, manifests on standard input.
fn legacy(config: &Path) -> Result<u8, Failure> {
    if !config.exists() {
        let name = config.display().to_string();
        let hint = arguments::nearest_command(&name)
            .map_or(String::new(), |near| format!("; did you mean `private-sso {near}`?"));
        return Err(Failure::usage(format!("\"{name}\" must be a command, or a file that holds a PrivateSSO{hint}")));
    }
    render(config, &[])
}

fn render(path: &Path, paths: &[PathBuf]) -> Result<u8, Failure> {
    let config = files::config(path)?;
    let manifests = Manifests::read(paths, Some(path))?;
    let several = manifests.files.len() > 1;
    let outcome = private_sso::run(&config, manifests.into_input()?)?;
    console::findings(&outcome.findings);
    if outcome.failed {
        return Ok(1);
    }
    let out = if several { join(&outcome.texts) } else { outcome.texts.concat() };
    console::write_all(&out)?;
    console::summary(&outcome.reasons);
    Ok(0)
}

/// Several files become one stream.
fn join(texts: &[String]) -> String {
    let mut out = String::new();
    for text in texts {
        if !out.is_empty() {
            if !out.ends_with('\n') {
                out.push('\n');
            }
            if !text.trim_start_matches('\u{feff}').starts_with("---") {
                out.push_str("---\n");
            }
        }
        out.push_str(if out.is_empty() { text } else { text.trim_start_matches('\u{feff}') });
    }
    out
}
