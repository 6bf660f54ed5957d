//! What waits for a person who says nothing, and when it is to be looked at next.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due)
        VALUES ($1, $2, $3, $4, 0, NULL, $5) ON CONFLICT (desk, kind, item) DO NOTHING";
    LIST_DUE = "SELECT kind, item, since, stage, told_at FROM silences
        WHERE desk = $1 AND look_due <= $2 ORDER BY look_due, kind, item LIMIT 2000";
    SAVE = "UPDATE silences SET since = $4, stage = $5, told_at = $6, look_due = $7
        WHERE desk = $1 AND kind = $2 AND item = $3";
    END = "DELETE FROM silences WHERE desk = $1 AND kind = $2 AND item = $3";
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSilence {
    /// `request`, `parked` or `case`.
    pub kind: String,
    /// The number of the request or the key of the case; the fingerprint of a parked mail.
    pub item: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// How many reminders were told.
    pub stage: i64,
    /// When the last one was told.
    pub told_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<StoredSilence, StoreError> {
    Ok(StoredSilence {
        kind: row.text(0)?,
        item: row.text(1)?,
        since: row.time(2)?,
        stage: row.int(3)?,
        told_at: row.maybe_time(4)?,
    })
}

/// Records that something waits since a moment; the next tick looks at it. What is recorded already stays as it is.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, kind: &str, item: &str, since: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(RECORD, args![desk, kind, item, since, since]).await
}

/// What is to be looked at by a moment, the longest due first; a bounded number, and the next tick lists the rest.
///
/// # Errors
/// What the database said.
pub async fn list_due(tx: &mut Tx, desk: &str, until: Timestamp) -> Result<Vec<StoredSilence>, StoreError> {
    tx.fetch(LIST_DUE, args![desk, until]).await?.iter().map(read).collect()
}

/// Writes what was told and when to look next.
///
/// # Errors
/// What the database said.
pub async fn save(tx: &mut Tx, desk: &str, s: &StoredSilence, look_due: Timestamp) -> Result<(), StoreError> {
    let args = args![desk, &s.kind, &s.item, s.since, s.stage, s.told_at, look_due];
    tx.execute(SAVE, args).await.map(|_| ())
}

/// It waits no longer.
///
/// # Errors
/// What the database said.
pub async fn end(tx: &mut Tx, desk: &str, kind: &str, item: &str) -> Result<(), StoreError> {
    tx.execute(END, args![desk, kind, item]).await.map(|_| ())
}
