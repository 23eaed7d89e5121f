//! The files that a component sees.
//!
//! What `files` declares is copied once, when the application starts, into a directory for each component, which its
//! instances get read-only as `/`. A later change of a file shows with the next start or reload of the component.

use manifest::FileMount;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Copies `mounts` of the manifest's folder `base` into `target`, whose old content goes.
///
/// # Errors
/// The file in question and what the operating system said.
pub(crate) fn lay_out<'m>(
    mounts: impl IntoIterator<Item = &'m FileMount>,
    base: &Path,
    target: &Path,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    match fs::remove_dir_all(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err((target.to_owned(), error));
        }
        _ => {}
    }
    crate::engine::private_dir(target).map_err(at(target))?;
    for mount in mounts {
        let source = base.join(&mount.source);
        let destination = target.join(mount.destination.trim_start_matches('/'));
        copy(&source, &destination).map_err(at(&source))?;
    }
    Ok(())
}

/// Copies a file, or a folder with all that is in it. Links are followed.
fn copy(source: &Path, destination: &Path) -> io::Result<()> {
    if !fs::metadata(source)?.is_dir() {
        if let Some(parent) = destination.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(source, destination)?;
        return Ok(());
    }
    fs::create_dir_all(destination)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        copy(&entry.path(), &destination.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_laid_out() {
        let base = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(base.path().join("texts/zh")).expect("a folder");
        fs::write(base.path().join("texts/zh/a.txt"), "a").expect("a file");
        fs::write(base.path().join("b.txt"), "b").expect("a file");
        let mount = |source: &str, destination: &str| FileMount {
            source: source.into(),
            destination: destination.into(),
        };
        let target = base.path().join("laid/out");
        let mounts = [
            mount("texts", "t"),
            mount("b.txt", "b.txt"),
            mount("texts", ""),
        ];
        lay_out(&mounts, base.path(), &target).expect("laid out");
        lay_out(&mounts, base.path(), &target).expect("laid out again");
        for file in ["t/zh/a.txt", "b.txt", "zh/a.txt"] {
            assert!(target.join(file).is_file(), "{file}");
        }
        let (path, _) =
            lay_out(&[mount("missing", "")], base.path(), &target).expect_err("an error");
        assert!(path.ends_with("missing"));
    }
}
