//! The lists of a pod that the CA goes to, rendered or in values: variables, mounts and volumes.

use serde_json::{Value, json};

use super::runtime::Variable;
use super::volume::{can_mount, is_at, mounts_of, volume_of};
use crate::config::Trust;
use crate::krm::{Place, codes};
use crate::patch::Draft;
use crate::plan::layers::List;
use crate::plan::planner::Planner;

/// The three lists of a pod, rendered or in values, that trust needs.
pub(super) struct Lists {
    pub(super) env: Variables,
    pub(super) mounts: Place,
    pub(super) volumes: Place,
    /// The pod that they are lists of; in values, nothing shows it.
    pub(super) pod: Option<Place>,
    /// In values: lists that another source may hold too.
    pub(super) locked: Option<List>,
}

/// Where a container's variables are.
#[derive(Clone)]
pub(super) enum Variables {
    /// A list of `{name, value}`.
    List(Place),
    /// A mapping of names to values, as some charts have it.
    Map(Place),
}

impl Variables {
    pub(super) fn place(&self) -> &Place {
        match self {
            Self::List(place) | Self::Map(place) => place,
        }
    }
}

impl Lists {
    /// All mounts that are seen of the pod.
    pub(super) fn mounts_of_pod(&self, planner: &Planner<'_>) -> Vec<Value> {
        let place = self.pod.as_ref().unwrap_or(&self.mounts);
        let seen = planner.manifests.read(place).unwrap_or_default();
        match seen {
            Value::Array(mounts) => mounts,
            pod => mounts_of(&pod),
        }
    }
}

/// Adds what is missing to the three lists. Whether the CA is mounted afterwards.
pub(super) fn wire(
    planner: &mut Planner<'_>,
    trust: &Trust,
    lists: &Lists,
    variables: &[Variable],
    files: &[String],
) -> bool {
    if variables.is_empty() {
        return false;
    }
    let code = &codes::WORKLOAD_CAN_TRUST;
    let (Some(mounts), Some(volumes)) = (planner.draft(&lists.mounts, code), planner.draft(&lists.volumes, code))
    else {
        return false;
    };
    let Some(volume) = volume_of(planner, trust, lists, (&mounts, &volumes), files) else {
        return false;
    };
    if !can_mount(planner, trust, &lists.mounts, &mounts, &volume.name) {
        return false;
    }
    let edit_env = |planner: &mut Planner<'_>, draft: &mut Draft| {
        variables.iter().for_each(|variable| variable.edit(planner, &lists.env, draft));
    };
    let edit_mounts = |_: &mut Planner<'_>, draft: &mut Draft| {
        if !draft.list("").iter().any(|mount| is_at(mount, &trust.mount_path)) {
            draft.append("", json!({"name": volume.name, "mountPath": trust.mount_path, "readOnly": true}));
        }
    };
    let edit_volumes = |_: &mut Planner<'_>, draft: &mut Draft| volume.edit(draft);
    let edits: [(&Place, Edit<'_>); 3] =
        [(lists.env.place(), &edit_env), (&lists.mounts, &edit_mounts), (&lists.volumes, &edit_volumes)];
    if let Some(locked) = &lists.locked {
        let is_missing = edits.iter().any(|(place, edit)| {
            planner.draft(place, code).is_some_and(|mut draft| {
                edit(planner, &mut draft);
                draft.is_changed()
            })
        });
        if is_missing {
            let variables: Vec<String> = variables.iter().map(Variable::to_string).collect();
            let files = match files {
                [] => String::new(),
                files => format!(", in which the CA's key is {}", files.join(" and ")),
            };
            let what = format!(
                "{}, and the volume {} with its mount at {}{files}",
                variables.join(", "),
                volume.name,
                trust.mount_path
            );
            locked.report(planner, &what);
        }
        return !is_missing;
    }
    let mut edits = edits.into_iter().peekable();
    while let Some((place, edit)) = edits.next() {
        // Each list may be in another source; drafts are taken one after the other, so that each sees the last one's.
        let Some(mut draft) = planner.draft(place, code) else { continue };
        edit(planner, &mut draft);
        while draft.in_the_way().is_none()
            && let Some((beside, edit)) = edits.next_if(|(next, _)| next.is_beside(place))
        {
            draft.turn_to(beside.at.as_str());
            edit(planner, &mut draft);
        }
        planner.record(place, draft, format!("trust the CA at {}", trust.mount_path));
    }
    true
}

/// Adds to one list what is missing.
type Edit<'e> = &'e dyn Fn(&mut Planner<'_>, &mut Draft);
