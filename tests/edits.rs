//! Edits as a reader sees them: text before, patch, text after.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use json_patch::Patch;
use private_sso::yaml::{EditError, Tree, edit, edit_noted};
use serde_json::{Value, json};

fn patch(operations: Value) -> Patch {
    serde_json::from_value(operations).unwrap()
}

/// The edit gives exactly `after`, without writing more anew than was asked for, and its CRLF twin does the same.
#[track_caller]
fn check(before: &str, operations: Value, after: &str) {
    let patch = patch(operations);
    let edited = edit_noted(before, &patch).unwrap_or_else(|error| panic!("{error}\n{before}"));
    assert_eq!(edited.text, after, "\n--- got\n{}\n--- want\n{after}", edited.text);
    assert!(edited.notes.is_empty(), "{:?}", edited.notes);
    if !before.contains('\r') && before.contains('\n') {
        let twin = edit(&before.replace('\n', "\r\n"), &patch).unwrap();
        assert_eq!(twin, after.replace('\n', "\r\n"), "CRLF");
    }
}

#[track_caller]
fn refused(before: &str, operations: Value) -> EditError {
    edit(before, &patch(operations)).unwrap_err()
}

fn env() -> Value {
    json!({"name": "B", "value": "2"})
}

/// `add` of an env entry at the end of `/env`.
fn append() -> Value {
    json!([{"op": "add", "path": "/env/-", "value": env()}])
}

fn add(path: &str, value: Value) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

#[test]
fn lists_take_the_style_of_their_entries() {
    check(
        "env:\n- name: A\n  value: x\nz: 1\n",
        append(),
        "env:\n- name: A\n  value: x\n- name: B\n  value: \"2\"\nz: 1\n",
    );
    check(
        "env:\n  - name: A\n    value: x\n",
        append(),
        "env:\n  - name: A\n    value: x\n  - name: B\n    value: \"2\"\n",
    );
    check(
        "env:\n    -   name: A\n        value: x\n",
        append(),
        "env:\n    -   name: A\n        value: x\n    -   name: B\n        value: \"2\"\n",
    );
    check("env:\n-\n  name: A\n", append(), "env:\n-\n  name: A\n- name: B\n  value: \"2\"\n");
    check(
        "env:\n- name: \"A\"\n  value: \"x\"\n",
        append(),
        "env:\n- name: \"A\"\n  value: \"x\"\n- name: \"B\"\n  value: \"2\"\n",
    );
    check(
        "env:\n- name: 'A'\n  value: 'x'\n",
        append(),
        "env:\n- name: 'A'\n  value: 'x'\n- name: 'B'\n  value: '2'\n",
    );
    check("\"env\":\n- \"name\": A\n", append(), "\"env\":\n- \"name\": A\n- \"name\": B\n  \"value\": \"2\"\n");
    check(
        "args:\n- --a=1\n- -v\n",
        add("/args/-", json!("--oidc-issuer=https://x.y/z")),
        "args:\n- --a=1\n- -v\n- --oidc-issuer=https://x.y/z\n",
    );
    check(
        "env:\n- name: A\n  value: x\n",
        add("/env/0", json!({"name": "B"})),
        "env:\n- name: B\n- name: A\n  value: x\n",
    );
    check("l:\n# first\n- a\n# second\n- b\n", add("/l/1", json!("o")), "l:\n# first\n- a\n- o\n# second\n- b\n");
    check("l:\n# first\n- a\n", add("/l/0", json!("o")), "l:\n- o\n# first\n- a\n");
    check("- a\n- b\n", add("/0", json!({"k": "v", "l": [1]})), "- k: v\n  l:\n  - 1\n- a\n- b\n");
    check("- - a\n  - b\n- c\n", add("/0/-", json!("o")), "- - a\n  - b\n  - o\n- c\n");
    check("- - a\n  - b\n- c\n", add("/0/0", json!("o")), "- - o\n  - a\n  - b\n- c\n");
}

