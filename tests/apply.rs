//! `apply` where the machine does not do its part: nothing is ever written by half.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const DOCUMENT: &str = "\
apiVersion: sso.kidd.network/v1alpha1
kind: PrivateSSO
metadata: {name: lab}
spec:
  trust:
    configMap: {name: lab-ca}
    workloads:
    - {kind: Deployment}
";

fn deployment(index: usize) -> String {
    format!(
        "# number {index}\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{index}}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:1\n"
    )
}

fn tree(files: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sso.yaml"), DOCUMENT).unwrap();
    for index in 0..files {
        std::fs::write(folder.path().join(format!("web-{index:03}.yaml")), deployment(index)).unwrap();
    }
    folder
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_private-sso")
}

fn apply(folder: &Path) -> Output {
    Command::new(program()).arg("apply").current_dir(folder).output().unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("web-")).collect();
    found.sort();
    found
}

fn is_untouched(folder: &Path) -> bool {
    let files = manifests(folder);
    files.iter().enumerate().all(|(index, path)| std::fs::read_to_string(path).unwrap() == deployment(index))
}

#[test]
fn permissions_stay() {
    let folder = tree(1);
    let file = folder.path().join("web-000.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(apply(folder.path()).status.success());
    assert_ne!(std::fs::read_to_string(&file).unwrap(), deployment(0));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_link_stays_one() {
    let folder = tree(1);
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("real.yaml");
    std::fs::write(&target, deployment(7)).unwrap();
    let link = folder.path().join("link.yaml");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(apply(folder.path()).status.success());
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&target).unwrap().contains("SSL_CERT_DIR"));
}

#[test]
fn one_read_only_file_stops_all() {
    let folder = tree(3);
    let file = folder.path().join("web-001.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let output = apply(folder.path());
    assert_eq!(output.status.code(), Some(3));
    assert!(message(&output).contains("web-001.yaml must be writable: it is read-only; nothing was written"));
    assert!(is_untouched(folder.path()));
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    // The next best thing to a full disk that needs no root: no file may grow beyond 512 bytes.
    let folder = tree(2);
    let long = format!("{}{}", "# a long comment\n".repeat(60), deployment(1));
    std::fs::write(folder.path().join("web-001.yaml"), &long).unwrap();
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{}' apply", program());
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", message(&output));
    assert!(message(&output).contains("nothing was written"), "{}", message(&output));
    assert_eq!(std::fs::read_to_string(folder.path().join("web-000.yaml")).unwrap(), deployment(0));
    assert_eq!(std::fs::read_to_string(folder.path().join("web-001.yaml")).unwrap(), long);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "no temporary file may stay");
}

#[test]
fn a_kill_leaves_each_file_old_or_new_and_a_second_run_finishes() {
    let whole = tree(20);
    assert!(apply(whole.path()).status.success());
    let new: Vec<String> = manifests(whole.path()).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    // From before the first byte is read to after the last file is written.
    for millis in [0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128] {
        let folder = tree(20);
        let mut run = Command::new(program())
            .arg("apply")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        let _ = run.kill();
        run.wait().unwrap();
        for (index, path) in manifests(folder.path()).iter().enumerate() {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text == deployment(index) || text == new[index], "{} is neither old nor new", path.display());
        }
        assert!(apply(folder.path()).status.success());
        let files = manifests(folder.path());
        assert!(files.iter().zip(&new).all(|(path, new)| std::fs::read_to_string(path).unwrap() == *new));
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 21, "what a killed run left behind must be gone");
    }
}
