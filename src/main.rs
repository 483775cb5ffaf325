//! The command: the only place that reads files, standard input and the environment, and writes.

mod cli;

use std::process::ExitCode;

/// Objects are thousands of small pieces, made on several threads and given back in another order: the systems' own allocators,
/// musl's most of all, take twice the time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
