//! The declared world: one row for each expert, client, contract, person, position and so on.
//!
//! The directory of a small firm is read whole into memory and asked there; the rows only keep what was declared, by
//! whom, and until when. The version tells when a copy in memory is stale.

use jiff::Timestamp;

use super::{Db, Row, StoreError, Tx, args, statements};

statements! {
    SAVE = "INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (desk, kind, item_key)
        DO UPDATE SET source = $4, body = $5, ended_at = NULL";
    END = "UPDATE directory_items SET ended_at = $4 WHERE desk = $1 AND kind = $2 AND item_key = $3 AND ended_at IS NULL";
    LIST = "SELECT kind, item_key, source, body, ended_at FROM directory_items WHERE desk = $1 ORDER BY kind, item_key";
    BUMP = "UPDATE desks SET directory_version = directory_version + 1 WHERE desk = $1";
    VERSION = "SELECT directory_version FROM desks WHERE desk = $1";
    LIST_DESKS = "SELECT desk FROM desks ORDER BY desk";
}

/// One declared thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// What it is: `client`, `person`, `position`, …
    pub kind: String,
    /// Its key among its kind.
    pub key: String,
    /// The file that declared it, or `command`.
    pub source: String,
    /// What was declared, as JSON.
    pub body: String,
    /// From when on it is no longer valid.
    pub ended_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<ItemRow, StoreError> {
    Ok(ItemRow {
        kind: row.text(0)?,
        key: row.text(1)?,
        source: row.text(2)?,
        body: row.text(3)?,
        ended_at: row.maybe_time(4)?,
    })
}

/// Adds or changes an item; one that had ended lives again.
///
/// # Errors
/// What the database said.
pub async fn save(tx: &mut Tx, desk: &str, item: &ItemRow, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(SAVE, args![desk, &item.kind, &item.key, &item.source, &item.body, now]).await
}

/// Ends an item by date; cases may refer to it, so it is never deleted.
///
/// # Errors
/// What the database said.
pub async fn save_end(tx: &mut Tx, desk: &str, kind: &str, key: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(END, args![desk, kind, key, at]).await
}

/// Says that copies in memory are stale.
///
/// # Errors
/// What the database said.
pub async fn save_version(tx: &mut Tx, desk: &str) -> Result<(), StoreError> {
    tx.execute_later(BUMP, args![desk]).await
}

/// The version of the directory; 0 before the first import.
///
/// # Errors
/// What the database said.
pub async fn find_version(tx: &mut Tx, desk: &str) -> Result<i64, StoreError> {
    let row = tx.find(VERSION, args![desk]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// As [`find_version`], outside of any transaction.
///
/// # Errors
/// What the database said.
pub async fn find_version_now(db: &Db, desk: &str) -> Result<i64, StoreError> {
    db.fetch(VERSION, args![desk]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Everything that was ever declared for a desk, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_in(tx: &mut Tx, desk: &str) -> Result<Vec<ItemRow>, StoreError> {
    tx.fetch(LIST, args![desk]).await?.iter().map(read).collect()
}

/// Everything that was ever declared for a desk.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str) -> Result<Vec<ItemRow>, StoreError> {
    db.fetch(LIST, args![desk]).await?.iter().map(read).collect()
}

/// The desks that the database knows.
///
/// # Errors
/// What the database said.
pub async fn list_desks(db: &Db) -> Result<Vec<String>, StoreError> {
    db.fetch(LIST_DESKS, args![]).await?.iter().map(|row| row.text(0)).collect()
}
