//! An application: the components of a manifest, ready to serve.

use crate::body::Body;
use crate::capability::{self, postgres::Pools};
use crate::dispatch::{Reached, Routes};
use crate::engine::{CompileError, Engine};
use crate::files;
use crate::logs::Logs;
use crate::metrics::{Metrics, RouteMetrics};
use crate::options::{HostOptions, Limits};
use crate::outbound::{self, HttpClient};
use crate::pool::{Call, Pool};
use crate::reload::ReloadError;
use crate::state::{Definition, State};
use http::{Request, Response};
use manifest::{Manifest, Problem, Severity, Variables};
use sql::{Durability, SqlError, SqliteDatabase, SqliteOptions};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// The components of a manifest, compiled, with their routes and what they may use.
pub struct App {
    pub(crate) manifest: Manifest,
    pub(crate) components: HashMap<String, Arc<Slot>>,
    pub(crate) routes: Routes,
    pub(crate) limits: Arc<Limits>,
    pub(crate) metrics: Metrics,
    /// One permit for each request from outside that may be served at a time.
    pub(crate) in_flight: Arc<Semaphore>,
    engine: Engine,
    linker: Linker<State>,
    cache: PathBuf,
    client: HttpClient,
    services: BTreeMap<String, Arc<dyn crate::Service>>,
}

/// The place of one component.
pub(crate) struct Slot {
    pub(crate) definition: Arc<Definition>,
    /// Absent until the component's file is there.
    pool: RwLock<Option<Arc<Pool>>>,
    /// How calls from within the process are counted.
    pub(crate) internal: RouteMetrics,
    /// Held while a new version is made, so that the last to be asked for is the one that stays.
    pub(crate) reloading: tokio::sync::Mutex<()>,
}

/// Why an application cannot be made of a manifest.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Something is wrong with the manifest, or with a file that it names.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Manifest(Vec<Problem>),
    /// The engine cannot be started.
    #[error("the engine: {0}")]
    Engine(CompileError),
    /// A file or directory of the host cannot be made or read.
    #[error("{path}: {error}")]
    Storage {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A database cannot be opened.
    #[error("the database `{label}`: {error}")]
    Database {
        /// Its label.
        label: String,
        /// Why.
        error: SqlError,
    },
}

impl App {
    /// Makes everything ready that `manifest` describes. Must be called inside a tokio runtime.
    ///
    /// A component whose file is not there yet does not stand in the way of the others: its routes answer 503 until
    /// [`App::reload`] finds it.
    ///
    /// # Errors
    /// [`LoadError`]; problems of all components together.
    pub async fn load(manifest: Manifest, options: HostOptions) -> Result<Arc<Self>, LoadError> {
        let limits = Arc::new(options.limits.clone());
        let engine = match &options.engine {
            Some(engine) => engine.clone(),
            None => Engine::new(limits.memory).map_err(LoadError::Engine)?,
        };
        let linker = capability::linker(&engine)
            .map_err(|error| LoadError::Engine(CompileError::Invalid(format!("{error:#}"))))?;
        let metrics = Metrics::new();
        let log_dir = options.state_dir.join("logs");
        let logs = Logs::start(&log_dir, metrics.log_lines_lost()).map_err(|error| {
            LoadError::Storage {
                path: log_dir,
                error,
            }
        })?;
        let variables = options
            .variables
            .resolve(&manifest)
            .map_err(LoadError::Manifest)?;
        let databases = databases(&manifest, &options).await?;
        let blueprint = Blueprint {
            manifest: &manifest,
            options: &options,
            limits: &limits,
            metrics: &metrics,
            postgres: Arc::default(),
        };

        let mut parts = Vec::new();
        let mut problems = Vec::new();
        for id in manifest
            .components
            .keys()
            .filter(|id| manifest.has_trigger(id))
        {
            match blueprint.draw(id, &variables, &databases, &logs) {
                Ok(definition) => parts.push(definition),
                Err(LoadError::Manifest(more)) => problems.extend(more),
                Err(other) => return Err(other),
            }
        }
        if !problems.is_empty() {
            return Err(LoadError::Manifest(problems));
        }

        let app = Arc::new_cyclic(|app: &Weak<Self>| {
            let components: HashMap<_, _> = parts
                .into_iter()
                .map(|definition| {
                    let slot = Slot {
                        internal: metrics.route(&definition.id, "internal"),
                        definition: Arc::new(Definition {
                            app: app.clone(),
                            ..definition
                        }),
                        pool: RwLock::default(),
                        reloading: tokio::sync::Mutex::default(),
                    };
                    (slot.definition.id.clone(), Arc::new(slot))
                })
                .collect();
            Self {
                routes: Routes::new(&manifest, &components, &metrics),
                in_flight: Arc::new(Semaphore::new(limits.in_flight)),
                cache: options.cache_dir.clone(),
                client: outbound::client(),
                services: options.services,
                manifest,
                components,
                limits,
                metrics,
                engine,
                linker,
            }
        });
        app.start_all().await?;
        Ok(app)
    }

