//! The ID token: who somebody is, in the provider's word (OpenID Connect Core
//! 1.0, 3.1.3.7).

use serde::Deserialize;

use crate::{Keys, Refusal};

/// How far the clocks may differ, in seconds.
const SKEW: i64 = 60;

/// How old a token may be, in seconds: it was asked for a moment ago.
const OLDEST: i64 = 10 * 60;

/// Longest subject in bytes (OpenID Connect Core 1.0, 2).
pub const SUBJECT_MAX: usize = 255;

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For which client.
    pub client: &'a str,
    /// For which flow.
    pub nonce: &'a str,
    /// The person must have shown who they are at this time or later, in
    /// seconds since 1970 UTC; none where an earlier time will do.
    pub proved_since: Option<i64>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    azp: Option<String>,
    auth_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The subject of `token`: the provider's name for the person, which never
/// changes and is never given to another. Nothing else of the token is used.
/// `now` is in seconds since 1970 UTC.
///
/// # Errors
///
/// Anything that is not as the standard and `expected` say.
pub fn verify(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
    now: i64,
) -> Result<String, Refusal> {
    let payload = keys.payload(token)?;
    let claims: Claims =
        serde_json::from_slice(&payload).map_err(|_| Refusal::Unreadable("the claims"))?;
    if claims.iss != expected.issuer {
        return Err(Refusal::Issuer);
    }
    let for_us = match &claims.aud {
        Audience::One(client) => client == expected.client,
        // Among several, the one it was made for must be named.
        Audience::Several(clients) => {
            clients.iter().any(|client| client == expected.client)
                && (clients.len() == 1 || claims.azp.is_some())
        }
    };
    if !for_us || claims.azp.is_some_and(|party| party != expected.client) {
        return Err(Refusal::Audience);
    }
    // Instants of tokens are numbers and may have fractions.
    let (expires, issued) = (claims.exp as i64, claims.iat as i64);
    if expires + SKEW <= now || issued > now + SKEW || issued < now - OLDEST {
        return Err(Refusal::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Refusal::Nonce);
    }
    if let Some(since) = expected.proved_since
        && claims.auth_time.is_none_or(|at| (at as i64) < since - SKEW)
    {
        return Err(Refusal::Stale);
    }
    let is_subject =
        (1..=SUBJECT_MAX).contains(&claims.sub.len()) && !claims.sub.chars().any(char::is_control);
    is_subject.then_some(claims.sub).ok_or(Refusal::Subject)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::{Value as Json, json};

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Json {
        json!({
            "iss": "https://id.example",
            "sub": "u-17",
            "aud": "wenzheng",
            "exp": NOW + 300,
            "iat": NOW - 1,
            "nonce": "n",
            "auth_time": NOW - 5,
            "name": "admin",
        })
    }

    fn signed(claims: &Json, seed: u8) -> String {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let part = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!(
            "{}.{}",
            part(json!({ "alg": "EdDSA", "kid": "1" })),
            part(claims.clone())
        );
        let signature = key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn keys() -> Keys {
        let point = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
        let set = json!({ "keys": [
            { "kty": "oct", "k": "AA" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "1", "use": "sig", "x": URL_SAFE_NO_PAD.encode(point) },
        ] });
        Keys::read(set.to_string().as_bytes()).unwrap()
    }

    fn check(claims: &Json, proved_since: Option<i64>) -> Result<String, Refusal> {
        let expected = Expected {
            issuer: "https://id.example",
            client: "wenzheng",
            nonce: "n",
            proved_since,
        };
        verify(&signed(claims, 1), &keys(), expected, NOW)
    }

    #[test]
    fn a_right_token_says_who_it_is() {
        assert_eq!(check(&claims(), None), Ok("u-17".to_owned()));
        assert_eq!(check(&claims(), Some(NOW - 5)), Ok("u-17".to_owned()));
        let mut several = claims();
        several["aud"] = json!(["other", "wenzheng"]);
        several["azp"] = "wenzheng".into();
        assert_eq!(check(&several, None), Ok("u-17".to_owned()));
    }

    #[test]
    fn every_wrong_claim_is_refused() {
        for (claim, value, refusal) in [
            ("iss", json!("https://id.example/"), Refusal::Issuer),
            ("aud", json!("other"), Refusal::Audience),
            ("aud", json!(["other", "wenzheng"]), Refusal::Audience),
            ("aud", json!([]), Refusal::Audience),
            ("azp", json!("other"), Refusal::Audience),
            ("exp", json!(NOW - SKEW), Refusal::Time),
            ("iat", json!(NOW + SKEW + 1), Refusal::Time),
            ("iat", json!(NOW - OLDEST - 1), Refusal::Time),
            ("nonce", json!("other"), Refusal::Nonce),
            ("nonce", Json::Null, Refusal::Nonce),
            ("sub", json!(""), Refusal::Subject),
            ("sub", json!("a\nb"), Refusal::Subject),
            ("sub", json!("a".repeat(256)), Refusal::Subject),
        ] {
            let mut other = claims();
            other[claim] = value.clone();
            assert_eq!(check(&other, None), Err(refusal), "{claim} {value}");
        }
        let mut short = claims();
        short.as_object_mut().unwrap().remove("exp");
        assert!(matches!(check(&short, None), Err(Refusal::Unreadable(_))));
    }

    #[test]
    fn an_old_proof_does_not_do_where_a_new_one_is_wanted() {
        assert_eq!(check(&claims(), Some(NOW + SKEW)), Err(Refusal::Stale));
        let mut without = claims();
        without.as_object_mut().unwrap().remove("auth_time");
        assert_eq!(check(&without, Some(NOW)), Err(Refusal::Stale));
    }

    #[test]
    fn a_stranger_s_key_is_noticed() {
        let expected = Expected {
            issuer: "https://id.example",
            client: "wenzheng",
            nonce: "n",
            proved_since: None,
        };
        let forged = signed(&claims(), 2);
        assert_eq!(
            verify(&forged, &keys(), expected, NOW),
            Err(Refusal::Signature)
        );
    }
}
