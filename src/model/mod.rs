//! The manifests as rules look at them: who signs people in at which Dex, with what, over which hosts, trusting whom.
//!
//! | file | one idea |
//! |---|---|
//! | `said`, `text` | a value and its place; reading documents inside documents once |
//! | `secret` | what brings the keys of Secrets |
//! | `pod` | containers with their variables and files |
//! | `consumer`, `rendered`, `values` | apps, told by manifests or by Helm values; found through profiles |
//! | `dex` | every Dex, its clients and connectors |
//! | `route` | hosts, and who gives them TLS |
//! | `trust` | what containers are told of CAs, and who signs the certificates of hosts |
//! | `api_server`, `policy` | API servers as relying parties; who may do what |
//! | `ask` | questions that several rules ask |
//! | `compare` | how two values that must be the same differ |
//!
//! Nothing is merged: where the input holds several environments, each object is looked at with what lies beside it.

mod api_server;
mod ask;
pub mod compare;
mod consumer;
mod dex;
mod pod;
mod policy;
mod rendered;
mod route;
mod said;
mod secret;
mod text;
mod trust;
mod values;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

pub use api_server::ApiServer;
pub use consumer::Consumer;
pub use dex::{Dex, DexClient};
pub use pod::{Container, FileAt, Mount, sources_of};
pub use policy::Policy;
pub use route::{Route, RouteKind, Tls, covers};
pub use said::{Said, SecretKey, Seen, is_template};
pub use secret::{Keys, Origin};
pub use text::{Texts, key_of};
pub use trust::CaPath;
pub use values::Values;

use crate::app::profile::Profile;
use crate::carrier::{self, Release};
use crate::krm::{Manifests, pod as krm_pod};

/// Everything that rules look at.
pub struct World<'a> {
    /// The documents.
    pub texts: Texts<'a>,
    /// What is known of apps.
    pub profiles: Vec<&'a Profile>,
    /// The Helm releases.
    pub releases: Vec<Release>,
    /// Apps that sign people in.
    pub consumers: Vec<Consumer<'a>>,
    /// Every Dex.
    pub dexes: Vec<Dex<'a>>,
    /// Hosts and how they are reached.
    pub routes: Vec<Route>,
    /// Workloads.
    pods: Vec<usize>,
    /// Files that are no objects: values, configurations.
    bare: Vec<usize>,
    by_name: HashMap<(String, String), Vec<usize>>,
    by_target: HashMap<String, Vec<usize>>,
    patched: HashSet<(String, String)>,
    /// The releases of each profile's chart, found once.
    known_releases: RefCell<HashMap<String, Vec<Values>>>,
    /// The folder of each object's file, as numbers of its parts.
    folders: Vec<Vec<String>>,
}

impl<'a> World<'a> {
    /// Reads the manifests. `files` names the file of each source, where it has a name.
    pub fn new(manifests: &'a Manifests, profiles: Vec<&'a Profile>, files: &[Option<String>]) -> Self {
        let mut world = Self {
            texts: Texts::new(manifests),
            profiles,
            releases: carrier::releases(manifests),
            consumers: Vec::new(),
            dexes: Vec::new(),
            routes: Vec::new(),
            pods: Vec::new(),
            bare: Vec::new(),
            by_name: HashMap::new(),
            by_target: HashMap::new(),
            patched: HashSet::new(),
            known_releases: RefCell::default(),
            folders: Vec::new(),
        };
        let mut once = HashMap::new();
        for (index, object) in manifests.objects.iter().enumerate() {
            let file = files.get(object.location.source).and_then(Option::as_deref);
            let mut folder: Vec<String> = file.unwrap_or_default().split('/').map(str::to_owned).collect();
            folder.pop();
            world.folders.push(folder);
            if object.id.kind.is_empty() {
                if object.value.is_object() {
                    world.bare.push(index);
                }
                continue;
            }
            let names = std::iter::once(object.id.name.clone()).chain(previous_names(object));
            for name in names {
                world.by_name.entry((object.id.kind.clone(), name)).or_default().push(index);
            }
            for name in secret::targets(object) {
                world.by_target.entry(name).or_default().push(index);
            }
            if krm_pod::template_pointer(object).is_some() {
                world.pods.push(index);
            }
            // The same object in several files: a base and what is laid over it.
            let key = (object.id.kind.clone(), object.id.name.clone());
            if file.is_some()
                && once.insert(key.clone(), object.location.source).is_some_and(|s| s != object.location.source)
            {
                world.patched.insert(key);
            }
            if object.id.kind == "Kustomization" {
                world.patched.extend(patched_by(object));
            }
        }
        // What a release uses is looked at with the release.
        let used: HashSet<usize> =
            world.releases.iter().flat_map(|release| &release.sources).map(|source| source.object).collect();
        world.bare.retain(|object| !used.contains(object));
        let profiles = world.profiles.clone();
        world.dexes = dex::find(&world, &profiles);
        world.routes = route::find(&world, &profiles);
        for profile in profiles.into_iter().filter(|profile| profile.client.is_some()) {
            let mut found = rendered::find(&world, profile);
            found.extend(values::find(&world, profile));
            world.consumers.extend(found);
        }
        world
    }

