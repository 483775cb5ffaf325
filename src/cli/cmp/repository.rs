//! Where the Application's folder is, and where the repository around it ends.

use std::path::{Component, Path, PathBuf};

use super::{Failure, shown, variable};

/// The repository as Argo CD unpacked it.
pub(super) struct Repository {
    /// Its top.
    pub(super) root: PathBuf,
    /// The Application's folder: the current one.
    pub(super) app: PathBuf,
}

impl Repository {
    /// Argo CD says where in the repository the folder is. Without that, the repository ends where Git's folder is.
    pub(super) fn here() -> Result<Self, Failure> {
        let app = std::env::current_dir()
            .and_then(|folder| folder.canonicalize())
            .map_err(|error| Failure { code: 3, message: format!("the current folder must be readable: {error}") })?;
        let root = match variable("ARGOCD_APP_SOURCE_PATH") {
            Some(path) => {
                let parts = Path::new(&path).components().filter(|part| matches!(part, Component::Normal(_)));
                let depth = parts.count();
                app.ancestors().nth(depth).map(Path::to_owned)
            }
            None => app.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned),
        };
        Ok(Self { root: root.unwrap_or_else(|| app.clone()), app })
    }

    /// A path as people know it: Argo CD unpacks the repository into a temporary folder, which says nothing.
    pub(super) fn seen_from_app(&self, path: &Path) -> PathBuf {
        let mut up = PathBuf::new();
        for folder in self.app.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
            if let Ok(rest) = path.strip_prefix(folder) {
                return up.join(rest);
            }
            up.push("..");
        }
        path.to_owned()
    }

    /// A file of the repository: relative to the Application's folder, or with a slash in front to the repository's top. No
    /// link and no `..` leads out of it, since what is outside belongs to the plugin and to other repositories.
    pub(super) fn file(&self, path: &str, parameter: &str) -> Result<PathBuf, Failure> {
        let full = match path.strip_prefix('/') {
            Some(path) => self.root.join(path),
            None => self.app.join(path),
        };
        let real = full.canonicalize().ok().filter(|real| real.is_file() && real.starts_with(&self.root));
        real.ok_or_else(|| {
            let folder = match shown(&self.app, &self.root) {
                top if top.is_empty() => "the repository's top".to_owned(),
                folder => format!("{folder}, or with a slash in front to the repository's top"),
            };
            Failure::usage(format!(
                "parameter `{parameter}` must name a file of the repository, relative to {folder}; \"{path}\" is none"
            ))
        })
    }
}
