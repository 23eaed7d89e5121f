//! One handler: from the core module that cargo made to the component that spin.toml names.

use anyhow::{Context, Result, ensure};
use manifest::{component_bytes, handler_report};
use std::fs;
use std::path::Path;

/// The only thing that a handler may import: it is nothing but types.
const TYPES: &str = "wenzheng:handlers/types@1.0.0";

/// Encodes the handler of `stage`, checks it and writes it beside its digest.
///
/// The digest goes into a folder of its own, which spin.toml mounts into the stage's function: every event that the
/// handler decides names it.
pub(crate) fn finish(root: &Path, stage: &str) -> Result<()> {
    let module = root.join(format!(
        "target/wasm32-unknown-unknown/component/{stage}_handler.wasm"
    ));
    let core = fs::read(&module).with_context(|| format!("{} cannot be read", module.display()))?;
    let component = component_bytes(&core)
        .with_context(|| format!("no component can be made of {}", module.display()))?;
    let report = handler_report(&component)
        .with_context(|| format!("the handler of {stage} is not valid"))?;
    let export = format!("wenzheng:handlers/{stage}@1.0.0");
    ensure!(
        report.exports.contains(&export),
        "the handler of {stage} does not export {export}"
    );
    for import in &report.imports {
        ensure!(
            import.types_only && import.name == TYPES,
            "the handler of {stage} imports {}; a handler may import nothing but {TYPES}",
            import.name
        );
    }

    let folder = root.join("target/handlers").join(stage);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let note = serde_json::json!({ "sha256": report.sha256 });
    replace(&folder.join("handler.json"), format!("{note}\n").as_bytes())?;
    replace(&folder.with_extension("wasm"), &component)?;
    eprintln!(
        "   {stage}-handler  {:>7} bytes  sha256 {}",
        report.size, report.sha256
    );
    Ok(())
}

/// Writes a file in one step, unless it is so already: a runner that watches it never sees half of it.
fn replace(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let unfinished = file.with_extension("new");
    fs::write(&unfinished, content)
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}
