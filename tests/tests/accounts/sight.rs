//! What each role may see.

use super::*;

/// How much of a contact somebody sees.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Contact {
    Full,
    Masked,
    Nothing,
    /// There is no such case, for them.
    NoCase,
}

/// What is seen of a case of the public-security bureau in which housing takes part, before and after the answer.
const SIGHT: &[(Role, Option<&str>, Contact, Contact)] = &[
    (Role::Operator, None, Contact::Full, Contact::Full),
    (Role::Duty, None, Contact::Full, Contact::Full),
    (Role::Supervisor, None, Contact::Masked, Contact::Masked),
    (Role::Leader, None, Contact::Masked, Contact::Masked),
    (Role::Officer, Some(POLICE), Contact::Full, Contact::Full),
    (
        Role::Officer,
        Some("housing-construction"),
        Contact::Masked,
        Contact::Masked,
    ),
    (
        Role::Officer,
        Some("education"),
        Contact::NoCase,
        Contact::NoCase,
    ),
    (Role::Reviewer, None, Contact::NoCase, Contact::Nothing),
];

#[tokio::test]
async fn each_role_sees_of_a_contact_what_it_needs() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let mut message = driver.household(false);
    message["contact"] =
        json!({ "name": "欧阳测试", "phone": "0574-87654321", "email": "somebody@example.com" });
    let case = driver.submit(&message).await?;
    driver.assigned(&case).await?;
    let operator = Caller::Staff(&driver.operator);
    let housing = json!({ "department": "housing-construction", "reason": "测试" });
    driver
        .act(operator, &case.number, "co-handling", &housing)
        .await?;
    look(&platform, &driver, &case.number, |sight| sight.2)
        .await
        .context("before the answer")?;

    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    driver
        .act(
            officer,
            &case.number,
            "answer",
            &wenzheng_tests::cases::answer(),
        )
        .await?;
    look(&platform, &driver, &case.number, |sight| sight.3)
        .await
        .context("after the answer")?;

    let mine = platform
        .get(
            Caller::Citizen(&case.code),
            &format!("/api/cases/{}", case.number),
        )
        .await?
        .expect(200)?;
    ensure!(
        !mine.text.contains("87654321") && !mine.text.contains("欧阳测试"),
        "the citizen's page: {}",
        mine.text
    );
    Ok(())
}

/// The contact beside the case; `on_request` where it is shown in the clear to who asks.
fn masked(on_request: bool) -> Json {
    json!({ "on_request": on_request, "name": "欧阳**", "phone": "0574-****21", "email": "s***@example.com" })
}

