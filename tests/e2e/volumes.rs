//! A pod's volumes as the kubelet lays them out: files in a folder of their own, reached by two links.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::manifests::Manifests;

/// What a volume is made from.
pub struct Source<'a> {
    pub manifests: &'a Manifests,
    pub namespace: &'a str,
    /// The host's files, for `hostPath`.
    pub node: &'a Path,
}

impl Source<'_> {
    /// The folder that holds a volume; an error is what the kubelet says where the pod cannot start.
    pub fn lay_out(&self, volume: &Value, folder: PathBuf) -> Result<PathBuf, String> {
        if let Some(path) = volume["hostPath"]["path"].as_str() {
            let folder = self.node.join(path.trim_start_matches('/'));
            std::fs::create_dir_all(&folder).unwrap();
            return Ok(folder);
        }
        std::fs::create_dir_all(&folder).unwrap();
        if volume["emptyDir"].is_object() {
            return Ok(folder);
        }
        let mut files = BTreeMap::new();
        for source in volume["projected"]["sources"].as_array().unwrap_or(&vec![volume.clone()]) {
            files.extend(self.files(source)?);
        }
        let own = folder.join("..2026_01_01_00_00_00.1");
        std::fs::create_dir_all(&own).unwrap();
        symlink("..2026_01_01_00_00_00.1", folder.join("..data")).unwrap();
        for (name, content) in files {
            let file = own.join(&name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
            let first = name.split('/').next().unwrap_or(&name);
            if !folder.join(first).exists() {
                symlink(Path::new("..data").join(first), folder.join(first)).unwrap();
            }
        }
        Ok(folder)
    }

    fn files(&self, source: &Value) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let (kind, source, name) = if source["configMap"].is_object() {
            ("ConfigMap", &source["configMap"], "name")
        } else if source["secret"].is_object() {
            let source = &source["secret"];
            ("Secret", source, if source["secretName"].is_string() { "secretName" } else { "name" })
        } else {
            panic!("a volume of another kind: {source}");
        };
        let name = source[name].as_str().unwrap_or_default();
        let is_optional = source["optional"] == json!(true);
        let Some(data) = self.manifests.data(kind, self.namespace, name) else {
            let missing = format!("MountVolume.SetUp failed: {} \"{name}\" not found", kind.to_lowercase());
            return if is_optional { Ok(BTreeMap::new()) } else { Err(missing) };
        };
        let Some(items) = source["items"].as_array() else { return Ok(data) };
        let mut files = BTreeMap::new();
        for item in items {
            let key = item["key"].as_str().unwrap();
            match data.get(key) {
                Some(content) => _ = files.insert(item["path"].as_str().unwrap().to_owned(), content.clone()),
                None if is_optional => {}
                None => return Err(format!("MountVolume.SetUp failed: references non-existent key: {key}")),
            }
        }
        Ok(files)
    }
}
