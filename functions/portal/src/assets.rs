//! Style sheet, script and mark.

use pages::assets::{Assets, File, SHARED};
use web::Reply;

/// What only this site loads.
pub static OWN: Assets = Assets {
    folder: "/assets",
    files: &[File {
        name: "site.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../static/site.js"),
    }],
};

/// The file under its name with the digest.
pub fn file(name: &str) -> Option<Reply> {
    SHARED.file(name).or_else(|| OWN.file(name))
}
