//! # What must hold
//! A CA that is mounted from a ConfigMap or Secret is mounted as a folder.
//!
//! # Why
//! A file that is mounted by `subPath` never changes while the pod runs: after a renewal the pod trusts the old CA until it
//! is restarted.
//!
//! # Broken
//! ```yaml
//! volumeMounts: [{name: local-ca, mountPath: /ca/ca.crt, subPath: ca.crt}]
//! ```
//!
//! # Fixed
//! ```yaml
//! volumeMounts: [{name: local-ca, mountPath: /ca}]
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, codes};
use crate::model::FileAt;

pub(super) const RULE: Rule = Rule { code: &codes::CA_MOUNT_IS_RENEWED, ids: &["T08"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for container in world.told_containers(review.is_run) {
        for path in world.ca_paths(&container) {
            if let FileAt::Key { is_sub_path: true, mount, .. } = world.file_at(&container, &path.path) {
                let message = format!(
                    "the CA of {} must be mounted as a folder to follow a renewal; by `subPath` it stays as it was when the pod started",
                    path.setting
                );
                found.push(world.finding(&codes::CA_MOUNT_IS_RENEWED, message, &mount));
            }
        }
    }
    found
}
