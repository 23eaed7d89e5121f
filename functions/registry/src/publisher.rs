//! Who asks: a publisher's key and signature.

use case::time::Timestamp;
use http::StatusCode;
use publishing::signature::{self, Reading};
use publishing::{Error, Refusal, wire};
use web::{Context, Problem};

/// How far the clock of whoever signs a reading may be from ours, in
/// milliseconds: it bounds how long a reading that somebody overheard can be
/// sent again.
const DRIFT: i64 = 5 * 60 * 1000;

/// What a request was signed with. Whether it is right is not said yet.
pub struct Signed {
    /// The public key.
    pub key: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Key and signature of the request; none where it has neither.
pub fn signed(context: &Context) -> Result<Option<Signed>, Problem> {
    let given = (context.header(wire::KEY), context.header(wire::SIGNATURE));
    let (key, signature) = match given {
        (None, None) => return Ok(None),
        (Some(key), Some(signature)) => (key, signature),
        (None, _) => return Err(Problem::invalid(wire::KEY, "required")),
        (_, None) => return Err(Problem::invalid(wire::SIGNATURE, "required")),
    };
    let key = signature::parse(key).map_err(|_| Problem::invalid(wire::KEY, "public-key"))?;
    let signature = signature::bytes(signature)
        .filter(|bytes| bytes.len() == 64)
        .ok_or_else(|| Problem::invalid(wire::SIGNATURE, "signature"))?;
    Ok(Some(Signed { key, signature }))
}

/// Key and signature of a request that needs them.
pub fn required(context: &Context) -> Result<Signed, Problem> {
    signed(context)?.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "unsigned"))
}

/// Whether the request asks, freshly signed, for what only publishers see.
/// Whose key it is has to be looked up yet.
pub fn reader(context: &Context, department: &str) -> Result<Option<Signed>, Problem> {
    let Some(signed) = signed(context)? else {
        return Ok(None);
    };
    let time = context
        .header(wire::TIME)
        .ok_or_else(|| Problem::invalid(wire::TIME, "required"))?;
    let at: Timestamp = time
        .parse()
        .map_err(|_| Problem::invalid(wire::TIME, "time"))?;
    if !(Reading { department, time }).is_signed(&signed.key, &signed.signature) {
        return Err(refused(&Refusal::Signature));
    }
    if (context.now.0 - at.0).abs() > DRIFT {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "clock"));
    }
    Ok(Some(signed))
}

/// A refusal as a problem.
pub fn refused(refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::UnknownDepartment(_) => StatusCode::NOT_FOUND,
        Refusal::Signature => StatusCode::UNAUTHORIZED,
        Refusal::UnknownKey { .. } | Refusal::RevokedKey | Refusal::SecondPublisher => {
            StatusCode::FORBIDDEN
        }
        Refusal::Share => return Problem::invalid(wire::SHARE, "range"),
        Refusal::Endpoint(_) => return Problem::invalid("at", "endpoint"),
        Refusal::NothingOnTrial
        | Refusal::NothingToConfirm
        | Refusal::NothingEarlier
        | Refusal::NeverPublished(_)
        | Refusal::NothingDecides
        | Refusal::VersionTaken { .. } => StatusCode::CONFLICT,
    };
    Problem::new(status, refusal.code())
}

/// What an order came to nothing of, as a problem.
pub fn failed(error: Error) -> Problem {
    match error {
        Error::Refused(refusal) => refused(&refusal),
        Error::Store(store::Error::Conflict(text)) => Problem {
            internal: Some(text.into()),
            ..stale()
        },
        Error::Store(error) => error.into(),
    }
}

/// Something else was ordered since it was signed.
pub fn stale() -> Problem {
    Problem::conflict("stale-order")
}
