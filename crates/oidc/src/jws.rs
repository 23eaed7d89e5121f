//! Signed tokens (RFC 7515) by the three algorithms that providers of today
//! use, and the keys they are checked with (RFC 7517).
//!
//! The algorithm decides nothing by itself: a key fits one algorithm only, so
//! that a public key is never taken for a shared secret, and `none` is not
//! among them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::Refusal;

/// Longest token in bytes.
const LONGEST: usize = 16 * 1024;

/// A provider's public keys.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

/// A key of the set, as far as it is used here.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    fn named(name: &str) -> Result<Algorithm, Refusal> {
        match name {
            "RS256" => Ok(Algorithm::Rs256),
            "ES256" => Ok(Algorithm::Es256),
            "EdDSA" => Ok(Algorithm::EdDsa),
            _ => Err(Refusal::Algorithm),
        }
    }
}

impl Keys {
    /// Reads a key set. Keys of kinds that are not used here are left out.
    ///
    /// # Errors
    ///
    /// What is no key set.
    pub fn read(json: &[u8]) -> Result<Keys, Refusal> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set =
            serde_json::from_slice(json).map_err(|_| Refusal::Unreadable("the key set"))?;
        let keys = set.keys.into_iter().map(serde_json::from_value);
        Ok(Keys(keys.filter_map(Result::ok).collect()))
    }

    /// The payload of `token`, once its signature is right.
    ///
    /// # Errors
    ///
    /// A token that cannot be read, or is not signed by one of these keys.
    pub fn payload(&self, token: &str) -> Result<Vec<u8>, Refusal> {
        let unreadable = Refusal::Unreadable("the token");
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unreadable);
        };
        if token.len() > LONGEST {
            return Err(unreadable);
        }
        let decoded = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| Refusal::Unreadable("the token"))
        };
        let head: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| unreadable)?;
        let algorithm = Algorithm::named(&head.alg)?;
        // An extension that must be understood is not understood here.
        if head.crit.is_some() {
            return Err(Refusal::Algorithm);
        }
        let key = self.key(algorithm, head.kid.as_deref())?;
        let signed = &token[..header.len() + 1 + payload.len()];
        key.verify(algorithm, signed.as_bytes(), &decoded(signature)?)?;
        decoded(payload)
    }

    /// The key that the token names; where it names none, the only one that fits.
    fn key(&self, algorithm: Algorithm, id: Option<&str>) -> Result<&Key, Refusal> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.fits(algorithm) && (id.is_none() || key.kid.as_deref() == id));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(Refusal::NoKey),
        }
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let (kind, curve, name) = match algorithm {
            Algorithm::Rs256 => ("RSA", None, "RS256"),
            Algorithm::Es256 => ("EC", Some("P-256"), "ES256"),
            Algorithm::EdDsa => ("OKP", Some("Ed25519"), "EdDSA"),
        };
        self.kty == kind
            && (curve.is_none() || self.crv.as_deref() == curve)
            && self.purpose.as_deref().is_none_or(|used| used == "sig")
            && self.alg.as_deref().is_none_or(|used| used == name)
    }

    fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        match algorithm {
            Algorithm::Rs256 => {
                let number = |field: &Option<String>| {
                    bytes(field).map(|bytes| BoxedUint::from_be_slice_vartime(&bytes))
                };
                // Refuses short and even moduli and small exponents.
                let key = PublicKey::new(number(&self.n)?, number(&self.e)?)
                    .map_err(|_| Refusal::NoKey)?;
                key.verify(
                    Pkcs1v15Sign::new::<Sha256>(),
                    &Sha256::digest(signed),
                    signature,
                )
                .map_err(|_| Refusal::Signature)
            }
            Algorithm::Es256 => {
                let point = [&[4][..], &bytes(&self.x)?, &bytes(&self.y)?].concat();
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
                    .map_err(|_| Refusal::NoKey)?;
                let signature = p256::ecdsa::Signature::from_slice(signature)
                    .map_err(|_| Refusal::Signature)?;
                key.verify(signed, &signature)
                    .map_err(|_| Refusal::Signature)
            }
            Algorithm::EdDsa => {
                let point: [u8; 32] = bytes(&self.x)?.try_into().map_err(|_| Refusal::NoKey)?;
                let key =
                    ed25519_dalek::VerifyingKey::from_bytes(&point).map_err(|_| Refusal::NoKey)?;
                let signature = ed25519_dalek::Signature::from_slice(signature)
                    .map_err(|_| Refusal::Signature)?;
                key.verify_strict(signed, &signature)
                    .map_err(|_| Refusal::Signature)
            }
        }
    }
}

