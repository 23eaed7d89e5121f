//! Two at once: exactly one wins, and the other is told so.

use anyhow::Result;
use case::{Role, State};
use reqwest::Method;
use serde_json::json;
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Platform, Reply};

/// How often each race is run.
const ROUNDS: usize = 5;

fn exactly_one(replies: &[Reply], code: &[&str]) {
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1, "{replies:?}");
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.status, 409, "{reply:?}");
        assert!(code.contains(&reply.problem().as_str()), "{reply:?}");
    }
}

#[tokio::test]
async fn two_reviewers() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = platform.staff(Role::Reviewer, None, 1).await?;
    for _ in 0..ROUNDS {
        let case = driver.in_state(State::Answered, false).await?;
        let (plain, reason) = (json!({}), json!({ "reason": "请补充依据" }));
        let (one, two) = tokio::join!(
            driver.try_act(
                Caller::Staff(&driver.reviewer),
                &case.number,
                "approval",
                &plain
            ),
            driver.try_act(Caller::Staff(&other), &case.number, "send-back", &reason),
        );
        exactly_one(&[one?, two?], &["state", "stale"]);
    }
    Ok(())
}

#[tokio::test]
async fn double_rating() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    for _ in 0..ROUNDS {
        let case = driver.in_state(State::Published, false).await?;
        let rating = json!({ "grade": "satisfied", "solved": true });
        let citizen = Caller::Citizen(&case.code);
        let (one, two, three) = tokio::join!(
            driver.try_act(citizen, &case.number, "rating", &rating),
            driver.try_act(citizen, &case.number, "rating", &rating),
            driver.try_act(citizen, &case.number, "rating", &rating),
        );
        exactly_one(&[one?, two?, three?], &["state", "stale"]);
    }
    Ok(())
}

#[tokio::test]
async fn stale_writes() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Handling, false).await?;
    let sequence = driver.view(&case.number).await?["sequence"].clone();
    let officer = Caller::Staff(&driver.officer);
    let answer = |text: &str| json!({ "text": text, "sequence": sequence });
    let (first, second) = (answer("第一个答复"), answer("第二个答复"));
    let (one, two) = tokio::join!(
        driver.try_act(officer, &case.number, "answer", &first),
        driver.try_act(officer, &case.number, "answer", &second),
    );
    exactly_one(&[one?, two?], &["state", "stale"]);

    let case = driver.in_state(State::Handling, false).await?;
    let old = json!({ "text": "晚了", "sequence": 1 });
    let reply = driver
        .try_act(officer, &case.number, "answer", &old)
        .await?
        .expect(409)?;
    assert_eq!(reply.problem(), "stale");
    assert!(
        reply.json()["sequence"].as_u64().is_some_and(|now| now > 1),
        "it says where the case is: {reply:?}"
    );
    Ok(())
}

#[tokio::test]
async fn double_submit() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    // The same form sent twice by one citizen, without a key: one case.
    let message = driver.household(false);
    let send = || platform.post(Caller::Anyone, "/api/cases", &message);
    let (one, two) = tokio::join!(send(), send());
    let replies = [one?, two?];
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{replies:?}");

    // With a key, a repetition gets the answer of the first; another message with the key does not.
    let key = [
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", unique()),
    ];
    let body = driver.household(false).to_string().into_bytes();
    let send = |body: Vec<u8>| {
        platform.send(
            Caller::Channel,
            Method::POST,
            "/api/cases",
            &key,
            Some(body),
        )
    };
    let first = send(body.clone()).await?.expect(201)?.json();
    let again = send(body).await?.expect(201)?.json();
    assert_eq!(first["number"], again["number"]);
    assert_eq!(first["query_code"], again["query_code"]);
    let other = send(driver.obscure().to_string().into_bytes())
        .await?
        .expect(422)?;
    assert_eq!(other.problem(), "key-reused");
    Ok(())
}

#[tokio::test]
async fn the_author_does_not_review() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    // Roles keep the two apart already: an officer may not approve at all.
    let case = driver.in_state(State::Answered, false).await?;
    driver
        .try_act(
            Caller::Staff(&driver.officer),
            &case.number,
            "approval",
            &json!({}),
        )
        .await?
        .expect(403)?;
    driver
        .try_act(
            Caller::Citizen(&case.code),
            &case.number,
            "approval",
            &json!({}),
        )
        .await?
        .expect(403)?;
    driver
        .try_act(Caller::Anyone, &case.number, "approval", &json!({}))
        .await?
        .expect(401)?;
    Ok(())
}
