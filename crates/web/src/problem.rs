//! Errors as their receivers see them: RFC 9457 problem details.

use case::check::Refusal;
use http::StatusCode;
use serde_json::{Value as Json, json};

use crate::catalogue;
use crate::language::Language;

/// An error for a client. It holds no internal text; that goes to the log.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code, the last part of the `type`; the catalogue has its texts.
    pub code: &'static str,
    /// What is wrong with which field.
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// The methods that the address has, where the request's is not one of them.
    pub allowed: Option<&'static str>,
    /// More members of the problem, such as the state of the case.
    pub extra: Vec<(&'static str, Json)>,
    /// What the log should say. Boxed because every fallible function returns this type, and it should stay small.
    pub internal: Option<Box<str>>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, such as `contact.phone`.
    pub field: String,
    /// Stable code; the catalogue has its texts.
    pub code: &'static str,
    /// A number that the text speaks of, such as the longest length allowed.
    pub limit: Option<u64>,
}

impl Problem {
    /// A problem with nothing but a status and a code.
    pub fn new(status: StatusCode, code: &'static str) -> Problem {
        Problem {
            status,
            code,
            errors: Vec::new(),
            retry_after: None,
            allowed: None,
            extra: Vec::new(),
            internal: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(code: &'static str) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code)
    }

    /// 401: nobody is signed in.
    pub fn unauthorized() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized")
    }

    /// 403: not with this role.
    pub fn forbidden() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// 404: no such thing, or not for this caller, which looks the same.
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found")
    }

    /// 409: what is stored stands against it.
    pub fn conflict(code: &'static str) -> Problem {
        Problem::new(StatusCode::CONFLICT, code)
    }

    /// 422: a field has a wrong value.
    pub fn invalid(field: impl Into<String>, code: &'static str) -> Problem {
        Problem::invalid_fields(vec![FieldError {
            field: field.into(),
            code,
            limit: None,
        }])
    }

    /// 422: fields have wrong values.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Problem {
        Problem {
            errors,
            ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        }
    }

    /// 429: too many requests.
    pub fn too_many(seconds: u64) -> Problem {
        Problem {
            retry_after: Some(seconds.max(1)),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many")
        }
    }

    /// 500: a mistake of ours. `internal` is for the log.
    pub fn internal(internal: impl Into<Box<str>>) -> Problem {
        Problem {
            internal: Some(internal.into()),
            ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }

    /// Adds a member.
    pub fn with(mut self, name: &'static str, value: impl Into<Json>) -> Problem {
        self.extra.push((name, value.into()));
        self
    }

    /// The body in `language`; `request` is the id of the request.
    pub fn body(&self, language: Language, request: &str) -> Json {
        let (title, detail) = catalogue::problem(self.code, language);
        let mut body = json!({
            "type": format!("urn:wenzheng:problem:{}", self.code),
            "title": title,
            "status": self.status.as_u16(),
            "detail": detail,
            "request": request,
        });
        if !self.errors.is_empty() {
            body["errors"] = self
                .errors
                .iter()
                .map(|error| {
                    json!({
                        "field": error.field,
                        "code": error.code,
                        "detail": catalogue::field(error.code, error.limit, language),
                    })
                })
                .collect();
        }
        if let Some(seconds) = self.retry_after {
            body["retry_after"] = seconds.into();
        }
        for (name, value) in &self.extra {
            body[*name] = value.clone();
        }
        body
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Problem {
        let internal = Some(error.to_string().into());
        match error {
            store::Error::Unavailable(_) => Problem {
                internal,
                retry_after: Some(5),
                ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            },
            store::Error::Conflict(_) => Problem {
                internal,
                ..Problem::conflict("stale")
            },
            store::Error::Decode(_) | store::Error::Other(_) => Problem {
                internal,
                ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
            },
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Role => Problem::forbidden(),
            Refusal::Department => Problem::new(StatusCode::FORBIDDEN, "other-department"),
            Refusal::State { state } => Problem::conflict("state").with("state", state.name()),
            Refusal::TwoPersons => Problem::conflict("two-persons"),
            Refusal::ReturnedBefore => Problem::conflict("returned-before"),
            Refusal::MustBeAdjudicated => Problem::conflict("must-be-adjudicated"),
            Refusal::NotDisputed => Problem::conflict("not-disputed"),
            Refusal::NoExtensionPending => Problem::conflict("no-extension-pending"),
            Refusal::ExtensionPending => Problem::conflict("extension-pending"),
            Refusal::NotHeld => Problem::conflict("not-held"),
            Refusal::AlreadyEmergency => Problem::conflict("already-emergency"),
            Refusal::NotEmergency => Problem::conflict("not-emergency"),
            Refusal::NoFollowUp => Problem::conflict("no-follow-up"),
            Refusal::NotPublic => Problem::conflict("not-public"),
        }
    }
}
