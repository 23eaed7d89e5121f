//! What staff keep: templates of answers, and filters.

use super::*;

#[tokio::test]
async fn a_template_goes_behind_what_was_typed() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Handling, false).await?;
    let mut officer = at_desk(&platform, &driver.officer)?;
    let mark = format!("模板{}", unique_digits());
    let body = "您好！{编号}收到，{单位}将上门核实。<b>";
    let written = [("id", mark.as_str()), ("title", &mark), ("body", body)];
    let wrong = officer.post("/desk/templates", &written).await?;
    ensure!(
        wrong.status == 422 && wrong.html.contains("将上门核实"),
        "{}",
        wrong.html
    );
    let id = format!("t-{}", unique_digits());
    let written = [("id", id.as_str()), ("title", &mark), ("body", body)];
    let kept = officer.post("/desk/templates", &written).await?;
    ensure!(kept.status == 303, "{}", kept.html);

    let page = officer.get(&page_of(&case)).await?;
    ensure!(page.html.contains(&mark), "it is offered: {}", page.html);
    let typed = [
        ("template", id.as_str()),
        ("text", "已经写好的。"),
        ("contact", "81812345"),
    ];
    let put_in = format!("{}/template", page_of(&case));
    let page = officer.post(&put_in, &typed).await?;
    let expected = format!("已经写好的。\n\n您好！{}收到，", case.number);
    ensure!(
        page.status == 200
            && page.html.contains(&expected)
            && page.html.contains("将上门核实。&#60;b&#62;")
            && page.html.contains("81812345"),
        "{}",
        page.html
    );

    // Nobody else's officers see or change it.
    let other = platform
        .staff(Role::Officer, Some("housing-construction"), 0)
        .await?;
    let mut other = at_desk(&platform, &other)?;
    ensure!(!other.get("/desk/templates").await?.html.contains(&mark));
    let changed = other.post("/desk/templates", &written).await?;
    ensure!(changed.status == 404, "{}", changed.html);
    let gone = [("id", id.as_str()), ("delete", "yes")];
    let refused = other.post("/desk/templates", &gone).await?;
    ensure!(refused.status == 404, "{}", refused.html);
    for (role, expected) in [(Role::Operator, 403), (Role::Reviewer, 403)] {
        let staff = platform.staff(role, None, 0).await?;
        let mut browser = at_desk(&platform, &staff)?;
        ensure!(browser.get("/desk/templates").await?.status == expected);
        let refused = browser.post("/desk/templates", &written).await?;
        ensure!(refused.status == expected, "{role:?}: {}", refused.html);
    }
    let mut admin = at_desk(&platform, platform.admin())?;
    ensure!(admin.get("/desk/templates").await?.html.contains(&mark));
    let deleted = officer.post("/desk/templates", &gone).await?;
    ensure!(deleted.status == 303, "{}", deleted.html);
    ensure!(!officer.get(&page_of(&case)).await?.html.contains(&mark));
    Ok(())
}

#[tokio::test]
async fn kept_filters_go_with_the_account() -> Result<()> {
    let platform = Platform::connect().await?;
    let (staff, password) = platform.recruit(Role::Supervisor, None).await?;
    let mut browser = at_desk(&platform, &staff)?;
    let narrowed = "/desk?queue=answer&department=education";
    let page = browser.get(narrowed).await?;
    ensure!(page.html.contains("保存筛选"), "it can be kept");
    let plain = browser.get("/desk").await?;
    ensure!(!plain.html.contains("保存筛选"), "everything is no filter");
    let filter = [
        ("name", "教育<b>急件"),
        ("queue", "answer"),
        ("department", "education"),
    ];
    let kept = browser.post("/desk/filters", &filter).await?;
    ensure!(
        kept.status == 303 && kept.headers["location"] == narrowed,
        "{:?}",
        kept.headers
    );
    let page = browser.get(narrowed).await?;
    ensure!(
        page.html.contains("教育&#60;b&#62;急件") && !page.html.contains("保存筛选"),
        "{}",
        page.html
    );

    // On another device, and for nobody else.
    let again = platform.sign_in(&staff.account, &password).await?;
    let other = at_desk(&platform, &again)?.get("/desk").await?;
    ensure!(other.html.contains("急件"), "{}", other.html);
    let colleague = platform.staff(Role::Supervisor, None, 7).await?;
    let colleague = at_desk(&platform, &colleague)?.get("/desk").await?;
    ensure!(!colleague.html.contains("急件"), "{}", colleague.html);

    let long = "长".repeat(41);
    for (name, queue) in [
        (long.as_str(), "answer"),
        ("", "answer"),
        ("x", "nowhere"),
        ("x", ""),
    ] {
        let page = browser
            .post("/desk/filters", &[("name", name), ("queue", queue)])
            .await?;
        ensure!(page.status == 422, "{name} {queue}: {}", page.status);
    }
    for count in 2..=20 {
        let name = format!("筛选 {count}");
        let page = browser
            .post("/desk/filters", &[("name", &name), ("state", "handling")])
            .await?;
        ensure!(page.status == 303, "{count}: {}", page.html);
    }
    let page = browser
        .post(
            "/desk/filters",
            &[("name", "再一个"), ("state", "handling")],
        )
        .await?;
    ensure!(page.status == 409, "{}", page.html);
    let gone = browser
        .post("/desk/filters", &[("forget", "教育<b>急件")])
        .await?;
    ensure!(gone.status == 303, "{}", gone.html);
    let page = browser.get("/desk").await?;
    ensure!(
        !page.html.contains("急件") && page.html.contains("筛选 20"),
        "{}",
        page.html
    );
    Ok(())
}