#[test]
fn empty_lists_become_lines() {
    check("env: []\nz: 1\n", append(), "env:\n- name: B\n  value: \"2\"\nz: 1\n");
    check("env: [] # none\nz:\n  - 1\n", append(), "env: # none\n  - name: B\n    value: \"2\"\nz:\n  - 1\n");
    check("a: {}\n", add("/a/b", json!("c")), "a:\n  b: c\n");
    check("a:\n  {}\nb: 1\n", add("/a/c", json!({"d": 1, "e": 2})), "a:\n  c:\n    d: 1\n    e: 2\nb: 1\n");
    check("env:\n  []\n", append(), "env:\n  - name: B\n    value: \"2\"\n");
    check(
        "- {}\n- []\n",
        json!([{"op": "add", "path": "/0/a", "value": 1}, {"op": "add", "path": "/1/-", "value": {"x": 1, "w": 2}}]),
        "- a: 1\n- - x: 1\n    w: 2\n",
    );
    check("- {} # c\n", add("/0/a", json!({"b": 1})), "- a: # c\n    b: 1\n");
    check("{}\n", add("/a", json!([1])), "a:\n- 1\n");
    check("volumes:\nz: 1\n", add("/volumes", json!([{"name": "a"}])), "volumes:\n- name: a\nz: 1\n");
    check("volumes: ~ # none\nz: 1\n", add("/volumes", json!([{"name": "a"}])), "volumes: # none\n- name: a\nz: 1\n");
    check("volumes: null\nz: 1\n", add("/volumes", json!({"name": "a"})), "volumes:\n  name: a\nz: 1\n");
    check("volumes: # none\n", add("/volumes", json!([1])), "volumes: # none\n- 1\n");
    check("a:\n", replace("/a", json!("x")), "a: x\n");
    check(
        "- \n-\n- # c\n",
        json!([{"op": "replace", "path": "/0", "value": 1}, {"op": "replace", "path": "/1", "value": "b"}, {"op": "replace", "path": "/2", "value": {"c": 1}}]),
        "- 1\n- b\n- c: 1 # c\n",
    );
}

#[test]
fn keys_come_last() {
    check(
        "spec:\n  a: 1\n\nz: 1\n",
        add("/spec/env", json!([env()])),
        "spec:\n  a: 1\n  env:\n  - name: B\n    value: \"2\"\n\nz: 1\n",
    );
    check(
        "spec:\n  l:\n    - 1\n  a: 1\n",
        add("/spec/env", json!([env()])),
        "spec:\n  l:\n    - 1\n  a: 1\n  env:\n    - name: B\n      value: \"2\"\n",
    );
    check(
        "spec:\n    a: 1\n",
        add("/spec/m", json!({"x": {"w": 1}})),
        "spec:\n    a: 1\n    m:\n        x:\n            w: 1\n",
    );
    check(
        "a:\n  b: 1 # one\n  # more\n# z\nz: 1\n",
        add("/a/c", json!(2)),
        "a:\n  b: 1 # one\n  # more\n  c: 2\n# z\nz: 1\n",
    );
    check(
        "- name: a\n  # inside\n  image: b\n- name: c\n",
        add("/0/env", json!([])),
        "- name: a\n  # inside\n  image: b\n  env: []\n- name: c\n",
    );
    check("- &a name: x\n  b: 1\n", add("/0/c", json!(2)), "- &a name: x\n  b: 1\n  c: 2\n");
    check("? a\n: 1\n? b\n: 2\n", add("/c", json!(3)), "? a\n: 1\n? b\n: 2\nc: 3\n");
    check("a: b\n  c\n", add("/d", json!(3)), "a: b\n  c\nd: 3\n");
    check("a: \"b\n  c\"\n", add("/d", json!(3)), "a: \"b\n  c\"\nd: 3\n");
    check("a: 1\n...\n", add("/d", json!(3)), "a: 1\nd: 3\n...\n");
    check("---\na: 1\n", add("/d", json!(3)), "---\na: 1\nd: 3\n");
    check("\u{feff}a: 1\n", add("/d", json!(3)), "\u{feff}a: 1\nd: 3\n");
    check("ü: ä\n", add("/ö", json!("ß")), "ü: ä\nö: ß\n");
    check("a:\t1\t# tab\n", add("/d", json!(3)), "a:\t1\t# tab\nd: 3\n");
    check("a: 1   \nb: 2   \n", add("/d", json!(3)), "a: 1   \nb: 2   \nd: 3\n");
    check("a: 1", add("/d", json!(3)), "a: 1\nd: 3");
    check("a:\n- 1\n# end", add("/a/-", json!(3)), "a:\n- 1\n- 3\n# end");
    check("a:\r\n- 1", add("/a/-", json!(3)), "a:\r\n- 1\r\n- 3");
    check("a: 1", add("/d", json!("x\ny\n")), "a: 1\nd: |\n  x\n  y\n");
}

