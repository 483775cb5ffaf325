//! How each runtime learns of a CA: the variables that name it, and the files it looks for.

use std::fmt;

use serde_json::json;

use super::lists::Variables;
use super::unable;
use crate::app::profile::Runtime;
use crate::config::Trust;
use crate::krm::{Finding, Place, codes};
use crate::patch::Draft;
use crate::plan::instance::plain;
use crate::plan::planner::Planner;

/// Where images keep the public roots, each in a file named after its hash.
const SYSTEM: &str = "/etc/ssl/certs";

/// What a container needs, to trust the CA.
#[derive(Default)]
pub(super) struct Needs {
    pub(super) variables: Vec<Variable>,
    /// The names that the CA's key must have in the volume; where none is needed, any name will do.
    pub(super) files: Vec<String>,
}

impl Needs {
    /// What all that a container runs needs. What cannot be helped is said, and nothing is needed for it.
    pub(super) fn of(planner: &mut Planner<'_>, trust: &Trust, env: &Place, runtimes: &[Runtime]) -> Self {
        // Whoever states the runtime knows more than whoever does not.
        let is_stated = runtimes.iter().any(|runtime| *runtime != Runtime::Unstated);
        let mut needs = Self::default();
        for runtime in runtimes.iter().filter(|runtime| !is_stated || **runtime != Runtime::Unstated) {
            needs.add(planner, trust, env, *runtime);
        }
        needs
    }

    fn add(&mut self, planner: &mut Planner<'_>, trust: &Trust, env: &Place, runtime: Runtime) {
        let mut refuse = |message| unable(planner, env, "", message);
        match runtime {
            Runtime::Go => self.directory(trust, false, false),
            Runtime::Unstated => self.directory(trust, true, false),
            Runtime::Rust => self.directory(trust, true, true),
            Runtime::Openssl => {
                self.directory(trust, true, true);
                for certificate in &trust.certificates {
                    self.file(format!("{}.0", certificate.subject_hash));
                }
                if trust.certificates.is_empty() {
                    refuse(
                        "OpenSSL looks for the CA in a file that is named after the hash of its subject; give the CA's PEM as `trust.certificate`, so that the name is known",
                    );
                }
            }
            Runtime::Node => self.name_file(trust, "NODE_EXTRA_CA_CERTS"),
            Runtime::Python if trust.full_bundle => {
                self.name_file(trust, "REQUESTS_CA_BUNDLE");
                self.name_file(trust, "SSL_CERT_FILE");
            }
            Runtime::Python => refuse(
                "Python replaces the public roots by the file it is given, so the bundle must hold them too; set `trust.fullBundle: true` once it does",
            ),
            Runtime::Java => refuse(
                "Java needs a trust store: let trust-manager make a PKCS#12 target, mount it, and name it in JAVA_TOOL_OPTIONS",
            ),
        }
    }

    /// `SSL_CERT_DIR`: alone for Go, which reads the public roots from a file; with the system's directory for others.
    fn directory(&mut self, trust: &Trust, with_system: bool, is_stated: bool) {
        let path = &trust.mount_path;
        let value = if with_system && path != SYSTEM { format!("{SYSTEM}:{path}") } else { path.clone() };
        match self.variables.iter_mut().find(|variable| variable.name == "SSL_CERT_DIR") {
            Some(known) if with_system => {
                known.value = value;
                known.widens |= is_stated;
            }
            Some(_) => {}
            None => self.variables.push(Variable { name: "SSL_CERT_DIR", value, joins: true, widens: is_stated }),
        }
    }

    /// A variable that names the CA's file.
    fn name_file(&mut self, trust: &Trust, name: &'static str) {
        self.file(trust.key().to_owned());
        if !self.variables.iter().any(|variable| variable.name == name) {
            self.variables.push(Variable { name, value: trust.file(), joins: false, widens: false });
        }
    }

    fn file(&mut self, name: String) {
        if !self.files.contains(&name) {
            self.files.push(name);
        }
    }
}

/// A variable that tells of the CA.
pub(super) struct Variable {
    name: &'static str,
    value: String,
    /// Whether it joins a value that stands with `:`.
    joins: bool,
    /// Whether the runtime is known to lose the public roots by the CA's directory alone.
    widens: bool,
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

impl Variable {
    /// Sets it, or joins it to what stands; where neither can be, a finding says so.
    pub(super) fn edit(&self, planner: &mut Planner<'_>, variables: &Variables, draft: &mut Draft) {
        let Self { name, value, .. } = self;
        let (place, pointer, text) = match variables {
            Variables::Map(place) => (place, format!("/{name}"), format!("/{name}")),
            Variables::List(place) => {
                let Some(index) = draft.list("").iter().rposition(|entry| entry["name"] == *name) else {
                    return draft.append("", json!({"name": name, "value": value}));
                };
                (place, format!("/{index}"), format!("/{index}/value"))
            }
        };
        if draft.get(&format!("{pointer}/valueFrom")).is_some() {
            let message = format!(
                "{name} must be a plain value, for the CA to be added; it comes from elsewhere: have it hold {value}"
            );
            return planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
        }
        let current = draft.get(&text).map(plain).unwrap_or_default();
        match self.joined(&current) {
            Some(joined) if joined == current => {}
            Some(joined) => draft.set(&text, json!(joined)),
            None => {
                let message = format!(
                    "{name} must be {value}, for the CA to be trusted; it is {current}; merge the files, or remove it"
                );
                planner.report_at(place, &pointer, Finding::new(&codes::TRUST_VARIABLE_IS_FREE, message));
            }
        }
    }

    /// The value that stands with what it lacks; nothing where it cannot be joined.
    fn joined(&self, stands: &str) -> Option<String> {
        let current = stands.trim_end_matches(':');
        if current.is_empty() {
            return Some(self.value.clone());
        }
        if !self.joins {
            return (current == self.value).then(|| stands.to_owned());
        }
        let has = |part: &str| current.split(':').any(|known| known.trim_end_matches('/') == part);
        let own = self.value.strip_prefix(SYSTEM).and_then(|rest| rest.strip_prefix(':')).unwrap_or(&self.value);
        if current.trim_end_matches('/') == own && self.widens {
            return Some(self.value.clone());
        }
        // What is already there keeps its place, and only the CA's own directory is added: who named another one for
        // the public roots knows why.
        Some(if has(own) { stands.to_owned() } else { format!("{current}:{own}") })
    }
}
