//! A component that does, path by path, what the tests of the host want to see done.

use futures::{SinkExt, StreamExt};
use serde_json::{Map, Value as Json, json};
use spin_sdk::http::body::{IncomingBodyExt, stream};
use spin_sdk::http::{BoxBody, Error, FullBody, Request, Response, StatusCode, box_body};
use spin_sdk::sqlite::{Connection, Value};
use std::time::Duration;

type Reply = Response<BoxBody>;

#[spin_sdk::http_service]
async fn handle(request: Request) -> Result<Reply, Error> {
    let info = request
        .headers()
        .get("spin-path-info")
        .and_then(|path| path.to_str().ok());
    let path = info.unwrap_or_default().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let number = |name: &str| {
        parameter(&query, name)
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    match path.as_str() {
        "/noop" => Ok(text("ok")),
        "/headers" => Ok(headers(&request)),
        "/echo" => Ok(text(request.into_body().bytes().await?)),
        "/upper" => {
            let (mut sender, body) = stream::<Vec<u8>>();
            let mut chunks = request.into_body().stream();
            spin_sdk::wasip3::spawn(async move {
                while let Some(Ok(chunk)) = chunks.next().await {
                    if sender.send(chunk.to_ascii_uppercase()).await.is_err() {
                        break;
                    }
                }
            });
            Ok(Reply::new(box_body(body)))
        }
        "/chain" => chain(&decode(&parameter(&query, "to").unwrap_or_default())).await,
        "/circle" => chain("http://back.spin.internal/circle").await,
        "/sleep" => {
            spin_sdk::time::sleep(Duration::from_millis(number("ms"))).await;
            Ok(text("slept"))
        }
        "/loop" => {
            let mut x = 0u64;
            loop {
                x = std::hint::black_box(x.wrapping_add(1));
            }
        }
        "/sleep-then-loop" => {
            spin_sdk::time::sleep(Duration::from_millis(number("ms"))).await;
            let mut x = 0u64;
            loop {
                x = std::hint::black_box(x.wrapping_add(1));
            }
        }
        "/trap" => core::arch::wasm32::unreachable(),
        "/error" => Err(Error::other("secret detail of the guest")),
        "/memory" => {
            let bytes = vec![1u8; (number("mib") as usize) << 20];
            Ok(text(std::hint::black_box(&bytes).len().to_string()))
        }
        "/variable" => Ok(variable(&parameter(&query, "name").unwrap_or_default()).await),
        "/file" => match std::fs::read_to_string(parameter(&query, "name").unwrap_or_default()) {
            Ok(content) => Ok(text(content)),
            Err(error) => Ok(status(StatusCode::NOT_FOUND, error.to_string())),
        },
        "/print" => {
            println!("first line\nsecond line");
            eprintln!("to the error stream");
            Ok(text("printed"))
        }
        "/later" => {
            let count = number("count");
            spin_sdk::wasip3::spawn(async move {
                spin_sdk::time::sleep(Duration::from_millis(50)).await;
                let connection = Connection::open_default().await.expect("open");
                let insert = "INSERT INTO later (n) VALUES (?)";
                let done = connection
                    .execute(insert, [Value::Integer(count as i64)])
                    .await
                    .expect("insert");
                done.result().await.expect("insert result");
            });
            Ok(text("accepted"))
        }
        "/sql" => sql(request).await,
        "/sql/rollback" => leave_open(true).await,
        "/sql/drop" => leave_open(false).await,
        "/sql/statements" => statements(number("count")).await,
        "/sql/other" => match Connection::open("other").await {
            Ok(_) => Ok(text("opened")),
            Err(error) => Ok(status(StatusCode::FORBIDDEN, format!("{error:?}"))),
        },
        "/postgres" => {
            let address = decode(&parameter(&query, "at").unwrap_or_default());
            postgres(&address, request).await
        }
        // A route without a wildcard leaves nothing of the path.
        "" => Ok(headers(&request)),
        _ => Ok(text("probe")),
    }
}

/// The request's headers as a JSON object.
fn headers(request: &Request) -> Reply {
    let map: Map<String, Json> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), Json::from(value.to_str().unwrap_or("?"))))
        .collect();
    text(Json::Object(map).to_string())
}

/// Calls `url` and passes on what it answers, or 502 with the error's name.
async fn chain(url: &str) -> Result<Reply, Error> {
    match spin_sdk::http::get(url).await {
        Ok(response) => {
            let status_code = response.status();
            let body = Response::into_body(response).bytes().await?;
            Ok(status(status_code, body))
        }
        Err(error) => Ok(status(StatusCode::BAD_GATEWAY, format!("{error:?}"))),
    }
}

