//! The volume that holds the CA, and whether it can be mounted.

use serde_json::Value;

use super::unable;
use crate::config::Trust;
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;
use crate::plan::planner::Planner;

/// The volume to mount: one of the same source under any name, else ours.
pub(super) fn volume_name(planner: &mut Planner<'_>, trust: &Trust, place: &Place, draft: &Draft) -> Option<String> {
    let volumes = draft.list("");
    if let Some(name) =
        volumes.iter().find(|volume| trust.is_source_of(volume)).and_then(|volume| volume["name"].as_str())
    {
        return Some(name.to_owned());
    }
    if let Some(index) = volumes.iter().position(|volume| volume["name"] == trust.volume_name.as_str()) {
        let message = format!(
            "the volume name \"{}\" must be free or have the document's source; rename the volume, or set `trust.volumeName`",
            trust.volume_name
        );
        planner.report_at(place, &format!("/{index}"), Finding::new(&codes::VOLUME_NAME_IS_FREE, message));
        return None;
    }
    Some(trust.volume_name.clone())
}

pub(super) fn is_at(mount: &Value, path: &str) -> bool {
    mount["mountPath"].as_str().is_some_and(|at| at.trim_end_matches('/') == path)
}

pub(super) fn can_mount(planner: &mut Planner<'_>, trust: &Trust, place: &Place, draft: &Draft, volume: &str) -> bool {
    for (index, mount) in draft.list("").iter().enumerate() {
        let Some(at) = mount["mountPath"].as_str().map(|at| at.trim_end_matches('/').to_owned()) else { continue };
        let pointer = format!("/{index}");
        if at == trust.mount_path && mount["name"] != volume {
            let message = format!(
                "the path {at} must be free; volume \"{}\" is mounted there; move it, or set `trust.mountPath`",
                mount["name"].as_str().unwrap_or_default()
            );
            planner.report_at(place, &pointer, Finding::new(&codes::MOUNT_PATH_IS_FREE, message));
            return false;
        }
        // A mount point cannot be made below a read-only ConfigMap or Secret.
        let covers = at.is_empty() || trust.mount_path.starts_with(&format!("{at}/"));
        if covers {
            let shown = if at.is_empty() { "/" } else { &at };
            unable(
                planner,
                place,
                &pointer,
                &format!(
                    "{shown} must not be mounted itself, for the CA to be mounted at {}; set `trust.mountPath` elsewhere",
                    trust.mount_path
                ),
            );
            return false;
        }
    }
    true
}
