//! Cases and the people on them.

use crate::domain::address::Address;
use crate::domain::case::{Case, Party, PartyRole};
use crate::domain::names::{ClientCode, PersonKey};
use jiff::Timestamp;

use super::answers::{Together, about_case, about_number};
use super::lists::{fifty, numbers, texts};
use super::{Db, Row, StoreError, Topic, Tx, args, statements};

/// The columns of a case, in the order in which [`read`] takes them.
macro_rules! columns {
    ($($rest:tt)+) => {
        concat!(
            "SELECT case_no, number, client, subject, status, kind, priority, coordinator, opened_at, changed_at,
             response_due, responded_at, resolution_due, resolved_at, close_due, closed_at, refers_to,
             last_client_message_id, wait_due, last_client_cc, estimate_minutes, merged_into, merged_from FROM cases ",
            $($rest)+
        )
    };
}

statements! {
    RECORD = "INSERT INTO cases (desk, case_no, number, client, subject, status, kind, priority, coordinator, opened_at,
        changed_at, response_due, responded_at, resolution_due, resolved_at, close_due, closed_at, refers_to,
        last_client_message_id, wait_due, last_client_cc, estimate_minutes, merged_into, merged_from)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24)";
    SAVE = "UPDATE cases SET status = $3, kind = $4, priority = $5, coordinator = $6, changed_at = $7, response_due = $8,
        responded_at = $9, resolution_due = $10, resolved_at = $11, close_due = $12, closed_at = $13,
        last_client_message_id = $14, wait_due = $15, last_client_cc = $16, estimate_minutes = $17, merged_into = $18,
        merged_from = $19, opened_at = $20 WHERE desk = $1 AND case_no = $2";
    SAVE_PROMISED = "UPDATE cases SET response_due = $3, resolution_due = $4 WHERE desk = $1 AND case_no = $2";
    FIND = columns!("WHERE desk = $1 AND case_no = $2");
    FIND_BY_NUMBER = columns!("WHERE desk = $1 AND number = $2");
    LIST_BY_NOS = columns!("WHERE desk = $1 AND case_no IN (", fifty!(), ")");
    FIND_NO = "SELECT case_no FROM cases WHERE desk = $1 AND number = $2";
    LIST_NOS = concat!("SELECT case_no, number FROM cases WHERE desk = $1 AND number IN (", fifty!(), ")");
    FIND_INCIDENT = columns!("WHERE desk = $1 AND client = $2 AND kind = 'incident' AND subject = $3
        AND status NOT IN ('closed', 'merged') ORDER BY case_no + 0 DESC LIMIT 1");
    LIST = columns!("WHERE desk = $1 ORDER BY case_no DESC LIMIT $2");
    LIST_OF_CLIENT = columns!("WHERE desk = $1 AND client = $2 ORDER BY case_no + 0 DESC LIMIT $3");
    LIST_LIVING = columns!("WHERE desk = $1 AND client = $2 AND status NOT IN ('closed', 'merged') ORDER BY case_no + 0");
    LIST_TO_CLOSE = columns!("WHERE desk = $1 AND status = 'resolved' AND close_due <= $2 ORDER BY case_no LIMIT 100");
    LIST_TO_WAKE = columns!("WHERE desk = $1 AND wait_due <= $2 ORDER BY case_no LIMIT 100");
    RECORD_PARTY = "INSERT INTO case_parties (desk, case_no, person, role, since, ended_at)
        VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (desk, case_no, person, role) DO UPDATE SET ended_at = NULL,
        since = CASE WHEN case_parties.ended_at IS NULL THEN case_parties.since ELSE excluded.since END";
    END_PARTY = "UPDATE case_parties SET ended_at = $5 WHERE desk = $1 AND case_no = $2 AND person = $3 AND role = $4";
    LIST_PARTIES = "SELECT person, role, since FROM case_parties
        WHERE desk = $1 AND case_no = $2 AND ended_at IS NULL ORDER BY since, person";
    LIST_PARTIES_OF = concat!("SELECT person, role, since, case_no FROM case_parties WHERE desk = $1 AND ended_at IS NULL
        AND case_no IN (", fifty!(), ") ORDER BY since, person LIMIT 1000");
}

fn read(row: &Row) -> Result<Case, StoreError> {
    Ok(Case {
        case_no: row.int(0)?,
        number: row.parsed(1, str::parse)?,
        client: row.parsed(2, |code| ClientCode::new(code))?,
        subject: row.text(3)?,
        status: row.parsed(4, str::parse)?,
        kind: row.parsed(5, str::parse)?,
        priority: row.parsed(6, str::parse)?,
        coordinator: row.maybe_parsed(7, PersonKey::new)?,
        opened_at: row.time(8)?,
        changed_at: row.time(9)?,
        response_due: row.maybe_time(10)?,
        responded_at: row.maybe_time(11)?,
        resolution_due: row.maybe_time(12)?,
        resolved_at: row.maybe_time(13)?,
        close_due: row.maybe_time(14)?,
        closed_at: row.maybe_time(15)?,
        refers_to: row.maybe_int(16)?,
        last_client_message_id: row.maybe_text(17)?,
        wait_due: row.maybe_time(18)?,
        last_client_cc: row.parsed(19, |text| words(text, Address::new))?,
        estimate_minutes: row.maybe_int(20)?,
        merged_into: row.maybe_int(21)?,
        merged_from: row.parsed(22, |text| words(text, str::parse))?,
    })
}

/// A list as it is kept: a line each.
fn lines<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn words<T, E>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, E> {
    text.lines().map(read).collect()
}

/// Records a new case.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, c: &Case) -> Result<(), StoreError> {
    let number = c.number.to_string();
    let (cc, merged_from) = (lines(&c.last_client_cc), lines(&c.merged_from));
    let args = args![
        desk,
        c.case_no,
        &number,
        c.client.as_str(),
        &c.subject,
        c.status.as_str(),
        c.kind.as_str(),
        c.priority.as_str(),
        c.coordinator.as_ref().map(|key| key.as_str()),
        c.opened_at,
        c.changed_at,
        c.response_due,
        c.responded_at,
        c.resolution_due,
        c.resolved_at,
        c.close_due,
        c.closed_at,
        c.refers_to,
        &c.last_client_message_id,
        c.wait_due,
        &cc,
        c.estimate_minutes,
        c.merged_into,
        &merged_from
    ];
    tx.execute_about(&[Topic::Case(c.case_no), Topic::Number(&number)], RECORD, args).await
}

