//! `wenzheng migrate`: the database, ready for this runner or for Spin.

use crate::place::Place;
use crate::prepare;
use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The district's data.
    #[arg(long, value_name = "FOLDER", default_value = "districts/yinzhou")]
    district: PathBuf,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = arguments.place.manifest()?;
    let target = arguments.place.target(&manifest)?;
    prepare::run(&target, &arguments.district, &arguments.place.variables).await?;
    Ok(ExitCode::SUCCESS)
}
