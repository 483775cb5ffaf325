//! Wired manifests as a cluster would hold them: what the pods of the test are started from.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize as _;
use serde_json::Value;

/// All objects.
pub struct Manifests(pub Vec<Value>);

impl Manifests {
    pub fn parse(text: &str) -> Self {
        let documents = serde_yaml::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap());
        Self(documents.filter(Value::is_object).collect())
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |object| object["kind"] == kind)
    }

    /// An object by its name; one without a namespace is of every namespace.
    pub fn find<'a>(&'a self, kind: &'a str, namespace: &str, name: &str) -> Option<&'a Value> {
        self.of_kind(kind).find(move |object| {
            let own = &object["metadata"]["namespace"];
            object["metadata"]["name"] == name && (own == namespace || own.is_null())
        })
    }

    /// A ConfigMap's or Secret's texts.
    pub fn data(&self, kind: &str, namespace: &str, name: &str) -> Option<BTreeMap<String, Vec<u8>>> {
        let object = self.find(kind, namespace, name)?;
        let texts = |field: &str| object[field].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().as_bytes().to_vec();
        let decode = |value: &Value| base64::engine::general_purpose::STANDARD.decode(text(value)).unwrap();
        let plain = texts("stringData").map(|(key, value)| (key.clone(), text(value)));
        if kind == "Secret" {
            return Some(texts("data").map(|(key, value)| (key.clone(), decode(value))).chain(plain).collect());
        }
        Some(texts("data").map(|(key, value)| (key.clone(), text(value))).collect())
    }

    /// The port on this machine behind a Service's port, which is the port of its pod: all pods share one network.
    pub fn port(&self, namespace: &str, service: &str, port: &Value) -> u16 {
        let service =
            self.find("Service", namespace, service).unwrap_or_else(|| panic!("there must be a Service {service}"));
        let ports = service["spec"]["ports"].as_array().unwrap();
        let known = ports.iter().find(|known| known["port"] == port["number"] || known["name"] == port["name"]);
        let target = &known.unwrap_or_else(|| panic!("{service} must have the port {port}"))["targetPort"];
        if let Some(number) = target.as_u64() {
            return u16::try_from(number).unwrap();
        }
        let selector = service["spec"]["selector"].as_object().unwrap();
        let pods = self.0.iter().map(|object| &object["spec"]["template"]);
        let pod = pods
            .filter(|pod| pod.is_object())
            .find(|pod| selector.iter().all(|(label, value)| pod["metadata"]["labels"][label] == *value));
        let containers = pod.unwrap()["spec"]["containers"].as_array().unwrap();
        let mut ports = containers.iter().flat_map(|container| container["ports"].as_array().into_iter().flatten());
        let number = ports.find(|known| known["name"] == *target).and_then(|port| port["containerPort"].as_u64());
        u16::try_from(number.unwrap()).unwrap()
    }

    /// The ports of a workload's containers that Services lead to by number.
    pub fn ports(&self, workload: &Value) -> Vec<u16> {
        let labels = &workload["spec"]["template"]["metadata"]["labels"];
        let services = self.of_kind("Service").filter(|service| {
            let selector = service["spec"]["selector"].as_object();
            service["metadata"]["namespace"] == workload["metadata"]["namespace"]
                && selector.is_some_and(|selector| selector.iter().all(|(label, value)| labels[label] == *value))
        });
        let ports = services.flat_map(|service| service["spec"]["ports"].as_array().into_iter().flatten());
        ports.filter_map(|port| u16::try_from(port["targetPort"].as_u64()?).ok()).collect()
    }

    /// Every name under which a Service or an Ingress is reached.
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts = vec!["kubernetes.default.svc".to_owned()];
        for service in self.of_kind("Service") {
            let meta = &service["metadata"];
            let (name, namespace) = (meta["name"].as_str().unwrap(), meta["namespace"].as_str().unwrap_or("default"));
            hosts.push(name.to_owned());
            hosts.extend(["", ".svc", ".svc.cluster.local"].map(|end| format!("{name}.{namespace}{end}")));
        }
        for ingress in self.of_kind("Ingress") {
            let rules = ingress["spec"]["rules"].as_array().into_iter().flatten();
            hosts.extend(rules.filter_map(|rule| rule["host"].as_str().map(str::to_owned)));
        }
        hosts
    }
}
