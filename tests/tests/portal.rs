//! The citizens' site, as a browser without JavaScript sees it.

use anyhow::{Context, Result, ensure};
use case::State;
use reqwest::Method;
use serde_json::json;
use wenzheng_tests::browser::{Browser, Page, percent};
use wenzheng_tests::cases::{POLICE, answer, kinds};
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Platform, Runner, Submitted};

/// Everything that a page must render as text.
const HOSTILE: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}\u{202e}txt.exe👩‍👩‍👧‍👦";

/// Markup in which the redaction sees nothing personal.
const MARKUP: &str = "<b onclick='x'>粗</b>";

/// Number and code, as the page after sending shows them.
fn slip(page: &Page) -> Result<Submitted> {
    let mut codes = page
        .html
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next());
    Ok(Submitted {
        number: codes.next().context("no number")?.to_owned(),
        code: codes.next().context("no query code")?.to_owned(),
    })
}

#[tokio::test]
async fn every_page_stands_in_both_languages_and_both_editions() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Published, true).await?;
    let knowledge = platform
        .get(Caller::Anyone, "/api/knowledge")
        .await?
        .expect(200)?
        .json();
    let article = knowledge["items"][0]["id"].as_str().context("no article")?;
    for (language, site, elder) in [
        ("zh-CN", "问政", "长者版"),
        ("en", "Wenzheng", "Large type"),
    ] {
        let mut browser = Browser::new(&platform, language)?;
        for edition in ["standard", "elder"] {
            for path in [
                "/".to_owned(),
                "/ask".to_owned(),
                "/follow".to_owned(),
                "/cases".to_owned(),
                "/cases?q=户口&kind=consultation".to_owned(),
                format!("/cases/{}", case.number),
                "/departments".to_owned(),
                "/departments/public-security".to_owned(),
                "/knowledge".to_owned(),
                "/knowledge?q=户口".to_owned(),
                format!("/knowledge/{article}"),
                "/statistics".to_owned(),
            ] {
                let page = browser.get(&path).await?.expect(200)?;
                ensure!(
                    page.html.contains(&format!("<html lang=\"{language}\"")),
                    "{path}"
                );
                ensure!(
                    page.html.contains(&format!("data-edition=\"{edition}\"")),
                    "{path}"
                );
                ensure!(
                    page.between("<title>", "</title>")?.contains(site),
                    "{path}"
                );
                ensure!(page.html.matches("<h1").count() == 1, "{path}");
                ensure!(edition == "elder" || page.html.contains(elder), "{path}");
            }
            let back = [("edition", "elder"), ("back", "/ask")];
            let set = browser.post("/preferences", &back).await?.expect(303)?;
            ensure!(set.location() == "/ask", "{}", set.location());
        }
        let other = if language == "en" { "zh-CN" } else { "en" };
        browser
            .post("/preferences", &[("language", other), ("theme", "dark")])
            .await?
            .expect(303)?;
        let page = browser.get("/").await?.expect(200)?;
        ensure!(
            page.html.contains(&format!("<html lang=\"{other}\""))
                && page.html.contains("data-theme=\"dark\"")
        );
        let away = [("back", "//example.com/"), ("edition", "standard")];
        ensure!(
            browser
                .post("/preferences", &away)
                .await?
                .expect(303)?
                .location()
                == "/"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_citizen_asks_follows_adds_and_rates_without_a_script() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let mut browser = Browser::new(&platform, "zh-CN")?;
    let form = browser.get("/ask").await?.expect(200)?;
    let key = form.between("name=\"key\" value=\"", "\"")?.to_owned();
    let body = format!(
        "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，能否先迁一个人的户口？{}",
        unique()
    );
    let fields = [
        ("key", key.as_str()),
        ("subject", "户口迁移咨询"),
        ("body", &body),
        ("kind", "consultation"),
        ("division", "zhonghe"),
        ("publish", "yes"),
    ];
    let sent = browser.ask(&fields, &[]).await?.expect(201)?;
    let case = slip(&sent)?;
    // The reload of the page sends the form again: it is the same case.
    let again = slip(&browser.ask(&fields, &[]).await?.expect(201)?)?;
    ensure!((&again.number, &again.code) == (&case.number, &case.code));

    // Elsewhere: nothing without the code, and the code is in no address.
    let path = format!("/cases/{}", case.number);
    let mut browser = Browser::new(&platform, "zh-CN")?;
    let hidden = browser.get(&path).await?.expect(404)?;
    ensure!(!hidden.html.contains("外省户口"));
    let wrong = [("number", case.number.as_str()), ("code", "AAAA-AAAA-AAAA")];
    let page = browser.post("/follow", &wrong).await?.expect(422)?;
    ensure!(
        page.html.contains(&format!("value=\"{}\"", case.number)),
        "what was typed is kept"
    );
    let typed = case.code.to_ascii_lowercase().replace('-', " ");
    let right = [("number", case.number.as_str()), ("code", typed.as_str())];
    let page = browser.post("/follow", &right).await?.expect(303)?;
    ensure!(page.location() == path, "{}", page.location());
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.html.contains("外省户口") && !page.html.contains(&case.code));

    driver.assigned(&case).await?;
    let page = browser
        .post(&format!("{path}/supplement"), &[("text", " ")])
        .await?
        .expect(422)?;
    ensure!(page.html.contains("supplement-text-error"));
    let text = format!("补充：房子在中河街道。{}", unique());
    let page = browser
        .post(&format!("{path}/supplement"), &[("text", &text)])
        .await?
        .expect(303)?;
    ensure!(
        browser
            .get(page.location())
            .await?
            .expect(200)?
            .html
            .contains(&text)
    );

    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    driver
        .act(officer, &case.number, "answer", &answer())
        .await?;
    driver
        .act(
            Caller::Staff(&driver.reviewer),
            &case.number,
            "approval",
            &json!({}),
        )
        .await?;
    driver.until_state(&case.number, State::Published).await?;

    let page = browser
        .post(
            &format!("{path}/rating"),
            &[("solved", "yes"), ("comment", "很<b>清楚")],
        )
        .await?
        .expect(422)?;
    ensure!(page.html.contains("rating-grade-error") && !page.html.contains("rating-solved-error"));
    ensure!(
        page.html.contains("很&#60;b&#62;清楚"),
        "what was typed is kept: {}",
        page.html
    );
    let rating = [
        ("grade", "satisfied"),
        ("solved", "yes"),
        ("comment", "很清楚"),
    ];
    let page = browser
        .post(&format!("{path}/rating"), &rating)
        .await?
        .expect(303)?;
    ensure!(page.location() == format!("{path}?done=rating"));
    ensure!(
        browser
            .get(page.location())
            .await?
            .expect(200)?
            .html
            .contains("谢谢您的评价")
    );
    // A second rating is refused on the page itself.
    browser
        .post(&format!("{path}/rating"), &rating)
        .await?
        .expect(409)?;

    // The public sees the copy; leaving forgets the code.
    browser
        .post(&format!("{path}/leave"), &[])
        .await?
        .expect(303)?;
    ensure!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    let public = browser.get(&path).await?.expect(200)?;
    ensure!(
        public.html.contains("可以由其中一方先申请户口迁入") && !public.html.contains("/rating")
    );
    ensure!(
        browser
            .get("/cases")
            .await?
            .expect(200)?
            .html
            .contains(&case.number)
    );
    // Search engines find it by the day on which it was published.
    let index = browser.get("/sitemap.xml").await?.expect(200)?;
    let mut listed = false;
    for entry in index.html.split("<loc>").skip(1) {
        let address = entry.split("</loc>").next().unwrap_or_default();
        let path = address
            .find("/sitemaps/")
            .and_then(|at| address.get(at..))
            .context("no list of addresses")?;
        let list = browser.get(path).await?.expect(200)?;
        ensure!(list.html.contains("<urlset"), "{path}");
        listed |= list.html.contains(&case.number);
    }
    ensure!(listed, "{}", index.html);
    for strange in [
        "/sitemaps/2026-02-30.xml",
        "/sitemaps/pages",
        "/sitemaps/.xml",
    ] {
        browser.get(strange).await?.expect(404)?;
    }
    Ok(())
}

