//! What the host gives to components besides WASI: one file for each interface of `wit/`.

mod http_client;
pub(crate) mod postgres;
mod sqlite;
mod variables;

use crate::engine::Engine;
use crate::state::State;
use wasmtime::component::{HasData, Linker};
use wasmtime_wasi_http::WasiHttp;
use wasmtime_wasi_http::p3::bindings::http;

/// The generated side of the interfaces.
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "wenzheng:host/capabilities",
        imports: {
            "spin:sqlite/sqlite.[static]connection.open": async | trappable,
            "spin:sqlite/sqlite.[method]connection.execute": async | trappable,
            "spin:sqlite/sqlite.[method]connection.changes": async | trappable,
            "spin:sqlite/sqlite.[method]connection.last-insert-rowid": async | trappable,
            "spin:postgres/postgres.[static]connection.open": async | trappable,
            "spin:postgres/postgres.[method]connection.query": async | trappable,
            "spin:postgres/postgres.[method]connection.execute": async | trappable,
            "spin:postgres/postgres.[method]connection-builder.build": async | trappable,
            default: trappable,
        },
        with: {
            "spin:postgres/postgres.connection": super::postgres::Connection,
            "spin:postgres/postgres.connection-builder": super::postgres::Builder,
            "spin:sqlite/sqlite.connection": super::sqlite::Connection,
        },
    });
}

/// The way from a store to what the implementations of the interfaces work with: all of its data.
pub(crate) struct Host;

impl HasData for Host {
    type Data<'a> = &'a mut State;
}

/// Everything that a component may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&engine.wasm);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    http::types::add_to_linker::<_, WasiHttp>(&mut linker, State::http)?;
    http::client::add_to_linker::<_, http_client::HttpClient>(&mut linker, State::http)?;
    bindings::spin::variables::variables::add_to_linker::<_, Host>(&mut linker, |state| state)?;
    bindings::spin::sqlite::sqlite::add_to_linker::<_, Host>(&mut linker, |state| state)?;
    bindings::spin::postgres::postgres::add_to_linker::<_, Host>(&mut linker, |state| state)?;
    Ok(linker)
}