/// Writes what may change in a case that was read in this transaction.
///
/// # Errors
/// What the database said.
pub async fn save(tx: &mut Tx, desk: &str, c: &Case) -> Result<(), StoreError> {
    let (cc, merged_from) = (lines(&c.last_client_cc), lines(&c.merged_from));
    let args = args![
        desk,
        c.case_no,
        c.status.as_str(),
        c.kind.as_str(),
        c.priority.as_str(),
        c.coordinator.as_ref().map(|key| key.as_str()),
        c.changed_at,
        c.response_due,
        c.responded_at,
        c.resolution_due,
        c.resolved_at,
        c.close_due,
        c.closed_at,
        &c.last_client_message_id,
        c.wait_due,
        &cc,
        c.estimate_minutes,
        c.merged_into,
        &merged_from,
        c.opened_at
    ];
    tx.execute_about(&[Topic::Case(c.case_no)], SAVE, args).await
}

/// Writes by when a case is to be answered and resolved.
///
/// # Errors
/// What the database said.
pub async fn save_promised(
    tx: &mut Tx,
    desk: &str,
    case_no: i64,
    response_due: Option<Timestamp>,
    resolution_due: Option<Timestamp>,
) -> Result<(), StoreError> {
    let args = args![desk, case_no, response_due, resolution_due];
    tx.execute_about(&[Topic::Case(case_no)], SAVE_PROMISED, args).await
}

