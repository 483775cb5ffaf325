//! # What must hold
//! The ConfigMap or Secret of `trust` is in the cluster under the name by which workloads mount it.
//!
//! # Why
//! kustomize gives what it generates a name with a hash, and all names their prefix and suffix. It changes the references
//! in most of Kubernetes' own kinds, and in no custom resource: those look for a name that is not there, and, because the
//! volume is optional, start without the CA. After `kustomize build` it changes no reference at all.
//!
//! # Broken
//! ```yaml
//! kind: Kustomization
//! resources: [rollout.yaml]
//! configMapGenerator:
//! - {name: lab-ca, files: [ca.crt]}
//! ```
//!
//! # Fixed
//! ```yaml
//! kind: Kustomization
//! resources: [rollout.yaml]
//! configMapGenerator:
//! - {name: lab-ca, files: [ca.crt], options: {disableNameSuffixHash: true}}
//! # or, which helps with prefixes too, a file that names the field:
//! # nameReference: [{kind: ConfigMap, fieldSpecs: [{kind: Rollout, path: spec/template/spec/volumes/configMap/name}]}]
//! configurations: [references.yaml]
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::config::Source;
use crate::krm::pod::{entries, is_followed_by_kustomize, template, template_pointer};
use crate::krm::{Finding, Object, Place, codes};

pub(super) const RULE: Rule = Rule { code: &codes::TRUST_SOURCE_KEEPS_ITS_NAME, ids: &[], check };

/// What is mounted, and how a volume names it.
struct Mounted<'a> {
    kind: &'static str,
    name: &'a str,
    /// Field of a volume, and of a source in a projected one.
    fields: [&'static str; 2],
}

/// What kustomize does to the name.
#[derive(Clone, Copy)]
enum Renamed {
    /// A hash only, which can be switched off.
    Hash,
    /// A prefix or suffix, with or without a hash.
    Affix,
}

fn check(review: &Review<'_>) -> Vec<Finding> {
    let mounted = match review.documents.iter().find_map(|config| config.trust.as_ref()).map(|trust| &trust.source) {
        Some(Source::ConfigMap { name, .. }) => {
            Mounted { kind: "ConfigMap", name, fields: ["configMap/name", "configMap/name"] }
        }
        Some(Source::Secret { name, .. }) => {
            Mounted { kind: "Secret", name, fields: ["secret/secretName", "secret/name"] }
        }
        _ => return Vec::new(),
    };
    let objects = &review.after.objects;
    // Few of many: the ConfigMaps or Secrets, and what builds them.
    let concerned: Vec<&Object> = objects.iter().filter(|o| o.is("", mounted.kind) || is_kustomization(o)).collect();
    let mut found = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        let Some((volume, path)) = volume_of(object, &mounted) else { continue };
        let place = Place::object(index).under(&volume);
        if let Some(built) = built_name(&concerned, object, &mounted) {
            let message = format!(
                "the {} must be named as workloads mount it; {} is the name that kustomize gave it with its hash, and nothing changes the reference any more: run private-sso as a transformer in the kustomization, or set `disableNameSuffixHash: true`",
                mounted.kind, built
            );
            found.push(Finding::new(&codes::TRUST_SOURCE_KEEPS_ITS_NAME, message).in_place(&object.id, place));
        } else if !is_followed_by_kustomize(object)
            && let Some(renamed) = concerned.iter().find_map(|other| renamed(&concerned, other, object, &mounted))
        {
            let (how, way_out) = match renamed {
                Renamed::Hash => ("a hash", "set `disableNameSuffixHash: true`, or "),
                Renamed::Affix => ("a prefix or suffix", ""),
            };
            let message = format!(
                "kustomize gives the {} {} {how}, and must be told to change it in a {} too: {way_out}name {path} in a `nameReference` of `configurations` (and then, where this is still said, disable it with `checks.disabled`)",
                mounted.kind, mounted.name, object.id.kind
            );
            found.push(Finding::new(&codes::TRUST_SOURCE_KEEPS_ITS_NAME, message).in_place(&object.id, place));
        }
    }
    found
}

