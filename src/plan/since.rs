//! Whether the chart or app in the input is new enough for a setting, as far as the input tells its version.

use super::instance::{container_of, of_client};
use super::layers::Layers;
use super::planner::Planner;
use crate::app::profile::{Profile, Setting, Version};
use crate::app::recognise::has_image;
use crate::config::{Client, ClientSecret};
use crate::krm::pod::containers;
use crate::krm::{Code, Finding, Place, Severity, codes};

/// A client without a secret needs an app that knows PKCE: one that is too old for it asks Dex for what Dex refuses.
pub(super) fn plan(planner: &mut Planner<'_>) {
    for client in &planner.config.clients.clone() {
        let Some((profile, known)) = client.profile.clone().zip(client.app().cloned()) else { continue };
        if client.secret != ClientSecret::Public || !known.confidential {
            continue;
        }
        let message = |what: String, since: &str, is: &str| {
            format!(
                "{what} must be {since} or newer for a client without a secret; it is {is}: give the client a `secret`"
            )
        };
        if let (Some(since), Some((version, object))) = (&known.public_since.app, running(planner, client, &profile))
            && is_older(&version, since)
        {
            let finding = Finding::new(&codes::APP_HAS_THE_SETTING, message(profile.title.clone(), since, &version));
            planner.report_at(&Place::object(object), "", finding.severity(Severity::Error));
        }
        let Some(since) = &known.public_since.chart else { continue };
        let whom = format!("client {}", client.id);
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            if let Some(version) = version_of(&profile, &layers).filter(|version| is_older(version, since)) {
                let what = format!("chart {}", layers.release.chart);
                let finding = Finding::new(&codes::CHART_HAS_THE_KEY, message(what, since, &version));
                planner.report_at(&Place::object(layers.release.object), "", finding);
            }
        }
    }
}

/// The version of an app's own chart in a release. In an umbrella chart it is not that of the chart.
pub(super) fn version_of(profile: &Profile, layers: &Layers) -> Option<String> {
    let is_own = profile.chart.as_ref().is_some_and(|chart| chart.names().any(|name| name == layers.release.chart));
    layers.release.version.clone().filter(|_| is_own && layers.pointer("").is_empty())
}

/// Whether a version is certainly older than another.
pub(super) fn is_older(version: &str, since: &str) -> bool {
    Version::parse(version).zip(Version::parse(since)).is_some_and(|(is, since)| is < since)
}

/// Whether the chart of a release has the key of a setting; otherwise it is said, and the setting is not written.
pub(super) fn in_chart(planner: &mut Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting) -> bool {
    let since = setting.since_chart.as_ref().or(profile.since.chart.as_ref());
    let Some((version, since)) = version_of(profile, layers).zip(since) else {
        return true;
    };
    let what = profile.values_pointer(setting).map(|at| crate::krm::finding::field_path(&at));
    let what = what.filter(|_| setting.since_chart.is_some()).map_or("the settings".to_owned(), |at| format!("`{at}`"));
    let message = format!(
        "chart {} must be {since} or newer for {what}; it is {version}, and would ignore that, so it was not written",
        layers.release.chart
    );
    let place = Place::object(layers.release.object);
    is_new_enough(planner, &version, since, &codes::CHART_HAS_THE_KEY, &place, message)
}

/// Whether the app, by the tag of its image, has a setting; otherwise it is said, and the setting is not written.
pub(super) fn in_app(planner: &mut Planner<'_>, client: &Client, profile: &Profile, setting: &Setting) -> bool {
    let since = setting.since_app.as_ref().or(profile.since.app.as_ref());
    let (Some(since), Some((version, object))) = (since, running(planner, client, profile)) else {
        return true;
    };
    let field = setting.document.as_ref().map(|target| target.field.as_str());
    let names = [setting.flag.as_deref(), setting.env.as_deref(), field];
    let what = names.into_iter().flatten().next().filter(|_| setting.since_app.is_some());
    let message = format!(
        "{} must be {since} or newer for {}; it is {version}, so that was not written",
        profile.title,
        what.map_or("the settings".to_owned(), |name| format!("`{name}`"))
    );
    is_new_enough(planner, &version, since, &codes::APP_HAS_THE_SETTING, &Place::object(object), message)
}

fn is_new_enough(
    planner: &mut Planner<'_>,
    version: &str,
    since: &str,
    code: &'static Code,
    place: &Place,
    message: String,
) -> bool {
    let is_older = is_older(version, since);
    if is_older {
        planner.report_at(place, "", Finding::new(code, message));
    }
    !is_older
}

/// The tag of the image that the client's app runs, where it is one of the profile's: others count as they like.
fn running(planner: &mut Planner<'_>, client: &Client, profile: &Profile) -> Option<(String, usize)> {
    let (instance, component) = (of_client(planner, client)?, profile.components.first()?);
    let object = instance.of(&component.name).next()?;
    let target = &planner.manifests.objects[object];
    let pointer = container_of(target, component)?;
    let all = containers(target);
    let container = all.iter().find(|container| container.pointer == pointer && has_image(container, component))?;
    let image = container.image().split('@').next()?;
    let (_, tag) = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
    Some((tag.to_owned(), object))
}
