//! A file of lines that a flag names: what it says of a setting counts until a flag or variable does.

use serde_json::Value;

use super::arguments::Arguments;
use crate::app::profile::Setting;
use crate::krm::{Object, Place};
use crate::plan::mounted::at_path;
use crate::plan::planner::Planner;

/// What the file in the input says of a setting, where the container mounts it.
pub(super) fn of_container(planner: &Planner<'_>, setting: &Setting, place: &Place, container: &str) -> Option<String> {
    let line = setting.file_line.as_ref()?;
    let workload = &planner.manifests.objects[place.object];
    let path = Arguments::new(&workload.value, container).flag(&line.flag)?.value;
    let namespace = workload.id.namespace.as_deref();
    at_path(workload, container, &path).into_iter().find_map(|file| {
        let is_it = |object: &&Object| {
            object.is("", file.kind) && object.is_named(&file.name) && object.id.shares_namespace(namespace)
        };
        let holder = planner.manifests.objects.iter().find(is_it)?;
        let held = |field: &str| holder.value.get(field)?.get(&file.key).and_then(Value::as_str);
        // In a Secret's `data` it is base64: only what is text there is read.
        let text = held("stringData").or_else(|| held("data").filter(|_| file.kind == "ConfigMap"))?;
        line.find(text).map(str::to_owned)
    })
}
