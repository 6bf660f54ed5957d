//! The strip-card ledger of each client: inserted, never changed.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::strip_card::Entry;

use super::{Db, Row, StoreError, Topic, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO entries (desk, entry_no, client, kind, card, real_minutes, charged_minutes, work_date,
        booked_at, booking_key, part, expert, position, case_no, message_id, description, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT (desk, booking_key, part) DO NOTHING";
    LIST_OF_CLIENT = "SELECT entry_no, body, booked_at, booking_key, position FROM entries
        WHERE desk = $1 AND client = $2 ORDER BY entry_no";
    LIST_SUBJECTS = "SELECT number, subject FROM cases
        WHERE desk = $1 AND case_no IN (SELECT case_no FROM entries WHERE desk = $1 AND client = $2)";
    FIND_KEY = "SELECT 1 FROM entries WHERE desk = $1 AND booking_key = $2 LIMIT 1";
}

/// A line of the ledger as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredEntry {
    /// Its number within the desk: lines stand in this order.
    pub entry_no: i64,
    /// The line itself.
    pub entry: Entry,
    /// When it was booked (the receipt of the mail, or the command).
    pub booked_at: Timestamp,
    /// What makes it unique: one tag of one mail, or one command.
    pub booking_key: String,
    /// The position by which its author was allowed to book.
    pub position: Option<String>,
}

/// Adds one line of a booking; false when that booking is in the ledger already.
///
/// # Errors
/// What the database said.
pub async fn record(
    tx: &mut Tx,
    desk: &str,
    client: &str,
    part: i64,
    case_no: Option<i64>,
    line: &StoredEntry,
) -> Result<bool, StoreError> {
    let entry = &line.entry;
    let body = serde_json::to_string(entry).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    let work_date = entry.work_date.to_string();
    let card = entry.card.as_ref().map(|card| card.as_str());
    // Who wrote the tag; of a line that the desk made, whose time it changes.
    let expert = entry.booking.as_ref().or(entry.charge.as_ref()).map(|key| key.expert.as_str());
    let message_id = entry.booking.as_ref().map(|booking| booking.message_id.as_str());
    let args = args![
        desk,
        line.entry_no,
        client,
        entry.kind.as_str(),
        card,
        entry.real_minutes,
        entry.charged_minutes,
        &work_date,
        line.booked_at,
        &line.booking_key,
        part,
        expert,
        &line.position,
        case_no,
        message_id,
        &entry.text,
        &body
    ];
    Ok(tx.execute(RECORD, args).await? == 1)
}

/// Whether this booking is in the ledger.
///
/// # Errors
/// What the database said.
pub async fn find_booking(tx: &mut Tx, desk: &str, booking_key: &str) -> Result<bool, StoreError> {
    Ok(tx.find(FIND_KEY, args![desk, booking_key]).await?.is_some())
}

/// The ledger of a client, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_in(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<StoredEntry>, StoreError> {
    tx.fetch_about(&[Topic::Ledger(client)], LIST_OF_CLIENT, args![desk, client]).await?.iter().map(read).collect()
}

/// The ledger of a client.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, client: &str) -> Result<Vec<StoredEntry>, StoreError> {
    db.fetch(LIST_OF_CLIENT, args![desk, client]).await?.iter().map(read).collect()
}

/// Number and subject of each case on which a client's time was booked, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_subjects_in(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<(String, String)>, StoreError> {
    tx.fetch(LIST_SUBJECTS, args![desk, client]).await?.iter().map(read_subject).collect()
}

/// Number and subject of each case on which a client's time was booked.
///
/// # Errors
/// What the database said.
pub async fn list_subjects(db: &Db, desk: &str, client: &str) -> Result<Vec<(String, String)>, StoreError> {
    db.fetch(LIST_SUBJECTS, args![desk, client]).await?.iter().map(read_subject).collect()
}

fn read_subject(row: &Row) -> Result<(String, String), StoreError> {
    Ok((row.text(0)?, row.text(1)?))
}

fn read(row: &Row) -> Result<StoredEntry, StoreError> {
    Ok(StoredEntry {
        entry_no: row.int(0)?,
        entry: row.parsed(1, |body| serde_json::from_str(body))?,
        booked_at: row.time(2)?,
        booking_key: row.text(3)?,
        position: row.maybe_text(4)?,
    })
}
