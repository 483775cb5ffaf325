//! A person's browser: keeps cookies, follows every redirect, fills in forms, and trusts the private CA.

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;

/// A browser with cookies of its own.
pub struct Browser {
    agent: ureq::Agent,
}

/// What is shown at the end of the redirects.
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub body: String,
}

impl Browser {
    pub fn new(authority: &str) -> Self {
        let certificate = Certificate::from_pem(authority.as_bytes()).unwrap();
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[certificate])).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)));
        Self { agent: config.build().into() }
    }

    pub fn open(&self, url: &str) -> Page {
        let url = Url::parse(url).unwrap();
        let response = self.agent.get(url.as_str()).call();
        self.follow(url, response)
    }

    /// Sends the first form of a page.
    pub fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let action = attribute(&page.body, "<form", "action").unwrap_or_default();
        let url = page.url.join(&action).unwrap();
        let response = self.agent.post(url.as_str()).send_form(fields.iter().copied());
        self.follow(url, response)
    }

    /// Goes where the first link leads whose address holds these words.
    pub fn click(&self, page: &Page, words: &str) -> Page {
        let links = page.body.split("<a ").skip(1).filter_map(|link| attribute(link, "", "href"));
        let link = links.into_iter().find(|link| link.contains(words));
        let link = link.unwrap_or_else(|| panic!("{} must have a link with {words}: {}", page.url, page.body));
        self.open(page.url.join(&link).unwrap().as_str())
    }

    /// Sends JSON, as an app's own pages do.
    pub fn send(&self, url: &str, body: &serde_json::Value) -> Page {
        let address = Url::parse(url).unwrap();
        let origin = address.origin().ascii_serialization();
        let request = self.agent.post(url).header("Origin", origin).header("Content-Type", "application/json");
        self.follow(address, request.send(body.to_string()))
    }

    fn follow(&self, mut url: Url, mut response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Page {
        for _ in 0..20 {
            let mut answer = match response {
                Ok(answer) => answer,
                // What a browser shows in place of a page.
                Err(error) => return Page { url, status: 0, body: error.to_string() },
            };
            let status = answer.status().as_u16();
            let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
            let Some(location) = location.filter(|_| (300..400).contains(&status)) else {
                let body = answer.body_mut().read_to_string().unwrap_or_default();
                return Page { url, status, body };
            };
            url = url.join(location).unwrap();
            response = self.agent.get(url.as_str()).call();
        }
        panic!("more than 20 redirects, the last to {url}");
    }
}

impl Page {
    /// The words that a person reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.body.as_str();
        // What is in <head> is not shown.
        if let Some((_, body)) = rest.split_once("</head>") {
            rest = body;
        }
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            text.push(' ');
            rest = after.split_once('>').map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The value of an attribute of the first tag.
fn attribute(text: &str, tag: &str, name: &str) -> Option<String> {
    let tag = text[text.find(tag)?..].split('>').next()?;
    let value = tag.split_once(&format!("{name}=\""))?.1.split('"').next()?;
    Some(unescape(value))
}

fn unescape(text: &str) -> String {
    let entities = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#43;", "+"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
