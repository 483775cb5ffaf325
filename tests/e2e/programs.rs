//! The real programs: where they are on this machine, and where an image has them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Without one of them there is no login.
pub const NEEDED: &[&str] =
    &["helm", "dex", "argocd", "kube-apiserver", "etcd", "redis-server", "unshare", "chroot", "ip"];

/// A program by its name.
pub fn find(name: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("PRIVATE_SSO_HELM4").filter(|_| name == "helm") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Whether a program is on this machine; Debian has another one called dex.
pub fn is_here(name: &str) -> bool {
    let Some(program) = find(name) else { return false };
    let version = || Command::new(program).arg("version").output().map(|output| output.stdout).unwrap_or_default();
    name != "dex" || String::from_utf8_lossy(&version()).contains("Dex Version")
}

/// What an image brings.
pub struct Image {
    /// Programs, and where the image has them.
    pub files: Vec<(PathBuf, &'static str)>,
    /// Folders that must be there, with a page in them.
    pub pages: &'static [&'static str],
    /// What is put before the container's `args` where it has no `command`.
    pub entrypoint: &'static [&'static str],
}

impl Image {
    /// The image of a container.
    pub fn of(container: &Value) -> Self {
        let name = container["image"].as_str().unwrap_or_default();
        let image = |program: &str, paths: &[&'static str], entrypoint: &'static [&'static str]| {
            let program = find(program).unwrap_or_else(|| panic!("{program} must be in PATH"));
            let program = std::fs::canonicalize(program).unwrap();
            Self { files: paths.iter().map(|path| (program.clone(), *path)).collect(), pages: &[], entrypoint }
        };
        let repository = name.rsplit('/').next().unwrap_or(name).split(':').next().unwrap_or(name);
        match repository {
            "argocd" => {
                let mut argocd = image("argocd", &["/usr/local/bin/argocd", "/usr/local/bin/argocd-server"], &[]);
                argocd.files.extend(image("dex", &["/usr/local/bin/dex"], &[]).files);
                argocd
            }
            "dex" => image("dex", &["/usr/local/bin/dex"], &[]),
            "redis" => image("redis-server", &["/usr/local/bin/redis-server"], &["redis-server"]),
            "etcd" => image("etcd", &["/usr/local/bin/etcd"], &[]),
            "kube-apiserver" => image("kube-apiserver", &["/usr/local/bin/kube-apiserver"], &[]),
            // The server without its pages: what a browser would run of them is not part of a login.
            "headlamp" => Self {
                pages: &["/headlamp/frontend", "/headlamp/plugins"],
                ..image(
                    "headlamp-server",
                    &["/headlamp/headlamp-server"],
                    &[
                        "/headlamp/headlamp-server",
                        "-html-static-dir",
                        "/headlamp/frontend",
                        "-plugins-dir",
                        "/headlamp/plugins",
                    ],
                )
            },
            _ => panic!("no program is known for the image \"{name}\""),
        }
    }
}

/// Whether a program's folder is given, which for Headlamp's is up to the machine: its module cannot be had from a registry.
pub fn has_headlamp() -> bool {
    find("headlamp-server").as_deref().is_some_and(Path::is_file)
}
