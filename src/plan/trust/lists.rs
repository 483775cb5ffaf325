//! The lists of a pod that the CA goes to, rendered or in values: variables, mounts and volumes.

use serde_json::json;

use super::runtime::{set_variable, variables_of};
use super::volume::{can_mount, is_at, volume_name};
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::krm::{Place, codes};
use crate::patch::Draft;
use crate::plan::layers::List;
use crate::plan::planner::Planner;

/// The three lists of a pod, rendered or in values, that trust needs.
pub(super) struct Lists {
    pub(super) env: Place,
    pub(super) mounts: Place,
    pub(super) volumes: Place,
    /// In values: lists that another source may hold too.
    pub(super) locked: Option<List>,
}

/// Adds what is missing to the three lists. Whether the CA is mounted afterwards.
pub(super) fn wire(planner: &mut Planner<'_>, trust: &Trust, lists: &Lists, runtime: Runtime) -> bool {
    let Some(variables) = variables_of(planner, trust, &lists.env, runtime) else {
        return false;
    };
    let code = &codes::WORKLOAD_CAN_TRUST;
    let (Some(mounts), Some(volumes)) = (planner.draft(&lists.mounts, code), planner.draft(&lists.volumes, code))
    else {
        return false;
    };
    let Some(volume) = volume_name(planner, trust, &lists.volumes, &volumes) else {
        return false;
    };
    if !can_mount(planner, trust, &lists.mounts, &mounts, &volume) {
        return false;
    }
    let edit_env = |planner: &mut Planner<'_>, draft: &mut Draft| {
        for (name, value, joins) in &variables {
            set_variable(planner, &lists.env, draft, name, value, *joins);
        }
    };
    let edit_mounts = |_: &mut Planner<'_>, draft: &mut Draft| {
        if !draft.list("").iter().any(|mount| is_at(mount, &trust.mount_path)) {
            draft.append("", json!({"name": volume, "mountPath": trust.mount_path, "readOnly": true}));
        }
    };
    let edit_volumes = |_: &mut Planner<'_>, draft: &mut Draft| {
        if !draft.list("").iter().any(|known| known["name"] == volume.as_str()) {
            draft.append("", trust.volume(&volume));
        }
    };
    let edits: [(&Place, Edit<'_>); 3] =
        [(&lists.env, &edit_env), (&lists.mounts, &edit_mounts), (&lists.volumes, &edit_volumes)];
    if let Some(locked) = &lists.locked {
        let is_missing = edits.iter().any(|(place, edit)| {
            planner.draft(place, code).is_some_and(|mut draft| {
                edit(planner, &mut draft);
                draft.is_changed()
            })
        });
        if is_missing {
            let variables: Vec<String> = variables.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
            let what =
                format!("{}, and the volume {volume} with its mount at {}", variables.join(", "), trust.mount_path);
            locked.report(planner, &what);
        }
        return !is_missing;
    }
    for (place, edit) in edits {
        // Each list may be in another source; drafts are taken one after the other, so that each sees the last one's.
        if let Some(mut draft) = planner.draft(place, code) {
            edit(planner, &mut draft);
            planner.record(place, draft, format!("trust the CA at {}", trust.mount_path));
        }
    }
    true
}

/// Adds to one list what is missing.
type Edit<'e> = &'e dyn Fn(&mut Planner<'_>, &mut Draft);
