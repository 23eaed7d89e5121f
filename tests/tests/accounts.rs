//! Who may come in, who may do what, and what of a case each of them sees.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use case::{Role, State};
use reqwest::Method;
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::POLICE;
use wenzheng_tests::platform::unique;
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::{Caller, Driver, Platform, Reply, Runner, Staff};

/// The district lets somebody try an account so often.
const FAILURES: usize = 5;

async fn login(platform: &Platform, account: &str, password: &str) -> Result<Reply> {
    platform
        .post(
            Caller::Anyone,
            "/api/session",
            &json!({ "account": account, "password": password }),
        )
        .await
}

async fn change(platform: &Platform, account: &str, body: &Json) -> Result<Reply> {
    let headers = [("content-type", "application/json".to_owned())];
    let path = format!("/api/accounts/{account}");
    let body = Some(body.to_string().into_bytes());
    platform
        .send(
            Caller::Staff(platform.admin()),
            Method::PATCH,
            &path,
            &headers,
            body,
        )
        .await
}

async fn who(platform: &Platform, staff: &Staff) -> Result<Reply> {
    platform.get(Caller::Staff(staff), "/api/session").await
}

/// A problem without what differs from request to request.
fn bare(reply: &Reply) -> Json {
    let mut body = reply.json();
    body["request"] = Json::Null;
    body
}

fn fields(reply: &Reply) -> Vec<Json> {
    let body = reply.json();
    body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["field"].clone())
        .collect()
}

