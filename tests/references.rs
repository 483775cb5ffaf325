//! kustomize renames ConfigMaps and changes the references in some kinds only; which ones, kustomize itself has to say.
//!
//! Without `kustomize` the test is skipped, and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::io::Write as _;
use std::process::Command;

use private_sso::krm::pod::{POD_TEMPLATES, is_followed_by_kustomize};
use private_sso::krm::{Location, Object, ObjectRef};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

/// An object of a kind, with a volume of a ConfigMap in its pod template.
fn workload(group: &str, kind: &str, pointer: &str) -> Value {
    let pod = json!({"spec": {"volumes": [{"name": "ca", "configMap": {"name": "lab-ca"}}]}});
    let mut value = pointer
        .split('/')
        .skip(1)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .fold(pod, |inner, key| Value::Object(Map::from_iter([(key.to_owned(), inner)])));
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    let name = format!("{}-{}", kind.to_lowercase(), group.replace('.', "-")).trim_end_matches('-').to_owned();
    value["apiVersion"] = json!(version);
    value["kind"] = json!(kind);
    value["metadata"] = json!({"name": name});
    value
}

#[test]
fn kustomize_follows_the_kinds_that_it_is_said_to_follow() {
    if Command::new("kustomize").arg("version").output().is_err() {
        assert_ne!(std::env::var("PRIVATE_SSO_TOOLS").as_deref(), Ok("required"), "kustomize must be there");
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: kustomize is not here (`.ci/tools kustomize` builds it)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workloads: Vec<Value> = POD_TEMPLATES.iter().map(|(group, kind, path)| workload(group, kind, path)).collect();
    let stream: Vec<String> = workloads.iter().map(Value::to_string).collect();
    std::fs::write(folder.path().join("workloads.yaml"), stream.join("\n---\n")).unwrap();
    let generator = json!({"name": "lab-ca", "literals": ["ca.crt=x"]});
    let kustomization = json!({"resources": ["workloads.yaml"], "configMapGenerator": [generator]});
    std::fs::write(folder.path().join("kustomization.yaml"), kustomization.to_string()).unwrap();
    let output = Command::new("kustomize").arg("build").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let built: Vec<Value> = serde_yaml::Deserializer::from_str(&text).map(|d| Value::deserialize(d).unwrap()).collect();
    for (before, (.., path)) in workloads.iter().zip(POD_TEMPLATES) {
        let is_it = |object: &&Value| ["apiVersion", "kind"].iter().all(|field| object[*field] == before[*field]);
        let after = built.iter().find(is_it).unwrap();
        let name = |object: &Value| object.pointer(&format!("{path}/spec/volumes/0/configMap/name")).cloned();
        let object = Object::new(ObjectRef::of(before), Location::default(), before.clone());
        assert_eq!(name(after) != name(before), is_followed_by_kustomize(&object), "{}", object.id);
    }
}
