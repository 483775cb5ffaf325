//! Documents inside strings: every level keeps its bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use json_patch::Patch;
use json_patch::jsonptr::PointerBuf;
use private_sso::yaml::{EditError, Embedded, Encoding, Format, Tree, edit_within, edit_within_noted, embedded_text};
use serde_json::{Value, json};

fn at(field: &str) -> Embedded {
    Embedded { field: PointerBuf::parse(field).unwrap(), encoding: Encoding::Plain, format: Format::Yaml }
}

fn json_at(field: &str) -> Embedded {
    Embedded { format: Format::Json, ..at(field) }
}

fn base64_at(field: &str) -> Embedded {
    Embedded { encoding: Encoding::Base64, ..at(field) }
}

fn patch(operations: Value) -> Patch {
    serde_json::from_value(operations).unwrap()
}

#[track_caller]
fn check(before: &str, inside: &[Embedded], operations: Value, after: &str) {
    let patch = patch(operations);
    let edited = edit_within_noted(before, inside, &patch).unwrap_or_else(|error| panic!("{error}\n{before}"));
    assert_eq!(edited.text, after, "\n--- got\n{}\n--- want\n{after}", edited.text);
    assert!(edited.notes.is_empty(), "{:?}", edited.notes);
    if !before.contains('\r') && before.contains('\n') {
        let twin = edit_within(&before.replace('\n', "\r\n"), inside, &patch).unwrap();
        assert_eq!(twin, after.replace('\n', "\r\n"), "CRLF");
    }
}

fn add_b() -> Value {
    json!([{"op": "add", "path": "/b", "value": {"c": "d"}}])
}

#[test]
fn literal_blocks() {
    for head in ["|", "|-", "|+"] {
        let tail = if head == "|+" { "\n" } else { "" };
        check(
            &format!("k: {head} # c\n  # top\n  a: 1   # one\n\n  z:\n    - x\n{tail}o: 1\n"),
            &[at("/k")],
            add_b(),
            &format!("k: {head} # c\n  # top\n  a: 1   # one\n\n  z:\n    - x\n  b:\n    c: d\n{tail}o: 1\n"),
        );
    }
    check("k: |2\n  a: 1\n", &[at("/k")], add_b(), "k: |2\n  a: 1\n  b:\n    c: d\n");
    check("k: |\n      a: 1\n\n\no: 1\n", &[at("/k")], add_b(), "k: |\n      a: 1\n      b:\n        c: d\n\n\no: 1\n");
    check("l:\n- |\n  a: 1\n  z: 2\n", &[at("/l/0")], json!([{"op": "remove", "path": "/a"}]), "l:\n- |\n  z: 2\n");
    check(
        "k: |\n  a: 1\n     \n  z: 2\n",
        &[at("/k")],
        json!([{"op": "replace", "path": "/a", "value": 5}]),
        "k: |\n  a: 5\n     \n  z: 2\n",
    );
    check("k: |\n  a: 1", &[at("/k")], json!([{"op": "replace", "path": "/a", "value": 5}]), "k: |\n  a: 5\n");
    check("k: |-\n  a: 1", &[at("/k")], add_b(), "k: |-\n  a: 1\n  b:\n    c: d");
}

#[test]
fn quoted_strings() {
    check(
        "k: \"a: 1\\n# c\\nz: \\u00e9\\n\" # x\n",
        &[at("/k")],
        add_b(),
        "k: \"a: 1\\n# c\\nz: \\u00e9\\nb:\\n  c: d\\n\" # x\n",
    );
    check(
        "k: \"a: 1\\n  \\nz: 2\"\n",
        &[at("/k")],
        json!([{"op": "replace", "path": "/z", "value": 3}]),
        "k: \"a: 1\\n  \\nz: 3\"\n",
    );
    check(
        "k: \"a: 1\\n\\\n  # c\\n\\\n  z: 2\\n\"\n",
        &[at("/k")],
        json!([{"op": "replace", "path": "/a", "value": 3}]),
        "k: \"a: 3\\n\\\n  # c\\n\\\n  z: 2\\n\"\n",
    );
    check("k: 'a: it''s'\n", &[at("/k")], json!([{"op": "replace", "path": "/a", "value": "x"}]), "k: 'a: x'\n");
    check("k: \"a: 1\\r\\nz: 2\\r\\n\"\n", &[at("/k")], add_b(), "k: \"a: 1\\r\\nz: 2\\r\\nb:\\r\\n  c: d\\r\\n\"\n");
    check("k: 'a: 1'\n", &[at("/k")], add_b(), "k: |-\n  a: 1\n  b:\n    c: d\n");
    check("{\"k\": \"a: 1\\n\"}\n", &[at("/k")], add_b(), "{\"k\": \"a: 1\\nb:\\n  c: d\\n\"}\n");
}

