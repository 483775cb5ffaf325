//! # What must hold
//! Secrets and passwords are not those of Dex's examples.
//!
//! # Why
//! Everybody knows them: `ZXhhbXBsZS1hcHAtc2VjcmV0` is the secret of Dex's example app, and the bcrypt hash in its example
//! configuration is that of the word `password` for admin@example.com.
//!
//! # Broken
//! ```yaml
//! staticPasswords:
//! - email: admin@example.com
//!   hash: "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W"
//! ```
//!
//! # Fixed
//! ```yaml
//! staticPasswords:
//! - email: ada@lab.example
//!   hashFromEnv: ADA_HASH
//! ```

use serde_json::Value;

use super::{Review, Rule};
use crate::krm::{Finding, codes};

pub(super) const RULE: Rule = Rule { code: &codes::CLIENT_SECRET_IS_NO_SAMPLE, ids: &["C09"], check };

const SAMPLE_SECRETS: &[&str] = &["ZXhhbXBsZS1hcHAtc2VjcmV0", "example-app-secret"];
const SAMPLE_HASHES: &[&str] = &[
    "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W",
    "$2a$10$33EMT0cVYVlPy6WAMCLsceLYjWhuHpbz5yuZxu/GAFj03J9Lytjuy",
];

fn check(review: &Review<'_>) -> Vec<Finding> {
    let world = review.world;
    let mut found = Vec::new();
    for dex in &world.dexes {
        for client in &dex.clients {
            let sample = client
                .text("secret")
                .filter(|said| said.text().is_some_and(|text| SAMPLE_SECRETS.contains(&text.as_str())));
            if let Some(said) = sample {
                let message = format!(
                    "the secret of client \"{}\" must be one of your own; it is that of Dex's example",
                    client.title()
                );
                found.push(world.finding(&codes::CLIENT_SECRET_IS_NO_SAMPLE, message, &said.place));
            }
        }
        let Some(passwords) = dex.field("staticPasswords") else { continue };
        let entries = passwords.value.as_array().into_iter().flatten().enumerate();
        for (index, entry) in entries {
            if entry["hash"].as_str().is_some_and(|hash| SAMPLE_HASHES.contains(&hash)) {
                let email = entry.get("email").and_then(Value::as_str).unwrap_or_default();
                let message = format!("the password of {email} must be one of your own; it is that of Dex's example");
                found.push(world.finding(
                    &codes::CLIENT_SECRET_IS_NO_SAMPLE,
                    message,
                    &passwords.place.under(&format!("/{index}/hash")),
                ));
            }
        }
    }
    found
}