async fn variable(name: &str) -> Reply {
    match spin_sdk::variables::get(name).await {
        Ok(value) => text(value),
        Err(error) => status(StatusCode::NOT_FOUND, format!("{error:?}")),
    }
}

/// Runs the statements of the body, one a line, on one connection; the rows of the last come back.
async fn sql(request: Request) -> Result<Reply, Error> {
    let body = request.into_body().bytes().await?;
    let connection = match Connection::open_default().await {
        Ok(connection) => connection,
        Err(error) => return Ok(status(StatusCode::BAD_GATEWAY, format!("{error:?}"))),
    };
    let mut last = json!([]);
    for statement in String::from_utf8_lossy(&body).lines() {
        let result = match connection.execute(statement, []).await {
            Ok(result) => result,
            Err(error) => return Ok(status(StatusCode::CONFLICT, format!("{error:?}"))),
        };
        let columns = result.columns().to_vec();
        match result.collect().await {
            Ok(rows) => {
                let rows: Vec<Vec<Json>> = rows
                    .iter()
                    .map(|row| row.values.iter().map(cell).collect())
                    .collect();
                last = json!({
                    "columns": columns,
                    "rows": rows,
                    "changes": connection.changes().await,
                    "last": connection.last_insert_rowid().await,
                });
            }
            Err(error) => return Ok(status(StatusCode::CONFLICT, format!("{error:?}"))),
        }
    }
    Ok(text(last.to_string()))
}

/// Opens a connection to PostgreSQL and runs the statements of the body, one a line; the rows of the last come back.
async fn postgres(address: &str, request: Request) -> Result<Reply, Error> {
    let body = request.into_body().bytes().await?;
    let failed = |error| Ok(status(StatusCode::BAD_GATEWAY, format!("{error:?}")));
    let connection = match spin_sdk::pg::Connection::open(address).await {
        Ok(connection) => connection,
        Err(error) => return failed(error),
    };
    let mut last = json!([]);
    for statement in String::from_utf8_lossy(&body).lines() {
        let result = match connection.query(statement, &[]).await {
            Ok(result) => result,
            Err(error) => return failed(error),
        };
        let columns: Vec<_> = result
            .columns()
            .iter()
            .map(|column| format!("{}: {:?}", column.name, column.data_type))
            .collect();
        let rows = match result.collect().await {
            Ok(rows) => rows,
            Err(error) => return failed(error),
        };
        let rows: Vec<Vec<_>> = rows
            .iter()
            .map(|row| {
                (0..columns.len())
                    .map(|index| format!("{:?}", row[index]))
                    .collect()
            })
            .collect();
        last = json!({ "columns": columns, "rows": rows });
    }
    Ok(text(last.to_string()))
}

/// Inserts inside a transaction that is rolled back, or that is still open when the connection goes.
async fn leave_open(roll_back: bool) -> Result<Reply, Error> {
    let connection = Connection::open_default().await.expect("open");
    let mut statements = vec!["BEGIN IMMEDIATE", "INSERT INTO t (n) VALUES (99)"];
    if roll_back {
        statements.push("ROLLBACK");
    }
    for statement in statements {
        let result = connection.execute(statement, []).await.expect(statement);
        result.result().await.expect(statement);
    }
    Ok(text("left"))
}

/// Runs `count` small queries one after another; says how many nanoseconds each took.
async fn statements(count: u64) -> Result<Reply, Error> {
    let connection = Connection::open_default().await.expect("open");
    let begin = std::time::Instant::now();
    for number in 0..count {
        let result = connection
            .execute("SELECT ?", [Value::Integer(number as i64)])
            .await
            .expect("select");
        let rows = result.collect().await.expect("rows");
        assert_eq!(rows.len(), 1);
    }
    let each = begin.elapsed().as_nanos() as u64 / count.max(1);
    Ok(text(each.to_string()))
}

fn cell(value: &Value) -> Json {
    match value {
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => json!(bytes),
        Value::Null => Json::Null,
    }
}

fn text(body: impl Into<Vec<u8>>) -> Reply {
    status(StatusCode::OK, body)
}

fn status(status: StatusCode, body: impl Into<Vec<u8>>) -> Reply {
    let body: Vec<u8> = body.into();
    let mut response = Reply::new(box_body(FullBody::new(body.into())));
    *response.status_mut() = status;
    response
}

/// The value of `name` in a query string, still percent-encoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .map(str::to_owned)
}

/// Undoes the percent-encoding of `:` and `/`, all that the tests encode.
fn decode(text: &str) -> String {
    text.replace("%3A", ":")
        .replace("%2F", "/")
        .replace("%3F", "?")
        .replace("%3D", "=")
        .replace("%26", "&")
}
