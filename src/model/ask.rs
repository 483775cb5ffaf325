//! Questions that several rules ask.

use serde_json::Value;

use super::{Consumer, Dex, Said, World};
use crate::app::profile::ValueFrom;
use crate::config::Config;
use crate::krm::{Code, Finding, Place};
use crate::patch::token;

impl<'a> World<'a> {
    /// Every Dex that an app means: the ones with exactly its issuer. Where it is only told an address below the issuer,
    /// a slash at the end of the issuer makes no difference.
    pub fn dexes_for<'w>(&'w self, consumer: &Consumer<'_>) -> Vec<&'w Dex<'a>> {
        let Some((issuer, _)) = consumer.issuer() else { return Vec::new() };
        let is_derived = consumer.said(ValueFrom::Issuer).is_none();
        let same = |theirs: String| {
            theirs == issuer || is_derived && theirs.trim_end_matches('/') == issuer.trim_end_matches('/')
        };
        let found: Vec<&Dex<'a>> = self.dexes.iter().filter(|dex| dex.issuer_text().is_some_and(same)).collect();
        // A copy for another environment lies further away.
        let near = self.nearest(found.iter().map(|dex| dex.place.object).collect(), consumer.anchor.object);
        let (mut near, far): (Vec<_>, Vec<_>) = found.into_iter().partition(|dex| near.contains(&dex.place.object));
        near.extend(far);
        near
    }

    /// Leaves what a document speaks of: its issuer, its clients and their apps, its hosts.
    pub fn keep_only(&mut self, config: &Config) {
        let is_ours = |id: &str| config.clients.iter().any(|client| client.id == id);
        self.dexes.retain(|dex| dex.issuer_text().as_deref() == Some(config.issuer.as_str()));
        for dex in &mut self.dexes {
            dex.clients.retain(|client| client.id.as_deref().is_some_and(is_ours));
            // What is left out here may well be registered.
            dex.is_partial = true;
        }
        self.consumers.retain(|consumer| {
            let issuer = consumer.issuer().map(|(issuer, _)| issuer);
            let id = consumer.client_id().map(|(id, _)| id);
            issuer.as_deref() == Some(config.issuer.as_str()) && id.is_some_and(|id| is_ours(&id))
        });
        let hosts = config.hosts();
        self.routes.retain(|route| hosts.iter().any(|host| route.takes(host)));
    }

    /// Whether the input holds an object of a kind.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.texts.objects().iter().any(|object| object.id.kind == kind)
    }

    /// Whether the input holds an object of a kind in an API group that ends so.
    pub fn has_kind_of(&self, group: &str, kind: &str) -> bool {
        self.texts.objects().iter().any(|object| object.id.kind == kind && object.id.group().ends_with(group))
    }

    /// The Secrets that something in the input makes in a namespace.
    pub fn secrets_in(&self, namespace: &str) -> Vec<(String, Place)> {
        let mut found: Vec<(String, Place)> = Vec::new();
        for (name, objects) in &self.by_target {
            let own =
                objects.iter().find(|index| self.texts.objects()[**index].id.namespace.as_deref() == Some(namespace));
            found.extend(own.map(|index| (name.clone(), Place::object(*index))));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// The releases of a profile's chart.
    pub fn releases_of(&self, profile: &crate::app::profile::Profile) -> Vec<super::Values> {
        super::values::releases(self, profile)
    }

    /// Whether a Kustomization adds a label to what it builds.
    pub fn is_labelled_by_kustomize(&self, label: &str) -> bool {
        self.of_kind("Kustomization").into_iter().any(|index| {
            let value = &self.texts.objects()[index].value;
            let pairs = value.get("labels").and_then(Value::as_array).into_iter().flatten();
            value.pointer(&format!("/commonLabels/{}", token(label))).is_some()
                || pairs.into_iter().any(|entry| entry.pointer(&format!("/pairs/{}", token(label))).is_some())
        })
    }

    /// A field that stands beside the issuer in the document that tells an app of it.
    pub fn beside_issuer(&self, consumer: &Consumer<'_>, field: &str) -> Option<Said> {
        let said = consumer.said(ValueFrom::Issuer)?;
        let mut place = said.place.clone();
        place.at.pop_back()?;
        self.texts.said(&place, &format!("/{}", token(field)))
    }

    /// A parameter of Argo CD's components: in `argocd-cmd-params-cm`, or in the chart's values.
    pub fn argo_cd_parameter(&self, consumer: &Consumer<'_>, name: &str) -> Option<Said> {
        if let Some(values) = &consumer.values {
            return values.get(self, &format!("/configs/params/{}", token(name))).said().cloned();
        }
        let maps = self.named("ConfigMap", "argocd-cmd-params-cm", consumer.namespace.as_deref());
        let maps = self.nearest(maps, consumer.anchor.object);
        maps.into_iter().find_map(|map| self.texts.said(&Place::object(map), &format!("/data/{}", token(name))))
    }

    /// A finding at a place.
    pub fn finding(&self, code: &'static Code, message: impl Into<String>, place: &Place) -> Finding {
        Finding::new(code, message).in_place(&self.texts.objects()[place.object].id, place.clone())
    }

    /// The same, with the other end.
    pub fn against(&self, finding: Finding, place: &Place, message: impl Into<String>) -> Finding {
        finding.against(&self.texts.objects()[place.object].id, place.clone(), message)
    }
}