#[test]
fn block_scalars_keep_their_end() {
    check("a: |+\n  x\n\nb: 1\n", add("/c", json!(1)), "a: |+\n  x\n\nb: 1\nc: 1\n");
    check("a:\n  k: |+\n    x\n\nb: 1\n", add("/a/c", json!(1)), "a:\n  k: |+\n    x\n\n  c: 1\nb: 1\n");
    check("a:\n  k: |\n    x\n\nb: 1\n", add("/a/c", json!(1)), "a:\n  k: |\n    x\n  c: 1\n\nb: 1\n");
    check("a:\n  k: >-\n    x\n    y\n\nb: 1\n", add("/a/c", json!(1)), "a:\n  k: >-\n    x\n    y\n  c: 1\n\nb: 1\n");
    check("a:\n  k: |+\n    x\n\n", add("/a/c", json!(1)), "a:\n  k: |+\n    x\n\n  c: 1\n");
    check("a: |-\n  x\n   \n  y", add("/c", json!(1)), "a: |-\n  x\n   \n  y\nc: 1");
    check("a: |\n\nb: 1\n", remove("/b"), "a: |\n\n");
    check("a: |+\n  x\n", add("/c", json!(1)), "a: |+\n  x\nc: 1\n");
}

#[test]
fn scalars_keep_quotes_and_comment() {
    check("a: b # c\n", replace("/a", json!("d")), "a: d # c\n");
    check("a: \"b\" # c\n", replace("/a", json!("d")), "a: \"d\" # c\n");
    check("a: 'b'\t# c\n", replace("/a", json!("it's")), "a: 'it''s'\t# c\n");
    check("a: b\n", replace("/a", json!("yes")), "a: \"yes\"\n");
    check("a: '1'\nb: c\n", replace("/b", json!("yes")), "a: '1'\nb: 'yes'\n");
    check("a: 1\n", replace("/a", json!(2)), "a: 2\n");
    check("a: 1\n", replace("/a", json!("2")), "a: \"2\"\n");
    check("a: \"1\"\n", replace("/a", json!(1)), "a: 1\n");
    check("a: !!str 1\nb: 2\n", replace("/a", json!("x")), "a: x\nb: 2\n");
    check("a: 012\nb: x\n", replace("/a", json!(12)), "a: 012\nb: x\n");
    check("a: b\n", replace("/a", json!("x\ny")), "a: |-\n  x\n  y\n");
    check("a: b # c\nd: 1\n", replace("/a", json!("x\ny\n")), "a: | # c\n  x\n  y\nd: 1\n");
    check("a:\n  b\nc: 1\n", replace("/a", json!("d")), "a:\n  d\nc: 1\n");
    check("a: | # c\n  x\n  y\nd: 1\n", replace("/a", json!("x\nz\n")), "a: | # c\n  x\n  z\nd: 1\n");
    check(
        "a: |\n  x\n   \n  y\n\n\nd: 1\n",
        replace("/a", json!("x\n \nz\nw")),
        "a: |-\n  x\n   \n  z\n  w\n\n\nd: 1\n",
    );
    check("a: |2\n    x\n  y\nd: 1\n", replace("/a", json!("  x\nz\n")), "a: |2\n    x\n  z\nd: 1\n");
    check("a: >-\n  x\n  y\nd: 1\n", replace("/a", json!("x y z")), "a: |-\n  x y z\nd: 1\n");
    check("a: |\n  x\nd: 1\n", replace("/a", json!(5)), "a: 5\nd: 1\n");
    check("a: | # c\n  x\nd: 1\n", replace("/a", json!({"b": 1})), "a: # c\n  b: 1\nd: 1\n");
}

#[test]
fn collections_give_way() {
    check("a: # c\n  b: 1\n  # in\n  c: 2 # d\nz: 1\n", replace("/a", json!("x")), "a: x # c\nz: 1\n");
    check("a:\n- 1\n- 2\nz: 1\n", replace("/a", json!({"b": [3]})), "a:\n  b:\n  - 3\nz: 1\n");
    check(
        "a:\n- x # 1\n# two\n- y # 2\nz: 1\n",
        replace("/a", json!(["x", "y", "w"])),
        "a:\n- x # 1\n# two\n- y # 2\n- w\nz: 1\n",
    );
    check(
        "a:\n  b: 1 # 1\n  c: 2 # 2\n",
        replace("/a", json!({"b": 1, "c": 3, "d": 4})),
        "a:\n  b: 1 # 1\n  c: 3 # 2\n  d: 4\n",
    );
    check("- a: 1\n  b: 2\n- x\n", replace("/0", json!("w")), "- w\n- x\n");
    check("- a\n- x\n", replace("/0", json!({"b": 1, "c": [2]})), "- b: 1\n  c:\n  - 2\n- x\n");
    check("a: 1\nb: 2\n", replace("", json!({"x": 1})), "x: 1\n");
    check("# head\n", replace("", json!({"x": 1})), "# head\nx: 1\n");
    check("", replace("", json!({"x": 1})), "x: 1\n");
}

