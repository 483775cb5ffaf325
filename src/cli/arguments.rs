//! What the command takes.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use private_sso::config::document::FailOn;
use private_sso::config::shape::nearest;

/// Wires Headlamp, Argo CD and other apps to Dex behind a private CA, and keeps every other byte of your manifests.
///
/// Without a command it is a KRM function: a ResourceList on standard input, wired, on standard output.
#[derive(Debug, Parser)]
#[command(name = "private-sso", version, after_help = AFTER_HELP, subcommand_precedence_over_arg = true)]
pub(super) struct Arguments {
    /// Print the documentation as JSON, as hosts of KRM functions read it
    #[arg(long)]
    pub(super) doc: bool,
    /// A PrivateSSO document; manifests come on standard input (kustomize's legacy exec plugin)
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Wire manifests: files, folders or standard input in, one stream out
    Render {
        /// The PrivateSSO document
        #[arg(short, long, value_name = "CONFIG")]
        config: PathBuf,
        /// Files or folders; `-` or nothing is standard input
        paths: Vec<PathBuf>,
    },
    /// Wire what Helm renders: the program for `helm --post-renderer`
    PostRender {
        /// The PrivateSSO document
        #[arg(short, long, value_name = "CONFIG")]
        config: PathBuf,
        /// The release's namespace, for manifests that name none
        #[arg(short, long, value_name = "NAMESPACE")]
        namespace: Option<String>,
        /// Report errors on standard output, where Helm 4 shows them; only in its plugin, which sets it
        #[arg(long)]
        helm4: bool,
    },
    /// Say what does not hold, and change nothing: both ends of every login, with a PrivateSSO document or without
    Check {
        /// The PrivateSSO document; also what a run would still change is then an error. Default: those in the paths
        #[arg(short, long, value_name = "CONFIG")]
        config: Option<PathBuf>,
        /// How the findings are written
        #[arg(short, long, value_enum, default_value_t = Format::Text)]
        output: Format,
        /// From which severity on findings fail. Default: the document's `checks.failOn`, else error
        #[arg(long, value_enum, value_name = "SEVERITY")]
        fail_on: Option<FailOnArgument>,
        /// Files or folders; `-` or nothing is standard input
        paths: Vec<PathBuf>,
    },
    /// Wire the files of a repository in place; read the diff, then commit
    Apply {
        /// The PrivateSSO document; without it each one in the tree speaks of its folder
        #[arg(short, long, value_name = "CONFIG")]
        config: Option<PathBuf>,
        /// Helm values of an app that nothing in the tree says are its own
        #[arg(long, value_name = "APP=FILE", value_parser = app_and_file)]
        values: Vec<(String, PathBuf)>,
        /// Write nothing; print the diff, and exit 1 where there is one
        #[arg(long)]
        dry_run: bool,
        /// Files or folders; nothing is the current folder
        paths: Vec<PathBuf>,
    },
    /// Render what is in the current folder, and wire it: the generate step of an Argo CD config management plugin
    Cmp {
        /// Print the parameters that an Application can set here
        #[arg(long)]
        parameters: bool,
        /// The folder of the plugin's configuration: a PrivateSSO in it serves Applications that have no other
        #[arg(long, value_name = "DIR", default_value = "/home/argocd/cmp-server/config")]
        plugin: PathBuf,
        /// An option for `kustomize build`, `--kustomize=--enable-helm`
        #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
        kustomize: Vec<String>,
    },
    /// Write what a run changes as a kustomize Component, for hosts that run no functions
    Emit {
        /// The PrivateSSO document
        #[arg(short, long, value_name = "CONFIG")]
        config: PathBuf,
        /// The Component's folder: a new one, or one that holds nothing but an earlier Component
        #[arg(short, long, value_name = "DIR")]
        out: PathBuf,
        /// Files or folders with the manifests of the build; `-` or nothing is standard input
        paths: Vec<PathBuf>,
    },
    /// Write a first PrivateSSO document from what lies in a tree
    Init {
        /// The file to write, which must not be there yet. Default: standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Files or folders; nothing is the current folder
        paths: Vec<PathBuf>,
    },
    /// List the known apps, or show what is known of one
    Apps {
        /// The app's name
        name: Option<String>,
    },
    /// Explain a finding, or list all of them
    Explain {
        /// The finding's code
        code: Option<String>,
        /// The text of an error at run time: names the findings that explain it
        #[arg(long, value_name = "TEXT", conflicts_with = "code")]
        error: Option<String>,
    },
    /// Print the JSON Schema of the PrivateSSO document
    Schema,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// How the findings of a check are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, as code scanning reads it
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// From which severity on findings fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnArgument {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Nothing
    Never,
}

impl From<FailOnArgument> for FailOn {
    fn from(argument: FailOnArgument) -> Self {
        match argument {
            FailOnArgument::Error => Self::Error,
            FailOnArgument::Warning => Self::Warning,
            FailOnArgument::Never => Self::Never,
        }
    }
}

const AFTER_HELP: &str = "\
Exit codes: 0 done; 1 findings at or above `checks.failOn`; 2 wrong usage or document; 3 unreadable input; 4 a bug.
On every code but 0 nothing is wired: a list comes back as it was with `results`, a stream not at all.";

/// `headlamp=apps/headlamp/values.yaml`.
fn app_and_file(text: &str) -> Result<(String, PathBuf), String> {
    let (app, file) = text.split_once('=').ok_or("must be APP=FILE, for example headlamp=apps/headlamp/values.yaml")?;
    let path = PathBuf::from(file);
    if path.is_file() { Ok((app.to_owned(), path)) } else { Err(format!("{file} must be a file")) }
}

/// The command that a mistyped one may mean.
pub(super) fn nearest_command(name: &str) -> Option<String> {
    let commands = <Arguments as clap::CommandFactory>::command();
    let names: Vec<String> = commands.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// What is wrong with the arguments, and the command that was meant.
pub(super) fn mistake(error: &clap::Error) -> String {
    use clap::error::ErrorKind::{MissingRequiredArgument, UnknownArgument};
    let first = std::env::args().nth(1).unwrap_or_default();
    let commands = <Arguments as clap::CommandFactory>::command();
    let is_command = commands.get_subcommands().any(|command| command.get_name() == first);
    let render = "`private-sso render -c CONFIG [PATH|-]...`";
    match (error.kind(), first.as_str()) {
        (UnknownArgument, _) if !is_command => format!("manifests must be wired by a command: {render}"),
        (MissingRequiredArgument, "render") => format!("the PrivateSSO document must be given with -c: {render}"),
        (MissingRequiredArgument, "post-render") => {
            "the PrivateSSO document must be given with -c, through Helm as `--post-renderer-args=--config=sso.yaml`"
                .to_owned()
        }
        _ => {
            let text = error.to_string();
            text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned()
        }
    }
}
