//! The files of a run by their paths: objects refer to files, and files lie beside objects.

use std::collections::{BTreeSet, HashMap};

use super::Object;

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// From the root of the file system, without links, with `/`.
    pub path: String,
    /// The repository's folder, from which references such as `$values/…` lead.
    pub root: String,
}

/// All files of a run. Empty where the input is no tree.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// By index of the source.
    paths: Vec<Option<FilePath>>,
    /// The only document of a file, by path: index of the object.
    documents: HashMap<String, usize>,
    folders: BTreeSet<String>,
    /// App and path, as the user names them.
    claims: Vec<(String, String)>,
}

impl Files {
    /// From the path of each source, and the objects in them.
    pub fn new(paths: Vec<Option<FilePath>>, objects: &[Object]) -> Self {
        let mut counts: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, object) in objects.iter().enumerate() {
            counts.entry(object.location.source).or_default().push(index);
        }
        let only = |(source, objects): (usize, Vec<usize>)| match objects.as_slice() {
            [object] => Some((paths.get(source)?.as_ref()?.path.clone(), *object)),
            _ => None,
        };
        let documents = counts.into_iter().filter_map(only).collect();
        let mut folders = BTreeSet::new();
        for file in paths.iter().flatten() {
            let mut folder = parent(&file.path);
            while folder.len() >= file.root.len() && folders.insert(folder.to_owned()) {
                folder = parent(folder);
            }
        }
        Self { paths, documents, folders, claims: Vec::new() }
    }

    /// The same, with files that the user names as the values of an app: app and path.
    #[must_use]
    pub fn claimed(self, claims: Vec<(String, String)>) -> Self {
        Self { claims, ..self }
    }

    /// The app and the document of each file that the user names as values.
    pub fn claims(&self) -> impl Iterator<Item = (&str, usize)> {
        self.claims.iter().filter_map(|(app, path)| Some((app.as_str(), self.document(path)?)))
    }

    /// The path of an object's file as people write it: from the repository's folder on.
    pub fn shown(&self, object: &Object) -> Option<&str> {
        let file = self.of(object)?;
        Some(file.path.strip_prefix(&file.root)?.trim_start_matches('/'))
    }

    /// Where the file of an object is.
    pub fn of(&self, object: &Object) -> Option<&FilePath> {
        self.paths.get(object.location.source)?.as_ref()
    }

    /// The folder that an object's file is in.
    pub fn folder_of(&self, object: &Object) -> Option<&str> {
        Some(parent(&self.of(object)?.path))
    }

    /// Index of the object that is the only document of a file.
    pub fn document(&self, path: &str) -> Option<usize> {
        self.documents.get(path).copied()
    }

    /// Every document that is alone in its file, with the path.
    pub fn documents(&self) -> impl Iterator<Item = (&str, usize)> {
        self.documents.iter().map(|(path, object)| (path.as_str(), *object))
    }

    /// The folders below a root that hold files, themselves or further down.
    pub fn folders<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a str> {
        self.folders.iter().map(String::as_str).filter(move |folder| is_below(folder, root))
    }
}

/// A path from a folder, without `.` and `..`; from the root where it begins with `/`.
pub fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
}

/// The folder of a file.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_dots() {
        for (folder, path, joined) in [
            ("/r/apps", "values.yaml", "/r/apps/values.yaml"),
            ("/r/apps", "../dex/./v.yaml", "/r/dex/v.yaml"),
            ("/r", "/x/y", "/x/y"),
            ("/r", "../../../x", "/x"),
        ] {
            assert_eq!(join(folder, path), joined);
        }
    }
}
