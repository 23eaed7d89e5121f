//! The citizen's contact: masked beside the case, and in the clear when
//! somebody asks for it and says what for.

use case::masking;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{cases, contacts, openings};
use web::sight::{self, ContactSight};
use web::{Context, Database, Problem, Reply, identity, variables};

/// What a contact is shown for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Purpose {
    /// To call the citizen about the case.
    Call,
    /// To check who somebody is.
    Verify,
    /// To ask how it went.
    FollowUp,
    /// To avert danger.
    Urgent,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Call => "call",
            Purpose::Verify => "verify",
            Purpose::FollowUp => "follow-up",
            Purpose::Urgent => "urgent",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    purpose: Purpose,
}

/// `POST /api/desk/cases/{number}/contact`: all of the contact, for whoever has
/// to call back and has just proved who they are. Recorded first.
pub async fn show(context: &Context, number: &str) -> Result<Reply, Problem> {
    let wish: Wish = context.json()?;
    let mut database = Database::open().await?;
    let account = identity::require(context, &mut database, &sight::ROLES).await?;
    let case = cases::load(&mut database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    match sight::of(&account, &case).ok_or_else(Problem::not_found)? {
        ContactSight::Full => {}
        ContactSight::Masked | ContactSight::Nothing => return Err(Problem::forbidden()),
    }
    identity::proved(context, &mut database, &sight::ROLES).await?;
    let (purpose, now) = (wish.purpose.name(), context.now.0);
    let (id, role) = (account.id.as_str(), account.role);
    openings::reveal(&mut database, number, id, role, purpose, now).await?;
    context.log(
        "info",
        &json!({ "event": "contact-shown", "account": id, "number": number, "purpose": purpose }),
    );
    let contact = load(&mut database, number).await?;
    let contact = contact.ok_or_else(Problem::not_found)?;
    Ok(Reply::ok(&json!({
        "name": contact["name"],
        "phone": contact["phone"],
        "email": contact["email"],
    })))
}

/// The contact as it stands beside the case; null where there is none or none
/// to be seen.
pub async fn masked(
    database: &mut Database,
    number: &str,
    sight: ContactSight,
) -> Result<Json, Problem> {
    if sight == ContactSight::Nothing {
        return Ok(Json::Null);
    }
    let Some(contact) = load(database, number).await? else {
        return Ok(Json::Null);
    };
    let member = |name: &str, mask: fn(&str) -> String| contact[name].as_str().map(mask);
    Ok(json!({
        "on_request": sight == ContactSight::Full,
        "name": member("name", masking::name),
        "phone": member("phone", masking::phone),
        "email": member("email", masking::email),
    }))
}

/// The contact, opened; none where the citizen left none.
async fn load(database: &mut Database, number: &str) -> Result<Option<Json>, Problem> {
    let sealed = contacts::load(database, number)
        .await?
        .and_then(|contact| contact.sealed);
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let plain = variables::keys().await?.open(number, &sealed);
    let plain = plain.map_err(|error| Problem::internal(format!("the contact: {error}")))?;
    let contact =
        serde_json::from_slice(&plain).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Some(contact))
}