    /// Compiles all components, as many at a time as there are processors.
    async fn start_all(self: &Arc<Self>) -> Result<(), LoadError> {
        let made = self.components.values().map(|slot| async move {
            match self.make(slot).await {
                Ok(pool) => {
                    slot.replace(pool);
                    Vec::new()
                }
                Err(ReloadError::Missing { path }) => {
                    let (component, file) = (&slot.definition.id, path.display());
                    tracing::warn!(%component, %file, "the component's file is not there; its routes answer 503");
                    Vec::new()
                }
                Err(ReloadError::Manifest(problem)) => vec![problem],
                Err(error) => vec![self.problem(&slot.definition.id, error.to_string())],
            }
        });
        let problems: Vec<Problem> = futures::future::join_all(made)
            .await
            .into_iter()
            .flatten()
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(LoadError::Manifest(problems))
        }
    }

    /// Compiles the component of `slot` as its file is now.
    pub(crate) async fn make(self: &Arc<Self>, slot: &Arc<Slot>) -> Result<Arc<Pool>, ReloadError> {
        let (app, definition) = (self.clone(), slot.definition.clone());
        let made = tokio::task::spawn_blocking(move || app.build(&definition)).await;
        made.unwrap_or_else(|error| {
            Err(ReloadError::Compile(CompileError::Invalid(
                error.to_string(),
            )))
        })
    }

    fn build(&self, definition: &Arc<Definition>) -> Result<Arc<Pool>, ReloadError> {
        let base = self.manifest.base_dir();
        let mut missing = None;
        let wasm = manifest::compose(&self.manifest, &definition.id, &mut |path| {
            let path = base.join(path);
            std::fs::read(&path).inspect_err(|error| {
                if error.kind() == io::ErrorKind::NotFound {
                    missing = Some(path.clone());
                }
            })
        })
        .map_err(|problem| match missing {
            Some(path) => ReloadError::Missing { path },
            None => ReloadError::Manifest(problem),
        })?;
        let component = self
            .engine
            .compile(&wasm, &self.cache)
            .map_err(ReloadError::Compile)?;
        let memories = component
            .resources_required()
            .map_or(1, |resources| resources.num_memories);
        let pre = self
            .linker
            .instantiate_pre(&component)
            .and_then(ServicePre::new);
        let pre =
            pre.map_err(|error| ReloadError::Compile(CompileError::Invalid(format!("{error:#}"))))?;
        Ok(Arc::new(Pool::new(
            self.engine.clone(),
            pre,
            memories.max(1),
            definition.clone(),
        )))
    }

    /// Calls a component from within the process, as another component would: private routes are reached, and the
    /// path need not be one of the manifest's routes.
    ///
    /// There is always an answer: 404 where there is no such component, and otherwise what a client would get. A URI
    /// without host gets the component's.
    pub async fn call(self: &Arc<Self>, component: &str, request: Request<Body>) -> Response<Body> {
        let call = Call {
            request_id: crate::request_id::of(request.headers()),
            hops: 0,
        };
        crate::dispatch::inside(self, component, request, call).await
    }

    /// Passes on what one component asks of another; `None` if there is none that can be asked.
    pub(crate) async fn chained(
        &self,
        component: &str,
        request: Request<Body>,
        call: Call,
    ) -> Option<Response<Body>> {
        let Some(slot) = self.components.get(component) else {
            let service = self.services.get(component)?;
            return Some(crate::service::ask(service.as_ref(), request).await);
        };
        Some(crate::dispatch::to_component(slot, request, Reached::inside(&call)).await)
    }

    /// Waits until no component has anything to do any more, but no longer than `most`.
    ///
    /// Returns whether all work has ended.
    pub async fn quiet(&self, most: Duration) -> bool {
        let end = tokio::time::Instant::now() + most;
        while !self
            .components
            .values()
            .all(|slot| slot.pool().is_none_or(|pool| pool.is_quiet()))
        {
            if tokio::time::Instant::now() >= end {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// The components that cannot serve because their file is not there, in alphabetical order.
    pub fn unavailable(&self) -> Vec<String> {
        let absent = self
            .components
            .iter()
            .filter(|(_, slot)| slot.pool().is_none());
        let mut ids: Vec<_> = absent.map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// What was counted, in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        self.metrics.text()
    }

    /// The manifest that the application was made of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn client(&self) -> &HttpClient {
        &self.client
    }

    /// A problem with the component `id` as a whole.
    fn problem(&self, id: &str, message: String) -> Problem {
        problem(&self.manifest, id, message)
    }
}

impl Slot {
    /// What serves the component now.
    pub(crate) fn pool(&self) -> Option<Arc<Pool>> {
        self.pool
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on `pool` serves; requests that have begun end where they are.
    pub(crate) fn replace(&self, pool: Arc<Pool>) {
        *self.pool.write().unwrap_or_else(PoisonError::into_inner) = Some(pool);
    }
}

fn problem(manifest: &Manifest, id: &str, message: String) -> Problem {
    let at = manifest
        .components
        .get(id)
        .map(|component| component.source.position)
        .unwrap_or_default();
    Problem {
        file: manifest.file().to_owned(),
        line: at.line,
        column: at.column,
        message: format!("component `{id}`: {message}"),
        severity: Severity::Error,
    }
}

/// What definitions are drawn from.
struct Blueprint<'a> {
    manifest: &'a Manifest,
    options: &'a HostOptions,
    limits: &'a Arc<Limits>,
    metrics: &'a Metrics,
    postgres: Arc<Pools>,
}

impl Blueprint<'_> {
    /// The definition of the component `id`; it does not know its application yet.
    fn draw(
        &self,
        id: &str,
        variables: &Variables,
        databases: &BTreeMap<String, SqliteDatabase>,
        logs: &Logs,
    ) -> Result<Definition, LoadError> {
        let Some(component) = self.manifest.components.get(id) else {
            return Err(LoadError::Manifest(vec![problem(
                self.manifest,
                id,
                "it is not defined".into(),
            )]));
        };
        let files = if component.files.is_empty() {
            None
        } else {
            let target = self.options.state_dir.join("files").join(id);
            let mounts = component.files.iter().map(|mount| &mount.value);
            files::lay_out(mounts, self.manifest.base_dir(), &target)
                .map_err(|(path, error)| LoadError::Storage { path, error })?;
            Some(target)
        };
        Ok(Definition {
            id: id.to_owned(),
            environment: component.environment.clone().into_iter().collect(),
            variables: variables.of_component(id).cloned().unwrap_or_default(),
            allowed_hosts: variables
                .allowed_hosts(self.manifest, id)
                .map_err(LoadError::Manifest)?,
            databases: component
                .sqlite_databases
                .iter()
                .map(|label| (label.value.clone(), databases.get(&label.value).cloned()))
                .collect(),
            postgres: self.postgres.clone(),
            files,
            stdout: logs.output(id, "stdout"),
            stderr: logs.output(id, "stderr"),
            limits: self.limits.clone(),
            metrics: self.metrics.component(id),
            app: Weak::new(),
        })
    }
}

