//! A client that costs little: HTTP/1.1 on connections that stay open.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;

/// How long one request may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// One connection.
pub struct Connection {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody in particular.
    Anyone,
    /// The adapter of a channel, with its key.
    Channel(String),
    /// Staff, with a session's token.
    Staff(String),
    /// The citizen, with the query code.
    Citizen(String),
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// The path with its query.
    pub path: String,
    /// What is posted; a GET without.
    pub body: Option<Bytes>,
}

impl Call {
    /// GET.
    pub fn get(caller: Caller, path: impl Into<String>) -> Call {
        Call {
            caller,
            path: path.into(),
            body: None,
        }
    }

    /// POST of JSON.
    pub fn post(caller: Caller, path: impl Into<String>, body: &Json) -> Call {
        Call {
            caller,
            path: path.into(),
            body: Some(body.to_string().into()),
        }
    }

    fn request(self) -> Result<Request<Full<Bytes>>, http::Error> {
        let method = if self.body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut request = Request::builder()
            .method(method)
            .uri(self.path)
            .header("host", "127.0.0.1");
        request = match self.caller {
            Caller::Anyone => request,
            Caller::Channel(key) => request.header("x-api-key", key),
            Caller::Staff(token) => request.header("authorization", format!("Bearer {token}")),
            Caller::Citizen(code) => request.header("query-code", code),
        };
        if self.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request.body(Full::new(self.body.unwrap_or_default()))
    }
}

impl Connection {
    /// Connects to the server.
    pub async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Connection { address, sender })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, call: Call) -> Result<(StatusCode, Bytes)> {
        let exchange = async {
            // A server may close a connection on which nothing came for a while.
            if self.sender.ready().await.is_err() {
                *self = Connection::open(self.address).await?;
                self.sender.ready().await?;
            }
            let response: Response<_> = self.sender.send_request(call.request()?).await?;
            let status = response.status();
            anyhow::Ok((status, response.into_body().collect().await?.to_bytes()))
        };
        tokio::time::timeout(TIME_LIMIT, exchange)
            .await
            .context("no answer within the time limit")?
    }

    /// Reads a page as a browser does on its first visit; it has to succeed.
    pub async fn page(&mut self, path: &str) -> Result<Page> {
        let request = Request::get(path)
            .header("host", "127.0.0.1")
            .header("accept", "text/html,*/*;q=0.8")
            .header("accept-language", "zh-CN")
            .header("accept-encoding", "gzip, br")
            .body(Full::default())?;
        let exchange = async {
            self.sender.ready().await?;
            let begin = Instant::now();
            let response = self.sender.send_request(request).await?;
            let first_byte = begin.elapsed();
            let status = response.status();
            anyhow::ensure!(status.is_success(), "{path}: {status}");
            let body = response.into_body().collect().await?.to_bytes();
            Ok(Page { first_byte, body })
        };
        tokio::time::timeout(TIME_LIMIT, exchange)
            .await
            .context("no answer within the time limit")?
    }

    /// Sends a request that has to succeed and returns the JSON of the answer.
    pub async fn json(&mut self, call: Call) -> Result<Json> {
        let what = call.path.clone();
        let (status, body) = self.send(call).await?;
        anyhow::ensure!(
            status.is_success(),
            "{what}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body)?)
    }
}

/// A page that was read.
pub struct Page {
    /// From sending the request to the head of the answer.
    pub first_byte: Duration,
    /// The body as it went over the wire.
    pub body: Bytes,
}

/// What a load brought about.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// How long it lasted.
    pub elapsed: Duration,
    /// Latencies of the requests that succeeded, sorted.
    pub latencies: Vec<Duration>,
    /// Requests that did not.
    pub failed: usize,
    /// The first failure.
    pub failure: Option<String>,
}

impl Load {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that `part` of the requests stay below, in milliseconds.
    pub fn percentile(&self, part: f64) -> f64 {
        let rank = (self.latencies.len() as f64 * part).ceil() as usize;
        self.latencies
            .get(rank.saturating_sub(1))
            .map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// When a load ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// After so long.
    After(Duration),
    /// When there are no more calls.
    Exhausted,
}

/// Lets `connections` connections send what `next` makes, each the next when
/// it has the answer to the one before. `seen` is shown every good answer.
pub async fn load(
    address: SocketAddr,
    connections: usize,
    end: End,
    next: impl FnMut() -> Option<Call> + 'static,
    seen: impl FnMut(&Call, Bytes) + 'static,
) -> Result<Load> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let next = Rc::new(RefCell::new(next));
    let seen = Rc::new(RefCell::new(seen));
    let result = Rc::new(RefCell::new(Load::default()));
    let begin = Instant::now();
    let until = match end {
        End::After(duration) => Some(begin + duration),
        End::Exhausted => None,
    };
    let tasks: Vec<_> = open
        .into_iter()
        .map(|mut connection| {
            let (next, seen, result) = (next.clone(), seen.clone(), result.clone());
            tokio::task::spawn_local(async move {
                while until.is_none_or(|until| Instant::now() < until) {
                    let Some(call) = (next.borrow_mut())() else {
                        break;
                    };
                    let start = Instant::now();
                    let answer = connection.send(call.clone()).await;
                    let latency = start.elapsed();
                    match answer {
                        Ok((status, body)) if status.is_success() => {
                            result.borrow_mut().latencies.push(latency);
                            (seen.borrow_mut())(&call, body);
                        }
                        Ok((status, body)) => fail(
                            &result,
                            &call,
                            format!("{status} {}", String::from_utf8_lossy(&body)),
                        ),
                        Err(error) => {
                            fail(&result, &call, format!("{error:#}"));
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let mut load = result.take();
    load.elapsed = begin.elapsed();
    load.latencies.sort_unstable();
    Ok(load)
}

fn fail(result: &Rc<RefCell<Load>>, call: &Call, what: String) {
    let mut result = result.borrow_mut();
    result.failed += 1;
    result
        .failure
        .get_or_insert_with(|| format!("{}: {what}", call.path));
}
