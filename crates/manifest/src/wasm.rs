//! What a WebAssembly file is, and what it imports and exports.

use crate::names::DependencyName;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use wac_types::{ItemKind, Package, Type, Types, WorldId};
use wasmparser::{Parser, Validator};

/// Why bytes are not a usable component.
#[derive(Debug, thiserror::Error)]
pub enum WasmError {
    /// They are neither a component nor a core module.
    #[error("it is not a WebAssembly file")]
    NotWasm,
    /// They break a rule of WebAssembly.
    #[error("it is not valid WebAssembly: {0}")]
    Invalid(String),
    /// A core module that no component can be made of.
    #[error("no component can be made of this core module: {0}")]
    Encode(String),
}

/// What a handler's file is: for its release notes, and for deciding whether it may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerReport {
    /// The SHA-256 of the file, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The size of the file in bytes.
    pub size: usize,
    /// What it imports.
    pub imports: Vec<Import>,
    /// The names of what it exports.
    pub exports: Vec<String>,
}

/// One import of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its name.
    pub name: String,
    /// Whether it is nothing but types of the package that the component exports an interface of: then it needs
    /// nothing from anybody.
    pub types_only: bool,
}

/// The component in `bytes`; a core module made by wit-bindgen is encoded as one.
///
/// # Errors
/// [`WasmError`] if it is neither, or the encoding fails. A component is not validated here.
pub fn component_bytes(bytes: &[u8]) -> Result<Cow<'_, [u8]>, WasmError> {
    if Parser::is_component(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    if !Parser::is_core_wasm(bytes) {
        return Err(WasmError::NotWasm);
    }
    // The encoder takes the module apart without looking for broken code in it.
    Validator::new()
        .validate_all(bytes)
        .map_err(|error| WasmError::Invalid(error.to_string()))?;
    wit_component::ComponentEncoder::default()
        .module(bytes)
        .and_then(|encoder| encoder.validate(true).encode())
        .map(Cow::Owned)
        .map_err(|error| WasmError::Encode(format!("{error:#}")))
}

/// Validates a component completely, with the features that the runner has on.
pub(crate) fn validate(component: &[u8]) -> Result<(), WasmError> {
    Validator::new()
        .validate_all(component)
        .map(|_| ())
        .map_err(|error| WasmError::Invalid(error.to_string()))
}

/// Reports on the handler in `bytes`, a component or a core module.
///
/// # Errors
/// [`WasmError`] if it is not valid.
pub fn handler_report(bytes: &[u8]) -> Result<HandlerReport, WasmError> {
    let component = component_bytes(bytes)?;
    validate(&component)?;
    let mut types = Types::default();
    let package = package("handler", component.into_owned(), &mut types)?;
    let world = &types[package.ty()];
    let offending = offending_imports(&types, package.ty());
    Ok(HandlerReport {
        sha256: sha256(bytes),
        size: bytes.len(),
        imports: world
            .imports
            .keys()
            .map(|name| Import {
                name: name.clone(),
                types_only: !offending.contains(name),
            })
            .collect(),
        exports: world.exports.keys().cloned().collect(),
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads the types of a component into `types`.
pub(crate) fn package(
    name: &str,
    component: Vec<u8>,
    types: &mut Types,
) -> Result<Package, WasmError> {
    Package::from_bytes(name, None, component, types)
        .map_err(|error| WasmError::Invalid(format!("{error:#}")))
}

/// The imports of a world by which something could be done: all but interfaces that hold nothing but value types and
/// belong to a package, in the same version, that the world exports an interface of.
pub(crate) fn offending_imports(types: &Types, world: WorldId) -> Vec<String> {
    let world = &types[world];
    let own: BTreeSet<_> = world
        .exports
        .keys()
        .filter_map(|name| package_of(name))
        .collect();
    world
        .imports
        .iter()
        .filter(|(name, kind)| {
            let values_only = match kind {
                ItemKind::Instance(interface) => types[*interface].exports.values().all(
                    |item| matches!(item, ItemKind::Type(ty) if !matches!(ty, Type::Resource(_))),
                ),
                _ => false,
            };
            let same_package = package_of(name).is_some_and(|package| own.contains(&package));
            !(values_only && same_package)
        })
        .map(|(name, _)| name.clone())
        .collect()
}

/// The package of an interface's name, with its version: `ns:package` and `1.0.0`.
fn package_of(name: &str) -> Option<(String, Option<semver::Version>)> {
    match DependencyName::parse(name).ok()? {
        DependencyName::Package {
            package,
            interface: Some(_),
            version,
        } => Some((package, version)),
        _ => None,
    }
}
