//! Versions of apps and charts, as far as they tell which is older.

/// A version by its numbers. Only what is certain counts: a missing number is as high as can be, and what comes after the
/// numbers is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u64; 3]);

impl Version {
    /// The version in a chart's version, a label or an image's tag; nothing where it is a range, a date or a word. MinIO's
    /// `RELEASE.2024-01-31T00-00-00Z` is one too: the day, in three numbers.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(day) = text.strip_prefix("RELEASE.").and_then(|rest| rest.get(..10)) {
            let mut numbers = day.split('-').map(str::parse);
            let mut next = || numbers.next()?.ok();
            return Some(Self([next()?, next()?, next()?]));
        }
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '+', '_']).next().unwrap_or_default();
        let mut version = [u64::MAX; 3];
        for (index, part) in numbers.split('.').enumerate() {
            // `20240101` is a date.
            let number = part.parse().ok().filter(|number| *number < 100_000)?;
            *version.get_mut(index)? = number;
        }
        Some(Self(version))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn only_what_is_certainly_older_is_older() {
        let older = |a: &str, b: &str| Version::parse(a).zip(Version::parse(b)).is_some_and(|(a, b)| a < b);
        for (a, b) in [("1.2.3", "1.2.4"), ("v0.9.0", "0.10.0"), ("1.2.3-alpine", "2.0.0"), ("7.3.12+k3s1", "8.0.0")] {
            assert!(older(a, b), "{a} {b}");
        }
        for (a, b) in [("1.2.3", "1.2.3-rc1"), ("8", "8.1.0"), ("10.0.0", "9.9.9"), ("11.2", "11.2.9")] {
            assert!(!older(a, b), "{a} {b}");
        }
        assert!(older("RELEASE.2021-11-23T00-00-00Z", "RELEASE.2021-11-24T23-19-33Z"));
        assert!(!older("RELEASE.2024-01-01T00-00-00Z.hotfix", "RELEASE.2021-11-24T23-19-33Z"));
        for text in ["latest", "^1.2.3", "1.x", ">=1.0.0", "RELEASE.edge", "20240101", "*", "", "1.2.3.4"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
