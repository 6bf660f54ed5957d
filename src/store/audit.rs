//! The audit trail: who changed what, by which authority, why. Inserted, never changed.

use jiff::Timestamp;
use serde::Serialize;

use super::{Db, Row, StoreError, Tx, args, numbers::Numbers, statements};

statements! {
    RECORD = "INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LIST_OF_CASE = "SELECT at, actor, action, case_no, fingerprint, position, reason, detail FROM audit
        WHERE desk = $1 AND case_no = $2 ORDER BY audit_no";
    LIST = "SELECT at, actor, action, case_no, fingerprint, position, reason, detail FROM audit
        WHERE desk = $1 ORDER BY audit_no DESC LIMIT $2";
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// When it was done.
    pub at: Timestamp,
    /// Who: a person's key, `casepost`, or `command:USER`.
    pub actor: String,
    /// What: a short verb such as `open-case`, `book`, `release`.
    pub action: String,
    /// The case it touched.
    pub case_no: Option<i64>,
    /// The message that caused it.
    pub fingerprint: Option<String>,
    /// The position by which the actor was allowed to.
    pub position: Option<String>,
    /// Why, in words; a command must give it.
    pub reason: String,
    /// More, as a person reads it.
    pub detail: String,
}

/// Adds a line.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, numbers: &mut Numbers, line: &AuditLine) -> Result<(), StoreError> {
    let no = numbers.draw("audit");
    let args = args![
        desk,
        no,
        line.at,
        &line.actor,
        &line.action,
        line.case_no,
        &line.fingerprint,
        &line.position,
        &line.reason,
        &line.detail
    ];
    // Nothing of it is read but by commands, which read all that is written.
    tx.execute_about(&[], RECORD, args).await
}

/// The trail of a case, oldest first.
///
/// # Errors
/// What the database said.
pub async fn list_of_case(db: &Db, desk: &str, case_no: i64) -> Result<Vec<AuditLine>, StoreError> {
    db.fetch(LIST_OF_CASE, args![desk, case_no]).await?.iter().map(read).collect()
}

/// The newest lines of a desk.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, most: i64) -> Result<Vec<AuditLine>, StoreError> {
    db.fetch(LIST, args![desk, most]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<AuditLine, StoreError> {
    Ok(AuditLine {
        at: row.time(0)?,
        actor: row.text(1)?,
        action: row.text(2)?,
        case_no: row.maybe_int(3)?,
        fingerprint: row.maybe_text(4)?,
        position: row.maybe_text(5)?,
        reason: row.text(6)?,
        detail: row.text(7)?,
    })
}
