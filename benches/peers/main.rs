//! The program beside others that make the same three edits (a volume, a mount, a variable in every third item), as whole
//! processes and in one run, interleaved:
//!
//! ```sh
//! cargo bench --bench peers -- 10 100 1000 10000       # numbers of items; prints a table
//! cargo bench --bench peers -- --svg docs/benchmarks.svg 10 100 1000
//! ```
//!
//! Peers are `cat`, the naive way in Rust (parse all, json-patch, write all), a function in Go on kyaml (`kyaml/`, built if
//! there is Go), and kustomize with a JSON 6902 patch and with a strategic merge patch (if it is in the path). Memory needs
//! GNU time. What is missing is left out, and said.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark ends where it cannot go on"
)]

mod lists;
mod plot;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

const ROUNDS: usize = 5;

/// One way to make the edits.
struct Peer {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    /// Reads files of a folder, not standard input.
    in_folder: bool,
    /// The most items it is given: beyond, it takes minutes.
    most: usize,
}

/// What a peer took for one input: the medians.
#[derive(Clone, Copy)]
struct Figures {
    seconds: f64,
    megabytes: Option<f64>,
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("naive") => return naive(),
        // The list alone, for a look at it or for a profile.
        Some("list") => {
            return print!("{}", lists::list(arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(1000)));
        }
        Some("small") => {
            return print!("{}", lists::small(arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(1000)));
        }
        _ => {}
    }
    let svg = arguments.iter().position(|argument| argument == "--svg").map(|at| {
        arguments.remove(at);
        arguments.remove(at)
    });
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10, 100, 1000];
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    std::fs::create_dir_all(&folder).unwrap();
    let peers = peers(&folder);
    let mut rows: BTreeMap<(usize, usize), Figures> = BTreeMap::new();
    println!(
        "| items | MB | | ms | times private-sso | MB/s | peak MB | times input |\n|---|---|---|---|---|---|---|---|"
    );
    for items in sizes.iter().copied() {
        let megabytes = write_inputs(&folder, items);
        let able: Vec<(usize, &Peer)> = peers.iter().enumerate().filter(|(_, peer)| items <= peer.most).collect();
        let mut runs: BTreeMap<usize, Vec<Figures>> = BTreeMap::new();
        for _ in 0..=ROUNDS {
            for (number, peer) in &able {
                runs.entry(*number).or_default().push(run(peer, &folder));
            }
        }
        let medians: BTreeMap<usize, Figures> = runs.into_iter().map(|(n, runs)| (n, median(&runs[1..]))).collect();
        let ours = medians[&0].seconds;
        for (number, figures) in medians {
            let memory = figures.megabytes.map_or("| ".to_owned(), |m| format!("{m:.0} | {:.1}", m / megabytes));
            println!(
                "| {items} | {megabytes:.2} | {} | {:.1} | {:.1} | {:.0} | {memory} |",
                peers[number].name,
                figures.seconds * 1000.0,
                figures.seconds / ours,
                megabytes / figures.seconds
            );
            rows.insert((number, items), figures);
        }
    }
    if let Some(path) = svg {
        let lines: Vec<plot::Line> = peers
            .iter()
            .enumerate()
            .map(|(number, peer)| plot::Line {
                name: peer.name,
                points: sizes.iter().filter_map(|n| Some((*n as f64, rows.get(&(number, *n))?.seconds))).collect(),
            })
            .collect();
        std::fs::write(path, plot::svg(&lines)).unwrap();
    }
}

fn peers(folder: &Path) -> Vec<Peer> {
    let own = |name, program: PathBuf, arguments: &[&str]| Peer {
        name,
        program,
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        in_folder: false,
        most: usize::MAX,
    };
    let mut peers = vec![
        own("private-sso", PathBuf::from(env!("CARGO_BIN_EXE_private-sso")), &[]),
        own("cat", PathBuf::from("cat"), &[]),
        own("serde_yaml, json-patch", std::env::current_exe().unwrap(), &["naive"]),
    ];
    peers[2].most = 10_000;
    let go = folder.join("kyaml");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/kyaml");
    let build = Command::new("go").args(["build", "-o"]).arg(&go).arg(".").current_dir(source).status();
    match build {
        Ok(status) if status.success() => peers.push(Peer { most: 10_000, ..own("Go on kyaml", go, &[]) }),
        _ => eprintln!("left out: the function in Go; it needs Go and the module proxy"),
    }
    if Command::new("kustomize").arg("version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        for (name, kind) in [("kustomize, JSON 6902", "json6902"), ("kustomize, merge", "merge")] {
            let kustomize = own(name, PathBuf::from("kustomize"), &["build", kind]);
            peers.push(Peer { in_folder: true, most: 1000, ..kustomize });
        }
    } else {
        eprintln!(
            "left out: kustomize; it must be in the path (`.ci/tools kustomize` builds it and prints its folder)"
        );
    }
    peers
}

