//! Showing a contact in the clear.

use pages::Form;
use pages::api::{Api, Failure};
use serde_json::json;
use web::{Problem, Reply};

use crate::case;
use crate::data::Contact;
use crate::member::Member;
use crate::prove::{self, Wish};

/// `POST /desk/cases/{number}/contact`: the case with its contact in the clear.
/// Where that takes a fresh proof, a page asks for the password, which comes
/// here with the same wish.
pub async fn show(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    if !case::is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let form = Form::read(api, member).await?;
    let purpose = form.get("purpose");
    let wish = Wish {
        action: format!("/desk/cases/{number}/contact#contact"),
        fields: vec![("purpose", purpose)],
        back: format!("/desk/cases/{number}"),
        back_name: member.words.prove_back,
    };
    if let Some(page) = prove::check(api, member, &form, &wish).await? {
        return Ok(page);
    }
    let path = format!("/api/desk/cases/{number}/contact");
    let body = json!({ "purpose": purpose });
    match api.post("desk", &path, &[], &body).await {
        Ok(contact) => {
            let contact: Contact = serde_json::from_value(contact).unwrap_or_default();
            let contact = Contact {
                clear: true,
                ..contact
            };
            case::with_contact(api, member, number, contact).await
        }
        Err(failure) if failure.code() == "prove-again" => {
            Ok(prove::ask(member, &wish, &failure).await)
        }
        Err(failure) => Err(failure),
    }
}