    /// What the releases of an app's chart are told.
    pub fn values_of(&self, profile: &Profile) -> Vec<Values> {
        values::releases(self, profile)
    }

    /// The workloads.
    pub fn pods(&self) -> &[usize] {
        &self.pods
    }

    /// The objects of a kind and name in a namespace.
    pub fn named(&self, kind: &str, name: &str, namespace: Option<&str>) -> Vec<usize> {
        let found = self.by_name.get(&(kind.to_owned(), name.to_owned())).into_iter().flatten().copied();
        found.filter(|index| self.texts.objects()[*index].id.shares_namespace(namespace)).collect()
    }

    /// The objects of a kind.
    pub fn of_kind(&self, kind: &str) -> Vec<usize> {
        let objects = self.texts.objects().iter().enumerate();
        objects.filter(|(_, object)| object.id.kind == kind).map(|(index, _)| index).collect()
    }

    /// Whether the input holds, or names, something that is laid over an object: what it lacks may stand there.
    pub fn is_patched(&self, object: usize) -> bool {
        let id = &self.texts.objects()[object].id;
        let is = |name: &str| self.patched.contains(&(id.kind.clone(), name.to_owned()));
        is(&id.name) || is("")
    }

    /// Whether two objects can be of one environment: neither lies in a folder that is a sister of the other's, or no
    /// nearer one could be meant.
    pub fn is_beside(&self, one: usize, other: usize) -> bool {
        let kind = &self.texts.objects()[one].id;
        let same = self.by_name.get(&(kind.kind.clone(), kind.name.clone())).map_or(1, Vec::len);
        same <= 1 || self.nearest(self.by_name[&(kind.kind.clone(), kind.name.clone())].clone(), other).contains(&one)
    }

    /// Those of several objects whose files lie nearest to another one's.
    pub fn nearest(&self, mut found: Vec<usize>, to: usize) -> Vec<usize> {
        let nearness = |index: usize| {
            let pairs = self.folders[index].iter().zip(&self.folders[to]);
            pairs.take_while(|(a, b)| a == b).count()
        };
        let best = found.iter().map(|index| nearness(*index)).max();
        found.retain(|index| Some(nearness(*index)) == best);
        found
    }
}

/// The names that kustomize says an object had before a prefix or suffix.
fn previous_names(object: &crate::krm::Object) -> Vec<String> {
    let names = object.annotation("internal.config.kubernetes.io/previousNames").unwrap_or_default();
    names.split(',').filter(|name| !name.is_empty() && *name != object.id.name).map(str::to_owned).collect()
}

/// What a Kustomization says that it patches, by kind and name; no name means all of the kind.
fn patched_by(object: &crate::krm::Object) -> Vec<(String, String)> {
    let lists = ["patches", "patchesJson6902", "patchesStrategicMerge"];
    let entries = lists.iter().filter_map(|list| object.value.get(*list)?.as_array()).flatten();
    let mut found = Vec::new();
    for entry in entries {
        let text =
            |pointer: &str| entry.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (kind, name) = (text("/target/kind"), text("/target/name"));
        if !kind.is_empty() {
            // A name may be a pattern.
            let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
            found.push((kind, if is_plain { name } else { String::new() }));
        }
        let patch = entry.as_str().map(str::to_owned).unwrap_or_else(|| text("/patch"));
        let field = |name: &str| {
            let line = patch.lines().find_map(|line| line.trim_start().strip_prefix(name).map(str::trim));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        let (kind, name) = (field("kind:"), field("name:"));
        if !kind.is_empty() && !name.is_empty() {
            found.push((kind, name));
        }
    }
    found
}
