//! One person's way to the provider and back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Client, Provider, Refusal};

/// How long a person may take at the provider, in milliseconds: long enough
/// to look for a telephone.
const PATIENCE: i64 = 10 * 60 * 1000;

/// What the platform must remember until the browser is back. It stays with
/// that browser, sealed: whoever has it can finish the flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flow {
    /// What the provider must bring back, so that nobody is sent here with
    /// somebody else's code.
    pub state: String,
    /// What the token must name, so that no other flow's token is taken.
    pub nonce: String,
    /// The proof that the one who began is the one who asks for the token.
    pub verifier: String,
    /// When it began, in milliseconds since 1970 UTC.
    pub began_at: i64,
    /// The digest of the session that is to be proved again, in hexadecimal;
    /// none for a sign-in.
    pub session: Option<String>,
}

/// What the browser brings back from the provider.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The state.
    #[serde(default)]
    pub state: String,
    /// The code, where the provider said yes.
    pub code: Option<String>,
    /// The provider's name for itself (RFC 9207).
    pub iss: Option<String>,
    /// The error, where it said no.
    pub error: Option<String>,
}

impl Flow {
    /// Where the browser goes. Who proves an open session must show it anew,
    /// even where the provider still knows the browser.
    pub fn address(&self, provider: &Provider, client: Client<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client.id)
            .append_pair("redirect_uri", client.redirect)
            .append_pair("scope", "openid")
            .append_pair("state", &self.state)
            .append_pair("nonce", &self.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if self.session.is_some() {
            query
                .append_pair("prompt", "login")
                .append_pair("max_age", "0");
        }
        let joint = if provider.authorization.contains('?') {
            '&'
        } else {
            '?'
        };
        format!("{}{joint}{}", provider.authorization, query.finish())
    }

    /// The code that the browser brought, once all that comes with it is right.
    ///
    /// # Errors
    ///
    /// An answer of another flow, of another provider or too late; or one that
    /// says no.
    pub fn code<'a>(
        &self,
        provider: &Provider,
        answer: &'a Answer,
        now: i64,
    ) -> Result<&'a str, Refusal> {
        if self.state.is_empty() || answer.state != self.state {
            return Err(Refusal::State);
        }
        if !(0..=PATIENCE).contains(&(now - self.began_at)) {
            return Err(Refusal::Expired);
        }
        match &answer.iss {
            Some(issuer) if *issuer != provider.issuer => return Err(Refusal::Issuer),
            None if provider.names_itself => return Err(Refusal::Issuer),
            _ => {}
        }
        match answer.error.as_deref() {
            None => {}
            Some("access_denied" | "login_required" | "interaction_required") => {
                return Err(Refusal::Denied);
            }
            Some(_) => return Err(Refusal::Reported),
        }
        answer
            .code
            .as_deref()
            .filter(|code| !code.is_empty())
            .ok_or(Refusal::NoCode)
    }

    /// Until when the flow can be finished, in milliseconds since 1970 UTC.
    pub fn ends_at(&self) -> i64 {
        self.began_at + PATIENCE
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use serde_json::json;

    fn provider(names_itself: bool) -> Provider {
        let description = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth?tenant=1",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
            "authorization_response_iss_parameter_supported": names_itself,
        });
        Provider::read("https://id.example", description.to_string().as_bytes()).unwrap()
    }

    fn flow() -> Flow {
        Flow {
            state: "the state".to_owned(),
            nonce: "the nonce".to_owned(),
            // The example of RFC 7636, appendix B.
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            began_at: 1_000_000,
            session: None,
        }
    }

    fn answer(code: Option<&str>, iss: Option<&str>, error: Option<&str>) -> Answer {
        Answer {
            state: "the state".to_owned(),
            code: code.map(str::to_owned),
            iss: iss.map(str::to_owned),
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn the_address_has_the_challenge_and_not_the_verifier() {
        let client = Client {
            id: "w z",
            secret: "hidden",
            redirect: "https://w.example/return",
        };
        let address = flow().address(&provider(true), client);
        assert!(address.starts_with("https://id.example/auth?tenant=1&response_type=code&"));
        assert!(address.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"));
        assert!(
            address.contains("&code_challenge_method=S256") && address.contains("nonce=the+nonce")
        );
        assert!(!address.contains("dBjft") && !address.contains("hidden"));
        assert!(!address.contains("prompt="));
        let proof = Flow {
            session: Some("ab".to_owned()),
            ..flow()
        };
        assert!(
            proof
                .address(&provider(true), client)
                .ends_with("&prompt=login&max_age=0")
        );
    }

    #[test]
    fn answers_of_others_are_refused() {
        let now = 1_000_000 + PATIENCE;
        let ours = Some("https://id.example");
        let theirs = Some("https://evil.example");
        for (names_itself, answer, now, expected) in [
            (true, answer(Some("c"), ours, None), now, Ok("c")),
            (false, answer(Some("c"), None, None), now, Ok("c")),
            (
                true,
                answer(Some("c"), None, None),
                now,
                Err(Refusal::Issuer),
            ),
            (
                false,
                answer(Some("c"), theirs, None),
                now,
                Err(Refusal::Issuer),
            ),
            (
                true,
                answer(Some("c"), ours, None),
                now + 1,
                Err(Refusal::Expired),
            ),
            (
                true,
                answer(Some("c"), ours, None),
                999_999,
                Err(Refusal::Expired),
            ),
            (
                true,
                answer(None, ours, Some("access_denied")),
                now,
                Err(Refusal::Denied),
            ),
            (
                true,
                answer(Some("c"), ours, Some("server_error")),
                now,
                Err(Refusal::Reported),
            ),
            (true, answer(None, ours, None), now, Err(Refusal::NoCode)),
            (
                true,
                answer(Some(""), ours, None),
                now,
                Err(Refusal::NoCode),
            ),
        ] {
            assert_eq!(
                flow().code(&provider(names_itself), &answer, now),
                expected,
                "{answer:?}"
            );
        }
        let mut other = answer(Some("c"), ours, None);
        other.state = "another".to_owned();
        assert_eq!(
            flow().code(&provider(true), &other, now),
            Err(Refusal::State)
        );
    }
}
