//! `check` on a generated repository: time and peak memory of the whole process.
//!
//! ```sh
//! cargo bench --bench tree                 # 5,000 files, 100 MB
//! cargo bench --bench tree -- 500 10       # files, megabytes
//! ```
//!
//! Of ten files one is a stack's Deployment, one an Ingress, one a HelmRelease, one a Secret, two are ConfigMaps with a dashboard in
//! JSON, two definitions of custom resources, one values of a chart and one a template that is no YAML yet. Memory needs GNU time.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends where it cannot go on")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (files, megabytes) = (numbers.first().copied().unwrap_or(5000), numbers.get(1).copied().unwrap_or(100));
    let folder = tempfile::tempdir().unwrap();
    let (bytes, largest) = write(folder.path(), files, megabytes * 1_000_000 / files);
    println!("{files} files, {:.1} MB, the largest {:.2} MB", bytes as f64 / 1e6, largest as f64 / 1e6);
    // The first run brings the files into the system's cache.
    for round in ["first", "second", "third"] {
        let began = Instant::now();
        let mut command = Command::new("/usr/bin/time");
        command
            .args(["-f", "%U %M"])
            .arg(env!("CARGO_BIN_EXE_private-sso"))
            .args(["check", "."])
            .current_dir(folder.path());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let mut figures = said.lines().last().unwrap_or_default().split(' ');
        let (user, peak) = (figures.next().unwrap_or_default(), figures.next().unwrap_or_default());
        let peak: f64 = peak.parse().unwrap_or_default();
        let summary = String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned();
        println!(
            "{round}: {:.2} s, {user} s of CPU, peak {:.0} MB; {summary}",
            began.elapsed().as_secs_f64(),
            peak / 1e3
        );
    }
}

/// Writes the repository; gives its bytes and those of the largest file.
fn write(folder: &Path, files: usize, size: usize) -> (usize, usize) {
    let (mut bytes, mut largest) = (0, 0);
    for index in 0..files {
        let own = folder.join(format!("apps/{}/{}", index / 100, index / 10 % 10));
        fs::create_dir_all(&own).unwrap();
        // Half of the bytes are in a fifth of the files.
        let text = text(index, if index % 10 < 2 { size * 5 / 2 } else { size * 5 / 8 });
        bytes += text.len();
        largest = largest.max(text.len());
        fs::write(own.join(format!("{}.yaml", index % 10)), text).unwrap();
    }
    (bytes, largest)
}

fn text(index: usize, size: usize) -> String {
    let (stack, name) = (index / 10, format!("app-{index}"));
    let mut out = String::with_capacity(size + 200);
    let head = |kind: &str, version: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: stack-{stack}}}\n")
    };
    match index % 10 {
        0 | 1 => {
            out += &head("ConfigMap", "v1");
            out += "data:\n  dashboard.json: |\n    {\"panels\": [\n";
            while out.len() < size {
                let _ = writeln!(
                    out,
                    "      {{\"title\": \"Requests\", \"targets\": [{{\"expr\": \"sum(rate(http_requests_total[5m]))\"}}], \"id\": {}}},",
                    out.len()
                );
            }
            out += "      {}]}\n";
        }
        2 => {
            out += &head("Deployment", "apps/v1");
            let _ = writeln!(
                out,
                "spec:\n  template:\n    metadata: {{labels: {{app.kubernetes.io/name: headlamp}}}}\n    spec:\n      containers:\n      - name: headlamp\n        args: [-oidc-client-id=headlamp, \"-oidc-idp-issuer-url=https://dex.s{stack}.example\"]\n        env:"
            );
            while out.len() < size {
                let _ = writeln!(out, "        - name: VARIABLE_{}\n          value: something", out.len());
            }
        }
        3 => {
            out += &head("Ingress", "networking.k8s.io/v1");
            out += "spec:\n  rules:\n";
            while out.len() < size {
                let _ = writeln!(
                    out,
                    "  - host: h{}.s{stack}.example\n    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}",
                    out.len()
                );
            }
        }
        4 => {
            out += &head("HelmRelease", "helm.toolkit.fluxcd.io/v2");
            let _ = writeln!(
                out,
                "spec:\n  chart: {{spec: {{chart: dex, version: 0.24.0}}}}\n  values:\n    config:\n      issuer: https://dex.s{stack}.example\n      storage: {{type: memory}}\n      staticClients:"
            );
            while out.len() < size {
                let _ = writeln!(
                    out,
                    "      - id: client-{0}\n        name: Client\n        public: true\n        redirectURIs: [https://c{0}.s{stack}.example/callback]",
                    out.len()
                );
            }
        }
        5 => {
            out += &head("Secret", "v1");
            out += "stringData:\n";
            while out.len() < size {
                let _ = writeln!(out, "  key-{}: some-value-of-the-secret", out.len());
            }
        }
        6 | 7 => {
            let _ = writeln!(
                out,
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}}}\nspec:\n  versions:\n  - schema:\n      openAPIV3Schema:\n        properties:"
            );
            while out.len() < size {
                let _ = writeln!(
                    out,
                    "          field{}:\n            description: What it is for, in a sentence or two.\n            type: string",
                    out.len()
                );
            }
        }
        8 => {
            while out.len() < size {
                let _ =
                    writeln!(out, "value{}:\n  enabled: true\n  resources: {{limits: {{memory: 256Mi}}}}", out.len());
            }
        }
        _ => {
            while out.len() < size {
                out += "{{- if .Values.enabled }}\n  key: {{ .Values.value | quote }}\n{{- end }}\n";
            }
        }
    }
    out
}