/// The volume that names it: JSON pointer, and the field as kustomize writes paths.
fn volume_of(object: &Object, mounted: &Mounted<'_>) -> Option<(String, String)> {
    let spec = template(object)?.get("spec")?;
    let list = format!("{}/spec/volumes", template_pointer(object)?);
    let [direct, projected] = mounted.fields;
    let names =
        |value: &Value, field: &str| value.pointer(&format!("/{field}")).is_some_and(|name| name == mounted.name);
    entries(spec, "volumes").enumerate().find_map(|(index, volume)| {
        let sources = volume.pointer("/projected/sources").and_then(Value::as_array);
        let field = if names(volume, direct) {
            direct.to_owned()
        } else if sources.into_iter().flatten().any(|source| names(source, projected)) {
            format!("projected/sources/{projected}")
        } else {
            return None;
        };
        Some((format!("{list}/{index}"), format!("{}/{field}", list.trim_start_matches('/'))))
    })
}

fn is_kustomization(object: &Object) -> bool {
    ["Kustomization", "Component"].iter().any(|kind| object.is("kustomize.config.k8s.io", kind))
}

/// The name of a ConfigMap that went through kustomize already, where none has the name that is mounted.
fn built_name<'a>(concerned: &[&'a Object], workload: &Object, mounted: &Mounted<'_>) -> Option<&'a str> {
    let namespace = workload.id.namespace.as_deref();
    let mut own = concerned.iter().copied().filter(|o| o.is("", mounted.kind) && o.id.shares_namespace(namespace));
    if own.clone().any(|object| object.is_named(mounted.name)) {
        return None;
    }
    own.find(|object| {
        let hash = object.id.name.strip_prefix(mounted.name).and_then(|rest| rest.strip_prefix('-'));
        hash.is_some_and(|hash| hash.len() == 10 && hash.chars().all(|c| "2456789bcdfghkmt".contains(c)))
    })
    .map(|object| object.id.name.as_str())
}

/// What an object says of the name's fate: the ConfigMap itself in kustomize's hands, or a kustomization that has it.
fn renamed(concerned: &[&Object], object: &Object, workload: &Object, mounted: &Mounted<'_>) -> Option<Renamed> {
    let is_own = |object: &Object| {
        object.is("", mounted.kind)
            && object.is_named(mounted.name)
            && object.id.shares_namespace(workload.id.namespace.as_deref())
    };
    if is_own(object) {
        let is_hashed = object.annotation("internal.config.kubernetes.io/needsHashSuffix") == Some("enabled");
        return match object.id.name == mounted.name {
            true => is_hashed.then_some(Renamed::Hash),
            false => Some(Renamed::Affix),
        };
    }
    let text = |field: &str| object.value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let is_elsewhere = text("namespace").is_some_and(|namespace| !workload.id.shares_namespace(Some(namespace)));
    // What `configurations` name is not seen; who has some knows of references.
    if !is_kustomization(object) || is_elsewhere || entries(&object.value, "configurations").next().is_some() {
        return None;
    }
    let generators = if mounted.kind == "ConfigMap" { "configMapGenerator" } else { "secretGenerator" };
    let generated = entries(&object.value, generators).find(|generator| generator["name"] == mounted.name);
    if text("namePrefix").or(text("nameSuffix")).is_some() {
        return (generated.is_some() || concerned.iter().any(|other| is_own(other))).then_some(Renamed::Affix);
    }
    let plain = |options: Option<&Value>| options.is_some_and(|options| options["disableNameSuffixHash"] == true);
    let is_plain = plain(object.value.get("generatorOptions")) || plain(generated?.get("options"));
    (!is_plain).then_some(Renamed::Hash)
}
