//! Whether the chart or app in the input is new enough for a setting, as far as the input tells its version.

use super::instance::{container_of, of_client};
use super::layers::Layers;
use super::planner::Planner;
use crate::app::profile::{Profile, Setting, Version};
use crate::app::recognise::has_image;
use crate::config::Client;
use crate::krm::pod::containers;
use crate::krm::{Code, Finding, Place, codes};

/// Whether the chart of a release has the key of a setting; otherwise it is said, and the setting is not written.
pub(super) fn in_chart(planner: &mut Planner<'_>, profile: &Profile, layers: &Layers, setting: &Setting) -> bool {
    let since = setting.since_chart.as_ref().or(profile.since.chart.as_ref());
    // In an umbrella chart, the version is not that of the chart.
    let is_own = profile.chart.as_ref().is_some_and(|chart| chart.names().any(|name| name == layers.release.chart));
    let version = layers.release.version.clone().filter(|_| is_own && layers.pointer("").is_empty());
    let Some((version, since)) = version.zip(since) else {
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
    let is_older = Version::parse(version).zip(Version::parse(since)).is_some_and(|(is, since)| is < since);
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
