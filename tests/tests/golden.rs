//! The golden case: the household question of the model platform goes the
//! whole way, and its public timeline shows every step.

use anyhow::Result;
use case::State;
use serde_json::json;
use wenzheng_tests::cases::{POLICE, answer, kinds};
use wenzheng_tests::{Caller, Driver, Platform};

#[tokio::test]
async fn the_household_question_is_answered_published_and_rated() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;

    let message = driver.household(true);
    let case = driver.submit(&message).await?;
    driver.assigned(&case).await?;
    let view = driver.view(&case.number).await?;
    assert_eq!(view["category"], "public-security.household");
    assert_eq!(view["department"], POLICE);
    assert!(
        kinds(&view).contains(&"drafted".to_owned()),
        "the knowledge base knows the answer: {view}"
    );
    let classified = event(&view, "classified");
    assert_eq!(classified["judgement"]["handler"], "wenzheng-classify");
    assert_eq!(
        classified["judgement"]["sha256"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(
        classified["judgement"]["input"].as_str().map(str::len),
        Some(64)
    );

    // Not public before its time, and then for the citizen alone.
    let path = format!("/api/cases/{}", case.number);
    platform.get(Caller::Anyone, &path).await?.expect(404)?;
    let mine = platform
        .get(Caller::Citizen(&case.code), &path)
        .await?
        .expect(200)?
        .json();
    assert_eq!(mine["state"], "assigned");

    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    driver
        .act(officer, &case.number, "answer", &answer())
        .await?;
    driver
        .until(&case.number, "examined", |view| {
            kinds(view).contains(&"examined".to_owned())
        })
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
    let rating = json!({ "grade": "very-satisfied", "solved": true, "comment": "很快" });
    driver
        .act(Caller::Citizen(&case.code), &case.number, "rating", &rating)
        .await?;

    let public = platform.get(Caller::Anyone, &path).await?.expect(200)?;
    let etag = public.headers.get("etag").cloned().unwrap_or_default();
    let body = public.json();
    let timeline: Vec<&str> = body["timeline"]
        .as_array()
        .map(|steps| {
            steps
                .iter()
                .filter_map(|step| step["kind"].as_str())
                .collect()
        })
        .unwrap_or_default();
    assert_eq!(
        timeline,
        [
            "received",
            "classified",
            "assigned",
            "drafted",
            "accepted",
            "answered",
            "examined",
            "approved",
            "published",
            "rated"
        ],
        "{body}"
    );
    for step in body["timeline"].as_array().into_iter().flatten() {
        let at = step["at"].as_str().unwrap_or_default();
        assert!(
            at.len() == 25 && at.ends_with("+08:00"),
            "to the second, in the district's time: {at}"
        );
    }
    assert!(
        body["answer"]
            .as_str()
            .is_some_and(|text| text.contains("派出所"))
    );
    assert_eq!(body["rating"]["grade"], "very-satisfied");

    let unchanged = [("if-none-match", etag)];
    platform
        .send(
            Caller::Anyone,
            reqwest::Method::GET,
            &path,
            &unchanged,
            None,
        )
        .await?
        .expect(304)?;
    let found = platform
        .get(
            Caller::Anyone,
            "/api/publications?q=%E6%88%B7%E5%8F%A3%E8%BF%81%E7%A7%BB&limit=50",
        )
        .await?
        .expect(200)?
        .json();
    let numbers: Vec<_> = found["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| item["number"].clone())
        .collect();
    assert!(numbers.contains(&json!(case.number)), "the search finds it");
    // Who is about to ask the same is shown the article and the case.
    let asked = json!({ "subject": message["subject"], "body": message["body"] });
    let alike = platform
        .post(Caller::Anyone, "/api/similar", &asked)
        .await?
        .expect(200)?
        .json();
    assert_eq!(
        alike["articles"][0]["id"], "couple-flat-move-one-first",
        "{alike}"
    );
    let shown = alike["publications"].as_array().map(Vec::as_slice);
    assert!(
        shown.is_some_and(|items| items.iter().any(|item| item["number"] == case.number)),
        "{alike}"
    );
    let feed = platform
        .get(Caller::Anyone, "/api/publications.atom")
        .await?
        .expect(200)?;
    assert!(feed.text.contains(&case.number), "the feed has it");
    Ok(())
}

#[tokio::test]
async fn a_department_has_statistics_of_its_own() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    driver.in_state(State::Published, true).await?;
    let show = async |query: &str| {
        let path = format!("/api/statistics{query}");
        platform.get(Caller::Anyone, &path).await
    };
    let row = |statistics: &serde_json::Value| {
        let rows = statistics["departments"].as_array();
        rows.and_then(|rows| rows.iter().find(|row| row["department"] == POLICE).cloned())
            .unwrap_or_default()
    };
    let before = row(&show("").await?.expect(200)?.json());
    let own = show(&format!("?department={POLICE}"))
        .await?
        .expect(200)?
        .json();
    assert_eq!(own["departments"].as_array().map(Vec::len), Some(1));
    let (row, figures) = (row(&own), &own["figures"]);
    for name in ["dispatched", "published"] {
        let (earlier, now) = (before[name].as_i64(), row[name].as_i64());
        // Other tests go on meanwhile.
        assert!(earlier >= Some(1) && now >= earlier, "{name}: {own}");
    }
    assert_eq!(figures["received"]["value"], row["dispatched"], "{own}");
    assert_eq!(figures["published"]["value"], row["published"], "{own}");
    assert!(row["rank"].is_null(), "{own}");
    let nobody = show("?department=nobody").await?.expect(422)?;
    assert_eq!(nobody.json()["errors"][0]["field"], "department");
    Ok(())
}

#[tokio::test]
async fn without_consent_only_the_citizen_sees_the_answer() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Published, false).await?;
    let path = format!("/api/cases/{}", case.number);
    let stranger = platform.get(Caller::Anyone, &path).await?.expect(404)?;
    let unknown = platform
        .get(Caller::Anyone, "/api/cases/YZ20200101-00000000")
        .await?
        .expect(404)?;
    assert_eq!(
        stranger.problem(),
        unknown.problem(),
        "looks like one that does not exist"
    );
    platform
        .get(Caller::Citizen("0000-0000-0000"), &path)
        .await?
        .expect(404)?;
    let mine = platform
        .get(Caller::Citizen(&case.code), &path)
        .await?
        .expect(200)?
        .json();
    assert!(
        mine["answer"]["text"]
            .as_str()
            .or(mine["answer"].as_str())
            .is_some_and(|text| text.contains("派出所")),
        "{mine}"
    );
    Ok(())
}

#[tokio::test]
async fn a_supplement_pauses_the_clock_and_goes_on() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::WaitingCitizen, false).await?;
    let before = driver.view(&case.number).await?;
    assert!(
        before["deadline"]["standing_since"].is_string(),
        "the clock stands: {}",
        before["deadline"]
    );
    driver
        .act(
            Caller::Citizen(&case.code),
            &case.number,
            "reply",
            &json!({ "text": "2024年3月取得。" }),
        )
        .await?;
    let after = driver.view(&case.number).await?;
    assert_eq!(after["state"], "handling");
    assert!(after["deadline"]["standing_since"].is_null());
    Ok(())
}

fn event(view: &serde_json::Value, kind: &str) -> serde_json::Value {
    let events = view["events"].as_array().cloned().unwrap_or_default();
    events
        .into_iter()
        .find(|event| event["kind"] == kind)
        .unwrap_or_default()
}