#[test]
fn removal_takes_lines_and_their_comment() {
    check("a: 1\n# b's\nb: 2 # two\n\nc: 3\n", remove("/b"), "a: 1\n# b's\n\nc: 3\n");
    check("env: # c\n# h\n- a # x\nz: 1\n", remove("/env/0"), "env: [] # c\n# h\nz: 1\n");
    check("m:\n  a: 1\nz: 1\n", remove("/m/a"), "m: {}\nz: 1\n");
    check("- a: 1\n  b: 2\n- c\n", remove("/0/a"), "- b: 2\n- c\n");
    check("- a: 1 # x\n  # about b\n  b: 2\n", remove("/0/a"), "-\n  # about b\n  b: 2\n");
    check("- a: 1\n- c\n", remove("/0/a"), "- {}\n- c\n");
    check("a: 1\n", remove("/a"), "{}\n");
    check("a: 1\nb: 2", remove("/b"), "a: 1");
    check("\u{feff}a: 1\nb: 2\n", remove("/a"), "\u{feff}b: 2\n");
    check("a: |+\n  x\n\nb: 1\n", remove("/a"), "b: 1\n");
    check("- - a\n  - b\n", remove("/0/0"), "- - b\n");
    check("a: &x 1\nb: 2\n", remove("/a"), "b: 2\n");
}

#[test]
fn flow_stays_flow() {
    check("a: [x, y] # c\n", add("/a/-", json!("z")), "a: [x, y, z] # c\n");
    check("a: [x, y,] # c\n", add("/a/-", json!("z")), "a: [x, y, z,] # c\n");
    check("a: [\"x\", \"y\"]\n", add("/a/-", json!("z")), "a: [\"x\", \"y\", \"z\"]\n");
    check("a: {b: 1}\n", add("/a/c", json!({"d": [1, "x, y"]})), "a: {b: 1, c: {d: [1, \"x, y\"]}}\n");
    check("a: { b: 1 }\n", add("/a/c", json!({"d": 1})), "a: { b: 1, c: { d: 1 } }\n");
    check("a: [\n  x,\n  y # last\n]\n", add("/a/-", json!("z")), "a: [\n  x,\n  y, # last\n  z\n]\n");
    check("a: [\n  x,\n  y, # last\n]\n", add("/a/-", json!("z")), "a: [\n  x,\n  y, # last\n  z,\n]\n");
    check("a: [x,\n  y]\n", add("/a/-", json!("z")), "a: [x,\n  y,\n  z]\n");
    check("a: {b: []}\n", add("/a/b/-", json!("z")), "a: {b: [z]}\n");
    check(
        "a: {b: , c}\n",
        json!([{"op": "replace", "path": "/a/b", "value": 1}, {"op": "replace", "path": "/a/c", "value": "x"}]),
        "a: {b: 1, c: x}\n",
    );
    check("a: [x, y, z]\n", remove("/a/1"), "a: [x, z]\n");
    check("a: [x, y, z]\n", remove("/a/2"), "a: [x, y]\n");
    check("a: [x, y,]\n", remove("/a/1"), "a: [x,]\n");
    check("a: [x]\n", remove("/a/0"), "a: []\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", remove("/a/1"), "a: [\n  x # 1\n]\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", remove("/a/0"), "a: [\n  y # 2\n]\n");
    check("a: [x, y]\n", add("/a/0", json!("z")), "a: [z, x, y]\n");
    check("a: [x, y]\n", replace("/a/0", json!("a, b")), "a: [\"a, b\", y]\n");
    check(
        "- {name: \"a\", env: [{name: \"A\", value: \"x\"}]}\n",
        add("/0/env/-", env()),
        "- {name: \"a\", env: [{name: \"A\", value: \"x\"}, {name: \"B\", value: \"2\"}]}\n",
    );
    check(
        "- {apiVersion: \"v1\", kind: \"X\", spec: {a: \"b\"}}\n",
        add("/0/spec/c", json!(["d"])),
        "- {apiVersion: \"v1\", kind: \"X\", spec: {a: \"b\", c: [\"d\"]}}\n",
    );
}

