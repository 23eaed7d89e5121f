//! Passwords of staff: stored as argon2id, never as they are.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};

/// The first choice of OWASP's Password Storage Cheat Sheet for argon2id:
/// 19 MiB of memory, in KiB …
const MEMORY: u32 = 19_456;
/// … two passes …
const PASSES: u32 = 2;
/// … in one lane.
const LANES: u32 = 1;

/// A hash with the parameters above that no password is known for: what is
/// checked where there is no account, so that it takes the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$qRSXnpGfH4RcOwYQ8pyNQQ$\
                      Y2HmGrxB2PFd8e4s1zqW0VUlJYj7k3cN5oA9tLxI6uM";

/// A password that cannot be hashed: there is no memory or no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct HashError(String);

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params =
        Params::new(MEMORY, PASSES, LANES, None).map_err(|error| HashError(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The form in which `password` is stored: a PHC string with a salt of its own.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = crate::random::<16>().map_err(|error| HashError(error.to_string()))?;
    let hash: phc::PasswordHash = argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| HashError(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether `password` is the one that `stored` was made from. Takes the same
/// time where there is none.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, HashError> {
    let hash = phc::PasswordHash::new(stored.unwrap_or(NOBODY))
        .map_err(|error| HashError(error.to_string()))?;
    let right = argon2()?
        .verify_password(password.as_bytes(), &hash)
        .is_ok();
    Ok(right && stored.is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let stored = hash("correct horse 电池").unwrap();
        assert!(verify("correct horse 电池", Some(&stored)).unwrap());
        for wrong in [
            "",
            "correct horse 电",
            "correct horse 电池 ",
            "Correct horse 电池",
        ] {
            assert!(!verify(wrong, Some(&stored)).unwrap(), "{wrong:?}");
        }
        assert_ne!(stored, hash("correct horse 电池").unwrap());
        assert!(verify("x", Some("not a hash")).is_err());
    }

    #[test]
    fn nobody_is_checked_with_the_same_parameters_and_never_right() {
        let parameters = |text: &str| text.rsplitn(3, '$').nth(2).map(str::to_owned);
        assert_eq!(parameters(NOBODY), parameters(&hash("x").unwrap()));
        assert!(!verify("", None).unwrap());
    }
}
