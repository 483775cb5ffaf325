//! A Component over a base that is no longer the one it was written for.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;

use super::{Builder, holds};

/// What changes in the base, and what the build then says; nothing, where it goes on.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("dex.yaml", "type: memory", "type: kubernetes", "testing value /data/config.yaml failed: test failed"),
    (
        "dex.yaml",
        "- name: dex\n        image",
        "- {name: proxy, image: proxy}\n      - name: dex\n        image",
        "testing value /spec/template/spec/containers/0/name failed: test failed",
    ),
    ("headlamp.yaml", "  values:", "  values:\n    env: []", "testing value /spec/values/env failed: test failed"),
    (
        "dex.yaml",
        "kind: Ingress\nmetadata:\n  name: dex",
        "kind: Ingress\nmetadata:\n  name: public",
        "no matches for Id Ingress.v1.networking.k8s.io/dex.dex",
    ),
    (
        "headlamp.yaml",
        "kind: HelmRelease\nmetadata:\n  name: headlamp",
        "kind: HelmRelease\nmetadata:\n  name: dashboard",
        "no matches for Id HelmRelease.v2.helm.toolkit.fluxcd.io/headlamp.headlamp",
    ),
    // What the Component does not speak of may change.
    ("dex.yaml", "dexidp/dex:v2.44.0", "dexidp/dex:v2.45.0", ""),
    ("dex.yaml", "        ports:", "        - {name: TZ, value: UTC}\n        ports:", ""),
    ("headlamp.yaml", "version: 0.45.0", "version: 0.46.0", ""),
];

pub fn fails_the_build(builder: Builder, example: &Path) -> Result<(), Failed> {
    for (file, old, new, message) in CHANGES {
        let scratch = tempfile::tempdir().unwrap();
        for part in ["base", "wired", "overlay"] {
            fs::create_dir(scratch.path().join(part)).unwrap();
            for entry in fs::read_dir(example.join(part)).unwrap() {
                let path = entry.unwrap().path();
                fs::copy(&path, scratch.path().join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
        let path = scratch.path().join("base").join(file);
        let text = fs::read_to_string(&path).unwrap();
        holds(text.contains(old), &format!("{file} must have {old:?}"))?;
        fs::write(&path, text.replacen(old, new, 1)).unwrap();
        let build = builder.build(&scratch.path().join("overlay"));
        let said = String::from_utf8_lossy(&build.stderr);
        let wanted = build.status.success() == message.is_empty() && said.contains(message);
        holds(wanted, &format!("{old:?} became {new:?}; the build must say {message:?}, and says: {said}"))?;
    }
    Ok(())
}
