//! What must hold in a profile and serde cannot see: pointers, and names that refer to each other.

use super::{Profile, Setting};

impl Profile {
    /// Whether what serde cannot see holds: pointers, and names that refer to each other.
    ///
    /// # Errors
    /// What must hold, with the field.
    pub fn check(&self) -> Result<(), String> {
        for (index, setting) in self.settings.iter().enumerate() {
            let field = format!("settings[{index}]");
            if setting.from.is_none() && setting.literal.is_none() {
                return Err(format!("`{field}` must have `from` or `literal`"));
            }
            self.check_setting(setting, &field)?;
        }
        for (index, option) in self.options.iter().enumerate() {
            let field = format!("options[{index}]");
            if option.name.is_none() || option.from.is_some() {
                return Err(format!("`{field}` must have `name` and no `from`"));
            }
            self.check_setting(option, &field)?;
        }
        if let Some(bundled) = &self.bundled_dex
            && self.document(&bundled.document).is_none()
        {
            return Err(format!("`bundledDex.document` must name one of `documents`, not \"{}\"", bundled.document));
        }
        Ok(())
    }

    fn check_setting(&self, setting: &Setting, field: &str) -> Result<(), String> {
        let targets = [
            setting.flag.is_some(),
            setting.env.is_some(),
            setting.config_map.is_some(),
            setting.document.is_some(),
            setting.values.is_some(),
        ];
        if !targets.contains(&true) {
            return Err(format!("`{field}` must say where the app takes it: flag, env, configMap, document or values"));
        }
        if let Some(document) = &setting.document
            && self.document(&document.name).is_none()
        {
            return Err(format!("`{field}.document.name` must be one of `documents`, not \"{}\"", document.name));
        }
        for pointer in setting.values.iter().chain(&setting.values_host) {
            if !pointer.starts_with('/') {
                return Err(format!("`{field}.values` must be a JSON pointer that starts with /, not \"{pointer}\""));
            }
        }
        Ok(())
    }
}