type Sight = (Role, Option<&'static str>, Contact, Contact);

async fn look(
    platform: &Platform,
    driver: &Driver<'_>,
    number: &str,
    expected: impl Fn(&Sight) -> Contact,
) -> Result<()> {
    let path = format!("/api/desk/cases/{number}");
    for sight in SIGHT {
        let (role, department, ..) = sight;
        let staff = platform.staff(*role, *department, 4).await?;
        let reply = platform.get(Caller::Staff(&staff), &path).await?;
        let contact = &reply.json()["contact"];
        let what = format!("{role:?} of {department:?}: {reply:?}");
        let purpose = json!({ "purpose": "call" });
        let clear = platform
            .post(Caller::Staff(&staff), &format!("{path}/contact"), &purpose)
            .await?;
        let shown = match expected(sight) {
            Contact::NoCase => 404,
            Contact::Nothing | Contact::Masked => 403,
            Contact::Full => 200,
        };
        ensure!(
            clear.status == shown,
            "{role:?} of {department:?}: {clear:?}"
        );
        match expected(sight) {
            Contact::NoCase => {
                ensure!(reply.status == 404, "{what}");
                let none = platform
                    .get(Caller::Staff(&staff), "/api/desk/cases/YZ20200101-00000000")
                    .await?;
                ensure!(
                    bare(&none) == bare(&reply),
                    "it can be told that there is a case: {what}"
                );
            }
            Contact::Nothing => {
                ensure!(reply.status == 200 && contact.is_null(), "{what}");
                ensure!(
                    !reply.text.contains("87654321") && !reply.text.contains("欧阳测试"),
                    "{what}"
                );
            }
            Contact::Full => {
                ensure!(reply.status == 200 && *contact == masked(true), "{what}");
                let full = json!({ "name": "欧阳测试", "phone": "0574-87654321", "email": "somebody@example.com" });
                ensure!(clear.json() == full, "{clear:?}");
            }
            Contact::Masked => {
                ensure!(reply.status == 200 && *contact == masked(false), "{what}");
            }
        }
        ensure!(
            !reply.text.contains("87654321") && !reply.text.contains("欧阳测试"),
            "in the clear at once: {what}"
        );
        let sees_raw = matches!(role, Role::Operator | Role::Duty | Role::Supervisor);
        ensure!(
            sees_raw || reply.json()["original"]["raw"].is_null(),
            "the message as it came: {what}"
        );
    }
    for role in [Role::Reporter, Role::Admin] {
        let staff = platform.staff(role, None, 4).await?;
        platform
            .get(Caller::Staff(&staff), &path)
            .await?
            .expect(403)?;
    }
    let view = driver.view(number).await?;
    ensure!(!view["original"].is_null(), "the message is there: {view}");
    Ok(())
}

#[tokio::test]
async fn another_departments_case_is_none_of_theirs() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let message = json!({
        "subject": "户口迁移咨询",
        "body": format!("我和爱人都是外省户口，在鄞州买了一套房，户口迁移时能不能先迁一个人的？（{}）", unique()),
        "attachments": [{ "name": "照片.png", "content": wenzheng_tests::endpoints::PNG }],
    });
    let case = driver.submit(&message).await?;
    driver.assigned(&case).await?;
    let other = platform.staff(Role::Officer, Some("education"), 0).await?;
    let stranger = Caller::Staff(&other);
    let before = driver.view(&case.number).await?["sequence"].clone();
    for (resource, body) in [
        ("acceptance", json!({})),
        ("question", json!({ "text": "测试" })),
        ("answer", wenzheng_tests::cases::answer()),
        ("return", json!({ "reason": "测试", "basis": "测试" })),
        (
            "extension-request",
            json!({ "working_days": 1, "reason": "测试" }),
        ),
    ] {
        let reply = driver
            .try_act(stranger, &case.number, resource, &body)
            .await?
            .expect(403)?;
        ensure!(
            reply.problem() == "other-department",
            "{resource}: {reply:?}"
        );
    }
    ensure!(
        driver.view(&case.number).await?["sequence"] == before,
        "something happened"
    );

    let file = format!("/api/cases/{}/attachments/1", case.number);
    platform.get(stranger, &file).await?.expect(404)?;
    platform.get(Caller::Anyone, &file).await?.expect(401)?;
    platform
        .get(Caller::Citizen("AAAA-AAAA-AAAA"), &file)
        .await?
        .expect(404)?;
    for caller in [Caller::Staff(&driver.officer), Caller::Citizen(&case.code)] {
        let reply = platform.get(caller, &file).await?.expect(200)?;
        ensure!(
            reply.headers.get("content-type").map(String::as_str) == Some("image/png"),
            "{reply:?}"
        );
        ensure!(
            reply
                .headers
                .get("content-disposition")
                .is_some_and(|text| text.starts_with("attachment")),
            "{reply:?}"
        );
    }

    platform
        .get(stranger, &format!("/api/desk/cases?department={POLICE}"))
        .await?
        .expect(403)?;
    let listed = |reply: Reply| -> Vec<Json> {
        reply.json()["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| item["department"].clone())
            .collect()
    };
    ensure!(
        listed(platform.get(stranger, "/api/desk/cases?limit=200").await?)
            .iter()
            .all(|id| id == "education"),
        "others' cases"
    );
    let own = listed(
        platform
            .get(Caller::Staff(&driver.officer), "/api/desk/cases?limit=200")
            .await?,
    );
    ensure!(
        !own.is_empty() && own.iter().all(|id| id == POLICE),
        "{own:?}"
    );

    // One citizen's code opens no other citizen's case.
    let mine = driver.submit(&driver.household(false)).await?;
    for (method, path) in [
        (Method::GET, String::new()),
        (Method::POST, "/withdrawal".to_owned()),
        (Method::POST, "/supplement".to_owned()),
    ] {
        let headers = [("content-type", "application/json".to_owned())];
        let body = match path.as_str() {
            "" => None,
            "/withdrawal" => Some(b"{}".to_vec()),
            _ => Some(json!({ "text": "测试" }).to_string().into_bytes()),
        };
        let path = format!("/api/cases/{}{path}", case.number);
        platform
            .send(Caller::Citizen(&mine.code), method, &path, &headers, body)
            .await?
            .expect(404)?;
    }
    Ok(())
}
