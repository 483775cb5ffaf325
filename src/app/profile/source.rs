//! A login source by the name that one client gives it: the name is a part of redirect paths and of pointers.

use super::Profile;

impl Profile {
    /// The profile for a login source of another name than its own.
    #[must_use]
    pub fn for_login_source(&self, name: &str) -> Self {
        let mut profile = self.clone();
        let Some(client) = &mut profile.client else {
            return profile;
        };
        let Some(own) = client.login_source.replace(name.to_owned()) else {
            return profile;
        };
        for path in &mut client.redirect_paths {
            *path = path.replace(&format!("/{own}/"), &format!("/{name}/"));
        }
        for setting in profile.settings.iter_mut().chain(&mut profile.options) {
            if let Some(pointer) = &mut setting.values {
                *pointer = pointer.replace(&format!("[name={own}]"), &format!("[name={name}]"));
            }
        }
        profile
    }
}
