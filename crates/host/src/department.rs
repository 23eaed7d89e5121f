//! Handlers that departments publish: untrusted components, each call in an instance of its own.
//!
//! A department's component gets nothing from the host, and every call gets a fresh store with hard limits on time,
//! memory, stack and what it may hand back. Nothing that it does in one call is there in the next, so that an answer
//! depends on the inquiry alone, and a failure is the failure of that call and of nothing else.

use crate::engine::{CompileError, Engine};
use crate::limits::MemoryLimit;
use crate::pace::Course;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasmtime::component::{Component, Linker};
use wasmtime::{Store, Trap};

/// The world `department-handler` as `wit/department.wit` has it.
pub mod contract {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/department.wit"
    )]
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "department-handler",
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
    pub use exports::wenzheng::handlers::department::{
        Description, FollowUp, ReturnReason, Triage,
    };
    pub use wenzheng::handlers::types;
    /// The types that all stages share: what a case looks like to a handler is the same everywhere.
    pub use wenzheng::handlers::types::{
        About, AnswerText, Article, CaseKind, Draft, Error, Field, Finding, Inquiry, Severity,
        Source, Span, Urgency,
    };
}

use contract::{AnswerText, Article, Description, Draft, Error, Finding, FollowUp, Inquiry};

/// What one call of a department's handler may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepartmentLimits {
    /// Linear memory in bytes.
    pub memory: usize,
    /// How long one call may use a processor, to the next thousandth of a second. What takes longer than a good handler
    /// sleeps most of the time (`pace.rs`).
    pub time: Duration,
    /// How long one call may last by the clock: with its sleep, and where others have the processor.
    pub clock: Duration,
    /// Bytes of what it hands back.
    pub output: usize,
}

impl Default for DepartmentLimits {
    /// What the gate and the platform allow: far more than a decision about one inquiry needs.
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            time: Duration::from_millis(50),
            clock: Duration::from_millis(1_500),
            output: 1 << 20,
        }
    }
}

/// Why a department's handler cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum UnfitError {
    /// It cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It imports something, or its exports are not those of the world.
    #[error("it is not a component of the world `department-handler`: {0}")]
    World(String),
}

/// Why one call came to nothing. The texts are for the department's programmer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It did not end in time.
    #[error(
        "it was ended: a call may use the processor for {} ms; look for a loop that does not end, or do less for one inquiry",
        .0.as_millis()
    )]
    Time(Duration),
    /// It wanted more memory than there is for it.
    #[error(
        "it wanted more than {} MiB of memory; look for something that only grows",
        .0 >> 20
    )]
    Memory(usize),
    /// It called itself too deeply.
    #[error("its calls went too deep; look for a recursion that does not end")]
    Stack,
    /// It handed back too much.
    #[error("it handed back more than {} KiB; an answer is a text that people read", .0 >> 10)]
    Output(usize),
    /// It trapped, as a panic does.
    #[error("it broke down ({0}); a panic, an index out of range or `unwrap` on nothing does that")]
    Trap(String),
    /// What it handed back breaks the contract of `wit/`.
    #[error("what it handed back is not as the contract has it: {0}")]
    Contract(String),
}

impl CallError {
    /// A short name for events and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            CallError::Time(_) => "time",
            CallError::Memory(_) => "memory",
            CallError::Stack => "stack",
            CallError::Output(_) => "output",
            CallError::Trap(_) => "trap",
            CallError::Contract(_) => "contract",
        }
    }
}

/// What one call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of the processor, from before the instance was made until its answer was read.
    pub time: Duration,
    /// Linear memory in bytes.
    pub memory: usize,
}

impl Cost {
    /// The greater of both, each.
    #[must_use]
    pub fn most(self, other: Cost) -> Cost {
        Cost {
            time: self.time.max(other.time),
            memory: self.memory.max(other.memory),
        }
    }
}

/// What a call gave, and what it took whether it gave anything or not.
pub type Called<T> = (Result<T, CallError>, Cost);

/// What belongs to one call.
struct CallState {
    course: Course,
    memory: MemoryLimit,
}

/// A department's handler, compiled. It may be called from several threads at once.
pub struct DepartmentHandler {
    engine: Engine,
    pre: contract::DepartmentHandlerPre<CallState>,
    limits: DepartmentLimits,
    /// Whether its last call came to nothing: then the next one has no grace.
    failed: AtomicBool,
}

impl DepartmentHandler {
    /// Makes the component `wasm` ready on `engine`, whose memories must be as large as `limits.memory`; compiled code
    /// is kept in `cache`.
    ///
    /// # Errors
    /// When it is no component of the world `department-handler`, or the cache cannot be used.
    pub fn new(
        engine: &Engine,
        wasm: &[u8],
        cache: &Path,
        limits: DepartmentLimits,
    ) -> Result<Self, UnfitError> {
        Self::of(engine, &engine.compile(wasm, cache)?, limits)
    }