#[test]
fn folded_blocks_become_literal() {
    check(
        "k: > # c\n  a: 1\n\n  z: 2\no: 1\n",
        &[at("/k")],
        add_b(),
        "k: | # c\n  a: 1\n  z: 2\n  b:\n    c: d\no: 1\n",
    );
}

#[test]
fn absent_and_empty_fields_are_written() {
    check(
        "data:\n  x: y\n",
        &[at("/data/k")],
        add_b(),
        "data:\n  x: \"y\"\n  k: |\n    b:\n      c: d\n".replace("\"y\"", "y").as_str(),
    );
    check("data: {}\n", &[at("/data/k")], add_b(), "data:\n  k: |\n    b:\n      c: d\n");
    check("data:\n  k: \"\"\n  x: 1\n", &[at("/data/k")], add_b(), "data:\n  k: |\n    b:\n      c: d\n  x: 1\n");
    check(
        "data:\n  k: # none\n  x: 1\n",
        &[at("/data/k")],
        add_b(),
        "data:\n  k: | # none\n    b:\n      c: d\n  x: 1\n",
    );
    check(
        "data:\n  k: |\n    # nothing yet\n  x: 1\n",
        &[at("/data/k")],
        add_b(),
        "data:\n  k: |\n    # nothing yet\n    b:\n      c: d\n  x: 1\n",
    );
    check("data:\n  k: |\n    {}\n", &[at("/data/k")], add_b(), "data:\n  k: |\n    b:\n      c: d\n");
    check("data:\n  k: {}\n", &[at("/data/k/x")], add_b(), "data:\n  k:\n    x: |\n      b:\n        c: d\n");
    check("{\"data\": {}}\n", &[at("/data/k")], add_b(), "{\"data\": {\"k\": \"b:\\n  c: d\\n\"}}\n");
    check("{\"data\": {\"k\": \"\"}}\n", &[at("/data/k")], add_b(), "{\"data\": {\"k\": \"b:\\n  c: d\\n\"}}\n");
}

#[test]
fn two_and_three_levels() {
    let before = "spec:\n  valuesContent: |-\n    # helm\n    a:\n      - 1\n    config: |\n      # dex\n      issuer: x\n    z: 1\n";
    let after = "spec:\n  valuesContent: |-\n    # helm\n    a:\n      - 1\n    config: |\n      # dex\n      issuer: x\n      b:\n        c: d\n    z: 1\n";
    check(before, &[at("/spec/valuesContent"), at("/config")], add_b(), after);
    let before = "k: \"a: |\\n  x: 1\\nz: 2\\n\"\n";
    check(
        before,
        &[at("/k"), at("/a")],
        json!([{"op": "add", "path": "/w", "value": 2}]),
        "k: \"a: |\\n  x: 1\\n  w: 2\\nz: 2\\n\"\n",
    );
}

#[test]
fn json_inside_stays_json() {
    check(
        "k: |\n  {\n    \"a\": [\n      1\n    ]\n  }\n",
        &[json_at("/k")],
        json!([{"op": "add", "path": "/a/-", "value": "yes"}, {"op": "add", "path": "/b", "value": {"c": 1}}]),
        "k: |\n  {\n    \"a\": [\n      1,\n      \"yes\"\n    ],\n    \"b\": {\n      \"c\": 1\n    }\n  }\n",
    );
    check("k: '{\"a\":1}'\n", &[json_at("/k")], add_b(), "k: '{\"a\":1,\"b\":{\"c\":\"d\"}}'\n");
    check("k: '{}'\n", &[json_at("/k")], add_b(), "k: '{\"b\": {\"c\": \"d\"}}'\n");
    check("k: \"\"\n", &[json_at("/k")], add_b(), "k: \"{\\\"b\\\": {\\\"c\\\": \\\"d\\\"}}\"\n");
}

/// JSON in JSON, so that every layout can be held.
#[track_caller]
fn check_json(before: &str, operations: Value, after: &str) {
    let outer = json!({"k": before}).to_string();
    let edited = edit_within(&outer, &[json_at("/k")], &patch(operations)).unwrap_or_else(|error| panic!("{error}"));
    let edited: Value = serde_json::from_str(&edited).unwrap();
    assert_eq!(edited["k"], after);
}

