//! Another way to configure an app, chosen by a flag, in which other settings count.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Document, Profile, Setting};

/// Another way to configure an app: where it is chosen, what stands here counts in place of the profile's own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Alternative {
    /// The flag that chooses it.
    pub flag: String,
    /// JSON pointer to the chart's switch for it.
    pub values: Option<String>,
    /// The documents in place of the profile's.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// The settings in place of the profile's. A flag that is here no more must not stand: the app does not start with it.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// The options in place of the profile's.
    #[serde(default)]
    pub options: Vec<Setting>,
    /// The profile as it is then.
    #[serde(skip)]
    whole: Option<Box<Profile>>,
}

impl Profile {
    /// The profile with its alternative made out as one of its own.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let Some(mut other) = self.alternative.take() else {
            return self;
        };
        let mut whole = self.clone();
        whole.documents.clone_from(&other.documents);
        whole.settings.clone_from(&other.settings);
        whole.options.clone_from(&other.options);
        other.whole = Some(Box::new(whole));
        self.alternative = Some(other);
        self
    }

    /// The profile as the alternative makes it, if it has one.
    pub fn alternate(&self) -> Option<&Self> {
        self.alternative.as_ref()?.whole.as_deref()
    }

    /// The profile that counts where a container has certain flags.
    pub fn by_flag(&self, stands: impl Fn(&str) -> bool) -> &Self {
        let other = self.alternative.as_ref().filter(|other| stands(&other.flag));
        other.and_then(|other| other.whole.as_deref()).unwrap_or(self)
    }

    /// The profile that counts where switches of the chart are on.
    pub fn by_switch(&self, is_on: impl Fn(&str) -> bool) -> &Self {
        let other = self.alternative.as_ref().filter(|other| other.values.as_deref().is_some_and(is_on));
        other.and_then(|other| other.whole.as_deref()).unwrap_or(self)
    }

    /// The flags that the alternative takes no more.
    pub fn flags_left_out(&self) -> impl Iterator<Item = &str> {
        let flags = |profile: &'_ Self| -> Vec<String> {
            profile.settings.iter().chain(&profile.options).filter_map(|setting| setting.flag.clone()).collect()
        };
        let known = self.alternate().map(flags);
        let all = self.settings.iter().chain(&self.options).filter_map(|setting| setting.flag.as_deref());
        all.filter(move |flag| known.as_ref().is_some_and(|known| !known.iter().any(|other| other == flag)))
    }
}
