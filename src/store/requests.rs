//! Reporters' requests that wait for the coordinator, and experts' mails that wait for a mend.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::names::PersonKey;
use crate::domain::notice::TagLine;

use super::{Row, StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO requests (desk, request_no, client, fingerprint, reporter, reporter_name, subject, received_at,
        state, decided_at, decided_by, case_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'held', NULL, NULL, NULL)";
    SAVE = "UPDATE requests SET state = $3, decided_at = $4, decided_by = $5, case_no = $6
        WHERE desk = $1 AND request_no = $2 AND state IN ('held', 'ended')";
    FIND = "SELECT request_no, client, fingerprint, reporter, reporter_name, subject, received_at, state, case_no,
        decided_at FROM requests WHERE desk = $1 AND request_no = $2";
    LIST_REPORTERS = "SELECT DISTINCT reporter, reporter_name FROM requests
        WHERE desk = $1 AND case_no = $2 AND state = 'approved' ORDER BY reporter";
    PARK = "INSERT INTO parked (desk, fingerprint, case_no, person, lines, parked_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (desk, fingerprint) DO NOTHING";
    UNPARK = "UPDATE parked SET ended_at = $3 WHERE desk = $1 AND fingerprint = $2 AND ended_at IS NULL";
    LIST_OPENINGS = "SELECT fingerprint, case_no, person, lines, parked_at FROM parked
        WHERE desk = $1 AND ended_at IS NULL AND case_no = $2 AND parked_at <= $3 ORDER BY parked_at LIMIT 100";
    FIND_PARKED = "SELECT fingerprint, case_no, person, lines, parked_at FROM parked WHERE desk = $1 AND fingerprint = $2 AND ended_at IS NULL";
}

/// What stands for the case of a parked mail that was to open one.
pub const NO_CASE: i64 = 0;

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
    /// `held`, `approved`, `rejected`, `bundled`, or `ended` where nobody decided.
    pub state: String,
    /// The case that it became.
    pub case_no: Option<i64>,
    /// When it was decided, or ended.
    pub decided_at: Option<Timestamp>,
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
        decided_at: row.maybe_time(9)?,
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

/// Ends a held request, or decides on one that ended after the decision was received; false when it was decided before.
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

/// The address and name of the reporter whose approved request became the case.
///
/// # Errors
/// What the database said.
pub async fn list_reporters(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<(String, String)>, StoreError> {
    let rows = tx.fetch(LIST_REPORTERS, args![desk, case_no]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// Parks an expert's mail.
///
/// # Errors
/// What the database said.
pub async fn record_parked(
    tx: &mut Tx,
    desk: &str,
    fingerprint: &str,
    case_no: Option<i64>,
    person: &str,
    lines: &[TagLine],
    at: Timestamp,
) -> Result<(), StoreError> {
    let lines = serde_json::to_string(lines).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    tx.execute_later(PARK, args![desk, fingerprint, case_no.unwrap_or(NO_CASE), person, &lines, at]).await
}

/// A mail that waits for a mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedMail {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its case; [`NO_CASE`] where it was to open one.
    pub case_no: i64,
    /// The expert who wrote it.
    pub person: PersonKey,
    /// What is wrong with its tags.
    pub lines: Vec<TagLine>,
    /// Since when it waits.
    pub parked_at: Timestamp,
}

/// The parked mails that were to open a case and waited already at a moment, oldest first.
///
/// # Errors
/// What the database said.
pub async fn list_openings(tx: &mut Tx, desk: &str, at: Timestamp) -> Result<Vec<ParkedMail>, StoreError> {
    tx.fetch(LIST_OPENINGS, args![desk, NO_CASE, at]).await?.iter().map(read_parked).collect()
}

fn read_parked(row: &Row) -> Result<ParkedMail, StoreError> {
    Ok(ParkedMail {
        fingerprint: row.text(0)?,
        case_no: row.int(1)?,
        person: row.parsed(2, |key| PersonKey::new(key))?,
        lines: row.parsed(3, |lines| serde_json::from_str(lines))?,
        parked_at: row.time(4)?,
    })
}

/// Ends the parking of a mail: it was mended or replaced.
///
/// # Errors
/// What the database said.
pub async fn end_parked(tx: &mut Tx, desk: &str, fingerprint: &str, at: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(UNPARK, args![desk, fingerprint, at]).await? == 1)
}

/// A mail that is still parked.
///
/// # Errors
/// What the database said.
pub async fn find_parked(tx: &mut Tx, desk: &str, fingerprint: &str) -> Result<Option<ParkedMail>, StoreError> {
    tx.find(FIND_PARKED, args![desk, fingerprint]).await?.as_ref().map(read_parked).transpose()
}