const VOLUME: &str = r#"{"name": "local-ca", "configMap": {"name": "lab-ca", "optional": true}}"#;
const MOUNT: &str = r#"{"name": "local-ca", "mountPath": "/etc/ssl/local-ca", "readOnly": true}"#;
const VARIABLE: &str = r#"{"name": "SSL_CERT_DIR", "value": "/etc/ssl/local-ca"}"#;

/// Writes the list, and the same as kustomizations. Gives the size of the list.
fn write_inputs(folder: &Path, items: usize) -> f64 {
    let list = lists::list(items);
    std::fs::write(folder.join("list.yaml"), &list).unwrap();
    let at = "/spec/template/spec";
    let operations = format!(
        "- {{op: add, path: {at}/volumes/-, value: {VOLUME}}}\n- {{op: add, path: {at}/containers/0/env/-, value: {VARIABLE}}}\n- {{op: add, path: {at}/containers/0/volumeMounts/-, value: {MOUNT}}}\n"
    );
    let merge = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: any}}\nspec: {{template: {{spec: {{volumes: [{VOLUME}], containers: [{{name: web, env: [{VARIABLE}], volumeMounts: [{MOUNT}]}}]}}}}}}\n"
    );
    for (kind, patch) in [("json6902", operations), ("merge", merge)] {
        let own = folder.join(kind);
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("items.yaml"), lists::stream(items)).unwrap();
        std::fs::write(own.join("patch.yaml"), patch).unwrap();
        let kustomization = "resources: [items.yaml]\npatches:\n- path: patch.yaml\n  target: {kind: Deployment, labelSelector: ca=inject}\n";
        std::fs::write(own.join("kustomization.yaml"), kustomization).unwrap();
    }
    list.len() as f64 / 1e6
}

fn run(peer: &Peer, folder: &Path) -> Figures {
    let timed = Path::new("/usr/bin/time").exists();
    let report = folder.join("memory");
    let mut command = if timed { Command::new("/usr/bin/time") } else { Command::new(&peer.program) };
    if timed {
        command.args(["-f", "%M", "-o"]).arg(&report).arg(&peer.program);
    }
    command.args(&peer.arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    if !peer.in_folder {
        command.stdin(File::open(folder.join("list.yaml")).unwrap());
    }
    let began = Instant::now();
    let mut running = command.spawn().unwrap();
    let copied = std::io::copy(running.stdout.as_mut().unwrap(), &mut std::io::sink()).unwrap();
    assert!(running.wait().unwrap().success() && copied > 0, "{} failed", peer.name);
    let seconds = began.elapsed().as_secs_f64();
    let kilobytes = timed.then(|| std::fs::read_to_string(report).ok()?.trim().parse::<f64>().ok()).flatten();
    Figures { seconds, megabytes: kilobytes.map(|kilobytes| kilobytes / 1000.0) }
}

fn median(runs: &[Figures]) -> Figures {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Figures {
        seconds: middle(runs.iter().map(|run| run.seconds).collect()).unwrap(),
        megabytes: middle(runs.iter().filter_map(|run| run.megabytes).collect()),
    }
}

/// The same edits as most would write them in Rust: comments and layout are lost.
fn naive() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut list: Value = serde_yaml::from_str(&text).unwrap();
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let at = "/spec/template/spec";
    let patch = serde_json::from_value(json!([
        {"op": "add", "path": format!("{at}/volumes/-"), "value": value(VOLUME)},
        {"op": "add", "path": format!("{at}/containers/0/env/-"), "value": value(VARIABLE)},
        {"op": "add", "path": format!("{at}/containers/0/volumeMounts/-"), "value": value(MOUNT)},
    ]));
    let patch: json_patch::Patch = patch.unwrap();
    for item in list["items"].as_array_mut().unwrap() {
        if item["kind"] == "Deployment" && item["metadata"]["labels"]["ca"] == "inject" {
            json_patch::patch(item, &patch).unwrap();
        }
    }
    std::io::stdout().write_all(serde_yaml::to_string(&list).unwrap().as_bytes()).unwrap();
}