    /// The component with the digest `sha256`, if `cache` has its compiled code: ready in milliseconds, without the
    /// component itself.
    ///
    /// # Errors
    /// When it is no component of the world `department-handler`.
    pub fn cached(
        engine: &Engine,
        sha256: &[u8; 32],
        cache: &Path,
        limits: DepartmentLimits,
    ) -> Result<Option<Self>, UnfitError> {
        engine
            .compiled(sha256, cache)
            .map(|component| Self::of(engine, &component, limits))
            .transpose()
    }

    fn of(
        engine: &Engine,
        component: &Component,
        limits: DepartmentLimits,
    ) -> Result<Self, UnfitError> {
        let unfit = |error: wasmtime::Error| UnfitError::World(format!("{error:#}"));
        let mut linker = Linker::new(&engine.wasm);
        linker.instance(crate::handler::TYPES).map_err(unfit)?;
        let pre = linker.instantiate_pre(component).map_err(unfit)?;
        Ok(Self {
            engine: engine.clone(),
            pre: contract::DepartmentHandlerPre::new(pre).map_err(unfit)?,
            limits,
            failed: AtomicBool::new(false),
        })
    }

    /// Like [`DepartmentHandler::new`], while requests are served: compiling gives way to everything else.
    ///
    /// # Errors
    /// As [`DepartmentHandler::new`].
    pub fn new_behind(
        engine: &Engine,
        wasm: &[u8],
        cache: &Path,
        limits: DepartmentLimits,
    ) -> Result<Self, UnfitError> {
        crate::priority::behind_all(|| Self::new(engine, wasm, cache, limits))
            .unwrap_or_else(|error| Err(UnfitError::World(error.to_string())))
    }

    /// Who it says that it is.
    pub fn describe(&self) -> Called<Description> {
        self.call(|store, handler| handler.wenzheng_handlers_department().call_describe(store))
    }

    /// What it does with an inquiry; the inner error is its own word that it has no result.
    pub fn triage(&self, inquiry: &Inquiry) -> Called<Result<Option<contract::Triage>, Error>> {
        self.call(|store, handler| {
            let handler = handler.wenzheng_handlers_department();
            handler.call_triage_inquiry(store, inquiry)
        })
    }

    /// Its draft of an answer.
    pub fn draft(
        &self,
        inquiry: &Inquiry,
        articles: &[Article],
    ) -> Called<Result<Option<Draft>, Error>> {
        self.call(|store, handler| {
            let handler = handler.wenzheng_handlers_department();
            handler.call_draft_answer(store, inquiry, articles)
        })
    }

    /// What it finds in an answer.
    pub fn check(
        &self,
        inquiry: &Inquiry,
        answer: &AnswerText,
    ) -> Called<Result<Vec<Finding>, Error>> {
        self.call(|store, handler| {
            let handler = handler.wenzheng_handlers_department();
            handler.call_check(store, inquiry, answer)
        })
    }

    /// What is to be done after the answer.
    pub fn follow_up(
        &self,
        inquiry: &Inquiry,
        answer: &AnswerText,
    ) -> Called<Result<Option<FollowUp>, Error>> {
        self.call(|store, handler| {
            let handler = handler.wenzheng_handlers_department();
            handler.call_plan_follow_up(store, inquiry, answer)
        })
    }

    fn call<T>(
        &self,
        call: impl FnOnce(&mut Store<CallState>, &contract::DepartmentHandler) -> wasmtime::Result<T>,
    ) -> Called<T> {
        let DepartmentLimits { time, clock, .. } = self.limits;
        let trusted = !self.failed.load(Ordering::Relaxed);
        let state = CallState {
            course: Course::begin(&self.engine.pace, trusted, time, clock),
            memory: MemoryLimit::new(self.limits.memory),
        };
        let mut store = Store::new(&self.engine.wasm, state);
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(self.limits.output);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| Ok(store.data_mut().course.look()));
        let result = self
            .pre
            .instantiate(&mut store)
            .and_then(|handler| call(&mut store, &handler))
            .map_err(|error| self.failure(&store, &error));
        self.failed.store(result.is_err(), Ordering::Relaxed);
        let cost = Cost {
            time: store.data().course.used(),
            memory: store.data().memory.used(),
        };
        (result, cost)
    }

    fn failure(&self, store: &Store<CallState>, error: &wasmtime::Error) -> CallError {
        let trap = error.downcast_ref::<Trap>();
        match trap {
            Some(Trap::Interrupt) => return CallError::Time(self.limits.time),
            Some(Trap::StackOverflow) => return CallError::Stack,
            _ => {}
        }
        // A program that gets no memory gives up in one way or another: the cause is the memory.
        if store.data().memory.refused {
            return CallError::Memory(self.limits.memory);
        }
        let text = format!("{:#}", error.root_cause());
        if text.contains("fuel allocated for hostcalls") {
            return CallError::Output(self.limits.output);
        }
        match trap {
            Some(trap) => CallError::Trap(trap.to_string()),
            None => CallError::Contract(text),
        }
    }
}

impl std::fmt::Debug for DepartmentHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DepartmentHandler")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
