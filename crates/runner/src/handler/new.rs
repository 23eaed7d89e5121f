//! `wenzheng handler new`: a department's folder to begin with.

use super::gate::is_identifier;
use super::project;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The files of the template; `{{department}}` and `{{crate}}` are filled in.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    ("src/lib.rs", include_str!("template/lib.rs.in")),
    ("cases.toml", include_str!("template/cases.toml.in")),
    ("spin.toml", include_str!("template/spin.toml.in")),
    ("README.md", include_str!("template/README.md.in")),
    (".gitignore", "target/\n.spin/\n"),
];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder to make.
    folder: PathBuf,
    /// Identifier of the department, as the district's data has it; else the folder's name.
    #[arg(long)]
    department: Option<String>,
    /// The folder of the crate wenzheng-handler; else it is looked for above the new folder and here.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = &arguments.folder;
    let department = match &arguments.department {
        Some(department) => department.clone(),
        None => folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .context("the folder has no name; say --department")?,
    };
    ensure!(
        is_identifier(&department),
        "“{department}” is no identifier of a department: lower-case letters, digits and hyphens"
    );
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} has something in it already", folder.display());
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let sdk = match &arguments.sdk {
        Some(sdk) => fs::canonicalize(sdk).with_context(|| sdk.display().to_string())?,
        None => project::find_crate(folder)
            .or_else(|| project::find_crate(Path::new(".")))
            .context("the crate wenzheng-handler is not found: run this inside the repository, or say --sdk")?,
    };
    let sdk = relative(&fs::canonicalize(folder)?, &sdk);
    write(folder, &department, &sdk)?;
    println!("Made {}. Next:", folder.display());
    println!("  wenzheng handler build {}", folder.display());
    println!("  wenzheng handler test {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, department: &str, sdk: &Path) -> Result<()> {
    // Windows takes slashes too, and TOML takes no backslashes.
    let sdk_text = sdk.to_string_lossy().replace('\\', "/");
    let repository = sdk_text
        .trim_end_matches("crates/handler")
        .trim_end_matches('/');
    let shell = format!("{repository}/target/wasm32-wasip2/component/department.wasm");
    for (name, template) in FILES {
        let file = folder.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        let text = template
            .replace("{{department}}", department)
            .replace("{{crate}}", &sdk_text)
            .replace("{{repository}}", repository)
            .replace("{{shell}}", &shell);
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The way from the folder `from` to `to`, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    // Nothing in common but the root: the absolute path is shorter and plainer.
    if common <= 1 {
        return to.to_owned();
    }
    let mut way: PathBuf = from.components().skip(common).map(|_| "..").collect();
    way.extend(to.components().skip(common));
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in_completely() {
        let directory = tempfile::tempdir().expect("a directory");
        write(directory.path(), "parks", Path::new("../../crates/handler")).expect("written");
        for (name, _) in FILES {
            let text = fs::read_to_string(directory.path().join(name)).expect("a file");
            assert!(!text.contains("{{"), "{name}: {text}");
        }
        let cargo = fs::read_to_string(directory.path().join("Cargo.toml")).expect("a file");
        assert!(
            cargo.contains(r#"path = "../../crates/handler""#)
                && cargo.contains(r#"name = "parks""#)
        );
        let spin = fs::read_to_string(directory.path().join("spin.toml")).expect("a file");
        assert!(
            spin.contains(r#""../../target/wasm32-wasip2/component/department.wasm""#),
            "{spin}"
        );
        let cases = super::super::sample::parse(
            &fs::read_to_string(directory.path().join("cases.toml")).expect("a file"),
        );
        assert!(cases.is_ok(), "{cases:?}");
    }

    #[test]
    fn ways_are_relative_where_that_is_shorter() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(
            way("/a/b/departments/x", "/a/b/crates/handler"),
            Path::new("../../crates/handler")
        );
        assert_eq!(
            way("/x/y", "/a/crates/handler"),
            Path::new("/a/crates/handler")
        );
    }
}
