//! Privacy canaries: what marks a citizen appears in no public byte.

use anyhow::Result;
use case::State;
use serde_json::json;
use wenzheng_tests::cases::answer;
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Platform};

/// The marks of a made-up citizen, and ways in which they may be written.
fn marks() -> Vec<String> {
    [
        "金丝雀甲",
        "13777770042",
        "137 7777 0042",
        "137-7777-0042",
        "１３７７７７７００４２",
        "330227199003074217",
        "canary.jia@example.com",
        "百灵路99号3幢501室",
        "浙B·7C4N2",
    ]
    .map(str::to_owned)
    .to_vec()
}

#[tokio::test]
async fn marks_of_a_citizen_appear_in_no_public_byte() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let marks = marks();
    let body = format!(
        "我叫金丝雀甲，身份证号330227199003074217，家住百灵路99号3幢501室，车牌浙B·7C4N2。\
         我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，能否先迁一个人的户口？\
         电话13777770042，也可以打137 7777 0042或137-7777-0042或１３７７７７７００４２，\
         邮箱canary.jia@example.com。{}",
        unique()
    );
    let case = driver
        .submit(&json!({
            "subject": "金丝雀甲（13777770042）咨询户口迁移",
            "body": body,
            "place": { "division": "zhonghe", "address": "百灵路99号3幢501室" },
            "contact": { "name": "金丝雀甲", "phone": "13777770042", "email": "canary.jia@example.com" },
            "consent": { "publish": true },
        }))
        .await?;
    driver.assigned(&case).await?;
    let supplement =
        json!({ "text": "补充：金丝雀甲的身份证是330227199003074217，请打13777770042。" });
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
    let mut answer = answer();
    answer["text"] = json!(format!(
        "金丝雀甲您好！我们已致电137 7777 0042。{}您家百灵路99号3幢501室属中河派出所管辖，车辆浙B·7C4N2无关。",
        answer["text"].as_str().unwrap_or_default()
    ));
    driver.act(officer, &case.number, "answer", &answer).await?;
    driver
        .act(
            Caller::Staff(&driver.reviewer),
            &case.number,
            "approval",
            &json!({}),
        )
        .await?;
    driver.until_state(&case.number, State::Published).await?;
    let rating =
        json!({ "grade": "satisfied", "solved": true, "comment": "金丝雀甲 13777770042 谢谢" });
    driver
        .act(Caller::Citizen(&case.code), &case.number, "rating", &rating)
        .await?;

    let number = &case.number;
    let searches = [
        "金丝雀甲",
        "13777770042",
        "330227199003074217",
        "百灵路99号",
        "户口迁移",
    ];
    let mut paths = vec![
        format!("/api/cases/{number}"),
        "/api/publications?limit=100".to_owned(),
        "/api/publications.atom".to_owned(),
        "/api/statistics".to_owned(),
        "/api/lifecycle.json".to_owned(),
        "/api/district".to_owned(),
        "/health".to_owned(),
        "/metrics".to_owned(),
        "/nowhere".to_owned(),
        "/".to_owned(),
        "/cases".to_owned(),
        format!("/cases/{number}"),
        "/sitemap.xml".to_owned(),
        format!(
            "/sitemaps/{}-{}-{}.xml",
            &number[2..6],
            &number[6..8],
            &number[8..10]
        ),
        format!("/api/cases/{number}/attachments/0"),
        format!("/api/cases/{number}/rating"),
        format!("/api/desk/cases/{number}"),
    ];
    paths.extend(
        searches
            .iter()
            .map(|text| format!("/api/publications?q={}", percent(text))),
    );
    let public = platform
        .get(Caller::Anyone, &format!("/api/cases/{number}"))
        .await?
        .expect(200)?;
    assert!(
        public.text.contains("能否先迁一个人的户口"),
        "the copy is not just empty: {}",
        public.text
    );
    // What the citizen could see before agreeing is what is public now.
    let asked = json!({
        "subject": "金丝雀甲（13777770042）咨询户口迁移",
        "body": body,
        "address": "百灵路99号3幢501室",
        "name": "金丝雀甲",
        "phone": "13777770042",
        "email": "canary.jia@example.com",
    });
    let preview = platform
        .post(Caller::Anyone, "/api/preview", &asked)
        .await?
        .expect(200)?
        .json();
    let copy = public.json();
    assert_eq!(
        (&preview["subject"], &preview["body"]),
        (&copy["subject"], &copy["body"])
    );
    for path in paths {
        let reply = platform.get(Caller::Anyone, &path).await?;
        let headers: String = reply.headers.values().map(String::as_str).collect();
        for mark in &marks {
            assert!(
                !reply.text.contains(mark),
                "{path} shows {mark}: {}",
                reply.text
            );
            assert!(!headers.contains(mark), "a header of {path} shows {mark}");
        }
        for letters in ["13777770042", "330227199003074217"] {
            let digits: String = reply.text.chars().filter(char::is_ascii_digit).collect();
            assert!(
                !digits.contains(letters),
                "{path} shows {letters} in some spelling"
            );
        }
    }
    // What is like a message is made of public copies too.
    let asked =
        json!({ "subject": "户口迁移", "body": "能否先迁一个人的户口？金丝雀甲 13777770042" });
    let alike = platform
        .post(Caller::Anyone, "/api/similar", &asked)
        .await?
        .expect(200)?;
    for mark in &marks {
        assert!(!alike.text.contains(mark), "similar cases show {mark}");
    }
    for text in [
        "金丝雀甲",
        "13777770042",
        "330227199003074217",
        "百灵路99号",
    ] {
        let found = platform
            .get(
                Caller::Anyone,
                &format!("/api/publications?q={}", percent(text)),
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
        assert!(
            !numbers.contains(&json!(number)),
            "a search for {text} leads to the case"
        );
    }
    Ok(())
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
