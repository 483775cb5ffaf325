//! The client secret of an app whose documents know no `$key`: in clear text only in a Secret, else by a variable or by the
//! name of a Secret.

use serde_json::json;

use super::wire::{Wiring, is_reference};
use super::{Surface, find, reason};
use crate::app::profile::{Setting, ValueFrom};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, codes};
use crate::patch::Draft;
use crate::plan::app_secrets::{self, Home};
use crate::plan::planner::Planner;
use crate::plan::value::{Wanted, wanted};

/// Whether fields of the document name a Secret that is kept, and filled.
pub(super) fn keeps(wiring: &Wiring<'_>, planner: &mut Planner<'_>) -> bool {
    let named = |planner: &Planner<'_>, setting: &Setting| {
        if !setting.is_in(&wiring.document.name) {
            return None;
        }
        let draft = planner.manifests.draft(&wiring.place).ok()?;
        draft.text(&wiring.pointer(setting)).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let names = wiring
        .profile
        .settings
        .iter()
        .any(|setting| setting.from == Some(ValueFrom::ClientSecretName) && setting.is_in(&wiring.document.name));
    if !names {
        return false;
    }
    let reason = reason(wiring.profile, wiring.client);
    let home = Home { namespace: wiring.surface.namespace(), beside: wiring.surface.holder(), reason: &reason };
    app_secrets::keeps(planner, wiring.client, wiring.profile, &home, &named)
}

/// Gives the app the secret in the form that the document takes.
pub(super) fn give(wiring: &Wiring<'_>, planner: &mut Planner<'_>, draft: &mut Draft, setting: &Setting) {
    let pointer = wiring.pointer(setting);
    let current = draft.text(&pointer).filter(|text| !text.is_empty()).map(str::to_owned);
    if current.as_deref().is_some_and(is_reference) {
        return;
    }
    if wiring.document.wins && current.is_none() && is_right_file(wiring, planner, draft, setting) {
        return;
    }
    if setting.env.is_some() || setting.flag.is_some() {
        return by_variable(wiring, planner, draft, setting, current.is_some());
    }
    match &wiring.client.secret {
        ClientSecret::Value(value) if wiring.surface.is_secret(planner, wiring.document) => {
            planner.own(&wiring.place, draft, &pointer, json!(value), false);
        }
        ClientSecret::Value(_) => {
            let message = format!(
                "must not hold the client secret, because a ConfigMap is no place for it, and {} takes it nowhere else; keep the document in a Secret",
                wiring.profile.title
            );
            planner.report_at(&wiring.place, &pointer, Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        ClientSecret::Reference { .. } if is_named(planner, wiring) => {
            if current.is_some() {
                planner.corrected(&wiring.place, &draft.resolve(&pointer), None);
                draft.remove(&pointer);
            }
        }
        ClientSecret::Reference { .. } => {
            let message = format!(
                "{} takes the client secret in clear text only, so it must be `secret.value`, not `secretKeyRef`",
                wiring.profile.title
            );
            planner.report_at(&wiring.place, &pointer, Finding::new(&codes::APP_TAKES_SETTING, message));
        }
        ClientSecret::Public | ClientSecret::Environment(_) => {}
    }
}

/// The variable takes the place of a clear text, once it is there to do so.
fn by_variable(wiring: &Wiring<'_>, planner: &mut Planner<'_>, draft: &mut Draft, setting: &Setting, is_clear: bool) {
    let pointer = wiring.pointer(setting);
    if wiring.surface.stands(planner, wiring.client, wiring.profile, setting) {
        if let Some(name) = setting.env.as_ref().filter(|_| wiring.document.wins) {
            planner.own(&wiring.place, draft, &draft.resolve(&pointer), json!(format!("${{{name}}}")), false);
        } else if is_clear {
            planner.corrected(&wiring.place, &draft.resolve(&pointer), None);
            draft.remove(&pointer);
        }
        return;
    }
    let name = setting.env.as_deref().or(setting.flag.as_deref()).unwrap_or_default();
    let clear = if is_clear { ", and what stands here must go" } else { "" };
    let message = format!(
        "the client secret must come to {} by {name} of its workload, which is not in the input: there it is set{clear}",
        wiring.profile.title
    );
    planner.report_at(&wiring.place, &pointer, Finding::new(&codes::WORKLOAD_IS_IN_INPUT, message));
}

/// Whether the field beside it names a file that holds the client secret: the referred one, or one that is filled.
fn is_right_file(wiring: &Wiring<'_>, planner: &mut Planner<'_>, draft: &Draft, setting: &Setting) -> bool {
    let at = setting.file_pointer().map(|at| format!("{}{at}", wiring.document.under));
    let Some(path) = at.and_then(|at| draft.text(&at).filter(|path| !path.is_empty()).map(str::to_owned)) else {
        return false;
    };
    let held = find::file_in_container(planner, wiring.client, wiring.profile, &path);
    let held = held.filter(|held| held.kind == "Secret");
    match &wiring.client.secret {
        ClientSecret::Reference { app, .. } => held.is_some_and(|held| held.name == app.name && held.key == app.key),
        ClientSecret::Value(_) => held.is_some(),
        ClientSecret::Public | ClientSecret::Environment(_) => true,
    }
}

/// Whether other fields of the document name the Secret.
fn is_named(planner: &Planner<'_>, wiring: &Wiring<'_>) -> bool {
    let client: &Client = wiring.client;
    wiring.profile.settings.iter().any(|setting| {
        setting.from == Some(ValueFrom::ClientSecretName)
            && setting.is_in(&wiring.document.name)
            && matches!(wanted(planner.config, client, setting), Wanted::Own(_))
    })
}

impl Surface<'_> {
    /// Whether the document is in a Secret, or becomes one of the chart's.
    fn is_secret(&self, planner: &Planner<'_>, document: &crate::app::profile::Document) -> bool {
        match self {
            Self::Rendered { map, .. } => planner.manifests.objects[*map].is("", "Secret"),
            Self::Values { .. } => document.config_map.is_none(),
        }
    }
}
