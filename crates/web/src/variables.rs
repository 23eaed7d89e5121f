//! What the manifest's variables say, read once for each instance.

use std::cell::OnceCell;
use std::rc::Rc;

use seal::Keys;
use store::{Dialect, Error};

thread_local! {
    static DATABASE: OnceCell<Dialect> = const { OnceCell::new() };
    static KEYS: OnceCell<Rc<Keys>> = const { OnceCell::new() };
}

/// The value of variable `name`.
pub async fn get(name: &str) -> Result<String, Error> {
    // The value is never part of an error: it may be a secret.
    spin_sdk::variables::get(name)
        .await
        .map_err(|_| Error::Unavailable(format!("the variable {name} is not set")))
}

/// The kind of database that the variable `database` names.
pub async fn database() -> Result<Dialect, Error> {
    if let Some(dialect) = DATABASE.with(|cell| cell.get().copied()) {
        return Ok(dialect);
    }
    let dialect = match get("database").await?.as_str() {
        "sqlite" => Dialect::Sqlite,
        "postgres" => Dialect::Postgres,
        other => {
            return Err(Error::Other(format!(
                "the variable database is {other:?}, not sqlite or postgres"
            )));
        }
    };
    Ok(DATABASE.with(|cell| *cell.get_or_init(|| dialect)))
}

/// The keys of the variables `secret_key` and `secret_key_previous`.
pub async fn keys() -> Result<Rc<Keys>, Error> {
    if let Some(keys) = KEYS.with(|cell| cell.get().cloned()) {
        return Ok(keys);
    }
    let (current, previous) = (get("secret_key").await?, get("secret_key_previous").await?);
    let keys = Keys::new(&current, &previous)
        .map_err(|error| Error::Unavailable(format!("the variable secret_key: {error}")))?;
    Ok(KEYS.with(|cell| cell.get_or_init(|| Rc::new(keys)).clone()))
}
