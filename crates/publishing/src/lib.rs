//! What the publishers of a department may order, what they sign for it, and how it is carried out.
//!
//! The command `wenzheng handler`, the function `registry` and the runner's loader share it, so that an order means the
//! same wherever it is given, and nothing is in force that was not signed in the same words.
//!
//! - [`order`]: orders and what follows from them. Pure.
//! - [`signature`]: keys, and the texts that are signed. Pure.
//! - [`situation`]: what a department has, out of the database or out of [`wire`], and carrying an order out.
//! - [`wire`]: the same as it travels over HTTP.

#![deny(missing_docs)]

pub mod order;
pub mod signature;
pub mod situation;
pub mod wire;

/// The largest component that is taken, in bytes. A handler in Rust has some 100 KiB, one in Python, with its
/// interpreter, 20 to 30 MiB.
pub const MAX_SIZE: usize = 32 << 20;

/// Why an order is not carried out. The texts are for whoever gave it, at the command line; over HTTP they get those of
/// the catalogue, by [`Refusal::code`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The share is none.
    #[error("a share is between 1 and {} hundredths", order::ALL)]
    Share,
    /// There is nothing to promote.
    #[error("nothing is on trial; `publish --share` puts a release on trial")]
    NothingOnTrial,
    /// There is nothing to confirm.
    #[error("nothing waits to be confirmed, and no release decides anything")]
    NothingToConfirm,
    /// There is no release to go back to.
    #[error(
        "there is no earlier release to go back to; `disable` lets the platform's default decide"
    )]
    NothingEarlier,
    /// The release to go back to never decided anything.
    #[error("release {0} was never published")]
    NeverPublished(i64),
    /// There is nothing to disable.
    #[error("no handler of the department decides anything")]
    NothingDecides,
    /// The address is none.
    #[error("`{0}` is no address like http://host:port, without a path")]
    Endpoint(String),
    /// Who confirms is the one who proposed.
    #[error(
        "who proposed it cannot confirm it: that takes a second publisher of the department, with a key of their own"
    )]
    SecondPublisher,
    /// The district has no such department.
    #[error("the district has no department `{0}`")]
    UnknownDepartment(String),
    /// The key is no key of the department.
    #[error(
        "this key may not publish for {department}; the platform's operator can allow it: wenzheng handler key add {department} {} --holder NAME",
        signature::show(.key)
    )]
    UnknownKey {
        /// The department that the order is for.
        department: String,
        /// The public key.
        key: Vec<u8>,
    },
    /// The key counts no more.
    #[error("this key was revoked")]
    RevokedKey,
    /// The signature does not belong to the key, or to another order.
    #[error("the signature is not one of this key for this order as things stand")]
    Signature,
    /// The version has another content already.
    #[error(
        "version {version} was published already as release {release} with other content; give the new one a version of its own"
    )]
    VersionTaken {
        /// The version.
        version: String,
        /// The release that has it.
        release: i64,
    },
}

impl Refusal {
    /// The code of the problem that says it over HTTP.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Share => "share",
            Refusal::NothingOnTrial => "nothing-on-trial",
            Refusal::NothingToConfirm => "nothing-to-confirm",
            Refusal::NothingEarlier => "nothing-earlier",
            Refusal::NeverPublished(_) => "never-published",
            Refusal::NothingDecides => "nothing-decides",
            Refusal::Endpoint(_) => "endpoint",
            Refusal::SecondPublisher => "second-publisher",
            Refusal::UnknownDepartment(_) => "unknown-department",
            Refusal::UnknownKey { .. } => "not-publisher",
            Refusal::RevokedKey => "revoked-key",
            Refusal::Signature => "wrong-signature",
            Refusal::VersionTaken { .. } => "version-taken",
        }
    }
}

/// Why an order came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It must not be carried out.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database stands against it; [`store::Error::Conflict`] where something else was ordered meanwhile.
    #[error(transparent)]
    Store(#[from] store::Error),
}
