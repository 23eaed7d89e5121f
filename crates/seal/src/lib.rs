//! Keeping secrets: sealed contacts, keyed indexes, codes and tokens.
//!
//! - Contacts are sealed with XChaCha20-Poly1305 under a key from a secret
//!   variable; the case number is authenticated with them, so that a sealed
//!   contact cannot be moved to another case. A sealed value names its key,
//!   and a previous key stays readable while `wenzheng rotate-key` runs.
//! - A keyed index (HMAC-SHA-256) finds the cases of a telephone number
//!   without storing it.
//! - Query codes and tokens are random and stored as SHA-256 digests only;
//!   [passwords](password) as argon2id.

pub mod password;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

const FORMAT: u8 = 1;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + ID_BYTES + NONCE_BYTES;

/// A digest or an index.
pub type Hash = [u8; 32];

/// The keys in use: the current one and, while keys are rotated, the one before.
pub struct Keys {
    current: Key,
    previous: Option<Key>,
}

struct Key {
    id: [u8; ID_BYTES],
    cipher: XChaCha20Poly1305,
    index: Hash,
}

/// A key that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the secret key must be 32 bytes in base64")]
pub struct KeyError;

/// A sealed value that cannot be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OpenError {
    /// It is not a sealed value, or one of a later version.
    #[error("not a sealed value")]
    Format,
    /// Neither the current nor the previous key made it.
    #[error("sealed with an unknown key")]
    UnknownKey,
    /// It was changed, or belongs to something else.
    #[error("the sealed value does not belong here or was changed")]
    Tampered,
}

/// The system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("no randomness: {0}")]
pub struct RandomError(getrandom::Error);

impl Keys {
    /// Reads the keys: 32 bytes each in base64; an empty `previous` is none.
    pub fn new(current: &str, previous: &str) -> Result<Keys, KeyError> {
        let previous = if previous.is_empty() {
            None
        } else {
            Some(Key::new(previous)?)
        };
        Ok(Keys {
            current: Key::new(current)?,
            previous,
        })
    }

    /// Seals `plain` for `context`, such as the case number.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, RandomError> {
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: plain,
            aad: context.as_bytes(),
        };
        let sealed = self
            .current
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("only messages above 256 GiB cannot be encrypted");
        let mut value = Vec::with_capacity(HEADER_BYTES + sealed.len());
        value.push(FORMAT);
        value.extend_from_slice(&self.current.id);
        value.extend_from_slice(&nonce);
        value.extend_from_slice(&sealed);
        Ok(value)
    }

    /// Opens what [`Keys::seal`] made for the same `context`.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (header, body) = sealed
            .split_at_checked(HEADER_BYTES)
            .ok_or(OpenError::Format)?;
        if header[0] != FORMAT {
            return Err(OpenError::Format);
        }
        let (id, nonce) = header[1..].split_at(ID_BYTES);
        let key = std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|key| key.id == id)
            .ok_or(OpenError::UnknownKey)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| OpenError::Format)?;
        key.cipher
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: context.as_bytes(),
                },
            )
            .map_err(|_| OpenError::Tampered)
    }

    /// Whether the current key made `sealed`; else it is due for rotation.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=ID_BYTES) == Some(&self.current.id)
    }

    /// The keyed index of `value` within `domain`, such as `phone`.
    pub fn index(&self, domain: &str, value: &str) -> Hash {
        self.current.index(domain, value)
    }

    /// The indexes under which `value` may stand while keys are rotated.
    pub fn indexes(&self, domain: &str, value: &str) -> Vec<Hash> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .map(|key| key.index(domain, value))
            .collect()
    }
}

impl Key {
    fn new(text: &str) -> Result<Key, KeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError)?;
        // Each use has a key of its own, so that no output of one says anything of another.
        let sealing = hmac(&bytes, &[b"wenzheng sealing"]);
        let index = hmac(&bytes, &[b"wenzheng index"]);
        let id = digest(&[b"wenzheng key", &sealing]);
        Ok(Key {
            id: [id[0], id[1], id[2], id[3]],
            cipher: XChaCha20Poly1305::new(&sealing.into()),
            index,
        })
    }

    fn index(&self, domain: &str, value: &str) -> Hash {
        hmac(&self.index, &[domain.as_bytes(), &[0], value.as_bytes()])
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(secret)")
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256 of `parts` one after the other.
pub fn digest(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A digest as lower-case hexadecimal.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `N` random bytes.
pub fn random<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(RandomError)?;
    Ok(bytes)
}

/// A secret token of 256 bits, for sessions and keys.
pub fn token() -> Result<String, RandomError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// The digest under which a token is stored.
pub fn token_digest(token: &str) -> Hash {
    digest(&[b"token", token.as_bytes()])
}

/// Letters and digits that cannot be mistaken for each other on paper or by
/// ear (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A query code: 60 random bits in three groups, such as `7K2M-Q9XD-04TR`.
pub fn query_code() -> Result<String, RandomError> {
    let mut code = String::with_capacity(14);
    for (index, byte) in random::<12>()?.into_iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    Ok(code)
}

/// The digest under which the query code of case `number` is stored, however
/// the citizen writes the code: small letters, without dashes, O for 0.
pub fn query_code_digest(number: &str, code: &str) -> Hash {
    let plain: String = code
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    digest(&[b"query code", number.as_bytes(), &[0], plain.as_bytes()])
}

/// Compares in a time that says nothing of the contents.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn keys(current: u8, previous: Option<u8>) -> Keys {
        let encode = |byte: u8| STANDARD.encode([byte; 32]);
        Keys::new(&encode(current), &previous.map(encode).unwrap_or_default()).unwrap()
    }

    #[test]
    fn opens_only_what_belongs_here() {
        let keys = keys(1, None);
        let sealed = keys.seal("YZ1", b"13800000000").unwrap();
        assert_eq!(keys.open("YZ1", &sealed).unwrap(), b"13800000000");
        assert_eq!(keys.open("YZ2", &sealed), Err(OpenError::Tampered));
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(
                keys.open("YZ1", &changed).is_err(),
                "byte {index} is not protected"
            );
        }
        for length in 0..sealed.len() {
            assert!(keys.open("YZ1", &sealed[..length]).is_err());
        }
    }

    #[test]
    fn a_previous_key_reads_and_does_not_write() {
        let old = keys(1, None).seal("YZ1", b"x").unwrap();
        let both = keys(2, Some(1));
        assert_eq!(both.open("YZ1", &old).unwrap(), b"x");
        assert!(!both.is_current(&old));
        let new = both.seal("YZ1", b"x").unwrap();
        assert!(both.is_current(&new));
        assert_eq!(keys(1, None).open("YZ1", &new), Err(OpenError::UnknownKey));
        assert_eq!(
            both.indexes("phone", "138")[1],
            keys(1, None).index("phone", "138")
        );
        assert_ne!(both.index("phone", "138"), both.index("email", "138"));
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        let code = query_code().unwrap();
        assert_eq!(code.len(), 14);
        let written = code.to_lowercase().replace('-', " ").replace('0', "o");
        assert_eq!(
            query_code_digest("YZ1", &code),
            query_code_digest("YZ1", &written)
        );
        assert_ne!(
            query_code_digest("YZ1", &code),
            query_code_digest("YZ2", &code)
        );
    }

    #[test]
    fn bad_keys_are_refused() {
        for bad in ["", "abc", "not base64!", &STANDARD.encode([0; 31])] {
            assert_eq!(Keys::new(bad, "").unwrap_err(), KeyError);
        }
    }
}