fn bytes(field: &Option<String>) -> Result<Vec<u8>, Refusal> {
    let text = field.as_deref().ok_or(Refusal::NoKey)?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::NoKey)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    /// RFC 7515, appendix A.2: the key, and a token with the algorithm RS256.
    const RSA: &str = r#"{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}"#;
    const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    /// RFC 7515, appendix A.3: ES256.
    const EC: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    const EC_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    /// RFC 8037, appendix A.4: EdDSA.
    const ED: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    const ED_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn read(keys: &str, token: &str) -> Result<Vec<u8>, Refusal> {
        Keys::read(keys.as_bytes()).unwrap().payload(token)
    }

    #[test]
    fn the_examples_of_the_standards_are_right() {
        for (keys, token) in [(RSA, RSA_TOKEN), (EC, EC_TOKEN), (ED, ED_TOKEN)] {
            assert!(read(keys, token).is_ok(), "{token}");
        }
        assert_eq!(read(ED, ED_TOKEN).unwrap(), b"Example of Ed25519 signing");
    }

    #[test]
    fn one_changed_letter_is_noticed() {
        for (keys, token) in [(RSA, RSA_TOKEN), (EC, EC_TOKEN), (ED, ED_TOKEN)] {
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let (header, payload) = signed.split_once('.').unwrap();
            let other = |text: &str| {
                let first = if text.starts_with('A') { "B" } else { "A" };
                format!("{first}{}", &text[1..])
            };
            let changed = format!("{header}.{payload}.{}", other(signature));
            assert_eq!(read(keys, &changed), Err(Refusal::Signature), "{changed}");
            let changed = format!("{header}.{}.{signature}", other(payload));
            assert_eq!(read(keys, &changed), Err(Refusal::Signature), "{changed}");
        }
    }

    fn with_header(header: &str, token: &str) -> String {
        let (_, rest) = token.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn other_algorithms_are_refused() {
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"RS512"}"#,
            r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
        ] {
            let refused = read(RSA, &with_header(header, RSA_TOKEN));
            assert_eq!(refused, Err(Refusal::Algorithm), "{header}");
        }
        let bare = RSA_TOKEN.rsplit_once('.').unwrap().0;
        let none = with_header(r#"{"alg":"none"}"#, &format!("{bare}."));
        assert_eq!(read(RSA, &none), Err(Refusal::Algorithm));
    }

    #[test]
    fn a_key_serves_one_algorithm_only() {
        for (keys, token) in [(RSA, EC_TOKEN), (EC, RSA_TOKEN), (ED, EC_TOKEN)] {
            assert_eq!(read(keys, token), Err(Refusal::NoKey));
        }
        let encryption = RSA.replace(r#""e":"#, r#""use":"enc","e":"#);
        assert_eq!(read(&encryption, RSA_TOKEN), Err(Refusal::NoKey));
        let named = with_header(r#"{"alg":"RS256","kid":"other"}"#, RSA_TOKEN);
        assert_eq!(read(RSA, &named), Err(Refusal::NoKey));
        for broken in ["", "a", "a.b", "a.b.c.d", "!.!.!", &"a".repeat(20_000)] {
            assert!(
                matches!(read(RSA, broken), Err(Refusal::Unreadable(_))),
                "{broken}"
            );
        }
    }
}
