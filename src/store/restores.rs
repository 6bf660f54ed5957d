//! Desks that were restored from a backup: what waits until somebody resumes them.

use jiff::Timestamp;
use serde::Serialize;

use super::{Db, Row, StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO restores (desk, taken_at, restored_at) VALUES ($1, $2, $3) ON CONFLICT (desk) DO UPDATE SET
        taken_at = excluded.taken_at, restored_at = excluded.restored_at, resumed_at = NULL, caught_up_at = NULL";
    SET_ASIDE = "UPDATE letters SET state = 'held', lease_owner = NULL, uncertain_at = $2, set_aside_at = $2
        WHERE desk = $1 AND state IN ('queued', 'sending')";
    DOUBT = "UPDATE letters SET uncertain_at = $2 WHERE desk = $1 AND state IN ('held', 'given-up')";
    FIND = "SELECT taken_at, restored_at, resumed_at, caught_up_at FROM restores WHERE desk = $1";
    RESUME = "UPDATE restores SET resumed_at = $2 WHERE desk = $1 AND resumed_at IS NULL";
    CATCH_UP = "UPDATE restores SET caught_up_at = $2 WHERE desk = $1";
    COUNT_ASIDE = "SELECT CAST(COUNT(*) AS BIGINT) FROM letters
        WHERE desk = $1 AND state = 'held' AND set_aside_at IS NOT NULL";
    RELEASE_ASIDE = "UPDATE letters SET state = 'queued', attempt_due = $2
        WHERE desk = $1 AND state = 'held' AND set_aside_at IS NOT NULL";
    DROP_ASIDE = "UPDATE letters SET state = 'dropped'
        WHERE desk = $1 AND state = 'held' AND set_aside_at IS NOT NULL";
}

/// What is known of the last restore of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Restore {
    /// When the backup was taken.
    pub taken_at: Timestamp,
    /// When it was restored. What was received before may have been decided before, too.
    pub restored_at: Timestamp,
    /// When somebody resumed the desk; until then it reads no mail.
    pub resumed_at: Option<Timestamp>,
    /// When the clock had told everything that came due before the restore; until then what it tells may be a repeat.
    pub caught_up_at: Option<Timestamp>,
}

impl Restore {
    /// Whether the desk waits for somebody to resume it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.resumed_at.is_none()
    }

    /// Whether what the clock tells may have been told before.
    #[must_use]
    pub fn is_catching_up(&self) -> bool {
        self.caught_up_at.is_none()
    }
}

fn read(row: &Row) -> Result<Restore, StoreError> {
    Ok(Restore {
        taken_at: row.time(0)?,
        restored_at: row.time(1)?,
        resumed_at: row.maybe_time(2)?,
        caught_up_at: row.maybe_time(3)?,
    })
}

/// The desk was restored: it reads no mail, its letters that were still to go are set aside, and of each that may have left
/// since the backup was taken it is uncertain. Gives how many were set aside.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, taken_at: Timestamp, restored_at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(RECORD, args![desk, taken_at, restored_at]).await?;
    tx.execute(DOUBT, args![desk, restored_at]).await?;
    tx.execute(SET_ASIDE, args![desk, restored_at]).await
}

/// The last restore of a desk.
///
/// # Errors
/// What the database said.
pub async fn find(db: &Db, desk: &str) -> Result<Option<Restore>, StoreError> {
    db.fetch(FIND, args![desk]).await?.first().map(read).transpose()
}

/// As [`find`], inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn find_in(tx: &mut Tx, desk: &str) -> Result<Option<Restore>, StoreError> {
    tx.find(FIND, args![desk]).await?.as_ref().map(read).transpose()
}

/// The desk reads its mail again; false where it did not wait.
///
/// # Errors
/// What the database said.
pub async fn save_resumed(tx: &mut Tx, desk: &str, at: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(RESUME, args![desk, at]).await? == 1)
}

/// The clock has told everything that came due before the restore.
///
/// # Errors
/// What the database said.
pub async fn save_caught_up(tx: &mut Tx, desk: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(CATCH_UP, args![desk, at]).await
}

/// How many letters are set aside.
///
/// # Errors
/// What the database said.
pub async fn count_aside(db: &Db, desk: &str) -> Result<i64, StoreError> {
    db.fetch(COUNT_ASIDE, args![desk]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Lets the letters go that are set aside; gives how many.
///
/// # Errors
/// What the database said.
pub async fn save_aside_released(tx: &mut Tx, desk: &str, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(RELEASE_ASIDE, args![desk, at]).await
}

/// Lets the letters never go that are set aside; gives how many.
///
/// # Errors
/// What the database said.
pub async fn save_aside_dropped(tx: &mut Tx, desk: &str) -> Result<u64, StoreError> {
    tx.execute(DROP_ASIDE, args![desk]).await
}
