//! Real clients reach a server behind a private CA, and lose no public root, by what the program writes.
//!
//! `tests/trust/pod.yaml` is wired, its volume is laid out as a kubelet does, and each client runs with the variables of its
//! container against servers of `openssl s_server`: three behind private CAs (two subjects, and one of them with a second
//! key), and one behind a "public" CA, which is put in the place of the system's in a mount namespace of its own.
//!
//! A program that is not here is skipped visibly; with `PRIVATE_SSO_TOOLS=required` that is a failure.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

const PYTHON_SSL: &str = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])";
const PYTHON_REQUESTS: &str = "import sys, requests; requests.get(sys.argv[1])";
const NODE: &str = "require('https').get(process.argv[1], r => process.exit(0)).on('error', e => { console.error(e.message); process.exit(1) })";

/// The container whose variables it gets, the program, how it is called before the URL, and whether it has the system's
/// public roots: Node and Python's requests bring their own.
const CLIENTS: &[(&str, &str, &[&str], bool)] = &[
    ("go", "./client", &[], true),
    ("unstated", "./client", &[], true),
    ("openssl", "curl", &["-sS", "-o", "/dev/null"], true),
    ("openssl", "python3", &["-c", PYTHON_SSL], true),
    ("node", "node", &["-e", NODE], false),
    ("python", "python3", &["-c", PYTHON_REQUESTS], true),
    ("python", "python3", &["-c", PYTHON_SSL], true),
];

/// What the test cannot do without, how to see that it is here, and how to get it.
const NEEDED: &[(&str, &[&str], &str)] = &[
    ("openssl", &["version"], "apt-get install openssl"),
    ("curl", &["--version"], "apt-get install curl"),
    ("go", &["version"], "apt-get install golang"),
    ("node", &["--version"], "apt-get install nodejs"),
    ("python3", &["-c", "import requests"], "pip install requests"),
];

