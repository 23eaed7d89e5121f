//! A handler alone: called directly, without the function and the server around it.
//!
//! What a handler says is then exactly what a case would get, for it is the same component on the same engine; what it
//! costs is the call into WebAssembly and back.

pub mod intake;
pub mod review;

pub use intake::IntakeHandler;
pub use review::ReviewHandler;

use crate::engine::{CompileError, Engine};
use crate::limits::MemoryLimit;
use std::path::Path;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{InstancePre, Linker};

/// The interface that handlers import: it has types and nothing else.
pub(crate) const TYPES: &str = "wenzheng:handlers/types@1.0.0";

/// What one call of a handler may take.
#[derive(Clone, Copy, Debug)]
pub struct HandlerLimits {
    /// Linear memory in bytes.
    pub memory: usize,
    /// How long one call may take, to the next hundredth of a second.
    pub time: Duration,
}

/// Why a handler did not answer.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// It cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It imports something, or does not export what is called.
    #[error("it is not a handler of this stage: {0}")]
    Unfit(String),
    /// It trapped, took too long or needed too much memory; the next call gets a new instance.
    #[error("it failed: {0}")]
    Failed(String),
}

/// The part that all stages have in common: a compiled handler and its instance.
struct Seat<T> {
    engine: Engine,
    pre: InstancePre<MemoryLimit>,
    limits: HandlerLimits,
    make: fn(&mut Store<MemoryLimit>, &InstancePre<MemoryLimit>) -> wasmtime::Result<T>,
    instance: Option<(Store<MemoryLimit>, T)>,
    most: usize,
}

impl<T> Seat<T> {
    fn new(
        wasm: &[u8],
        cache: &Path,
        limits: HandlerLimits,
        make: fn(&mut Store<MemoryLimit>, &InstancePre<MemoryLimit>) -> wasmtime::Result<T>,
    ) -> Result<Self, HandlerError> {
        let unfit = |error: wasmtime::Error| HandlerError::Unfit(format!("{error:#}"));
        let engine = Engine::new(limits.memory)?;
        let component = engine.compile(wasm, cache)?;
        let mut linker = Linker::new(&engine.wasm);
        linker.instance(TYPES).map_err(unfit)?;
        let pre = linker.instantiate_pre(&component).map_err(unfit)?;
        Ok(Self {
            engine,
            pre,
            limits,
            make,
            instance: None,
            most: 0,
        })
    }

    /// Calls the instance, a new one if there is none.
    fn call<R>(
        &mut self,
        call: impl FnOnce(&mut Store<MemoryLimit>, &T) -> wasmtime::Result<R>,
    ) -> Result<R, HandlerError> {
        let failed = |error: wasmtime::Error| HandlerError::Failed(format!("{error:#}"));
        let ticks = self.limits.time.as_millis() / crate::engine::TICK.as_millis() + 1;
        let (mut store, instance) = match self.instance.take() {
            Some(seated) => seated,
            None => {
                let mut store = Store::new(&self.engine.wasm, MemoryLimit::new(self.limits.memory));
                store.limiter(|limit| limit);
                store.set_epoch_deadline(ticks as u64);
                let instance = (self.make)(&mut store, &self.pre).map_err(failed)?;
                (store, instance)
            }
        };
        store.set_epoch_deadline(ticks as u64);
        let result = call(&mut store, &instance);
        self.most = self.most.max(store.data().used());
        let result = result.map_err(failed)?;
        self.instance = Some((store, instance));
        Ok(result)
    }
}

/// The handler of the stage classify.
pub struct ClassifyHandler(Seat<classify::ClassifyHandler>);

/// The stage classify as `wit/classify.wit` has it.
pub mod classify {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/classify.wit"
    )]
    pub use crate::department::contract::{CaseKind, Error, Field, Inquiry, Span, Urgency};
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "classify-handler",
        with: { "wenzheng:handlers/types@1.0.0": crate::department::contract::types },
    });
    pub use exports::wenzheng::handlers::classify::{Abstention, Classification, RankedCategory};
}

impl ClassifyHandler {
    /// Makes the component `wasm` ready; compiled code is kept in `cache`.
    ///
    /// # Errors
    /// When it is no handler of this stage, or the cache cannot be used.
    pub fn new(wasm: &[u8], cache: &Path, limits: HandlerLimits) -> Result<Self, HandlerError> {
        let make = |store: &mut Store<MemoryLimit>, pre: &InstancePre<MemoryLimit>| {
            let pre = classify::ClassifyHandlerPre::new(pre.clone())?;
            pre.instantiate(store)
        };
        Ok(Self(Seat::new(wasm, cache, limits, make)?))
    }

