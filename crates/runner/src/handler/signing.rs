//! Who may publish: Ed25519 keys of departments, and what they sign.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// The first line of a file with a secret key.
const HEADER: &str = "wenzheng handler key 1, secret";

/// What a publisher signs. It names everything that follows from it, and the revision that it makes, so that no
/// signature counts twice or for another department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    pub(crate) department: &'a str,
    pub(crate) revision: i64,
    pub(crate) action: &'a str,
    pub(crate) release: Option<i64>,
    /// In hundredths.
    pub(crate) share: i64,
    /// Of the component of `release`; empty without one.
    pub(crate) sha256: &'a [u8],
    /// Where the handler runs from then on; empty where the platform runs it.
    pub(crate) endpoint: &'a str,
}

impl Statement<'_> {
    fn text(&self) -> String {
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
    pub(crate) fn is_signed(&self, key: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) =
            (<[u8; 32]>::try_from(key), Signature::from_slice(signature))
        else {
            return false;
        };
        // Strict: no signature of a weak key, and none that counts for two messages.
        VerifyingKey::from_bytes(&key).is_ok_and(|key| {
            key.verify_strict(self.text().as_bytes(), &signature)
                .is_ok()
        })
    }
}

/// A publisher's secret key.
pub(crate) struct Secret(SigningKey);

impl Secret {
    /// A new key.
    pub(crate) fn generate() -> Result<Secret> {
        Ok(Secret(SigningKey::from_bytes(&seal::random::<32>()?)))
    }

    /// Reads the file that [`Secret::write`] made.
    pub(crate) fn read(file: &Path) -> Result<Secret> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let bytes = text
            .strip_prefix(HEADER)
            .and_then(|rest| STANDARD.decode(rest.trim()).ok())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.with_context(|| {
            format!(
                "{} is no key made by `wenzheng handler key new`",
                file.display()
            )
        })?;
        Ok(Secret(SigningKey::from_bytes(&bytes)))
    }

    /// Writes the key into a new file that only this user can read.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = format!("{HEADER}\n{}\n", STANDARD.encode(self.0.to_bytes()));
        options
            .open(file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("{} cannot be made", file.display()))
    }

    /// The public half.
    pub(crate) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    /// Signs a statement.
    pub(crate) fn sign(&self, statement: &Statement<'_>) -> Vec<u8> {
        self.0.sign(statement.text().as_bytes()).to_bytes().to_vec()
    }
}

/// A public key as it is written down.
pub(crate) fn show(key: &[u8]) -> String {
    STANDARD.encode(key)
}

/// Reads a public key that somebody wrote down.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>> {
    let bytes = STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .context("a public key is 32 bytes in base64, as `wenzheng handler key new` prints it")?;
    let key = VerifyingKey::from_bytes(&bytes).context("this is no Ed25519 public key")?;
    ensure!(
        !key.is_weak(),
        "this public key is a weak one: anybody can sign for it"
    );
    Ok(bytes.to_vec())
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
        let signature = mine.sign(&STATEMENT);
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
    fn a_key_is_kept_in_a_private_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("parks.key");
        let secret = Secret::generate().expect("a key");
        secret.write(&file).expect("written");
        assert!(secret.write(&file).is_err(), "no key is overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(Secret::read(&file).expect("read").public(), secret.public());
        fs::write(&file, "something else").expect("written");
        assert!(Secret::read(&file).is_err());
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
