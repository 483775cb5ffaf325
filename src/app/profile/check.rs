//! What must hold in a profile and serde cannot see: pointers, and names that refer to each other.

use super::version::Version;
use super::{DocumentFormat, PodValues, Profile, Setting, ValueFrom};

/// What must hold, with the field.
type Mistake = String;

impl Profile {
    /// Whether what serde cannot see holds: pointers, and names that refer to each other.
    ///
    /// # Errors
    /// What must hold, with the field.
    pub fn check(&self) -> Result<(), Mistake> {
        for (index, setting) in self.settings.iter().enumerate() {
            let field = format!("settings[{index}]");
            if setting.from.is_some() == setting.literal.is_some() {
                return Err(format!("`{field}` must have `from` or `literal`, one of the two"));
            }
            if setting.owned && setting.literal.is_none() {
                return Err(format!(
                    "`{field}.owned` must stand beside `literal`: what comes from the document is its own"
                ));
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
        unique("components", self.components.iter().map(|component| component.name.as_str()))?;
        unique("documents", self.documents.iter().map(|document| document.name.as_str()))?;
        self.check_client()?;
        if let Some(other) = &self.alternative {
            let whole = self.clone().complete();
            whole.alternate().map_or(Ok(()), Self::check).map_err(|mistake| format!("`alternative`: {mistake}"))?;
            check_pointer("alternative.values", other.values.as_deref())?;
        }
        check_version("since.chart", self.since.chart.as_deref())?;
        check_version("since.app", self.since.app.as_deref())?;
        if let Some(client) = &self.client {
            check_version("client.publicSince.chart", client.public_since.chart.as_deref())?;
            check_version("client.publicSince.app", client.public_since.app.as_deref())?;
        }
        self.check_pointers()?;
        if let Some(bundled) = &self.bundled_dex
            && self.document(&bundled.document).is_none()
        {
            return Err(format!("`bundledDex.document` must name one of `documents`, not \"{}\"", bundled.document));
        }
        Ok(())
    }

    fn check_setting(&self, setting: &Setting, field: &str) -> Result<(), Mistake> {
        let targets = [
            setting.flag.is_some(),
            setting.env.is_some(),
            setting.config_map.is_some(),
            setting.document.is_some(),
            setting.resource.is_some(),
            setting.values.is_some(),
        ];
        if !targets.contains(&true) {
            return Err(format!(
                "`{field}` must say where the app takes it: flag, env, configMap, document, resource or values"
            ));
        }
        if (setting.flag.is_some() || setting.env.is_some()) && self.components.is_empty() {
            return Err(format!("`{field}` must have one of `components` that takes its flag or variable"));
        }
        if let Some(flag) = setting.flag.as_ref().filter(|flag| flag.starts_with('-') || flag.contains(['=', ' '])) {
            return Err(format!("`{field}.flag` must be a flag's name without dashes and value, not \"{flag}\""));
        }
        if let Some(document) = &setting.document
            && self.document(&document.name).is_none()
        {
            return Err(format!("`{field}.document.name` must be one of `documents`, not \"{}\"", document.name));
        }
        if let Some(target) = &setting.document {
            check_pointer(&format!("{field}.document.field"), Some(&target.pointer()))?;
            let document = self.document(&target.name).filter(|document| document.format == DocumentFormat::Ini);
            let depth = |under: &str| format!("{under}{}", target.field).matches('/').count();
            if document.is_some_and(|document| depth(&document.under) != 2) {
                return Err(format!("`{field}.document.field` must be /section/key in INI, not \"{}\"", target.field));
            }
        }
        if setting.config_map.is_some() && setting.from == Some(ValueFrom::ClientSecret) {
            return Err(format!("`{field}.configMap` must not take the client secret: a ConfigMap is no place for it"));
        }
        if setting.config_map.as_ref().is_some_and(|map| map.name.is_none()) && self.components.is_empty() {
            return Err(format!("`{field}.configMap` must have `name`, or one of `components` that reads it"));
        }
        if setting.resource.is_some() && self.resource.is_none() {
            return Err(format!("`{field}.resource` must be a field of the profile's `resource`, and it has none"));
        }
        if setting.resource.is_some() && setting.from == Some(ValueFrom::ClientSecret) {
            return Err(format!(
                "`{field}.resource` must not take the client secret: it would stand there in clear text"
            ));
        }
        check_pointer(&format!("{field}.resource"), setting.resource.as_deref())?;
        for (name, version) in [("sinceChart", &setting.since_chart), ("sinceApp", &setting.since_app)] {
            check_version(&format!("{field}.{name}"), version.as_deref())?;
        }
        let is_id = [Some(ValueFrom::ClientIDSecretName), Some(ValueFrom::ClientIDSecretKey)].contains(&setting.from);
        let has_key = self.client.as_ref().is_some_and(|client| client.secret_keys.client_id.is_some());
        if is_id && !has_key {
            return Err(format!("`{field}` must have `client.secretKeys.clientID`: the key of the client id"));
        }
        let pointers =
            [("values", &setting.values), ("valuesHost", &setting.values_host), ("madeAt", &setting.made_at)];
        for (name, pointer) in pointers {
            check_pointer(&format!("{field}.{name}"), pointer.as_deref())?;
        }
        Ok(())
    }

    fn check_client(&self) -> Result<(), Mistake> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        if client.id.trim().is_empty() {
            return Err("`client.id` must not be empty".to_owned());
        }
        for (index, path) in client.redirect_paths.iter().enumerate() {
            if !path.is_empty() && !path.starts_with('/') {
                return Err(format!(
                    "`client.redirectPaths[{index}]` must start with / (or be empty: the url itself), not \"{path}\""
                ));
            }
        }
        for (index, uri) in client.redirect_uris.iter().enumerate() {
            if !uri.contains(':') {
                return Err(format!("`client.redirectURIs[{index}]` must be a whole URI, not \"{uri}\""));
            }
        }
        Ok(())
    }

    fn check_pointers(&self) -> Result<(), Mistake> {
        for (index, component) in self.components.iter().enumerate() {
            let field = format!("components[{index}].values");
            check_pod_values(&field, component.values.as_ref())?;
            let since = component.values.as_ref().and_then(|values| values.since_chart.as_deref());
            check_version(&format!("{field}.sinceChart"), since)?;
        }
        for (index, document) in self.documents.iter().enumerate() {
            let field = format!("documents[{index}]");
            check_pointer(&format!("{field}.values"), document.values.as_deref())?;
            check_pointer(&format!("{field}.valuesAt"), document.values_at.as_deref())?;
            let under = std::iter::once(&document.under).chain(document.other_keys.iter().map(|other| &other.under));
            for under in under.filter(|under| !under.is_empty()) {
                check_pointer(&format!("{field}.under"), Some(under))?;
            }
            if document.values.is_some() && document.values_at.is_some() {
                return Err(format!("`{field}` must have `values` (a text) or `valuesAt` (a mapping), not both"));
            }
            let reads = !self.components.is_empty() || document.config_map.is_some();
            if !reads {
                return Err(format!("`{field}` must have `configMap`, or one of `components` that reads it"));
            }
            check_pointer(&format!("{field}.madeAt"), document.made_at.as_deref())?;
            for (at, pointer) in document.elsewhere.iter().enumerate() {
                check_pointer(&format!("{field}.elsewhere[{at}]"), Some(pointer))?;
            }
            if document.file_flag.is_some() && (self.components.is_empty() || document.format != DocumentFormat::Yaml) {
                return Err(format!("`{field}.fileFlag` must be of YAML, and of one of `components`"));
            }
        }
        if let Some(chart) = &self.chart {
            check_pod_values("chart.global", chart.global.as_ref())?;
            check_pointer("chart.ingress.at", chart.ingress.as_ref().map(|ingress| ingress.at.as_str()))?;
        }
        if let Some(git) = &self.git_certificates {
            check_pointer("gitCertificates.values", Some(&git.values))?;
            check_pointer("gitCertificates.madeAt", git.made_at.as_deref())?;
        }
        if let Some(roles) = &self.roles {
            check_pointer("roles.values", Some(&roles.values))?;
        }
        Ok(())
    }
}

fn check_pod_values(field: &str, values: Option<&PodValues>) -> Result<(), Mistake> {
    let Some(values) = values else {
        return Ok(());
    };
    let pointers = [
        ("env", values.env.as_ref()),
        ("volumes", values.volumes.as_ref()),
        ("volumeMounts", values.volume_mounts.as_ref()),
        ("initVolumeMounts", values.init_volume_mounts.as_ref()),
        ("sharedVolumeMounts", values.shared_volume_mounts.as_ref()),
        ("ca.configMap", values.ca.as_ref().and_then(|ca| ca.config_map.as_ref())),
        ("ca.secret", values.ca.as_ref().and_then(|ca| ca.secret.as_ref())),
        ("args", values.args.as_ref()),
        ("argMap", values.arg_map.as_ref()),
        ("envMap", values.env_map.as_ref()),
        ("envFromMap", values.env_from_map.as_ref()),
        ("secretMounts", values.secret_mounts.as_ref()),
    ];
    for (name, pointer) in pointers {
        check_pointer(&format!("{field}.{name}"), pointer.map(String::as_str))?;
    }
    Ok(())
}

/// A JSON pointer below the root, in which a token `[field=value]` may choose an element of a list.
fn check_pointer(field: &str, pointer: Option<&str>) -> Result<(), Mistake> {
    let Some(pointer) = pointer else {
        return Ok(());
    };
    let escapes = || pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !pointer.starts_with('/') || !escapes() {
        return Err(format!("`{field}` must be a JSON pointer that starts with /, not \"{pointer}\""));
    }
    for token in pointer.split('/').filter(|token| token.starts_with('[') || token.ends_with(']')) {
        let inner = token.strip_prefix('[').and_then(|token| token.strip_suffix(']'));
        let chosen = inner.and_then(|inner| inner.split_once('='));
        if inner != Some("0") && chosen.is_none_or(|(name, value)| name.is_empty() || value.is_empty()) {
            return Err(format!(
                "`{field}` must choose an element of a list as [field=value], not as \"{token}\"; [0] is the first"
            ));
        }
    }
    Ok(())
}

fn check_version(field: &str, version: Option<&str>) -> Result<(), Mistake> {
    match version {
        Some(version) if Version::parse(version).is_none() => {
            Err(format!("`{field}` must be a version such as 1.2.3, not \"{version}\""))
        }
        _ => Ok(()),
    }
}

fn unique<'a>(field: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Mistake> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("`{field}` must have each name once; \"{name}\" stands twice"));
        }
        seen.push(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::app::load;

    #[test]
    fn what_serde_cannot_see_is_checked() {
        for (rest, wanted) in [
            ("settings: [{env: X}]", "`settings[0]` must have `from` or `literal`"),
            ("settings: [{from: issuer, literal: x, env: X}]", "one of the two"),
            ("settings: [{from: issuer}]", "must say where the app takes it"),
            ("settings: [{from: issuer, env: X}]", "must have one of `components`"),
            ("settings: [{from: issuer, owned: true, values: /x}]", "`settings[0].owned` must stand beside `literal`"),
            ("settings: [{from: issuer, values: x/y}]", "`settings[0].values` must be a JSON pointer"),
            ("settings: [{from: issuer, values: /x~2}]", "`settings[0].values` must be a JSON pointer"),
            ("settings: [{from: issuer, values: '/x/[name]/y'}]", "as [field=value], not as \"[name]\""),
            ("settings: [{from: clientIDSecretName, values: /x}]", "must have `client.secretKeys.clientID`"),
            ("settings: [{from: issuer, document: {name: a, field: b}}]", "must be one of `documents`, not \"a\""),
            (
                "components: [{name: a, labels: [], containers: []}]\ndocuments: [{name: a, key: k, format: ini}]\nsettings: [{from: issuer, document: {name: a, field: b}}]",
                "must be /section/key in INI, not \"b\"",
            ),
            ("documents: [{name: a, key: k}]", "`documents[0]` must have `configMap`"),
            ("documents: [{name: a, key: k, configMap: m, values: /v, valuesAt: /v}]", "not both"),
            ("settings: [{from: clientSecret, configMap: {name: a, key: b}}]", "a ConfigMap is no place for it"),
            ("settings: [{from: issuer, resource: /x}]", "must be a field of the profile's `resource`"),
            ("settings: [{from: issuer, values: /x, sinceChart: new}]", "must be a version such as 1.2.3, not \"new\""),
            ("options: [{values: /x}]", "`options[0]` must have `name` and no `from`"),
            ("client: {id: x, redirectPaths: [cb]}", "`client.redirectPaths[0]` must start with /"),
            ("client: {id: x, redirectURIs: [/cb]}", "`client.redirectURIs[0]` must be a whole URI"),
            (
                "components: [{name: a, labels: [], containers: []}, {name: a, labels: [], containers: []}]",
                "stands twice",
            ),
        ] {
            let message = load(&format!("name: x\ntitle: X\ndocs: https://x\n{rest}")).unwrap_err();
            assert!(message.contains(wanted), "{rest}: {message}");
        }
    }
}
