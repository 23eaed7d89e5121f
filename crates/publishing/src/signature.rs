//! Who may publish: Ed25519 keys of departments, and what they sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// The first line of a file with a secret key.
const HEADER: &str = "wenzheng handler key 1, secret";

/// What a publisher signs. It names everything that follows from it, and the revision that it makes, so that no
/// signature counts twice or for another department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The department.
    pub department: &'a str,
    /// The revision that it makes.
    pub revision: i64,
    /// As the log names it.
    pub action: &'a str,
    /// The release that comes in.
    pub release: Option<i64>,
    /// In hundredths.
    pub share: i64,
    /// Of the component of `release`; empty without one.
    pub sha256: &'a [u8],
    /// Where the handler runs from then on; empty where the platform runs it.
    pub endpoint: &'a str,
}

impl Statement<'_> {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!(
            "wenzheng handler 1\ndepartment: {}\nrevision: {}\naction: {}\nrelease: {}\nshare: {}\nsha256: {}\nendpoint: {}\n",
            self.department,
            self.revision,
            self.action,
            self.release.unwrap_or(0),
            self.share,
            seal::hex(self.sha256),
            self.endpoint
        )
    }

    /// Whether `signature` of this statement was made with the secret half of `key`.
    pub fn is_signed(&self, key: &[u8], signature: &[u8]) -> bool {
        is_signed(&self.text(), key, signature)
    }
}

/// What a publisher signs to read what only publishers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The department.
    pub department: &'a str,
    /// When it was signed, as RFC 3339, in the very words of the request.
    pub time: &'a str,
}

impl Reading<'_> {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!(
            "wenzheng handler reading 1\ndepartment: {}\ntime: {}\n",
            self.department, self.time
        )
    }

    /// Whether `signature` of this text was made with the secret half of `key`.
    pub fn is_signed(&self, key: &[u8], signature: &[u8]) -> bool {
        is_signed(&self.text(), key, signature)
    }
}

fn is_signed(text: &str, key: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (<[u8; 32]>::try_from(key), Signature::from_slice(signature))
    else {
        return false;
    };
    // Strict: no signature of a weak key, and none that counts for two messages.
    VerifyingKey::from_bytes(&key)
        .is_ok_and(|key| key.verify_strict(text.as_bytes(), &signature).is_ok())
}

/// A publisher's secret key.
pub struct Secret(SigningKey);

impl Secret {
    /// A new key.
    ///
    /// # Errors
    /// Where the system has no random bytes.
    pub fn generate() -> Result<Secret, seal::RandomError> {
        Ok(Secret(SigningKey::from_bytes(&seal::random::<32>()?)))
    }

    /// Reads what [`Secret::text`] made.
    pub fn parse(text: &str) -> Option<Secret> {
        let bytes = STANDARD.decode(text.strip_prefix(HEADER)?.trim()).ok()?;
        Some(Secret(SigningKey::from_bytes(&bytes.try_into().ok()?)))
    }

    /// The content of a file with this key.
    pub fn text(&self) -> String {
        format!("{HEADER}\n{}\n", STANDARD.encode(self.0.to_bytes()))
    }

    /// The public half.
    pub fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    /// Signs a text.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        self.0.sign(text.as_bytes()).to_bytes().to_vec()
    }
}

/// Why a text is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has another form.
    #[error("a public key is 32 bytes in base64, as `wenzheng handler key new` prints it")]
    Form,
    /// No point of the curve.
    #[error("this is no Ed25519 public key")]
    Point,
    /// Anybody can sign for it.
    #[error("this public key is a weak one: anybody can sign for it")]
    Weak,
}

/// A public key or a signature as it is written down, in base64.
pub fn show(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes that somebody wrote down in base64.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.trim()).ok()
}

/// Reads a public key that somebody wrote down.
///
/// # Errors
/// Where it is none that can be relied on.
pub fn parse(text: &str) -> Result<Vec<u8>, KeyError> {
    let bytes = bytes(text)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or(KeyError::Form)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Point)?;
    match key.is_weak() {
        true => Err(KeyError::Weak),
        false => Ok(bytes.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: Statement<'static> = Statement {
        department: "parks",
        revision: 3,
        action: "publish",
        release: Some(2),
        share: 100,
        sha256: &[7; 32],
        endpoint: "",
    };

    #[test]
    fn a_signature_counts_for_one_statement_and_one_key() {
        let (mine, other) = (
            Secret::generate().expect("a key"),
            Secret::generate().expect("a key"),
        );
        let signature = mine.sign(&STATEMENT.text());
        assert!(STATEMENT.is_signed(&mine.public(), &signature));
        assert!(!STATEMENT.is_signed(&other.public(), &signature));
        let changed = [
            Statement {
                department: "schools",
                ..STATEMENT
            },
            Statement {
                revision: 4,
                ..STATEMENT
            },
            Statement {
                action: "rollback",
                ..STATEMENT
            },
            Statement {
                release: None,
                ..STATEMENT
            },
            Statement {
                share: 10,
                ..STATEMENT
            },
            Statement {
                sha256: &[8; 32],
                ..STATEMENT
            },
            Statement {
                endpoint: "http://a",
                ..STATEMENT
            },
        ];
        for changed in changed {
            assert!(
                !changed.is_signed(&mine.public(), &signature),
                "{changed:?}"
            );
        }
        assert!(!STATEMENT.is_signed(&mine.public(), &signature[1..]));
        assert!(!STATEMENT.is_signed(&[], &signature));
    }

    #[test]
    fn a_secret_key_can_be_written_down() {
        let secret = Secret::generate().expect("a key");
        let again = Secret::parse(&secret.text()).expect("a key");
        assert_eq!(again.public(), secret.public());
        assert!(Secret::parse("something else").is_none());
    }

    #[test]
    fn a_reading_counts_for_one_department_and_one_time() {
        let secret = Secret::generate().expect("a key");
        let reading = Reading {
            department: "parks",
            time: "2026-09-01T08:30:00Z",
        };
        let signature = secret.sign(&reading.text());
        assert!(reading.is_signed(&secret.public(), &signature));
        let other = Reading {
            department: "schools",
            ..reading
        };
        let later = Reading {
            time: "2026-09-01T08:30:01Z",
            ..reading
        };
        assert!(!other.is_signed(&secret.public(), &signature));
        assert!(!later.is_signed(&secret.public(), &signature));
        // What allows to read allows nothing else.
        assert!(!STATEMENT.is_signed(&secret.public(), &signature));
    }

    #[test]
    fn weak_and_broken_public_keys_are_refused() {
        let key = Secret::generate().expect("a key").public();
        assert_eq!(parse(&show(&key)).expect("a key"), key);
        // The neutral element, for which anybody can sign.
        let mut weak = [0; 32];
        weak[0] = 1;
        assert!(parse(&show(&weak)).is_err());
        assert!(parse("abc").is_err());
    }
}
