//! A department's folder: where its parts are, and how its component is built.

use anyhow::{Context, Result, bail, ensure};
use manifest::component_bytes;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a handler in Rust is compiled for: a target that has nothing of an operating system.
const TARGET: &str = "wasm32-unknown-unknown";

/// The folder of one department's handler.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Project {
    /// The department's folder.
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

impl Project {
    /// Where the built component is.
    pub(crate) fn component(&self) -> PathBuf {
        self.folder.join("target/handler.wasm")
    }

    /// Where compiled code is kept between commands.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join("target/wenzheng-cache")
    }

    /// Reads the built component.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        let file = self.component();
        fs::read(&file).with_context(|| {
            format!(
                "{} cannot be read; run `wenzheng handler build {}` first",
                file.display(),
                self.folder.display()
            )
        })
    }

    /// Builds the component, and beside it the digest that a Spin application of it names; returns its size.
    pub(crate) fn build(&self) -> Result<usize> {
        ensure!(
            self.folder.join("Cargo.toml").is_file(),
            "{} has no Cargo.toml; a component made in another language goes to {} as it is",
            self.folder.display(),
            self.component().display()
        );
        let module = self.cargo()?;
        let core =
            fs::read(&module).with_context(|| format!("{} cannot be read", module.display()))?;
        let component = component_bytes(&core)
            .with_context(|| format!("no component can be made of {}", module.display()))?;
        let note = self.folder.join("target/handler/handler.json");
        let sha256 = seal::hex(&seal::digest(&[&component]));
        write(&note, format!("{{\"sha256\":\"{sha256}\"}}\n").as_bytes())?;
        write(&self.component(), &component)?;
        Ok(component.len())
    }

    /// Runs cargo and returns the module it made.
    fn cargo(&self) -> Result<PathBuf> {
        let output = Command::new("cargo")
            .current_dir(&self.folder)
            .args(["build", "--release", "--target", TARGET])
            .args(["--message-format", "json-render-diagnostics"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be started: install Rust from https://rustup.rs")?;
        if !output.status.success() {
            bail!("the build failed; if the target is missing, run: rustup target add {TARGET}");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        module(&messages).context(
            "the build made no module: the crate needs crate-type = [\"cdylib\"] under [lib] in Cargo.toml",
        )
    }
}

/// Writes a file in one step, with its folder.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let unfinished = file.with_extension("new");
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&unfinished, content))
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// The last module of WebAssembly that cargo's messages name: the package's own comes last.
fn module(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .rfind(|name| {
            name.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}

/// The folder of the crate `wenzheng-handler`, here or above `from`.
pub(crate) fn find_crate(from: &Path) -> Option<PathBuf> {
    let from = fs::canonicalize(from).ok()?;
    from.ancestors()
        .map(|folder| folder.join("crates/handler"))
        .find(|folder| folder.join("Cargo.toml").is_file() && folder.join("src/lib.rs").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_own_module_is_found() {
        let messages = r#"{"reason":"compiler-artifact","filenames":["a/libx.rlib"]}
{"reason":"compiler-artifact","filenames":["a/parks.wasm","a/libparks.rlib"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(module(messages), Some(PathBuf::from("a/parks.wasm")));
        assert_eq!(module("not json"), None);
    }

    #[test]
    fn the_crate_is_found_above() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            find_crate(&here.join("src")).is_some_and(|found| found.ends_with("crates/handler"))
        );
    }
}
