//! Mounts the CA and tells the runtime where it is.

use kube_core::SelectorExt as _;
use serde_json::{Value, json};

use super::instance::{container_of, of_client, report_no_container};
use super::layers::{Layers, List};
use super::planner::Planner;
use crate::app::profile::{PodValues, Profile, Runtime};
use crate::config::document::Workload;
use crate::config::{Client, Trust};
use crate::krm::pod::{containers, is_windows, template_pointer};
use crate::krm::{Finding, Object, Place, codes};
use crate::patch::Draft;

pub(super) fn plan(planner: &mut Planner<'_>) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for client in &planner.config.clients.clone() {
        let Some(profile) = client.profile.clone() else {
            continue;
        };
        let Some(instance) = of_client(planner, client) else {
            continue;
        };
        for component in profile.components.iter().filter(|component| client.trusts(component)) {
            for object in instance.of(&component.name).collect::<Vec<_>>() {
                match container_of(&planner.manifests.objects[object], component) {
                    Some(container) => mount(planner, &trust, object, &[container], profile.runtime),
                    // Said already where the app takes flags.
                    None => report_no_container(planner, object, component),
                }
            }
        }
    }
    for workload in &trust.workloads {
        let selected: Vec<usize> = (0..planner.manifests.objects.len())
            .filter(|index| selects(workload, &planner.manifests.objects[*index]))
            .collect();
        for object in selected {
            let all = containers(&planner.manifests.objects[object]);
            let wanted = all
                .iter()
                .filter(|c| workload.containers.is_empty() || workload.containers.iter().any(|n| n == c.name()));
            let pointers: Vec<String> = wanted.map(|container| container.pointer.clone()).collect();
            if pointers.is_empty() && !all.is_empty() {
                let names: Vec<_> = all.iter().map(|container| container.name().to_owned()).collect();
                let message = format!("`containers` must name containers of the workload; it has {}", names.join(", "));
                let id = planner.manifests.objects[object].id.clone();
                planner.report(Finding::new(&codes::CONTAINER_IS_KNOWN, message).on(&id));
                continue;
            }
            mount(planner, &trust, object, &pointers, workload.runtime);
        }
    }
}

fn selects(workload: &Workload, object: &Object) -> bool {
    let labels = object.value.pointer("/metadata/labels").and_then(Value::as_object);
    let labels = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    template_pointer(object).is_some()
        && workload.kind.as_ref().is_none_or(|kind| *kind == object.id.kind)
        && workload.name.as_ref().is_none_or(|name| object.is_named(name))
        && object.id.shares_namespace(workload.namespace.as_deref())
        && workload.selector.matches(&labels)
}

/// The three lists of a pod, rendered or in values, that trust needs.
struct Lists {
    env: Place,
    mounts: Place,
    volumes: Place,
    /// In values: lists that another source may hold too.
    locked: Option<List>,
}

fn mount(planner: &mut Planner<'_>, trust: &Trust, object: usize, containers: &[String], runtime: Runtime) {
    let place = Place::object(object);
    let target = &planner.manifests.objects[object];
    if is_windows(target) {
        let message = "the pod must not be for Windows, which takes its CAs from the system's store; it was left alone";
        return unable(planner, &place, "", message);
    }
    let namespace = target.id.namespace.clone();
    let Some(template) = template_pointer(target) else {
        return;
    };
    for container in containers {
        let lists = Lists {
            env: place.under(&format!("{container}/env")),
            mounts: place.under(&format!("{container}/volumeMounts")),
            volumes: place.under(&format!("{template}/spec/volumes")),
            locked: None,
        };
        if wire(planner, trust, &lists, runtime) {
            planner.trusting.extend(namespace.clone());
        }
    }
}

/// The same in the values of a chart.
pub(super) fn in_values(planner: &mut Planner<'_>, client: &Client, profile: &Profile, layers: &Layers) {
    let Some(trust) = planner.config.trust.clone() else {
        return;
    };
    for component in profile.components.iter().filter(|component| client.trusts(component)) {
        let Some(PodValues { env, volumes, volume_mounts, .. }) = &component.values else {
            continue;
        };
        if is_global(planner, &trust, profile, layers) {
            continue;
        }
        let lists = [env, volume_mounts, volumes].map(|pointer| layers.list(planner, pointer));
        let [Some(env), Some(mounts), Some(volumes)] = lists else {
            continue;
        };
        let locked = [&env, &mounts, &volumes].into_iter().find(|list| list.is_locked()).cloned();
        let place = |list: &List| list.place.under(&list.pointer);
        let lists = Lists { env: place(&env), mounts: place(&mounts), volumes: place(&volumes), locked };
        if wire(planner, &trust, &lists, profile.runtime) {
            planner.trusting.extend(layers.release.namespace.clone());
        }
    }
}

