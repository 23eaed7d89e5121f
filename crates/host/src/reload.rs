//! Replacing one component while all go on.

use crate::app::App;
use crate::engine::CompileError;
use manifest::Problem;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a component stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The manifest has no component of this id that is reached by a trigger.
    #[error("there is no component `{0}` with a trigger")]
    Unknown(String),
    /// A file that it is made of is not there.
    #[error("{} is not there", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Its files do not fit together.
    #[error("{0}")]
    Manifest(Problem),
    /// It cannot be compiled, or it imports what this host does not have.
    #[error("{0}")]
    Compile(CompileError),
}

impl App {
    /// Makes the component `id` anew of the files that are there now, and lets it serve all requests from then on.
    ///
    /// Requests that have begun end with the old version. The manifest, the variables and the files that the
    /// component sees stay as they were when the application was loaded.
    ///
    /// # Errors
    /// [`ReloadError`]; the old version, if there is one, goes on serving.
    pub async fn reload(self: &Arc<Self>, id: &str) -> Result<(), ReloadError> {
        let slot = self
            .components
            .get(id)
            .ok_or_else(|| ReloadError::Unknown(id.to_owned()))?;
        let _turn = slot.reloading.lock().await;
        let pool = self.make(slot).await?;
        slot.replace(pool);
        tracing::info!(component = id, "reloaded");
        Ok(())
    }
}
