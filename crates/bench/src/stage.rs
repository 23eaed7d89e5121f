//! The database of one run: a copy of the seeded one, with people who are
//! signed in, and looks at it from outside.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use case::Role;
use case::district::Department;
use sql::{SqliteConnection, SqliteDatabase, SqliteOptions};
use store::console::{self, NewAccount};
use store::{Connection as _, Value, accounts, settings, transaction};

use crate::server::{Places, SECRET_KEY};
use crate::{now, seed};

/// How long the platform may take to finish its own steps: a batch that failed
/// comes back when its lease of a minute is over.
const PATIENCE: Duration = Duration::from_secs(300);

/// The key of the channel that messages come by.
pub const CHANNEL_KEY: &str = "the-channel-key-of-the-measurement";

/// The tokens of the people who work.
#[derive(Clone, Debug)]
pub struct People {
    /// A reviewer.
    pub reviewer: String,
    /// An officer for each department.
    pub officers: BTreeMap<String, String>,
}

/// The seeded database with `cases` cases, made if it is not there yet.
pub async fn seeded(places: &Places, cases: u64) -> Result<PathBuf> {
    let folder = places.folder.join("seeds");
    fs::create_dir_all(&folder)?;
    // What it is made from is part of its name: another schema, fold or seed is another file.
    let mut migrations = fs::read_dir(places.root.join("migrations/sqlite"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()?;
    migrations.sort_unstable();
    let schema = migrations
        .iter()
        .map(fs::read)
        .collect::<Result<Vec<_>, _>>()?;
    let fold = case::fold::FOLD.to_le_bytes();
    let mut made_from: Vec<&[u8]> = schema.iter().map(Vec::as_slice).collect();
    made_from.push(&fold);
    made_from.extend([
        include_bytes!("seed.rs").as_slice(),
        include_bytes!("words.rs").as_slice(),
    ]);
    let digest = seal::hex(&seal::digest(&made_from)[..4]);
    let file = folder.join(format!("{cases}-{digest}.db"));
    if file.exists() {
        return Ok(file);
    }
    let unfinished = folder.join("unfinished.db");
    remove(&unfinished)?;
    places.wenzheng(&["migrate"], &unfinished)?;
    let begin = Instant::now();
    eprintln!("Making {cases} cases.");
    fill(unfinished.clone(), cases).await?;
    eprintln!("Made in {:.1} s; verifying.", begin.elapsed().as_secs_f64());
    places.wenzheng(&["verify"], &unfinished)?;
    ensure!(
        !with_ending(&unfinished, "-wal").exists(),
        "{} is still open",
        unfinished.display()
    );
    fs::rename(&unfinished, &file)?;
    Ok(file)
}

/// Fills the database in a runtime of its own: when that is gone, nothing has
/// the file open any more and all that was written is in it.
async fn fill(file: PathBuf, cases: u64) -> Result<()> {
    let filling = move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(seed::fill(&file, SECRET_KEY, cases))
    };
    tokio::task::spawn_blocking(filling).await?
}

/// A copy of `seeded` in which people are signed in.
pub async fn copy(places: &Places, seeded: &Path) -> Result<(PathBuf, People)> {
    let file = places.folder.join("run.db");
    remove(&file)?;
    fs::copy(seeded, &file)?;
    // The district's files may have changed since the seed was made.
    places.wenzheng(&["migrate"], &file)?;
    let database = SqliteDatabase::open(
        &file,
        SqliteOptions {
            create: false,
            ..SqliteOptions::default()
        },
    )
    .await?;
    let mut connection = database.connection().await?;
    let departments: Vec<Department> = settings::load(&mut connection, "departments")
        .await?
        .unwrap_or_default();
    transaction::begin(&mut connection).await?;
    let mut officers = BTreeMap::new();
    for department in departments {
        let token = person(
            &mut connection,
            &format!("bench-{}", department.id),
            Role::Officer,
            Some(&department.id),
        )
        .await?;
        officers.insert(department.id, token);
    }
    let reviewer = person(&mut connection, "bench-reviewer", Role::Reviewer, None).await?;
    console::insert_channel_key(
        &mut connection,
        &seal::token_digest(CHANNEL_KEY),
        "web",
        now(),
    )
    .await?;
    transaction::commit(&mut connection).await?;
    Ok((file, People { reviewer, officers }))
}

async fn person(
    connection: &mut SqliteConnection,
    id: &str,
    role: Role,
    department: Option<&str>,
) -> Result<String> {
    // Nobody signs in with this password: it is not a hash.
    let account = NewAccount {
        id,
        name: id,
        role,
        department,
        password: "none",
        must_change: false,
        now: now(),
    };
    if !console::insert_account(connection, account).await? {
        bail!("the account {id} is there already");
    }
    let token = seal::token()?;
    accounts::insert_session(connection, &seal::token_digest(&token), id, false, now()).await?;
    Ok(token)
}

/// Removes a database with what SQLite keeps beside it.
pub fn remove(file: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        match fs::remove_file(with_ending(file, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A look at the database of a running server.
pub struct Look {
    connection: SqliteConnection,
}

impl Look {
    /// Opens the database `file`.
    pub async fn at(file: &Path) -> Result<Look> {
        let database = SqliteDatabase::open(
            file,
            SqliteOptions {
                create: false,
                ..SqliteOptions::default()
            },
        )
        .await?;
        Ok(Look {
            connection: database.connection().await?,
        })
    }

    /// Waits until no stage has anything to do.
    pub async fn until_idle(&mut self) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let rows = self
                .connection
                .query("SELECT COUNT(*) FROM jobs WHERE dead = 0", Vec::new())
                .await?;
            if rows.first().map_or(Ok(0), |row| row.integer(0))? == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("jobs are left after {} s", PATIENCE.as_secs())
    }

    /// State and department of the cases received from `since` on.
    pub async fn cases(&mut self, since: i64) -> Result<HashMap<String, (String, String)>> {
        let statement =
            "SELECT number, state, COALESCE(department, '') FROM cases WHERE received_at >= $1";
        let rows = self
            .connection
            .query(statement, vec![Value::Integer(since)])
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.text(0)?.to_owned(),
                    (row.text(1)?.to_owned(), row.text(2)?.to_owned()),
                ))
            })
            .collect()
    }

    /// Numbers of published and of waiting cases, at most `limit` each.
    pub async fn numbers(&mut self, limit: usize) -> Result<Vec<String>> {
        // Spread over the whole table, not one corner of it.
        let statement = format!(
            "SELECT number FROM (SELECT number, ROW_NUMBER() OVER (ORDER BY id) AS place FROM publications) \
             WHERE place % MAX(1, (SELECT COUNT(*) FROM publications) / {limit}) = 0 LIMIT {limit}"
        );
        let rows = self.connection.query(&statement, Vec::new()).await?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }
}
