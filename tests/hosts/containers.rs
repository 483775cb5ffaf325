//! podman for one sandbox: images and containers below its folder, and settings with which it also runs in a container, where
//! limits may not be raised, file systems not be stacked, and crun finds no control groups. No container gets a network.

use std::path::{Path, PathBuf};

/// The variables that name the two files of settings, and the files.
const FILES: &[(&str, &str)] = &[("CONTAINERS_CONF", "containers.conf"), ("CONTAINERS_STORAGE_CONF", "storage.conf")];

/// Writes the settings into the folder.
pub fn settings(folder: &Path) {
    let networks = folder.join("networks");
    std::fs::create_dir_all(&networks).unwrap();
    let containers = format!(
        "[containers]\nnetns = \"none\"\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n\
         [engine]\nruntime = \"runc\"\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\ntmp_dir = {:?}\n\
         [network]\nnetwork_config_dir = {networks:?}\n",
        folder.join("tmp")
    );
    let storage = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = {:?}\nrunroot = {:?}\n",
        folder.join("images"),
        folder.join("run")
    );
    for ((_, name), text) in FILES.iter().zip([containers, storage]) {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

/// What lets podman find them, where there are any.
pub fn variables(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let files = FILES.iter().map(|(variable, name)| (*variable, folder.join(name)));
    files.filter(|(_, file)| file.is_file()).collect()
}
