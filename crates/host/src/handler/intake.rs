//! The stage intake as `wit/intake.wit` has it, its handler called directly.

use super::{HandlerError, HandlerLimits, Seat};
use crate::limits::MemoryLimit;
use std::path::Path;
use wasmtime::Store;
use wasmtime::component::InstancePre;

mod bindings {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/intake.wit"
    )]
    wasmtime::component::bindgen!({ path: "../../wit", world: "intake-handler" });
}

pub use bindings::exports::wenzheng::handlers::intake::{Examination, Message, Signal};
pub use bindings::wenzheng::handlers::types::{Error, Field, Span, Urgency};

/// The handler of the stage intake.
pub struct IntakeHandler(Seat<bindings::IntakeHandler>);

impl IntakeHandler {
    /// Makes the component `wasm` ready; compiled code is kept in `cache`.
    ///
    /// # Errors
    /// When it is no handler of this stage, or the cache cannot be used.
    pub fn new(wasm: &[u8], cache: &Path, limits: HandlerLimits) -> Result<Self, HandlerError> {
        let make = |store: &mut Store<MemoryLimit>, pre: &InstancePre<MemoryLimit>| {
            let pre = bindings::IntakeHandlerPre::new(pre.clone())?;
            pre.instantiate(store)
        };
        Ok(Self(Seat::new(wasm, cache, limits, make)?))
    }

    /// Examines `message`.
    ///
    /// # Errors
    /// When the handler traps or breaks a limit; what it refuses itself is the inner error.
    pub fn examine(
        &mut self,
        message: &Message,
    ) -> Result<Result<Examination, Error>, HandlerError> {
        self.0.call(|store, handler| {
            handler
                .wenzheng_handlers_intake()
                .call_examine(store, message)
        })
    }

    /// The most linear memory that an instance had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.0.most
    }
}

impl std::fmt::Debug for IntakeHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntakeHandler").finish_non_exhaustive()
    }
}
