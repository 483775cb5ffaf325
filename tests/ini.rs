//! INI inside strings: read as Go's `gopkg.in/ini.v1` reads it, and edited without touching another byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use json_patch::Patch;
use json_patch::jsonptr::PointerBuf;
use private_sso::yaml::{EditError, Embedded, Encoding, Format, edit_within, embedded_text, embedded_value};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn at(field: &str) -> Embedded {
    Embedded { field: PointerBuf::parse(field).unwrap(), encoding: Encoding::Plain, format: Format::Ini }
}

fn patch(operations: Value) -> Patch {
    serde_json::from_value(operations).unwrap()
}

fn read(text: &str) -> Value {
    embedded_value(&json!({"k": text}), &at("/k")).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The INI text after a patch; around it stands JSON, so that every text can be held.
fn edited(text: &str, operations: Value) -> Result<String, EditError> {
    let outer = edit_within(&json!({"k": text}).to_string(), &[at("/k")], &patch(operations))?;
    let outer: Value = serde_json::from_str(&outer).unwrap();
    Ok(outer["k"].as_str().unwrap().to_owned())
}

#[track_caller]
fn check(before: &str, operations: Value, after: &str) {
    let got = edited(before, operations.clone()).unwrap_or_else(|error| panic!("{error}\n{before}"));
    assert_eq!(got, after, "\n--- got\n{got}\n--- want\n{after}");
    if !before.contains('\r') && before.contains('\n') {
        let twin = edited(&before.replace('\n', "\r\n"), operations.clone()).unwrap();
        assert_eq!(twin, after.replace('\n', "\r\n"), "CRLF");
    }
    let twin = edited(&format!("\u{feff}{before}"), operations).unwrap();
    assert_eq!(twin, format!("\u{feff}{after}"), "byte order mark");
}

fn set(path: &str, value: &str) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

#[test]
fn reading() {
    for (text, data) in [
        ("", json!({})),
        ("\u{feff}a=1\n", json!({"": {"a": "1"}})),
        ("a = 1\n[DEFAULT]\nb: 2\n", json!({"": {"a": "1", "b": "2"}})),
        ("[a.b]\n[ c ]\nx=\n", json!({"a.b": {}, " c ": {"x": ""}})),
        ("[s]\nA = 1\na = 2\nA = 3\n[t]\n[s]\nb = 4\n", json!({"s": {"A": "3", "a": "2", "b": "4"}, "t": {}})),
        ("[s] ; c\n# c\n; c\na = 1 # c\nb = 1;c\nc =  # c\n", json!({"s": {"a": "1", "b": "1", "c": ""}})),
        (
            "a = \"x y\"\nb = 'x \"y\"'\nc = \"x\" y\"\nd = \"x;y\"\n",
            json!({"": {"a": "x y", "b": "x \"y\"", "c": "\"x\" y\"", "d": "\"x"}}),
        ),
        (
            "a = `x # y` # c\nb = \"\"\"x ; y\"\"\"\nc = `x` `y`\n",
            json!({"": {"a": "x # y", "b": "x ; y", "c": "x` `y"}}),
        ),
        (
            "a = `x\n y # z\n` # c\nb = \"\"\"\n1\n\"\"\"\nc=3\n",
            json!({"": {"a": "x\n y # z\n", "b": "\n1\n", "c": "3"}}),
        ),
        ("a = x \\\n  y # z\\\n z\nb = 1 \\\n\nc = 2 \\", json!({"": {"a": "x y # zz", "b": "1 ", "c": "2 "}})),
        (
            "`a=b` = 1\n\"c:d\" : 2\n\"\"\"e\"f\"\"\" = 3\ng h = 4\n",
            json!({"": {"a=b": "1", "c:d": "2", "e\"f": "3", "g h": "4"}}),
        ),
        ("[s]\n- = 1\n- = 2\n[t]\n- = 3\n", json!({"s": {"#1": "1", "#2": "2"}, "t": {"#1": "3"}})),
        ("url = %(proto)s://%(host)s/ ${X} $__env{Y}\n", json!({"": {"url": "%(proto)s://%(host)s/ ${X} $__env{Y}"}})),
        ("  a = 1\r\n\t[s]\r\n b = \"2\"\r\n", json!({"": {"a": "1"}, "s": {"b": "2"}})),
    ] {
        assert_eq!(read(text), data, "{text:?}");
    }
}

#[test]
fn what_is_no_ini_is_said_with_its_line() {
    for (text, reason) in [
        ("a = 1\n[s\n", "line 2, column 1: a section's name must end with `]`"),
        ("[]\n", "line 1, column 1: a section must have a name between `[` and `]`"),
        (
            "\n  word\n",
            "line 2, column 3: a line must be a comment, a section in `[ ]`, or a key with `=` or `:` and its value",
        ),
        ("a = 1\n= 2\n", "line 2, column 1: a key must have a name"),
        ("\"a = 1\n", "line 1, column 1: a key that begins with a quote must end with it"),
        ("[s]\nb = `x\ny\n", "line 2, column 5: a value that begins with a quote must end with it"),
    ] {
        let error = edited(text, set("/s/k", "v")).unwrap_err();
        assert_eq!(error.to_string(), format!("`/k` must hold a document: inside it, {reason}"));
    }
}

#[test]
fn a_value_changes_in_its_place() {
    let file = "# top\n[auth]\nclient_id   = old   ; who\nsecret:`a#b` # c\nname = \"x\"\nempty =\nnone = ; c\n\n[b]\nclient_id=old\n";
    check(file, set("/auth/client_id", "new"), &file.replacen("= old ", "= new ", 1));
    check(file, set("/auth/secret", "d;e"), &file.replace("`a#b`", "`d;e`"));
    check(file, set("/auth/secret", "d`e"), &file.replace("`a#b`", "`d`e`"));
    check(file, set("/auth/name", "a b"), &file.replace("\"x\"", "\"a b\""));
    check(file, set("/auth/name", "#1"), &file.replace("\"x\"", "\"\"\"#1\"\"\""));
    check(file, set("/auth/name", ""), &file.replace("\"x\"", "\"\""));
    check(file, set("/auth/client_id", ""), &file.replacen("= old   ;", "=    ;", 1));
    check(file, set("/auth/empty", "v"), &file.replace("empty =", "empty = v"));
    check(file, set("/auth/none", "v"), &file.replace("none = ;", "none = v ;"));
    check(file, set("/b/client_id", ""), &file.replace("client_id=old\n", "client_id=\n"));
    check(
        file,
        json!([{"op": "replace", "path": "/b/client_id", "value": true}]),
        &file.replace("client_id=old", "client_id=true"),
    );
    check(
        file,
        json!([{"op": "replace", "path": "/b/client_id", "value": 1.5}]),
        &file.replace("client_id=old", "client_id=1.5"),
    );
    check("a = x \\\n  y\nb = 1\n", set("//a", "z"), "a = z\nb = 1\n");
    check("a = `x\ny` ; c\nb = 1\n", set("//a", "z"), "a = `z` ; c\nb = 1\n");
    check("a = 1\na = 2\n", set("//a", "3"), "a = 1\na = 3\n");
    check("a = 1", set("//a", "two\nlines"), "a = \"\"\"two\nlines\"\"\"");
    check(file, json!([{"op": "test", "path": "/b/client_id", "value": "old"}]), file);
    check("a = 'same'\n", set("//a", "same"), "a = 'same'\n");
}

#[test]
fn a_key_comes_behind_the_last_of_its_section() {
    let file = "x=0\n\n[a]\n; on\nb = 1 # c\n;d = 2\n\n# about e\n[e]\n  f   : 1\n  ghi : 2\n\n[empty]\n# say what\n;k = v\n\n[last]\n";
    check(file, set("/a/n", "v"), &file.replace("# c\n", "# c\nn = v\n"));
    check(file, set("/e/n", "v"), &file.replace("ghi : 2\n", "ghi : 2\n  n   : v\n"));
    check(file, set("/e/long", "v"), &file.replace("ghi : 2\n", "ghi : 2\n  long : v\n"));
    check(file, set("//n", "v"), &file.replace("x=0\n", "x=0\nn=v\n"));
    check(file, set("/a/n", ""), &file.replace("# c\n", "# c\nn =\n"));
    check(file, set("/a/`n=", "v"), &file.replace("# c\n", "# c\n\"`n=\" = v\n"));
    check(
        "[empty]\n# say what\n;k = v\n\n[last]\na = 1\n",
        set("/empty/n", "v"),
        "[empty]\n# say what\n;k = v\nn = v\n\n[last]\na = 1\n",
    );
    check("[empty]\n# about last\n[last]\na=1\n", set("/empty/n", "v"), "[empty]\nn=v\n# about last\n[last]\na=1\n");
    check("[s]", set("/s/n", "v"), "[s]\nn = v");
    let first = json!([{"op": "add", "path": "/", "value": {"n": "v"}}]);
    check("# c\n\n# about s\n[s]\na = 1\n", first.clone(), "# c\n\nn = v\n\n# about s\n[s]\na = 1\n");
    check("", first.clone(), "n = v\n");
    check("# only\n", first, "# only\nn = v\n");
    check("[s]\na = 1\n[t]\n[s]\nb = 1\n", set("/s/n", "v"), "[s]\na = 1\n[t]\n[s]\nb = 1\nn = v\n");
    check("[s]\na = 1 \\\n\n[t]\n", set("/s/n", "v"), "[s]\na = 1 \\\n\nn = v\n\n[t]\n");
}

#[test]
fn a_section_comes_at_the_end() {
    let new = json!([{"op": "add", "path": "/n", "value": {"a": "1", "b": true}}]);
    check("", new.clone(), "[n]\na = 1\nb = true\n");
    check("[s]\na=1\n", new.clone(), "[s]\na=1\n\n[n]\na=1\nb=true\n");
    check("[s]\na = 1\n[t]\nb = 1\n", new.clone(), "[s]\na = 1\n[t]\nb = 1\n[n]\na = 1\nb = true\n");
    check(
        "[s]\na = 1\n\n# t\n[t]\nb = 1\n# end\n\n\n",
        new.clone(),
        "[s]\na = 1\n\n# t\n[t]\nb = 1\n# end\n\n[n]\na = 1\nb = true\n\n\n",
    );
    check("[s]\na = 1", new, "[s]\na = 1\n\n[n]\na = 1\nb = true");
    check("[s]\n", json!([{"op": "add", "path": "/n", "value": {}}]), "[s]\n\n[n]\n");
    check("k = 1 \\\n", json!([{"op": "add", "path": "/n", "value": {}}]), "k = 1 \\\n\n[n]\n");
}

#[test]
fn removals_take_their_lines() {
    let file = "x=0\n\n[a]\n# about b\nb = 1 # c\nd = `2\n3`\n\n# about e\n[e]\nf = 1\n";
    check(file, json!([{"op": "remove", "path": "/a/b"}]), &file.replace("b = 1 # c\n", ""));
    check(file, json!([{"op": "remove", "path": "/a/d"}]), &file.replace("d = `2\n3`\n", ""));
    check(file, json!([{"op": "remove", "path": "/a"}]), "x=0\n\n# about e\n[e]\nf = 1\n");
    check(file, json!([{"op": "remove", "path": "/e"}]), "x=0\n\n[a]\n# about b\nb = 1 # c\nd = `2\n3`\n\n# about e\n");
    check(file, json!([{"op": "remove", "path": "/"}]), &file.replace("x=0\n", ""));
    check("a = 1\nb = 2", json!([{"op": "remove", "path": "//b"}]), "a = 1");
    check("a = 1\nb = 2\na = 3\n", json!([{"op": "remove", "path": "//a"}]), "b = 2\n");
    check("[s]\na = 1\n", json!([{"op": "move", "from": "/s/a", "path": "/s/b"}]), "[s]\nb = 1\n");
}

#[test]
fn what_ini_cannot_hold_is_refused() {
    for (path, value) in [
        ("/s/a", json!(["x"])),
        ("/s/a", json!({"x": "y"})),
        ("/s", json!("x")),
        ("/DEFAULT", json!({"x": "y"})),
        ("/x\ny", json!({})),
        ("/s/-", json!("x")),
        ("/s/ x", json!("x")),
        ("/s/x\ny", json!("x")),
        ("/s/a", json!("`\n\"\"\"\n`\n\"\"\"\n")),
    ] {
        let error = edited("[s]\na = 1\n- = 2\n", json!([{"op": "add", "path": path, "value": value}])).unwrap_err();
        assert!(error.to_string().contains("must be something that can be written there"), "{error}");
    }
    assert!(edited("[s]\n- = 1\n- = 2\n", json!([{"op": "remove", "path": "/s/#1"}])).is_err());
    assert!(matches!(
        edited("[s]\n", json!([{"op": "remove", "path": "/s/a"}])),
        Err(EditError::Embedded { .. } | EditError::Patch(_))
    ));
}

#[test]
fn it_lies_in_yaml_as_any_document_does() {
    let before = "data:\n  grafana.ini: | # c\n    # top\n    [auth]\n    a = 1   ; one\n\n    [b]\n  z: 1\n";
    let after = "data:\n  grafana.ini: | # c\n    # top\n    [auth]\n    a = 1   ; one\n    n = v\n\n    [b]\n  z: 1\n";
    assert_eq!(edit_within(before, &[at("/data/grafana.ini")], &patch(set("/auth/n", "v"))).unwrap(), after);
    let packed = Embedded { encoding: Encoding::Base64, ..at("/data/app.ini") };
    let text = edit_within("data:\n  app.ini: W2FdCmIgPSAxCg==\n", &[packed], &patch(set("/a/b", "2"))).unwrap();
    assert_eq!(text, "data:\n  app.ini: W2FdCmIgPSAyCg==\n");
    let absent = edit_within(
        "data: {}\n",
        &[at("/data/x.ini")],
        &patch(json!([{"op": "add", "path": "/s", "value": {"a": 1}}])),
    );
    assert_eq!(absent.unwrap(), "data:\n  x.ini: |\n    [s]\n    a = 1\n");
    let json_at = Embedded { format: Format::Json, ..at("/s/json") };
    let before = "k: |\n  [s]\n  json = `{\"a\":1}`\n";
    let text = edit_within(before, &[at("/k"), json_at], &patch(set("/b", "x"))).unwrap();
    assert_eq!(text, "k: |\n  [s]\n  json = `{\"a\":1,\"b\":\"x\"}`\n");
    let value: Value = json!({"c": "[s]\n"});
    assert_eq!(embedded_text(&value, &at("/c")).unwrap(), "[s]\n");
}

/// Each pair was given to `gopkg.in/ini.v1` 1.67.3 with Grafana's options and with Gitea's: the second reads as the first.
#[test]
fn odd_values_read_back() {
    let table: Vec<(String, String)> = serde_json::from_str(include_str!("ini/values.json")).unwrap();
    assert!(table.len() >= 200);
    for (value, written) in table {
        let text = edited("[s]\nk = old\n", set("/s/k", &value)).unwrap();
        let space = if written.is_empty() { "" } else { " " };
        assert_eq!(text, format!("[s]\nk ={space}{written}\n"), "{value:?}");
        assert_eq!(read(&text)["s"]["k"], Value::from(value));
    }
}

const PIECES: [&str; 24] = [
    "a", "b", "key", " ", "  ", "\t", "=", ":", "#", ";", "`", "\"", "\"\"\"", "'", "\\", "[", "]", "-", "%(a)s", "é",
    "\u{a0}", "x.y", "1", "/",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,6}",
        3 => prop::collection::vec(prop::sample::select(&PIECES[..]), 0..6).prop_map(|pieces| pieces.concat()),
        1 => prop::collection::vec(prop::sample::select([&PIECES[..], &["\n", "\r\n"]].concat()), 0..8).prop_map(|pieces| pieces.concat()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => ("[a-e]{1,2}", prop::sample::select(&[" = ", "=", ": ", "  =  "][..]), word()).prop_map(|(key, gap, value)| format!("{key}{gap}{value}")),
        2 => "[a-c]".prop_map(|name| format!("[{name}]")),
        1 => Just(String::new()),
        1 => word().prop_map(|text| format!("# {text}")),
        1 => word(),
    ]
}