/// Whether the chart's values for all components already set the variable: a second one of the same name in a container
/// would be refused by server-side apply.
fn is_global(planner: &mut Planner<'_>, trust: &Trust, profile: &Profile, layers: &Layers) -> bool {
    let Some(global) = profile.chart.as_ref().and_then(|chart| chart.global.as_ref()) else {
        return false;
    };
    let list =
        |pointer: &str| layers.get(planner, pointer).and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let env = list(&global.env);
    let Some(entry) = env.iter().find(|entry| entry["name"] == "SSL_CERT_DIR") else {
        return false;
    };
    let has_path = entry["value"].as_str().is_some_and(|value| value.split(':').any(|part| part == trust.mount_path));
    let has_mount = list(&global.volume_mounts).iter().any(|mount| is_at(mount, &trust.mount_path));
    if !has_path || !has_mount {
        let message = format!(
            "SSL_CERT_DIR is set for all components here, and a container takes it once: add {} to it, with the volume and its mount in the lists beside it",
            trust.mount_path
        );
        let place = layers.source(planner, &global.env).unwrap_or_else(|| Place::object(layers.release.object));
        let finding = Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message);
        planner.report_at(&place, &layers.pointer(&global.env), finding);
    }
    true
}

/// Adds what is missing to the three lists. Whether the CA is mounted afterwards.
fn wire(planner: &mut Planner<'_>, trust: &Trust, lists: &Lists, runtime: Runtime) -> bool {
    let Some(variables) = variables_of(planner, trust, &lists.env, runtime) else {
        return false;
    };
    let code = &codes::WORKLOAD_CAN_TRUST;
    let (Some(mounts), Some(volumes)) = (planner.draft(&lists.mounts, code), planner.draft(&lists.volumes, code))
    else {
        return false;
    };
    let Some(volume) = volume_name(planner, trust, &lists.volumes, &volumes) else {
        return false;
    };
    if !can_mount(planner, trust, &lists.mounts, &mounts, &volume) {
        return false;
    }
    let edit_env = |planner: &mut Planner<'_>, draft: &mut Draft| {
        for (name, value, joins) in &variables {
            set_variable(planner, &lists.env, draft, name, value, *joins);
        }
    };
    let edit_mounts = |_: &mut Planner<'_>, draft: &mut Draft| {
        if !draft.list("").iter().any(|mount| is_at(mount, &trust.mount_path)) {
            draft.append("", json!({"name": volume, "mountPath": trust.mount_path, "readOnly": true}));
        }
    };
    let edit_volumes = |_: &mut Planner<'_>, draft: &mut Draft| {
        if !draft.list("").iter().any(|known| known["name"] == volume.as_str()) {
            draft.append("", trust.volume(&volume));
        }
    };
    let edits: [(&Place, &dyn Fn(&mut Planner<'_>, &mut Draft)); 3] =
        [(&lists.env, &edit_env), (&lists.mounts, &edit_mounts), (&lists.volumes, &edit_volumes)];
    if let Some(locked) = &lists.locked {
        let is_missing = edits.iter().any(|(place, edit)| {
            planner.draft(place, code).is_some_and(|mut draft| {
                edit(planner, &mut draft);
                draft.is_changed()
            })
        });
        if is_missing {
            let variables: Vec<String> = variables.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
            let what =
                format!("{}, and the volume {volume} with its mount at {}", variables.join(", "), trust.mount_path);
            locked.report(planner, &what);
        }
        return !is_missing;
    }
    for (place, edit) in edits {
        // Each list may be in another source; drafts are taken one after the other, so that each sees the last one's.
        if let Some(mut draft) = planner.draft(place, code) {
            edit(planner, &mut draft);
            planner.record(place, draft, format!("trust the CA at {}", trust.mount_path));
        }
    }
    true
}

/// Name, value, and whether it joins an existing value with `:`.
type Variable = (&'static str, String, bool);

/// What tells a runtime of the CA; nothing, with a finding, where that cannot be done.
fn variables_of(planner: &mut Planner<'_>, trust: &Trust, env: &Place, runtime: Runtime) -> Option<Vec<Variable>> {
    let with_system = || format!("/etc/ssl/certs:{}", trust.mount_path);
    match runtime {
        Runtime::Go => Some(vec![("SSL_CERT_DIR", trust.mount_path.clone(), true)]),
        Runtime::Unstated | Runtime::Rust => Some(vec![("SSL_CERT_DIR", with_system(), true)]),
        Runtime::Node => Some(vec![("NODE_EXTRA_CA_CERTS", trust.file(), false)]),
        Runtime::Python if trust.full_bundle => {
            Some(vec![("REQUESTS_CA_BUNDLE", trust.file(), false), ("SSL_CERT_FILE", trust.file(), false)])
        }
        Runtime::Python => {
            unable(
                planner,
                env,
                "",
                "Python replaces the public roots by the file it is given, so the bundle must hold them too; set `trust.fullBundle: true` once it does",
            );
            None
        }
        Runtime::Openssl => {
            unable(
                planner,
                env,
                "",
                "OpenSSL reads a directory by hash-named files, which are not made yet; use a full bundle and SSL_CERT_FILE by hand",
            );
            None
        }
        Runtime::Java => {
            unable(
                planner,
                env,
                "",
                "Java needs a trust store: let trust-manager make a PKCS#12 target, mount it, and name it in JAVA_TOOL_OPTIONS",
            );
            None
        }
    }
}

fn unable(planner: &mut Planner<'_>, place: &Place, pointer: &str, message: &str) {
    planner.report_at(place, pointer, Finding::new(&codes::WORKLOAD_CAN_TRUST, message));
}

/// The volume to mount: one of the same source under any name, else ours.
fn volume_name(planner: &mut Planner<'_>, trust: &Trust, place: &Place, draft: &Draft) -> Option<String> {
    let volumes = draft.list("");
    if let Some(name) =
        volumes.iter().find(|volume| trust.is_source_of(volume)).and_then(|volume| volume["name"].as_str())
    {
        return Some(name.to_owned());
    }
    if let Some(index) = volumes.iter().position(|volume| volume["name"] == trust.volume_name.as_str()) {
        let message = format!(
            "the volume name \"{}\" must be free or have the document's source; rename the volume, or set `trust.volumeName`",
            trust.volume_name
        );
        planner.report_at(place, &format!("/{index}"), Finding::new(&codes::VOLUME_NAME_IS_FREE, message));
        return None;
    }
    Some(trust.volume_name.clone())
}

fn is_at(mount: &Value, path: &str) -> bool {
    mount["mountPath"].as_str().is_some_and(|at| at.trim_end_matches('/') == path)
}

fn can_mount(planner: &mut Planner<'_>, trust: &Trust, place: &Place, draft: &Draft, volume: &str) -> bool {
    for (index, mount) in draft.list("").iter().enumerate() {
        let Some(at) = mount["mountPath"].as_str().map(|at| at.trim_end_matches('/').to_owned()) else { continue };
        let pointer = format!("/{index}");
        if at == trust.mount_path && mount["name"] != volume {
            let message = format!(
                "the path {at} must be free; volume \"{}\" is mounted there; move it, or set `trust.mountPath`",
                mount["name"].as_str().unwrap_or_default()
            );
            planner.report_at(place, &pointer, Finding::new(&codes::MOUNT_PATH_IS_FREE, message));
            return false;
        }
        // A mount point cannot be made below a read-only ConfigMap or Secret.
        let covers = at.is_empty() || trust.mount_path.starts_with(&format!("{at}/"));
        if covers {
            let shown = if at.is_empty() { "/" } else { &at };
            unable(
                planner,
                place,
                &pointer,
                &format!(
                    "{shown} must not be mounted itself, for the CA to be mounted at {}; set `trust.mountPath` elsewhere",
                    trust.mount_path
                ),
            );
            return false;
        }
    }
    true
}

fn set_variable(planner: &mut Planner<'_>, place: &Place, draft: &mut Draft, name: &str, value: &str, joins: bool) {
    let Some(index) = draft.list("").iter().rposition(|entry| entry["name"] == name) else {
        return draft.append("", json!({"name": name, "value": value}));
    };
    let pointer = format!("/{index}");
    if draft.get(&format!("{pointer}/valueFrom")).is_some() {
        let message = format!(
            "{name} must be a plain value, for the CA to be added; it comes from elsewhere: have it hold {value}"
        );
        return planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
    }
    let current = draft.text(&format!("{pointer}/value")).unwrap_or_default().to_owned();
    let missing: Vec<&str> =
        value.split(':').filter(|part| !current.split(':').any(|known| known.trim_end_matches('/') == *part)).collect();
    if current.is_empty() {
        draft.set(&format!("{pointer}/value"), json!(value));
    } else if current == value || joins && missing.is_empty() {
    } else if joins {
        // What is already there keeps its place; only the CA's own directory is added.
        let own: Vec<&str> = missing.into_iter().filter(|part| *part != "/etc/ssl/certs").collect();
        let joined = std::iter::once(current.trim_end_matches(':')).chain(own).collect::<Vec<_>>().join(":");
        draft.set(&format!("{pointer}/value"), json!(joined));
    } else {
        let message =
            format!("{name} must be {value}, for the CA to be trusted; it is {current}; merge the files, or remove it");
        planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
    }
}
