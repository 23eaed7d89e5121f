//! Style sheet, script and mark. Their names hold a digest of their content,
//! so browsers may keep them for ever.

use http::{StatusCode, header};
use web::Reply;

/// Name, media type, content.
const FILES: [(&str, &str, &[u8]); 3] = [
    (
        "site.css",
        "text/css; charset=utf-8",
        include_bytes!("../static/site.css"),
    ),
    (
        "site.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../static/site.js"),
    ),
    (
        "mark.svg",
        "image/svg+xml",
        include_bytes!("../static/mark.svg"),
    ),
];

thread_local! {
    static NAMES: [String; FILES.len()] = FILES.map(|(name, _, content)| hashed(name, content));
}

/// The name with ten digits of the content's digest before its ending.
fn hashed(name: &str, content: &[u8]) -> String {
    let digest = seal::hex(&seal::digest(&[content])[..5]);
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}-{digest}.{ending}"),
        None => format!("{name}-{digest}"),
    }
}

/// The address of the file `name`.
pub fn address(name: &str) -> String {
    let index = FILES.iter().position(|(other, ..)| *other == name);
    NAMES.with(|names| format!("/assets/{}", index.map_or(name, |index| &names[index])))
}

/// The file under its name with the digest.
pub fn file(name: &str) -> Option<Reply> {
    let index = NAMES.with(|names| names.iter().position(|other| other == name))?;
    let (_, media_type, content) = FILES[index];
    Some(
        Reply::bytes(StatusCode::OK, media_type, content)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_digest_in_the_name() {
        assert_eq!(hashed("a.css", b"").len(), "a-0123456789.css".len());
        assert_ne!(hashed("a.css", b"x"), hashed("a.css", b"y"));
        let address = address("site.css");
        assert!(
            address.strip_prefix("/assets/").and_then(file).is_some(),
            "{address}"
        );
        assert!(file("site.css").is_none());
    }
}
