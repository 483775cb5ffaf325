//! # What must hold
//! A static client's `secret` is the secret, not a reference to a variable.
//!
//! # Why
//! Dex expands variables in the configuration of connectors and storage only. In `staticClients` a `$NAME` is the secret
//! itself, letter by letter (dexidp/dex#1664, #3211). In the Dex that Argo CD runs it is a reference, and right.
//!
//! # Broken
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secret: $GRAFANA_CLIENT_SECRET}
//! ```
//!
//! # Fixed
//! ```yaml
//! staticClients:
//! - {id: grafana, name: Grafana, secretEnv: GRAFANA_CLIENT_SECRET}
//! ```

use super::{Review, Rule};
use crate::krm::{Finding, Severity, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_NO_VARIABLE, ids: &["C06"], check };

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    // Flux replaces `${NAME}` before Dex sees it.
    let is_flux = ["Kustomization", "HelmRelease"].iter().any(|kind| world.has_kind_of("toolkit.fluxcd.io", kind));
    let mut found = Vec::new();
    for dex in world.dexes.iter().filter(|dex| dex.bundled_in.is_none()) {
        for client in &dex.clients {
            let Some(said) = client.text("secret") else { continue };
            let text = said.text().unwrap_or_default();
            let Some(name) = text.strip_prefix('$') else { continue };
            let bare = name.trim_start_matches('{').trim_end_matches('}');
            let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let is_braced = name.starts_with('{');
            if !is_name || is_braced && is_flux {
                continue;
            }
            let message = format!(
                "the secret of client \"{}\" must be given by `secretEnv: {bare}`; Dex does not expand variables in `secret`, so \"{text}\" itself is the secret",
                client.title()
            );
            let finding = world.finding(&codes::CLIENT_SECRET_IS_NO_VARIABLE, message, &said.place);
            // Something else may fill it in before Dex reads it.
            let is_doubtful = is_braced || super::secret_variable_is_set::is_prepared(world, dex);
            found.push(if is_doubtful { finding.severity(Severity::Warning) } else { finding });
        }
    }
    found
}
