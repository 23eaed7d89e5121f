//! `wenzheng check`: everything that can be checked without running.

use crate::place::sentence;
use anyhow::Result;
use manifest::Manifest;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The manifest of the application.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
    /// The district's data.
    #[arg(long, value_name = "FOLDER", default_value = "districts/yinzhou")]
    district: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = Manifest::load(&arguments.from).map_err(|problems| sentence(&problems))?;
    let problems = manifest::check(&manifest, manifest.base_dir());
    for problem in &problems {
        eprintln!("{problem}");
    }
    let mut failed = problems.iter().any(|problem| problem.is_error());
    if let Err(problems) = district::check(&arguments.district) {
        failed = true;
        for problem in problems {
            eprintln!("{}/{problem}", arguments.district.display());
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
        arguments.district.display()
    );
    Ok(ExitCode::SUCCESS)
}
