//! `wenzheng up`: the platform, running.

use crate::database::Database;
use crate::demo::{self, Demo};
use crate::departments::{self, Departments, Kept};
use crate::place::{DistrictPlace, Place, Target, sentence};
use crate::{archive, prepare, watch};
use anyhow::{Context, Result, bail};
use host::{App, HostOptions};
use http::Request;
use manifest::Manifest;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// How often the relay looks for jobs that the chain of stages did not reach.
const SWEEP: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// An address to serve Prometheus metrics on; none without it, for they are not for the public.
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Where compiled components, logs and the demonstration's logins are kept.
    #[arg(long, value_name = "FOLDER", default_value = ".wenzheng")]
    state_dir: PathBuf,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    district: DistrictPlace,
    /// Make demonstration accounts and play the district's demonstration cases, once.
    #[arg(long)]
    demo: bool,
    /// What is logged, such as `warn`, `info` or `info,access=off`; warnings on a terminal, else everything useful.
    #[arg(long, value_name = "FILTER", env = "WENZHENG_LOG")]
    log: Option<String>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let begin = Instant::now();
    start_log(arguments.log.as_deref())?;
    let manifest = arguments.place.manifest()?;
    built(&manifest)?;
    let listener = listen(arguments.listen).await?;
    let metrics = match arguments.metrics {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    state_dir(&arguments.state_dir)?;

    let target = arguments.place.target(&manifest)?;
    let district = arguments.district.folder(&manifest)?;
    let database = prepare::run(&target, &district, &arguments.place.variables).await?;
    let demo = match arguments.demo {
        true => Some(Demo::prepare(&database, &district, &arguments.state_dir).await?),
        false => None,
    };
    archive::keep(&mut database.connection().await?, &manifest).await?;
    prepare::first_admin(&database).await?;
    let mut providers = arguments.place.providers()?;
    let variables = providers
        .resolve(&manifest)
        .map_err(|problems| sentence(&problems))?;
    prepare::check_keys(&database, &variables).await?;
    // The application opens the file for itself: two queues of writers would get in each other's way.
    drop(database);

    if let Target::Postgres(url) = &target {
        reachable(
            url,
            variables
                .get("postgres_host")
                .map_or("", |value| value.as_str()),
        )?;
    }
    let relay_key = variables
        .get("relay_key")
        .map_or("", |value| value.as_str())
        .to_owned();
    // Without applications of their own, departments' handlers are run here.
    if variables
        .get(departments::HOSTS)
        .is_some_and(|value| value.as_str().is_empty())
    {
        providers.argument(&format!("{}={}", departments::HOSTS, departments::ADDRESS))?;
    }
    let mut options = HostOptions::new(&arguments.state_dir);
    options.sqlite.insert(
        "default".to_owned(),
        arguments.place.sqlite_file(manifest.base_dir()),
    );
    options.variables = providers;
    let departments = Arc::new(Departments::default());
    options
        .services
        .insert(departments::NAME.to_owned(), departments.clone());
    // A pool of its own, which reads, and writes a line when a handler rests.
    let published = Database::open(&target).await?;
    tokio::spawn(departments::watch(
        departments,
        published,
        options.cache_dir.clone(),
        arguments.kept,
    ));
    let handed_in = Database::open(&target).await?;
    tokio::spawn(departments::judge(handed_in, options.cache_dir.clone()));
    let app = App::load(manifest, options)
        .await
        .context("the platform cannot start")?;
    let local = listener.local_addr().context("the address")?;
    tracing::info!(address = %local, milliseconds = begin.elapsed().as_millis() as u64, "started");

    let sweeping = tokio::spawn(sweep(app.clone(), relay_key));
    tokio::spawn(watch::run(app.clone()));
    if let Some(listener) = metrics {
        tokio::spawn(host::serve_metrics(
            app.clone(),
            listener,
            std::future::pending(),
        ));
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(host::serve(app.clone(), listener, async {
        // An error means that the sender is gone, which is the end as well.
        let _ = stopped.await;
    }));

    let greeting = greet(&app, local, demo, &arguments, &target);
    let ending = async {
        let signal = signal().await;
        eprintln!("\n{signal}: finishing what has begun. Once more ends at once.");
    };
    tokio::pin!(ending);
    tokio::select! {
        () = &mut ending => {}
        result = greeting => {
            result?;
            ending.await;
        }
    }
    tokio::spawn(async {
        signal().await;
        std::process::exit(1);
    });
    sweeping.abort();
    // The server may have ended by itself already.
    let _ = stop.send(());
    server.await.context("the server broke down")??;
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that components may reach the PostgreSQL server that they are told to use.
fn reachable(url: &str, allowed: &str) -> Result<()> {
    for (host, port) in sql::dsn_hosts(url).context("the variable `postgres_url`")? {
        let needed = format!("postgres://{host}:{port}");
        if allowed != needed {
            bail!(
                "the variable `postgres_url` leads to {needed}, but `postgres_host` allows {allowed}: set SPIN_VARIABLE_POSTGRES_HOST={needed}"
            );
        }
    }
    Ok(())
}

/// Plays the demonstration, if there is one to play, and says where everything is.
async fn greet(
    app: &App,
    local: SocketAddr,
    demo: Option<Demo>,
    arguments: &Arguments,
    target: &Target,
) -> Result<()> {
    let url = format!("http://{local}");
    if let Some(demo) = &demo {
        demo.play(&url, target).await?;
    }
    for id in app.unavailable() {
        println!("The component {id} is not built: its addresses answer 503 until it is.");
    }
    println!("Ready: {url}");
    println!("   Citizens' site   {url}/");
    println!("   Staff's desk     {url}/desk");
    println!("   API description  {url}/api/openapi.json");
    if let Some(address) = arguments.metrics {
        println!("   Metrics          http://{address}/metrics");
    }
    if let Some(demo) = &demo {
        demo.print_logins();
        demo::print_examples(&url, demo);
    }
    Ok(())
}

fn start_log(filter: Option<&str>) -> Result<()> {
    let terminal = std::io::stderr().is_terminal();
    // What components say is in their own log files; on a terminal it would bury everything else.
    let filter = filter.unwrap_or(if terminal { "warn,guest=off" } else { "info" });
    let filter = EnvFilter::try_new(filter).context("--log")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if terminal {
        log.with_target(false).init()
    } else {
        log.json().flatten_event(true).init()
    }
    Ok(())
}

/// Refuses to start when nothing is built; a single component that is missing is another matter.
fn built(manifest: &Manifest) -> Result<()> {
    let missing = watch::missing(manifest);
    let Some(first) = missing.first() else {
        return Ok(());
    };
    if missing.len() >= manifest.components.len() {
        bail!(
            "the components are not built ({} is not there): run `cargo xtask build`",
            first.display()
        );
    }
    for file in &missing {
        tracing::warn!(file = %file.display(), "not built");
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {} is taken by another program: end that program, or choose another port with --listen {}:{}",
            address.port(),
            address.ip(),
            address.port().checked_add(1).unwrap_or(3000)
        ),
        std::io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "you may not listen on port {}: choose one above 1023 with --listen {}:3000",
            address.port(),
            address.ip()
        ),
        _ => anyhow::anyhow!("{address} cannot be listened on: {error}"),
    })
}

fn state_dir(folder: &std::path::Path) -> Result<()> {
    let probe = folder.join(".writable");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe))
        .with_context(|| {
            format!("the folder {} cannot be written: choose another with --state-dir, or give yourself the right to write here", folder.display())
        })
}

/// Calls the relay from time to time, as a cron job does on Spin.
async fn sweep(app: Arc<App>, key: String) {
    let mut ticks = tokio::time::interval(SWEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let request = Request::post("/api/relay/sweep")
            .header("authorization", format!("Bearer {key}"))
            .body(host::empty());
        match request {
            Ok(request) => {
                let status = app.call("relay", request).await.status();
                if !status.is_success() {
                    tracing::warn!(%status, "the sweep of the relay failed");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the relay key cannot stand in a header: there is no sweep");
                return;
            }
        }
    }
}

/// Waits for the signal to end.
async fn signal() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) {
            return tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
        }
    }
    // An error here leaves nothing to wait for but the end of the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    "Ctrl-C"
}
