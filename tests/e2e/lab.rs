//! A lab: charts and the user's manifests are rendered, wired by the program, and run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::authority::Authority;
use super::browser::Browser;
use super::control_plane::ControlPlane;
use super::ingress::Ingress;
use super::manifests::Manifests;
use super::pod::{Node, Process};
use super::{outside, programs};

/// The workloads that are run, in their order; the control plane comes before them.
const WORKLOADS: &[&str] = &["dex", "argocd-redis", "argocd-dex-server", "argocd-server", "headlamp"];

const CHARTS: &[&str] = &["argo-cd", "dex", "headlamp"];

/// Where the host of the API server has the private CA.
pub const HOST_CA: &str = "/etc/kubernetes/pki/lab-ca.crt";

/// What a test sets before anything is started.
pub struct Lab {
    /// The private CA.
    pub authority: Authority,
    /// What the images bring as public roots.
    pub public: Authority,
    /// The document; a merge patch changes it.
    pub document: Value,
    /// Values that are put over those of tests/e2e/lab, by chart.
    pub values: Value,
    /// Further manifests of the user.
    pub manifests: String,
    /// Whether the values of the charts are wired, and not what the charts render.
    pub by_values: bool,
    folder: PathBuf,
}

/// What came out of the program.
pub struct Wired {
    pub manifests: Manifests,
    /// Its findings, as it prints them.
    pub said: String,
}

/// Servers that are up.
pub struct Running {
    pub authority: String,
    processes: Vec<Process>,
    _ingress: Ingress,
}

impl Lab {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let folder = outside::scratch().join(COUNT.fetch_add(1, Ordering::SeqCst).to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let document: Value = serde_yaml::from_str(&read("sso.yaml")).unwrap();
        let (authority, public) = (Authority::new("Lab CA"), Authority::new("Public CA"));
        Self { authority, public, document, values: json!({}), manifests: String::new(), by_values: false, folder }
    }

