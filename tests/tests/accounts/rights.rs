//! What each role may do.

use super::*;

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
            Method::GET,
            "/api/accounts/nobody-of-that-name",
            none.clone(),
            staff(&[Admin]),
        ),
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
