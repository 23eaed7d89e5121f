//! Publishing against a real database.

use super::*;
use crate::database::Database;
use crate::handler::hostile::speaking;
use crate::place::Target;
use crate::rules;
use case::district::Department;
use host::department::contract::{About, Description};
use publishing::situation::{WHOLE_LOG, is_signed, is_vouched};
use std::path::Path;
use store::settings;

pub(crate) const DEPARTMENT: &str = "public-security";

/// A database with the district in it, in `folder`.
pub(crate) async fn database(folder: &Path) -> Database {
    let target = Target::Sqlite(folder.join("test.db"));
    let district = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../districts/yinzhou");
    let given = ["secret_key=x".to_owned(), "relay_key=x".to_owned()];
    prepare::run(&target, &district, &given)
        .await
        .expect("prepared")
}

/// A key of `holder`'s, who may publish.
pub(crate) async fn publisher(connection: &mut Connection, holder: &str) -> Secret {
    publisher_of(connection, DEPARTMENT, holder).await
}

/// A key of `holder`'s, who may publish for `department`.
pub(crate) async fn publisher_of(
    connection: &mut Connection,
    department: &str,
    holder: &str,
) -> Secret {
    let secret = Secret::generate().expect("a key");
    let key = PublicKey {
        key: secret.public(),
        department: department.to_owned(),
        holder: holder.to_owned(),
        created_at: prepare::now(),
        revoked_at: None,
    };
    assert!(
        handlers::insert_key(connection, &key)
            .await
            .expect("stored")
    );
    secret
}

/// What the gate would let through.
pub(crate) fn passed(component: &[u8], version: &str) -> Passed {
    Passed {
        component: component.to_vec(),
        sha256: seal::digest(&[component]),
        description: Description {
            about: About {
                name: "speaking".to_owned(),
                version: version.to_owned(),
            },
            department: DEPARTMENT.to_owned(),
            categories: Vec::new(),
        },
    }
}

/// Publishes as the command does behind the gate.
pub(crate) async fn publish(
    connection: &mut Connection,
    secret: &Secret,
    passed: &Passed,
    share: i64,
) -> Result<Change> {
    transaction::begin(connection).await?;
    let result = put(connection, secret, passed, share).await;
    match result {
        Ok((_, change)) => {
            transaction::commit(connection).await?;
            Ok(change)
        }
        Err(error) => {
            transaction::rollback(connection).await;
            Err(error)
        }
    }
}

pub(crate) async fn order(
    connection: &mut Connection,
    secret: &Secret,
    order: Order,
) -> Result<Change> {
    let result = ordered(connection, DEPARTMENT, secret, order).await;
    if result.is_err() {
        transaction::rollback(connection).await;
    }
    result
}

async fn standing(connection: &mut Connection) -> (Option<i64>, Option<i64>) {
    handlers::standing(connection, DEPARTMENT)
        .await
        .expect("read")
        .map_or((None, None), |standing| {
            (standing.current, standing.candidate)
        })
}

/// Turns the rule on in the district's data.
async fn want_two(connection: &mut Connection) {
    let mut departments: Vec<Department> = rules::part(connection, "departments")
        .await
        .expect("departments");
    for department in &mut departments {
        department.two_publishers = department.id == DEPARTMENT;
    }
    let data = serde_json::to_string(&departments).expect("JSON");
    settings::save(connection, "departments", &data)
        .await
        .expect("saved");
}

async fn vouched(connection: &mut Connection, number: i64) -> bool {
    let releases = handlers::releases(connection, DEPARTMENT)
        .await
        .expect("read");
    let log = handlers::log(connection, DEPARTMENT, WHOLE_LOG)
        .await
        .expect("read");
    let keys = handlers::keys(connection, DEPARTMENT).await.expect("read");
    let release = releases.iter().find(|release| release.release == number);
    is_vouched(release.expect("a release"), &log, &keys, true)
}

#[tokio::test]
async fn where_two_are_wanted_one_publisher_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = database(folder.path()).await;
    let connection = &mut database.connection().await.expect("a connection");
    want_two(connection).await;
    let first = publisher(connection, "王工").await;
    let same_person = publisher(connection, "王工").await;
    let second = publisher(connection, "李工").await;
    let one = passed(&speaking("one."), "1.0.0");

    let change = publish(connection, &first, &one, ALL).await.expect("put");
    assert_eq!(change.action, PROPOSE);
    assert_eq!(standing(connection).await, (None, None));
    assert!(!vouched(connection, 1).await);
    for secret in [&first, &same_person] {
        let refused = order(connection, secret, Order::Confirm).await;
        let error = refused.expect_err("not a second person").to_string();
        assert!(error.contains("second publisher"), "{error}");
    }
    let change = order(connection, &second, Order::Confirm)
        .await
        .expect("confirmed");
    assert_eq!((change.action, change.release), ("publish", Some(1)));
    assert_eq!(standing(connection).await, (Some(1), None));
    assert!(vouched(connection, 1).await);

    // Back is the way for one alone, whatever waits.
    let two = passed(&speaking("two."), "2.0.0");
    publish(connection, &second, &two, ALL).await.expect("put");
    let back = || Order::Rollback { to: None };
    order(connection, &first, back()).await.expect("withdrawn");
    let nothing = order(connection, &first, Order::Rollback { to: Some(2) }).await;
    assert!(nothing.is_err(), "it was never published");
    assert!(!vouched(connection, 2).await);
    order(connection, &first, Order::Disable)
        .await
        .expect("disabled");
    assert_eq!(standing(connection).await, (None, None));

    // Each step is in the log, signed by who took it.
    let log = handlers::log(connection, DEPARTMENT, WHOLE_LOG)
        .await
        .expect("read");
    let actions: Vec<&str> = log
        .iter()
        .rev()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(
        actions,
        ["propose", "publish", "propose", "withdraw", "disable"]
    );
    let releases = handlers::releases(connection, DEPARTMENT)
        .await
        .expect("read");
    for entry in &log {
        let release = releases
            .iter()
            .find(|release| Some(release.release) == entry.release);
        assert!(is_signed(entry, release), "{entry:?}");
    }
}

#[tokio::test]
async fn what_was_published_before_the_rule_is_confirmed_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = database(folder.path()).await;
    let connection = &mut database.connection().await.expect("a connection");
    let first = publisher(connection, "王工").await;
    let second = publisher(connection, "李工").await;
    let one = passed(&speaking("one."), "1.0.0");
    let change = publish(connection, &first, &one, ALL).await.expect("put");
    assert_eq!(change.action, "publish");
    want_two(connection).await;
    assert!(!vouched(connection, 1).await);
    assert!(order(connection, &first, Order::Confirm).await.is_err());
    order(connection, &second, Order::Confirm)
        .await
        .expect("confirmed");
    assert!(vouched(connection, 1).await);
    assert_eq!(standing(connection).await, (Some(1), None));
}
