//! What tags and commands changed on cases, until it is taken back; and which experts are away.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::change::{Change, KnownChange, Told};
use crate::domain::names::PersonKey;

use super::{StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO case_changes (desk, change_no, case_no, cause, changed_at, body, undone_at)
        VALUES ($1, $2, $3, $4, $5, $6, NULL)";
    UNDO = "UPDATE case_changes SET undone_at = $3 WHERE desk = $1 AND change_no = $2 AND undone_at IS NULL";
    LIST = "SELECT change_no, body FROM case_changes
        WHERE desk = $1 AND case_no = $2 AND undone_at IS NULL ORDER BY change_no DESC LIMIT 50";
    LIST_TOLD = "SELECT person, notice FROM letters
        WHERE desk = $1 AND cause = $2 AND person IS NOT NULL AND case_no IS NOT NULL ORDER BY letter_no + 0";
    SAVE_ABSENCE = "INSERT INTO absences (desk, person, fingerprint, since, until_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (desk, person) DO UPDATE SET fingerprint = $3, since = $4, until_at = $5";
    END_ABSENCE = "DELETE FROM absences WHERE desk = $1 AND person = $2";
    LIST_ABSENCES = "SELECT person, until_at FROM absences WHERE desk = $1 AND until_at > $2";
}

/// Keeps a change of a case.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, change_no: i64, case_no: i64, change: &Change) -> Result<(), StoreError> {
    let body = serde_json::to_string(change).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    tx.execute_later(RECORD, args![desk, change_no, case_no, &change.cause, change.at, &body]).await
}

/// Notes that a change was taken back; false when it was already.
///
/// # Errors
/// What the database said.
pub async fn save_undone(tx: &mut Tx, desk: &str, change_no: i64, at: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(UNDO, args![desk, change_no, at]).await? == 1)
}

/// The changes of a case that stand, the newest first.
///
/// # Errors
/// What the database said.
pub async fn list_kept(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<Change>, StoreError> {
    let rows = tx.fetch(LIST, args![desk, case_no]).await?;
    rows.iter().map(|row| row.parsed(1, |body| serde_json::from_str(body))).collect()
}

/// The changes of a case that stand, the newest first, with who was told of each.
///
/// # Errors
/// What the database said.
pub async fn list(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<KnownChange>, StoreError> {
    let rows = tx.fetch(LIST, args![desk, case_no]).await?;
    let mut known = Vec::new();
    for row in &rows {
        let change: Change = row.parsed(1, |body| serde_json::from_str(body))?;
        let told = tx.fetch(LIST_TOLD, args![desk, &change.cause]).await?;
        let told = told.iter().map(|row| {
            Ok::<_, StoreError>(Told { person: row.parsed(0, |key| PersonKey::new(key))?, notice: row.text(1)? })
        });
        known.push(KnownChange { change_no: row.int(0)?, told: told.collect::<Result<_, _>>()?, change });
    }
    Ok(known)
}

/// Keeps until when an expert is away, as their mail of that fingerprint says.
///
/// # Errors
/// What the database said.
pub async fn save_absence(
    tx: &mut Tx,
    desk: &str,
    person: &PersonKey,
    fingerprint: &str,
    since: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_later(SAVE_ABSENCE, args![desk, person.as_str(), fingerprint, since, until]).await
}

/// The expert is back.
///
/// # Errors
/// What the database said.
pub async fn end_absence(tx: &mut Tx, desk: &str, person: &PersonKey) -> Result<(), StoreError> {
    tx.execute_later(END_ABSENCE, args![desk, person.as_str()]).await
}

/// Who is away at a moment, and until when.
///
/// # Errors
/// What the database said.
pub async fn list_absences(
    tx: &mut Tx,
    desk: &str,
    at: Timestamp,
) -> Result<HashMap<PersonKey, Timestamp>, StoreError> {
    let rows = tx.fetch(LIST_ABSENCES, args![desk, at]).await?;
    rows.iter().map(|row| Ok((row.parsed(0, |key| PersonKey::new(key))?, row.time(1)?))).collect()
}
