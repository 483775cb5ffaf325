//! Files of a tree that are no manifests by themselves: values, configurations, and user-data for cloud-init.

use serde_json::Value;

use super::{Document, Form, Input};
use crate::krm::{FilePath, Location, Object, ObjectRef, files};
use crate::yaml::Tree;

/// Longer texts without a kind are no values that a person keeps.
const LONGEST: usize = 8 << 20;

/// Files that are a Kustomization without saying so.
const KUSTOMIZATIONS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

impl Input {
    /// Says where the file is that was added last. What has no kind is read too: something may refer to it.
    pub fn located(&mut self, path: FilePath) {
        let index = self.sources.len().saturating_sub(1);
        let Some(source) = self.sources.get_mut(index) else { return };
        source.path = Some(path);
        if source.text.len() > LONGEST {
            return;
        }
        if source.documents.is_empty() {
            // Only comments, or nothing: still a file that values can be written to.
            let location = Location { source: index, document: 0, entry: None };
            let object = Object { id: ObjectRef::default(), location, value: Value::Null.into(), pod_template: None };
            let form = Form::Object(self.objects.len());
            source.documents.push(Document { range: 0..source.text.len(), first_line: 1, form });
            self.objects.push(object);
            return;
        }
        if let [Document { range, form: Form::Object(object), .. }] = source.documents.as_slice()
            && let Some(object) = self.objects.get_mut(*object).filter(|object| object.id.kind.is_empty())
            && let Some(text) = source.text.get(range.clone())
            && let Ok(value) = Tree::parse(text).and_then(|tree| tree.value())
        {
            object.id = ObjectRef::of(&value);
            object.value = value.into();
            let name = source.path.as_ref().map(|file| files::name(&file.path));
            if object.id.kind.is_empty() && name.is_some_and(|name| KUSTOMIZATIONS.contains(&name)) {
                object.id.api_version = "kustomize.config.k8s.io/v1beta1".to_owned();
                object.id.kind = "Kustomization".to_owned();
            }
        }
        if source.text.starts_with("#cloud-config") {
            self.add_written_files(index);
        }
    }
}