/// The cases of a client that are neither closed nor merged.
///
/// # Errors
/// What the database said.
pub async fn list_living(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<Case>, StoreError> {
    tx.fetch(LIST_LIVING, args![desk, client]).await?.iter().map(read).collect()
}

/// The case of that key.
///
/// # Errors
/// What the database said.
pub async fn find(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Option<Case>, StoreError> {
    tx.fetch_about(&[Topic::Case(case_no)], FIND, args![desk, case_no]).await?.first().map(read).transpose()
}

/// The case of that number, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn find_by_number_in(tx: &mut Tx, desk: &str, number: &str) -> Result<Option<Case>, StoreError> {
    // A number never goes to another case, so only a new case is about it.
    let found = tx.fetch_about(&[Topic::Number(number)], FIND_NO, args![desk, number]).await?;
    match found.first() {
        Some(row) => find(tx, desk, row.int(0)?).await,
        None => Ok(None),
    }
}

/// Asks for several cases at once, with who takes part in them, for [`find`] and [`list_parties_in`] to give them.
///
/// # Errors
/// What the database said.
pub async fn ask(tx: &mut Tx, desk: &str, cases: &[i64]) -> Result<(), StoreError> {
    let cases = numbers(cases);
    // A case is one row.
    let of_cases =
        Together { one: FIND, many: LIST_BY_NOS, column: 0, order: &[], most: usize::MAX, leaves_out: false };
    of_cases.ask(tx, desk, &cases, about_case, 0).await?;
    let of_parties =
        Together { one: LIST_PARTIES, many: LIST_PARTIES_OF, column: 3, order: &[], most: 1000, leaves_out: false };
    of_parties.ask(tx, desk, &cases, about_case, 3).await.map(drop)
}

/// Asks for several case numbers at once, for [`find_by_number_in`] to give them. Gives the cases that have them.
///
/// # Errors
/// What the database said.
pub async fn ask_numbers(tx: &mut Tx, desk: &str, numbers: &[&str]) -> Result<Vec<i64>, StoreError> {
    let together =
        Together { one: FIND_NO, many: LIST_NOS, column: 1, order: &[], most: usize::MAX, leaves_out: false };
    together.ask(tx, desk, &texts(numbers), about_number, 0).await
}

/// The newest living incident of a client about this subject: a monitor's check.
///
/// # Errors
/// What the database said.
pub async fn find_incident(tx: &mut Tx, desk: &str, client: &str, subject: &str) -> Result<Option<Case>, StoreError> {
    tx.find(FIND_INCIDENT, args![desk, client, subject]).await?.as_ref().map(read).transpose()
}

/// The case of that number.
///
/// # Errors
/// What the database said.
pub async fn find_by_number(db: &Db, desk: &str, number: &str) -> Result<Option<Case>, StoreError> {
    db.fetch(FIND_BY_NUMBER, args![desk, number]).await?.first().map(read).transpose()
}

/// The case of that key, outside of any transaction.
///
/// # Errors
/// What the database said.
pub async fn find_by_no(db: &Db, desk: &str, case_no: i64) -> Result<Option<Case>, StoreError> {
    db.fetch(FIND, args![desk, case_no]).await?.first().map(read).transpose()
}

/// The newest cases, of one client or of all.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, client: Option<&str>, most: i64) -> Result<Vec<Case>, StoreError> {
    let rows = match client {
        Some(client) => db.fetch(LIST_OF_CLIENT, args![desk, client, most]).await?,
        None => db.fetch(LIST, args![desk, most]).await?,
    };
    rows.iter().map(read).collect()
}

/// Resolved cases whose time to reopen has passed.
///
/// # Errors
/// What the database said.
pub async fn list_to_close(tx: &mut Tx, desk: &str, now: Timestamp) -> Result<Vec<Case>, StoreError> {
    tx.fetch(LIST_TO_CLOSE, args![desk, now]).await?.iter().map(read).collect()
}

/// Waiting cases whose date has come.
///
/// # Errors
/// What the database said.
pub async fn list_to_wake(tx: &mut Tx, desk: &str, now: Timestamp) -> Result<Vec<Case>, StoreError> {
    tx.fetch(LIST_TO_WAKE, args![desk, now]).await?.iter().map(read).collect()
}

/// Puts a person on the case.
///
/// # Errors
/// What the database said.
pub async fn record_party(
    tx: &mut Tx,
    desk: &str,
    case_no: i64,
    person: &PersonKey,
    role: PartyRole,
    since: Timestamp,
) -> Result<(), StoreError> {
    let args = args![desk, case_no, person.as_str(), role.as_str(), since];
    tx.execute_about(&[Topic::Case(case_no)], RECORD_PARTY, args).await
}

/// Takes a person off the case.
///
/// # Errors
/// What the database said.
pub async fn end_party(
    tx: &mut Tx,
    desk: &str,
    case_no: i64,
    person: &PersonKey,
    role: PartyRole,
    at: Timestamp,
) -> Result<(), StoreError> {
    let args = args![desk, case_no, person.as_str(), role.as_str(), at];
    tx.execute_about(&[Topic::Case(case_no)], END_PARTY, args).await
}

/// Who takes part in the case now, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_parties_in(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<Party>, StoreError> {
    tx.fetch_about(&[Topic::Case(case_no)], LIST_PARTIES, args![desk, case_no]).await?.iter().map(read_party).collect()
}

/// Who takes part in the case now.
///
/// # Errors
/// What the database said.
pub async fn list_parties(db: &Db, desk: &str, case_no: i64) -> Result<Vec<Party>, StoreError> {
    db.fetch(LIST_PARTIES, args![desk, case_no]).await?.iter().map(read_party).collect()
}

fn read_party(row: &Row) -> Result<Party, StoreError> {
    Ok(Party {
        person: row.parsed(0, |key| PersonKey::new(key))?,
        role: row.parsed(1, str::parse)?,
        since: row.time(2)?,
    })
}
