//! What an Application's folder holds, and the tool that renders it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use private_sso::yaml::Tree;

use super::super::files::{self, Manifest};
use super::{Failure, Parameters, Repository, variable};

/// What is to be rendered.
pub(super) enum Found {
    /// A kustomization, and the name of its file.
    Kustomization(&'static str),
    /// A Helm chart, and whether dependencies of it are still to be fetched.
    Chart(bool),
    /// Manifests as they are.
    Plain(Vec<PathBuf>),
}

impl Found {
    /// Looks for what Argo CD itself would look for, in its order.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, Failure> {
        let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
        if let Some(name) = names.into_iter().find(|name| folder.join(name).is_file()) {
            return Ok(Self::Kustomization(name));
        }
        if folder.join("Chart.yaml").is_file() {
            return Ok(Self::Chart(lacks_dependencies(folder)));
        }
        let entries = std::fs::read_dir(folder)
            .map_err(|error| Failure { code: 3, message: format!("the folder must be readable: {error}") })?;
        let is_manifest = |path: &PathBuf| {
            path.is_file()
                && path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|e| ending == *e))
        };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_manifest).collect();
        files.sort();
        Ok(Self::Plain(files))
    }

    /// In words for a message.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Kustomization(name) => name,
            Self::Chart(_) => "Chart.yaml",
            Self::Plain(_) => "the folder",
        }
    }

    /// The manifests, in one text per file or tool.
    pub(super) fn render(
        &self,
        repository: &Repository,
        parameters: &Parameters,
        kustomize: &[String],
    ) -> Result<Vec<Manifest>, Failure> {
        let is_helm = matches!(self, Self::Chart(_));
        if !is_helm && (!parameters.values_files.is_empty() || !parameters.helm.is_empty()) {
            let message = format!(
                "the parameters `values-files` and `helm-parameters` must be for a Helm chart, and what is rendered is {}",
                self.name()
            );
            return Err(Failure::usage(message));
        }
        let deadline = Instant::now() + time_left();
        let rendered = match self {
            Self::Kustomization(_) => {
                let mut build = Command::new("kustomize");
                build.arg("build").args(kustomize).arg(".");
                run(build, repository, deadline)?
            }
            Self::Chart(lacks_dependencies) => {
                if *lacks_dependencies {
                    let mut fetch = Command::new("helm");
                    fetch.args(["dependency", "build", "."]);
                    run(fetch, repository, deadline)?;
                }
                run(template(repository, parameters)?, repository, deadline)?
            }
            Self::Plain(files) => {
                return files
                    .iter()
                    .map(|path| {
                        let name = path.file_name().map(PathBuf::from);
                        Ok(Manifest { path: name, text: files::read(path)?, is_found: true })
                    })
                    .collect();
            }
        };
        Ok(vec![Manifest { path: None, text: rendered, is_found: true }])
    }
}

/// Helm as Argo CD calls it.
fn template(repository: &Repository, parameters: &Parameters) -> Result<Command, Failure> {
    let mut template = Command::new("helm");
    let name = variable("ARGOCD_APP_NAME").unwrap_or_else(|| "release".to_owned());
    // Applications outside Argo CD's own namespace are named with theirs in front.
    template.args(["template", name.rsplit('_').next().unwrap_or_default(), ".", "--include-crds"]);
    if let Some(namespace) = variable("ARGOCD_APP_NAMESPACE") {
        template.args(["--namespace", &namespace]);
    }
    if let Some(version) = variable("KUBE_VERSION") {
        template.args(["--kube-version", &version]);
    }
    for version in variable("KUBE_API_VERSIONS").iter().flat_map(|list| list.split(',')) {
        template.args(["--api-versions", version]);
    }
    for file in &parameters.values_files {
        template.arg("--values").arg(repository.file(file, "values-files")?);
    }
    for (key, value) in &parameters.helm {
        template.arg("--set").arg(format!("{key}={}", value.replace(',', "\\,")));
    }
    Ok(template)
}

/// Whether `Chart.yaml` names charts that are not in `charts`.
fn lacks_dependencies(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("Chart.yaml")).unwrap_or_default();
    let chart = Tree::parse(&text).and_then(|tree| tree.value()).unwrap_or_default();
    let charts: Vec<String> = std::fs::read_dir(folder.join("charts"))
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let names = chart["dependencies"].as_array().into_iter().flatten().filter_map(|chart| chart["name"].as_str());
    names.into_iter().any(|name| {
        !charts.iter().any(|file| file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
    })
}

/// Argo CD kills the plugin at its deadline, and then shows no reason: a tool that hangs has to end before.
fn time_left() -> Duration {
    let all = variable("ARGOCD_EXEC_TIMEOUT").and_then(|text| go_duration(&text)).unwrap_or(Duration::from_secs(90));
    // The repository server waits no longer than this for an answer.
    let all = all.min(Duration::from_secs(60));
    all - (all / 10).min(Duration::from_secs(5))
}

/// `90s`, `2m30s`, `1.5h`.
fn go_duration(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).ok().filter(|time| !time.is_zero())
}

/// What a tool prints. It gets no standard input, and its messages only where it fails.
fn run(mut command: Command, repository: &Repository, deadline: Instant) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let words: Vec<_> = command.get_args().take(1).map(|word| word.to_string_lossy()).collect();
    let name = format!("`{program} {}`", words.join(" "));
    let failed = |message: String| Failure { code: 3, message };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("{program} must be in the plugin's PATH, beside private-sso: {error}")))?;
    let (out, messages) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) => {
                // It may have ended in this moment.
                let _ = child.kill();
                let _ = child.wait();
                let message = format!(
                    "{name} must end before Argo CD's own deadline (ARGOCD_EXEC_TIMEOUT, and the repository server's); what it fetches may be out of reach"
                );
                return Err(failed(message));
            }
            Err(error) => return Err(failed(format!("{name} must be waited for: {error}"))),
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    if !status.success() {
        // Without the temporary folder that Argo CD unpacked the repository into.
        let messages =
            text(messages.join().unwrap_or_default()).replace(&format!("{}/", repository.root.display()), "");
        return Err(failed(format!("{name} must succeed: {messages}")));
    }
    String::from_utf8(out.join().unwrap_or_default()).map_err(|_| failed(format!("{name} must print UTF-8")))
}

/// Reads beside the waiting, so that a full pipe stops nobody.
fn reader(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read until then is all there is to show.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, seconds) in [("90s", 90.0), ("2m30s", 150.0), ("1.5h", 5400.0), ("500ms", 0.5)] {
            assert_eq!(go_duration(text).map(|time| time.as_secs_f64()), Some(seconds), "{text}");
        }
        for text in ["", "90", "s", "1d", "0s", "-5s"] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }
}
