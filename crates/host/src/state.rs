//! What one instance has, and what all instances of a component share.

use crate::app::App;
use crate::capability::postgres::Pools;
use crate::limits::MemoryLimit;
use crate::logs::GuestOutput;
use crate::metrics::ComponentMetrics;
use crate::options::Limits;
use crate::outbound::Outbound;
use crate::pool::Call;
use manifest::AllowedHosts;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

/// One component as the manifest has it, with everything looked up that an instance will need.
pub(crate) struct Definition {
    pub(crate) id: String,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) variables: BTreeMap<String, manifest::Value>,
    pub(crate) allowed_hosts: AllowedHosts,
    /// The databases by the labels that the component may open.
    pub(crate) databases: BTreeMap<String, Option<sql::SqliteDatabase>>,
    /// The connections to PostgreSQL, which all components share.
    pub(crate) postgres: Arc<Pools>,
    /// The directory that the component sees as `/`, if it has files.
    pub(crate) files: Option<PathBuf>,
    pub(crate) stdout: GuestOutput,
    pub(crate) stderr: GuestOutput,
    pub(crate) limits: Arc<Limits>,
    pub(crate) metrics: ComponentMetrics,
    pub(crate) app: Weak<App>,
}

/// What one instance has: the data of its store.
pub(crate) struct State {
    pub(crate) definition: Arc<Definition>,
    pub(crate) table: ResourceTable,
    pub(crate) outbound: Outbound,
    pub(crate) limit: MemoryLimit,
    /// The request that each task of the guest serves. Tasks go on after their response, so entries stay as long as
    /// the instance; there are no more than it may serve requests.
    pub(crate) calls: HashMap<GuestTaskId, Call>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    _room: OwnedSemaphorePermit,
}

impl State {
    pub(crate) fn new(
        definition: &Arc<Definition>,
        room: OwnedSemaphorePermit,
    ) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&definition.environment)
            .stdout(definition.stdout.clone())
            .stderr(definition.stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        if let Some(directory) = &definition.files {
            wasi.preopened_dir(directory, "/", FsPerms::ReadOnly)?;
        }
        definition.metrics.created.inc();
        definition.metrics.live.inc();
        Ok(Self {
            outbound: Outbound::new(definition),
            limit: MemoryLimit::new(definition.limits.memory),
            definition: definition.clone(),
            table: ResourceTable::new(),
            calls: HashMap::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            _room: room,
        })
    }

    pub(crate) fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.definition.metrics.live.dec();
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
