//! Who may do what: Argo CD's policy lines, and ClusterRoleBindings beside Dex.

use serde_json::{Value, json};

use super::instance::{config_maps, of_client};
use super::layers::Layers;
use super::planner::Planner;
use crate::app::profile::Roles;
use crate::config::document::Access;
use crate::krm::{Finding, Place, codes};
use crate::patch::token;
use crate::yaml::Encoding;

pub(super) fn plan(planner: &mut Planner<'_>) {
    if planner.config.access.is_empty() {
        return;
    }
    for client in &planner.config.clients.clone() {
        let Some((profile, roles)) = client.profile.as_ref().and_then(|p| Some((p.clone(), p.roles.clone()?))) else {
            continue;
        };
        let instance = of_client(planner, client);
        let namespace = instance.and_then(|instance| instance.namespace).or_else(|| client.namespace.clone());
        let whom = format!("client {}", client.id);
        for map in config_maps(planner, &roles.config_map, namespace.as_deref(), &whom) {
            let place = Place::object(map).under("/data");
            policy(planner, &roles, &place, &place);
        }
        for layers in Layers::find(planner, &profile, &client.helm, client.namespace.as_deref(), &whom) {
            if roles.made_at.as_ref().is_some_and(|at| super::values::is_made_elsewhere(planner, &layers, at)) {
                continue;
            }
            let at = |key: &str| format!("{}/{}", roles.values, token(key));
            let (policy_at, scopes_at) = (at(&roles.policy), at(&roles.scopes));
            let (Some(lines), Some(scopes)) = (layers.source(planner, &policy_at), layers.source(planner, &scopes_at))
            else {
                continue;
            };
            let base = layers.pointer(&roles.values);
            policy(planner, &roles, &lines.under(&base), &scopes.under(&base));
        }
    }
    bindings(planner);
}

fn subject(access: &Access) -> &str {
    access.user.as_deref().or(access.group.as_deref()).unwrap_or_default()
}

/// Appends policy lines and sees to it that the claims they speak of are read.
fn policy(planner: &mut Planner<'_>, roles: &Roles, lines_at: &Place, scopes_at: &Place) {
    let entries: Vec<Access> =
        planner.config.access.iter().filter(|access| access.argo_cd.is_some()).cloned().collect();
    if entries.is_empty() {
        return;
    }
    let reason = "map people to roles of Argo CD";
    let pointer = format!("/{}", token(&roles.policy));
    let Some(mut draft) = planner.draft(lines_at, &codes::APP_TAKES_SETTING) else {
        return;
    };
    let stood = draft.text(&pointer).unwrap_or_default().to_owned();
    let (mut text, line_break) = (stood.clone(), if stood.contains("\r\n") { "\r\n" } else { "\n" });
    let is_open = !stood.is_empty() && !stood.ends_with('\n');
    for access in &entries {
        let line = format!("g, {}, {}", subject(access), access.argo_cd.as_deref().unwrap_or_default());
        if text.lines().any(|known| same_line(known, &line)) {
            continue;
        }
        if is_open {
            text.push_str(line_break);
        }
        text.push_str(&line);
        if !is_open {
            text.push_str(line_break);
        }
    }
    if stood != text {
        draft.set(&pointer, json!(text));
        planner.record(lines_at, draft, reason);
    }
    let wanted =
        [("groups", entries.iter().any(|a| a.group.is_some())), ("email", entries.iter().any(|a| a.user.is_some()))];
    let wanted: Vec<&str> = wanted.iter().filter(|(_, needed)| *needed).map(|(claim, _)| *claim).collect();
    scopes(planner, roles, scopes_at, &wanted, reason);
}

/// The claims that subjects are looked up in: a YAML list in text, `[groups]` where there is none.
fn scopes(planner: &mut Planner<'_>, roles: &Roles, at: &Place, wanted: &[&str], reason: &str) {
    let pointer = format!("/{}", token(&roles.scopes));
    let Some(mut outer) = planner.draft(at, &codes::APP_TAKES_SETTING) else { return };
    let stood = outer.text(&pointer).unwrap_or_default().to_owned();
    if stood.trim().is_empty() {
        if wanted.iter().any(|claim| *claim != "groups") {
            let rest = wanted.iter().filter(|claim| **claim != "groups").map(|claim| format!(", {claim}"));
            outer.set(&pointer, json!(format!("[groups{}]", rest.collect::<String>())));
            planner.record(at, outer, reason);
        }
        return;
    }
    let place = at.embedded(&pointer, Encoding::Plain);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else { return };
    for claim in wanted {
        if !draft.list("").iter().any(|known| known == *claim) {
            draft.append("", json!(claim));
        }
    }
    planner.record(&place, draft, reason);
}

/// Casbin reads comma-separated values and trims them.
fn same_line(a: &str, b: &str) -> bool {
    a.split(',').map(|part| part.trim().trim_matches('"')).eq(b.split(',').map(|part| part.trim().trim_matches('"')))
}

/// One ClusterRoleBinding per ClusterRole, beside Dex: the one package that every stack has once.
fn bindings(planner: &mut Planner<'_>) {
    let mut roles: Vec<String> = Vec::new();
    for role in planner.config.access.iter().filter_map(|access| access.cluster_role.clone()) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let beside = dex(planner);
    for role in roles {
        let name = format!("private-sso:{}:{role}", planner.config.name);
        let subjects: Vec<Value> = planner
            .config
            .access
            .iter()
            .filter(|access| access.cluster_role.as_ref() == Some(&role))
            .map(|access| {
                let kind = if access.user.is_some() { "User" } else { "Group" };
                json!({"kind": kind, "apiGroup": "rbac.authorization.k8s.io", "name": subject(access)})
            })
            .collect();
        let known =
            planner.manifests.objects.iter().position(|object| {
                object.is("rbac.authorization.k8s.io", "ClusterRoleBinding") && object.is_named(&name)
            });
        match (known, beside) {
            (Some(index), _) => extend(planner, index, &role, &subjects),
            (None, Some(beside)) => {
                let binding = json!({
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRoleBinding",
                    "metadata": {"name": name},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                    "subjects": subjects,
                });
                planner.add(binding, beside, format!("bind ClusterRole {role}"));
            }
            (None, None) => {
                let message = format!(
                    "ClusterRoleBinding {name} is added in the package that holds Dex; the input shows no Dex with the document's issuer"
                );
                planner.report(Finding::new(&codes::ROLE_BINDING_HAS_A_PLACE, message));
            }
        }
    }
}

/// Adds subjects; nothing is ever revoked.
fn extend(planner: &mut Planner<'_>, index: usize, role: &str, subjects: &[Value]) {
    let place = Place::object(index);
    let Some(mut draft) = planner.draft(&place, &codes::APP_TAKES_SETTING) else {
        return;
    };
    for subject in subjects {
        let stands = draft
            .list("/subjects")
            .iter()
            .any(|known| known["kind"] == subject["kind"] && known["name"] == subject["name"]);
        if !stands {
            draft.append("/subjects", subject.clone());
        }
    }
    planner.record(&place, draft, format!("bind ClusterRole {role}"));
}

/// The object that stands for Dex: its pod, its configuration, its release, or the app that runs it.
fn dex(planner: &mut Planner<'_>) -> Option<usize> {
    let homes = super::dex_client::places(planner);
    homes.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_lines_are_equal_but_for_spaces() {
        assert!(same_line("g,admins,role:admin", "g, admins, role:admin"));
        assert!(!same_line("g, admins, role:admin", "g, admins, role:readonly"));
    }
}
