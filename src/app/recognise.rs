//! Recognises an app's workloads and containers by what its profile says.

use std::collections::BTreeMap;

use super::profile::Component;
use crate::krm::Object;
use crate::krm::pod::{self, containers};

/// Whether a workload is a component: by labels or image, and with the component's container in it.
pub fn is_component(object: &Object, component: &Component) -> bool {
    let Some(template) = pod::template(object) else {
        return false;
    };
    let labels =
        [&*object.value, template].map(|part| part.get("metadata").and_then(|metadata| metadata.get("labels")));
    let has = |set: &BTreeMap<String, String>| {
        labels.iter().flatten().any(|labels| set.iter().all(|(key, value)| labels[key.as_str()] == *value))
    };
    if component.not_labels.iter().any(has) {
        return false;
    }
    let by_image = !component.images.is_empty()
        && pod::images(template).any(|image| component.images.iter().any(|known| is_of(image, known)));
    if !by_image && !component.labels.iter().any(has) {
        return false;
    }
    // A test Pod or hook Job carries the app's labels too, but not its container.
    let short_lived = ["Pod", "Job", "CronJob"].contains(&object.id.kind.as_str());
    by_image
        || !short_lived
        || containers(object).iter().any(|c| component.containers.iter().any(|name| name == c.name()))
}

/// The pointer to a component's container: by name, by image, or the only one.
pub fn container_of(object: &Object, component: &Component) -> Option<String> {
    let all = containers(object);
    let mut own = all.iter().filter(|container| !container.is_init);
    let found = component
        .containers
        .iter()
        .find_map(|name| own.clone().find(|container| container.name() == name))
        .or_else(|| own.clone().find(|container| has_image(container, component)))
        .or_else(|| if own.clone().count() == 1 { own.next() } else { None })?;
    Some(found.pointer.clone())
}

/// Whether a container runs one of the component's images.
pub fn has_image(container: &pod::Container<'_>, component: &Component) -> bool {
    component.images.iter().any(|known| is_of(container.image(), known))
}

/// Whether an image, with registry, tag and digest as it stands, is of a repository: its last parts are the same.
fn is_of(image: &str, known: &str) -> bool {
    let image = image.split('@').next().unwrap_or_default();
    let repository = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    };
    repository.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}
