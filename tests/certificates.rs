//! OpenSSL finds a CA in a directory by a file that is named after the hash of its subject. That the name is right is for
//! OpenSSL itself to say: over certificates whose subjects are as odd as they can be.
//!
//! Without `openssl` the test is skipped, and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where something does not hold")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use private_sso::config::certificate;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{ObjectIdentifier, SetOfVec};
use x509_cert::der::{Any, Decode as _, Encode as _, Tag};
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};

/// A CA that OpenSSL made; the test gives it other subjects.
const CA: &str = include_str!("certificates/ca.pem");

/// One attribute: `CN`, its type, its bytes.
type Attribute<'a> = (&'a str, Tag, &'a [u8]);

fn utf8<'a>(name: &'a str, text: &'a str) -> Attribute<'a> {
    (name, Tag::Utf8String, text.as_bytes())
}

/// Name of the case, and the subject: a list of sets of attributes.
fn subjects() -> Vec<(&'static str, Vec<Vec<Attribute<'static>>>)> {
    vec![
        ("nothing", vec![]),
        ("one word", vec![vec![utf8("CN", "lab")]]),
        ("several parts", vec![vec![utf8("C", "DE")], vec![utf8("O", "Lab")], vec![utf8("CN", "Lab CA")]]),
        ("upper case", vec![vec![utf8("CN", "LAB CA R1")]]),
        ("double spaces", vec![vec![utf8("CN", "Lab   CA  R1")]]),
        ("outer spaces", vec![vec![utf8("CN", "  Lab CA ")]]),
        ("tabs and line ends", vec![vec![utf8("CN", "\tLab\t\r\n CA\u{b}\u{c}x\n")]]),
        ("spaces only", vec![vec![utf8("CN", "   ")]]),
        ("an empty value", vec![vec![utf8("O", "")], vec![utf8("CN", "x")]]),
        ("all empty", vec![vec![utf8("CN", "")]]),
        ("umlauts, whose case stays", vec![vec![utf8("CN", "ÄÖÜ Größe CA")]]),
        ("other scripts", vec![vec![utf8("CN", "Лаборатория 研究所 🧪")]]),
        ("a no-break space, which is none", vec![vec![utf8("CN", "\u{a0}Lab\u{a0}\u{a0}CA\u{a0}")]]),
        ("a NUL", vec![vec![utf8("CN", "Lab\0CA")]]),
        (
            "PrintableString",
            vec![vec![("CN", Tag::PrintableString, b"Lab  CA")], vec![("C", Tag::PrintableString, b"DE")]],
        ),
        ("PrintableString, empty", vec![vec![("CN", Tag::PrintableString, b"")]]),
        ("IA5String", vec![vec![("DC", Tag::Ia5String, b"Example")], vec![("DC", Tag::Ia5String, b"LAB")]]),
        ("an e-mail address", vec![vec![utf8("CN", "Lab CA")], vec![("email", Tag::Ia5String, b"Root@Lab.Example")]]),
        ("T61String in ASCII", vec![vec![("CN", Tag::TeletexString, b"Lab CA")]]),
        ("T61String in Latin 1", vec![vec![("O", Tag::TeletexString, b"Gr\xf6\xdfe  AG\xa0")]]),
        ("BMPString", vec![vec![("CN", Tag::BmpString, b"\0L\0a\0b\0 \0 \0C\0A")]]),
        ("BMPString of other scripts", vec![vec![("CN", Tag::BmpString, b"\x04\x1b\0 \x78\x14")]]),
        ("BMPString, empty", vec![vec![("CN", Tag::BmpString, b"")]]),
        ("NumericString, which stays as it is", vec![vec![("serial", Tag::NumericString, b" 12  34 ")]]),
        ("two attributes in one part", vec![vec![utf8("CN", "Lab CA"), utf8("O", "Lab")]]),
        (
            "whose order turns with their case",
            vec![vec![("OU", Tag::PrintableString, b"b"), utf8("OU", "A"), ("OU", Tag::Ia5String, b"aa")]],
        ),
        (
            "parts of every kind",
            vec![
                vec![("C", Tag::PrintableString, b"DE")],
                vec![utf8("O", " Lab\u{301}  GmbH "), ("OU", Tag::BmpString, b"\0O\0N\0E")],
                vec![("CN", Tag::TeletexString, b"\xc4 Root"), ("email", Tag::Ia5String, b"A@B.example")],
            ],
        ),
        ("UTF-8 that is none", vec![vec![("CN", Tag::Utf8String, b"Lab \xff")]]),
        ("BMPString with half a character", vec![vec![("CN", Tag::BmpString, b"\xd8\x3e")]]),
        ("BMPString with a pair for one character", vec![vec![("CN", Tag::BmpString, b"\xd8\x3e\xdd\xea")]]),
        ("BMPString of odd length", vec![vec![("CN", Tag::BmpString, b"\0L\0")]]),
    ]
}

fn oid(name: &str) -> ObjectIdentifier {
    let dotted = match name {
        "CN" => "2.5.4.3",
        "serial" => "2.5.4.5",
        "C" => "2.5.4.6",
        "O" => "2.5.4.10",
        "OU" => "2.5.4.11",
        "DC" => "0.9.2342.19200300.100.1.25",
        "email" => "1.2.840.113549.1.9.1",
        other => panic!("{other} has no OID here"),
    };
    ObjectIdentifier::new(dotted).unwrap()
}

/// The CA under another subject. Its signature is wrong then, which nobody looks at here.
fn with_subject(parts: &[Vec<Attribute<'_>>]) -> String {
    let mut certificate = Certificate::from_der(pem::parse(CA).unwrap().contents()).unwrap();
    let part = |attributes: &Vec<Attribute<'_>>| {
        let mut set = SetOfVec::new();
        for (name, tag, bytes) in attributes {
            set.insert(AttributeTypeAndValue { oid: oid(name), value: Any::new(*tag, *bytes).unwrap() }).unwrap();
        }
        RelativeDistinguishedName(set)
    };
    certificate.tbs_certificate.subject = RdnSequence(parts.iter().map(part).collect());
    pem::encode(&pem::Pem::new("CERTIFICATE", certificate.to_der().unwrap()))
}

/// What OpenSSL says; nothing where it cannot read the certificate.
fn hash_by_openssl(certificate: &str) -> Option<String> {
    let mut command = Command::new("openssl");
    command
        .args(["x509", "-noout", "-subject_hash"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(certificate.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn subject_hashes_are_those_of_openssl() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert_ne!(std::env::var("PRIVATE_SSO_TOOLS").as_deref(), Ok("required"), "openssl must be there");
        // Past the test harness, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: openssl is not here (`apt-get install openssl`)");
        return;
    }
    let mut wrong = Vec::new();
    for (name, subject) in subjects() {
        let pem = with_subject(&subject);
        let ours = certificate::read(&pem).ok().map(|all| all[0].subject_hash.clone());
        let theirs = hash_by_openssl(&pem);
        if ours != theirs {
            wrong.push(format!("{name}: {ours:?}, and OpenSSL says {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
