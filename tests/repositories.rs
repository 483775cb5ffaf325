//! `apply` in repositories as they come: subfolders, worktrees, submodules, odd names, thousands of files, files of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

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
const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: web:1
";

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_private-sso")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(folder).output().unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let settings = [
        "user.name=test",
        "user.email=test@lab.example",
        "core.autocrlf=false",
        "protocol.file.allow=always",
        "core.quotePath=false",
    ];
    let mut command = Command::new("git");
    command.current_dir(folder).args(settings.iter().flat_map(|setting| ["-c", setting])).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn commit(folder: &Path) {
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "as it was"]);
}

fn status(folder: &Path) -> String {
    String::from_utf8(git(folder, &["status", "--porcelain"]).stdout).unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A repository with the document in its folder, and a Deployment in each of the files.
fn repository(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sso.yaml"), DOCUMENT).unwrap();
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, DEPLOYMENT).unwrap();
    }
    commit(folder.path());
    folder
}

/// The diff of `--dry-run`, applied by git in a folder.
fn apply_dry(at: &Path, arguments: &[&str], patch_at: &Path) -> Output {
    let mut all = vec!["apply", "--dry-run"];
    all.extend(arguments);
    let dry = run(at, &all);
    assert_eq!(dry.status.code(), Some(1), "{}", message(&dry));
    let mut patch = Command::new("git").current_dir(patch_at).arg("apply").stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut patch.stdin.take().unwrap(), &dry.stdout).unwrap();
    assert!(patch.wait().unwrap().success(), "{}", String::from_utf8_lossy(&dry.stdout));
    dry
}

#[test]
fn odd_names_are_written_and_shown_as_git_takes_them() {
    let names = ["a b/ü.yaml", "plain.yaml", "quo\"te.yaml", "tab\t.yaml", "日本/雲.yaml"];
    let folder = repository(&names);
    apply_dry(folder.path(), &[], folder.path());
    assert_eq!(status(folder.path()).lines().count(), names.len());
    let again = run(folder.path(), &["apply", "--dry-run"]);
    assert_eq!(again.status.code(), Some(0), "what git applied is what `apply` writes");
}

#[test]
fn a_subfolder_is_wired_from_inside() {
    let folder = repository(&["apps/web.yaml", "other/web.yaml"]);
    let inside = folder.path().join("apps");
    apply_dry(&inside, &["-c", "../sso.yaml"], &inside);
    assert_eq!(status(folder.path()), " M apps/web.yaml\n");
}

#[test]
fn from_a_subfolder_names_begin_in_the_repository() {
    let folder = repository(&["apps/web.yaml", "other/web.yaml"]);
    let inside = folder.path().join("apps");
    let dry = apply_dry(&inside, &["-c", "../sso.yaml", ".."], folder.path());
    assert!(message(&dry).contains("the names in the diff begin in"), "{}", message(&dry));
    assert_eq!(status(folder.path()), " M apps/web.yaml\n M other/web.yaml\n");
}

#[test]
fn absolute_paths_do_too() {
    let folder = repository(&["apps/web.yaml"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    apply_dry(elsewhere.path(), &[root], folder.path());
    assert_eq!(status(folder.path()), " M apps/web.yaml\n");
}

#[test]
fn a_worktree_and_a_submodule_are_repositories() {
    let inner = repository(&["web.yaml"]);
    let trees = tempfile::tempdir().unwrap();
    let worktree = trees.path().join("worktree");
    git(inner.path(), &["worktree", "add", "--quiet", "--detach", worktree.to_str().unwrap()]);
    std::fs::write(worktree.join("web.yaml"), format!("# mine\n{DEPLOYMENT}")).unwrap();
    let output = run(&worktree, &["apply"]);
    assert!(output.status.success(), "{}", message(&output));
    assert!(message(&output).contains("web.yaml had changes that are not committed"), "{}", message(&output));

    let outer = repository(&["web.yaml"]);
    git(outer.path(), &["submodule", "--quiet", "add", inner.path().to_str().unwrap(), "sub"]);
    git(outer.path(), &["commit", "--quiet", "--message", "with a submodule"]);
    let sub = outer.path().join("sub");
    git(&sub, &["checkout", "--quiet", "--detach"]);
    std::fs::write(sub.join("web.yaml"), format!("# mine\n{DEPLOYMENT}")).unwrap();
    let output = run(outer.path(), &["apply"]);
    assert!(output.status.success(), "{}", message(&output));
    let notes = message(&output);
    assert!(notes.contains("sub/web.yaml had changes that are not committed"), "{notes}");
    assert!(!notes.contains(": web.yaml had changes"), "the file of the outer repository had none: {notes}");
    assert_eq!(status(&sub), " M web.yaml\n");
}

#[test]
fn what_git_ignores_is_left_alone_unless_it_is_named() {
    let folder = repository(&["web.yaml"]);
    std::fs::create_dir(folder.path().join("build")).unwrap();
    std::fs::write(folder.path().join("build/web.yaml"), DEPLOYMENT).unwrap();
    std::fs::write(folder.path().join(".gitignore"), "build/\n").unwrap();
    assert!(run(folder.path(), &["apply"]).status.success());
    assert_eq!(std::fs::read_to_string(folder.path().join("build/web.yaml")).unwrap(), DEPLOYMENT);
    assert!(run(folder.path(), &["apply", "-c", "sso.yaml", "build"]).status.success());
    assert_ne!(std::fs::read_to_string(folder.path().join("build/web.yaml")).unwrap(), DEPLOYMENT);
}

#[test]
fn without_git_it_works_and_says_nothing_of_it() {
    let folder = repository(&["web.yaml"]);
    std::fs::remove_dir_all(folder.path().join(".git")).unwrap();
    let output = run(folder.path(), &["apply"]);
    assert!(output.status.success());
    assert!(!message(&output).contains("commit"), "{}", message(&output));
    let hidden = Command::new(program()).arg("apply").env("PATH", "").current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&hidden.stdout), "nothing has to change\n");
}

