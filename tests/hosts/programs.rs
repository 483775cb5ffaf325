//! The programs that the pages run, where this machine has them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the program as the image holds it. It is not built here, since that is a release; `.ci/run` builds it.
const STATIC: &str = "PRIVATE_SSO_STATIC";

/// A program by the name that pages have for it.
pub fn find(name: &str) -> Option<PathBuf> {
    match name {
        "private-sso" => Some(PathBuf::from(env!("CARGO_BIN_EXE_private-sso"))),
        "static" => std::env::var_os(STATIC).map(PathBuf::from),
        "helm3" => helm("PRIVATE_SSO_HELM3", "v3"),
        "helm4" => helm("PRIVATE_SSO_HELM4", "v4"),
        _ => in_path(name),
    }
}

fn helm(variable: &str, version: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(PathBuf::from(path));
    }
    let helm = in_path("helm")?;
    let output = Command::new(&helm).args(["version", "--short"]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).starts_with(version).then_some(helm)
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Says that something is not tested here, and how it would be.
pub fn skip(program: &str, what: &str) -> Result<(), String> {
    let way = match program {
        "static" => format!(
            "`cargo build --release --target {}-unknown-linux-musl` builds it, with musl-gcc; name it in {STATIC}",
            std::env::consts::ARCH
        ),
        "podman" => "`apt-get install podman runc` on Debian".to_owned(),
        _ => format!("`.ci/tools {program}` builds it and prints its folder"),
    };
    if std::env::var("PRIVATE_SSO_TOOLS").as_deref() == Ok("required") {
        return Err(format!("{program} must be there ({way}): PRIVATE_SSO_TOOLS is `required`"));
    }
    // Past the test harness, which would hide it.
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {program} is not here ({way})");
    Ok(())
}
