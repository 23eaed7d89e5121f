//! `wenzheng migrate`: the database, ready for this runner or for Spin.

use crate::archive;
use crate::place::{DistrictPlace, Place};
use crate::prepare;
use anyhow::Result;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    district: DistrictPlace,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = arguments.place.manifest()?;
    let target = arguments.place.target(&manifest)?;
    let database = prepare::run(
        &target,
        &arguments.district.folder(&manifest)?,
        &arguments.place.variables,
    )
    .await?;
    archive::keep(&mut database.connection().await?, &manifest).await?;
    prepare::first_admin(&database).await?;
    Ok(ExitCode::SUCCESS)
}
