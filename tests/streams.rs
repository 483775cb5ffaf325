//! Streams cut into documents, lists cut into entries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use json_patch::Patch;
use private_sso::yaml::{Outline, Style, Tree, Wanted, documents, edit, outline};
use serde_json::{Value, json};

const WANTED: Wanted<'_> = Wanted {
    scalars: &[&["apiVersion"], &["kind"], &["metadata", "name"], &["metadata", "namespace"]],
    maps: &[&["metadata", "labels"], &["metadata", "annotations"]],
};

fn read(text: &str) -> Outline {
    outline(text, "items", &WANTED).unwrap()
}

fn ranges(text: &str) -> Vec<&str> {
    read(text).entries.unwrap().into_iter().map(|entry| &text[entry.range]).collect()
}

/// Every entry, alone, means what it means in the list; putting it back unedited changes nothing.
#[track_caller]
fn check_entries(text: &str) {
    let value = Tree::parse(text).unwrap().value().unwrap();
    let items = value.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let entries = read(text).entries.unwrap();
    assert_eq!(entries.len(), items.len(), "{text}");
    for (entry, item) in entries.iter().zip(items) {
        let alone = entry.document(text);
        if !entry.borrows {
            assert_eq!(
                Tree::parse(&alone).unwrap_or_else(|e| panic!("{e}\n{alone:?}")).value().unwrap(),
                item,
                "{alone:?}"
            );
        }
        assert_eq!(entry.restore(text, &alone).as_deref(), Some(&text[entry.range.clone()]), "{alone:?}");
        let line = text[..entry.range.start].matches('\n').count() + 1;
        assert_eq!(entry.first_line, line);
        let names = [item.get("kind"), item.get("metadata").and_then(|meta| meta.get("name"))];
        if !entry.facts.is_veiled {
            for (place, name) in [1, 2].into_iter().zip(names) {
                assert_eq!(entry.facts.text(place), name.and_then(Value::as_str), "{text}");
            }
        }
    }
    let whole: String = entries.iter().map(|entry| &text[entry.range.clone()]).collect();
    assert!(text.len() >= whole.len() && entries.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
}

#[test]
fn entries_are_documents() {
    let list = [
        "items:\n- kind: A\n  metadata:\n    name: a\n    labels:\n      x: \"1\"\n- kind: B\n",
        "apiVersion: v1\nitems:\n  - kind: A\n    data:\n      k: |+\n        x\n\n  # about b\n  - kind: B # b\n\nfunctionConfig:\n  a: 1\n",
        "items:\n-   kind: A\n    metadata: {name: a}\n-\n  kind: B\n- # comment\n  kind: C\n- {kind: \"D\", metadata: {name: \"d\"}}\n- {kind: E,\n  metadata: {}}\n",
        "items: [{kind: A}, {kind: B, metadata: {name: b}}]\n",
        "{\"kind\": \"List\", \"items\": [\n  {\"kind\": \"A\"},\n  {\"kind\": \"B\"}\n]}\n",
        "items:\n- &a\n  kind: A\n- &b kind: B\n- *a\n- kind: C\n  x: *b\n",
        "items:\r\n- kind: A\r\n  x: |\r\n    y\r\n\r\n- kind: B",
        "\u{feff}items:\n- kind: ä\n  metadata:\n    ? name\n    : ö\n    ? [x, y]\n    : {kind: no}\n- kind: B\n",
        "items: []\n",
        "items:\n-\n- null\n- x\n- - kind: A\n- |\n  x\n",
    ];
    list.into_iter().for_each(check_entries);
}

#[test]
fn an_entry_ends_with_its_own_content() {
    let text = "items:\n- a: |+\n    x\n\n\n# about b\n- b: >-\n    y # no comment\n\n  # trailing\n- c: # null\n# end\nz: 1\n";
    assert_eq!(
        ranges(text),
        ["- a: |+\n    x\n\n\n", "- b: >-\n    y # no comment\n\n  # trailing\n", "- c: # null\n"]
    );
}

#[test]
fn facts_are_what_was_asked_for() {
    let text = "items:\n- apiVersion: v1\n  kind: \"Con\\u0066igMap\"\n  metadata:\n    labels: {a: b, c: 'yes'}\n    name: n\n    other: {labels: {no: no}}\n  data: {kind: no}\n- metadata: *x\n".replace("*x", "&x {name: q}")
        + "- metadata: *x\n- metadata:\n    <<: *x\n- spec: *x\n";
    let entries = read(&text).entries.unwrap();
    let facts = &entries[0].facts;
    assert_eq!(
        [facts.text(0), facts.text(1), facts.text(2), facts.text(3)],
        [Some("v1"), Some("ConfigMap"), Some("n"), None]
    );
    let labels = facts.maps[0].as_ref().unwrap();
    assert_eq!(
        labels.iter().map(|(key, value)| (key.as_str(), value.text.as_str())).collect::<Vec<_>>(),
        [("a", "b"), ("c", "yes")]
    );
    assert_eq!(&text[labels[1].1.span.clone()], "'yes'");
    assert_eq!(
        entries.iter().map(|entry| entry.facts.is_veiled).collect::<Vec<_>>(),
        [false, false, true, true, false]
    );
    assert_eq!(entries.iter().map(|entry| entry.borrows).collect::<Vec<_>>(), [false, false, true, true, true]);
    assert_eq!(entries.iter().map(|entry| entry.lends).collect::<Vec<_>>(), [false, true, false, false, false]);
}

#[test]
fn fields_can_be_read_alone() {
    let text = "kind: ResourceList\nfunctionConfig: # mine\n  # c\n  a:\n  - 1\nitems:\n- x: 1\nflow: {a: [1,\n  2]}\nresults:\n- b\n";
    let found = read(text);
    let keys: Vec<_> = found.fields.iter().map(|field| (field.key.as_str(), field.line)).collect();
    assert_eq!(keys, [("kind", 1), ("functionConfig", 2), ("items", 6), ("flow", 8), ("results", 10)]);
    let whole = Tree::parse(text).unwrap().value().unwrap();
    for field in found.fields {
        assert_eq!(Tree::parse(&text[field.range]).unwrap().value().unwrap(), whole[field.key.as_str()]);
    }
    assert_eq!(found.root.text(1), Some("ResourceList"));
}

#[test]
fn an_entry_is_edited_alone_and_put_back() {
    let text = "items:\n# a\n-   kind: A # k\n    l: []\n# b\n- kind: B\n";
    let patch: Patch = serde_json::from_value(json!([{"op": "add", "path": "/l/-", "value": {"x": 1}}])).unwrap();
    let entry = read(text).entries.unwrap().remove(0);
    let edited = edit(&entry.document(text), &patch).unwrap();
    assert_eq!(entry.restore(text, &edited).as_deref(), Some("-   kind: A # k\n    l:\n    - x: 1\n"));
    assert_eq!(entry.restore(text, "x: 1"), None);
    assert_eq!(entry.restore(text, ""), None);
}

#[test]
fn new_entries_follow_the_last_one() {
    let values = [json!({"kind": "B", "data": {"x": "a\n\nb\n"}}), json!({"kind": "C"})];
    for (text, after) in [
        (
            "items:\n- kind: A\n# end\n",
            "items:\n- kind: A\n- kind: B\n  data:\n    x: |\n      a\n\n      b\n- kind: C\n# end\n",
        ),
        (
            "items:\n  - kind: A",
            "items:\n  - kind: A\n  - kind: B\n    data:\n      x: |\n        a\n\n        b\n  - kind: C",
        ),
    ] {
        let outline = read(text);
        let new = outline.behind(text, 0, &values, Style::default()).unwrap();
        let at = outline.entries.unwrap()[0].range.end;
        let mut text = text.to_owned();
        text.insert_str(at, &new);
        assert_eq!(text, after);
    }
    assert_eq!(read("items: []\n").behind("items: []\n", 0, &values, Style::default()), None);
}

#[test]
fn documents_and_gaps_are_the_whole_text() {
    for text in [
        "",
        "a",
        "---\na: 1\n---\n",
        "# c\n---\r\na\r\n...\r\n# d\r\n--- {a: 1}\r\n",
        "%YAML 1.2\n---\na\n",
        "\u{feff}# c\n",
    ] {
        let mut rebuilt = String::new();
        let mut at = 0;
        for document in documents(text) {
            rebuilt += &text[at..document.range.start];
            rebuilt += &text[document.range.clone()];
            at = document.range.end;
            Tree::parse(&text[document.range.clone()]).unwrap();
        }
        assert_eq!(rebuilt + &text[at..], text);
    }
}
