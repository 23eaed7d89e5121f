//! Administrators keep accounts: what the list has, who decides on what has changed meanwhile, and that one of them
//! stays.

use super::*;

/// A department that no account of another test belongs to.
const DEPARTMENT: &str = "archives";

/// Rounds in which two administrators demote each other at once.
const ROUNDS: usize = 5;

/// The identifiers of all accounts that `query` lets through, page by page.
async fn listed(platform: &Platform, caller: Caller<'_>, query: &str) -> Result<BTreeSet<String>> {
    let mut cursor = String::new();
    let mut seen = BTreeSet::new();
    loop {
        let path = format!("/api/accounts?limit=2&{query}&cursor={cursor}");
        let page = platform.get(caller, &path).await?.expect(200)?.json();
        for account in page["accounts"].as_array().into_iter().flatten() {
            let id = account["id"].as_str().unwrap_or_default().to_owned();
            ensure!(seen.insert(id), "listed twice: {account}");
        }
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return Ok(seen),
        }
    }
}

/// The account as administrators see it.
async fn shown(platform: &Platform, account: &str) -> Result<Json> {
    let path = format!("/api/accounts/{account}");
    let admin = Caller::Staff(platform.admin());
    let reply = platform.get(admin, &path).await?.expect(200)?;
    ensure!(!reply.text.contains("argon2"), "a secret: {}", reply.text);
    Ok(reply.json()["account"].clone())
}

