//! Hostile input is only input: no panic, an answer in reasonable time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use json_patch::Patch;
use private_sso::yaml::{Tree, Wanted, documents, edit, outline};
use serde_json::json;

const WANTED: Wanted<'_> = Wanted { scalars: &[&["kind"], &["metadata", "name"]], maps: &[&["metadata", "labels"]] };

/// Everything a reader does with a text; true when it is YAML.
fn read(text: &str) -> bool {
    let began = Instant::now();
    let cut = documents(text);
    assert!(cut.iter().all(|document| text.get(document.range.clone()).is_some()));
    let seen = outline(text, "items", &WANTED);
    if let Ok(seen) = &seen {
        for entry in seen.entries.iter().flatten() {
            let alone = entry.document(text);
            assert_eq!(entry.restore(text, &alone).as_deref(), text.get(entry.range.clone()));
        }
    }
    let tree = Tree::parse(text);
    assert_eq!(tree.is_ok(), seen.is_ok());
    let patch: Patch = serde_json::from_value(json!([{"op": "replace", "path": "", "value": {"a": 1}}])).unwrap();
    let _ = edit(text, &patch);
    let is_good = tree.is_ok_and(|tree| tree.value().is_ok());
    assert!(began.elapsed() < Duration::from_secs(120), "{:?} for {:?}", began.elapsed(), text.get(..20));
    is_good
}

#[test]
fn depth_is_bounded() {
    assert!(!read(&"[".repeat(100_000)));
    assert!(!read(&"{a: ".repeat(100_000)));
    assert!(!read(&"- ".repeat(100_000)));
    assert!(!read(&(0..2_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>()));
    assert!(!read(&"? ".repeat(10_000)));
    assert!(read(&format!("{}{}", "[".repeat(150), "]".repeat(150))));
    assert!(read(&(0..150).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>()));
}

#[test]
fn aliases_are_bounded() {
    assert!(!read("a: &a [*a]\n"));
    assert!(!read("a: &a {b: *a}\n"));
    assert!(!read("&a [*a]\n"));
    assert!(!read("a: &a\n  <<: *a\n"));
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for n in 1..30 {
        laughs += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "));
    }
    assert!(!read(&laughs));
    let merges = laughs
        .replace("[*", "{<<: [*")
        .replace("]\n", "]}\n")
        .replace("[lol, lol, lol, lol, lol, lol, lol, lol, lol]}", "{k: v}");
    read(&merges);
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 10_000].join(", "));
    assert!(!read(&long));
    let chain: String =
        (1..1000).fold("a0: &a0 [x]\n".to_owned(), |text, n| text + &format!("a{n}: &a{n} [*a{}]\n", n - 1));
    assert!(!read(&chain));
}

#[test]
fn size_is_no_trouble() {
    assert!(read(&format!("a: {}\n", "x".repeat(10 << 20))));
    assert!(read(&format!("a: \"{}\"\n", "x\\n".repeat(1 << 20))));
    assert!(!read(&format!("{}: x\n", "x".repeat(10_000))));
    assert!(read(&"- a\n".repeat(200_000)));
    assert!(read(&(0..50_000).map(|n| format!("k{n}: v\n")).collect::<String>()));
    assert!(read(&format!("a:\n{}", "  # c\n".repeat(200_000))));
    read(&"\n".repeat(1_000_000));
    read(&" ".repeat(1_000_000));
    read(&"---\n".repeat(100_000));
    read(&format!("|\n{}", " \n".repeat(200_000)));
    read(&format!("a: >\n{}", "  x\n\n".repeat(100_000)));
    read(&"\"".repeat(100_001));
    read(&"&a ".repeat(100_000));
    read(&"!a ".repeat(100_000));
    read(&"%".repeat(100_000));
}

#[test]
fn odd_characters_are_no_trouble() {
    for text in [
        "a: \0\n",
        "\0",
        "a\u{7}: b\n",
        "\u{85}a: b\n",
        "a: \"\\ud800\"\n",
        "a: \"\\ud800\\ud800\"\n",
        "a: \"\\udc00\"\n",
        "a: \"\\U00110000\"\n",
        "a: \"\\q\"\n",
        "\ta: b\n",
        "a:\n\tb: c\n",
        "a:\tb\n",
        "-\ta\n",
        "a: |\n\tb\n",
        "a: \"b\n\tc\"\n",
        "\u{feff}\u{feff}a: b\n",
        "a: \u{feff}b\n",
        "\u{2028}a: b\n",
        "a: b\u{2029}c: d\n",
        "'",
        "\"",
        "a: '",
        "|",
        ">",
        "- |",
        "a: |9\n x\n",
        "a: |0\n x\n",
        "a: |+-\n",
        "&",
        "*",
        "!",
        "a: &\n",
        "a: *\n",
        "? ",
        "?",
        ":",
        ": :",
        "- - -",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "[,]",
        "{,}",
        "{:}",
        "[:]",
        "{?}",
        "a: b: c\n",
        "a\r\rb: c\r",
        "a: b\r\rc: d\r",
        "\r\n\r\n",
        "a: 'b\r\n\r\n  c'\r\n",
        "--- - a\n",
        "--- a: b\n",
        "...",
        "...\n---\n...",
        "%TAG\n---\n",
        "%YAML 9.9\n---\na\n",
        "a: !<x\n",
        "a: !<tag:x> b\n",
        "items:\n- a\n b\n",
        "items: *x\n",
        "items:\n- ? - a\n  : b\n",
        "items: {a: b}\n",
        "- items:\n  - a\n",
        "items:\n-\n-\n-",
        "items: [,]\n",
        "items: [a, b\n",
        "🙂: [🙂, {🙂: 🙂}]\n",
    ] {
        read(text);
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            read(&text[..end]);
        }
    }
}

/// Cheap mutations of a real document: cut, double, swap, drop bytes. Nothing may panic.
#[test]
fn broken_documents_are_no_trouble() {
    let seed = "apiVersion: v1\nitems:\n- kind: \"A\" # c\n  metadata: {name: 'x', labels: {a: b}}\n  data:\n    k: |+\n      text\n\n    l: >-\n      a\n      b\n- &x\n  kind: B\n  list: [1, *x, \"a\\n\\\n    b\"]\n? complex\n: - - a\n    - b\n...\n";
    let mut dice: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % sides as u64) as usize
    };
    let bits = [
        "\n", " ", "  ", "-", "- ", ":", ": ", "#", " #", "'", "\"", "[", "]", "{", "}", ",", "|", ">", "&a", "*a",
        "!", "?", "\t", "\r\n", "---", "\u{feff}", "\\", "%", "<<: *x\n",
    ];
    for _ in 0..3_000 {
        let mut text = seed.to_owned();
        for _ in 0..=roll(4) {
            let at = roll(text.len());
            let to = (at + roll(8)).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(to) {
                match roll(3) {
                    0 => text.replace_range(at..to, ""),
                    1 => text.insert_str(at, bits[roll(bits.len())]),
                    _ => text.replace_range(at..to, bits[roll(bits.len())]),
                }
            }
        }
        let is_good = read(&text);
        if is_good {
            let mut patch: Patch =
                serde_json::from_value(json!([{"op": "add", "path": "/items/0/new", "value": {"a": ["b"]}}])).unwrap();
            let _ = edit(&text, &patch);
            patch = serde_json::from_value(json!([{"op": "remove", "path": "/items/0/data/k"}])).unwrap();
            let _ = edit(&text, &patch);
        }
    }
}
