//! Messages that come twice.

use http::StatusCode;
use http::header::{HeaderName, LOCATION};
use seal::Keys;
use store::submissions::{KEEP, Submission};
use web::{Context, Problem, Reply};

use crate::examine::Examination;
use crate::message::{Message, given};
use crate::sender::Sender;

/// By what a message is known again.
pub struct Memory {
    key: Vec<u8>,
    fingerprint: Vec<u8>,
    keyed: bool,
    /// Messages from before are no repetition, in milliseconds since 1970 UTC.
    pub since: i64,
}

impl Memory {
    /// The message's own key: the channel's reference, or the header
    /// `Idempotency-Key`; else what it says, for `window` seconds.
    pub fn of(
        context: &Context,
        sender: &Sender,
        message: &Message,
        found: &Examination,
        window: u64,
        keys: &Keys,
    ) -> Result<Memory, Problem> {
        let reference = match sender {
            Sender::Channel(_) => given(&message.reference),
            _ => None,
        };
        let header = context
            .headers
            .get("idempotency-key")
            .map(|value| value.as_bytes());
        let header = match header {
            None => None,
            Some(bytes) => Some(
                visible(bytes)
                    .ok_or_else(|| Problem::invalid("Idempotency-Key", "idempotency-key"))?,
            ),
        };
        let scope = sender.scope();
        let index = |kind: &str, value: &str| {
            keys.index("submission", &format!("{kind}\n{scope}\n{value}"))
                .to_vec()
        };
        let (key, keyed) = match (reference, header) {
            (Some(reference), _) => (index("reference", reference), true),
            (None, Some(header)) => (index("key", header), true),
            (None, None) => {
                let contact = message.contact.as_ref();
                let text = [
                    Some(found.subject.as_str()),
                    Some(found.body.as_str()),
                    contact.and_then(|contact| given(&contact.name)),
                    contact.and_then(|contact| given(&contact.phone)),
                    contact.and_then(|contact| given(&contact.email)),
                ];
                (index("text", &format!("{text:?}")), false)
            }
        };
        let fingerprint = keys
            .index("request", &seal::hex(&seal::digest(&[&context.body])))
            .to_vec();
        let window = i64::try_from(window).unwrap_or(0).saturating_mul(1000);
        let since = context
            .now
            .0
            .saturating_sub(if keyed { KEEP } else { window });
        Ok(Memory {
            key,
            fingerprint,
            keyed,
            since,
        })
    }

    /// What is to be remembered when the message becomes case `number` and
    /// is answered with `response`.
    pub fn submission(
        &self,
        keys: &Keys,
        number: &str,
        response: &str,
        at: i64,
    ) -> Result<Submission, Problem> {
        let response = match self.keyed {
            true => Some(
                keys.seal(&self.context(), response.as_bytes())
                    .map_err(|error| Problem::internal(error.to_string()))?,
            ),
            false => None,
        };
        Ok(Submission {
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            number: number.to_owned(),
            response,
            at,
        })
    }

    /// The answer to a message that came before as `earlier`.
    pub fn repeated(
        &self,
        keys: &Keys,
        sender: &Sender,
        earlier: &Submission,
    ) -> Result<Reply, Problem> {
        if self.keyed && earlier.fingerprint != self.fingerprint {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key-reused"));
        }
        // The sealed answer may be from before the last two rotations of the key.
        let response = earlier
            .response
            .as_ref()
            .and_then(|sealed| keys.open(&self.context(), sealed).ok())
            .and_then(|response| String::from_utf8(response).ok());
        match response {
            Some(response) => Ok(created(&earlier.number, response)
                .header(HeaderName::from_static("idempotent-replay"), "true")),
            None => {
                let problem = Problem::conflict("duplicate");
                Err(match sender {
                    // Others behind the same address may have sent the same words.
                    Sender::Client(_) => problem,
                    Sender::Staff(_) | Sender::Channel(_) => {
                        problem.with("number", earlier.number.as_str())
                    }
                })
            }
        }
    }

    fn context(&self) -> String {
        format!("submission {}", seal::hex(&self.key))
    }
}

/// The answer that case `number` was made.
pub fn created(number: &str, body: String) -> Reply {
    Reply::bytes(StatusCode::CREATED, "application/json; charset=utf-8", body)
        .header(http::header::CACHE_CONTROL, "no-store")
        .header(LOCATION, format!("/api/cases/{number}"))
}

/// An idempotency key: 1 to 255 visible ASCII characters.
fn visible(bytes: &[u8]) -> Option<&str> {
    let good = (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(bytes).ok().filter(|_| good)
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn keys_are_visible_ascii() {
        assert_eq!(visible(b"a-1"), Some("a-1"));
        assert_eq!(visible(&[b'~'; 255]).map(str::len), Some(255));
        for bad in [&b""[..], b"a b", b"a\x7f", "键".as_bytes(), &[b'a'; 256]] {
            assert_eq!(visible(bad), None, "{bad:?}");
        }
    }
}
