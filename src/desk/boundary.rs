//! Named boundaries between two effects, at which a test build can be told to die.
//!
//! The kill test proves that nothing is lost or doubled wherever the process ends. Only builds with the feature
//! `boundaries` look at `CASEPOST_DIE_AT`; in every other build [`reach`] is empty.

/// Every boundary that a mail and its letters meet, in their order.
pub const ALL: &[&str] = &[
    "after-list",
    "before-fetch",
    "after-fetch",
    "before-attempt",
    "after-attempt",
    "after-parse",
    "after-parse-ahead",
    "after-begin",
    "before-message",
    "after-claim",
    "after-facts",
    "after-decide",
    "after-record",
    "after-booking",
    "after-render",
    "after-raw",
    "after-enqueue",
    "after-message",
    "before-commit",
    "after-commit",
    "before-file-away",
    "after-file-away",
    "before-fetched",
    "after-filed",
    "before-lease",
    "after-lease",
    "after-load",
    "before-data",
    "after-final-dot",
    "after-send",
    "before-sent",
    "after-sent",
];

/// The boundaries between deciding, recording and sending the weekly summaries, which are met on Mondays alone.
pub const OF_SUMMARIES: &[&str] = &[
    "before-summaries",
    "after-summary-claim",
    "after-summary-post",
    "before-summaries-commit",
    "after-summaries-commit",
    "after-desk-claim",
    "after-desk-post",
    "after-desk-commit",
];

/// Every boundary of a backup, in its order.
pub const OF_BACKUP: &[&str] = &["backup-copied", "backup-entry", "backup-written", "backup-renamed"];

/// Every boundary of a restore, in its order on SQLite.
pub const OF_RESTORE: &[&str] = &[
    "restore-marked",
    "restore-unpacked",
    "restore-raw",
    "restore-keys",
    "restore-set-aside",
    "restore-database",
    "restore-placed",
];

/// The process got here. `CASEPOST_DIE_AT=NAME` or `NAME:N` ends it at the first or n-th time, as SIGKILL does:
/// nothing is flushed, nothing cleaned up.
#[cfg(feature = "boundaries")]
pub fn reach(name: &'static str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static TIMES: AtomicU32 = AtomicU32::new(0);
    let is_declared = [ALL, OF_SUMMARIES, OF_BACKUP, OF_RESTORE].iter().any(|names| names.contains(&name));
    debug_assert!(is_declared, "{name} is not a declared boundary");
    let Ok(wanted) = std::env::var("CASEPOST_DIE_AT") else { return };
    let (wanted, times) = match wanted.split_once(':') {
        Some((wanted, times)) => (wanted.to_owned(), times.parse().unwrap_or(1)),
        None => (wanted, 1),
    };
    if wanted == name && TIMES.fetch_add(1, Ordering::SeqCst) + 1 == times {
        let me = std::process::id().to_string();
        let killed = std::process::Command::new("kill").args(["-9", &me]).status();
        tracing::error!(?killed, "the process outlived its own SIGKILL");
        std::process::abort();
    }
}

/// The process got here; nothing happens outside of test builds.
#[cfg(not(feature = "boundaries"))]
pub fn reach(_name: &'static str) {}