#[tokio::test]
async fn hostile_texts_are_rendered_as_text() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let mut browser = Browser::new(&platform, "en")?;
    let body = format!("{HOSTILE}{}{}", "长".repeat(3000), unique());
    // The form that is refused shows all of it again.
    let fields = [
        ("subject", HOSTILE),
        ("body", &body),
        ("division", HOSTILE),
        ("address", HOSTILE),
        ("name", HOSTILE),
        ("phone", HOSTILE),
        ("email", HOSTILE),
        ("publish", "yes"),
    ];
    let refused = browser.ask(&fields, &[]).await?.expect(422)?;
    ensure!(
        refused.html.contains("&#60;script&#62;alert(1)"),
        "{}",
        refused.html
    );
    for searched in [
        "/cases?q=",
        "/knowledge?q=",
        "/cases?department=",
        "/statistics?from=",
        "/knowledge/",
        "/cases/",
        "/",
    ] {
        let page = browser
            .get(&format!("{searched}{}", percent(HOSTILE)))
            .await?;
        ensure!(
            [200, 400, 404, 422].contains(&page.status),
            "{searched}: {}",
            page.status
        );
        ensure!(!page.html.contains("<img src=x"), "{searched}");
    }
    let case = driver
        .submit(&json!({
            "subject": format!("户口{MARKUP}。{HOSTILE}"),
            "body": format!("我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，能否先迁一个人的户口？{MARKUP}。{HOSTILE}{}", unique()),
            "kind": "consultation",
            "place": { "division": "zhonghe", "address": HOSTILE },
            "contact": { "name": "<b>\"'&\u{202e}" },
            "consent": { "publish": true },
        }))
        .await?;
    let follow = [
        ("number", case.number.as_str()),
        ("code", case.code.as_str()),
    ];
    let page = browser.post("/follow", &follow).await?.expect(303)?;
    let own = browser.get(page.location()).await?.expect(200)?;
    ensure!(
        own.html
            .contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
        "{}",
        own.html
    );
    ensure!(!own.html.contains("<img src=x") && !own.html.contains("<b>\"'"));

    // So much that is no language may be anybody's: a person decides.
    driver
        .until(&case.number, "left to a person", |view| {
            kinds(view).contains(&"routing-abstained".to_owned())
        })
        .await?;
    driver
        .act(
            Caller::Staff(&driver.operator),
            &case.number,
            "assignment",
            &json!({ "department": POLICE }),
        )
        .await?;
    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    let mut hostile = answer();
    for member in ["text", "contact"] {
        let text = hostile[member].as_str().unwrap_or_default();
        hostile[member] = json!(format!("{text}{MARKUP}。{HOSTILE}"));
    }
    hostile["basis"] = json!([HOSTILE]);
    driver
        .act(officer, &case.number, "answer", &hostile)
        .await?;
    let reviewer = Caller::Staff(&driver.reviewer);
    driver
        .act(reviewer, &case.number, "approval", &json!({}))
        .await?;
    driver.until_state(&case.number, State::Published).await?;
    let mut stranger = Browser::new(&platform, "zh-CN")?;
    for path in [
        "/".to_owned(),
        "/cases".to_owned(),
        page.location().to_owned(),
    ] {
        let public = stranger.get(&path).await?.expect(200)?;
        ensure!(
            public.html.contains("&#60;b onclick=&#39;x&#39;&#62;粗"),
            "{path}"
        );
        ensure!(
            !public.html.contains("<img src=x") && !public.html.contains("<b onclick"),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn forms_of_other_sites_and_wrong_methods_are_refused() -> Result<()> {
    let platform = Platform::connect().await?;
    let mut browser = Browser::new(&platform, "en")?;
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://example.com")],
        [("origin", "null")],
    ] {
        let page = browser
            .post_with("/preferences", &[("language", "zh-CN")], &headers)
            .await?;
        ensure!(
            page.status == 403 && browser.cookies.is_empty(),
            "{headers:?}: {}",
            page.status
        );
    }
    let own = platform.url().to_owned();
    browser
        .post_with("/preferences", &[("language", "en")], &[("origin", &own)])
        .await?
        .expect(303)?;
    let page = browser
        .send(Method::DELETE, "/ask", &[], None)
        .await?
        .expect(405)?;
    ensure!(
        page.headers
            .get("allow")
            .is_some_and(|allow| allow == "GET, HEAD, POST")
    );
    browser
        .send(Method::POST, "/cases", &[], None)
        .await?
        .expect(405)?;
    browser.get("/nowhere/at/all").await?.expect(404)?;
    // Below the interface, problems stay JSON.
    let api = platform
        .get(Caller::Anyone, "/api/nowhere")
        .await?
        .expect(404)?;
    ensure!(api.headers["content-type"] == "application/problem+json");
    let style = browser
        .get("/")
        .await?
        .between("<link rel=\"stylesheet\" href=\"", "\"")?
        .to_owned();
    let file = browser.get(&style).await?.expect(200)?;
    ensure!(file.headers["cache-control"].contains("immutable") && file.html.contains("--accent"));
    browser.get("/assets/site.css").await?.expect(404)?;
    Ok(())
}

/// The limit on messages counts the citizen's address, not the portal's, and
/// nobody can make up another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_flood_limit_counts_the_citizen_behind_the_portal() -> Result<()> {
    // With the limits of the district: those of the platform that the other tests share are raised.
    let Some(mut runner) = Runner::prepare("portal-flood", &[]).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let mut flooding = Browser::from(&platform, "zh-CN", Some("127.0.0.77".parse()?))?;
    let mut refused = None;
    // Ten messages a minute are allowed, and the minute may change once.
    for index in 0..21 {
        let forged = format!("192.0.2.{index}");
        let headers = [
            ("client-address", forged.as_str()),
            ("spin-client-addr", "0.0.0.0:0"),
            ("x-forwarded-for", &forged),
        ];
        let body = format!("路灯不亮。{}", unique());
        let page = flooding
            .ask(&[("subject", "路灯"), ("body", &body)], &headers)
            .await?;
        if page.status == 429 {
            ensure!(
                page.headers.contains_key("retry-after") && page.html.contains(&body),
                "the text is kept"
            );
            refused = Some(page);
            break;
        }
        page.expect(201)?;
    }
    ensure!(refused.is_some(), "twenty-one messages in a row were taken");
    let mut other = Browser::from(&platform, "zh-CN", Some("127.0.0.78".parse()?))?;
    let body = format!("路灯不亮。{}", unique());
    other
        .ask(&[("subject", "路灯"), ("body", &body)], &[])
        .await?
        .expect(201)?;
    Ok(())
}
