//! Training the model of the handler that classifies.

use crate::tools::{cargo, heading, run};
use anyhow::Result;
use std::path::Path;

/// Builds the trainer and runs it with `arguments`; the model and its card go into models/ unless they say otherwise.
pub(crate) fn run_train(root: &Path, arguments: &[String]) -> Result<()> {
    heading("training");
    let mut command = cargo(root, ["run", "--release", "--package", "train", "--"]);
    command.args(arguments);
    run(&mut command, "training")
}
