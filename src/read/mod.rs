//! Text to objects. Sources keep their text; an object knows which bytes of which source it is.

mod cloud_config;
mod env_file;
mod layout;
mod pods;
mod tree;

pub use env_file::EnvFile;
pub use layout::{Document, Form, Part, Source, Within};

use serde_json::Value;

use crate::carrier::is_carrier;
use crate::krm::{Finding, Location, Object, ObjectRef, codes, pod};
use crate::parallel;
use crate::yaml::{Entry, Facts, Outline, SyntaxError, Wanted, documents, outline, value as yaml_value};

/// Kinds that an intent or rule concerns, besides workloads and carriers: API group and kind.
const CONCERNED: &[(&str, &str)] = &[
    ("", "ConfigMap"),
    ("", "Namespace"),
    ("", "Secret"),
    ("", "Service"),
    ("external-secrets.io", "ExternalSecret"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("kustomize.config.k8s.io", "Component"),
    ("networking.k8s.io", "Ingress"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("source.toolkit.fluxcd.io", "HelmChart"),
    ("source.toolkit.fluxcd.io", "HelmRepository"),
    ("source.toolkit.fluxcd.io", "OCIRepository"),
    ("traefik.io", "IngressRoute"),
];

/// Kinds that only rules concern.
const CHECKED: &[(&str, &str)] = &[
    ("", "ServiceAccount"),
    ("apiserver.config.k8s.io", "AuthenticationConfiguration"),
    ("bitnami.com", "SealedSecret"),
    ("cert-manager.io", "Certificate"),
    ("cert-manager.io", "ClusterIssuer"),
    ("cert-manager.io", "Issuer"),
    ("external-secrets.io", "ClusterExternalSecret"),
    ("gateway.networking.k8s.io", "GRPCRoute"),
    ("gateway.networking.k8s.io", "TLSRoute"),
    ("isindir.github.com", "SopsSecret"),
    ("kubeadm.k8s.io", "ClusterConfiguration"),
    ("networking.istio.io", "Gateway"),
    ("networking.istio.io", "VirtualService"),
    ("projectcontour.io", "HTTPProxy"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("route.openshift.io", "Route"),
    ("secrets.hashicorp.com", "VaultDynamicSecret"),
    ("secrets.hashicorp.com", "VaultStaticSecret"),
    ("traefik.containo.us", "IngressRoute"),
    ("trust.cert-manager.io", "Bundle"),
];

/// Words without which a file that is no object says nothing of a login.
const WORDS: &[&str] = &[
    "issuer",
    "Issuer",
    "oidc",
    "OIDC",
    "oauth",
    "OAUTH",
    "sso",
    "clientID",
    "client_id",
    "api_server",
    "kube-apiserver",
];

/// Those of them that are not in a namespace.
const NOT_IN_A_NAMESPACE: &[&str] = &["Namespace", "ClusterRoleBinding"];

const IDENTITY: Wanted<'static> =
    Wanted { scalars: &[&["apiVersion"], &["kind"], &["metadata", "name"], &["metadata", "namespace"]], maps: &[] };

/// Everything a run reads.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// In the order they were given.
    pub sources: Vec<Source>,
    /// All objects, in the order of the sources.
    pub objects: Vec<Object>,
    /// Documents that cannot be read and pass as they are.
    pub findings: Vec<Finding>,
    /// Files that the user names as the values of an app: app and path.
    pub claims: Vec<(String, String)>,
    /// Whether rules alone look at it: then more is read, also what is no object.
    pub is_for_check: bool,
    /// Seconds since 1970, where the caller says what time it is.
    pub now: Option<u64>,
}

/// What cannot be read, and where.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{message}", .line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct Unreadable {
    /// From 1, where it is known.
    pub line: Option<usize>,
    /// What must hold.
    pub message: String,
}

impl Unreadable {
    fn nothing() -> Self {
        let message = "must hold Kubernetes objects: mappings with `apiVersion` and `kind`; found none";
        Self { line: None, message: message.to_owned() }
    }
}

impl Input {
    /// An input that is only looked at: files of values and configurations that are no objects are read too.
    pub fn for_check() -> Self {
        Self { is_for_check: true, ..Self::default() }
    }

    /// Reads a stream of documents, with or without a name. A document that cannot be read passes with a warning.
    ///
    /// # Errors
    /// Nothing in it can be read.
    pub fn add_stream(&mut self, name: Option<String>, text: String) -> Result<(), Unreadable> {
        self.add(name, text).map_or(Ok(()), Err)
    }

    /// Reads a file that was found in a folder: one that holds no object, or is no YAML, passes too.
    ///
    /// Of such a file one document at most is reported, and none of a template, which is no YAML until it is rendered.
    pub fn add_found(&mut self, name: String, text: String) {
        // Helm and Go, Jinja and Ansible, ERB, Terraform; and placeholders that stand on a line of their own.
        let is_placeholder = |line: &str| line.trim().starts_with('<') && line.trim_end().ends_with('>');
        let is_template =
            ["{{", "{%", "<%", "%{"].iter().any(|sign| text.contains(sign)) || text.lines().any(is_placeholder);
        let before = self.findings.len();
        self.add(Some(name), text);
        let kept = if is_template { 0 } else { 1 };
        let broken = |finding: &Finding| finding.code == &codes::DOCUMENT_IS_READABLE && finding.object.is_none();
        let mut seen = 0;
        let mut index = 0;
        self.findings.retain(|finding| {
            index += 1;
            seen += usize::from(index > before && broken(finding));
            index <= before || !broken(finding) || seen <= kept
        });
    }

    /// Lets go of a file's text, once its objects are read; only lines are told from it, and it can be read again.
    pub fn forget_text(&mut self, name: &str) {
        if let Some(source) = self.sources.last_mut().filter(|source| source.name.as_deref() == Some(name)) {
            source.text = String::new();
        }
    }

    /// Says where manifests go that name no namespace; what has none in a cluster keeps none.
    pub fn put_into(&mut self, namespace: &str) {
        for object in &mut self.objects {
            if object.id.namespace.is_none() && !NOT_IN_A_NAMESPACE.contains(&object.id.kind.as_str()) {
                object.id.namespace = Some(namespace.to_owned());
            }
        }
    }

    /// Whether anything was read at all.
    ///
    /// # Errors
    /// There were documents, and none of them can be read.
    pub fn check(&self) -> Result<(), Unreadable> {
        let documents = || self.sources.iter().flat_map(|source| &source.documents);
        let is_readable = documents().any(|document| !matches!(document.form, Form::Opaque));
        if is_readable || documents().next().is_none() { Ok(()) } else { Err(Unreadable::nothing()) }
    }

    /// The reason, where nothing in the text can be read.
    fn add(&mut self, name: Option<String>, text: String) -> Option<Unreadable> {
        let mut source = Source { name, text, ..Source::default() };
        let mut broken: Vec<Unreadable> = Vec::new();
        for piece in documents(&source.text) {
            let text = source.text.get(piece.range.clone()).unwrap_or_default();
            if is_blank(text) {
                continue;
            }
            let location = Location { source: self.sources.len(), document: source.documents.len(), entry: None };
            let form = self.read_document(text, &location, piece.first_line).unwrap_or_else(|error| {
                broken.push(error);
                Form::Opaque
            });
            source.documents.push(Document { range: piece.range, first_line: piece.first_line, form });
        }
        let is_readable = source.documents.iter().any(|document| !matches!(document.form, Form::Opaque));
        let reason = (!is_readable && !source.documents.is_empty())
            .then(|| broken.first().cloned().unwrap_or_else(Unreadable::nothing));
        for error in broken {
            let message = format!(
                "must be YAML that Kubernetes can read: {}; the document was passed on as it is",
                error.message
            );
            let mut finding = Finding::new(&codes::DOCUMENT_IS_READABLE, message);
            finding.file = Some(source.name.clone().unwrap_or_else(|| "standard input".to_owned()));
            finding.line = error.line;
            self.findings.push(finding);
        }
        self.sources.push(source);
        reason
    }

    fn read_document(&mut self, text: &str, location: &Location, first_line: usize) -> Result<Form, Unreadable> {
        let outline = outline(text, "items", &IDENTITY).map_err(|error| at_line(error, first_line))?;
        let Some(entries) = list_of(&outline) else {
            if !outline.root.is_mapping {
                return Ok(Form::Opaque);
            }
            let index = self.objects.len();
            let is_bare = outline.root.text(1).is_none_or(str::is_empty);
            let is_read = self.is_for_check && is_bare && WORDS.iter().any(|word| text.contains(word));
            let value = || match yaml_value(text) {
                // A file that is no object is no manifest either: nobody has to be able to read it.
                Err(_) if is_bare => Ok(Value::Null),
                read => read,
            };
            let concerns = |id: &ObjectRef| is_read || concerns(id, self.is_for_check);
            let object = object_of(&outline.root, location.clone(), concerns, value)
                .map_err(|error| at_line(error, first_line))?;
            self.objects.push(object);
            return Ok(Form::Object(index));
        };
        let parts = self.read_entries(text, entries, location).map_err(|error| at_line(error, first_line))?;
        Ok(Form::List { parts, outline: Box::new(outline) })
    }

    fn read_entries(&mut self, text: &str, entries: &[Entry], location: &Location) -> Result<Vec<Part>, SyntaxError> {
        // An alias to another entry: only the whole list tells what it is.
        let is_shared = entries.iter().any(|entry| entry.borrows);
        let whole: Option<Value> = if is_shared { Some(yaml_value(text)?) } else { None };
        let is_for_check = self.is_for_check;
        let objects = parallel::map(entries, text.len(), |index, entry| {
            let place = Location { entry: Some(index), ..location.clone() };
            let concerns = |id: &ObjectRef| concerns(id, is_for_check);
            object_of(&entry.facts, place, concerns, || match &whole {
                Some(whole) if entry.borrows => {
                    Ok(whole.pointer(&format!("/items/{index}")).cloned().unwrap_or_default())
                }
                _ => yaml_value(&entry.document(text)).map_err(|error| error.below(entry.first_line - 1)),
            })
        });
        let objects: Vec<Object> = objects.into_iter().collect::<Result<_, _>>()?;
        let mut parts = Vec::with_capacity(entries.len());
        for (entry, object) in objects.into_iter().enumerate() {
            if object.id.kind == "List" && object.id.api_version == "v1" {
                let message = "is a list in a list, and is not looked into; write its items out";
                self.findings.push(Finding::new(&codes::DOCUMENT_IS_READABLE, message).on(&object.id));
            }
            parts.push(Part { object: self.objects.len(), entry });
            self.objects.push(object);
        }
        Ok(parts)
    }

    /// Reads a `ResourceList`: the outline of its only document, and all its items.
    ///
    /// # Errors
    /// It is none, or an item of it cannot be read: what a host passes on must be right as a whole.
    pub fn resource_list(text: String) -> Result<Self, Unreadable> {
        let mut input = Self::default();
        let pieces: Vec<_> = documents(&text)
            .into_iter()
            .filter(|piece| !is_blank(text.get(piece.range.clone()).unwrap_or_default()))
            .collect();
        let [piece] = pieces.as_slice() else {
            return Err(Unreadable {
                line: None,
                message: format!("must be one ResourceList, not {} documents", pieces.len()),
            });
        };
        let body = text.get(piece.range.clone()).unwrap_or_default();
        let outline = outline(body, "items", &IDENTITY).map_err(|error| at_line(error, piece.first_line))?;
        let fail = |message: &str| Err(Unreadable { line: Some(piece.first_line), message: message.to_owned() });
        if outline.root.text(1) != Some("ResourceList") {
            return fail("must be of kind ResourceList");
        }
        let keys: Vec<&str> = outline.fields.iter().map(|field| field.key.as_str()).collect();
        if let Some(twice) = keys.iter().enumerate().find_map(|(i, key)| keys[..i].contains(key).then_some(*key)) {
            return fail(&format!("key `{twice}` must stand once"));
        }
        let has_items = outline.fields.iter().find(|field| field.key == "items");
        let is_null = |field: &crate::yaml::Field| {
            let text = body.get(field.range.clone()).unwrap_or_default();
            yaml_value(text).is_ok_and(|value| value.is_null())
        };
        if outline.entries.is_none() && has_items.is_some_and(|field| !is_null(field)) {
            return fail("`items` must be a list");
        }
        let location = Location::default();
        let entries = outline.entries.as_deref().unwrap_or_default();
        if let Some(bad) = entries.iter().find(|entry| !entry.facts.is_mapping) {
            let line = Some(piece.first_line + bad.first_line - 1);
            return Err(Unreadable { line, message: "every entry of `items` must be an object".to_owned() });
        }
        let parts = input.read_entries(body, entries, &location).map_err(|error| at_line(error, piece.first_line))?;
        let document = Document {
            range: piece.range.clone(),
            first_line: piece.first_line,
            form: Form::List { parts, outline: Box::new(outline) },
        };
        input.sources.push(Source { text, documents: vec![document], ..Source::default() });
        Ok(input)
    }

    /// The `functionConfig` of a `ResourceList`; `null` where it has none.
    ///
    /// # Errors
    /// It is no YAML.
    pub fn function_config(&self) -> Result<Value, Unreadable> {
        let Some((source, document)) =
            self.sources.first().and_then(|source| Some((source, source.documents.first()?)))
        else {
            return Ok(Value::Null);
        };
        let Form::List { outline, .. } = &document.form else {
            return Ok(Value::Null);
        };
        let body = source.text.get(document.range.clone()).unwrap_or_default();
        let Some(field) = outline.fields.iter().find(|field| field.key == "functionConfig") else {
            return Ok(Value::Null);
        };
        let text = body.get(field.range.clone()).unwrap_or_default();
        let first_line = document.first_line + field.line - 1;
        yaml_value(text).map_err(|error| at_line(error, first_line))
    }
}

/// Whether a stream is one `ResourceList`.
pub fn is_resource_list(text: &str) -> bool {
    // Its kind may stand behind 100 MB of items, so the first document is looked at, not the first lines.
    let Some(piece) =
        documents(text).into_iter().find(|piece| !is_blank(text.get(piece.range.clone()).unwrap_or_default()))
    else {
        return false;
    };
    let body = text.get(piece.range).unwrap_or_default();
    if !body.contains("ResourceList") {
        return false;
    }
    outline(body, "items", &IDENTITY).is_ok_and(|outline| outline.root.text(1) == Some("ResourceList"))
}

/// The entries of a `List`, a `ResourceList`, or any `…List` with items.
fn list_of(outline: &Outline) -> Option<&Vec<Entry>> {
    let kind = outline.root.text(1).unwrap_or_default();
    outline.entries.as_ref().filter(|_| kind.ends_with("List"))
}

fn object_of(
    facts: &Facts,
    location: Location,
    concerns: impl Fn(&ObjectRef) -> bool,
    value: impl Fn() -> Result<Value, SyntaxError>,
) -> Result<Object, SyntaxError> {
    let text = |index: usize| facts.text(index).unwrap_or_default().to_owned();
    let id = ObjectRef {
        api_version: text(0),
        kind: text(1),
        name: text(2),
        namespace: facts.text(3).filter(|namespace| !namespace.is_empty()).map(str::to_owned),
    };
    if !facts.is_veiled && !concerns(&id) {
        return Ok(Object::new(id, location, Value::Null));
    }
    let value = value()?;
    Ok(Object::new(ObjectRef::of(&value), location, value))
}

/// Whether anything here can be about an object of this kind; others are never parsed.
fn concerns(id: &ObjectRef, is_for_check: bool) -> bool {
    let group = id.group();
    let known = |table: &[(&str, &str)]| table.iter().any(|(g, kind)| *g == group && *kind == id.kind);
    known(CONCERNED)
        || pod::built_in(id).is_some()
        || is_carrier(group, &id.kind)
        || group == "sso.kidd.network"
        || is_for_check && known(CHECKED)
}

fn is_blank(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#')
    })
}

fn at_line(error: SyntaxError, first_line: usize) -> Unreadable {
    let error = error.below(first_line - 1);
    Unreadable { line: Some(error.line), message: error.reason() }
}
