//! Headers, and what is hardly HTTP.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_and_secrets() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, false).await?;
    let path = format!("/api/cases/{}", case.number);
    let secret = format!("canary-{}", unique());
    let long = format!("{secret}{}", "x".repeat(6000));
    for (name, value) in [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("Bearer {long}")),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Basic {secret}")),
        ("authorization", secret.clone()),
        ("query-code", secret.clone()),
        ("query-code", long.clone()),
        ("query-code", String::new()),
        (
            "accept-language",
            format!("{secret};q=x,*;q=9,zh-CN-{}", "x".repeat(3000)),
        ),
        ("x-request-id", format!("{secret} with spaces")),
        ("if-none-match", "\"".repeat(4000)),
        ("range", "bytes=-1,999-0".to_owned()),
        ("spin-client-addr", "'; DROP TABLE cases".to_owned()),
    ] {
        let headers = [
            (name, value.clone()),
            ("content-type", "application/json".to_owned()),
        ];
        let desk = format!("/api/desk/cases/{}", case.number);
        for (method, path) in [
            (Method::GET, desk),
            (Method::GET, path.clone()),
            (Method::POST, format!("{path}/withdrawal")),
        ] {
            let body = (method == Method::POST).then(|| b"{}".to_vec());
            let reply = platform
                .send(Caller::Anyone, method.clone(), &path, &headers, body)
                .await?;
            let what = format!("{method} {path} with {name}: {value:.60}");
            is_problem(&reply, &[401, 404], &what)?;
            let headers: String = reply.headers.values().map(String::as_str).collect();
            ensure!(
                !reply.text.contains(&secret) && !headers.contains(&secret),
                "{what} comes back: {reply:?}"
            );
        }
    }
    for (name, value) in [
        ("x-api-key", secret.as_str()),
        ("x-api-key", ""),
        ("x-api-key", &long),
    ] {
        let headers = [
            (name, value.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let body = driver.household(false).to_string().into_bytes();
        let reply = platform
            .send(
                Caller::Anyone,
                Method::POST,
                "/api/cases",
                &headers,
                Some(body),
            )
            .await?;
        is_problem(&reply, &[401], &format!("POST /api/cases with {name}"))?;
        ensure!(
            !reply.text.contains(&secret),
            "the key comes back: {reply:?}"
        );
    }
    for key in ["", " ", "a b", &"x".repeat(256)] {
        let headers = [
            ("idempotency-key", key.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let body = driver.household(false).to_string().into_bytes();
        let reply = platform
            .send(
                Caller::Channel,
                Method::POST,
                "/api/cases",
                &headers,
                Some(body),
            )
            .await?;
        is_problem(&reply, &[422], &format!("the idempotency key {key:?}"))?;
        ensure!(fields(&reply) == ["Idempotency-Key"], "{reply:?}");
    }
    // A wrong password, and a contact that does not pass, stay with the one who sent them.
    let login = json!({ "account": driver.officer.account, "password": secret });
    let reply = platform
        .post(Caller::Anyone, "/api/session", &login)
        .await?;
    is_problem(&reply, &[401], "a wrong password")?;
    ensure!(
        !reply.text.contains(&secret),
        "the password comes back: {reply:?}"
    );
    let mut message = driver.household(false);
    message["contact"]["phone"] = json!(secret);
    let reply = platform
        .post(Caller::Channel, "/api/cases", &message)
        .await?;
    is_problem(&reply, &[422], "a contact that is none")?;
    ensure!(
        fields(&reply).iter().all(|field| field == "contact.phone")
            && !reply.text.contains(&secret),
        "{reply:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_hardly_http() -> Result<()> {
    let platform = Platform::connect().await?;
    let address = platform.url().trim_start_matches("http://").to_owned();
    let long = "a".repeat(100_000);
    let post = |headers: &str, body: &[u8]| {
        let mut bytes = format!("POST /api/cases HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}\r\n").into_bytes();
        bytes.extend_from_slice(body);
        bytes
    };
    let get = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n")
            .into_bytes()
    };
    let mut chunks = Vec::new();
    for _ in 0..40 {
        chunks.extend_from_slice(b"100000\r\n");
        chunks.extend_from_slice(&vec![b' '; 1 << 20]);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("a body that is announced too large", post("content-length: 41943040\r\n", b"{"), &[413]),
        ("an endless body in chunks", post("transfer-encoding: chunked\r\n", &chunks), &[413]),
        ("a broken chunk", post("transfer-encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), &[400]),
        ("a negative length", post("content-length: -1\r\n", b""), &[400]),
        ("two lengths", post("content-length: 2\r\ncontent-length: 3\r\n", b"{}"), &[400]),
        ("length and chunks", post("content-length: 2\r\ntransfer-encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"), &[400, 401, 422]),
        ("a header that is no UTF-8", {
            let mut bytes = get("/api/publications", "");
            let end = bytes.len() - 2;
            bytes.splice(end..end, b"accept-language: \xff\xfe\r\nauthorization: Bearer \xff\r\nquery-code: \xe9\x84\x9e\r\n".iter().copied());
            bytes
        }, &[200, 400, 401]),
        ("a NUL in a header", get("/api/publications", "accept-language: a\0b\r\n"), &[400]),
        ("a target that is no UTF-8", {
            let mut bytes = b"GET /api/cases/\xff\xfe HTTP/1.1\r\nhost: ".to_vec();
            bytes.extend_from_slice(address.as_bytes());
            bytes.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
            bytes
        }, &[400, 404]),
        ("a target with a space", get("/api/ca ses", ""), &[400]),
        ("a very long target", get(&format!("/api/cases/{long}"), ""), &[400, 404, 414, 431]),
        ("a very long query", get(&format!("/api/publications?q={long}"), ""), &[400, 414, 422, 431]),
        ("a very long header", get("/api/publications", &format!("accept-language: {long}\r\n")), &[200, 400, 431]),
        ("very many headers", get("/api/publications", &"x-a: b\r\n".repeat(2000)), &[400, 431]),
        ("no host", b"GET /api/publications HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec(), &[200, 400]),
        ("two hosts", get("/api/publications", "host: elsewhere\r\n"), &[200, 400]),
        ("the host of a private route", b"POST /jobs HTTP/1.1\r\nhost: classify.spin.internal\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(), &[400, 404]),
        ("a private route", format!("POST /jobs HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").into_bytes(), &[404]),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), &[400]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
    ];
    for (what, bytes, statuses) in cases {
        match raw(&address, &bytes)
            .await
            .with_context(|| what.to_owned())?
        {
            Some(status) => ensure!(
                statuses.contains(&status),
                "{what}: expected {statuses:?}, got {status}"
            ),
            // Who does not speak HTTP at all may be hung up on.
            None => ensure!(
                statuses.contains(&400) || statuses.contains(&413),
                "{what}: there was no answer"
            ),
        }
    }
    platform
        .get(Caller::Anyone, "/api/publications")
        .await?
        .expect(200)?;
    Ok(())
}

/// Sends bytes and returns the status of the answer; none when the connection ends without one.
async fn raw(address: &str, bytes: &[u8]) -> Result<Option<u16>> {
    let stream = TcpStream::connect(address).await?;
    let (mut reader, mut writer) = stream.into_split();
    let bytes = bytes.to_vec();
    // The answer may come before all of it is sent, and then the rest finds nobody.
    let sending = tokio::spawn(async move {
        let _ = writer.write_all(&bytes).await;
        writer
    });
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let reading = async {
        while answer.len() < 16 {
            match reader.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => answer.extend_from_slice(&buffer[..count]),
            }
        }
    };
    if tokio::time::timeout(std::time::Duration::from_secs(40), reading)
        .await
        .is_err()
    {
        bail!("nothing came for 40 s");
    }
    sending.abort();
    let text = String::from_utf8_lossy(&answer);
    Ok(text
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|status| status.parse().ok()))
}
