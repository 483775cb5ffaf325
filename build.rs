//! Lists the profiles in `functions/apps`, so that an app is added by its file and its cases alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var(name).map_err(io::Error::other);
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("functions").join("apps");
    let entries: Result<Vec<PathBuf>, io::Error> = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect();
    let mut files = entries?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        list.push_str(&format!("    ({name:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    list.push_str("]\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("apps.rs"), list)?;
    writeln!(io::stdout(), "cargo::rerun-if-changed=functions/apps")
}
