//! How manifests pass settings to a program: as the chart does it in one of its modes, or by hand.

use super::arguments::Arguments;
use crate::app::profile::Profile;
use crate::plan::planner::Planner;
use crate::plan::secret;

/// How the chart, or nobody, passes settings to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Through a Secret of this name, which the chart makes of its values.
    ChartSecret(String),
    /// Through variables with values written out.
    ChartEnv,
    /// Through a Secret made elsewhere, all keys of which become variables.
    External(String),
    /// Flags and variables by hand.
    Plain,
}

/// Which of its modes the manifests are in.
pub(super) fn mode_of(
    planner: &Planner<'_>,
    profile: &Profile,
    object: usize,
    args: &Arguments<'_>,
    namespace: Option<&str>,
) -> Mode {
    let settings = || profile.settings.iter().chain(&profile.options);
    if settings().all(|setting| setting.chart_env.is_none()) {
        return Mode::Plain;
    }
    let passes = settings().any(|s| s.chart_env.as_ref().is_some_and(|variable| args.reads(variable)));
    let Some(chart) = &profile.chart else {
        return Mode::Plain;
    };
    if passes && let Some(name) = args.env_from_secret() {
        let first = settings().find_map(|setting| setting.chart_env.as_ref().filter(|variable| args.reads(variable)));
        if first.is_some_and(|variable| args.variable(variable).is_none()) {
            return Mode::External(name);
        }
    }
    let label = planner.manifests.objects[object].label("helm.sh/chart").unwrap_or_default();
    if !passes && chart.version_in(label).is_none() {
        return Mode::Plain;
    }
    let referred = settings().find_map(|setting| {
        let reference = args.reference(setting.chart_env.as_ref()?)?;
        (Some(&reference.key) == setting.chart_secret_key.as_ref()).then_some(reference.name)
    });
    let by_default = || {
        let name = &chart.oidc_secret.as_ref()?.name;
        secret::find(planner, name, namespace).map(|_| name.clone())
    };
    match referred.or_else(by_default) {
        Some(name) => Mode::ChartSecret(name),
        None => Mode::ChartEnv,
    }
}
