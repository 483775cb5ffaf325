//! What is known of each supported application: data in `functions/apps`, read once.

pub mod profile;
pub mod recognise;

use std::sync::LazyLock;

use profile::Profile;
use serde_json::Value;

/// Every file in `functions/apps` (listed by `build.rs`), in the order of their names; each is named as the profile in it.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/apps.rs"));

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
        assert_eq!(on_disk, FILES.len(), "every file in functions/apps is a profile");
    }

    #[test]
    fn a_wrong_profile_does_not_load() {
        assert!(load("name: x\ntitle: X\nfoo: 1").unwrap_err().contains("`foo` is no known field"));
        assert!(
            load("name: x\ntitle: X\ndocs: https://x\nsettings: [{from: issuer}]").unwrap_err().contains("settings")
        );
    }
}
