//! The staff's desk, as a browser without JavaScript sees it.

mod kept;
mod sight;

use anyhow::{Context, Result, ensure};
use case::{Role, State};
use serde_json::json;
use wenzheng_tests::browser::{Browser, Page};
use wenzheng_tests::cases::{POLICE, answer, kinds};
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Platform, Staff, Submitted};

/// Everything that a page must render as text.
const HOSTILE: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}\u{202e}txt.exe👩‍👩‍👧‍👦";

/// The cookie of the session.
const COOKIE: &str = "__Host-staff";

/// The browser of somebody who is signed in.
fn at_desk(platform: &Platform, staff: &Staff) -> Result<Browser> {
    let mut browser = Browser::new(platform, "zh-CN")?;
    browser
        .cookies
        .insert(COOKIE.to_owned(), staff.token.clone());
    Ok(browser)
}

fn page_of(case: &Submitted) -> String {
    format!("/desk/cases/{}", case.number)
}

/// The sequence that the forms of a case's page carry.
fn sequence(page: &Page) -> Result<String> {
    Ok(page.between("name=\"sequence\" value=\"", "\"")?.to_owned())
}

#[tokio::test]
async fn a_session_begins_with_an_own_password_and_ends_with_signing_out() -> Result<()> {
    let platform = Platform::connect().await?;
    let (account, one_time) = platform.hire(Role::Operator, None).await?;
    let mut browser = Browser::new(&platform, "zh-CN")?;
    let away = browser.get("/desk/cases/YZ1?x=1").await?.expect(303)?;
    ensure!(
        away.location() == "/desk/sign-in?back=%2Fdesk%2Fcases%2FYZ1%3Fx%3D1",
        "{}",
        away.location()
    );
    let wrong = [("account", account.as_str()), ("password", "not this one")];
    let page = browser.post("/desk/sign-in", &wrong).await?.expect(401)?;
    ensure!(page.html.contains("账号或密码不正确") && page.html.contains(&account));
    ensure!(browser.cookies.is_empty());

    let right = [
        ("account", account.as_str()),
        ("password", one_time.as_str()),
        ("back", "//example.com/desk"),
    ];
    let page = browser.post("/desk/sign-in", &right).await?.expect(303)?;
    ensure!(page.location() == "/desk", "{}", page.location());
    let page = browser.get("/desk").await?.expect(303)?;
    ensure!(page.location() == "/desk/password", "{}", page.location());
    let weak = [("current", one_time.as_str()), ("new", "short")];
    let page = browser.post("/desk/password", &weak).await?.expect(422)?;
    ensure!(page.html.contains("aria-invalid=\"true\"") && !page.html.contains(&one_time));
    let own = format!("long enough {}", unique());
    let change = [("current", one_time.as_str()), ("new", own.as_str())];
    browser.post("/desk/password", &change).await?.expect(303)?;
    let page = browser.get("/desk").await?.expect(200)?;
    ensure!(page.html.contains("待分类") && page.html.contains("值机员"));

    let token = browser.cookies[COOKIE].clone();
    browser.post("/desk/sign-out", &[]).await?.expect(303)?;
    ensure!(!browser.cookies.contains_key(COOKIE), "the cookie stays");
    // Nor does the session itself go on.
    browser.cookies.insert(COOKIE.to_owned(), token);
    browser.get("/desk").await?.expect(303)?;
    Ok(())
}

/// Failed sign-ins are counted for whoever sits at the browser, not for the
/// component that asks on their behalf.
#[tokio::test]
async fn too_many_failed_sign_ins_are_refused_on_the_page() -> Result<()> {
    let platform = Platform::connect().await?;
    let (account, one_time) = platform.hire(Role::Operator, None).await?;
    let address = Some("127.0.0.79".parse()?);
    let mut browser = Browser::from(&platform, "en", address)?;
    let mut refused = None;
    for index in 0..40 {
        let wrong = format!("wrong {index}");
        let fields = [("account", account.as_str()), ("password", wrong.as_str())];
        let page = browser.post("/desk/sign-in", &fields).await?;
        if page.status == 429 {
            refused = Some(page);
            break;
        }
        page.expect(401)?;
    }
    let page = refused.context("forty wrong passwords were tried")?;
    ensure!(page.headers.contains_key("retry-after"));
    ensure!(page.html.contains("Too many failed sign-ins") && page.html.contains(&account));
    // The right one does not help any more.
    let right = [
        ("account", account.as_str()),
        ("password", one_time.as_str()),
    ];
    browser.post("/desk/sign-in", &right).await?.expect(429)?;
    Ok(())
}

