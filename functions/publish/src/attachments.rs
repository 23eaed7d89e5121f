//! Files of a case, for those who may see them.

use case::Actor;
use http::{StatusCode, header};
use store::{cases, files, openings};
use web::{Context, Database, Problem, Reply, identity, sight};

/// Sends the file at `position`. For staff who do not see the case there is
/// none.
pub async fn show(context: &Context, number: &str, position: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    match identity::staff(context, &mut database).await? {
        Some(account) => {
            let case = cases::load(&mut database, number).await?;
            case.and_then(|case| sight::of(&account, &case))
                .ok_or_else(Problem::not_found)?;
            let (id, now) = (account.id.as_str(), context.now.0);
            openings::record(&mut database, number, id, account.role, now).await?;
        }
        None => match identity::actor(context, &mut database, number).await? {
            Actor::Citizen => {}
            _ => return Err(Problem::forbidden()),
        },
    }
    let position = position.parse::<i64>().map_err(|_| Problem::not_found())?;
    let file = files::load(&mut database, number, position)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Reply::bytes(StatusCode::OK, &file.media_type, file.content)
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{}", encoded(&file.name)),
        )
        .header(header::CACHE_CONTROL, "private, no-store"))
}

/// A name as RFC 8187 writes it.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                text.push(char::from(byte))
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
