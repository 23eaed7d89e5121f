//! A component that is handed in, to be published.
//!
//! What the head of the request says is looked at before any of its body is
//! read: key, revision, share and, over the digest that the head announces, the
//! signature. So nobody but a publisher can make the platform take in a
//! component. The body goes into the database piece by piece and is never in
//! memory as a whole; nothing of it is compiled here.

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use publishing::order::Order;
use publishing::situation::Situation;
use publishing::{MAX_SIZE, Refusal, wire};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::deliveries::{self, Delivery};
use store::transaction;
use web::{Context, Database, Problem, Reply, catalogue};

use crate::publisher;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

/// How a component begins: the magic number, and the version and layer of
/// components, which modules do not have.
const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// Takes a component in.
pub async fn receive<B>(context: &Context, department: &str, body: B) -> Result<Reply, Problem>
where
    B: BodyExt<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let signed = publisher::required(context)?;
    let media_type = context.header("content-type").unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(wire::MEDIA_TYPE) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-application-wasm",
        ));
    }
    let revision = number(context, wire::REVISION)?;
    let share = number(context, wire::SHARE)?;
    let digest = context
        .header(wire::DIGEST)
        .ok_or_else(|| Problem::invalid(wire::DIGEST, "required"))?;
    let sha256 =
        wire::sha256(digest).ok_or_else(|| Problem::invalid(wire::DIGEST, "content-digest"))?;

    let database = &mut Database::open().await?;
    let situation = Situation::read(database, department)
        .await
        .map_err(publisher::failed)?;
    let refused = |refusal: Refusal| publisher::refused(&refusal);
    situation.publisher(&signed.key).map_err(refused)?;
    if revision != situation.standing.revision + 1 {
        return Err(publisher::stale());
    }
    let release = situation.next_release();
    let change = situation
        .change(&Order::Publish { release, share }, &signed.key)
        .map_err(refused)?;
    let statement = situation.statement(&change, Some(&sha256));
    if !statement.is_signed(&signed.key, &signed.signature) {
        return Err(refused(Refusal::Signature));
    }

    let upload = seal::random::<16>().map_err(|error| Problem::internal(error.to_string()))?;
    let mut delivery = Delivery {
        signature: signed.signature,
        department: department.to_owned(),
        revision,
        release,
        share,
        sha256,
        key: signed.key,
        upload: upload.to_vec(),
        size: 0,
        arrived_at: 0,
        judged_at: None,
        verdict: None,
        report: None,
    };
    if !deliveries::begin(database, &delivery, context.now.0).await? {
        return Err(Problem::conflict("delivered-before"));
    }
    let stored = store_body(database, &mut delivery, body).await;
    if let Err(problem) = stored {
        // Should this fail as well, the sweep forgets them.
        let _ = deliveries::drop_parts(database, &upload).await;
        return Err(problem);
    }
    delivery.arrived_at = web::context::now().0;
    transaction::begin(database).await?;
    let arrived = deliveries::arrive(database, &delivery).await;
    if let Ok(true) = arrived {
        transaction::commit(database).await?;
    } else {
        transaction::rollback(database).await;
        let _ = deliveries::drop_parts(database, &upload).await;
        arrived?;
        return Err(Problem::conflict("delivered-before"));
    }
    context.log(
        "info",
        &json!({
            "event": "handler-delivered",
            "department": department,
            "revision": revision,
            "release": release,
            "sha256": seal::hex(&delivery.sha256),
            "bytes": delivery.size,
        }),
    );
    let body = json!({
        "department": department,
        "revision": revision,
        "release": release,
        "share": share,
        "sha256": seal::hex(&delivery.sha256),
        "verdict": wire::WAITING,
        "detail": catalogue::verdict(wire::WAITING, context.language),
    });
    Ok(Reply::json(StatusCode::ACCEPTED, &body))
}

/// Stores the body in pieces and sets the size, once it is what the head has
/// announced.
async fn store_body<B>(
    database: &mut Database,
    delivery: &mut Delivery,
    body: B,
) -> Result<(), Problem>
where
    B: BodyExt<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = Limited::new(body, MAX_SIZE);
    let mut hash = Sha256::new();
    let mut piece = BytesMut::new();
    let (mut part, mut size) = (0, 0);
    loop {
        let data = match body.frame().await {
            None => None,
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => Some(data),
                // Trailers say nothing here.
                Err(_) => continue,
            },
            Some(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large"));
            }
            Some(Err(_)) => return Err(Problem::bad_request("incomplete")),
        };
        let ended = data.is_none();
        if let Some(data) = data {
            hash.update(&data);
            size += data.len();
            piece.extend_from_slice(&data);
        }
        while piece.len() >= PIECE || (ended && !piece.is_empty()) {
            let content = piece.split_to(piece.len().min(PIECE));
            if part == 0 && !content.starts_with(PREAMBLE) {
                return Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "not-component",
                ));
            }
            deliveries::insert_part(database, &delivery.upload, part, content.to_vec()).await?;
            part += 1;
        }
        if ended {
            break;
        }
    }
    if part == 0 {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not-component",
        ));
    }
    if hash.finalize()[..] != delivery.sha256[..] {
        return Err(Problem::invalid(wire::DIGEST, "other-digest"));
    }
    delivery.size = i64::try_from(size).unwrap_or(i64::MAX);
    Ok(())
}

/// A number in a header.
fn number(context: &Context, name: &'static str) -> Result<i64, Problem> {
    let text = context
        .header(name)
        .ok_or_else(|| Problem::invalid(name, "required"))?;
    text.parse()
        .map_err(|_| Problem::invalid(name, "wrong-type"))
}
