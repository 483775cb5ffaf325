//! Where the CA is: as apps mount it, else as trust-manager spreads it; and who issues certificates.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Ca, Fact, Surveyor};
use crate::krm::Place;
use crate::model::{Container, sources_of};

const MOUNT_PATH: &str = "/etc/ssl/local-ca";
const VOLUME_NAME: &str = "local-ca";
const KEY: &str = "ca.crt";
const CLUSTER_ISSUER: &str = "cert-manager.io/cluster-issuer";

impl Surveyor<'_> {
    pub(super) fn trust(&self) -> Option<Ca> {
        let bundle = self.bundle();
        let containers = self.world.consumers.iter().filter_map(|consumer| consumer.container.as_ref());
        let Some(mut mounted) = containers.into_iter().find_map(|container| self.mounted(container)) else {
            return bundle;
        };
        if let Some(bundle) = bundle.filter(|bundle| bundle.name == mounted.name) {
            mounted.namespace_labels = bundle.namespace_labels;
        }
        Some(mounted)
    }

    /// The volume that `SSL_CERT_DIR` leads to.
    fn mounted(&self, container: &Container) -> Option<Ca> {
        let path = self.world.variable(container, "SSL_CERT_DIR").literal()?;
        let mounts = self.world.mounts(container);
        let mount =
            path.split(':').find_map(|part| mounts.iter().find(|mount| mount.path.trim_end_matches('/') == part))?;
        let (volume, place) = self.world.volume(container, &mount.volume)?;
        let sources = sources_of(&volume);
        let [(kind, name, source)] = sources.as_slice() else { return None };
        let kind = match *kind {
            "ConfigMap" => "configMap",
            "Secret" => "secret",
            _ => return None,
        };
        let item = source.pointer("/items/0/key").and_then(Value::as_str);
        Some(Ca {
            kind,
            name: name.clone(),
            key: item.filter(|key| *key != KEY).map(str::to_owned),
            mount_path: Some(mount.path.clone()).filter(|path| path != MOUNT_PATH),
            volume_name: Some(mount.volume.clone()).filter(|name| name != VOLUME_NAME),
            namespace_labels: BTreeMap::new(),
            at: self.place(&place),
        })
    }

    /// trust-manager's Bundle: the ConfigMap that it makes has its name.
    fn bundle(&self) -> Option<Ca> {
        let objects = self.world.texts.objects();
        let index = self
            .world
            .of_kind("Bundle")
            .into_iter()
            .find(|index| objects[*index].id.group() == "trust.cert-manager.io")?;
        let object = &objects[index];
        let target = |kind: &str| object.text(&format!("/spec/target/{kind}/key")).map(str::to_owned);
        let (kind, key) = target("configMap")
            .map(|key| ("configMap", key))
            .or_else(|| target("secret").map(|key| ("secret", key)))?;
        let labels = object.value.pointer("/spec/target/namespaceSelector/matchLabels").and_then(Value::as_object);
        let labels = labels.into_iter().flatten();
        Some(Ca {
            kind,
            name: object.id.name.clone(),
            key: Some(key).filter(|key| key != KEY),
            mount_path: None,
            volume_name: None,
            namespace_labels: labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
            at: self.place(&Place::object(index)),
        })
    }

    /// The issuer that an Ingress here asks, else the only one there is.
    pub(super) fn cluster_issuer(&self) -> Option<Fact> {
        let asked = self.world.routes.iter().find_map(|route| {
            let name = route.annotations.get(CLUSTER_ISSUER)?.as_str()?;
            Some(Fact { value: name.to_owned(), at: self.place(&route.place) })
        });
        let issuers = self.world.of_kind("ClusterIssuer");
        asked.or_else(|| match issuers.as_slice() {
            [index] => {
                let name = self.world.texts.objects()[*index].id.name.clone();
                Some(Fact { value: name, at: self.place(&Place::object(*index)) })
            }
            _ => None,
        })
    }
}