/// Opens the databases that components name. Labels with the same file share it.
async fn databases(
    manifest: &Manifest,
    options: &HostOptions,
) -> Result<BTreeMap<String, SqliteDatabase>, LoadError> {
    let mut databases = BTreeMap::new();
    let mut open: HashMap<PathBuf, SqliteDatabase> = HashMap::new();
    let mut problems = Vec::new();
    for (id, component) in manifest
        .components
        .iter()
        .filter(|(id, _)| manifest.has_trigger(id))
    {
        for label in &component.sqlite_databases {
            if databases.contains_key(&label.value) {
                continue;
            }
            let Some(path) = options.sqlite.get(&label.value) else {
                let message = format!("no file is given for its database `{}`", label.value);
                problems.push(Problem {
                    line: label.position.line,
                    column: label.position.column,
                    ..problem(manifest, id, message)
                });
                continue;
            };
            let database = match open.get(path) {
                Some(database) => database.clone(),
                None => {
                    open_database(path, options)
                        .await
                        .map_err(|error| LoadError::Database {
                            label: label.value.clone(),
                            error,
                        })?
                }
            };
            open.insert(path.clone(), database.clone());
            databases.insert(label.value.clone(), database);
        }
    }
    if problems.is_empty() {
        Ok(databases)
    } else {
        Err(LoadError::Manifest(problems))
    }
}

async fn open_database(path: &PathBuf, options: &HostOptions) -> Result<SqliteDatabase, SqlError> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(|error| SqlError::Storage(error.to_string()))?;
    }
    let durability = if options.durable {
        Durability::Group
    } else {
        Durability::Off
    };
    SqliteDatabase::open(
        path,
        SqliteOptions {
            durability,
            ..SqliteOptions::default()
        },
    )
    .await
}
