//! The command: the only place that reads files, standard input and the environment, and writes.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
