//! From number and query code to the citizen's own page.

use http::StatusCode;
use http::header::SET_COOKIE;
use web::Reply;

use crate::case::{half_width, is_number, plain_code, remember};
use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::Case;
use pages::form::Form;
use pages::reader::redirect;

#[derive(askama::Template)]
#[template(path = "follow.html")]
struct FollowPage<'a> {
    v: &'a Visitor,
    number: &'a str,
    number_error: &'a str,
    code_error: &'a str,
}

/// `GET /follow`.
pub fn show(visitor: &Visitor) -> Result<Reply, Failure> {
    let page = FollowPage {
        v: visitor,
        number: "",
        number_error: "",
        code_error: "",
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// `POST /follow`: where both are right, the browser keeps the code and goes to
/// the case. The code is in no address, neither before nor after.
pub async fn enter(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let form = Form::read(api, visitor).await?;
    let number = plain_number(form.get("number"));
    let code = plain_code(form.get("code"));
    let words = visitor.words;
    let wrong = |number_error, code_error| {
        let page = FollowPage {
            v: visitor,
            number: &number,
            number_error,
            code_error,
        };
        Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, &page))
    };
    if number.is_empty() {
        return wrong(
            words.field_number,
            if code.is_empty() {
                words.field_code
            } else {
                ""
            },
        );
    }
    if code.is_empty() {
        return wrong("", words.field_code);
    }
    if !is_number(&number) {
        return wrong(words.follow_wrong, "");
    }
    match api.own::<Case>(&number, &code).await {
        Ok(_) => {
            Ok(redirect(&format!("/cases/{number}")).with(SET_COOKIE, remember(&number, &code)))
        }
        Err(failure) if failure.is_not_found() => wrong(words.follow_wrong, ""),
        Err(failure) => Err(failure),
    }
}

/// A number as it is stored, however it is typed.
fn plain_number(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|letter| !letter.is_whitespace())
        .collect::<String>()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::plain_number;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(plain_number(" yz20260213-4820 1937"), "YZ20260213-48201937");
        assert_eq!(
            plain_number("ＹＺ２０２６０２１３－４８２０１９３７"),
            "YZ20260213-48201937"
        );
    }
}
