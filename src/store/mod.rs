//! All SQL, and nothing but SQL: the same text for SQLite and PostgreSQL.
//!
//! Verbs are a closed list: `claim`, `find`, `list`, `record`, `save`, `enqueue`, `lease`, and `ask`, which asks for many at
//! once what `find` and `list` then give for one. The store never decides.

mod answers;
mod checkpoint;
mod db;
mod durable;
mod later;
mod lists;
mod lock;
mod tx;
mod value;

pub mod audit;
pub mod cards;
pub mod cases;
pub mod changes;
pub mod clocks;
pub mod directory;
pub mod forgetting;
pub mod letters;
pub mod mailboxes;
pub mod marks;
pub mod messages;
pub mod numbers;
pub mod raw;
pub mod requests;
pub mod restores;
pub mod retention;
pub mod schema;
pub mod silences;
pub mod snapshot;
pub mod summary;
pub mod watch;

pub use db::{Db, StoreError};
pub use later::{Owned, Topic};
pub use lock::{Lock, LockKeeper};
pub use tx::Tx;
pub use value::{Row, Value};

/// Declares the statements of a file as constants and lists them, so that a test can prepare each on both databases.
///
/// `+ 0` behind a key keeps SQLite, which knows no sizes, from walking all rows of a desk by that key, in the order that is
/// asked or because it is not NULL, in place of the few of one client, state or id.
macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: &str = $sql;)*
        /// Every statement of this file, by name.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// Binds the arguments of a statement in order.
macro_rules! args {
    ($($arg:expr),* $(,)?) => { &[$($crate::store::Value::from($arg)),*] };
}
pub(crate) use args;

/// Every statement of the store, by file and name.
#[must_use]
pub fn all_statements() -> Vec<(&'static str, &'static str)> {
    [
        audit::STATEMENTS,
        cards::STATEMENTS,
        cases::STATEMENTS,
        changes::STATEMENTS,
        clocks::STATEMENTS,
        db::STATEMENTS,
        directory::STATEMENTS,
        forgetting::STATEMENTS,
        forgetting::rows::STATEMENTS,
        letters::STATEMENTS,
        mailboxes::STATEMENTS,
        marks::STATEMENTS,
        messages::STATEMENTS,
        numbers::STATEMENTS,
        raw::STATEMENTS,
        requests::STATEMENTS,
        restores::STATEMENTS,
        schema::STATEMENTS,
        retention::STATEMENTS,
        silences::STATEMENTS,
        snapshot::STATEMENTS,
        summary::STATEMENTS,
        watch::STATEMENTS,
    ]
    .concat()
}

/// A moment as the database keeps it: microseconds since 1970 in UTC.
#[must_use]
pub fn to_micros(at: jiff::Timestamp) -> i64 {
    at.as_microsecond()
}

/// A moment as it was kept; one outside of jiff's range is a fault of the row and reads as 1970.
#[must_use]
pub fn from_micros(micros: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
