//! How two values that must be the same differ, in words that show it.

use crate::config::document::host_of;

/// Where two texts differ, made visible.
pub fn difference(found: &str, wanted: &str) -> String {
    if found == format!("{wanted}/") {
        return "it ends in a slash that does not belong there".to_owned();
    }
    if format!("{found}/") == wanted {
        return "the slash at the end is missing".to_owned();
    }
    if found.trim() == wanted.trim() {
        return "there is white space around it".to_owned();
    }
    if let (Some((a, rest)), Some((b, other))) = (found.split_once("://"), wanted.split_once("://"))
        && a != b
        && rest == other
    {
        return format!("the scheme is {a}, not {b}");
    }
    if found.eq_ignore_ascii_case(wanted) {
        return format!("upper and lower case differ at character {}", common(found, wanted) + 1);
    }
    if let (Some(mine), Some(theirs)) = (url::Url::parse(found).ok(), url::Url::parse(wanted).ok())
        && mine.host_str() == theirs.host_str()
        && mine.path() == theirs.path()
        && mine.port_or_known_default() != theirs.port_or_known_default()
    {
        return "the ports differ".to_owned();
    }
    let same = common(found, wanted);
    let rest = |text: &str| text.chars().skip(same).take(12).collect::<String>();
    format!("from character {} on: \"{}\", not \"{}\"", same + 1, rest(found), rest(wanted))
}

fn common(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// Whether one text is most likely meant to be the other: the same but for case, scheme, port, slashes, or a typo.
pub fn is_near(a: &str, b: &str) -> bool {
    if a == b {
        return false;
    }
    let (x, y) = (bare(a), bare(b));
    x == y || (host_of(a).is_some() && host_of(a) == host_of(b) && strsim::damerau_levenshtein(&x, &y) <= 2)
}

/// A URL without what people get wrong first: scheme, port, case and the slash at the end.
pub fn bare(url: &str) -> String {
    let lower = url.trim().to_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).trim_end_matches('/').to_owned();
    match rest.split_once('/') {
        Some((authority, path)) => format!("{}/{path}", authority.split(':').next().unwrap_or_default()),
        None => rest.split(':').next().unwrap_or_default().to_owned(),
    }
}

/// The path of a URL, without the slash at the end.
pub fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// Whether a URL leads back to the machine of whoever opens it.
pub fn is_loopback(url: &str) -> bool {
    host_of(url).is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]")
}

#[cfg(test)]
mod tests {
    use super::{difference, is_near, path_of};

    #[test]
    fn differences_are_made_visible() {
        for (found, wanted, words) in [
            ("https://x/", "https://x", "it ends in a slash that does not belong there"),
            ("https://x", "https://x/", "the slash at the end is missing"),
            ("http://x/a", "https://x/a", "the scheme is http, not https"),
            ("https://X/a", "https://x/a", "upper and lower case differ at character 9"),
            ("https://x:8443/a", "https://x/a", "the ports differ"),
            ("/login/generic_outh", "/login/generic_oauth", "from character 17 on: \"uth\", not \"auth\""),
        ] {
            assert_eq!(difference(found, wanted), words);
        }
    }

    #[test]
    fn near_misses_are_near() {
        assert!(is_near("https://grafana.x/login/generic_outh", "https://grafana.x/login/generic_oauth"));
        assert!(is_near("http://dex.x:5556/dex", "https://dex.x/dex/"));
        assert!(!is_near("https://dex.x/dex", "https://keycloak.x/dex"));
        assert!(!is_near("https://sso.x/realms/a", "https://sso.x/dex"));
        assert_eq!(path_of("https://x/dex/?a"), "/dex");
    }
}
