//! # What must hold
//! The variables that `secretEnv` and `idEnv` name are set in Dex's container.
//!
//! # Why
//! Dex does not look whether a variable is set. An unset one is the empty secret: the app's login fails with
//! `invalid_client`, and whoever sends no secret at all is let in as the app (dexidp/dex cmd/dex/serve.go).
//!
//! # Broken
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: GRAFANA_SECRET}
//! # the container has GRAFANA_CLIENT_SECRET
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: GRAFANA_CLIENT_SECRET}
//! ```

use super::{Review, Rule};
use crate::krm::pod::entries;
use crate::krm::{Finding, codes};
use crate::model::{Dex, Seen, World};

pub(super) const RULE: Rule = Rule { code: &codes::SECRET_VARIABLE_IS_SET, ids: &["C05"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        for client in &dex.clients {
            for field in ["secretEnv", "idEnv"] {
                let Some(said) = client.text(field) else { continue };
                let Some(name) = said.literal() else { continue };
                if !matches!(dex.variable(world, &name), Seen::Absent) {
                    continue;
                }
                let hint = near(world, dex, &name).map_or(String::new(), |near| format!("; did you mean {near}?"));
                let what = if field == "secretEnv" { "secret" } else { "id" };
                let message = format!(
                    "the variable {name} that `{field}` of client \"{}\" names must be set in Dex's container; unset, the {what} is the empty string{hint}",
                    client.title()
                );
                let finding = world.finding(&codes::SECRET_VARIABLE_IS_SET, message, &said.place);
                found.push(match dex.containers.first() {
                    Some(container) => world.against(finding, &container.place, "Dex's container is here"),
                    None => finding,
                });
            }
        }
    }
    found
}

/// A variable that is set and nearly has the name.
fn near(world: &World<'_>, dex: &Dex<'_>, name: &str) -> Option<String> {
    let lists = dex.containers.iter().flat_map(|container| world.list(&container.env));
    let names: Vec<String> = lists.filter_map(|(entry, _)| Some(entry["name"].as_str()?.to_owned())).collect();
    let maps = dex.containers.iter().flat_map(|container| world.list(&container.env_from));
    let keys = maps.filter_map(|(source, _)| {
        let secret = source.pointer("/secretRef/name")?.as_str()?.to_owned();
        match world.keys(&secret, dex.namespace.as_deref()) {
            crate::model::Keys::Known(keys) => Some(keys),
            _ => None,
        }
    });
    let all: Vec<String> = names.into_iter().chain(keys.flatten()).collect();
    let words = |text: &str| text.to_ascii_uppercase().split(['_', '-']).map(str::to_owned).collect::<Vec<_>>();
    let first = words(name);
    all.iter()
        .find(|known| {
            strsim::damerau_levenshtein(known, name) <= 3
                || words(known).first() == first.first() && known.contains("SECRET")
        })
        .cloned()
}

/// Whether something fills texts in before Dex starts: an init container.
pub(super) fn is_prepared(world: &World<'_>, dex: &Dex<'_>) -> bool {
    dex.containers.iter().any(|container| {
        let object = &world.texts.objects()[container.object];
        let spec = crate::krm::pod::template(object).and_then(|template| template.get("spec"));
        spec.is_some_and(|spec| entries(spec, "initContainers").next().is_some())
    })
}
