//! What is known of each supported application: data in `functions/apps`, read once.

pub mod profile;
pub mod recognise;

use std::sync::LazyLock;

use profile::Profile;
use serde_json::Value;

/// One file per application, named as the profile in it.
const FILES: &[(&str, &str)] = &[
    ("argo-cd", include_str!("../../functions/apps/argo-cd.yaml")),
    ("argo-workflows", include_str!("../../functions/apps/argo-workflows.yaml")),
    ("dex", include_str!("../../functions/apps/dex.yaml")),
    ("forgejo", include_str!("../../functions/apps/forgejo.yaml")),
    ("gitea", include_str!("../../functions/apps/gitea.yaml")),
    ("grafana", include_str!("../../functions/apps/grafana.yaml")),
    ("harbor", include_str!("../../functions/apps/harbor.yaml")),
    ("headlamp", include_str!("../../functions/apps/headlamp.yaml")),
    ("kargo", include_str!("../../functions/apps/kargo.yaml")),
    ("kiali", include_str!("../../functions/apps/kiali.yaml")),
    ("kubernetes", include_str!("../../functions/apps/kubernetes.yaml")),
    ("minio", include_str!("../../functions/apps/minio.yaml")),
    ("oauth2-proxy", include_str!("../../functions/apps/oauth2-proxy.yaml")),
    ("open-webui", include_str!("../../functions/apps/open-webui.yaml")),
    ("vault", include_str!("../../functions/apps/vault.yaml")),
];

/// The built-in profiles, in the order of their names.
pub static BUILT_IN: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    // A test loads every file as one of a user's is loaded; at every start that would cost more than all else.
    FILES.iter().filter_map(|(_, text)| serde_yaml::from_str(text).ok().map(Profile::complete)).collect()
});

/// Reads one profile.
///
/// # Errors
/// What must hold in the profile, with the field.
pub fn load(text: &str) -> Result<Profile, String> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let mistakes = crate::config::shape::mistakes(&crate::config::shape::schema_of::<Profile>(), &value, "");
    if let Some(mistake) = mistakes.first() {
        return Err(format!("`{}` {}", crate::krm::finding::field_path(&mistake.pointer), mistake.message));
    }
    let profile: Profile = serde_json::from_value(value).map_err(|error| error.to_string())?;
    profile.check()?;
    Ok(profile.complete())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_loads_and_is_named_as_its_file() {
        for (name, text) in FILES {
            let profile = load(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(profile.name, *name);
        }
        let names: Vec<&str> = BUILT_IN.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let on_disk = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/functions/apps")).unwrap().count();
        assert_eq!(on_disk, FILES.len(), "every file in functions/apps has its line in FILES");
    }

    #[test]
    fn a_wrong_profile_does_not_load() {
        assert!(load("name: x\ntitle: X\nfoo: 1").unwrap_err().contains("`foo` is no known field"));
        assert!(
            load("name: x\ntitle: X\ndocs: https://x\nsettings: [{from: issuer}]").unwrap_err().contains("settings")
        );
    }
}