#[test]
fn json_stays_json() {
    check(
        "{\"a\": [1], \"b\": {}}\n",
        json!([{"op": "add", "path": "/a/-", "value": "x"}, {"op": "add", "path": "/b/c", "value": {"d": true}}]),
        "{\"a\": [1, \"x\"], \"b\": {\"c\": {\"d\": true}}}\n",
    );
    check(
        "{\"a\":1,\"b\":[1,2]}",
        json!([{"op": "add", "path": "/c", "value": {"d": [1, 2]}}, {"op": "add", "path": "/b/-", "value": 3}]),
        "{\"a\":1,\"b\":[1,2,3],\"c\":{\"d\":[1,2]}}",
    );
    check(
        "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n",
        json!([{"op": "add", "path": "/b/d", "value": {"e": ["f"]}}, {"op": "add", "path": "/g", "value": "h"}]),
        "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2,\n    \"d\": {\n      \"e\": [\n        \"f\"\n      ]\n    }\n  },\n  \"g\": \"h\"\n}\n",
    );
    check("{\n  \"a\": []\n}\n", add("/a/-", json!({"b": 1})), "{\n  \"a\": [\n    {\n      \"b\": 1\n    }\n  ]\n}\n");
    check("{\n\t\"a\": 1\n}\n", add("/b", json!(2)), "{\n\t\"a\": 1,\n\t\"b\": 2\n}\n");
}

#[test]
fn shared_nodes_are_refused_and_unshared_ones_are_not() {
    assert!(matches!(refused("base: &e\n- a\nenv: *e\n", append()), EditError::Alias { line: 3, .. }));
    assert!(matches!(refused("env: &e\n- a\nother: *e\n", append()), EditError::Alias { line: 1, .. }));
    assert!(matches!(refused("env: &e []\nother: *e\n", append()), EditError::Alias { .. }));
    assert!(matches!(
        refused("b: &b {env: [x]}\nc:\n  <<: *b\n", add("/c/env/-", json!(1))),
        EditError::Merge { line: 3, .. }
    ));
    assert!(matches!(refused("b: &b {env: [x]}\nc:\n  <<: *b\n", remove("/c/env")), EditError::Merge { .. }));
    assert!(matches!(refused("a: &x 1\nb: *x\n", remove("/a")), EditError::Alias { .. }));
    check("env: &e\n- a\n", add("/env/-", json!("b")), "env: &e\n- a\n- b\n");
    check("b: &b {x: 1}\nc:\n  <<: *b\n", add("/c/w", json!(1)), "b: &b {x: 1}\nc:\n  <<: *b\n  w: 1\n");
    check("b: &b {x: 1}\nc:\n  <<: *b\n", replace("/c/x", json!(2)), "b: &b {x: 1}\nc:\n  <<: *b\n  x: 2\n");
    check("a: &x 1\nb: *x\n", replace("/b", json!(2)), "a: &x 1\nb: 2\n");
    check("a: !x\n- 1\n", add("/a/-", json!(2)), "a: !x\n- 1\n- 2\n");
    check("a: !!map {b: 1}\n", add("/a/c", json!(2)), "a: !!map {b: 1, c: 2}\n");
}

#[test]
fn what_is_wrong_is_said() {
    assert!(matches!(refused("a: 1\nb: 2\na: 3\n", add("/c", json!(1))), EditError::Syntax(_)));
    assert!(matches!(refused("a: 1\n", remove("/c")), EditError::Patch(_)));
    assert!(matches!(refused("a: [\n", remove("/c")), EditError::Syntax(_)));
    assert!(matches!(refused("a: 1\n", json!([{"op": "test", "path": "/a", "value": 2}])), EditError::Patch(_)));
}

#[test]
fn equal_values_and_tests_change_nothing() {
    let text = "a: 0x10 # hex\nb: 'x'\n";
    check(
        text,
        json!([{"op": "test", "path": "/a", "value": 16}, {"op": "replace", "path": "/a", "value": 16}, {"op": "add", "path": "/b", "value": "x"}]),
        text,
    );
}

#[test]
fn move_and_copy_are_written_out() {
    check(
        "a: 1\nb: {c: x}\n",
        json!([{"op": "copy", "from": "/b", "path": "/d"}, {"op": "move", "from": "/a", "path": "/e"}]),
        "b: {c: x}\nd:\n  c: x\ne: 1\n",
    );
}

#[test]
fn pointers_find_lines_and_spans() {
    let text = "a:\n- b: 1\n  c: 2\n-\n  d: |\n    x\n";
    let tree = Tree::parse(text).unwrap();
    let at = |pointer| tree.line_of(json_patch::jsonptr::Pointer::from_static(pointer));
    assert_eq!(
        [at("/a"), at("/a/0"), at("/a/0/c"), at("/a/1"), at("/a/1/d"), at("/x")],
        [Some(1), Some(2), Some(3), Some(4), Some(5), None]
    );
    let span = tree.span_of(json_patch::jsonptr::Pointer::from_static("/a/1/d")).unwrap();
    assert_eq!(&text[span], "|\n    x");
}
