//! The folder that a Component is written into.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::Failed;

use super::holds;

/// Every file of a folder, hidden ones too.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries.map(|path| (name(&path), fs::read_to_string(&path).unwrap_or_default())).collect()
}

fn emit(root: &Path, out: &Path) -> Output {
    let example = root.join("examples/flux");
    let mut program = Command::new(env!("CARGO_BIN_EXE_private-sso"));
    program.arg("emit").arg("-c").arg(example.join("sso.yaml")).arg("-o").arg(out).arg(example.join("base"));
    program.output().unwrap()
}

pub fn is_kept(root: &Path) -> Result<(), Failed> {
    let scratch = tempfile::tempdir().unwrap();
    // The parent is made too.
    let out = scratch.path().join("a/wired");
    holds(emit(root, &out).status.success(), "a new folder is filled")?;
    let first = files(&out);
    let kustomization = &first["kustomization.yaml"];
    for name in first.keys().filter(|name| *name != "kustomization.yaml") {
        holds(kustomization.contains(&format!("{name}\n")), &format!("kustomization.yaml must name {name}"))?;
    }
    // A file of an earlier run, one of a run that was cut off, and one that lost its end.
    let marker = kustomization.lines().next().unwrap();
    fs::write(out.join("deployment_gone.merge.yaml"), format!("{marker}\nkind: Deployment\n")).unwrap();
    fs::write(out.join(".kustomization.yaml.new"), format!("{marker}\n")).unwrap();
    fs::write(out.join("kustomization.yaml"), marker).unwrap();
    holds(emit(root, &out).status.success(), "a folder of an earlier run is filled anew")?;
    holds(files(&out) == first, "the second run must write what the first wrote")
}

pub fn is_not_taken(root: &Path) -> Result<(), Failed> {
    for name in ["notes.txt", "kustomization.yaml", ".gitkeep"] {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join(name), "somebody's\n").unwrap();
        let before = files(scratch.path());
        let run = emit(root, scratch.path());
        let said = String::from_utf8_lossy(&run.stderr);
        holds(run.status.code() == Some(2), "the folder must be refused")?;
        holds(said.contains(&format!("it also holds {}", scratch.path().join(name).display())), &said)?;
        holds(files(scratch.path()) == before, "nothing must have changed")?;
    }
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    holds(emit(root, &file).status.code() == Some(2), "a file is no folder")
}

pub fn example(root: &Path) -> Result<(), Failed> {
    let committed = root.join("examples/flux/wired");
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("wired");
    holds(emit(root, &out).status.success(), "the example must be wired")?;
    if files(&out) == files(&committed) {
        return Ok(());
    }
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        holds(emit(root, &committed).status.success(), "the example must be written")?;
    }
    Err(Failed::from(
        "examples/flux/wired must be what emit writes; run with UPDATE_GENERATED=1, and read the difference",
    ))
}
