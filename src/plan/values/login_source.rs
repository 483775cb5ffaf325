//! Login sources that a chart keeps in a list, by name; and what an app takes from its chart's values alone.

use super::Wiring;
use crate::app::profile::{Profile, ValueFrom};
use crate::config::{Client, ClientSecret};
use crate::krm::{Finding, codes};
use crate::patch::chosen_from;
use crate::plan::instance::of_client;
use crate::plan::planner::Planner;
use crate::plan::value::value_of;

/// Says what the manifests of an app cannot take.
pub(super) fn report_manifests(planner: &mut Planner<'_>, client: &Client, profile: &Profile) {
    let Some(advice) = &profile.values_only else {
        return;
    };
    let workload = of_client(planner, client).and_then(|instance| Some(instance.workloads.first()?.1));
    if let Some(id) = workload.map(|index| planner.manifests.objects[index].id.clone()) {
        planner.report(Finding::new(&codes::WORKLOAD_IS_IN_INPUT, advice.as_str()).on(&id));
    }
}

impl Wiring<'_> {
    /// A source of another name for the same issuer is the same login: its name is a part of the redirect URI.
    pub(super) fn has_one_login_source(&self, planner: &mut Planner<'_>) -> bool {
        let Some(own) = self.client.app().and_then(|known| known.login_source.as_ref()) else {
            return true;
        };
        for setting in &self.profile.settings {
            let is_address = [Some(ValueFrom::Issuer), Some(ValueFrom::DiscoveryURL)].contains(&setting.from);
            let (Some(from), Some(pointer)) = (setting.from.filter(|_| is_address), &setting.values) else {
                continue;
            };
            let (Some(at), Some(field)) = (chosen_from(pointer), pointer.rsplit('/').next()) else {
                continue;
            };
            let address = value_of(planner.config, self.client, from);
            let sources = self.layers.get(planner, at).and_then(|list| list.as_array().cloned()).unwrap_or_default();
            if sources.iter().any(|source| source["name"] == own.as_str()) {
                continue;
            }
            let other = sources.iter().find(|source| source.get(field) == address.as_ref());
            if let Some(name) = other.and_then(|source| source["name"].as_str()) {
                let message = format!(
                    "the login source of this issuer must be called \"{own}\", and is called \"{name}\"; the name is a part of the redirect URI: set `settings: {{name: {name}}}` for client {}",
                    self.client.id
                );
                self.report(planner, at, &codes::APP_TAKES_SETTING, &message);
                return false;
            }
        }
        true
    }

    /// A chart that takes a Secret by its name alone reads fixed keys of it.
    pub(super) fn check_fixed_key(&self, planner: &mut Planner<'_>) {
        let of = |from: ValueFrom| {
            let mut settings = self.profile.settings.iter();
            settings.find(|setting| setting.from == Some(from) && setting.values.is_some())
        };
        let Some(name) = of(ValueFrom::ClientSecretName).filter(|_| of(ValueFrom::ClientSecretKey).is_none()) else {
            return;
        };
        let key = self.client.secret_keys().client_secret;
        if let (ClientSecret::Reference { app, .. }, Some(pointer)) = (&self.client.secret, &name.values)
            && app.key != key
        {
            let message = format!(
                "the chart reads key {key} of the Secret, so `secretKeyRef` must be {{name: {}, key: {key}}}, not key {}",
                app.name, app.key
            );
            self.report(planner, pointer, &codes::APP_TAKES_SETTING, &message);
        }
    }
}
