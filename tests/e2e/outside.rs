//! The test runs itself again in namespaces of its own, where it may bind port 443, name hosts and mount as a kubelet does,
//! and where every process ends with it. The machine is left as it is.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use super::programs;

/// Set in the inner run.
const INSIDE: &str = "PRIVATE_SSO_E2E_INSIDE";

/// Whether this is the inner run.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Starts the inner run; without the programs that it needs it says so, which is a failure where they are required.
pub fn run() -> ExitCode {
    let missing: Vec<&str> = programs::NEEDED.iter().copied().filter(|name| !programs::is_here(name)).collect();
    let is_required = std::env::var("PRIVATE_SSO_TOOLS").as_deref() == Ok("required");
    if !missing.is_empty() {
        eprintln!(
            "skipped: logins on real servers: {} not here (`.ci/tools helm4 argocd dex kube-apiserver` builds and prints folders for PATH; etcd and redis are Debian's etcd-server and redis-server)",
            missing.join(", ")
        );
        return if is_required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let ways: [&[&str]; 2] = [&[], &["--map-root-user"]];
    let found =
        ways.into_iter().find(|way| unshare(way).arg("true").output().is_ok_and(|tried| tried.status.success()));
    let Some(way) = found else {
        eprintln!("skipped: logins on real servers: this system lets nobody mount in a namespace");
        return if is_required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"));
    let scratch = tempfile::tempdir().unwrap();
    let script = r#"set -e
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs "$0"
printf '127.0.0.1 localhost\n' > "$0/hosts"
mount --bind "$0/hosts" /etc/hosts
exec "$@""#;
    let status = unshare(way)
        .args(["sh", "-c", script])
        .arg(scratch.path())
        .arg(own)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, scratch.path())
        .status()
        .unwrap();
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn unshare(way: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command
}

/// The folder of the inner run, in memory.
pub fn scratch() -> PathBuf {
    PathBuf::from(std::env::var_os(INSIDE).unwrap())
}
