//! Style sheet and scripts of the desk.

use pages::assets::{Assets, File};

/// What only the desk loads.
pub static OWN: Assets = Assets {
    folder: "/desk/assets",
    files: &[
        File {
            name: "office.css",
            media_type: "text/css; charset=utf-8",
            content: include_bytes!("../static/office.css"),
        },
        File {
            name: "office.js",
            media_type: "text/javascript; charset=utf-8",
            content: include_bytes!("../static/office.js"),
        },
        File {
            name: "alarm.js",
            media_type: "text/javascript; charset=utf-8",
            content: include_bytes!("../static/alarm.js"),
        },
        File {
            name: "watcher.js",
            media_type: "text/javascript; charset=utf-8",
            content: include_bytes!("../static/watcher.js"),
        },
    ],
};
