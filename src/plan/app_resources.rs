//! Settings that an app takes from a custom resource: an operator makes the rest of it.

use serde_json::Value;

use super::app_secrets::{self, Home};
use super::planner::Planner;
use super::value::{Wanted, wanted, written};
use crate::app::profile::{Profile, Setting};
use crate::config::Client;
use crate::krm::{Finding, Place, codes};

pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        for object in of_client(planner, client, &profile) {
            wire(planner, client, &profile, object);
        }
    }
}

/// The resources that a client is about; several different ones are an error.
pub(super) fn of_client(planner: &mut Planner<'_>, client: &Client, profile: &Profile) -> Vec<usize> {
    let Some(resource) = &profile.resource else {
        return Vec::new();
    };
    let objects = &planner.manifests.objects;
    let found: Vec<usize> = (0..objects.len())
        .filter(|index| {
            let object = &objects[*index];
            object.is(&resource.group, &resource.kind)
                && object.value.is_object()
                && object.id.shares_namespace(client.namespace.as_deref())
                && client.workload.as_deref().is_none_or(|name| object.is_named(name))
        })
        .collect();
    let mut names: Vec<String> = found.iter().map(|index| objects[*index].id.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 1 {
        let message = format!(
            "client {} must match one instance of {}, and the input has {}; say which with `namespace` or `workload`",
            client.id,
            profile.title,
            names.join(" and ")
        );
        planner.report(Finding::new(&codes::APP_IS_UNAMBIGUOUS, message));
        return Vec::new();
    }
    found
}

fn wire(planner: &mut Planner<'_>, client: &Client, profile: &Profile, object: usize) {
    let place = Place::object(object);
    let reason = format!("set OIDC of {} for client {}", profile.title, client.id);
    let namespace = planner.manifests.objects[object].id.namespace.clone();
    let home = Home { namespace: namespace.as_deref(), beside: object, reason: &reason };
    let named = |planner: &Planner<'_>, setting: &Setting| {
        let draft = planner.manifests.draft(&Place::object(object)).ok()?;
        draft.text(setting.resource.as_ref()?).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let keeps = app_secrets::keeps(planner, client, profile, &home, &named);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let mut set = |planner: &mut Planner<'_>, setting: &Setting, value: &Value, is_default: bool| {
        let Some(pointer) = &setting.resource else {
            return;
        };
        let current = draft.get(pointer).cloned();
        if setting.element {
            let stands = current.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
            if !stands.contains(value) {
                draft.append(pointer, value.clone());
            }
        } else if (!is_default || current.is_none())
            && let Some(value) = written(client, setting, current.as_ref(), value)
        {
            let pointer = draft.resolve(pointer);
            planner.own(&place, &mut draft, &pointer, value, true);
        }
    };
    for setting in profile.settings.iter().filter(|setting| !(keeps && setting.is_about_the_secret())) {
        match wanted(planner.config, client, setting) {
            Wanted::Own(value) => set(planner, setting, &value, false),
            Wanted::Default(value) => set(planner, setting, &value, true),
            Wanted::Nothing | Wanted::Secret | Wanted::NoSecret => {}
        }
    }
    for (name, value) in &client.settings {
        if let Some(option) = profile.option(name) {
            set(planner, option, value, false);
        }
    }
    planner.record(&place, draft, reason.as_str());
}
