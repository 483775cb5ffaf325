//! Lets the pages of an app call Dex from the browser: Dex answers other origins only where `web.allowedOrigins` names them.

use serde_json::{Value, json};

use super::find::{Home, Target, Variables, key_of};
use crate::config::Client;
use crate::krm::{Finding, codes};
use crate::plan::planner::Planner;
use crate::plan::value::origin_of;

pub(super) fn allow(planner: &mut Planner<'_>, home: &Home, client: &Client) {
    let is_browser = client.app().is_some_and(|known| known.browser);
    let Some(origin) = client.url.as_deref().filter(|_| is_browser).and_then(origin_of) else {
        return;
    };
    if home.bundled_in.is_some() {
        let title = client.profile.as_ref().map_or("the app", |profile| &profile.title);
        let message = format!(
            "{title}'s pages call Dex from the browser, so `web.allowedOrigins` must hold {origin}; the app that runs this Dex gives it no such field: let {title} use a Dex of its own"
        );
        return planner.report_at(&home.config, "", Finding::new(&codes::ORIGIN_IS_ALLOWED, message));
    }
    let reason = format!("let the pages of client {} call Dex", client.id);
    let Some(mut draft) = planner.draft(&home.config, &codes::DEX_CONFIG_IS_READABLE) else {
        return;
    };
    let path = origins_path(draft.get(&home.root));
    let known = |list: &[Value]| list.iter().any(|known| known == "*" || *known == origin.as_str());
    let layers = home.variables.iter().find_map(|Variables { place, .. }| match place {
        Target::Values(layers, _) => Some(layers),
        Target::Object(_) => None,
    });
    let Some(layers) = layers else {
        let pointer = format!("{}{path}", home.root);
        if !known(draft.list(&pointer)) {
            draft.append(&pointer, json!(origin));
            planner.record(&home.config, draft, reason);
        }
        return;
    };
    let Some(list) = layers.list(planner, &format!("/config{path}")) else {
        return;
    };
    if let Some(mut draft) = planner.draft(&list.place, &codes::DEX_CONFIG_IS_READABLE)
        && !known(draft.list(&list.pointer))
    {
        draft.append(&list.pointer, json!(origin));
        list.record(planner, draft, &reason, &origin);
    }
}

/// The pointer below the configuration, in the case the keys stand in.
pub(super) fn origins_path(config: Option<&Value>) -> String {
    let web = config.map_or("web".to_owned(), |config| key_of(config, "web"));
    let below = config.and_then(|config| config.get(&web));
    format!("/{web}/{}", below.map_or("allowedOrigins".to_owned(), |below| key_of(below, "allowedOrigins")))
}
