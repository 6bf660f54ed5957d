//! Reporters' requests that wait for the coordinator, and experts' mails that wait for a mend.

use jiff::Timestamp;
use serde::Serialize;

use super::{Db, Row, StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO requests (desk, request_no, client, fingerprint, reporter, reporter_name, subject, received_at,
        state, decided_at, decided_by, case_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'held', NULL, NULL, NULL)";
    SAVE = "UPDATE requests SET state = $3, decided_at = $4, decided_by = $5, case_no = $6
        WHERE desk = $1 AND request_no = $2 AND state = 'held'";
    FIND = "SELECT request_no, client, fingerprint, reporter, reporter_name, subject, received_at, state, case_no
        FROM requests WHERE desk = $1 AND request_no = $2";
    LIST = "SELECT request_no, client, fingerprint, reporter, reporter_name, subject, received_at, state, case_no
        FROM requests WHERE desk = $1 AND state = $2 ORDER BY request_no";
    PARK = "INSERT INTO parked (desk, fingerprint, case_no, person, parked_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (desk, fingerprint) DO NOTHING";
    UNPARK = "UPDATE parked SET ended_at = $3 WHERE desk = $1 AND fingerprint = $2 AND ended_at IS NULL";
    FIND_PARKED = "SELECT case_no, person FROM parked WHERE desk = $1 AND fingerprint = $2 AND ended_at IS NULL";
}

/// A reporter's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredRequest {
    /// Its number: `R-` and these digits.
    pub request_no: i64,
    /// The client's code.
    pub client: String,
    /// The mail that asked.
    pub fingerprint: String,
    /// The reporter's address.
    pub reporter: String,
    /// The reporter's name.
    pub reporter_name: String,
    /// What it is about.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// `held`, `approved`, `rejected` or `bundled`.
    pub state: String,
    /// The case that it became.
    pub case_no: Option<i64>,
}

fn read(row: &Row) -> Result<StoredRequest, StoreError> {
    Ok(StoredRequest {
        request_no: row.int(0)?,
        client: row.text(1)?,
        fingerprint: row.text(2)?,
        reporter: row.text(3)?,
        reporter_name: row.text(4)?,
        subject: row.text(5)?,
        received_at: row.time(6)?,
        state: row.text(7)?,
        case_no: row.maybe_int(8)?,
    })
}

/// Records a held request.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, r: &StoredRequest) -> Result<(), StoreError> {
    let args =
        args![desk, r.request_no, &r.client, &r.fingerprint, &r.reporter, &r.reporter_name, &r.subject, r.received_at];
    tx.execute_later(RECORD, args).await
}

/// Ends a held request; false when it was decided before.
///
/// # Errors
/// What the database said.
pub async fn save_decision(
    tx: &mut Tx,
    desk: &str,
    request_no: i64,
    state: &str,
    by: &str,
    at: Timestamp,
    case_no: Option<i64>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SAVE, args![desk, request_no, state, at, by, case_no]).await? == 1)
}

/// The request of that number.
///
/// # Errors
/// What the database said.
pub async fn find(tx: &mut Tx, desk: &str, request_no: i64) -> Result<Option<StoredRequest>, StoreError> {
    tx.find(FIND, args![desk, request_no]).await?.as_ref().map(read).transpose()
}

/// The requests in a state, oldest first.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, state: &str) -> Result<Vec<StoredRequest>, StoreError> {
    db.fetch(LIST, args![desk, state]).await?.iter().map(read).collect()
}

/// Parks an expert's mail.
///
/// # Errors
/// What the database said.
pub async fn record_parked(
    tx: &mut Tx,
    desk: &str,
    fingerprint: &str,
    case_no: i64,
    person: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_later(PARK, args![desk, fingerprint, case_no, person, at]).await
}

/// Ends the parking of a mail: it was mended or replaced.
///
/// # Errors
/// What the database said.
pub async fn end_parked(tx: &mut Tx, desk: &str, fingerprint: &str, at: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(UNPARK, args![desk, fingerprint, at]).await? == 1)
}

/// The case and the person of a mail that is still parked.
///
/// # Errors
/// What the database said.
pub async fn find_parked(tx: &mut Tx, desk: &str, fingerprint: &str) -> Result<Option<(i64, String)>, StoreError> {
    let row = tx.find(FIND_PARKED, args![desk, fingerprint]).await?;
    row.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
}
