//! `wasi:http/client`: as wasmtime has it, but the host knows on behalf of which request a call is made.

use crate::state::State;
use wasmtime::AsContextMut;
use wasmtime::component::{Accessor, HasData, Resource};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi_http::p3::bindings::http::client;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtxView};

/// The way from a store to what `wasi:http` works with.
pub(super) struct HttpClient;

impl HasData for HttpClient {
    type Data<'a> = WasiHttpCtxView<'a>;
}

impl client::HostWithStore<State> for HttpClient {
    async fn send(
        accessor: &Accessor<State, Self>,
        request: Resource<Request>,
    ) -> Result<Resource<Response>, TrappableError<ErrorCode>> {
        accessor
            .with(|mut access| {
                let mut store = access.as_context_mut();
                // The oldest task of the stack is the one that the worker began.
                let root = store.async_call_stack()?.last();
                let state = store.data_mut();
                if let Some(call) = root.and_then(|task| state.calls.get(&task)) {
                    state.outbound.call = call.clone();
                }
                wasmtime::error::Ok(())
            })
            .map_err(TrappableError::trap)?;
        // Nothing is awaited before the request reaches `Outbound`, so no other call comes between.
        <WasiHttp as client::HostWithStore<State>>::send(
            &accessor.with_getter::<WasiHttp>(State::http),
            request,
        )
        .await
    }
}
