//! What is known of statements before they run.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::keyword::{first_keyword, has_word};

/// Plans that are kept; the platform has some 200 statements. They are only
/// dropped if a guest makes up statements without end.
const KEPT: usize = 2048;

/// What is known of a statement before it runs.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// It writes, or takes the write lock (`BEGIN IMMEDIATE`).
    pub(super) writes: bool,
    /// It changes rows, as `changes()` counts them.
    pub(super) changes_rows: bool,
    /// It may ask what the statement before it did: it names `changes` or `last_insert_rowid`.
    pub(super) asks: bool,
    /// `COMMIT`, `END` or `RELEASE`.
    pub(super) ends_transaction: bool,
    /// It begins, divides or ends a transaction, and does nothing else.
    pub(super) controls_transaction: bool,
    /// It may wait for the disk whatever it did the last time.
    pub(super) touches_disk: bool,
    /// It ran long the last time.
    pub(super) slow: bool,
}

impl Plan {
    /// The plan of `sql`, of which SQLite says whether it writes.
    pub(super) fn of(sql: &str, writes: bool) -> Plan {
        let keyword = first_keyword(sql);
        let is = |words: &[&str]| words.contains(&keyword.as_str());
        Plan {
            writes,
            changes_rows: writes && is(&["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]),
            asks: has_word(sql, "changes") || has_word(sql, "last_insert_rowid"),
            ends_transaction: is(&["COMMIT", "END", "RELEASE"]),
            controls_transaction: is(&[
                "BEGIN",
                "COMMIT",
                "END",
                "ROLLBACK",
                "SAVEPOINT",
                "RELEASE",
            ]),
            touches_disk: is(&["PRAGMA", "REINDEX", "ANALYZE"]),
            slow: false,
        }
    }

    /// How long the statement may run where others may for `limit`. SQLite
    /// looks at the clock now and then when a statement is *over*: a `COMMIT`
    /// would be reported as interrupted though it has committed.
    pub(super) fn limit(&self, limit: Duration) -> Option<Duration> {
        (!self.controls_transaction).then_some(limit)
    }
}

/// The plans of one database's statements.
#[derive(Default)]
pub(super) struct Plans(RwLock<HashMap<Box<str>, Plan>>);

impl Plans {
    pub(super) fn get(&self, sql: &str) -> Option<Plan> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
            .copied()
    }

    pub(super) fn keep(&self, sql: &str, plan: Plan) {
        let mut plans = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= KEPT {
            plans.clear();
        }
        plans.insert(sql.into(), plan);
    }

    /// Notes whether the statement is to run apart from now on.
    pub(super) fn set_slow(&self, sql: &str, slow: bool) {
        let mut plans = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get_mut(sql) {
            plan.slow = slow;
        }
    }
}
