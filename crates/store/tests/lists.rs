//! Public list, search, knowledge base and desk on both databases.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use case::event::Urgency;
use case::{Queue, State};
use serde_json::json;
use shared::{received, write};
use sql::testing::TestServer;
use store::likeness::{self, Filed};
use store::publications::{Filter, Publication};
use store::{Change, Connection, articles, desk, publications, transaction};

#[tokio::test]
async fn on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let database = shared::sqlite(&directory.path().join("test.db")).await;
    everything(&mut database.connection().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let database = shared::postgres(&server).await;
    everything(&mut database.connection().await.unwrap()).await;
    database.close().await;
}

async fn everything<C: Connection>(connection: &mut C) {
    public_copies(connection).await;
    hostile_queries(connection).await;
    knowledge(connection).await;
    desk_lists(connection).await;
    alike(connection).await;
    crowded(connection).await;
}

/// A stage publishes hundreds of copies by one look at the clock: none stands in another's way, whatever came before.
async fn crowded<C: Connection>(connection: &mut C) {
    transaction::begin(connection).await.unwrap();
    for (from, published_at, copies) in [(0, 2_000_000, 500), (500, 2_000_001, 900)] {
        for index in from..from + copies {
            let number = format!("CROWD{index}");
            let publication = Publication {
                number,
                published_at,
                category: None,
                department: "crowd".into(),
                division: None,
                kind: "help".into(),
                summary: json!({}),
                data: json!({}),
                terms: Vec::new(),
                replaces: false,
            };
            publications::put(connection, &publication).await.unwrap();
        }
    }
    transaction::rollback(connection).await;
}

/// Cases are found by the buckets that they share, within the days asked for, and forgotten after them.
async fn alike<C: Connection>(connection: &mut C) {
    const DAY: i64 = 86_400_000;
    let lamp = text::likeness::Matter::of("嵩江中路路灯不亮", "四明路口的路灯三天不亮了");
    let again = text::likeness::Matter::of("路灯不亮", "嵩江中路四明路口的路灯三天不亮了");
    let bench = text::likeness::Matter::of("公园长椅坏了", "湿地公园北门的长椅断了两根木条");
    let messages = [
        ("YZ-old", 10, &lamp),
        ("YZ-lamp", 20, &lamp),
        ("YZ-again", 21, &again),
        ("YZ-bench", 21, &bench),
    ];
    for (number, day, matter) in messages {
        // The same twice is once.
        for _ in 0..2 {
            let filed = Filed {
                number,
                received_at: day * DAY + 5,
                buckets: &matter.buckets(),
            };
            likeness::file(connection, likeness::rows([filed]))
                .await
                .unwrap();
        }
    }
    let found = likeness::candidates(connection, &lamp.buckets(), 20, 10)
        .await
        .unwrap();
    assert_eq!(found, ["YZ-lamp", "YZ-again"]);
    assert!(
        likeness::candidates(connection, &[], 0, 10)
            .await
            .unwrap()
            .is_empty()
    );

    let mut several: Vec<String> = likeness::shared(connection, 20, 1000)
        .await
        .unwrap()
        .into_iter()
        .map(|(_, number)| number)
        .collect();
    several.sort();
    several.dedup();
    assert_eq!(several, ["YZ-again", "YZ-lamp"]);

    let rows = likeness::forget(connection, 20).await.unwrap();
    assert_eq!(rows, lamp.buckets().len());
    let left = likeness::candidates(connection, &lamp.buckets(), 0, 10)
        .await
        .unwrap();
    assert_eq!(left, ["YZ-lamp", "YZ-again"]);
}

async fn put<C: Connection>(connection: &mut C, index: i64, text: &str, replaces: bool) {
    let number = format!("YZ{index}");
    let publication = Publication {
        number: number.clone(),
        published_at: 1_000 + index / 3,
        category: Some(if index % 2 == 0 {
            "housing.repair".into()
        } else {
            "housing".into()
        }),
        department: if index % 5 == 0 { "water" } else { "police" }.into(),
        division: Some("zhonghe".into()),
        kind: "help".into(),
        summary: json!({ "number": number }),
        data: json!({ "number": number, "body": text }),
        terms: text::search_terms(text),
        replaces,
    };
    transaction::begin(connection).await.unwrap();
    publications::put(connection, &publication).await.unwrap();
    transaction::commit(connection).await.unwrap();
}