#[test]
fn real_clients_trust_what_they_are_told_to() {
    for (program, arguments, way) in NEEDED {
        let is_here = Command::new(program).args(*arguments).output().is_ok_and(|output| output.status.success());
        if !is_here {
            assert_ne!(std::env::var("PRIVATE_SSO_TOOLS").as_deref(), Ok("required"), "{program} must be there: {way}");
            return say(&format!("skipped: real clients: {program} is not here (`{way}`)"));
        }
    }
    let lab = Lab::new();
    let mut wrong = Vec::new();
    for full in [false, true] {
        // Python gets its variables with a full bundle only.
        let clients = CLIENTS.iter().filter(|(container, ..)| (*container == "python") == full);
        let bundle = if full { "all.pem" } else { "private.pem" };
        let pod = lab.wired(full);
        lab.mount(&pod, &std::fs::read_to_string(lab.path(bundle)).unwrap());
        for (container, program, arguments, has_system) in clients {
            let variables = variables(&pod, container);
            let mut ask = |server: &Server, variables: &[(String, String)], expected: bool| {
                let (reached, output) = lab.ask(program, arguments, variables, &server.url);
                if reached != expected {
                    let found = if reached { "is reached" } else { "is not reached" };
                    wrong.push(format!("{container}: {program}: {} {found} with {variables:?}: {output}", server.name));
                }
            };
            for server in &lab.servers {
                let is_public = server.name == "public";
                if !is_public {
                    ask(server, &[], false);
                }
                if !is_public || *has_system && lab.namespace.is_some() {
                    ask(server, &variables, true);
                }
            }
        }
        assert!(variables(&pod, "java").is_empty(), "Java is not helped by a variable");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Past the test harness, which would hide it.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A TLS server; it ends with the test.
struct Server {
    name: &'static str,
    url: String,
    process: Child,
    /// Kept, because nobody may write to a pipe that is closed.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder with CAs, servers and clients.
struct Lab {
    folder: tempfile::TempDir,
    servers: Vec<Server>,
    /// What runs a command with the lab's public roots, where the system lets us.
    namespace: Option<Vec<String>>,
}

impl Lab {
    fn new() -> Self {
        let mut lab = Self { folder: tempfile::tempdir().unwrap(), servers: Vec::new(), namespace: None };
        for (name, subject) in
            [("public", "/CN=Public"), ("a", "/CN=Lab  CA"), ("b", "/O=Lab/CN=R2"), ("renewed", "/CN=Lab  CA")]
        {
            lab.authority(name, subject);
            lab.serve(name);
        }
        let pem = |name: &str| std::fs::read_to_string(lab.path(&format!("{name}.pem"))).unwrap();
        let private = ["a", "b", "renewed"].map(pem).concat();
        std::fs::write(lab.path("private.pem"), &private).unwrap();
        std::fs::write(lab.path("all.pem"), private + &pem("public")).unwrap();
        // The system's folder as distributions have it: one file with all roots, and each under its hash.
        std::fs::create_dir(lab.path("system")).unwrap();
        let hash = lab.openssl("x509 -noout -subject_hash -in public.pem");
        for name in ["ca-certificates.crt".to_owned(), format!("{}.0", hash.trim())] {
            std::fs::write(lab.path("system").join(name), pem("public")).unwrap();
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust/client.go");
        lab.run(Command::new("go").args(["build", "-o", "client"]).arg(source).env("CGO_ENABLED", "0"));
        lab.namespace = lab.namespace();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, command: &mut Command) -> String {
        let output = command.current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn openssl(&self, words: &str) -> String {
        self.run(Command::new("openssl").args(words.split(' ')))
    }

    /// A CA, and a certificate for this machine that it signed.
    fn authority(&self, name: &str, subject: &str) {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        let options = format!("req -x509 {key} -keyout {name}.key -out {name}.pem -days 2 -subj");
        self.run(Command::new("openssl").args(options.split(' ')).arg(subject));
        self.openssl(&format!("req -new {key} -keyout {name}-server.key -out {name}.csr -subj /CN=server"));
        std::fs::write(self.path("server.cnf"), "subjectAltName = IP:127.0.0.1\nbasicConstraints = CA:FALSE\n")
            .unwrap();
        let sign = "x509 -req -days 2 -extfile server.cnf -set_serial 1";
        self.openssl(&format!("{sign} -in {name}.csr -CA {name}.pem -CAkey {name}.key -out {name}-server.pem"));
    }

    fn serve(&mut self, name: &'static str) {
        let words = format!("s_server -www -accept 127.0.0.1:0 -cert {name}-server.pem -key {name}-server.key");
        let mut command = Command::new("openssl");
        command.args(words.split(' ')).current_dir(self.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| Some(line.strip_prefix("ACCEPT 127.0.0.1:")?.to_owned()));
        self.servers.push(Server {
            name,
            url: format!("https://127.0.0.1:{}/", port.unwrap()),
            process,
            _output: lines,
        });
    }

    /// The pod as the program wires it.
    fn wired(&self, full: bool) -> Value {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trust");
        let certificate = std::fs::read_to_string(self.path("private.pem")).unwrap();
        let certificate: String = certificate.lines().map(|line| format!("      {line}\n")).collect();
        let document = std::fs::read_to_string(tests.join("config.yaml")).unwrap();
        let mount = self.path("mount").display().to_string();
        let document = document.replace("MOUNT", &mount).replace("FULL", &full.to_string());
        std::fs::write(self.path("sso.yaml"), document.replace("CERTIFICATE\n", &certificate)).unwrap();
        let program = env!("CARGO_BIN_EXE_private-sso");
        let out = self.run(Command::new(program).args(["render", "-c", "sso.yaml"]).arg(tests.join("pod.yaml")));
        serde_yaml::from_str(&out).unwrap()
    }

    /// The volume of the pod as a kubelet lays it out: files in a folder of their own, reached by two links.
    fn mount(&self, pod: &Value, bundle: &str) {
        let mount = self.path("mount");
        let _ = std::fs::remove_dir_all(&mount);
        std::fs::create_dir_all(mount.join("..2026_01_01")).unwrap();
        symlink("..2026_01_01", mount.join("..data")).unwrap();
        for item in pod["spec"]["volumes"][0]["configMap"]["items"].as_array().unwrap() {
            let file = item["path"].as_str().unwrap();
            std::fs::write(mount.join("..2026_01_01").join(file), bundle).unwrap();
            symlink(Path::new("..data").join(file), mount.join(file)).unwrap();
        }
    }

    /// Whether a client gets an answer, and what it said.
    fn ask(&self, program: &str, arguments: &[&str], variables: &[(String, String)], url: &str) -> (bool, String) {
        let words = self.namespace.iter().flatten().map(String::as_str).chain([program]);
        let words: Vec<&str> = words.chain(arguments.iter().copied()).chain([url]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(self.folder.path()).env_clear();
        for name in ["PATH", "HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        let output = command.envs(variables.iter().cloned()).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    /// What runs a command with the lab's public roots in place of the system's.
    fn namespace(&self) -> Option<Vec<String>> {
        let script = "mount --bind \"$0\" /etc/ssl/certs && exec \"$@\"";
        let system = self.path("system").display().to_string();
        let ways: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];
        let found = ways.into_iter().find_map(|way| {
            let words = ["unshare"].into_iter().chain(way.iter().copied()).chain(["sh", "-c", script, &system]);
            let words: Vec<String> = words.map(str::to_owned).collect();
            let tried = Command::new(&words[0]).args(&words[1..]).arg("true").output();
            tried.is_ok_and(|output| output.status.success()).then_some(words)
        });
        if found.is_none() {
            say("skipped: public roots beside the private ones: this system lets nobody mount in a namespace");
        }
        found
    }
}

/// The variables of a container.
fn variables(pod: &Value, container: &str) -> Vec<(String, String)> {
    let containers = pod["spec"]["containers"].as_array().unwrap();
    let found = containers.iter().find(|known| known["name"] == container).unwrap();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    let entries = found["env"].as_array().into_iter().flatten();
    entries.map(|entry| (text(entry, "name"), text(entry, "value"))).collect()
}
