//! Label selectors as kubectl takes them, into kube-core's.

use kube_core::{Expression, Selector};

/// Parses `app=web,tier in (a, b),!legacy`.
///
/// # Errors
/// The requirement that cannot be read.
pub fn parse(text: &str) -> Result<Selector, String> {
    let requirements = split(text);
    requirements.iter().map(|requirement| expression(requirement.trim())).collect::<Result<Selector, String>>()
}

/// Cuts at commas outside parentheses.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut current, mut depth) = (Vec::new(), String::new(), 0_u32);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut current));
                continue;
            }
            _ => {}
        }
        current.push(c);
    }
    if !current.trim().is_empty() || !parts.is_empty() {
        parts.push(current);
    }
    parts
}

fn expression(text: &str) -> Result<Expression, String> {
    let unreadable = || format!("\"{text}\" cannot be read");
    if let Some(key) = text.strip_prefix('!') {
        return checked(key, text).map(Expression::DoesNotExist);
    }
    for (operator, is_equal) in [("!=", false), ("==", true), ("=", true)] {
        if let Some((key, value)) = text.split_once(operator) {
            let (key, value) = (checked(key, text)?, value.trim().to_owned());
            return Ok(if is_equal { Expression::Equal(key, value) } else { Expression::NotEqual(key, value) });
        }
    }
    if let Some((head, list)) = text.split_once('(') {
        let values =
            list.strip_suffix(')').ok_or_else(unreadable)?.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace).ok_or_else(unreadable)?;
        let key = checked(key, text)?;
        return match operator {
            "in" => Ok(Expression::In(key, values)),
            "notin" => Ok(Expression::NotIn(key, values)),
            _ => Err(unreadable()),
        };
    }
    checked(text, text).map(Expression::Exists)
}

fn checked(key: &str, text: &str) -> Result<String, String> {
    let key = key.trim();
    let is_key = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.', '/'].contains(&c);
    if key.is_empty() || !key.chars().all(is_key) {
        Err(format!("\"{text}\" cannot be read"))
    } else {
        Ok(key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use kube_core::SelectorExt as _;

    use super::parse;

    #[test]
    fn selectors_of_kubectl_match() {
        let labels = [("app", "web"), ("tier", "b")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        for text in ["", "app=web", "app==web,tier in (a, b)", "app!=db", "app,!legacy", "tier notin (c)"] {
            assert!(parse(text).unwrap().matches(&labels), "{text}");
        }
        assert!(!parse("app=db").unwrap().matches(&labels));
        assert!(parse("app in a").is_err());
        assert!(parse("a b").is_err());
    }
}
