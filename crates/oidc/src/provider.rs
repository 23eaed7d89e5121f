//! A provider's description of itself, and the request for a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::Refusal;

/// This platform as the provider knows it.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Identifier.
    pub id: &'a str,
    /// Secret; empty for a client without one, which PKCE alone protects.
    pub secret: &'a str,
    /// Where the provider sends the browser back.
    pub redirect: &'a str,
}

/// What is needed of a provider's description (OpenID Connect Discovery 1.0).
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name for itself.
    pub issuer: String,
    /// Where browsers go.
    pub authorization: String,
    /// Where codes become tokens.
    pub token: String,
    /// Where its keys are.
    pub keys: String,
    /// It promises to name itself in every answer (RFC 9207).
    pub names_itself: bool,
    /// It takes the client's secret in the form and not in a header.
    in_form: bool,
}

#[derive(Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// The request that turns a code into a token: an HTML form.
#[derive(Debug)]
pub struct Exchange {
    /// The body, `application/x-www-form-urlencoded`.
    pub body: String,
    /// The header `Authorization`; none for a client without a secret.
    pub authorization: Option<String>,
}

impl Provider {
    /// Where the description of `issuer` is.
    pub fn description(issuer: &str) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        )
    }

    /// Reads the description that was found for `issuer`.
    ///
    /// # Errors
    ///
    /// A description of another issuer, one without the addresses needed, or
    /// with addresses that are not safe.
    pub fn read(issuer: &str, json: &[u8]) -> Result<Provider, Refusal> {
        let found: Description = serde_json::from_slice(json)
            .map_err(|_| Refusal::Unreadable("the provider's description"))?;
        if found.issuer != issuer {
            return Err(Refusal::Issuer);
        }
        for (name, address) in [
            ("the issuer", &found.issuer),
            ("the authorization endpoint", &found.authorization_endpoint),
            ("the token endpoint", &found.token_endpoint),
            ("the address of the keys", &found.jwks_uri),
        ] {
            if !is_safe(address) {
                return Err(Refusal::Insecure(name));
            }
        }
        // Without a list the standard's default counts, which is the header.
        let in_form = found
            .token_endpoint_auth_methods_supported
            .is_some_and(|ways| !ways.iter().any(|way| way == "client_secret_basic"));
        Ok(Provider {
            issuer: found.issuer,
            authorization: found.authorization_endpoint,
            token: found.token_endpoint,
            keys: found.jwks_uri,
            names_itself: found.authorization_response_iss_parameter_supported,
            in_form,
        })
    }

    /// The request that turns `code` into a token, with the `verifier` of the flow.
    pub fn exchange(&self, client: Client<'_>, code: &str, verifier: &str) -> Exchange {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", client.redirect)
            .append_pair("code_verifier", verifier);
        let in_header = !client.secret.is_empty() && !self.in_form;
        if !in_header {
            form.append_pair("client_id", client.id);
            if !client.secret.is_empty() {
                form.append_pair("client_secret", client.secret);
            }
        }
        // Both parts are encoded as in a form first (RFC 6749, 2.3.1).
        let encoded = |text: &str| -> String {
            form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
        };
        let authorization = in_header.then(|| {
            let pair = format!("{}:{}", encoded(client.id), encoded(client.secret));
            format!("Basic {}", STANDARD.encode(pair))
        });
        Exchange {
            body: form.finish(),
            authorization,
        }
    }
}

/// Whether `address` is HTTPS, or HTTP on this machine, which is for trying
/// out; printable and without a name and password in it.
pub fn is_safe(address: &str) -> bool {
    let rest = match address.split_once("://") {
        Some(("https", rest)) => rest,
        Some(("http", rest)) => {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
                return false;
            }
            rest
        }
        _ => return false,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && address.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use serde_json::json;

    fn description() -> serde_json::Value {
        json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
        })
    }

    fn read(description: &serde_json::Value) -> Result<Provider, Refusal> {
        Provider::read("https://id.example", description.to_string().as_bytes())
    }

    #[test]
    fn only_the_description_of_the_configured_provider_is_taken() {
        assert!(read(&description()).is_ok());
        for (field, value, refusal) in [
            ("issuer", "https://id.example/", Refusal::Issuer),
            ("issuer", "https://evil.example", Refusal::Issuer),
            (
                "token_endpoint",
                "http://id.example/token",
                Refusal::Insecure("the token endpoint"),
            ),
            (
                "jwks_uri",
                "file:///keys",
                Refusal::Insecure("the address of the keys"),
            ),
        ] {
            let mut other = description();
            other[field] = value.into();
            assert_eq!(read(&other).unwrap_err(), refusal, "{field}");
        }
        let mut short = description();
        short.as_object_mut().unwrap().remove("jwks_uri");
        assert!(matches!(read(&short), Err(Refusal::Unreadable(_))));
    }

    #[test]
    fn the_secret_goes_where_the_provider_wants_it() {
        let client = Client {
            id: "wenzheng",
            secret: "a b:c",
            redirect: "https://w.example/desk/sign-in/return",
        };
        let sent = read(&description()).unwrap().exchange(client, "c&d", "v");
        let expected = STANDARD.encode("wenzheng:a+b%3Ac");
        assert_eq!(sent.authorization, Some(format!("Basic {expected}")));
        assert!(sent.body.contains("code=c%26d&") && !sent.body.contains("client_secret"));

        let mut other = description();
        other["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        let sent = read(&other).unwrap().exchange(client, "c", "v");
        assert_eq!(sent.authorization, None);
        assert!(
            sent.body
                .ends_with("client_id=wenzheng&client_secret=a+b%3Ac")
        );

        let public = Client {
            secret: "",
            ..client
        };
        let sent = read(&description()).unwrap().exchange(public, "c", "v");
        assert_eq!(sent.authorization, None);
        assert!(sent.body.ends_with("code_verifier=v&client_id=wenzheng"));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for safe in [
            "https://id.example/a?b=c",
            "http://127.0.0.1:4000/x",
            "http://localhost",
            "http://[::1]:4000/",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for other in [
            "",
            "http://id.example",
            "http://127.0.0.1.evil.example/",
            "http://localhost@evil.example/",
            "https://",
            "https://a b/",
            "ftp://id.example",
        ] {
            assert!(!is_safe(other), "{other}");
        }
    }
}
