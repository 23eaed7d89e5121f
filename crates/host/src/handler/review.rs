//! The stage review as `wit/review.wit` has it, its handler called directly.

use super::{HandlerError, HandlerLimits, Seat};
use crate::limits::MemoryLimit;
use std::path::Path;
use wasmtime::Store;
use wasmtime::component::InstancePre;

mod bindings {
    #![allow(
        missing_docs,
        reason = "generated; the documentation is in wit/review.wit"
    )]
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "review-handler",
        with: { "wenzheng:handlers/types@1.0.0": crate::department::contract::types },
    });
}

pub use crate::department::contract::{
    AnswerText, CaseKind, Error, Finding, Inquiry, Severity, Urgency,
};

/// The handler of the stage review.
pub struct ReviewHandler(Seat<bindings::ReviewHandler>);

impl ReviewHandler {
    /// Makes the component `wasm` ready; compiled code is kept in `cache`.
    ///
    /// # Errors
    /// When it is no handler of this stage, or the cache cannot be used.
    pub fn new(wasm: &[u8], cache: &Path, limits: HandlerLimits) -> Result<Self, HandlerError> {
        let make = |store: &mut Store<MemoryLimit>, pre: &InstancePre<MemoryLimit>| {
            let pre = bindings::ReviewHandlerPre::new(pre.clone())?;
            pre.instantiate(store)
        };
        Ok(Self(Seat::new(wasm, cache, limits, make)?))
    }

    /// Lists what is to be said of `answer` to `inquiry`.
    ///
    /// # Errors
    /// When the handler traps or breaks a limit; what it refuses itself is the inner error.
    pub fn check(
        &mut self,
        inquiry: &Inquiry,
        answer: &AnswerText,
    ) -> Result<Result<Vec<Finding>, Error>, HandlerError> {
        self.0.call(|store, handler| {
            handler
                .wenzheng_handlers_review()
                .call_check(store, inquiry, answer)
        })
    }

    /// The most linear memory that an instance had, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.0.most
    }
}

impl std::fmt::Debug for ReviewHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReviewHandler").finish_non_exhaustive()
    }
}