#[tokio::test]
async fn every_page_stands_in_both_languages() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Handling, true).await?;
    for language in ["zh-CN", "en"] {
        let mut browser = Browser::new(&platform, language)?;
        let title = |page: &Page| -> Result<String> {
            ensure!(page.html.contains(&format!("<html lang=\"{language}\"")));
            ensure!(page.html.matches("<h1").count() == 1, "not one heading");
            Ok(page.between("<title>", "</title>")?.to_owned())
        };
        let site = if language == "en" {
            "Wenzheng"
        } else {
            "问政"
        };
        ensure!(title(&browser.get("/desk/sign-in").await?.expect(200)?)?.contains(site));
        for (staff, paths) in [
            (
                &driver.operator,
                vec![
                    "/desk".to_owned(),
                    "/desk/new".to_owned(),
                    "/desk/hot".to_owned(),
                    "/desk/knowledge?q=户口".to_owned(),
                    page_of(&case),
                ],
            ),
            (
                &driver.supervisor,
                vec![
                    "/desk?state=published".to_owned(),
                    "/desk/letters".to_owned(),
                    "/desk/help".to_owned(),
                    "/desk/password".to_owned(),
                    page_of(&case),
                ],
            ),
        ] {
            browser
                .cookies
                .insert(COOKIE.to_owned(), staff.token.clone());
            for path in paths {
                let page = browser.get(&path).await?.expect(200)?;
                ensure!(title(&page)?.contains(site), "{path}");
            }
            let page = browser.get("/desk/nowhere").await?.expect(404)?;
            title(&page)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, true).await?;
    let mut officer = at_desk(&platform, &driver.officer)?;
    let path = format!("{}/acceptance", page_of(&case));
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://example.com")],
        [("origin", "null")],
    ] {
        officer.post_with(&path, &[], &headers).await?.expect(403)?;
    }
    ensure!(driver.view(&case.number).await?["state"] == "assigned");
    let stranger = Browser::new(&platform, "zh-CN")?;
    let mut stranger = stranger;
    stranger
        .cookies
        .insert(COOKIE.to_owned(), "not-a-session".to_owned());
    stranger.post(&path, &[]).await?.expect(303)?;
    ensure!(driver.view(&case.number).await?["state"] == "assigned");
    Ok(())
}

