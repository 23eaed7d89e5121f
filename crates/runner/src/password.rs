//! Passwords: made at random, stored as argon2id only.

use anyhow::Result;
use argon2::Argon2;
use argon2::password_hash::PasswordHasher;

/// A password of 60 random bits that can be read aloud, such as `7K2M-Q9XD-04TR`.
pub(crate) fn generate() -> Result<String> {
    Ok(seal::query_code()?)
}

/// The form in which a password is stored: a PHC string of argon2id with 19 MiB, 2 passes and 1 lane, the first choice
/// of OWASP's Password Storage Cheat Sheet.
pub(crate) fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))?
        .to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_parameters_stand_in_the_hash() {
        let hash = super::hash("7K2M-Q9XD-04TR").expect("a hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(hash, super::hash("7K2M-Q9XD-04TR").expect("a hash"));
    }
}