#[tokio::test]
async fn the_list_can_be_narrowed() -> Result<()> {
    let platform = Platform::connect().await?;
    let admin = Caller::Staff(platform.admin());
    let of = format!("department={DEPARTMENT}");
    // Those of an earlier run on the same platform.
    let earlier = listed(&platform, admin, &of).await?;
    let narrowed = async |query: &str| -> Result<BTreeSet<String>> {
        let all = listed(&platform, admin, &format!("{of}{query}")).await?;
        Ok(all.difference(&earlier).cloned().collect())
    };
    let mut officers = BTreeSet::new();
    for _ in 0..5 {
        let (officer, _) = platform.hire(Role::Officer, Some(DEPARTMENT)).await?;
        officers.insert(officer);
    }
    let (reviewer, _) = platform.hire(Role::Reviewer, None).await?;
    let gone = officers.first().cloned().context("no officer")?;
    change(&platform, &gone, &json!({ "disabled": true }))
        .await?
        .expect(200)?;

    ensure!(narrowed("").await? == officers);
    ensure!(narrowed("&role=officer").await? == officers);
    ensure!(narrowed("&role=reviewer").await?.is_empty());
    let disabled = narrowed("&disabled=true").await?;
    ensure!(disabled == BTreeSet::from([gone.clone()]), "{disabled:?}");
    let active = narrowed("&disabled=false").await?;
    ensure!(
        active.len() == 4 && !active.contains(&gone) && active.is_subset(&officers),
        "{active:?}"
    );
    let reviewers = listed(&platform, admin, "role=reviewer&disabled=false").await?;
    ensure!(
        reviewers.contains(&reviewer) && reviewers.is_disjoint(&officers),
        "{reviewers:?}"
    );

    let wrong = "/api/accounts?role=king&department=nowhere&disabled=perhaps&cursor=A";
    let refused = platform.get(admin, wrong).await?.expect(422)?;
    ensure!(
        fields(&refused) == ["role", "department", "disabled", "cursor"],
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_was_decided_on_an_older_state_is_refused() -> Result<()> {
    let platform = Platform::connect().await?;
    let (account, one_time) = platform.hire(Role::Reviewer, None).await?;
    let seen = shown(&platform, &account).await?["revision"].clone();
    let with = |change: Json, revision: &Json| {
        let mut change = change;
        change["revision"] = revision.clone();
        change
    };

    let renamed = with(json!({ "name": "李四" }), &seen);
    let after = change(&platform, &account, &renamed).await?.expect(200)?;
    let after = after.json()["account"].clone();
    ensure!(
        after["revision"].as_i64() > seen.as_i64() && after == shown(&platform, &account).await?,
        "{after}"
    );

    // Nothing of what comes too late happens.
    for late in [
        json!({ "name": "王五" }),
        json!({ "role": "operator" }),
        json!({ "disabled": true }),
        json!({ "reset_password": true }),
    ] {
        let refused = change(&platform, &account, &with(late, &seen)).await?;
        ensure!(
            refused.status == 409 && refused.problem() == "stale-account",
            "{refused:?}"
        );
        ensure!(shown(&platform, &account).await? == after);
    }
    login(&platform, &account, &one_time).await?.expect(200)?;

    // A password of its owner's own is a change as well, which a reset must not undo unseen.
    let staff = platform.sign_in(&account, &one_time).await?;
    let password = format!("自己的密码 {}", unique());
    let own = json!({ "current": one_time, "new": password });
    platform
        .post(Caller::Staff(&staff), "/api/session/password", &own)
        .await?
        .expect(204)?;
    let reset = with(json!({ "reset_password": true }), &after["revision"]);
    let refused = change(&platform, &account, &reset).await?;
    ensure!(refused.problem() == "stale-account", "{refused:?}");
    login(&platform, &account, &password).await?.expect(200)?;

    // Of several at once one counts: nobody is shown a one-time password that is over already.
    let revision = shown(&platform, &account).await?["revision"].clone();
    let reset = with(json!({ "reset_password": true }), &revision);
    let attempts = futures::future::join_all((0..4).map(|_| change(&platform, &account, &reset)));
    let mut made = Vec::new();
    for reply in attempts.await {
        let reply = reply?;
        match reply.status {
            200 => made.push(reply.json()["password"].clone()),
            _ => ensure!(reply.problem() == "stale-account", "{reply:?}"),
        }
    }
    ensure!(made.len() == 1, "{} one-time passwords", made.len());
    let one_time = made[0].as_str().context("no one-time password")?;
    login(&platform, &account, one_time).await?.expect(200)?;
    Ok(())
}

async fn change_as(
    platform: &Platform,
    admin: &Staff,
    account: &str,
    body: &Json,
) -> Result<Reply> {
    let headers = [("content-type", "application/json".to_owned())];
    let path = format!("/api/accounts/{account}");
    let body = Some(body.to_string().into_bytes());
    platform
        .send(Caller::Staff(admin), Method::PATCH, &path, &headers, body)
        .await
}

#[tokio::test]
async fn one_administrator_stays() -> Result<()> {
    let Some(mut runner) = Runner::prepare("administrators", IMPATIENT).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let first = platform.admin();
    let active = "role=admin&disabled=false";
    ensure!(
        listed(&platform, Caller::Staff(first), active).await?
            == BTreeSet::from([first.account.clone()]),
        "the platform begins with one"
    );
    let demoted = json!({ "role": "operator" });
    for last in [&demoted, &json!({ "disabled": true })] {
        let refused = change(&platform, &first.account, last).await?;
        ensure!(
            refused.status == 409 && refused.problem() == "last-admin",
            "{refused:?}"
        );
    }
    on_the_page(&platform, first).await?;
    // One that is disabled is none.
    let (disabled, _) = platform.hire(Role::Admin, None).await?;
    change(&platform, &disabled, &json!({ "disabled": true }))
        .await?
        .expect(200)?;
    let refused = change(&platform, &first.account, &demoted).await?;
    ensure!(refused.problem() == "last-admin", "{refused:?}");

    let (mut one, one_password) = platform.recruit(Role::Admin, None).await?;
    let (mut other, other_password) = platform.recruit(Role::Admin, None).await?;
    change_as(&platform, &one, &first.account, &demoted)
        .await?
        .expect(200)?;
    for round in 0..ROUNDS {
        let (by_one, by_other) = tokio::try_join!(
            change_as(&platform, &one, &other.account, &demoted),
            change_as(&platform, &other, &one.account, &demoted),
        )?;
        // The late one is no administrator any more, or is told that the other is the last.
        let statuses = [by_one.status, by_other.status];
        let done = statuses.iter().filter(|status| **status == 200).count();
        ensure!(
            done == 1
                && statuses
                    .iter()
                    .all(|status| [200, 401, 403, 409].contains(status)),
            "round {round}: {by_one:?} {by_other:?}"
        );
        let (last, gone) = if by_one.status == 200 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let left = listed(&platform, Caller::Staff(last), active).await?;
        ensure!(left == BTreeSet::from([last.account.clone()]), "{left:?}");
        let again = json!({ "role": "admin" });
        change_as(&platform, last, &gone.account, &again)
            .await?
            .expect(200)?;
        one = platform.sign_in(&one.account, &one_password).await?;
        other = platform.sign_in(&other.account, &other_password).await?;
    }
    Ok(())
}

/// The last administrator at the desk, with nothing but forms: why not stands beside what was chosen.
async fn on_the_page(platform: &Platform, admin: &Staff) -> Result<()> {
    let account = shown(platform, &admin.account).await?;
    let revision = account["revision"].to_string();
    let name = account["name"].as_str().unwrap_or_default();
    let page = format!("/desk/accounts/{}", admin.account);
    for (language, why) in [
        ("zh-CN", "这是最后一位可用的管理员"),
        ("en", "This is the last administrator who can sign in"),
    ] {
        let mut browser = Browser::new(platform, language)?;
        browser
            .cookies
            .insert("__Host-staff".to_owned(), admin.token.clone());
        let keep = [
            ("do", "keep"),
            ("revision", &revision),
            ("name", name),
            ("role", "operator"),
        ];
        let refused = browser.post(&page, &keep).await?;
        let beside = format!("id=\"role-error\">{why}");
        ensure!(
            refused.status == 409 && refused.html.contains(&beside),
            "{}",
            refused.html
        );
        let disable = [("do", "disable"), ("revision", &revision)];
        let refused = browser.post(&page, &disable).await?;
        let beside = format!("id=\"disable-error\">{why}");
        ensure!(
            refused.status == 409 && refused.html.contains(&beside),
            "{}",
            refused.html
        );
    }
    Ok(())
}
