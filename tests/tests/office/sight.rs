//! What each role sees of the desk, and what it does not.

use super::*;

#[tokio::test]
async fn no_role_sees_more_than_it_may() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let mark = format!("138{:08}", unique_digits());
    let mut message = driver.household(true);
    message["contact"] = json!({ "name": "司徒金丝雀", "phone": mark });
    let case = driver.submit(&message).await?;
    driver.assigned(&case).await?;
    let other = "housing-construction";
    let roles = [
        (Role::Operator, None),
        (Role::Duty, None),
        (Role::Officer, Some(POLICE)),
        (Role::Officer, Some(other)),
        (Role::Reviewer, None),
        (Role::Supervisor, None),
        (Role::Leader, None),
        (Role::Reporter, None),
        (Role::Admin, None),
    ];
    for (role, department) in roles {
        let staff = match role {
            Role::Admin => platform.admin().clone(),
            _ => platform.staff(role, department, 0).await?,
        };
        let mut browser = at_desk(&platform, &staff)?;
        let own = department != Some(other);
        let centre = matches!(role, Role::Operator | Role::Duty);
        let whole = matches!(role, Role::Supervisor | Role::Leader);
        // The case waits for the department: there is nothing to review yet.
        let sees_case = centre || whole || (role == Role::Officer && own);
        let has_queues = !matches!(role, Role::Reporter | Role::Admin);
        let code = |allowed: bool, refused: u16| if allowed { 200 } else { refused };
        for (path, expected) in [
            ("/desk".to_owned(), 200),
            ("/desk/help".to_owned(), 200),
            ("/desk/password".to_owned(), 200),
            ("/desk/new".to_owned(), code(centre, 403)),
            ("/desk/hot".to_owned(), code(centre || whole, 403)),
            (
                "/desk/letters".to_owned(),
                code(matches!(role, Role::Supervisor | Role::Admin), 403),
            ),
            ("/desk/cases.csv".to_owned(), code(has_queues, 403)),
            (
                page_of(&case),
                code(sees_case, if has_queues { 404 } else { 403 }),
            ),
        ] {
            let page = browser.get(&path).await?;
            ensure!(
                page.status == expected,
                "{role:?} {department:?} {path}: expected {expected}, got {}",
                page.status
            );
            ensure!(
                page.headers
                    .get("cache-control")
                    .is_some_and(|value| value.contains("no-store")),
                "{path}: {:?}",
                page.headers
            );
            ensure!(
                !page.html.contains(&mark) && !page.html.contains("司徒金丝雀"),
                "{role:?} {path}: the contact in the clear"
            );
            // No form is offered that the interface would refuse.
            ensure!(
                path != page_of(&case)
                    || page.html.contains("/approval\"") == (role == Role::Reviewer && sees_case),
                "{role:?}: an approval"
            );
        }
        // Who has to call back is shown the contact, by asking for it.
        let path = format!("{}/contact", page_of(&case));
        let page = browser.post(&path, &[("purpose", "call")]).await?;
        let full = (centre || role == Role::Officer) && sees_case;
        ensure!(
            (page.status == 200) == full && page.html.contains(&mark) == full,
            "{role:?} {department:?}: the contact, expected {full}, got {}",
            page.status
        );
        // Nor does an action go through because a form was made up.
        if role != Role::Reviewer {
            let path = format!("{}/approval", page_of(&case));
            let page = browser.post(&path, &[("sequence", "0")]).await?;
            ensure!(
                matches!(page.status, 403 | 404),
                "{role:?}: {}",
                page.status
            );
        }
    }
    ensure!(driver.view(&case.number).await?["state"] == "assigned");
    Ok(())
}
