//! A container takes the settings of one client: two that claim it would write over each other.

use super::instance::{container_of, of_client};
use super::planner::Planner;
use crate::krm::{Finding, codes};

pub(super) fn plan(planner: &mut Planner<'_>) {
    let mut claims: Vec<(usize, String, String, String)> = Vec::new();
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let (Some(instance), Some(component)) = (of_client(planner, client), profile.components.first()) else {
            continue;
        };
        for object in instance.of(&component.name) {
            let target = &planner.manifests.objects[object];
            let Some(container) = container_of(target, component) else {
                continue;
            };
            let other = claims.iter().find(|(known, at, ..)| *known == object && *at == container);
            if let Some((_, _, id, title)) = other {
                let message = format!(
                    "must be the app of one client, and {title} of client {id} and {} of client {} both claim it; tell them apart by `namespace` or `workload`, or mend the labels in the profile",
                    profile.title, client.id
                );
                let finding = Finding::new(&codes::WORKLOAD_HAS_ONE_APP, message).on(&target.id.clone());
                planner.report(finding);
                continue;
            }
            claims.push((object, container, client.id.clone(), profile.title.clone()));
        }
    }
}