#[tokio::test]
async fn a_wrong_login_does_not_say_what_is_wrong() -> Result<()> {
    let platform = Platform::connect().await?;
    let (known, _) = platform.recruit(Role::Operator, None).await?;
    let (disabled, password) = platform.recruit(Role::Operator, None).await?;
    change(&platform, &disabled.account, &json!({ "disabled": true }))
        .await?
        .expect(200)?;
    let replies = [
        login(&platform, &known.account, "not the password").await?,
        login(
            &platform,
            &format!("nobody-{}", unique()),
            "not the password",
        )
        .await?,
        login(&platform, &disabled.account, &password).await?,
        login(&platform, &known.account, "").await?,
        login(&platform, "", "").await?,
        login(&platform, "\u{0}", "\u{0}").await?,
        login(&platform, &known.account.to_uppercase(), &"x".repeat(5000)).await?,
    ];
    for reply in &replies {
        ensure!(
            reply.status == 401 && reply.problem() == "wrong-login",
            "{reply:?}"
        );
        ensure!(
            bare(reply) == bare(&replies[0]),
            "{reply:?} differs from {:?}",
            replies[0]
        );
        let names = |reply: &Reply| reply.headers.keys().cloned().collect::<Vec<_>>();
        ensure!(
            names(reply) == names(&replies[0]),
            "the headers differ: {reply:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn whoever_tries_passwords_has_to_wait() -> Result<()> {
    let platform = Platform::connect().await?;
    let (staff, password) = platform.recruit(Role::Operator, None).await?;
    let nobody = format!("nobody-{}", unique());
    let (bystander, bystanders) = platform.recruit(Role::Operator, None).await?;
    for account in [staff.account.as_str(), &nobody] {
        for _ in 0..FAILURES {
            login(&platform, account, "not the password")
                .await?
                .expect(401)?;
        }
        // The right password would tell that it is right.
        for attempt in ["not the password", &password] {
            let reply = login(&platform, account, attempt).await?.expect(429)?;
            let wait = reply
                .headers
                .get("retry-after")
                .and_then(|seconds| seconds.parse::<u64>().ok());
            ensure!(
                wait.is_some_and(|seconds| (1..=900).contains(&seconds)),
                "{reply:?}"
            );
            ensure!(reply.json()["retry_after"].as_u64() == wait, "{reply:?}");
        }
    }
    who(&platform, &staff)
        .await?
        .expect(200)
        .context("the session that there was goes on")?;
    login(&platform, &bystander.account, &bystanders)
        .await?
        .expect(200)
        .context("others are not concerned")?;

    // All at once is no way round it.
    let (staff, password) = platform.recruit(Role::Operator, None).await?;
    let attempts = (0..4 * FAILURES).map(|_| login(&platform, &staff.account, "not the password"));
    let replies: Vec<Reply> = futures::future::join_all(attempts)
        .await
        .into_iter()
        .collect::<Result<_>>()?;
    let tried = replies.iter().filter(|reply| reply.status == 401).count();
    ensure!(
        replies
            .iter()
            .all(|reply| [401, 429].contains(&reply.status)),
        "{replies:?}"
    );
    ensure!(
        tried <= FAILURES,
        "{tried} passwords could be tried at once"
    );
    login(&platform, &staff.account, &password)
        .await?
        .expect(429)?;
    Ok(())
}

#[tokio::test]
async fn a_one_time_password_is_good_for_one_thing() -> Result<()> {
    let platform = Platform::connect().await?;
    let (account, one_time) = platform.hire(Role::Supervisor, None).await?;
    let first = platform.sign_in(&account, &one_time).await?;
    let other = platform.sign_in(&account, &one_time).await?;
    ensure!(
        who(&platform, &first).await?.expect(200)?.json()["account"]["must_change"] == true,
        "it is to be changed"
    );
    for path in [
        "/api/desk/cases",
        "/api/desk/dead-letters",
        "/api/desk/cases/YZ20200101-00000000",
    ] {
        let reply = platform
            .get(Caller::Staff(&first), path)
            .await?
            .expect(403)?;
        ensure!(reply.problem() == "password-change", "{reply:?}");
    }
    let set = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        platform
            .post(Caller::Staff(&first), "/api/session/password", &body)
            .await
    };
    for weak in [
        "short",
        "password1234",
        "123456789012",
        "aaaaaaaaaaaaaaa",
        "",
        account.as_str(),
        &"x1y2".repeat(500),
    ] {
        let reply = set(&one_time, weak).await?.expect(422)?;
        ensure!(fields(&reply) == ["new"], "{weak}: {reply:?}");
    }
    let good = format!("老王家的猫在屋顶上打呼噜 {}", unique());
    ensure!(
        fields(&set("not the password", &good).await?.expect(422)?) == ["current"],
        "the present one is asked for"
    );
    ensure!(
        fields(&set(&one_time, &one_time).await?.expect(422)?) == ["new"],
        "it must be another one"
    );
    set(&one_time, &good).await?.expect(204)?;
    platform
        .get(Caller::Staff(&first), "/api/desk/cases")
        .await?
        .expect(200)?;
    who(&platform, &other)
        .await?
        .expect(401)
        .context("other sessions end")?;
    login(&platform, &account, &one_time).await?.expect(401)?;
    let again = platform.sign_in(&account, &good).await?;

    // An administrator gives a new one: the old password and all sessions are over.
    let reset = change(&platform, &account, &json!({ "reset_password": true }))
        .await?
        .expect(200)?
        .json();
    let one_time = reset["password"]
        .as_str()
        .context("no new one-time password")?;
    who(&platform, &again).await?.expect(401)?;
    login(&platform, &account, &good).await?.expect(401)?;
    let session = login(&platform, &account, one_time)
        .await?
        .expect(200)?
        .json();
    ensure!(session["account"]["must_change"] == true, "{session}");
    Ok(())
}

#[tokio::test]
async fn sessions_end() -> Result<()> {
    let platform = Platform::connect().await?;
    let (staff, password) = platform.recruit(Role::Operator, None).await?;
    let other = platform.sign_in(&staff.account, &password).await?;
    let signed_out = platform
        .send(
            Caller::Staff(&staff),
            Method::DELETE,
            "/api/session",
            &[],
            None,
        )
        .await?;
    signed_out.expect(204)?;
    for path in ["/api/session", "/api/desk/cases"] {
        platform
            .get(Caller::Staff(&staff), path)
            .await?
            .expect(401)?;
    }
    // A token that is no longer good is refused even where none is needed: nobody acts as somebody less by mistake.
    let driver = Driver::new(&platform).await?;
    platform
        .post(
            Caller::Staff(&staff),
            "/api/cases",
            &driver.household(false),
        )
        .await?
        .expect(401)?;
    who(&platform, &other).await?.expect(200)?;
    ensure!(
        staff.token != other.token && staff.token.len() >= 32,
        "tokens are secrets"
    );

    change(&platform, &staff.account, &json!({ "disabled": true }))
        .await?
        .expect(200)?;
    who(&platform, &other).await?.expect(401)?;
    login(&platform, &staff.account, &password)
        .await?
        .expect(401)?;
    change(&platform, &staff.account, &json!({ "disabled": false }))
        .await?
        .expect(200)?;
    who(&platform, &other)
        .await?
        .expect(401)
        .context("what has ended stays so")?;
    let back = platform.sign_in(&staff.account, &password).await?;
    change(&platform, &staff.account, &json!({ "role": "reviewer" }))
        .await?
        .expect(200)?;
    who(&platform, &back)
        .await?
        .expect(401)
        .context("another role, another session")?;
    let session = login(&platform, &staff.account, &password)
        .await?
        .expect(200)?
        .json();
    ensure!(session["account"]["role"] == "reviewer", "{session}");
    Ok(())
}

#[tokio::test]
async fn a_desk_left_alone_is_locked() -> Result<()> {
    let mut rules = IMPATIENT.to_vec();
    rules.push(("limits.toml", "[session]", "idle_seconds", "2"));
    let Some(mut runner) = Runner::prepare("session", &rules).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let (staff, password) = platform.recruit(Role::Operator, None).await?;
    who(&platform, &staff).await?.expect(200)?;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    who(&platform, &staff).await?.expect(401)?;
    platform
        .get(Caller::Staff(&staff), "/api/desk/cases")
        .await?
        .expect(401)?;
    let again = platform.sign_in(&staff.account, &password).await?;
    who(&platform, &again).await?.expect(200)?;
    Ok(())
}

/// Who may call what, beside the actions on cases, of which the matrix tells: method, path, body, and the roles.
/// `None` stands for people who are not signed in.
fn rights() -> Vec<(Method, &'static str, Json, Vec<Option<Role>>)> {
    use Role::{Admin, Duty, Leader, Officer, Operator, Reviewer, Supervisor};
    let none = Json::Null;
    let staff = |roles: &[Role]| roles.iter().copied().map(Some).collect::<Vec<_>>();
    let everybody_signed_in = Role::ALL.into_iter().map(Some).collect::<Vec<_>>();
    let new = json!({ "id": "NO SUCH ID", "name": "测试", "role": "operator" });
    vec![
        (
            Method::GET,
            "/api/session",
            none.clone(),
            everybody_signed_in,
        ),
        (Method::GET, "/api/accounts", none.clone(), staff(&[Admin])),
        (Method::POST, "/api/accounts", new, staff(&[Admin])),
        (
            Method::PATCH,
            "/api/accounts/nobody-of-that-name",
            json!({ "name": "测试" }),
            staff(&[Admin]),
        ),
        (
            Method::POST,
            "/api/channels/no-such-channel/keys",
            none.clone(),
            staff(&[Admin]),
        ),
        (
            Method::DELETE,
            "/api/channels/no-such-channel/keys",
            none.clone(),
            staff(&[Admin]),
        ),
        (
            Method::GET,
            "/api/desk/cases",
            none.clone(),
            staff(&[Operator, Officer, Reviewer, Supervisor, Leader, Duty]),
        ),
        (
            Method::GET,
            "/api/desk/cases/{number}",
            none.clone(),
            staff(&[Operator, Officer, Reviewer, Supervisor, Leader, Duty]),
        ),
        (
            Method::POST,
            "/api/desk/cases",
            json!({ "phone": "13900001111" }),
            staff(&[Operator, Duty]),
        ),
        (
            Method::GET,
            "/api/desk/dead-letters",
            none.clone(),
            staff(&[Supervisor, Admin]),
        ),
        (
            Method::POST,
            "/api/desk/dead-letters/classify/YZ20200101-00000000",
            none.clone(),
            staff(&[Supervisor, Admin]),
        ),
        (
            Method::POST,
            "/api/cases",
            json!({ "subject": "" }),
            vec![None, Some(Operator), Some(Duty)],
        ),
        (Method::POST, "/api/relay/sweep", none, Vec::new()),
    ]
}

#[tokio::test]
async fn each_role_may_do_what_is_its_own() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Answered, false).await?;
    let mut callers = vec![(None, None)];
    for role in Role::ALL {
        let department = (role == Role::Officer).then_some(POLICE);
        callers.push((Some(role), Some(platform.staff(role, department, 3).await?)));
    }
    for (method, path, body, allowed) in rights() {
        for (role, staff) in &callers {
            let path = path.replace("{number}", &case.number);
            let caller = staff.as_ref().map_or(Caller::Anyone, Caller::Staff);
            let headers = [("content-type", "application/json".to_owned())];
            let body = (!body.is_null()).then(|| body.to_string().into_bytes());
            let reply = platform
                .send(caller, method.clone(), &path, &headers, body)
                .await?;
            let what = format!("{method} {path} by {role:?}: {reply:?}");
            if allowed.contains(role) {
                ensure!([200, 404, 422].contains(&reply.status), "{what}");
            } else if role.is_none() || path.starts_with("/api/relay") {
                ensure!(
                    reply.status == 401 && reply.headers.contains_key("www-authenticate"),
                    "{what}"
                );
            } else {
                ensure!(reply.status == 403, "{what}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_list_of_accounts_tells_no_secrets() -> Result<()> {
    let platform = Platform::connect().await?;
    let (staff, password) = platform.recruit(Role::Reporter, None).await?;
    let admin = Caller::Staff(platform.admin());
    let mut cursor = String::new();
    let mut seen = BTreeSet::new();
    loop {
        let reply = platform
            .get(admin, &format!("/api/accounts?limit=7&cursor={cursor}"))
            .await?
            .expect(200)?;
        ensure!(
            !reply.text.contains("argon2") && !reply.text.contains(&password),
            "a secret: {}",
            reply.text
        );
        let page = reply.json();
        for account in page["accounts"].as_array().into_iter().flatten() {
            let id = account["id"].as_str().unwrap_or_default().to_owned();
            ensure!(seen.insert(id), "listed twice: {account}");
        }
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    ensure!(
        seen.contains(&staff.account),
        "{} is not in the list",
        staff.account
    );
    Ok(())
}

#[tokio::test]
async fn keys_of_channels_can_be_revoked() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let admin = Caller::Staff(platform.admin());
    let keys = "/api/channels/hotline-12345/keys";
    let mut made = Vec::new();
    for _ in 0..2 {
        let key = platform
            .send(admin, Method::POST, keys, &[], None)
            .await?
            .expect(201)?
            .json();
        made.push(key["key"].as_str().context("no key")?.to_owned());
    }
    let submit = async |key: &str| {
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-api-key", key.to_owned()),
        ];
        let body = driver.household(false).to_string().into_bytes();
        platform
            .send(
                Caller::Anyone,
                Method::POST,
                "/api/cases",
                &headers,
                Some(body),
            )
            .await
    };
    for key in &made {
        let number = submit(key).await?.expect(201)?.json()["number"].clone();
        let view = driver.view(number.as_str().unwrap_or_default()).await?;
        ensure!(view["channel"] == "hotline-12345", "{}", view["channel"]);
    }
    platform
        .send(admin, Method::DELETE, keys, &[], None)
        .await?
        .expect(200)?;
    for key in &made {
        submit(key).await?.expect(401)?;
    }
    Ok(())
}

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
                let full = json!({ "masked": false, "name": "欧阳测试", "phone": "0574-87654321", "email": "somebody@example.com" });
                ensure!(reply.status == 200 && *contact == full, "{what}");
            }
            Contact::Masked => {
                let masked = json!({ "masked": true, "name": "欧阳**", "phone": "0574-****21", "email": "s***@example.com" });
                ensure!(reply.status == 200 && *contact == masked, "{what}");
                ensure!(
                    !reply.text.contains("87654321") && !reply.text.contains("欧阳测试"),
                    "{what}"
                );
            }
        }
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