#[test]
fn json_keeps_its_layout() {
    let deep = json!([{"op": "add", "path": "/d", "value": {"x": [1, {"y": true}], "z": {}}}]);
    check_json(
        "{\n  \"a\": 1\n}\n",
        deep.clone(),
        "{\n  \"a\": 1,\n  \"d\": {\n    \"x\": [\n      1,\n      {\n        \"y\": true\n      }\n    ],\n    \"z\": {}\n  }\n}\n",
    );
    check_json(
        "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n",
        json!([{"op": "add", "path": "/a/d", "value": {"x": [1]}}]),
        "{\n\t\"a\": {\n\t\t\"b\": 1,\n\t\t\"d\": {\n\t\t\t\"x\": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}\n",
    );
    check_json("{\n\t\"a\": []\n}", json!([{"op": "add", "path": "/a/-", "value": 1}]), "{\n\t\"a\": [\n\t\t1\n\t]\n}");
    check_json("{\"a\":[1,2]}", deep.clone(), "{\"a\":[1,2],\"d\":{\"x\":[1,{\"y\":true}],\"z\":{}}}");
    check_json(
        "{ \"a\": 1 }",
        json!([{"op": "add", "path": "/d", "value": {"x": 1}}]),
        "{ \"a\": 1, \"d\": { \"x\": 1 } }",
    );
    check_json("{\n  \"a\": 1,\n  \"b\": 2\n}", json!([{"op": "remove", "path": "/b"}]), "{\n  \"a\": 1\n}");
    check_json("{\n  \"a\": 1\n}", json!([{"op": "remove", "path": "/a"}]), "{}");
    check_json(
        "[\n  {\"a\": 1}\n]",
        json!([{"op": "add", "path": "/-", "value": {"a": 2}}]),
        "[\n  {\"a\": 1},\n  {\"a\": 2}\n]",
    );
}

#[test]
fn json_keeps_its_escapes_and_numbers() {
    let text = "{\"a\":\"\\ud83d\\ude00\\/\\u00e9\\b\\f\",\"b\":-0,\"c\":1.50E+2,\"d\":12345678901234567890123,\"e\\n\":1E400}";
    check_json(text, json!([{"op": "replace", "path": "/b", "value": "x"}]), &text.replace("-0", "\"x\""));
    check_json(
        "{\"a\":1}",
        json!([{"op": "replace", "path": "/a", "value": "\u{1}\"\\\n\u{2028}é/yes"}]),
        "{\"a\":\"\\u0001\\\"\\\\\\n\\u2028é/yes\"}",
    );
    check_json("{\"a\":1}", json!([{"op": "replace", "path": "/a", "value": 1e300}]), "{\"a\":1e+300}");
    check_json("{\"a\":1}", json!([{"op": "replace", "path": "/a", "value": null}]), "{\"a\":null}");
    let packed = Embedded { format: Format::Json, ..base64_at("/k") };
    let text = edit_within("k: eyJhIjoxfQ==\n", &[packed], &patch(add_b())).unwrap();
    assert_eq!(text, "k: eyJhIjoxLCJiIjp7ImMiOiJkIn19\n");
}

#[test]
fn what_is_no_json_is_not_edited_as_json() {
    for (text, reason) in [
        ("a: 1\n", "line 1, column 1: it must be JSON: expected value"),
        ("{\n  \"a\": 1, # c\n}", "line 2, column 11: it must be JSON: key must be a string"),
        ("{\"a\": 1,}", "line 1, column 9: it must be JSON: key must be a string"),
        ("{\"a\": 1} {}", "line 1, column 10: it must be JSON: trailing characters"),
    ] {
        let outer = json!({"k": text}).to_string();
        let error = edit_within(&outer, &[json_at("/k")], &patch(add_b())).unwrap_err();
        assert_eq!(error.to_string(), format!("`/k` must hold a document: inside it, {reason}"));
    }
}

#[test]
fn base64_keeps_its_wrapping() {
    check(
        "data:\n  c: YTogMQo=\n",
        &[base64_at("/data/c")],
        json!([{"op": "replace", "path": "/a", "value": 2}]),
        "data:\n  c: YTogMgo=\n",
    );
    check(
        "data:\n  c: \"YTogMQo=\"\n",
        &[base64_at("/data/c")],
        json!([{"op": "replace", "path": "/a", "value": 2}]),
        "data:\n  c: \"YTogMgo=\"\n",
    );
    check(
        "data:\n  c: |\n    YTog\n    MQo=\n",
        &[base64_at("/data/c")],
        json!([{"op": "replace", "path": "/a", "value": 2}]),
        "data:\n  c: |\n    YTog\n    Mgo=\n",
    );
    let value = Tree::parse("c: |\n  YTog\n  MQo=\n").unwrap().value().unwrap();
    assert_eq!(embedded_text(&value, &base64_at("/c")).unwrap(), "a: 1\n");
    assert!(matches!(edit_within("c: '?'\n", &[base64_at("/c")], &patch(add_b())), Err(EditError::Embedded { .. })));
    assert!(matches!(edit_within("c: 1\n", &[at("/c")], &patch(add_b())), Err(EditError::Embedded { .. })));
}

#[test]
fn a_broken_document_inside_is_named() {
    let error = edit_within("k: |\n  a: 1\n  a: 2\n", &[at("/k")], &patch(add_b())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/k` must hold a document: inside it, line 2, column 1: key `a` must stand once, it stands on line 1 and on line 2"
    );
}

#[test]
fn an_empty_patch_changes_nothing() {
    for text in ["k: >\n  a: 1\n", "k: \"\\u0061: 1\"\n", "data: {}\n"] {
        assert_eq!(edit_within(text, &[at("/k")], &patch(json!([]))).unwrap(), text);
    }
}
