//! Values that look like an app's and are not known to be: files that nothing in the input uses, and charts of the same name.

use serde_json::Value;

use crate::app::profile::Profile;
use crate::carrier::{BITNAMI, Release};
use crate::config::Client;
use crate::krm::{Finding, Place, codes};
use crate::plan::planner::Planner;

/// Reports files that hold what only this app's chart has a place for, where no release of it is in the input.
pub(super) fn report(planner: &mut Planner<'_>, client: &Client, profile: &Profile) {
    let used = |planner: &Planner<'_>, object: usize| {
        planner.releases.iter().flat_map(|release| &release.sources).any(|source| source.object == object)
    };
    let found: Vec<usize> = (0..planner.manifests.objects.len())
        .filter(|index| {
            let object = &planner.manifests.objects[*index];
            object.id.kind.is_empty() && is_like(profile, &object.value) && !used(planner, *index)
        })
        .collect();
    for index in found {
        let object = &planner.manifests.objects[index];
        let Some(file) = planner.manifests.files.shown(object).map(str::to_owned) else { continue };
        let message = format!(
            "looks like values of {} for client {}, and nothing in the input says so; if they are, add --values {}={file}",
            profile.title, client.id, profile.name
        );
        planner.report_at(&Place::object(index), "", Finding::new(&codes::VALUES_ARE_CLAIMED, message));
    }
}

/// Says that a chart of Bitnami's is not the app's own: it has the name, and other values.
pub(super) fn report_namesakes(planner: &mut Planner<'_>, client: &Client, profile: &Profile) {
    let Some(chart) = &profile.chart else { return };
    let is_namesake = |release: &&Release| {
        let name = release.chart.strip_prefix(BITNAMI);
        name.is_some_and(|name| {
            chart.names().any(|known| known == name) && chart.names().all(|known| known != release.chart)
        }) && (client.namespace.is_none() || release.namespace.is_none() || client.namespace == release.namespace)
    };
    let found: Vec<(usize, String)> =
        planner.releases.iter().filter(is_namesake).map(|release| (release.object, release.chart.clone())).collect();
    for (object, name) in found {
        let message = format!(
            "chart {name} has other values than {}'s own chart {}, so nothing was written to them; use that chart, or wire what this one renders, as post-renderer or by `render`",
            profile.title, chart.name
        );
        planner.report_at(&Place::object(object), "", Finding::new(&codes::CHART_HAS_THE_KEY, message));
    }
}

/// Whether a mapping has the part of the values, at least two levels down, that this chart keeps its login in.
fn is_like(profile: &Profile, values: &Value) -> bool {
    let pointers = profile.settings.iter().filter_map(|setting| setting.values.as_deref());
    pointers
        .into_iter()
        .filter_map(|pointer| pointer.rsplit_once('/'))
        .any(|(parent, _)| parent.matches('/').count() >= 2 && values.pointer(parent).is_some_and(Value::is_object))
}
