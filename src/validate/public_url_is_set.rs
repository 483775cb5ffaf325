//! # What must hold
//! An app knows the address that people open it at.
//!
//! # Why
//! It makes its redirect URI of that address. Unset, it is a default such as `http://localhost:3000`, and Dex refuses it as
//! unregistered; in Argo CD single sign-on is off (grafana/grafana#5218, argoproj/argo-cd#11105).
//!
//! # Broken
//! ```yaml
//! data:
//!   oidc.config: |
//!     issuer: https://dex.lab.example
//! ```
//!
//! # Fixed
//! ```yaml
//! data:
//!   url: https://argocd.lab.example
//!   oidc.config: |
//!     issuer: https://dex.lab.example
//! ```

use super::{Review, Rule};
use crate::app::profile::ValueFrom;
use crate::krm::{Finding, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::PUBLIC_URL_IS_SET, ids: &["R03"], check };

const DEFAULTS: &[&str] = &["argocd.example.com", "localhost:3000", "localhost:8080", "chart-example.local"];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for consumer in &world.consumers {
        let Some((issuer, told)) = consumer.issuer() else { continue };
        let Some(setting) = consumer.setting(ValueFrom::Url) else { continue };
        let app = &consumer.profile.title;
        if consumer.said(ValueFrom::RedirectURI).is_some() {
            continue;
        }
        if consumer.lacks(ValueFrom::Url) {
            // A chart may have a default of its own.
            let severity = if consumer.values.is_some() { Severity::Warning } else { Severity::Error };
            let default = setting.default.as_ref().and_then(|value| value.as_str());
            let default = default.map_or(String::new(), |url| format!("; it takes \"{url}\" otherwise"));
            let message = format!(
                "{app} must be told the address people open it at, of which it makes its redirect URI{default}"
            );
            found.push(world.finding(&codes::PUBLIC_URL_IS_SET, message, &told.place).severity(severity));
        } else if let Some((url, said)) = consumer.url()
            && let Some(default) = DEFAULTS.iter().find(|default| url.contains(**default))
            && !crate::model::compare::is_loopback(&issuer)
        {
            let message =
                format!("{app} must be told the address people open it at; \"{default}\" is the default of its chart");
            found.push(world.finding(&codes::PUBLIC_URL_IS_SET, message, &said.place).severity(Severity::Warning));
        }
    }
    found
}
