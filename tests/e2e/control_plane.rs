//! The API server of the run, and what the test does there in the place of controllers: it applies manifests, and asks for the
//! tokens that a kubelet gives to pods.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use super::authority::Authority;
use super::manifests::Manifests;

/// Where it answers.
pub const URL: &str = "https://127.0.0.1:6443";

/// Kinds that the servers of the test read from the API, and where they are.
const KINDS: &[(&str, &str)] = &[
    ("Namespace", "api/v1/namespaces"),
    ("CustomResourceDefinition", "apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
    ("ClusterRole", "apis/rbac.authorization.k8s.io/v1/clusterroles"),
    ("ClusterRoleBinding", "apis/rbac.authorization.k8s.io/v1/clusterrolebindings"),
    ("ServiceAccount", "api/v1/namespaces/NAMESPACE/serviceaccounts"),
    ("ConfigMap", "api/v1/namespaces/NAMESPACE/configmaps"),
    ("Secret", "api/v1/namespaces/NAMESPACE/secrets"),
];

/// The cluster's own CA and an administrator.
pub struct ControlPlane {
    authority: String,
    agent: ureq::Agent,
}

impl ControlPlane {
    /// Makes the files of `/etc/kubernetes/pki` on the node.
    pub fn new(node: &Path) -> Self {
        let authority = Authority::new("kubernetes");
        let folder = node.join("etc/kubernetes/pki");
        std::fs::create_dir_all(&folder).unwrap();
        let server = authority.server(&["127.0.0.1", "localhost", "kubernetes.default.svc"]);
        let accounts = rcgen::KeyPair::generate().unwrap();
        for (name, text) in [
            ("ca.crt", authority.pem()),
            ("apiserver.crt", server.certificate),
            ("apiserver.key", server.key),
            ("sa.key", accounts.serialize_pem()),
            ("sa.pub", accounts.public_key_pem()),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let admin = authority.client("admin", "system:masters");
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[Certificate::from_pem(authority.pem().as_bytes()).unwrap()]))
            .client_cert(Some(ClientCert::new_with_certs(
                &[Certificate::from_pem(admin.certificate.as_bytes()).unwrap()],
                PrivateKey::from_pem(admin.key.as_bytes()).unwrap(),
            )))
            .build();
        let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false);
        Self { authority: authority.pem(), agent: config.build().into() }
    }

    /// Waits for the server to be ready.
    pub fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(120);
        while !self.agent.get(format!("{URL}/readyz")).call().is_ok_and(|answer| answer.status() == 200) {
            assert!(Instant::now() < end, "the API server must become ready");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Creates what the servers of the test read.
    pub fn apply(&self, manifests: &Manifests) {
        for (kind, path) in KINDS {
            for object in manifests.of_kind(kind) {
                let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
                let (status, body) = self.create(&path.replace("NAMESPACE", namespace), object);
                assert!(matches!(status, 201 | 409), "{kind} {}: {status} {body}", object["metadata"]["name"]);
            }
        }
    }

    /// What the kubelet puts into a pod of the account.
    pub fn account(&self, namespace: &str, account: &str) -> BTreeMap<String, String> {
        let token = self.token(namespace, account);
        [("ca.crt", self.authority.clone()), ("namespace", namespace.to_owned()), ("token", token)]
            .map(|(name, text)| (name.to_owned(), text))
            .into()
    }

    fn token(&self, namespace: &str, account: &str) -> String {
        let path = format!("api/v1/namespaces/{namespace}/serviceaccounts");
        let _ = self.create(&path, &json!({"metadata": {"name": account}}));
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let (status, body) = self.create(&format!("{path}/{account}/token"), &request);
        assert_eq!(status, 201, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        body["status"]["token"].as_str().unwrap().to_owned()
    }

    fn create(&self, path: &str, object: &Value) -> (u16, String) {
        let request = self.agent.post(format!("{URL}/{path}")).header("Content-Type", "application/json");
        let mut answer = request.send(object.to_string()).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap_or_default())
    }
}
