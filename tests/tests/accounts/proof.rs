//! What takes a fresh proof of identity.

use super::*;

/// Seconds for which a proof counts in this test.
const PROOF: (&str, &str, &str, &str) = ("limits.toml", "[session]", "proof_seconds", "3");

/// Longer than that.
const LATER: Duration = Duration::from_millis(3600);

#[tokio::test]
async fn an_old_proof_shows_no_contact_and_changes_no_account() -> Result<()> {
    let rules = [IMPATIENT, &[PROOF]].concat();
    let Some(mut runner) = Runner::prepare("proof", &rules).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    // Both while the proof of the one who makes them is fresh.
    let (staff, password) = platform.recruit(Role::Operator, None).await?;
    let admin = platform.recruit(Role::Admin, None).await?;
    let caller = Caller::Staff(&staff);
    let message = json!({
        "subject": "路灯不亮",
        "body": "中河街道泰康中路的路灯坏了三天。",
        "contact": { "name": "司徒测试", "phone": "13800002222" },
    });
    let case = platform.post(caller, "/api/cases", &message).await?;
    let case = case.expect(201)?.json();
    let number = case["number"].as_str().context("no number")?.to_owned();
    let path = format!("/api/desk/cases/{number}/contact");
    let purpose = json!({ "purpose": "call" });

    tokio::time::sleep(LATER).await;
    let refused = platform.post(caller, &path, &purpose).await?.expect(403)?;
    ensure!(refused.problem() == "prove-again", "{refused:?}");
    let masked = platform
        .get(caller, &format!("/api/desk/cases/{number}"))
        .await?
        .expect(200)?;
    ensure!(!masked.text.contains("13800002222"), "{masked:?}");

    let wrong = json!({ "password": "not the password" });
    let wrong = platform.post(caller, "/api/session/proof", &wrong).await?;
    ensure!(
        wrong.status == 422 && wrong.problem() == "invalid",
        "{wrong:?}"
    );
    platform.post(caller, &path, &purpose).await?.expect(403)?;
    let right = json!({ "password": password });
    platform
        .post(caller, "/api/session/proof", &right)
        .await?
        .expect(200)?;
    let shown = platform.post(caller, &path, &purpose).await?.expect(200)?;
    ensure!(shown.json()["phone"] == "13800002222", "{shown:?}");
    let idle = json!({ "purpose": "curiosity" });
    platform.post(caller, &path, &idle).await?.expect(422)?;

    // Looking and being shown are two openings; the citizen is told of both.
    let code = case["query_code"].as_str().context("no code")?;
    let mine = platform
        .get(Caller::Citizen(code), &format!("/api/cases/{number}"))
        .await?
        .expect(200)?
        .json();
    ensure!(mine["openings"][0]["count"] == 2, "{}", mine["openings"]);

    on_the_page(&platform, &staff, &number, &password).await?;

    accounts_page(&platform, &admin, &staff.account).await?;

    let admin = Caller::Staff(platform.admin());
    platform.get(admin, "/api/accounts").await?.expect(200)?;
    let changed = change(&platform, &staff.account, &json!({ "name": "改名" })).await?;
    ensure!(changed.problem() == "prove-again", "{changed:?}");
    let key = platform
        .post(admin, "/api/channels/phone/keys", &json!({}))
        .await?;
    ensure!(key.problem() == "prove-again", "{key:?}");
    Ok(())
}

/// The same at the desk, with nothing but forms.
async fn on_the_page(
    platform: &Platform,
    staff: &Staff,
    number: &str,
    password: &str,
) -> Result<()> {
    tokio::time::sleep(LATER).await;
    let mut browser = Browser::new(platform, "zh-CN")?;
    browser
        .cookies
        .insert("__Host-staff".to_owned(), staff.token.clone());
    let page = format!("/desk/cases/{number}");
    let contact = format!("{page}/contact");
    let before = browser.get(&page).await?;
    ensure!(
        before.html.contains("核实身份") && !before.html.contains("13800002222"),
        "{}",
        before.html
    );
    let asked = browser.post(&contact, &[("purpose", "verify")]).await?;
    ensure!(
        asked.status == 403 && asked.html.contains("请再次确认身份"),
        "{}",
        asked.html
    );
    let wrong = [("purpose", "verify"), ("password", "not the password")];
    let wrong = browser.post(&contact, &wrong).await?;
    ensure!(
        wrong.status == 422 && wrong.html.contains("当前密码不正确"),
        "{}",
        wrong.html
    );
    let right = [("purpose", "verify"), ("password", password)];
    let shown = browser.post(&contact, &right).await?;
    ensure!(
        shown.status == 200 && shown.html.contains("tel:13800002222"),
        "{}",
        shown.html
    );
    Ok(())
}

/// An administrator at the desk: what was filled in waits until the password is typed.
async fn accounts_page(
    platform: &Platform,
    (admin, password): &(Staff, String),
    account: &str,
) -> Result<()> {
    let mut browser = Browser::new(platform, "zh-CN")?;
    browser
        .cookies
        .insert("__Host-staff".to_owned(), admin.token.clone());
    let path = format!("/api/accounts/{account}");
    let show = async || {
        let shown = platform.get(Caller::Staff(admin), &path).await?;
        anyhow::Ok(shown.expect(200)?.json()["account"].clone())
    };
    let before = show().await?;
    let page = format!("/desk/accounts/{account}");
    let revision = before["revision"].to_string();
    let keep = [
        ("do", "keep"),
        ("revision", &*revision),
        ("name", "改名的人"),
        ("role", "operator"),
    ];

    tokio::time::sleep(LATER).await;
    let asked = browser.post(&page, &keep).await?;
    ensure!(
        asked.status == 403
            && asked.html.contains("请再次确认身份")
            && keep.iter().all(|(name, value)| {
                let field = format!("name=\"{name}\" value=\"{value}\"");
                asked.html.contains(&field)
            }),
        "{}",
        asked.html
    );
    let wrong = browser
        .post(
            &page,
            &[&keep[..], &[("password", "not the password")]].concat(),
        )
        .await?;
    ensure!(
        wrong.status == 422 && wrong.html.contains("当前密码不正确"),
        "{}",
        wrong.html
    );
    ensure!(
        show().await? == before,
        "changed before the password was typed"
    );
    let done = browser
        .post(&page, &[&keep[..], &[("password", password)]].concat())
        .await?;
    ensure!(
        done.status == 303 && show().await?["name"] == "改名的人",
        "{}",
        done.html
    );
    Ok(())
}
