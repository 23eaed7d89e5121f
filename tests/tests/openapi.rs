//! Every answer is what the API's own description says, and the description
//! has every route.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use case::State;
use case::lifecycle::TABLE;
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::POLICE;
use wenzheng_tests::endpoints::{self, Ground};
use wenzheng_tests::platform::unique;
use wenzheng_tests::spec::Spec;
use wenzheng_tests::{Caller, Driver, Platform};

async fn connect() -> Result<Platform> {
    let mut platform = Platform::connect().await?;
    platform.hold_to_description().await?;
    Ok(platform)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_described() -> Result<()> {
    let platform = connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for endpoint in endpoints::all() {
        let ground = Ground::new(&driver, &endpoint, &other).await?;
        let path = ground.fill(&endpoint.path);
        let json = [("content-type", "application/json".to_owned())];
        let body = endpoint
            .body
            .as_ref()
            .map(|body| ground.fill_body(body).to_string().into_bytes());
        // From the worst to the best, since the last one uses up what was prepared.
        let callers = [
            Caller::Anyone,
            Caller::Citizen("0000-0000-0000"),
            Caller::Staff(&driver.reviewer),
            ground.caller(endpoint.by),
        ];
        for caller in callers {
            if endpoint.body.is_some() {
                for bad in [&b"{"[..], b"{\"no_such_field\":1}", b"[]"] {
                    platform
                        .send(
                            caller,
                            endpoint.method.clone(),
                            &path,
                            &json,
                            Some(bad.to_vec()),
                        )
                        .await?;
                }
                let text = [("content-type", "text/plain".to_owned())];
                platform
                    .send(
                        caller,
                        endpoint.method.clone(),
                        &path,
                        &text,
                        Some(b"{}".to_vec()),
                    )
                    .await?;
            }
            for (name, _) in endpoint.query {
                platform
                    .send(
                        caller,
                        endpoint.method.clone(),
                        &format!("{path}?{name}=%E9%84%9E%20x"),
                        &[],
                        None,
                    )
                    .await?;
                platform
                    .send(
                        caller,
                        endpoint.method.clone(),
                        &format!("{path}?{name}=%00"),
                        &[],
                        None,
                    )
                    .await?;
            }
        }
        let query: Vec<String> = endpoint
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let full = if query.is_empty() {
            path.clone()
        } else {
            format!("{path}?{}", query.join("&"))
        };
        let caller = ground.caller(endpoint.by);
        platform
            .send(caller, endpoint.method.clone(), &full, &json, body.clone())
            .await?;
        // Once more: what is over is refused.
        platform
            .send(caller, endpoint.method.clone(), &path, &json, body)
            .await?;
        let nowhere = endpoint
            .path
            .replace("{number}", "YZ20200101-00000000")
            .replace("{account}", "nobody-at-all");
        let nowhere = nowhere
            .replace("{article}", "none")
            .replace("{channel}", "none")
            .replace("{position}", "99");
        if nowhere != endpoint.path {
            let body = endpoint
                .body
                .as_ref()
                .map(|body| ground.fill_body(body).to_string().into_bytes());
            platform
                .send(
                    caller,
                    endpoint.method.clone(),
                    &ground.fill(&nowhere),
                    &json,
                    body,
                )
                .await?;
        }
    }
    let spec = platform.description();
    let seen = spec.seen();
    let succeeded: BTreeSet<(&str, &str)> = seen
        .iter()
        .filter(|(.., status)| (200..300).contains(status))
        .map(|(method, path, _)| (method.as_str(), path.as_str()))
        .collect();
    for (method, path) in spec.operations() {
        // Publishing is the pipeline's own; nothing has failed for good here; and there is no identity provider, with
        // which `cargo xtask test --only oidc` tries these. What publishers sign, `registry` tries; what a department's
        // handler plans after an answer, `departments`.
        let signed = endpoints::signed()
            .iter()
            .any(|endpoint| method == "post" && bare(&endpoint.path) == bare(&path));
        let out_of_reach = signed
            || path.ends_with("/publication")
            || path.ends_with("/follow-up")
            || path.contains("/dead-letters/")
            || path.contains("/session/provider");
        ensure!(
            out_of_reach || succeeded.contains(&(method.as_str(), path.as_str())),
            "{method} {path} was never seen to succeed"
        );
    }
    println!(
        "{} pairs of operation and status are as described",
        seen.len()
    );
    ensure!(seen.len() > 200, "hardly anything was seen: {seen:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_as_described_in_every_state() -> Result<()> {
    let platform = connect().await?;
    let driver = Driver::new(&platform).await?;
    for state in State::ALL {
        if state == State::Reviewed {
            continue;
        }
        let case = driver.in_state(state, true).await?;
        let path = format!("/api/cases/{}", case.number);
        platform
            .get(Caller::Citizen(&case.code), &path)
            .await?
            .expect(200)?;
        driver
            .view(&case.number)
            .await?
            .as_object()
            .context("no case")?;
        platform
            .get(
                Caller::Staff(&driver.officer),
                &format!("/api/desk/cases/{}", case.number),
            )
            .await?;
        platform
            .get(
                Caller::Staff(&driver.reviewer),
                &format!("/api/desk/cases/{}", case.number),
            )
            .await?;
        platform
            .get(
                Caller::Staff(&driver.supervisor),
                &format!("/api/desk/cases?state={}", state.name()),
            )
            .await?
            .expect(200)?;
        platform.get(Caller::Anyone, &path).await?;
    }
    for query in [
        "",
        "?limit=1",
        "?q=%E6%88%B7%E5%8F%A3",
        &format!("?department={POLICE}&limit=100"),
        "?q=%EF%BC%8C",
    ] {
        platform
            .get(Caller::Anyone, &format!("/api/publications{query}"))
            .await?
            .expect(200)?;
    }
    let disputed = driver.in_state(State::Assigned, false).await?;
    let back = json!({ "reason": "不属本单位职责", "basis": "责任清单", "suggested": "housing-construction" });
    driver
        .act(
            Caller::Staff(&driver.officer),
            &disputed.number,
            "return",
            &back,
        )
        .await?;
    driver.view(&disputed.number).await?;
    Ok(())
}

#[tokio::test]
async fn every_message_is_as_described() -> Result<()> {
    let platform = connect().await?;
    let driver = Driver::new(&platform).await?;
    for message in [
        json!({ "subject": "路灯不亮" , "body": unique() }),
        json!({ "body": format!("中河街道泰康中路的路灯坏了三天。{}", unique()) }),
        json!({ "subject": "不服判决", "body": format!("法院已判，我不服判决。{}", unique()) }),
        json!({ "subject": "救命", "body": format!("有人落水了，快来救人！{}", unique()) }),
        json!({ "subject": "Residence permit", "body": format!("Where can I renew my residence permit? {}", unique()) }),
    ] {
        let case = driver.submit(&message).await?;
        driver.view(&case.number).await?;
        platform
            .get(
                Caller::Citizen(&case.code),
                &format!("/api/cases/{}", case.number),
            )
            .await?
            .expect(200)?;
    }
    let message = driver.household(false);
    platform
        .post(Caller::Staff(&driver.operator), "/api/cases", &message)
        .await?
        .expect(201)?;
    platform
        .post(Caller::Staff(&driver.operator), "/api/cases", &message)
        .await?
        .expect(409)?;
    Ok(())
}

#[tokio::test]
async fn the_description_has_every_route() -> Result<()> {
    let platform = connect().await?;
    let spec = platform.description();
    let operations: BTreeSet<(String, String)> = spec
        .operations()
        .into_iter()
        .map(|(method, path)| (method, bare(&path)))
        .collect();
    let paths: BTreeSet<&str> = operations.iter().map(|(_, path)| path.as_str()).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the repository")?;
    let manifest = std::fs::read_to_string(root.join("spin.toml"))?;
    let mut routes = 0;
    for line in manifest
        .lines()
        .filter(|line| !line.contains("static_response"))
    {
        let Some((_, rest)) = line.split_once("route = \"") else {
            continue;
        };
        let route = rest.split('"').next().unwrap_or_default();
        // The pages of the citizens' site are for people.
        if !route.starts_with("/api/") {
            continue;
        }
        let route: Vec<&str> = route
            .split('/')
            .map(|segment| {
                if segment.starts_with(':') {
                    "{}"
                } else {
                    segment
                }
            })
            .collect();
        ensure!(
            paths.contains(route.join("/").as_str()),
            "{} is not described",
            route.join("/")
        );
        routes += 1;
    }
    ensure!(routes > TABLE.len(), "spin.toml has only {routes} routes");
    for row in TABLE {
        let path = format!("/api/cases/{{}}/{}", row.resource);
        ensure!(
            operations.contains(&("post".to_owned(), path.clone())),
            "{path} is not described"
        );
    }
    for endpoint in endpoints::all() {
        let described = operations.contains(&(
            endpoint.method.as_str().to_ascii_lowercase(),
            bare(&endpoint.path),
        ));
        ensure!(
            described,
            "{} {} is not described",
            endpoint.method,
            endpoint.path
        );
    }
    ensure!(
        operations.len() == endpoints::all().len() + endpoints::signed().len(),
        "the tests do not know all of {operations:?}"
    );
    Ok(())
}

/// A path with empty braces.
fn bare(path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect();
    segments.join("/")
}

#[tokio::test]
async fn the_description_is_complete_in_itself() -> Result<()> {
    let platform = connect().await?;
    let spec: &Spec = platform.description();
    let document = spec.document();
    let mut references = 0;
    check_references(document, document, &mut references)?;
    ensure!(references > 20, "only {references} references");
    for (method, path) in spec.operations() {
        let operation = &document["paths"][&path][&method];
        let what = format!("{method} {path}");
        for name in ["operationId", "summary"] {
            ensure!(
                operation[name]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{what} has no {name}"
            );
        }
        for name in path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        {
            let own = operation["parameters"].as_array().into_iter().flatten();
            let shared = document["paths"][&path]["parameters"]
                .as_array()
                .into_iter()
                .flatten();
            let known = own
                .chain(shared)
                .map(|parameter| resolved(document, parameter))
                .any(|parameter| {
                    parameter["name"] == name
                        && parameter["in"] == "path"
                        && parameter["required"] == true
                });
            ensure!(known, "{what} does not describe {{{name}}}");
        }
        let all = [endpoints::all(), endpoints::signed()].concat();
        let takes_body = all.iter().any(|endpoint| {
            endpoint.body.is_some()
                && endpoint.method.as_str().eq_ignore_ascii_case(&method)
                && bare(&endpoint.path) == bare(&path)
        });
        ensure!(
            takes_body == operation["requestBody"].is_object(),
            "{what}: is there a body or not?"
        );
        if let Some(query) = endpoints::all().iter().find(|endpoint| {
            endpoint.method.as_str().eq_ignore_ascii_case(&method)
                && bare(&endpoint.path) == bare(&path)
        }) {
            for (name, _) in query.query {
                let known = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|parameter| resolved(document, parameter));
                ensure!(
                    known
                        .into_iter()
                        .any(|parameter| parameter["name"] == *name && parameter["in"] == "query"),
                    "{what} does not describe ?{name}"
                );
            }
        }
    }
    Ok(())
}

fn resolved<'a>(document: &'a Json, value: &'a Json) -> &'a Json {
    let target = value["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

fn check_references(document: &Json, value: &Json, count: &mut usize) -> Result<()> {
    match value {
        Json::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Json::as_str) {
                let pointer = reference
                    .strip_prefix('#')
                    .with_context(|| format!("{reference} leads out of the document"))?;
                document
                    .pointer(pointer)
                    .with_context(|| format!("{reference} leads nowhere"))?;
                *count += 1;
            }
            members
                .values()
                .try_for_each(|member| check_references(document, member, count))
        }
        Json::Array(items) => items
            .iter()
            .try_for_each(|item| check_references(document, item, count)),
        _ => Ok(()),
    }
}