fn file() -> impl Strategy<Value = String> {
    (prop::collection::vec(line(), 0..10), any::<bool>(), any::<bool>()).prop_map(|(lines, crlf, open)| {
        let text = lines.join("\n") + if open { "" } else { "\n" };
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

/// How many lines of the old text are not in the new one, at its beginning or at its end.
fn changed_lines(old: &str, new: &str) -> usize {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(old, new)| old == new).count();
    old.len() - head - tail
}

/// What a patch leaves: texts, and no empty start.
fn expected(mut value: Value) -> Value {
    let sections: &mut Map<String, Value> = value.as_object_mut().unwrap();
    sections.retain(|name, keys| !name.is_empty() || keys.as_object().is_some_and(|keys| !keys.is_empty()));
    value
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_square_commutes_and_other_lines_stay(text in file(), section in prop_oneof!["[a-d]", Just(String::new())], key in prop_oneof![3 => "[a-f]{1,2}", 1 => word()], value in word(), remove in any::<bool>()) {
        let outer = json!({"k": text});
        let Ok(before) = embedded_value(&outer, &at("/k")) else { return Ok(()) };
        let path = PointerBuf::from_tokens([&section, &key]).to_string();
        let operations = match (before.get(&section), remove) {
            (Some(keys), true) if keys.get(&key).is_some() => json!([{"op": "remove", "path": path}]),
            (Some(_), _) => json!([{"op": "add", "path": path, "value": value}]),
            (None, _) => {
                let mut keys = Map::new();
                keys.insert(key.clone(), Value::from(value.clone()));
                json!([{"op": "add", "path": PointerBuf::from_tokens([&section]).to_string(), "value": keys}])
            }
        };
        let mut patched = before.clone();
        json_patch::patch(&mut patched, &patch(operations.clone())).unwrap();
        match edited(&text, operations.clone()) {
            Ok(new) => {
                prop_assert_eq!(expected(read(&new)), expected(patched), "{:?}\n{:?}", text, new);
                prop_assert_eq!(edited(&new, json!([])).unwrap(), new.clone());
                let is_calm = !text.contains(['`', '\\']) && !text.contains("\"\"\"");
                if is_calm && before.get(&section).is_some() && !(remove && text.matches(&key).count() > 1) {
                    prop_assert!(changed_lines(&text, &new) <= 1, "{:?}\n{:?}", text, new);
                }
            }
            Err(EditError::Unwritable { .. }) => prop_assert!(key.is_empty() || text.trim_end().ends_with('"') || !key.chars().all(|c| c.is_ascii_lowercase()) || value.contains('\n')),
            Err(error) => prop_assert!(false, "{error}\n{text:?}\n{operations}"),
        }
    }
}
