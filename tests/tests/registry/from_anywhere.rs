//! A release from another machine: it decides a case, and is taken back.

use wenzheng_tests::Driver;
use wenzheng_tests::cases::kinds;

use super::*;

/// The handler that drafted the answer of a new case.
async fn drafted_by(driver: &Driver<'_>) -> Result<String> {
    let question = json!({
        "subject": "户口迁入需要什么材料",
        "body": format!("我的户口在安徽，今年在鄞州买房了，请问怎么办理户口迁入？{}", wenzheng_tests::platform::unique()),
        "kind": "consultation",
        "contact": { "name": "测试", "phone": "13800000000" },
        "consent": { "publish": true },
    });
    let case = driver.submit(&question).await?;
    driver.assigned(&case).await?;
    let view = driver
        .until(&case.number, "drafted or left to the officer", |view| {
            let kinds = kinds(view);
            ["drafted", "draft-refused"]
                .iter()
                .any(|kind| kinds.iter().any(|known| known == kind))
        })
        .await?;
    let event = view["events"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|event| event["kind"] == "drafted" || event["kind"] == "draft-refused")
        .cloned()
        .unwrap_or_default();
    Ok(event["judgement"]["handler"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

#[tokio::test]
async fn a_department_publishes_and_takes_back_from_anywhere() -> Result<()> {
    let Some(mut runner) = Runner::prepare("registry", &[]).await? else {
        return Ok(());
    };
    let sample = sample()?;
    done(&runner, &["build", &sample])?;
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;
    publisher(&runner, POLICE, "张警官", "police.key")?;
    let url = runner.url();
    let there = |arguments: &[&str]| {
        let more = ["--platform", url.as_str(), "--key", "police.key"];
        done(&runner, &[arguments, &more].concat())
    };
    // A cache of its own, as on another machine.
    let publish = ["publish", &sample, "--state-dir", "elsewhere"];

    let from = runner.log_length();
    let said = there(&publish)?;
    ensure!(
        said.contains("as release 1 of public-security, for 100 %"),
        "{said}"
    );
    runner.logged(from, "handlers changed").await?;
    assert_eq!(drafted_by(&driver).await?, "public-security-household");

    let said = there(&[&publish[..], &["--share", "10"]].concat())?;
    ensure!(
        said.contains("as release 2 of public-security, for 10 %"),
        "{said}"
    );
    let said = there(&["promote", POLICE])?;
    ensure!(said.contains("public-security: release 2."), "{said}");
    let from = runner.log_length();
    let said = there(&["rollback", POLICE])?;
    ensure!(said.contains("public-security: release 1."), "{said}");
    runner.logged(from, "handlers changed").await?;
    assert_eq!(drafted_by(&driver).await?, "public-security-household");
    let from = runner.log_length();
    let said = there(&["disable", POLICE])?;
    ensure!(said.contains("the platform's default"), "{said}");
    runner.logged(from, "handlers changed").await?;
    assert_ne!(drafted_by(&driver).await?, "public-security-household");

    // The log is what was done, as publishers see it from afar and as the platform's operator sees it.
    let view = seen_by(&platform, &read(&runner, "police.key")?, POLICE, &now()?)
        .await?
        .expect(200)?
        .json();
    let history: Vec<(&str, Option<i64>, i64)> = view["history"]
        .as_array()
        .into_iter()
        .flatten()
        .rev()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap_or_default(),
                entry["release"].as_i64(),
                entry["share"].as_i64().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        history,
        [
            ("publish", Some(1), 100),
            ("publish", Some(2), 10),
            ("promote", Some(2), 100),
            ("rollback", Some(1), 100),
            ("disable", None, 0),
        ]
    );
    let far = there(&["history", POLICE])?;
    let near = done(&runner, &["history", POLICE])?;
    ensure!(far.starts_with(&near), "{far}\nand here:\n{near}");
    ensure!(
        far.matches("good").count() == 5 && far.contains("张警官") && !far.contains("FALSE"),
        "{far}"
    );
    ensure!(far.matches(" published").count() == 2, "{far}");
    let public = done(&runner, &["history", POLICE, "--platform", &url])?;
    ensure!(
        public.contains("rollback") && !public.contains("张警官"),
        "{public}"
    );
    let all = done(&runner, &["list", "--platform", &url])?;
    ensure!(
        all.contains(POLICE) && all.contains("the platform's default"),
        "{all}"
    );

    // A key that is not theirs publishes nothing, and says why.
    publisher(&runner, SCHOOLS, "王老师", "teacher.key")?;
    let more = ["--platform", url.as_str(), "--key", "teacher.key"];
    let (published, _) = runner.handler(&[&publish[..], &more].concat())?;
    ensure!(!published, "another department's key has published");
    runner.verify()?;
    Ok(())
}