#[test]
fn thousands_of_files_are_one_question_to_git() {
    let names: Vec<String> = (0..2000).map(|index| format!("apps/{index:04}/web.yaml")).collect();
    let folder = repository(&names.iter().map(String::as_str).collect::<Vec<_>>());
    std::fs::write(folder.path().join("apps/0007/web.yaml"), format!("# mine\n{DEPLOYMENT}")).unwrap();
    // A `git` that counts its calls.
    let bin = tempfile::tempdir().unwrap();
    let real = Command::new("sh").args(["-c", "command -v git"]).output().unwrap();
    let (real, log) = (String::from_utf8(real.stdout).unwrap(), bin.path().join("calls"));
    let script = format!("#!/bin/sh\necho call >> '{}'\nexec '{}' \"$@\"\n", log.display(), real.trim());
    std::fs::write(bin.path().join("git"), script).unwrap();
    std::fs::set_permissions(bin.path().join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new(program()).arg("apply").env("PATH", path).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("2000 files were written\n"));
    let notes = message(&output);
    assert_eq!(notes.matches("had changes that are not committed").count(), 1, "{notes}");
    assert_eq!(std::fs::read_to_string(log).unwrap().lines().count(), 1);
}

#[test]
fn a_link_that_leads_out_of_the_repository_is_said() {
    let folder = repository(&["web.yaml"]);
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("real.yaml");
    std::fs::write(&target, DEPLOYMENT).unwrap();
    std::os::unix::fs::symlink(&target, folder.path().join("link.yaml")).unwrap();
    std::os::unix::fs::symlink("web.yaml", folder.path().join("inside.yaml")).unwrap();
    let output = run(folder.path(), &["apply"]);
    assert!(output.status.success());
    let notes = message(&output);
    assert!(notes.contains("link.yaml leads out of the repository, and "), "{notes}");
    assert!(notes.contains("real.yaml is what is written"), "{notes}");
    assert!(!notes.contains("inside.yaml"), "{notes}");
    assert!(folder.path().join("link.yaml").is_symlink());
}

#[test]
fn a_file_that_is_no_text_is_left_out_and_the_rest_is_wired() {
    let folder = repository(&["web.yaml"]);
    std::fs::write(folder.path().join("bad.yaml"), b"kind: \xff\xfe\n").unwrap();
    let output = run(folder.path(), &["apply"]);
    assert!(output.status.success());
    let notes = message(&output);
    assert!(notes.contains("bad.yaml: bad.yaml must be UTF-8: byte 6 is not; the file was left out"), "{notes}");
    assert_eq!(std::fs::read(folder.path().join("bad.yaml")).unwrap(), b"kind: \xff\xfe\n");
    assert!(status(folder.path()).contains(" M web.yaml\n"));
    let named = run(folder.path(), &["apply", "-c", "sso.yaml", "bad.yaml"]);
    assert_eq!(named.status.code(), Some(3));
    assert!(message(&named).contains("bad.yaml must be UTF-8: byte 6 is not"), "{}", message(&named));
}

/// Runs as somebody who owns nothing; root may do everything, and nobody else can become another.
fn run_as_nobody(folder: &Path) -> Output {
    let bin = tempfile::tempdir().unwrap();
    let copy = bin.path().join("private-sso");
    std::fs::copy(program(), &copy).unwrap();
    for path in [bin.path(), &copy] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(&copy);
    command.arg("apply").current_dir(folder);
    if std::fs::metadata(bin.path()).unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command.output().unwrap()
}

#[test]
fn a_file_without_permission_is_left_out_and_a_folder_without_stops_all() {
    let folder = repository(&["closed/web.yaml", "open/web.yaml"]);
    let mode = |path: &str, mode| {
        std::fs::set_permissions(folder.path().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o777);
    mode("open", 0o777);
    mode("open/web.yaml", 0o666);
    mode("closed", 0o555);
    let output = run_as_nobody(folder.path());
    assert_eq!(output.status.code(), Some(3), "{}", message(&output));
    let expected =
        "closed/web.yaml must be writable: its folder must take a new file: permission denied; nothing was written";
    assert!(message(&output).contains(expected), "{}", message(&output));
    for file in ["closed/web.yaml", "open/web.yaml"] {
        assert_eq!(std::fs::read_to_string(folder.path().join(file)).unwrap(), DEPLOYMENT);
    }
    mode("closed/web.yaml", 0o000);
    let output = run_as_nobody(folder.path());
    mode("closed", 0o755);
    mode("closed/web.yaml", 0o644);
    let expected = "closed/web.yaml must be readable: Permission denied (os error 13); the file was left out";
    assert!(message(&output).contains(expected), "{}", message(&output));
    assert_eq!(std::fs::read_to_string(folder.path().join("closed/web.yaml")).unwrap(), DEPLOYMENT);
    assert_eq!(std::fs::read_dir(folder.path().join("open")).unwrap().count(), 1, "no temporary file may stay");
}
