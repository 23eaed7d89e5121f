//! Passwords, logins and sessions.

use super::*;

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
