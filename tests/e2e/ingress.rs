//! The ingress of the run: ends TLS on port 443 for the hosts of the wired Ingress objects, with the certificates that
//! cert-manager would put into the Secrets they name, and says `X-Forwarded-Proto: https` to the Service behind.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::authority::Authority;
use super::manifests::Manifests;

/// The running ingress; it ends with the test.
pub struct Ingress {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What is behind each host, and its certificate.
#[derive(Debug, Default)]
struct Routes {
    certificates: BTreeMap<String, Arc<CertifiedKey>>,
    ports: BTreeMap<String, u16>,
}

impl ResolvesServerCert for Routes {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certificates.get(hello.server_name()?).cloned()
    }
}

impl Ingress {
    /// `issuer` is the name by which the Ingress objects must ask for the CA's certificates.
    pub fn start(manifests: &Manifests, authority: &Authority, issuer: &str) -> Self {
        let routes = Arc::new(routes(manifests, authority, issuer));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(routes.clone());
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:443").unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let watched = is_over.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if watched.load(Ordering::SeqCst) {
                    return;
                }
                let (config, routes) = (config.clone(), routes.clone());
                std::thread::spawn(move || {
                    // A client that goes away is its own business.
                    let _ = serve(stream, config, &routes);
                });
            }
        });
        Self { is_over, thread: Some(thread) }
    }
}

impl Drop for Ingress {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect("127.0.0.1:443");
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn routes(manifests: &Manifests, authority: &Authority, issuer: &str) -> Routes {
    let mut routes = Routes::default();
    for ingress in manifests.of_kind("Ingress") {
        let namespace = ingress["metadata"]["namespace"].as_str().unwrap_or("default");
        for rule in ingress["spec"]["rules"].as_array().into_iter().flatten() {
            let service = &rule["http"]["paths"][0]["backend"]["service"];
            let port = manifests.port(namespace, service["name"].as_str().unwrap(), &service["port"]);
            routes.ports.insert(rule["host"].as_str().unwrap().to_owned(), port);
        }
        // What cert-manager does for an Ingress that names its issuer.
        if ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] != issuer {
            continue;
        }
        for entry in ingress["spec"]["tls"].as_array().into_iter().flatten().filter(|tls| tls["secretName"].is_string())
        {
            let hosts = entry["hosts"].as_array().into_iter().flatten();
            let hosts: Vec<&str> = hosts.filter_map(serde_json::Value::as_str).collect();
            let signed = authority.server(&hosts);
            let certificate = CertificateDer::from_pem_slice(signed.certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(signed.key.as_bytes()).unwrap();
            let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
            let key = Arc::new(CertifiedKey::new(vec![certificate], key));
            routes.certificates.extend(hosts.iter().map(|&host| (host.to_owned(), key.clone())));
        }
    }
    routes
}

/// One request a connection.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, routes: &Routes) -> std::io::Result<()> {
    let mut client = BufReader::new(StreamOwned::new(ServerConnection::new(config).unwrap(), stream));
    let (mut head, mut host, mut length, mut is_chunked) = (String::new(), String::new(), 0, false);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').map_or(("", ""), |(name, value)| (name, value.trim()));
        match name.to_ascii_lowercase().as_str() {
            "host" => value.clone_into(&mut host),
            "content-length" => length = value.parse().unwrap_or_default(),
            "transfer-encoding" => is_chunked = value == "chunked",
            "connection" => continue,
            _ => {}
        }
        head.push_str(&line);
    }
    let host = host.split(':').next().unwrap_or_default();
    let Some(port) = routes.ports.get(host) else {
        return client.get_mut().write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    while is_chunked {
        let mut line = String::new();
        client.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).unwrap_or_default();
        let mut chunk = vec![0; size + 2];
        client.read_exact(&mut chunk)?;
        body.extend([line.as_bytes(), &chunk].concat());
        is_chunked = size > 0;
    }
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", *port)) else {
        return client.get_mut().write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    };
    let added = format!("X-Forwarded-Proto: https\r\nX-Forwarded-Host: {host}\r\nConnection: close\r\n\r\n");
    server.write_all(&[head.as_bytes(), added.as_bytes(), &body].concat())?;
    let mut part = [0; 16 * 1024];
    loop {
        let count = server.read(&mut part)?;
        if count == 0 {
            break;
        }
        client.get_mut().write_all(&part[..count])?;
        client.get_mut().flush()?;
    }
    client.get_mut().conn.send_close_notify();
    client.get_mut().flush()
}
