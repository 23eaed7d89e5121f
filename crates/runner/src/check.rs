//! `wenzheng check`: everything that can be checked without running.

use crate::place::{DistrictPlace, sentence};
use anyhow::Result;
use manifest::Manifest;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The manifest of the application.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
    #[command(flatten)]
    district: DistrictPlace,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = Manifest::load(&arguments.from).map_err(|problems| sentence(&problems))?;
    let problems = manifest::check(&manifest, manifest.base_dir());
    for problem in &problems {
        eprintln!("{problem}");
    }
    let mut failed = problems.iter().any(|problem| problem.is_error());
    let folder = arguments.district.folder(&manifest)?;
    if let Err(problems) = district::check(&folder) {
        failed = true;
        for problem in problems {
            eprintln!("{}/{problem}", folder.display());
        }
    }
    if failed {
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "{}: {} routes, {} components; {}: all right.",
        arguments.from.display(),
        manifest.triggers.len(),
        manifest.components.len(),
        folder.display()
    );
    Ok(ExitCode::SUCCESS)
}
