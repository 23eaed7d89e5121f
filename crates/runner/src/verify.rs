//! `wenzheng verify`: every case folded again, and compared.

use crate::account::connect;
use crate::database::Connection;
use crate::place::Place;
use crate::rules::Rules;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;
use store::verify::Findings;

/// Differences that are printed; of more only the number is.
const SHOWN: usize = 200;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut connection = connect(&arguments.place).await?;
    let progress = ProgressBar::new_spinner().with_style(ProgressStyle::with_template(
        "{spinner} {pos} cases folded",
    )?);
    let findings = verify(&mut connection, |cases| progress.set_position(cases as u64)).await?;
    progress.finish_and_clear();

    for difference in findings.differences.iter().take(SHOWN) {
        println!("{}: {}", difference.subject, difference.what);
    }
    if findings.of_another_fold > 0 {
        println!(
            "{} rows of another version of the fold: whoever reads one folds its events again.",
            findings.of_another_fold
        );
    }
    let count = findings.differences.len();
    println!(
        "{} cases with {} events folded again: {}.",
        findings.cases,
        findings.events,
        match count {
            0 => "everything is what the events say".to_owned(),
            1 => "1 difference".to_owned(),
            count => format!("{count} differences"),
        }
    );
    Ok(if count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Compares everything with what the events say; `progress` is told how many cases are done.
async fn verify(connection: &mut Connection, progress: impl FnMut(usize)) -> Result<Findings> {
    let rules = Rules::read(connection).await?;
    Ok(store::verify::run(connection, &rules.basis(), rules.offset, progress).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::place::Target;
    use crate::prepare;
    use case::fold::FOLD;
    use case::time::{Offset, Timestamp};
    use case::{Actor, Case, Event, EventData, State};
    use serde_json::json;
    use std::path::Path;
    use store::contacts::{self, Contact};
    use store::{Change, Connection as _, Value, change, transaction};

    const NUMBER: &str = "YZ20260901-000001";

    /// A database with the district in it, on which one case was taken in and withdrawn.
    async fn database(folder: &Path) -> Database {
        let target = Target::Sqlite(folder.join("test.db"));
        let district = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../districts/yinzhou");
        let given = ["secret_key=x".to_owned(), "relay_key=x".to_owned()];
        let database = prepare::run(&target, &district, &given)
            .await
            .expect("prepared");
        let received: EventData = serde_json::from_value(json!({
            "kind": "received", "channel": "web", "case_kind": "help", "language": "zh-CN", "urgency": "normal",
            "publish": true, "attachments": 0,
            "judgement": { "handler": "h", "version": "1.0.0", "sha256": "", "input": "" },
        }))
        .expect("an event");
        let first = event(
            1,
            Actor::System {
                stage: "intake".to_owned(),
            },
            received,
        );
        let mut case = Case::open(NUMBER, &first).expect("a case");
        let mut connection = database.connection().await.expect("a connection");
        let contact = Contact {
            code: vec![1],
            sealed: None,
            phone: None,
            email: None,
        };
        transaction::begin(&mut connection).await.expect("begun");
        contacts::insert(&mut connection, NUMBER, &contact)
            .await
            .expect("a contact");
        write(&mut connection, case.clone(), first, Some("classify")).await;
        let second = event(2, Actor::Citizen, EventData::Withdrawn);
        case.apply(&second).expect("applies");
        write(&mut connection, case, second, None).await;
        transaction::commit(&mut connection)
            .await
            .expect("committed");
        database
    }

    fn event(sequence: u32, actor: Actor, data: EventData) -> Event {
        Event {
            sequence,
            at: Timestamp(1_790_000_000_000 + i64::from(sequence)),
            actor,
            request: "r".to_owned(),
            data,
        }
    }

    async fn write(
        connection: &mut Connection,
        case: Case,
        event: Event,
        next: Option<&'static str>,
    ) {
        let documents = if event.sequence == 1 {
            vec![(1, json!({ "subject": "漏水" }))]
        } else {
            Vec::new()
        };
        let due_at = None;
        let change = Change {
            case,
            due_at,
            events: vec![event],
            documents,
            next,
            done: None,
            buckets: Vec::new(),
            copy: None,
        };
        let offset = Offset::from_minutes(480).expect("an offset");
        assert!(
            change::write(connection, &[change], offset)
                .await
                .expect("written")
                .is_empty()
        );
    }

    #[tokio::test]
    async fn what_was_tampered_with_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let mut connection = database.connection().await.expect("a connection");
        let findings = verify(&mut connection, |_| ()).await.expect("verified");
        assert_eq!(
            (findings.cases, findings.events, findings.differences),
            (1, 2, Vec::new())
        );

        for (statement, expected) in [
            (
                "UPDATE cases SET state = 'published'",
                "cases.state is not what the events say",
            ),
            (
                "UPDATE cases SET due_at = 5",
                "cases.due_at is not what the events say",
            ),
            ("UPDATE tallies SET count = count + 1", "the events say 1"),
            ("DELETE FROM tallies", "is 0, the events say 1"),
            ("DELETE FROM documents", "the original message is missing"),
            ("DELETE FROM contacts", "has no row in contacts"),
            ("DELETE FROM events WHERE sequence = 1", "do not add up"),
            (
                "DELETE FROM events",
                "has a row in cases, but no first event",
            ),
            ("DELETE FROM cases", "has events, but no row in cases"),
            (
                "UPDATE events SET at = at + 1",
                "is not what its columns say",
            ),
        ] {
            transaction::begin(&mut connection).await.expect("begun");
            connection
                .query(statement, Vec::<Value>::new())
                .await
                .expect("tampered");
            let findings = verify(&mut connection, |_| ()).await.expect("verified");
            let found = findings
                .differences
                .iter()
                .any(|difference| difference.what.contains(expected));
            assert!(found, "{statement}: {:?}", findings.differences);
            transaction::rollback(&mut connection).await;
        }
    }

    #[tokio::test]
    async fn a_row_of_another_fold_is_read_by_folding_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let mut connection = database.connection().await.expect("a connection");
        // As an earlier version might have made it: other fields, other columns.
        let earlier = "UPDATE cases SET state = 'withdrawn-early', urgency = 'none', \
                       data = '{\"fold\": 0, \"state\": \"withdrawn-early\"}'";
        connection
            .query(earlier, Vec::new())
            .await
            .expect("another fold");
        let findings = verify(&mut connection, |_| ()).await.expect("verified");
        assert_eq!(
            (findings.of_another_fold, findings.differences),
            (1, Vec::new())
        );
        // What is compared is what everybody reads in such a row.
        let case = store::cases::load(&mut connection, NUMBER)
            .await
            .expect("read")
            .expect("a case");
        assert_eq!((case.state, case.sequence), (State::Withdrawn, 2));

        let this_fold = format!("UPDATE cases SET data = '{{\"fold\": {FOLD}}}'");
        // What no fold decides is compared all the same, and so is a row of this fold.
        for (statement, expected) in [
            ("UPDATE cases SET sequence = 1", "cases.sequence"),
            ("UPDATE cases SET updated_at = 1", "cases.updated_at"),
            ("UPDATE cases SET data = '{}'", "cases.data"),
            (this_fold.as_str(), "cases.data"),
        ] {
            transaction::begin(&mut connection).await.expect("begun");
            connection
                .query(statement, Vec::new())
                .await
                .expect("tampered");
            let findings = verify(&mut connection, |_| ()).await.expect("verified");
            let found = findings
                .differences
                .iter()
                .any(|difference| difference.what.starts_with(expected));
            assert!(found, "{statement}: {:?}", findings.differences);
            transaction::rollback(&mut connection).await;
        }
    }

    #[tokio::test]
    async fn a_case_without_its_job_is_lost_and_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let mut connection = database.connection().await.expect("a connection");
        for statement in ["DELETE FROM events WHERE sequence = 2", "DELETE FROM jobs"] {
            connection
                .query(statement, Vec::new())
                .await
                .expect("tampered");
        }
        let findings = verify(&mut connection, |_| ()).await.expect("verified");
        let found = findings
            .differences
            .iter()
            .any(|difference| difference.what == "is received without a job for classify");
        assert!(found, "{:?}", findings.differences);
    }
}
