//! What must not come in, and what a second publisher is asked for.

use wenzheng_tests::trap::trapping;

use super::*;

#[tokio::test]
async fn only_what_a_publisher_signed_comes_in_and_only_once() -> Result<()> {
    let Some(mut runner) = Runner::prepare("registry-refusals", &[]).await? else {
        return Ok(());
    };
    want_two(&runner)?;
    let sample = sample()?;
    done(&runner, &["build", &sample])?;
    let component = std::fs::read(Path::new(&sample).join("target/handler.wasm"))?;
    runner.start().await?;
    let mut platform = runner.platform().await?;
    platform.hold_to_description().await?;
    let first = publisher(&runner, POLICE, "张警官", "first.key")?;
    let second = publisher(&runner, POLICE, "李警官", "second.key")?;
    let teacher = publisher(&runner, SCHOOLS, "王老师", "teacher.key")?;
    let gone = publisher(&runner, POLICE, "赵警官", "gone.key")?;
    let gone_key = show(&gone.public());
    done(&runner, &["key", "revoke", POLICE, &gone_key])?;
    let stranger = Secret::generate()?;

    // With two publishers wanted, the first one's release is only proposed.
    let begin = (1, "propose", 1);
    let good = Delivery::new(&first, POLICE, begin, &component);
    let by = |secret: &Secret| Delivery::new(secret, POLICE, begin, &component);
    let mut elsewhere = good.clone();
    elsewhere.department = "no-such-department".to_owned();
    let mut short = good.clone();
    short.body.truncate(component.len() / 2);
    let mut long = good.clone();
    long.body.resize(MAX_SIZE + 1, 0);
    let other = trapping("department-handler")?;
    let digest = |bytes: &[u8]| format!("sha-256=:{}:", show(&seal::digest(&[bytes])));
    let mut other_body = good.clone();
    other_body.body.clone_from(&other);
    let mut other_both = other_body.clone();
    other_both = other_both.with("content-digest", digest(&other));
    let text = b"not wasm at all".to_vec();
    let module = b"\0asm\x01\0\0\0".to_vec();
    let school_signs = Delivery::new(&first, SCHOOLS, begin, &component);
    let mut school_sends = school_signs;
    school_sends.department = POLICE.to_owned();
    for (what, delivery, status, code) in [
        (
            "an unknown department",
            elsewhere,
            404,
            "unknown-department",
        ),
        (
            "nobody's signature",
            good.clone()
                .without("publisher-key")
                .without("publisher-signature"),
            401,
            "unsigned",
        ),
        (
            "no key",
            good.clone().without("publisher-key"),
            422,
            "invalid",
        ),
        (
            "a broken key",
            good.clone().with("publisher-key", "AAAA"),
            422,
            "invalid",
        ),
        (
            "a broken signature",
            good.clone().with("publisher-signature", "AAAA"),
            422,
            "invalid",
        ),
        ("an unknown key", by(&stranger), 403, "not-publisher"),
        (
            "another department's key",
            by(&teacher),
            403,
            "not-publisher",
        ),
        ("a revoked key", by(&gone), 403, "revoked-key"),
        (
            "the key of somebody else under it",
            good.clone().with("publisher-key", show(&second.public())),
            401,
            "wrong-signature",
        ),
        (
            "a signature for another department",
            school_sends,
            401,
            "wrong-signature",
        ),
        (
            "a revision that is past",
            Delivery::new(&first, POLICE, (0, "propose", 1), &component),
            409,
            "stale-order",
        ),
        (
            "a revision to come",
            Delivery::new(&first, POLICE, (2, "propose", 1), &component),
            409,
            "stale-order",
        ),
        (
            "publishing alone where two are wanted",
            Delivery::new(&first, POLICE, (1, "publish", 1), &component),
            401,
            "wrong-signature",
        ),
        (
            "another share",
            good.clone().with("handler-share", "50"),
            401,
            "wrong-signature",
        ),
        (
            "no share at all",
            good.clone().with("handler-share", "0"),
            422,
            "invalid",
        ),
        (
            "a share that is none",
            good.clone().with("handler-share", "all"),
            422,
            "invalid",
        ),
        ("another body", other_body, 422, "invalid"),
        (
            "another body with its digest",
            other_both,
            401,
            "wrong-signature",
        ),
        ("half a body", short, 422, "invalid"),
        (
            "no digest",
            good.clone().without("content-digest"),
            422,
            "invalid",
        ),
        (
            "a broken digest",
            good.clone().with("content-digest", "md5=:AA:"),
            422,
            "invalid",
        ),
        (
            "another media type",
            good.clone().with("content-type", "application/json"),
            415,
            "not-application-wasm",
        ),
        (
            "what is not WebAssembly",
            Delivery::new(&first, POLICE, begin, &text),
            422,
            "not-component",
        ),
        (
            "a module",
            Delivery::new(&first, POLICE, begin, &module),
            422,
            "not-component",
        ),
        (
            "nothing",
            Delivery::new(&first, POLICE, begin, b""),
            422,
            "not-component",
        ),
    ] {
        let reply = delivery.send(&platform).await?;
        refused(&reply, status, code).with_context(|| what.to_owned())?;
    }
    let reply = long.send(&platform).await?;
    ensure!(reply.status == 413, "too large: {reply:?}");
    let english = platform
        .send(
            Caller::Anyone,
            Method::POST,
            &handler_of(POLICE),
            &[("accept-language", "en".to_owned())],
            None,
        )
        .await?;
    ensure!(english.json()["title"] == "Not signed", "{english:?}");

    // Nothing of all that is there, and nothing is in force.
    let before = seen_by(&platform, &first, POLICE, &now()?)
        .await?
        .expect(200)?
        .json();
    assert_eq!(before["revision"], 0);
    assert_eq!(before["publishers"]["deliveries"], json!([]), "{before:#}");

    // What the gate refuses says so, and is refused the second time as received before.
    let bad = Delivery::new(&first, POLICE, begin, &other);
    let taken = bad.send(&platform).await?.expect(202)?.json();
    assert_eq!(taken["verdict"], "waiting");
    ensure!(
        taken["detail"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    let verdict = judged(&platform, &first, &bad).await?;
    assert_eq!(verdict["verdict"], "refused", "{verdict:#}");
    let report = verdict["report"].as_str().unwrap_or_default();
    ensure!(
        report.contains("✗ description") && report.contains("describe"),
        "{report}"
    );
    refused(&bad.send(&platform).await?, 409, "delivered-before")?;

    // A proposal is confirmed by another publisher only; the same request counts once.
    good.send(&platform).await?.expect(202)?;
    refused(&good.send(&platform).await?, 409, "delivered-before")?;
    let verdict = judged(&platform, &second, &good).await?;
    assert_eq!(verdict["verdict"], "proposed", "{verdict:#}");
    refused(&good.send(&platform).await?, 409, "stale-order")?;
    let sha256 = seal::hex(&seal::digest(&[&component]));
    let confirm = Signed {
        department: POLICE,
        revision: 2,
        action: "publish",
        release: 1,
        share: 100,
        sha256: &sha256,
    };
    let body = json!({ "order": "confirm", "revision": 2 });
    refused(
        &order(&platform, &first, &body, &confirm).await?,
        403,
        "second-publisher",
    )?;
    let other_body = json!({ "order": "disable", "revision": 2 });
    refused(
        &order(&platform, &second, &other_body, &confirm).await?,
        409,
        "nothing-decides",
    )?;
    let done_now = order(&platform, &second, &body, &confirm)
        .await?
        .expect(200)?
        .json();
    assert_eq!(
        (&done_now["action"], &done_now["current"]),
        (&json!("publish"), &json!(1))
    );
    refused(
        &order(&platform, &second, &body, &confirm).await?,
        409,
        "stale-order",
    )?;

    // Orders that cannot be carried out, and fields that do not belong to them.
    let next = |action| Signed {
        revision: 3,
        action,
        release: 0,
        share: 0,
        sha256: "",
        ..confirm
    };
    for (body, status, code) in [
        (
            json!({ "order": "promote", "revision": 3 }),
            409,
            "nothing-on-trial",
        ),
        (
            json!({ "order": "rollback", "revision": 3 }),
            409,
            "nothing-earlier",
        ),
        (
            json!({ "order": "rollback", "revision": 3, "to": 7 }),
            409,
            "never-published",
        ),
        (
            json!({ "order": "disable", "revision": 3, "to": 1 }),
            422,
            "invalid",
        ),
        (
            json!({ "order": "endpoint", "revision": 3 }),
            422,
            "invalid",
        ),
        (
            json!({ "order": "endpoint", "revision": 3, "at": "http://a/b" }),
            422,
            "invalid",
        ),
        (json!({ "order": "publish", "revision": 3 }), 422, "invalid"),
        (json!({ "order": "disable" }), 422, "invalid"),
        (
            json!({ "order": "disable", "revision": 3, "more": 1 }),
            422,
            "invalid",
        ),
    ] {
        let reply = order(&platform, &first, &body, &next("disable")).await?;
        refused(&reply, status, code).with_context(|| body.to_string())?;
    }
    let body = json!({ "order": "disable", "revision": 3 });
    for (secret, signed, status, code) in [
        (&first, next("promote"), 401, "wrong-signature"),
        (&teacher, next("disable"), 403, "not-publisher"),
        (&gone, next("disable"), 403, "revoked-key"),
    ] {
        let reply = order(&platform, secret, &body, &signed).await?;
        refused(&reply, status, code)?;
    }

    // Who signed what is for publishers of the department, freshly signed.
    for (secret, time, status, code) in [
        (&teacher, now()?, 403, "not-publisher"),
        (&first, "2026-01-01T00:00:00Z".to_owned(), 401, "clock"),
        (&first, "yesterday".to_owned(), 422, "invalid"),
    ] {
        let reply = seen_by(&platform, secret, POLICE, &time).await?;
        refused(&reply, status, code)?;
    }
    let public = platform
        .get(Caller::Anyone, &handler_of(POLICE))
        .await?
        .expect(200)?;
    for inside in [
        "警官",
        &show(&first.public()),
        "signature",
        "\"publishers\"",
    ] {
        ensure!(!public.text.contains(inside), "{inside}: {}", public.text);
    }
    assert_eq!(public.json()["history"][0]["action"], "publish");
    assert_eq!(public.json()["releases"][0]["sha256"], sha256.as_str());
    let all = platform
        .get(Caller::Anyone, "/api/handlers")
        .await?
        .expect(200)?
        .json();
    assert_eq!(all["handlers"][0]["department"], POLICE, "{all}");
    runner.verify()?;
    Ok(())
}