    /// Classifies `inquiry`, with `threshold` in ten-thousandths.
    ///
    /// # Errors
    /// When the handler traps or breaks a limit; what it refuses itself is the inner error.
    pub fn classify(
        &mut self,
        inquiry: &classify::Inquiry,
        threshold: u16,
    ) -> Result<Result<classify::Classification, classify::Error>, HandlerError> {
        self.0.call(|store, handler| {
            handler
                .wenzheng_handlers_classify()
                .call_classify_inquiry(store, inquiry, threshold)
        })
    }

    /// The most linear memory that an instance had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.0.most
    }
}

impl std::fmt::Debug for ClassifyHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClassifyHandler").finish_non_exhaustive()
    }
}

/// The handler of the stage answer.
pub struct AnswerHandler(Seat<answer::AnswerHandler>);

/// The stage answer as `wit/answer.wit` has it.
pub mod answer {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/answer.wit"
    )]
    pub use crate::department::contract::{
        Article, CaseKind, Draft, Error, Inquiry, Source, Urgency,
    };
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "answer-handler",
        with: { "wenzheng:handlers/types@1.0.0": crate::department::contract::types },
    });
    pub use exports::wenzheng::handlers::answer::{Drafting, Outcome, RankedArticle, Refusal};
}

impl AnswerHandler {
    /// Makes the component `wasm` ready; compiled code is kept in `cache`.
    ///
    /// # Errors
    /// When it is no handler of this stage, or the cache cannot be used.
    pub fn new(wasm: &[u8], cache: &Path, limits: HandlerLimits) -> Result<Self, HandlerError> {
        let make = |store: &mut Store<MemoryLimit>, pre: &InstancePre<MemoryLimit>| {
            let pre = answer::AnswerHandlerPre::new(pre.clone())?;
            pre.instantiate(store)
        };
        Ok(Self(Seat::new(wasm, cache, limits, make)?))
    }

    /// Drafts an answer to `inquiry` out of `articles`, with `threshold` in ten-thousandths.
    ///
    /// # Errors
    /// When the handler traps or breaks a limit; what it refuses itself is the inner error.
    pub fn draft(
        &mut self,
        inquiry: &answer::Inquiry,
        articles: &[answer::Article],
        threshold: u16,
    ) -> Result<Result<answer::Drafting, answer::Error>, HandlerError> {
        self.0.call(|store, handler| {
            handler
                .wenzheng_handlers_answer()
                .call_draft_answer(store, inquiry, articles, threshold)
        })
    }

    /// The most linear memory that an instance had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.0.most
    }
}

impl std::fmt::Debug for AnswerHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnswerHandler").finish_non_exhaustive()
    }
}

/// The handler of the stage route.
pub struct RouteHandler(Seat<route::RouteHandler>);

/// The stage route as `wit/route.wit` has it.
pub mod route {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/route.wit"
    )]
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "route-handler",
        with: { "wenzheng:handlers/types@1.0.0": crate::department::contract::types },
    });
    pub use exports::wenzheng::handlers::route::{
        Candidate, RankedDepartment, Responsibility, Routing,
    };
}

impl RouteHandler {
    /// Makes the component `wasm` ready; compiled code is kept in `cache`.
    ///
    /// # Errors
    /// When it is no handler of this stage, or the cache cannot be used.
    pub fn new(wasm: &[u8], cache: &Path, limits: HandlerLimits) -> Result<Self, HandlerError> {
        let make = |store: &mut Store<MemoryLimit>, pre: &InstancePre<MemoryLimit>| {
            let pre = route::RouteHandlerPre::new(pre.clone())?;
            pre.instantiate(store)
        };
        Ok(Self(Seat::new(wasm, cache, limits, make)?))
    }

    /// Routes `inquiry` to one of `candidates`, with `threshold` in
    /// ten-thousandths.
    ///
    /// # Errors
    /// When the handler traps or breaks a limit; what it refuses itself is the inner error.
    pub fn route(
        &mut self,
        inquiry: &classify::Inquiry,
        candidates: &[route::Candidate],
        threshold: u16,
    ) -> Result<Result<route::Routing, classify::Error>, HandlerError> {
        self.0.call(|store, handler| {
            handler
                .wenzheng_handlers_route()
                .call_route_inquiry(store, inquiry, candidates, threshold)
        })
    }

    /// The most linear memory that an instance had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.0.most
    }
}

impl std::fmt::Debug for RouteHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteHandler").finish_non_exhaustive()
    }
}