#[tokio::test]
async fn a_call_goes_through_the_desk_from_the_first_word_to_the_public_copy() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let phone = format!("139{:08}", unique_digits());
    let shop = format!("小塘便利店{}", unique());

    // The operator takes the call.
    let mut operator = at_desk(&platform, &driver.operator)?;
    operator.get("/desk/new").await?.expect(200)?;
    let looked = [
        ("phone", phone.as_str()),
        ("look", "yes"),
        ("body", "边听边记"),
    ];
    let page = operator.post("/desk/new", &looked).await?.expect(200)?;
    ensure!(page.html.contains("边听边记"), "what was typed is lost");
    let body = format!(
        "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，能否先迁一个人的户口？\
         在{shop}旁边。"
    );
    let call = [
        ("phone", phone.as_str()),
        ("name", "任女士"),
        ("subject", "夫妻买房户口迁移"),
        ("body", body.as_str()),
        ("publish", "yes"),
    ];
    let page = operator.post("/desk/new", &call).await?.expect(201)?;
    let number = page.between("<code>", "<")?.to_owned();
    let code: Vec<&str> = page
        .between("class=\"spoken\">", "</dd>")?
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    let case = Submitted {
        number,
        code: code.join("-"),
    };
    driver.assigned(&case).await?;
    let looked = [("phone", phone.as_str()), ("look", "yes")];
    let page = operator.post("/desk/new", &looked).await?.expect(200)?;
    ensure!(
        page.html.contains(&page_of(&case)),
        "the earlier case is missing"
    );

    // The officer accepts and answers.
    let mut officer = at_desk(&platform, &driver.officer)?;
    let page = officer.get("/desk").await?.expect(200)?;
    ensure!(page.html.contains("待答复"));
    let shown = format!("{}/contact", page_of(&case));
    let shown = officer.post(&shown, &[("purpose", "call")]).await?;
    let page = officer.get(&page_of(&case)).await?.expect(200)?;
    ensure!(
        shown.html.contains(&phone) && !page.html.contains(&phone),
        "the department has to call back"
    );
    ensure!(page.html.contains("机器建议") && page.html.contains("已采用"));
    let act = |action: &str| format!("{}/{action}", page_of(&case));
    let seen = sequence(&page)?;
    officer
        .post(&act("acceptance"), &[("sequence", &seen)])
        .await?
        .expect(303)?;
    let page = officer.get(&page_of(&case)).await?.expect(200)?;
    let seen = sequence(&page)?;
    let text = answer()["text"].as_str().unwrap_or_default().to_owned();
    let text = format!("{text}{shop}旁有派出所。");
    let reply = [
        ("sequence", seen.as_str()),
        ("text", text.as_str()),
        ("basis", "《中华人民共和国户口登记条例》\n"),
        ("contact", "81812345"),
        ("queue", "answer"),
    ];
    let page = officer.post(&act("answer"), &reply).await?.expect(303)?;
    ensure!(
        page.location().ends_with("?done=answer&queue=answer"),
        "{}",
        page.location()
    );
    driver
        .until(&case.number, "examined", |view| {
            kinds(view).contains(&"examined".to_owned())
        })
        .await?;

    // The reviewer looks at the copy, cuts a phrase and approves.
    let mut reviewer = at_desk(&platform, &driver.reviewer)?;
    let page = reviewer.get(&page_of(&case)).await?.expect(200)?;
    ensure!(!page.html.contains(&phone) && !page.html.contains("任女士"));
    let copy = |page: &Page| -> Result<String> {
        Ok(page.between("id=\"copy\"", "</section>")?.to_owned())
    };
    ensure!(copy(&page)?.contains(&shop), "the copy is not shown");
    let seen = sequence(&page)?;
    let cuts = [("sequence", seen.as_str()), ("cuts", shop.as_str())];
    let page = reviewer.post(&act("copy"), &cuts).await?.expect(200)?;
    ensure!(
        !copy(&page)?.contains(&shop),
        "the preview shows what is cut"
    );
    ensure!(page.between("<textarea", "</textarea>")?.contains(&shop));
    let short = [("sequence", seen.as_str()), ("cuts", "，")];
    reviewer.post(&act("copy"), &short).await?.expect(422)?;
    reviewer.post(&act("approval"), &cuts).await?.expect(303)?;
    driver.until_state(&case.number, State::Published).await?;
    let public = platform
        .get(Caller::Anyone, &format!("/api/cases/{}", case.number))
        .await?
        .expect(200)?
        .json()
        .to_string();
    ensure!(!public.contains(&shop), "{public}");
    ensure!(public.contains("外省户口"), "{public}");

    // The citizen sees which roles have opened it.
    let own = platform
        .get(
            Caller::Citizen(&case.code),
            &format!("/api/cases/{}", case.number),
        )
        .await?
        .expect(200)?
        .json();
    let roles: Vec<&str> = own["openings"]
        .as_array()
        .context("no openings")?
        .iter()
        .filter_map(|opening| opening["role"].as_str())
        .collect();
    for role in ["officer", "reviewer", "supervisor"] {
        ensure!(
            roles.contains(&role),
            "{role} is missing: {}",
            own["openings"]
        );
    }
    ensure!(!roles.contains(&"operator"), "{}", own["openings"]);
    // Pages that are loaded again are one opening.
    ensure!(
        own["openings"][0]["count"] == 1,
        "counted twice: {}",
        own["openings"]
    );
    let mut citizen = Browser::new(&platform, "zh-CN")?;
    let follow = [
        ("number", case.number.as_str()),
        ("code", case.code.as_str()),
    ];
    citizen.post("/follow", &follow).await?.expect(303)?;
    let page = citizen
        .get(&format!("/cases/{}", case.number))
        .await?
        .expect(200)?;
    let shown = page.between("id=\"openings\"", "</section>")?;
    ensure!(
        shown.contains("承办人") && shown.contains("审核员"),
        "{shown}"
    );
    ensure!(!shown.contains(&driver.officer.account), "{shown}");
    Ok(())
}

