//! Methods, segments of paths and parameters of queries.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_method() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let all = [endpoints::all(), endpoints::signed()].concat();
    let mut known: BTreeMap<&str, Vec<&Method>> = BTreeMap::new();
    for endpoint in &all {
        known
            .entry(&endpoint.path)
            .or_default()
            .push(&endpoint.method);
    }
    let case = driver.in_state(State::Received, false).await?;
    let brew = Method::from_bytes(b"BREW")?;
    for (path, methods) in known {
        let address = path
            .replace("{number}", &case.number)
            .replace("{account}", &driver.officer.account)
            .replace("{article}", "couple-flat-move-one-first")
            .replace("{channel}", "web")
            .replace("{department}", wenzheng_tests::cases::POLICE)
            .replace("{stage}", "classify")
            .replace("{position}", "1");
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            brew.clone(),
        ] {
            if methods.contains(&&method) {
                continue;
            }
            for caller in [Caller::Anyone, Caller::Staff(&driver.supervisor)] {
                let reply = platform
                    .send(caller, method.clone(), &address, &[], None)
                    .await?;
                is_problem(&reply, &[405], &format!("{method} {path}"))?;
                let allowed = reply.headers.get("allow").cloned().unwrap_or_default();
                let allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
                for other in &methods {
                    ensure!(
                        allowed.contains(&other.as_str()),
                        "{method} {path}: {other} is not in Allow: {allowed:?}"
                    );
                }
                ensure!(
                    !allowed.contains(&method.as_str()),
                    "{method} {path}: is in Allow: {allowed:?}"
                );
            }
        }
        let head = platform
            .send(Caller::Anyone, Method::HEAD, &address, &[], None)
            .await?;
        ensure!(
            head.status < 500 && head.text.is_empty(),
            "HEAD {path}: {head:?}"
        );
        let options = platform
            .send(Caller::Anyone, Method::OPTIONS, &address, &[], None)
            .await?;
        ensure!(options.status < 500, "OPTIONS {path}: {options:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_segment_of_every_path() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let long = "a".repeat(8000);
    let segments = [
        "%00",
        "%0d%0aset-cookie:%20a=b",
        "%ff%fe",
        "%",
        "%1",
        "%zz",
        "%2e%2e%2f%2e%2e%2f",
        "..%2f",
        "%C0%AF",
        "*",
        "'%20OR%201=1--",
        "%3Cscript%3E",
        "%E9%84%9E%E5%B7%9E",
        "%F0%9F%98%80",
        "%E2%80%AE",
        "%E2%80%8B",
        "null",
        "-1",
        "0",
        "99999999999999999999",
        "1.5",
        "YZ20200101-00000000",
        "yz20200101-00000000%20",
        "undefined",
        &long,
    ];
    for endpoint in endpoints::all() {
        if !endpoint.path.contains('{') {
            continue;
        }
        let trial = Trial::new(&driver, &endpoint, &other).await?;
        for segment in segments {
            let names = [
                "{number}",
                "{account}",
                "{article}",
                "{channel}",
                "{stage}",
                "{position}",
            ];
            let places = names.iter().filter(|name| endpoint.path.contains(**name));
            let places: Vec<String> = places
                .map(|name| trial.ground.fill(&endpoint.path.replace(name, segment)))
                .collect();
            for path in places {
                let body = endpoint
                    .body
                    .as_ref()
                    .map(|body| trial.ground.fill_body(body).to_string().into_bytes());
                let headers = [("content-type", "application/json".to_owned())];
                let caller = trial.ground.caller(endpoint.by);
                let reply = platform
                    .send(caller, endpoint.method.clone(), &path, &headers, body)
                    .await?;
                // Publishing is the pipeline's own, whichever case it is.
                let statuses: &[u16] = match endpoint.action {
                    Some(Action::Publish) => &[400, 403, 404, 414],
                    _ => &[400, 404, 414, 422],
                };
                is_problem(&reply, statuses, &format!("{} {path}", endpoint.method))?;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_parameter_of_every_query() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let broken = ["%", "%zz", "%ff"];
    let control = ["%00", "%0a", "a%1Bb", "%C2%85"];
    let long = "x".repeat(5000);
    let numbers = [
        "0",
        "-1",
        "1.5",
        "abc",
        "1000000",
        "99999999999999999999999",
        "1e3",
        "٣",
    ];
    let cursors = [
        "garbage",
        "AAAA",
        "%7B%22a%22%3A1%7D",
        "eyJhIjoxfQ",
        "1.5.5",
        "YZ20200101-00000000",
        &long,
    ];
    let names = ["no-such-name", "%F0%9F%98%80", "'%20OR%201=1", &long];
    let dates = [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "0000-00-00",
        "99999-01-01",
        "2026-1-1",
        "1",
        &long,
    ];
    for endpoint in endpoints::all()
        .into_iter()
        .filter(|endpoint| !endpoint.query.is_empty())
    {
        let trial = Trial::new(&driver, &endpoint, &other).await?;
        let path = trial.path();
        let ask = async |query: String| {
            let caller = trial.ground.caller(endpoint.by);
            let reply = platform.get(caller, &format!("{path}?{query}")).await?;
            lawful(&reply).with_context(|| format!("{path}?{query}"))?;
            anyhow::Ok(reply)
        };
        let good: Vec<String> = endpoint
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        ask(good.join("&")).await?.expect(200)?;
        for (name, _) in endpoint.query {
            let wrong: &[&str] = match *name {
                "limit" => &numbers,
                "cursor" => &cursors,
                "from" | "to" => &dates,
                "q" => &[],
                _ => &names,
            };
            for value in wrong {
                let reply = ask(format!("{name}={value}")).await?;
                ensure!(
                    reply.status == 422 && fields(&reply) == [*name],
                    "{path}?{name}={value}: {reply:?}"
                );
            }
            for (values, status) in [(&broken[..], 400), (&control[..], 422)] {
                for value in values {
                    let reply = ask(format!("{name}={value}")).await?;
                    ensure!(
                        reply.status == status && fields(&reply) == [*name],
                        "{path}?{name}={value}: {reply:?}"
                    );
                }
            }
            if *name == "q" {
                // Nobody types line breaks into a search.
                for (what, text) in HOSTILE
                    .iter()
                    .filter(|(_, text)| !text.chars().any(char::is_control))
                {
                    let reply = ask(format!("q={}", percent(text))).await?;
                    ensure!(
                        reply.status == 200,
                        "{path}: a search for {what}: {reply:?}"
                    );
                }
                let reply = ask(format!("q={}", percent(&"长".repeat(1000)))).await?;
                ensure!(
                    reply.status == 422 && fields(&reply) == ["q"],
                    "{path}: a long search: {reply:?}"
                );
            }
        }
        for query in [
            "&&&",
            "=",
            "a",
            "no_such_parameter=1",
            "limit=1&limit=2",
            "%E9%84%9E=1",
            &format!("x={long}"),
        ] {
            ask(query.to_owned()).await?;
        }
    }
    Ok(())
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
