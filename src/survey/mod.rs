//! Looks at manifests and says what a first document would be: what was found and where, and what was not.

mod clients;
mod hosts;
mod placeholders;
mod trust;

use std::collections::BTreeMap;

use placeholders::Placeholders;

use crate::app::profile::Profile;
use crate::krm::{Manifests, Place};
use crate::model::{Dex, World};

/// What a first document says, and where each part of it was seen.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Dex's issuer.
    pub issuer: Option<Fact>,
    /// Issuers of other Dexes in the input.
    pub other_issuers: Vec<Fact>,
    /// Where the CA is.
    pub trust: Option<Ca>,
    /// Who issues certificates for hosts.
    pub cluster_issuer: Option<Fact>,
    /// Apps, and clients that are registered for no app that is known here.
    pub clients: Vec<Client>,
    /// What is here and could not be put into words.
    pub open: Vec<String>,
}

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The value.
    pub value: String,
    /// The file and field, as people find it.
    pub at: String,
}

/// What holds the CA certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ca {
    /// `configMap` or `secret`.
    pub kind: &'static str,
    /// The object's name.
    pub name: String,
    /// The key, where it is not the default.
    pub key: Option<String>,
    /// Where it is mounted, where that is not the default.
    pub mount_path: Option<String>,
    /// The volume, where it is not named by default.
    pub volume_name: Option<String>,
    /// Labels by which namespaces get it.
    pub namespace_labels: BTreeMap<String, String>,
    /// Where that stands.
    pub at: String,
}

/// One client.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The app's profile.
    pub app: Option<String>,
    /// The app's name, for comments.
    pub title: String,
    /// Where the app was seen.
    pub at: String,
    /// The client id.
    pub id: String,
    /// The same, where it is not the profile's.
    pub client_id: Option<String>,
    /// Dex's name for it, where it is not the id.
    pub name: Option<String>,
    /// The app's namespace, where several have it.
    pub namespace: Option<String>,
    /// The release, where several have it.
    pub release: Option<String>,
    /// Where else the app is.
    pub several: Vec<String>,
    /// The app that has the same client id, and stands before it.
    pub shared_with: Option<String>,
    /// The name of its login source, where that is not the profile's.
    pub login_source: Option<String>,
    /// A Secret that its secret could be put into: name and key.
    pub proposed: (String, String),
    /// The address, and where it stands.
    pub url: Option<Fact>,
    /// Redirect URIs beside the derived ones.
    pub redirect_uris: Vec<String>,
    /// Scopes, where they are not the default ones.
    pub scopes: Vec<String>,
    /// How it proves itself.
    pub secret: Secret,
    /// Who may ask for tokens for it.
    pub trusted_peers: Vec<String>,
    /// Whether it signs people in already.
    pub is_wired: bool,
}

/// How a client proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Secret {
    /// Nothing is known; the reference is a proposal.
    #[default]
    Proposed,
    /// By PKCE.
    Public,
    /// By a Secret in the app's namespace, and in Dex's where that is another one; Dex's variable where it is not the default.
    Reference {
        /// Name and key.
        app: (String, String),
        /// Name and key.
        dex: Option<(String, String)>,
        /// The variable.
        env: Option<String>,
    },
    /// It stands in clear text there; it is not told.
    Clear(String),
    /// Something fills it in when it is deployed.
    FilledIn {
        /// The placeholder.
        text: String,
        /// Where it stands.
        at: String,
    },
    /// A variable of Dex that something else sets.
    Variable(String),
}

/// Looks at all of the manifests.
pub fn survey(manifests: &Manifests, profiles: Vec<&Profile>, files: &[Option<String>]) -> Survey {
    let Some((held, placeholders)) = Placeholders::held(manifests) else {
        return survey_of(manifests, profiles, files);
    };
    let mut survey = survey_of(&held, profiles, files);
    placeholders.restore(&mut survey);
    survey
}

fn survey_of(manifests: &Manifests, profiles: Vec<&Profile>, files: &[Option<String>]) -> Survey {
    let world = World::new(manifests, profiles, files);
    let survey = Surveyor { manifests, world: &world, files };
    survey.run()
}

struct Surveyor<'a> {
    manifests: &'a Manifests,
    world: &'a World<'a>,
    files: &'a [Option<String>],
}

impl Surveyor<'_> {
    fn run(&self) -> Survey {
        let dex = self.dex();
        let issuer_of = |dex: &Dex<'_>| {
            let said = dex.issuer.as_ref()?;
            Some(Fact { value: said.literal()?, at: self.place(&said.place) })
        };
        let issuer = dex.and_then(issuer_of).or_else(|| self.issuer_of_consumers());
        let mut other_issuers: Vec<Fact> = self.world.dexes.iter().filter_map(issuer_of).collect();
        other_issuers.retain(|fact| issuer.as_ref().is_none_or(|issuer| issuer.value != fact.value));
        other_issuers.dedup_by(|a, b| a.value == b.value);
        let mut open = Vec::new();
        if issuer.is_none() {
            open.push("No Dex with an issuer that is written out was found; put the issuer in by hand.".to_owned());
        }
        let clients = self.clients(dex, issuer.as_ref().map(|fact| fact.value.as_str()), &mut open);
        Survey { issuer, other_issuers, trust: self.trust(), cluster_issuer: self.cluster_issuer(), clients, open }
    }

    /// The Dex that most apps ask; else the first that runs: a file of a test, or of an example, has an issuer that
    /// nobody else reaches.
    fn dex(&self) -> Option<&Dex<'_>> {
        let asks = |dex: &Dex<'_>| {
            let issuer = dex.issuer_text();
            let consumers = self.world.consumers.iter().filter_map(|consumer| consumer.issuer());
            consumers.filter(|(asked, _)| Some(asked) == issuer.as_ref()).count()
        };
        let is_reached =
            |issuer: &String| !["//127.0.0.1", "//localhost", "//[::1]"].iter().any(|at| issuer.contains(at));
        let known = self.world.dexes.iter().filter(|dex| dex.issuer_text().is_some_and(|issuer| is_reached(&issuer)));
        let is_file =
            |dex: &Dex<'_>| self.manifests.objects[dex.place.object].id.kind.is_empty() && dex.containers.is_empty();
        // The first of those with the most.
        known.rev().max_by_key(|dex| (asks(dex), !is_file(dex)))
    }

    fn issuer_of_consumers(&self) -> Option<Fact> {
        let (value, said) = self.world.consumers.iter().find_map(|consumer| consumer.issuer())?;
        Some(Fact { value, at: self.place(&said.place) })
    }

    /// `apps/dex/values.yaml, config.issuer`.
    fn place(&self, place: &Place) -> String {
        let object = &self.manifests.objects[place.object];
        let file = self.files.get(object.location.source).and_then(Option::as_deref);
        let field = place.field("");
        let what = match (file, object.id.kind.is_empty()) {
            (Some(file), _) => file.to_owned(),
            (None, _) => object.id.to_string(),
        };
        if field.is_empty() { what } else { format!("{what}, {field}") }
    }
}