/// Eight digits that no other test uses at the same time.
fn unique_digits() -> u32 {
    let digits: String = unique()
        .bytes()
        .map(|byte| char::from(b'0' + byte % 10))
        .collect();
    digits
        .chars()
        .rev()
        .take(8)
        .collect::<String>()
        .parse()
        .unwrap_or(1)
}

#[tokio::test]
async fn who_writes_on_what_has_changed_sees_what_changed_and_keeps_the_text() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, true).await?;
    let mut officer = at_desk(&platform, &driver.officer)?;
    let seen = sequence(&officer.get(&page_of(&case)).await?.expect(200)?)?;
    let facts = json!({ "text": "补充：房产证去年取得。" });
    driver
        .act(
            Caller::Citizen(&case.code),
            &case.number,
            "supplement",
            &facts,
        )
        .await?;
    let written = format!("您好，可以先迁一人。{}", unique());
    let path = format!("{}/answer", page_of(&case));
    let reply = [("sequence", seen.as_str()), ("text", written.as_str())];
    let page = officer.post(&path, &reply).await?.expect(409)?;
    ensure!(page.html.contains(&written), "the text is lost");
    ensure!(page.html.contains("补充：房产证去年取得。"));
    ensure!(
        page.between("id=\"errors\"", "</div>")?
            .contains("补充了情况")
    );
    // Whoever has seen it may go on.
    let again = sequence(&page)?;
    let reply = [("sequence", again.as_str()), ("text", written.as_str())];
    officer.post(&path, &reply).await?.expect(303)?;

    // What is wrong with a field stands beside it, and the rest stays.
    let case = driver.in_state(State::Assigned, true).await?;
    let path = format!("{}/return", page_of(&case));
    let page = officer
        .post(&path, &[("reason", "不属本单位职责"), ("basis", "")])
        .await?
        .expect(422)?;
    ensure!(
        page.html.contains("不属本单位职责") && page.html.contains("id=\"return-basis-error\"")
    );
    Ok(())
}

#[tokio::test]
async fn hostile_texts_are_texts() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver
        .submit(&json!({
            "subject": format!("买房迁户口 {HOSTILE}"),
            "body": format!("外省户口，在鄞州买了房，怎么把户口迁过来？{HOSTILE}{}", unique()),
            "place": { "division": "zhonghe", "address": HOSTILE },
            "contact": { "name": "<b>x</b>", "phone": "13900001111" },
            "consent": { "publish": true },
        }))
        .await?;
    driver.assigned(&case).await?;
    let supplement = json!({ "text": HOSTILE });
    driver
        .act(
            Caller::Citizen(&case.code),
            &case.number,
            "supplement",
            &supplement,
        )
        .await?;
    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    let hostile_answer = json!({ "text": HOSTILE, "basis": [HOSTILE], "contact": HOSTILE });
    driver
        .act(officer, &case.number, "answer", &hostile_answer)
        .await?;
    for staff in [
        &driver.operator,
        &driver.officer,
        &driver.reviewer,
        &driver.supervisor,
    ] {
        let mut browser = at_desk(&platform, staff)?;
        for path in [
            page_of(&case),
            "/desk?queue=review".to_owned(),
            format!("/desk?queue={}", "%3Cscript%3E"),
            "/desk/knowledge?q=%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        ] {
            let page = browser.get(&path).await?;
            ensure!(!page.html.contains("<script>alert"), "{path}");
            ensure!(!page.html.contains("<img src=x"), "{path}");
            ensure!(!page.html.contains("<b>x</b>"), "{path}");
            ensure!(!page.html.contains("49{"), "{path}");
        }
        let written = [("reason", HOSTILE), ("text", HOSTILE), ("sequence", "0")];
        let page = browser
            .post(&format!("{}/supervision", page_of(&case)), &written)
            .await?;
        ensure!(!page.html.contains("<script>alert"), "{}", page.status);
    }
    Ok(())
}

