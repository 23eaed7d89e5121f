//! Sign-in with an identity provider: what OpenID Connect Core 1.0 asks of a
//! client that uses the authorisation code flow with PKCE (RFC 7636).
//!
//! Pure: no clock, no network and no randomness. The caller fetches documents,
//! says what time it is and brings random values, so that every refusal can be
//! tried.
//!
//! 1. [`Provider::read`] checks the provider's description of itself.
//! 2. [`Flow::address`] is where the browser goes.
//! 3. [`Flow::code`] checks what the browser brings back.
//! 4. [`Provider::exchange`] is the request that turns the code into a token.
//! 5. [`token::verify`] checks the token and says who it is.

mod flow;
mod jws;
mod provider;
pub mod token;

pub use flow::{Answer, Flow};
pub use jws::Keys;
pub use provider::{Client, Exchange, Provider, is_safe};

/// Why a provider or what it said is not believed. The texts are for the log:
/// they hold no token and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A document is not what the standard says.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// The description is of another provider, or an answer comes from one.
    #[error("the issuer is another one")]
    Issuer,
    /// An address is neither HTTPS nor on this machine.
    #[error("{0} is not https")]
    Insecure(&'static str),
    /// The state is not the one of this browser's flow.
    #[error("the state is another one")]
    State,
    /// The flow began too long ago.
    #[error("the flow has expired")]
    Expired,
    /// The person or the provider said no.
    #[error("the provider denied it")]
    Denied,
    /// The provider reports an error of its own or of the configuration.
    #[error("the provider reported an error")]
    Reported,
    /// The answer has no code.
    #[error("there is no code")]
    NoCode,
    /// The token is not signed with an algorithm that is accepted.
    #[error("the algorithm of the token is not accepted")]
    Algorithm,
    /// No key of the provider fits the token.
    #[error("no key fits the token")]
    NoKey,
    /// The signature is not by that key.
    #[error("the signature is wrong")]
    Signature,
    /// The token is for somebody else.
    #[error("the token is for another client")]
    Audience,
    /// The token has expired, or is of the future.
    #[error("the token is not of this time")]
    Time,
    /// The token belongs to another flow.
    #[error("the nonce is another one")]
    Nonce,
    /// The person's proof of identity is older than was asked for.
    #[error("the proof of identity is too old")]
    Stale,
    /// The subject is empty or too long.
    #[error("the subject is not one")]
    Subject,
}