async fn numbers<C: Connection>(connection: &mut C, filter: Filter<'_>, limit: u32) -> Vec<String> {
    let listed = publications::page(connection, &filter, limit)
        .await
        .unwrap();
    listed
        .iter()
        .map(|listed| listed.summary["number"].as_str().unwrap().to_owned())
        .collect()
}

async fn search<C: Connection>(connection: &mut C, query: &str) -> Vec<String> {
    let phrases = text::query_terms(query);
    numbers(
        connection,
        Filter {
            phrases: &phrases,
            ..Filter::default()
        },
        50,
    )
    .await
}

async fn public_copies<C: Connection>(connection: &mut C) {
    assert_eq!(
        numbers(connection, Filter::default(), 5).await,
        Vec::<String>::new()
    );
    for index in 0..30 {
        let text = match index {
            7 => "夫妻户口迁移，先迁一个人。A3区 Ünïcode".to_owned(),
            8 => "户口问题，另外想问迁移".to_owned(),
            _ => format!("路灯不亮 第{index}号"),
        };
        put(connection, index, &text, false).await;
    }
    // Pages go on where the one before ended, newest first, whatever shares a millisecond.
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = publications::page(
            connection,
            &Filter {
                before,
                ..Filter::default()
            },
            7,
        )
        .await
        .unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(
            page.iter()
                .map(|listed| listed.summary["number"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(
        seen,
        (0..30)
            .rev()
            .map(|index| format!("YZ{index}"))
            .collect::<Vec<_>>()
    );

    // A phrase is found as it stands; words apart are all needed.
    assert_eq!(search(connection, "户口迁移").await, ["YZ7"]);
    assert_eq!(search(connection, "户口 迁移").await, ["YZ8", "YZ7"]);
    assert_eq!(search(connection, "户").await, ["YZ8", "YZ7"]);
    assert_eq!(search(connection, "a3区").await, ["YZ7"]);
    assert_eq!(search(connection, "路灯").await.len(), 28);
    assert_eq!(search(connection, "ünïcode").await, ["YZ7"]);
    assert!(search(connection, "移户").await.is_empty());

    // Filters, alone and with a search.
    let water = Filter {
        department: Some("water"),
        ..Filter::default()
    };
    assert_eq!(
        numbers(connection, water, 50).await,
        ["YZ25", "YZ20", "YZ15", "YZ10", "YZ5", "YZ0"]
    );
    let below = Filter {
        category: Some("housing.repair"),
        ..Filter::default()
    };
    assert_eq!(numbers(connection, below, 50).await.len(), 15);
    let topic = Filter {
        category: Some("housing"),
        ..Filter::default()
    };
    assert_eq!(numbers(connection, topic, 50).await.len(), 30);
    let time = Filter {
        from: Some(1_001),
        to: Some(1_002),
        ..Filter::default()
    };
    assert_eq!(numbers(connection, time, 50).await, ["YZ5", "YZ4", "YZ3"]);
    let phrases = text::query_terms("路灯");
    let both = Filter {
        phrases: &phrases,
        department: Some("water"),
        to: Some(1_004),
        ..Filter::default()
    };
    assert_eq!(numbers(connection, both, 50).await, ["YZ10", "YZ5", "YZ0"]);
    let everything = Filter {
        phrases: &phrases,
        department: Some("water"),
        category: Some("housing.repair"),
        division: Some("zhonghe"),
        kind: Some("help"),
        ..Filter::default()
    };
    assert_eq!(
        numbers(connection, everything, 50).await,
        ["YZ20", "YZ10", "YZ0"]
    );
    for other in [
        Filter {
            division: Some("xiaying"),
            ..everything
        },
        Filter {
            category: Some("repair"),
            ..everything
        },
        Filter {
            department: Some("wat"),
            ..everything
        },
    ] {
        assert!(numbers(connection, other, 50).await.is_empty(), "{other:?}");
    }
    // What a copy is filed under is not what it says.
    assert!(search(connection, "water").await.is_empty());
    assert!(search(connection, "@department=water").await.is_empty());

    // A search has pages like a list, full ones and the last.
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let filter = Filter {
            phrases: &phrases,
            before,
            ..Filter::default()
        };
        let page = publications::page(connection, &filter, 9).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        found.extend(
            page.iter()
                .map(|listed| listed.summary["number"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(found, search(connection, "路灯").await);
    assert_eq!(found.len(), 28);

    let nothing = Filter {
        kind: Some("report"),
        division: Some("zhonghe"),
        ..Filter::default()
    };
    assert!(numbers(connection, nothing, 50).await.is_empty());

    // Any phrase is enough, and nothing is found by none.
    let any = [vec!["从来".to_owned()], phrases[0].clone()];
    let held = publications::holding_any(connection, &any, 50)
        .await
        .unwrap();
    assert_eq!(held.len(), 28);
    assert!(held.is_sorted_by(|left, right| left.id > right.id));
    let held = publications::holding_any(connection, &any, 5)
        .await
        .unwrap();
    assert_eq!(held.len(), 5);
    let none = publications::holding_any(connection, &[], 5).await.unwrap();
    assert!(none.is_empty());

    // Put out again it is new; taken off it is gone from list, search and page.
    put(connection, 7, "重新答复", true).await;
    assert!(search(connection, "户口迁移").await.is_empty());
    assert_eq!(search(connection, "重新答复").await, ["YZ7"]);
    assert_eq!(
        publications::get(connection, "YZ7").await.unwrap().unwrap()["body"],
        "重新答复"
    );
    transaction::begin(connection).await.unwrap();
    assert!(publications::retract(connection, "YZ7").await.unwrap());
    assert!(!publications::retract(connection, "YZ7").await.unwrap());
    transaction::commit(connection).await.unwrap();
    assert!(search(connection, "重新答复").await.is_empty());
    assert_eq!(publications::get(connection, "YZ7").await.unwrap(), None);
    assert_eq!(numbers(connection, Filter::default(), 50).await.len(), 29);
}

async fn hostile_queries<C: Connection>(connection: &mut C) {
    for query in [
        "\"",
        "'",
        "*",
        "路灯*",
        "路灯\" OR \"户口",
        "NEAR(路灯 户口)",
        "terms:路灯",
        "-路灯",
        "^路灯",
        "a AND",
        "NOT a",
        "'); DROP TABLE publications; --",
        "路灯 <-> 户口",
        "路灯 & !户口",
        "路灯:*",
        "\\",
        "\\'",
        "%",
        "_",
        "\u{200b}",
        "\u{202e}路灯",
        "😀",
        "路灯\u{0}",
        "{}",
        "$1",
        "?1",
        "अनुच्छेद",
        "ﷺ",
        "İ",
    ] {
        let found = search(connection, query).await;
        let wide = search(connection, &query.repeat(50)).await;
        assert!(found.len() <= 50 && wide.len() <= 50, "{query}");
        articles::search(connection, query, 5).await.unwrap();
    }
    assert_eq!(
        search(connection, "路灯\" OR \"户口").await,
        Vec::<String>::new(),
        "OR is a word like any other"
    );
    assert_eq!(
        search(connection, "不亮*").await.len(),
        28,
        "a star is nothing"
    );
}

async fn knowledge<C: Connection>(connection: &mut C) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../districts/yinzhou");
    let knowledge = district::knowledge(std::path::Path::new(folder)).unwrap();
    for _ in 0..2 {
        transaction::begin(connection).await.unwrap();
        articles::replace(connection, &knowledge.articles)
            .await
            .unwrap();
        transaction::commit(connection).await.unwrap();
    }
    assert_eq!(
        articles::list(connection, None).await.unwrap().len(),
        knowledge.articles.len()
    );
    let first = &knowledge.articles[0];
    let class = articles::list(connection, Some(&first.class))
        .await
        .unwrap();
    assert!(
        class
            .iter()
            .any(|summary| summary["id"] == first.id.as_str())
    );
    assert_eq!(
        articles::get(connection, &first.id).await.unwrap().as_ref(),
        Some(first)
    );
    assert_eq!(articles::get(connection, "nothing").await.unwrap(), None);

    // Every article is what its own questions lead to, nearly always first.
    let (mut asked, mut best) = (0, 0);
    for article in &knowledge.articles {
        for question in &article.questions {
            let found = articles::search(connection, question, 8).await.unwrap();
            assert!(
                found.iter().any(|other| other.id == article.id),
                "{question} does not lead to {}",
                article.id
            );
            asked += 1;
            best += usize::from(found[0].id == article.id);
        }
    }
    assert!(best * 100 >= asked * 95, "{best} of {asked}");
    let golden = "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，户口迁移时能不能先迁一个人的？";
    let found = articles::search(connection, golden, 8).await.unwrap();
    assert_eq!(found[0].id, "couple-flat-move-one-first");
    assert_eq!(found.len(), 8);
    assert!(
        articles::search(connection, "，。", 8)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn desk_lists<C: Connection>(connection: &mut C) {
    let mut changes: Vec<Change> = (0..25)
        .map(|index| {
            let number = format!("YZ{index:02}");
            Change {
                due_at: (index % 4 != 0).then_some(10_000 - index / 2),
                ..received(&number, 1_000 + index, &number, Urgency::Normal)
            }
        })
        .collect();
    for (index, change) in changes.iter_mut().enumerate() {
        if index < 10 {
            change.case.state = State::Assigned;
            change.case.department = Some(if index < 4 { "water" } else { "police" }.into());
        } else if index < 15 {
            change.case.state = State::Published;
            change.case.department = Some("water".into());
        }
    }
    write(connection, &changes).await;

    // By due time, those without one last, page by page.
    let filter = |queue, department, state| desk::Filter {
        queue,
        department,
        state,
        after: None,
    };
    let mut seen: Vec<(Option<i64>, String)> = Vec::new();
    let mut after: Option<(i64, String)> = None;
    loop {
        let page = desk::Filter {
            after: after.as_ref().map(|(key, number)| (*key, number.as_str())),
            ..desk::Filter::default()
        };
        let page = desk::page(connection, &page, 6).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.key, last.case.number.clone()));
        for listed in page {
            assert_eq!(listed.subject.as_deref(), Some(listed.case.number.as_str()));
            seen.push((listed.due_at, listed.case.number));
        }
    }
    assert_eq!(seen.len(), 20);
    let mut sorted = seen.clone();
    sorted.sort_by_key(|(due, number)| (due.unwrap_or(i64::MAX), number.clone()));
    assert_eq!(seen, sorted);

    let count = async |connection: &mut C, filter| {
        desk::page(connection, &filter, 100).await.unwrap().len()
    };
    assert_eq!(
        count(connection, filter(Some(Queue::Answer), None, None)).await,
        10
    );
    assert_eq!(
        count(connection, filter(Some(Queue::Answer), Some("water"), None)).await,
        4
    );
    assert_eq!(
        count(connection, filter(None, Some("police"), None)).await,
        6
    );
    assert_eq!(
        count(connection, filter(None, None, Some(State::Received))).await,
        10
    );
    assert_eq!(
        count(
            connection,
            filter(Some(Queue::Review), None, Some(State::Published))
        )
        .await,
        0
    );
    let published = desk::page(
        connection,
        &filter(None, Some("water"), Some(State::Published)),
        100,
    )
    .await
    .unwrap();
    let numbers: Vec<&str> = published
        .iter()
        .map(|listed| listed.case.number.as_str())
        .collect();
    assert_eq!(numbers, ["YZ14", "YZ13", "YZ12", "YZ11", "YZ10"]);
    let rest = desk::Filter {
        after: Some((published[1].key, numbers[1])),
        ..filter(None, None, Some(State::Published))
    };
    assert_eq!(desk::page(connection, &rest, 100).await.unwrap().len(), 3);

    let counts = desk::counts(connection, None).await.unwrap();
    let of = |queue| counts.iter().find(|(other, _)| *other == queue).unwrap().1;
    assert_eq!(
        (
            of(Queue::Answer),
            of(Queue::Classification),
            of(Queue::Review)
        ),
        (10, 10, 0)
    );
    let counts = desk::counts(connection, Some("water")).await.unwrap();
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<i64>(), 4);
    let named = desk::named(connection, &["YZ03".into(), "YZ20".into(), "no".into()])
        .await
        .unwrap();
    assert_eq!(
        named
            .iter()
            .map(|listed| listed.case.number.as_str())
            .collect::<Vec<_>>(),
        ["YZ20", "YZ03"]
    );
}
