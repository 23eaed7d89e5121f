//! `bench-native`: the platform's functions without WebAssembly, over axum.
//!
//! The functions are the same source files that become components (see
//! `native/`), so that the statements, their transactions and the chain of
//! jobs are the same by construction. Each thread has a runtime of its own and
//! serves its connections to their end: the functions are written for one
//! thread each, as instances are. Routes and variables come from `spin.toml`.
#![allow(missing_docs, reason = "a program, not a library")]

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::response::{IntoResponse as _, Response};
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use clap::Parser;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Full;
use manifest::{Manifest, Providers, Target};
use send_wrapper::SendWrapper;
use sql::{SqliteDatabase, SqliteOptions};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// How often the relay looks for jobs, as in the runner.
const SWEEP: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Arguments {
    /// The manifest with the routes and variables.
    #[arg(long, default_value = "spin.toml")]
    from: PathBuf,
    /// The database, made and migrated.
    #[arg(long)]
    sqlite: PathBuf,
    /// The address to listen on.
    #[arg(long)]
    listen: SocketAddr,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let manifest = Manifest::load(&arguments.from).map_err(|problems| {
        anyhow::Error::msg(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })?;
    let values = Providers::of_process::<&str>(&[])?
        .resolve(&manifest)
        .map_err(|problems| {
            anyhow::Error::msg(
                problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        })?;
    let names = manifest.variables.keys();
    let values: BTreeMap<String, String> = names
        .map(|name| {
            (
                name.clone(),
                values
                    .get(name)
                    .map_or("", |value| value.as_str())
                    .to_owned(),
            )
        })
        .collect();
    let relay_key = values.get("relay_key").cloned().unwrap_or_default();
    spin_sdk::variables::set(values);
    spin_sdk::http::link(|stage, request| {
        Box::pin(async move {
            let answer = serve(&stage, request).await;
            answer.unwrap_or_else(|| empty(StatusCode::NOT_FOUND))
        })
    });

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let options = SqliteOptions {
            create: false,
            ..SqliteOptions::default()
        };
        spin_sdk::sqlite::set(
            SqliteDatabase::open(&arguments.sqlite, options)
                .await
                .context("the database")?,
        );
        let routes = Arc::new(Routes::new(&manifest));
        let listener = TcpListener::bind(arguments.listen)
            .await
            .context("the address")?;
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let threads: Vec<_> = (0..threads)
            .map(|index| start(routes.clone(), (index == 0).then(|| relay_key.clone())))
            .collect();
        println!("Ready: http://{}", arguments.listen);
        for next in 0.. {
            let (stream, client) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // Connections in turn, so that no thread has more of them than another.
            if threads[next % threads.len()]
                .send((stream.into_std()?, client))
                .is_err()
            {
                break;
            }
        }
        Ok(())
    })
}

macro_rules! functions {
    ($($name:ident)*) => {
        /// Lets the function `component` answer; none if there is no such function.
        async fn serve(component: &str, request: Request<Body>) -> Option<http::Response<Full<Bytes>>> {
            match component {
                $(stringify!($name) => Some($name::native(request).await),)*
                _ => None,
            }
        }
    };
}

functions! { intake classify route answer review publish survey identity desk relay }

/// Which path belongs to which function.
struct Routes {
    router: manifest::Router,
    components: Vec<Option<String>>,
}

impl Routes {
    fn new(manifest: &Manifest) -> Routes {
        let components = manifest
            .triggers
            .iter()
            .map(|trigger| match &trigger.target {
                Target::Component(component) => Some(component.value.clone()),
                Target::Static(_) => None,
            });
        let components = components.collect();
        Routes {
            router: manifest::Router::of_triggers(&manifest.triggers),
            components,
        }
    }

    fn component(&self, path: &str) -> Option<&str> {
        self.router
            .lookup(path)
            .and_then(|found| self.components.get(found.trigger)?.as_deref())
    }
}

type Accepted = (std::net::TcpStream, SocketAddr);

/// Starts one thread and returns where it takes its connections from. The one
/// that gets the relay's key sweeps as well.
fn start(routes: Arc<Routes>, relay: Option<String>) -> mpsc::UnboundedSender<Accepted> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let served = runtime.map(|runtime| {
            runtime.block_on(async {
                if let Some(key) = relay {
                    tokio::spawn(SendWrapper::new(sweep(key)));
                }
                let app = Router::new().fallback(move |ConnectInfo(Client(client)), request| {
                    SendWrapper::new(answer(routes.clone(), client, request))
                });
                axum::serve(
                    Share { receiver },
                    app.into_make_service_with_connect_info::<Client>(),
                )
                .await
            })
        });
        if let Err(error) | Ok(Err(error)) = served {
            eprintln!("a thread ended: {error}");
        }
    });
    sender
}

async fn answer(routes: Arc<Routes>, client: SocketAddr, mut request: Request<Body>) -> Response {
    let Some(component) = routes.component(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Ok(client) = HeaderValue::from_str(&client.to_string()) {
        request.headers_mut().insert("spin-client-addr", client);
    }
    match serve(component, request).await {
        Some(answer) => answer.map(Body::new),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn sweep(key: String) {
    let mut ticks = tokio::time::interval(SWEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let request = Request::post("/api/relay/sweep")
            .header("authorization", format!("Bearer {key}"))
            .body(Body::empty());
        if let Ok(request) = request {
            serve("relay", request).await;
        }
    }
}

fn empty(status: StatusCode) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::default();
    *response.status_mut() = status;
    response
}

/// The connections of one thread.
struct Share {
    receiver: mpsc::UnboundedReceiver<Accepted>,
}

/// The address of a client.
#[derive(Clone, Copy)]
struct Client(SocketAddr);

impl Connected<IncomingStream<'_, Share>> for Client {
    fn connect_info(stream: IncomingStream<'_, Share>) -> Self {
        Client(*stream.remote_addr())
    }
}

impl Listener for Share {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.receiver.recv().await {
                Some((stream, client)) => {
                    if let Ok(stream) = TcpStream::from_std(stream) {
                        return (stream, client);
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}
