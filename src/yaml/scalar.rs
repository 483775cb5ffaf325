//! What a scalar means, and which strings need no quotes: under YAML 1.1, under 1.2 and for Go's readers.

use serde_json::{Number, Value};

use super::tree::ScalarStyle;
use super::walk::Tag;

/// What the core schema of YAML 1.2 makes of a plain scalar. What fits no JSON number stays text.
pub fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// The same for a scalar with quotes and a tag.
pub(super) fn resolve_tagged(text: &str, style: ScalarStyle, tag: Option<Tag>) -> Value {
    let text_itself = || Value::String(text.to_owned());
    match tag {
        None | Some(Tag::Other) if style != ScalarStyle::Plain => text_itself(),
        None => resolve(text),
        Some(Tag::Other) if text.is_empty() => text_itself(),
        Some(Tag::Other) => resolve(text),
        Some(Tag::Str) => text_itself(),
        Some(Tag::Int) => number(text).filter(|n| !n.is_f64()).map_or_else(text_itself, Value::Number),
        Some(Tag::Float) => number(text).map_or_else(text_itself, Value::Number),
        Some(Tag::Bool) => Some(resolve(text)).filter(Value::is_boolean).unwrap_or_else(text_itself),
        Some(Tag::Null) => Some(resolve(text)).filter(Value::is_null).unwrap_or_else(text_itself),
    }
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c: char| c.is_digit(radix));
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return all(digits, radix).then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Number::from);
        }
    }
    if all(unsigned, 10) {
        let digits = text.strip_prefix('+').unwrap_or(text);
        return digits.parse::<u64>().map(Number::from).or_else(|_| digits.parse::<i64>().map(Number::from)).ok();
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_float = (!whole.is_empty() || !fraction.is_empty())
        && [whole, fraction].iter().all(|digits| digits.is_empty() || all(digits, 10))
        && exponent.is_none_or(|exponent| all(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), 10));
    is_float.then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
}

/// A number as every reader understands it: YAML 1.1 wants a point and a sign in `1.0e+100`.
pub(super) fn number_text(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once('e').filter(|_| number.is_f64()) else {
        return text;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// True when the character may stand in text without an escape, for every reader.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{a1}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' => true,
        _ => c >= '\u{10000}',
    }
}

/// True when the text, without quotes, reads back as that string under YAML 1.1, under 1.2 and in Go.
/// `flow` asks the same inside `[…]` and `{…}`.
pub fn is_plain(text: &str, flow: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let second = chars.next();
    if !text.chars().all(is_printable) || text.starts_with(' ') || text.ends_with([' ', ':']) {
        return false;
    }
    if text.contains(": ") || text.contains(" #") || text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    if flow && (text.contains(['[', ']', '{', '}', ',']) || text.contains("\":") || !is_flow_colon_safe(text)) {
        return false;
    }
    let begins_well = match first {
        '?'
        | ':'
        | ','
        | '['
        | ']'
        | '{'
        | '}'
        | '#'
        | '&'
        | '*'
        | '!'
        | '|'
        | '>'
        | '\''
        | '"'
        | '%'
        | '@'
        | '`'
        | '+'
        | '='
        | '~'
        | '\u{a0}'..='\u{ff}'
        | '\u{2000}'..='\u{206f}'
            if !first.is_alphabetic() =>
        {
            false
        }
        '-' => second.is_some_and(|c| c == '-' || c == '/' || c.is_alphabetic()),
        '.' => text.starts_with("../") || second.is_some_and(|c| c == '/' || c.is_alphabetic()),
        '0'..='9' => text.chars().any(is_no_number),
        _ => true,
    };
    begins_well && !is_reserved(text)
}

/// A colon in flow text must be followed by more of the word.
fn is_flow_colon_safe(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ':' && !chars.peek().is_some_and(|next| next.is_alphanumeric() || matches!(next, '/' | '-' | '_' | '.'))
        {
            return false;
        }
    }
    true
}

/// Letters in no number, date or base of any YAML version: with one of them a digit-led word is only a word.
fn is_no_number(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), 'g'..='n' | 'p'..='s' | 'u'..='w' | 'y')
}

/// Words some reader takes for null, a boolean, a number, the default or the merge key.
fn is_reserved(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "nan",
        "inf",
        "infinity",
        ".nan",
        ".inf",
        "-.inf",
        "-inf",
        "-infinity",
    ];
    text == "<<" || (text.len() <= 9 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)))
}

/// The text in double quotes: JSON's escapes, and YAML's for what JSON allows bare.
pub(super) fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape_into(&mut out, text);
    out.push('"');
    out
}

/// The inside of [`double_quoted`].
pub(super) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
}

/// The text in single quotes, where that is exact.
pub(super) fn single_quoted(text: &str) -> Option<String> {
    text.chars().all(is_printable).then(|| format!("'{}'", text.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_strings_stay_bare() {
        let bare = [
            "https://x.y/z",
            "/etc/ssl/local-ca",
            "$oidc.dex.clientSecret",
            "role:admin",
            "g, a, role:b",
            "--flag=x",
            "-v",
            "./run.sh",
            "10Gi",
            "100m",
            "argo-cd",
            "a b",
            "it's",
            "30s",
            "ü",
        ];
        for text in bare {
            assert!(is_plain(text, false), "{text}");
        }
        assert!(is_plain("https://x.y/z", true) && !is_plain("g, a", true));
    }

    #[test]
    fn numbers_read_back_everywhere() {
        assert_eq!(number_text(&Number::from_f64(1e100).unwrap()), "1.0e+100");
        assert_eq!(number_text(&Number::from_f64(1.5e-7).unwrap()), "1.5e-7");
        assert_eq!(number_text(&Number::from_f64(0.5).unwrap()), "0.5");
        assert_eq!(resolve("1.0e+100"), Value::from(1e100));
    }
}