    /// What the user has beside the charts.
    fn own(&self) -> String {
        let mut text = read("manifests.yaml") + "\n---\n" + &read("control-plane.yaml") + "\n---\n" + &self.manifests;
        // trust-manager puts the CA into the namespaces.
        for namespace in ["argocd", "dex", "headlamp", "kube-system"] {
            let bundle = json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lab-ca", "namespace": namespace},
                "data": {"ca.crt": self.authority.pem()},
            });
            text += &format!("\n---\n{bundle}");
        }
        text
    }

    /// Charts and their values.
    fn charts(&self) -> Vec<(&'static str, Value)> {
        let wanted = CHARTS.iter().filter(|&&chart| chart != "headlamp" || programs::has_headlamp());
        let with_values = wanted.map(|&chart| {
            let mut values: Value = serde_yaml::from_str(&read(&format!("{chart}.yaml"))).unwrap();
            if self.values[chart].is_object() {
                json_patch::merge(&mut values, &self.values[chart]);
            }
            (chart, values)
        });
        with_values.collect()
    }

    /// What the program makes of it all, and what it says.
    pub fn wired(&self) -> Wired {
        let mut text = self.own();
        for (chart, values) in self.charts() {
            text += "\n---\n";
            text += &if self.by_values { carrier(chart, &values) } else { template(chart, &values.to_string()) };
        }
        let (text, said) = feed(self.program("render").arg("-"), &text).unwrap();
        let mut manifests = Manifests::parse(&text);
        let carriers: Vec<Value> = manifests.of_kind("HelmChart").cloned().collect();
        manifests.0.retain(|object| object["kind"] != "HelmChart");
        for carrier in carriers {
            let values = carrier["spec"]["valuesContent"].as_str().unwrap();
            manifests.0.extend(Manifests::parse(&template(carrier["spec"]["chart"].as_str().unwrap(), values)).0);
        }
        Wired { manifests, said }
    }

    /// The codes of what `check` says of manifests.
    pub fn check(&self, manifests: &Manifests) -> Vec<String> {
        let text: String = manifests.0.iter().map(|object| format!("{object}\n---\n")).collect();
        let output = feed(self.program("check").args(["-o", "json", "-"]), &text)
            .map_or_else(|output| output, |(output, _)| output);
        let report: Value = serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"));
        let found = report["findings"].as_array().unwrap();
        let severe = found.iter().filter(|finding| finding["severity"] != "info");
        severe.filter_map(|finding| finding["code"].as_str().map(str::to_owned)).collect()
    }

    fn program(&self, subcommand: &str) -> Command {
        let document = self.folder.join("sso.yaml");
        std::fs::write(&document, self.document.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_private-sso"));
        command.arg(subcommand).arg("-c").arg(document);
        command
    }

    /// Starts what the manifests say; an error is what a server or the kubelet says where it does not start.
    pub fn start(&self, manifests: &Manifests) -> Result<Running, String> {
        let etc = self.etc(manifests);
        let node = self.folder.join("node");
        let control_plane = ControlPlane::new(&node);
        // Somebody puts the CA on the host too.
        std::fs::write(node.join(HOST_CA.trim_start_matches('/')), self.authority.pem()).unwrap();
        let ingress = Ingress::start(manifests, &self.authority, "lab-ca");
        let mut running = Running { authority: self.authority.pem(), processes: Vec::new(), _ingress: ingress };
        let token = |_: &str, _: &str| None;
        let on_host = Node { manifests, folder: &self.folder, etc: &etc, token: &token };
        for pod in ["etcd", "kube-apiserver"] {
            running.processes.extend(on_host.start(manifests.find("Pod", "kube-system", pod).unwrap())?);
        }
        control_plane.wait();
        control_plane.apply(&Manifests::parse(&read("resources.yaml")));
        control_plane.apply(manifests);
        let token = |namespace: &str, account: &str| Some(control_plane.account(namespace, account));
        let in_cluster = Node { token: &token, ..on_host };
        for name in WORKLOADS {
            let workloads = manifests.of_kind("Deployment");
            for workload in workloads.filter(|workload| workload["metadata"]["name"] == *name) {
                let mut started = in_cluster.start(workload)?;
                for port in manifests.ports(workload) {
                    started[0].wait_for(port)?;
                }
                running.processes.extend(started);
            }
        }
        Ok(running)
    }

    /// `/etc` of the images.
    fn etc(&self, manifests: &Manifests) -> PathBuf {
        let etc = self.folder.join("etc");
        std::fs::create_dir_all(etc.join("ssl/certs")).unwrap();
        let hosts: String = manifests.hosts().iter().map(|host| format!("127.0.0.1 {host}\n")).collect();
        let hosts = format!("127.0.0.1 localhost\n{hosts}");
        // The file of the test's own namespace is mounted, so it is written in its place.
        std::fs::write(outside::scratch().join("hosts"), &hosts).unwrap();
        for (name, text) in [
            ("hosts", hosts.as_str()),
            ("passwd", "root:x:0:0:root:/tmp:/bin/sh\n"),
            ("group", "root:x:0:\n"),
            ("nsswitch.conf", "hosts: files\n"),
            ("ssl/certs/ca-certificates.crt", &self.public.pem()),
        ] {
            std::fs::write(etc.join(name), text).unwrap();
        }
        etc
    }
}

impl Running {
    /// The browser of a person who has installed the private CA.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.authority)
    }

    /// What the servers have said, for a failure's sake.
    pub fn logs(&self) -> String {
        self.processes
            .iter()
            .map(|process| {
                let output = process.output();
                let start = output.len().saturating_sub(3000);
                format!("----\n{}\n", output.get(start..).unwrap_or(&output))
            })
            .collect()
    }
}

fn read(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/lab").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// K3s' carrier of a chart's values.
fn carrier(chart: &str, values: &Value) -> String {
    let name = chart.replace('-', "");
    let spec =
        json!({"chart": chart, "targetNamespace": name, "valuesContent": serde_yaml::to_string(values).unwrap()});
    json!({
        "apiVersion": "helm.cattle.io/v1", "kind": "HelmChart",
        "metadata": {"name": name, "namespace": "kube-system"}, "spec": spec,
    })
    .to_string()
}

/// What Helm makes of one of the model charts.
fn template(chart: &str, values: &str) -> String {
    let charts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/charts");
    let release = chart.replace('-', "");
    let mut command = Command::new(programs::find("helm").unwrap());
    command.args(["template", &release, "--namespace", &release, "--values", "-"]).arg(charts.join(chart));
    feed(&mut command, values).unwrap().0
}

/// Runs a program on an input; gives what it prints and its messages, as an error one of them where it fails.
fn feed(command: &mut Command, input: &str) -> Result<(String, String), String> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if output.status.success() { Ok((stdout, stderr)) } else { Err(if stdout.is_empty() { stderr } else { stdout }) }
}
