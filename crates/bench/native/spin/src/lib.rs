//! What the functions use of spin-sdk, without components: the same names and
//! signatures, the database of `crates/sql` behind them, calls instead of the
//! chain's HTTP. A native program that links the functions against this runs
//! the same statements in the same transactions as the components do, and
//! what is left out is what the platform adds.
//!
//! Left out: the sandbox, time limits, the logs and metrics of the runner, and
//! PostgreSQL, which is only named so that the functions compile.

#![deny(missing_docs)]

pub use native_macros::http_service;
pub use real_spin_sdk::pg;

/// Requests, responses, and the calls from stage to stage.
pub mod http {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::sync::OnceLock;

    use bytes::Bytes;
    use http_body_util::Full;

    /// A request to a function.
    pub type Request = ::http::Request<axum::body::Body>;
    /// A response of a function.
    pub type Response<T> = ::http::Response<T>;
    /// A body that is there as a whole.
    pub type FullBody<T> = Full<T>;
    /// A response that is being made.
    pub type Serving = Pin<Box<dyn Future<Output = Response<Full<Bytes>>>>>;
    /// What serves the private addresses of the stages: by name of the stage.
    pub type Stages = fn(String, Request) -> Serving;

    static STAGES: OnceLock<Stages> = OnceLock::new();

    /// Says what serves the stages, once for the program.
    pub fn link(stages: Stages) {
        STAGES.get_or_init(|| stages);
    }

    /// Calls the stage that the address `http://<stage>.spin.internal` names.
    pub async fn send(
        request: ::http::Request<Full<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let stage = request
            .uri()
            .host()
            .and_then(|host| host.split('.').next())
            .unwrap_or_default()
            .to_owned();
        match STAGES.get() {
            Some(stages) => Ok(stages(stage, request.map(axum::body::Body::new)).await),
            None => {
                let mut response = Response::new(Full::default());
                *response.status_mut() = ::http::StatusCode::SERVICE_UNAVAILABLE;
                Ok(response)
            }
        }
    }
}

/// Work that goes on after the answer.
pub mod wasip3 {
    use send_wrapper::SendWrapper;

    /// Lets `work` go on on this thread, whose runtime has no other.
    pub fn spawn(work: impl Future<Output = ()> + 'static) {
        drop(tokio::spawn(SendWrapper::new(work)));
    }
}

/// The variables of the manifest.
pub mod variables {
    use std::collections::BTreeMap;
    use std::sync::OnceLock;

    static VALUES: OnceLock<BTreeMap<String, String>> = OnceLock::new();

    /// Says what they are, once for the program.
    pub fn set(values: BTreeMap<String, String>) {
        VALUES.get_or_init(|| values);
    }

    /// The variable is not set.
    #[derive(Debug)]
    pub struct Undefined;

    /// The value of `name`.
    pub async fn get(name: impl AsRef<str>) -> Result<String, Undefined> {
        VALUES
            .get()
            .and_then(|values| values.get(name.as_ref()))
            .cloned()
            .ok_or(Undefined)
    }
}

/// The database.
pub mod sqlite {
    use std::fmt;
    use std::sync::OnceLock;

    use sql::{SqlError, SqliteDatabase};
    pub use store::Value;

    static DATABASE: OnceLock<SqliteDatabase> = OnceLock::new();

    /// Says which database it is, once for the program.
    pub fn set(database: SqliteDatabase) {
        DATABASE.get_or_init(|| database);
    }

    /// Why a statement failed.
    #[derive(Debug)]
    pub enum Error {
        /// There is no database.
        NoSuchDatabase,
        /// The disk is full.
        DatabaseFull,
        /// Anything else.
        Io(String),
    }

    impl fmt::Display for Error {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Error::NoSuchDatabase => formatter.write_str("no such database"),
                Error::DatabaseFull => formatter.write_str("the database is full"),
                Error::Io(text) => formatter.write_str(text),
            }
        }
    }

    impl From<SqlError> for Error {
        fn from(error: SqlError) -> Error {
            match error {
                SqlError::Full => Error::DatabaseFull,
                other => Error::Io(other.to_string()),
            }
        }
    }

    /// The interface itself.
    pub mod wit {
        /// `spin:sqlite/sqlite`.
        pub mod sqlite {
            use super::super::{DATABASE, Error, RowResult, Value};
            use sql::SqliteConnection;
            use std::future::Ready;
            use tokio::sync::Mutex;

            /// A connection, as small to hold as Spin's handle.
            pub struct Connection(Box<Mutex<SqliteConnection>>);

            /// The rows of a statement, as they come.
            pub struct Rows(Vec<RowResult>);

            impl Rows {
                /// All of them.
                pub async fn collect(self) -> Vec<RowResult> {
                    self.0
                }
            }

            impl Connection {
                /// Opens the database; its label is not looked at.
                pub async fn open_async(_label: String) -> Result<Connection, Error> {
                    let database = DATABASE.get().ok_or(Error::NoSuchDatabase)?;
                    Ok(Connection(Box::new(Mutex::new(
                        database.connection().await?,
                    ))))
                }

                /// Runs one statement: its columns, its rows, and what became of it.
                pub async fn execute_async(
                    &self,
                    statement: String,
                    parameters: Vec<Value>,
                ) -> Result<(Vec<String>, Rows, Ready<Result<(), Error>>), Error> {
                    let mut connection = self.0.lock().await;
                    let result = connection.execute(&statement, parameters).await?;
                    let rows = result.rows.into_iter();
                    Ok((
                        result.columns,
                        Rows(rows.map(|row| RowResult { values: row.0 }).collect()),
                        std::future::ready(Ok(())),
                    ))
                }
            }
        }
    }

    /// One row.
    pub struct RowResult {
        /// Its values.
        pub values: Vec<Value>,
    }
}
