//! What a statement may do: asked by SQLite while it prepares one.
//!
//! Connections are pooled, so nothing may be set that the next user would
//! find, and nothing that would weaken durability or reach other files.

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that only report, whatever their argument, or whose effect is on the
/// data or ends with the transaction.
const HARMLESS: &[&str] = &[
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "optimize",
    "page_count",
    "pragma_list",
    "quick_check",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
    "wal_checkpoint",
];

pub(super) fn authorize(context: &AuthContext<'_>, tainted: &AtomicBool) -> Authorization {
    match context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Function { function_name }
            if function_name.eq_ignore_ascii_case("load_extension") =>
        {
            Authorization::Deny
        }
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => pragma(pragma_name, pragma_value),
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. } => {
            tainted.store(true, Ordering::Relaxed);
            Authorization::Allow
        }
        _ => Authorization::Allow,
    }
}

fn pragma(name: &str, value: Option<&str>) -> Authorization {
    let name = name.to_ascii_lowercase();
    let Some(value) = value else {
        return Authorization::Allow;
    };
    // Setting what is set already is allowed: programs written for plain SQLite do it.
    let already = match name.as_str() {
        "journal_mode" => value.eq_ignore_ascii_case("wal"),
        "foreign_keys" => ["1", "on", "true", "yes"]
            .iter()
            .any(|on| value.eq_ignore_ascii_case(on)),
        // `schema_version` may be read, never written: a wrong one corrupts.
        "schema_version" => return Authorization::Deny,
        _ => HARMLESS.contains(&name.as_str()),
    };
    if already {
        Authorization::Allow
    } else {
        Authorization::Deny
    }
}