#[tokio::test]
async fn several_cases_are_accepted_at_once_and_tables_hold_no_formulas() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let mut message = driver.household(false);
    let formula = format!(
        "=HYPERLINK(\"http://example.com\",\"户口迁移{}\")",
        unique()
    );
    message["subject"] = formula.clone().into();
    let first = driver.submit(&message).await?;
    driver.assigned(&first).await?;
    let second = driver.in_state(State::Assigned, false).await?;
    let mut officer = at_desk(&platform, &driver.officer)?;
    let value = |view: &serde_json::Value| {
        format!(
            "{}.{}",
            view["number"].as_str().unwrap_or_default(),
            view["sequence"]
        )
    };
    let one = value(&driver.view(&first.number).await?);
    let stale = format!("{}.1", second.number);
    let chosen = [
        ("action", "accept"),
        ("case", one.as_str()),
        ("case", stale.as_str()),
    ];
    let page = officer.post("/desk/batch", &chosen).await?.expect(200)?;
    ensure!(
        page.html.contains("name=\"sure\"")
            && driver.view(&first.number).await?["state"] == "assigned"
    );
    let sure = [&chosen[..], &[("sure", "yes")]].concat();
    let page = officer.post("/desk/batch", &sure).await?.expect(200)?;
    ensure!(page.html.contains("内容已被他人修改"), "{}", page.html);
    ensure!(driver.view(&first.number).await?["state"] == "handling");
    ensure!(driver.view(&second.number).await?["state"] == "assigned");
    // What the role may not do is no choice.
    let other = [
        ("action", "decline"),
        ("case", one.as_str()),
        ("sure", "yes"),
    ];
    officer.post("/desk/batch", &other).await?.expect(422)?;

    let mut supervisor = at_desk(&platform, &driver.supervisor)?;
    let path = format!("/desk/cases.csv?state=handling&department={POLICE}");
    let table = supervisor.get(&path).await?.expect(200)?;
    ensure!(table.headers["content-type"].starts_with("text/csv"));
    ensure!(table.headers["content-disposition"].starts_with("attachment"));
    let line = table
        .html
        .lines()
        .find(|line| line.contains(&first.number))
        .context("the case is missing")?;
    ensure!(line.contains("\"'=HYPERLINK"), "{line}");
    Ok(())
}

#[tokio::test]
async fn whoever_opens_a_case_learns_who_else_has_it_open() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, false).await?;
    let mut officer = at_desk(&platform, &driver.officer)?;
    officer.get(&page_of(&case)).await?.expect(200)?;
    let mut operator = at_desk(&platform, &driver.operator)?;
    let page = operator.get(&page_of(&case)).await?.expect(200)?;
    ensure!(page.html.contains("可能正在办理"), "no warning");
    let mut english = at_desk(&platform, &driver.officer)?;
    english
        .cookies
        .insert("language".to_owned(), "en".to_owned());
    let page = english.get(&page_of(&case)).await?.expect(200)?;
    ensure!(page.html.contains("<html lang=\"en\"") && page.html.contains("may be at work on it"));
    ensure!(page.html.contains("What you can do") && !page.html.contains("机器建议"));
    Ok(())
}
