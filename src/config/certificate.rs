//! The certificates of a CA, as PEM text holds them, and the names under which OpenSSL looks for them.

use pem::Pem;
use sha1::{Digest as _, Sha1};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{Certificate as X509, Version};
use x509_cert::der::asn1::SetOfVec;
use x509_cert::der::oid::AssociatedOid as _;
use x509_cert::der::{Any, Decode as _, Encode as _, Tag, Tagged as _};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::name::RdnSequence;

/// One X.509 certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its bytes.
    pub der: Vec<u8>,
    /// Its subject, as people write it: `CN=lab`.
    pub subject: String,
    /// What `openssl x509 -subject_hash` prints.
    pub subject_hash: String,
    /// Whether it says that it may not sign others.
    pub is_leaf: bool,
    /// Until when it is valid, in seconds since 1970.
    pub not_after: u64,
}

/// Reads PEM text that holds certificates and nothing else.
///
/// # Errors
/// What must hold. It never shows the text: there may be a private key in it.
pub fn read(text: &str) -> Result<Vec<Certificate>, String> {
    if text.contains("PRIVATE KEY") {
        return Err(
            "must not hold a private key: take it out, and make a new one, because who reads this has it".into()
        );
    }
    let broken = || "must be PEM: `-----BEGIN CERTIFICATE-----`, base64, and `-----END CERTIFICATE-----`".to_owned();
    let blocks = pem::parse_many(text).map_err(|_| broken())?;
    if blocks.is_empty() || blocks.len() != text.matches("-----BEGIN").count() {
        return Err(broken());
    }
    blocks.iter().enumerate().map(|(index, block)| certificate(index, block)).collect()
}

fn certificate(index: usize, block: &Pem) -> Result<Certificate, String> {
    if block.tag() != "CERTIFICATE" {
        return Err(format!("must hold certificates only, and block {} in it is a {}", index + 1, block.tag()));
    }
    let unreadable = |error| format!("must hold X.509 certificates, and block {} in it is none: {error}", index + 1);
    let parsed = X509::from_der(block.contents()).map_err(unreadable)?.tbs_certificate;
    let subject = &parsed.subject;
    let subject_hash = subject_hash(subject).map_err(unreadable)?;
    let extensions = parsed.extensions.iter().flatten();
    let constraints = extensions.clone().find(|extension| extension.extn_id == BasicConstraints::OID);
    let is_leaf = match constraints {
        Some(found) => BasicConstraints::from_der(found.extn_value.as_bytes()).is_ok_and(|found| !found.ca),
        None => parsed.version == Version::V3 && *subject != parsed.issuer,
    };
    let not_after = parsed.validity.not_after.to_unix_duration().as_secs();
    Ok(Certificate { der: block.contents().to_vec(), subject: subject.to_string(), subject_hash, is_leaf, not_after })
}

/// The first four bytes of SHA-1 over the canonical subject, as a little-endian number (`X509_NAME_hash` since OpenSSL 1.0).
fn subject_hash(subject: &RdnSequence) -> Result<String, x509_cert::der::Error> {
    let mut canonical = Vec::new();
    for rdn in &subject.0 {
        let mut set = SetOfVec::new();
        for attribute in rdn.0.iter() {
            set.insert(AttributeTypeAndValue { oid: attribute.oid, value: canonical_value(&attribute.value)? })?;
        }
        // Without the SEQUENCE around all of them.
        canonical.extend(set.to_der()?);
    }
    let digest = Sha1::digest(&canonical);
    Ok(digest.iter().take(4).rev().map(|byte| format!("{byte:02x}")).collect())
}

/// Text as UTF-8, in lower case, without outer spaces and with single ones between words. Anything else stays.
fn canonical_value(value: &Any) -> Result<Any, x509_cert::der::Error> {
    let bytes = value.value();
    let text = match value.tag() {
        Tag::Utf8String => String::from_utf8(bytes.to_vec()).ok(),
        // Two bytes are one character; there are no pairs for further ones.
        Tag::BmpString => {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let text = pairs.iter().map(|pair| char::from_u32(u16::from_be_bytes(*pair).into())).collect();
            if rest.is_empty() { text } else { None }
        }
        // OpenSSL takes these for Latin 1, whatever they say they are.
        Tag::PrintableString | Tag::TeletexString | Tag::Ia5String => {
            Some(bytes.iter().copied().map(char::from).collect())
        }
        _ => return Ok(value.clone()),
    };
    let text = text.ok_or_else(|| value.tag().value_error())?;
    // Spaces and case of ASCII only.
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    Any::new(Tag::Utf8String, words.join(" ").to_ascii_lowercase().into_bytes())
}
