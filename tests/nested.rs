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
