//! Components of past decisions: out of the archive, or as the manifest names them now.

use crate::database::Connection;
use anyhow::{Context, Result};
use host::department::{DepartmentHandler, DepartmentLimits};
use host::{AnswerHandler, ClassifyHandler, Engine, HandlerLimits, ReviewHandler, RouteHandler};
use manifest::Manifest;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use store::handlers;

/// More than any decision took: a replay may run on a slower machine.
const LIMITS: HandlerLimits = HandlerLimits {
    memory: 64 << 20,
    time: Duration::from_secs(5),
};

/// Finds components by their digest, and makes handlers of them.
pub(super) struct Components {
    cache: PathBuf,
    /// The default handlers that the manifest names now, by digest in hexadecimal.
    shipped: HashMap<String, Rc<Vec<u8>>>,
}

impl Components {
    pub(super) fn of(manifest: &Manifest) -> Components {
        let shipped = crate::archive::defaults(manifest)
            .into_iter()
            .filter_map(|file| fs::read(file).ok())
            .map(|wasm| (seal::hex(&seal::digest(&[&wasm])), Rc::new(wasm)))
            .collect();
        Components {
            cache: manifest.base_dir().join(".wenzheng/cache"),
            shipped,
        }
    }

    /// The component whose digest is `sha256`; none where it is neither archived nor in use.
    async fn find(&self, connection: &mut Connection, sha256: &str) -> Result<Option<Rc<Vec<u8>>>> {
        if let Some(wasm) = self.shipped.get(sha256) {
            return Ok(Some(wasm.clone()));
        }
        let Some(digest) = bytes(sha256) else {
            return Ok(None);
        };
        let archived = handlers::component(connection, &digest).await?;
        // What is not what it says it is, is not what decided.
        Ok(archived
            .filter(|wasm| seal::digest(&[wasm]).as_slice() == digest)
            .map(Rc::new))
    }

    pub(super) async fn department(
        &self,
        connection: &mut Connection,
        sha256: &str,
    ) -> Result<Option<DepartmentHandler>> {
        let Some(wasm) = self.find(connection, sha256).await? else {
            return Ok(None);
        };
        let limits = DepartmentLimits::default();
        let engine = Engine::for_departments(limits.memory)?;
        let handler = DepartmentHandler::new(&engine, &wasm, &self.cache, limits);
        Ok(Some(handler.context("the archived component")?))
    }
}

/// One function for each stage whose default handler can be called from here.
macro_rules! stages {
    ($($name:ident: $handler:ty),*) => {
        impl Components {
            $(pub(super) async fn $name(
                &self,
                connection: &mut Connection,
                sha256: &str,
            ) -> Result<Option<$handler>> {
                let Some(wasm) = self.find(connection, sha256).await? else {
                    return Ok(None);
                };
                let handler = <$handler>::new(&wasm, &self.cache, LIMITS);
                Ok(Some(handler.context("the archived component")?))
            })*
        }
    };
}

stages!(classify: ClassifyHandler, route: RouteHandler, answer: AnswerHandler, review: ReviewHandler);

/// The bytes of a digest in hexadecimal.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read() {
        let digest = seal::digest(&[b"x"]);
        assert_eq!(bytes(&seal::hex(&digest)), Some(digest.to_vec()));
        assert_eq!(bytes("unknown"), None);
        assert_eq!(bytes(&"zz".repeat(32)), None);
    }
}
