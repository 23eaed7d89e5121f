//! Files with the keys of publishers.

use anyhow::{Context, Result};
use publishing::signature::Secret;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Reads the file that [`write`] made.
pub(crate) fn read(file: &Path) -> Result<Secret> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Secret::parse(&text).with_context(|| {
        format!(
            "{} is no key made by `wenzheng handler key new`",
            file.display()
        )
    })
}

/// Writes the key into a new file that only this user can read.
pub(crate) fn write(secret: &Secret, file: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .and_then(|mut file| file.write_all(secret.text().as_bytes()))
        .with_context(|| format!("{} cannot be made", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_in_a_private_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("parks.key");
        let secret = Secret::generate().expect("a key");
        write(&secret, &file).expect("written");
        assert!(write(&secret, &file).is_err(), "no key is overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(read(&file).expect("read").public(), secret.public());
        fs::write(&file, "something else").expect("written");
        assert!(read(&file).is_err());
    }
}
