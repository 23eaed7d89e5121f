//! Bodies: every field with every wrong value, and bodies that are none.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_of_every_body() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for endpoint in endpoints::all() {
        let Some(body) = endpoint.body.clone() else {
            continue;
        };
        let mut trial = Trial::new(&driver, &endpoint, &other).await?;
        for path in paths(&body) {
            for (what, value, refused) in trial.attempts(&body, &path) {
                let tried = trial
                    .field(&path, &what, value.as_ref())
                    .await
                    .and_then(|reply| {
                        ensure!(
                            !refused || reply.status >= 400,
                            "{}: {} {what} was taken: {reply:?}",
                            endpoint.path,
                            dotted(&path)
                        );
                        Ok(())
                    });
                wrong.extend(tried.err().map(|error| format!("{error:#}")));
            }
        }
        let tried = trial.unknown_fields(&body).await;
        wrong.extend(tried.err().map(|error| format!("{error:#}")));
        for (status, count) in trial.answers {
            *answers.entry(status).or_default() += count;
        }
    }
    println!("answers by status: {answers:?}");
    ensure!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    ensure!(
        answers.values().sum::<usize>() > 2000,
        "hardly anything was tried: {answers:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_body_that_is_none() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for endpoint in endpoints::all() {
        let Some(body) = &endpoint.body else { continue };
        let mut trial = Trial::new(&driver, &endpoint, &other).await?;
        let good = trial.ground.fill_body(body).to_string();
        let half: String = good.chars().take(good.chars().count() / 2).collect();
        let mut broken: Vec<(&str, Vec<u8>)> = vec![
            ("half of it", half.into_bytes()),
            ("no JSON", b"hello".to_vec()),
            ("only a brace", b"{".to_vec()),
            ("a comma too many", b"{\"a\":1,}".to_vec()),
            ("single quotes", b"{'a':1}".to_vec()),
            (
                "something behind the end",
                format!("{good} {{}}").into_bytes(),
            ),
            (
                "another byte behind the end",
                format!("{good}x").into_bytes(),
            ),
            ("a byte-order mark", format!("\u{feff}{good}").into_bytes()),
            (
                "UTF-16",
                good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            ("an array", b"[]".to_vec()),
            ("a string", b"\"text\"".to_vec()),
            ("a number", b"1".to_vec()),
            ("null", b"null".to_vec()),
            ("NaN", b"{\"sequence\":NaN}".to_vec()),
            (
                "a number beyond all bounds",
                b"{\"sequence\":1e999999}".to_vec(),
            ),
            ("deep arrays", "[".repeat(10_000).into_bytes()),
            ("deep objects", "{\"a\":".repeat(3_000).into_bytes()),
            ("only white space", b"  \n\t".to_vec()),
            ("zeros", vec![0; 1000]),
        ];
        if let Some(name) = first_text(body) {
            let with = |value: &[u8]| {
                let mut bytes = format!("{{\"{name}\":\"a").into_bytes();
                bytes.extend_from_slice(value);
                bytes.extend_from_slice(b"b\"}");
                bytes
            };
            broken.extend([
                ("a byte that is no UTF-8", with(b"\xff")),
                ("half a character", with(b"\xe9\x84")),
                ("an overlong character", with(b"\xc0\xaf")),
                ("a surrogate in UTF-8", with(b"\xed\xa0\x80")),
                ("a lone surrogate", with(b"\\ud800")),
                ("surrogates the wrong way round", with(b"\\udc00\\ud800")),
                ("a raw control character", with(b"\x01")),
                ("a raw line break", with(b"\n")),
                ("a broken escape", with(b"\\x41")),
                (
                    "deep nesting in a field",
                    format!("{{\"{name}\":{}", "[".repeat(10_000)).into_bytes(),
                ),
                (
                    "a field twice",
                    format!("{{\"{name}\":\"a\",\"{name}\":\"b\"}}").into_bytes(),
                ),
            ]);
        }
        for (what, bytes) in broken {
            let reply = trial.bytes(what, Some("application/json"), bytes).await?;
            is_problem(
                &reply,
                &[400, 422],
                &format!("{} with {what}", endpoint.path),
            )?;
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "x",
            "",
        ] {
            let reply = trial
                .bytes(
                    &format!("the type {kind:?}"),
                    Some(kind),
                    good.clone().into_bytes(),
                )
                .await?;
            is_problem(&reply, &[415], &format!("{} as {kind:?}", endpoint.path))?;
        }
        let reply = trial
            .bytes("no type", None, good.clone().into_bytes())
            .await?;
        is_problem(&reply, &[415], &format!("{} without a type", endpoint.path))?;
        trial
            .bytes("nothing", Some("application/json"), Vec::new())
            .await?;

        let size = if endpoint.path == "/api/cases" {
            15 << 20
        } else {
            300 << 10
        };
        let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(size));
        let reply = trial
            .bytes("a huge body", Some("application/json"), huge.into_bytes())
            .await?;
        is_problem(
            &reply,
            &[413],
            &format!("{} with a huge body", endpoint.path),
        )?;
    }
    Ok(())
}

fn first_text(body: &Json) -> Option<&str> {
    body.as_object()?
        .iter()
        .find(|(_, value)| value.is_string())
        .map(|(name, _)| name.as_str())
}
