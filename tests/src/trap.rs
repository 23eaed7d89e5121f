//! Components that fit the contract and are good for nothing.

use std::path::Path;

use anyhow::{Context, Result};

/// A component of `world`, such as `classify-handler`, out of the contract in
/// `wit/`, that traps whatever it is asked.
///
/// # Errors
///
/// There is no such world, or the contract cannot be read.
pub fn trapping(world: &str) -> Result<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the repository")?;
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_path(root.join("wit"))?;
    let world = resolve.select_world(&[package], Some(world))?;
    let mangling = wit_parser::ManglingAndAbi::Standard32;
    let mut module = wit_component::dummy_module(&resolve, world, mangling);
    wit_component::embed_component_metadata(
        &mut module,
        &resolve,
        world,
        wit_component::StringEncoding::UTF8,
    )?;
    let component = wit_component::ComponentEncoder::default()
        .module(&module)?
        .validate(true)
        .encode()?;
    Ok(component)
}
