//! Style sheets, scripts and pictures. Their names hold a digest of their
//! content, so browsers may keep them for ever.

use http::{StatusCode, header};
use web::Reply;

/// One file.
pub struct File {
    /// Its name without the digest, such as `site.css`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub content: &'static [u8],
}

/// Files that are served in one folder.
pub struct Assets {
    /// The folder, such as `/assets`.
    pub folder: &'static str,
    /// The files.
    pub files: &'static [File],
}

/// What all pages load; the citizens' site serves it.
pub static SHARED: Assets = Assets {
    folder: "/assets",
    files: &[
        File {
            name: "site.css",
            media_type: "text/css; charset=utf-8",
            content: include_bytes!("../static/site.css"),
        },
        File {
            name: "mark.svg",
            media_type: "image/svg+xml",
            content: include_bytes!("../static/mark.svg"),
        },
    ],
};

impl Assets {
    /// The address of the file `name`.
    pub fn address(&self, name: &str) -> String {
        let file = self.files.iter().find(|file| file.name == name);
        let hashed = file.map_or_else(|| name.to_owned(), hashed);
        format!("{}/{hashed}", self.folder)
    }

    /// The file under its name with the digest.
    pub fn file(&self, name: &str) -> Option<Reply> {
        let file = self.files.iter().find(|file| hashed(file) == name)?;
        Some(
            Reply::bytes(StatusCode::OK, file.media_type, file.content)
                .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        )
    }
}

thread_local! {
    /// Names that were made already, by the place of the content.
    static HASHED: std::cell::RefCell<Vec<(*const u8, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The name with ten digits of the content's digest before its ending.
fn hashed(file: &File) -> String {
    let at = file.content.as_ptr();
    let known = HASHED.with_borrow(|names| {
        let found = names.iter().find(|(other, _)| *other == at);
        found.map(|(_, name)| name.clone())
    });
    known.unwrap_or_else(|| {
        let name = hashed_name(file.name, file.content);
        HASHED.with_borrow_mut(|names| names.push((at, name.clone())));
        name
    })
}

fn hashed_name(name: &str, content: &[u8]) -> String {
    let digest = seal::hex(&seal::digest(&[content])[..5]);
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}-{digest}.{ending}"),
        None => format!("{name}-{digest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_digest_in_the_name() {
        assert_eq!(hashed_name("a.css", b"").len(), "a-0123456789.css".len());
        assert_ne!(hashed_name("a.css", b"x"), hashed_name("a.css", b"y"));
        let address = SHARED.address("site.css");
        let name = address.strip_prefix("/assets/");
        assert!(
            name.and_then(|name| SHARED.file(name)).is_some(),
            "{address}"
        );
        assert!(SHARED.file("site.css").is_none());
    }
}
