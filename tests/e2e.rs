//! Proof by login: the real Dex, Argo CD and API server, and Headlamp where it is on this machine, each configured by nothing
//! but what the program emits, and people who log in through every redirect.
//!
//! What is run is read from the wired manifests: a pod is a process with the pod's volumes, variables and arguments. The whole
//! test has namespaces of its own, in which it names hosts and takes port 443.
//!
//! `.ci/tools` builds the programs. Without them the test is skipped visibly; with `PRIVATE_SSO_TOOLS=required` that is a
//! failure.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends where something does not hold"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[path = "e2e/authority.rs"]
mod authority;
#[path = "e2e/browser.rs"]
mod browser;
#[path = "e2e/control_plane.rs"]
mod control_plane;
#[path = "e2e/controls.rs"]
mod controls;
#[path = "e2e/ingress.rs"]
mod ingress;
#[path = "e2e/lab.rs"]
mod lab;
#[path = "e2e/logins.rs"]
mod logins;
#[path = "e2e/manifests.rs"]
mod manifests;
#[path = "e2e/outside.rs"]
mod outside;
#[path = "e2e/pod.rs"]
mod pod;
#[path = "e2e/programs.rs"]
mod programs;
#[path = "e2e/variables.rs"]
mod variables;
#[path = "e2e/volumes.rs"]
mod volumes;

fn main() -> ExitCode {
    if !outside::is_inside() {
        return outside::run();
    }
    // All labs have the same hosts and ports.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let logins = logins::LOGINS.iter().map(|(name, login)| {
        Trial::test(format!("login::{name}"), move || {
            login();
            Ok(())
        })
    });
    let controls = controls::CONTROLS
        .iter()
        .map(|control| Trial::test(format!("control::{}", control.name), move || Ok(control.run()?)));
    libtest_mimic::run(&arguments, logins.chain(controls).collect()).exit_code()
}
