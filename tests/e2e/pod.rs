//! A container of a pod as a process: with the pod's volumes at the pod's paths, its variables and arguments, and a root of
//! its own that shares programs and libraries with this machine and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::manifests::Manifests;
use super::programs::Image;
use super::variables::{self, expand};
use super::volumes::Source;

/// Where the kubelet puts the token of a pod's ServiceAccount.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What gives the files of a ServiceAccount, by its namespace and name.
pub type Token<'a> = dyn Fn(&str, &str) -> Option<BTreeMap<String, String>> + 'a;

/// What all pods of a run share.
pub struct Node<'a> {
    pub manifests: &'a Manifests,
    /// A folder of the run.
    pub folder: &'a Path,
    /// What is at `/etc` in every image: the names of hosts, and the public roots.
    pub etc: &'a Path,
    /// The token of a ServiceAccount by its namespace and name, where there is an API server.
    pub token: &'a Token<'a>,
}

/// A running container; it ends with the test.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Node<'_> {
    /// Starts the workload's containers in their order and waits for their ports.
    pub fn start(&self, workload: &Value) -> Result<Vec<Process>, String> {
        let meta = &workload["metadata"];
        let namespace = meta["namespace"].as_str().unwrap_or("default");
        let template = if workload["kind"] == "Pod" { workload } else { &workload["spec"]["template"] };
        let folder = self.folder.join("pods").join(namespace).join(meta["name"].as_str().unwrap());
        let source = Source { manifests: self.manifests, namespace, node: &self.folder.join("node") };
        let mut volumes = BTreeMap::new();
        for volume in template["spec"]["volumes"].as_array().into_iter().flatten() {
            let name = volume["name"].as_str().unwrap();
            volumes.insert(name.to_owned(), source.lay_out(volume, folder.join("volumes").join(name))?);
        }
        let account = template["spec"]["serviceAccountName"].as_str().unwrap_or("default");
        let token = (self.token)(namespace, account);
        if let Some(files) = &token {
            let folder = folder.join("account");
            std::fs::create_dir_all(&folder).unwrap();
            for (name, text) in files {
                std::fs::write(folder.join(name), text).unwrap();
            }
        }
        let list = |field: &str| template["spec"][field].as_array().cloned().unwrap_or_default();
        let mut processes = Vec::new();
        for (container, ends) in
            list("initContainers").iter().map(|c| (c, true)).chain(list("containers").iter().map(|c| (c, false)))
        {
            let name = container["name"].as_str().unwrap();
            let folder = folder.join(name);
            let mut mounts: Vec<(PathBuf, String)> = Vec::new();
            if token.is_some() {
                mounts.push((folder.with_file_name("account"), ACCOUNT.to_owned()));
            }
            for mount in container["volumeMounts"].as_array().into_iter().flatten() {
                let volume = mount["name"].as_str().unwrap();
                let volume = volumes.get(volume).ok_or_else(|| format!("there is no volume {volume}"))?;
                mounts.push((volume.clone(), mount["mountPath"].as_str().unwrap().to_owned()));
            }
            mounts.sort_by_key(|(_, path)| path.len());
            let mut process = self.container(container, namespace, &folder, &mounts)?;
            if ends {
                assert!(process.child.wait().unwrap().success(), "{name}: {}", process.output());
            } else {
                processes.push(process);
            }
        }
        for (process, container) in processes.iter_mut().zip(list("containers")) {
            for port in container["ports"].as_array().into_iter().flatten() {
                process.wait_for(u16::try_from(port["containerPort"].as_u64().unwrap()).unwrap())?;
            }
        }
        Ok(processes)
    }

    fn container(
        &self,
        container: &Value,
        namespace: &str,
        folder: &Path,
        mounts: &[(PathBuf, String)],
    ) -> Result<Process, String> {
        let image = Image::of(container);
        let variables = variables::of(container, self.manifests, namespace)?;
        let texts = |field: &str| -> Vec<String> {
            let words = container[field].as_array().into_iter().flatten();
            words.map(|word| expand(word.as_str().unwrap_or_default(), &variables)).collect()
        };
        let command = match texts("command") {
            command if command.is_empty() => image.entrypoint.iter().map(|&word| word.to_owned()).collect(),
            command => command,
        };
        std::fs::create_dir_all(folder).unwrap();
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let mut script = SCRIPT.replace("ROOT", &quoted(&folder.join("root").display().to_string()));
        script = script.replace("ETC", &quoted(&self.etc.display().to_string()));
        for (program, path) in &image.files {
            let (program, path) = (quoted(&program.display().to_string()), quoted(&format!(".{path}")));
            let _ = writeln!(script, "mkdir -p $(dirname {path}) && touch {path} && mount --bind {program} {path}");
        }
        for folder in image.pages {
            let _ = writeln!(script, "mkdir -p .{folder} && touch .{folder}/index.html");
        }
        for (source, path) in mounts {
            let (source, path) = (quoted(&source.display().to_string()), quoted(&format!(".{path}")));
            let _ = writeln!(script, "mkdir -p {path} && mount --bind {source} {path}");
        }
        let _ = write!(script, "exec chroot . /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp");
        let own = [("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", "6443")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (name, value) in own.iter().chain(&variables) {
            let _ = write!(script, " {}", quoted(&format!("{name}={value}")));
        }
        for word in command.iter().chain(&texts("args")) {
            let _ = write!(script, " {}", quoted(word));
        }
        std::fs::create_dir_all(folder.join("root")).unwrap();
        let log = folder.join("log");
        let output = std::fs::File::create(&log).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script]).stdin(Stdio::null());
        command.stdout(output.try_clone().unwrap()).stderr(output);
        Ok(Process { child: command.spawn().unwrap(), log })
    }
}

/// A root with this machine's programs and libraries; all else is the image's own.
const SCRIPT: &str = "set -e
mount -t tmpfs -o mode=755 tmpfs ROOT
cd ROOT
mkdir etc usr tmp proc dev run var
for name in bin sbin lib lib32 lib64; do
  if [ -L /$name ]; then cp -P /$name $name; elif [ -d /$name ]; then mkdir $name; mount --rbind /$name $name; fi
done
mount --rbind /usr usr
mount --rbind /proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs usr/local/bin
cp -a ETC/. etc/
";

impl Process {
    /// What it has said so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until the port answers; an error is what the program said before it ended.
    pub fn wait_for(&mut self, port: u16) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(120);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Err(format!("{status}: {}", self.output()));
            }
            assert!(Instant::now() < end, "port {port} does not answer: {}", self.output());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
