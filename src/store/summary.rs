//! The figures of weekly summaries: one place that asks for all of them, and the key by which each summary is made once.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::case::RequestReference;
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::summary::{
    CaseRun, HeldRequest, IsoWeek, KnownCase, LedgerFact, MailboxHealth, ParkedLine, Undelivered, WaitingLetters,
    WaitingMail,
};

use super::{Row, StoreError, Tx, args, clocks, statements};

/// The states in which a case is not settled.
macro_rules! unsettled {
    () => {
        "('new', 'open', 'waiting-client', 'waiting-supplier')"
    };
}

// CROSS JOIN keeps SQLite from beginning with the table that is named second.
statements! {
    LIST_MADE = "SELECT client FROM summaries WHERE desk = $1 AND week = $2";
    CLAIM = "INSERT INTO summaries (desk, week, client, made_at, entries_through) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (desk, week, client) DO NOTHING";
    FIND_BEFORE = "SELECT entries_through FROM summaries WHERE desk = $1 AND client = $2 AND week < $3
        ORDER BY week DESC LIMIT 1";
    LIST_KNOWN = "SELECT item_key, added_at FROM directory_items WHERE desk = $1 AND kind = 'client'";
    LIST_CASES = concat!("SELECT case_no, number, subject, status, kind, priority, opened_at, resolved_at, wait_due FROM cases
        WHERE desk = $1 AND client = $2 AND (status IN ", unsettled!(), " OR opened_at >= $3 OR resolved_at >= $3)
        ORDER BY case_no + 0");
    LIST_EXPERTS = concat!("SELECT p.case_no, p.person FROM cases c CROSS JOIN case_parties p
        WHERE p.desk = c.desk AND p.case_no = c.case_no AND c.desk = $1 AND c.client = $2 AND c.status IN ", unsettled!(), "
        AND p.role = 'expert' AND p.ended_at IS NULL ORDER BY p.case_no + 0, p.since, p.person");
    LIST_HELD = "SELECT request_no, subject, reporter, reporter_name, received_at FROM requests
        WHERE desk = $1 AND client = $2 AND state = 'held' ORDER BY request_no + 0";
    LIST_LEDGER = "SELECT entry_no, booked_at, booking_key, body FROM entries
        WHERE desk = $1 AND client = $2 ORDER BY entry_no";
    LIST_SUBJECTS = "SELECT number, subject FROM cases WHERE desk = $1 AND case_no IN
        (SELECT case_no FROM entries WHERE desk = $1 AND client = $2 AND booked_at >= $3)";
    LIST_PARKED = "SELECT c.number, COALESCE(c.subject, m.subject), p.person, p.parked_at FROM parked p
        JOIN messages m ON m.desk = p.desk AND m.fingerprint = p.fingerprint
        LEFT JOIN cases c ON c.desk = p.desk AND c.case_no = p.case_no
        WHERE p.desk = $1 AND p.ended_at IS NULL ORDER BY p.parked_at, p.fingerprint";
    LIST_WAITING = "SELECT message_no, outcome, sender, subject, cause, received_at FROM messages
        WHERE desk = $1 AND outcome IN ('challenged', 'quarantined') AND received_at >= $2 ORDER BY message_no + 0";
    COUNT_WAITING = "SELECT CAST(COUNT(*) AS BIGINT) FROM messages
        WHERE desk = $1 AND outcome IN ('challenged', 'quarantined')";
    LIST_BOUNCED = "SELECT recipient, answer FROM letters WHERE desk = $1 AND bounced_at >= $2 ORDER BY letter_no";
    LIST_GIVEN_UP = "SELECT l.recipient, l.answer FROM letters l JOIN marks m ON m.desk = l.desk
        AND m.mark = 'given-up/' || CAST(l.letter_no AS TEXT)
        WHERE l.desk = $1 AND l.state = 'given-up' AND m.made_at >= $2 ORDER BY l.letter_no + 0";
    COUNT_LETTERS = "SELECT state, CAST(COUNT(*) AS BIGINT), MIN(enqueued_at) FROM letters
        WHERE desk = $1 AND state IN ('queued', 'sending', 'held') GROUP BY state";
    LIST_FOLDERS = "SELECT mailbox, folder, fetched_at FROM mailbox_folders WHERE desk = $1 ORDER BY mailbox, folder";
}

/// The clients whose summary of a week is made; the desk's own is the empty name.
///
/// # Errors
/// What the database said.
pub async fn list_made(tx: &mut Tx, desk: &str, week: IsoWeek) -> Result<Vec<String>, StoreError> {
    tx.fetch(LIST_MADE, args![desk, &week.to_string()]).await?.iter().map(|row| row.text(0)).collect()
}

/// Notes that a summary is made; false when it was made before, so exactly one caller may send it. `client` is empty for
/// the desk's own; `entries_through` is the number of the ledger's last line.
///
/// # Errors
/// What the database said.
pub async fn claim(
    tx: &mut Tx,
    desk: &str,
    week: IsoWeek,
    client: &str,
    at: Timestamp,
    entries_through: i64,
) -> Result<bool, StoreError> {
    Ok(tx.execute(CLAIM, args![desk, &week.to_string(), client, at, entries_through]).await? == 1)
}

/// The number of the ledger's last line when a client's newest summary before this week was made.
///
/// # Errors
/// What the database said.
pub async fn find_told_through(
    tx: &mut Tx,
    desk: &str,
    client: &str,
    week: IsoWeek,
) -> Result<Option<i64>, StoreError> {
    tx.find(FIND_BEFORE, args![desk, client, &week.to_string()]).await?.map(|row| row.int(0)).transpose()
}

/// Since when each client is in the directory, by code.
///
/// # Errors
/// What the database said.
pub async fn list_known_since(tx: &mut Tx, desk: &str) -> Result<HashMap<String, Timestamp>, StoreError> {
    tx.fetch(LIST_KNOWN, args![desk]).await?.iter().map(|row| Ok((row.text(0)?, row.time(1)?))).collect()
}

/// A client's cases that are not settled, or were opened or resolved from a moment on.
///
/// # Errors
/// What the database said.
pub async fn list_cases(tx: &mut Tx, desk: &str, client: &str, from: Timestamp) -> Result<Vec<KnownCase>, StoreError> {
    tx.fetch(LIST_CASES, args![desk, client, from]).await?.iter().map(read_case).collect()
}

fn read_case(row: &Row) -> Result<KnownCase, StoreError> {
    Ok(KnownCase {
        case_no: row.int(0)?,
        number: row.parsed(1, str::parse)?,
        subject: row.text(2)?,
        status: row.parsed(3, str::parse)?,
        kind: row.parsed(4, str::parse)?,
        priority: row.parsed(5, str::parse)?,
        opened_at: row.time(6)?,
        resolved_at: row.maybe_time(7)?,
        wait_due: row.maybe_time(8)?,
    })
}

/// The experts on a client's unsettled cases, by the case's key.
///
/// # Errors
/// What the database said.
pub async fn list_experts(tx: &mut Tx, desk: &str, client: &str) -> Result<HashMap<i64, Vec<PersonKey>>, StoreError> {
    let mut experts: HashMap<i64, Vec<PersonKey>> = HashMap::new();
    for row in tx.fetch(LIST_EXPERTS, args![desk, client]).await? {
        experts.entry(row.int(0)?).or_default().push(row.parsed(1, |key| PersonKey::new(key))?);
    }
    Ok(experts)
}

/// The requests that wait for a client's coordinator.
///
/// # Errors
/// What the database said.
pub async fn list_held(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<HeldRequest>, StoreError> {
    let read = |row: &Row| {
        let number = row.int(0)?;
        let number = u32::try_from(number).map_err(|_| StoreError::Inconsistent(format!("request {number}")))?;
        let (address, name) = (row.text(2)?, row.text(3)?);
        Ok(HeldRequest {
            reference: RequestReference(number),
            subject: row.text(1)?,
            reporter: if name.is_empty() { address } else { name },
            received_at: row.time(4)?,
        })
    };
    tx.fetch(LIST_HELD, args![desk, client]).await?.iter().map(read).collect()
}

/// The whole ledger of a client.
///
/// # Errors
/// What the database said.
pub async fn list_ledger(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<LedgerFact>, StoreError> {
    let read = |row: &Row| {
        Ok(LedgerFact {
            entry_no: row.int(0)?,
            booked_at: row.time(1)?,
            booking_key: row.text(2)?,
            entry: row.parsed(3, |body| serde_json::from_str(body))?,
        })
    };
    tx.fetch(LIST_LEDGER, args![desk, client]).await?.iter().map(read).collect()
}

/// What the cases are about on which a client's time was booked from a moment on, by number.
///
/// # Errors
/// What the database said.
pub async fn list_subjects(
    tx: &mut Tx,
    desk: &str,
    client: &str,
    from: Timestamp,
) -> Result<HashMap<String, String>, StoreError> {
    let rows = tx.fetch(LIST_SUBJECTS, args![desk, client, from]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

/// The runs of a client's clocks that were met, missed or reclassified from a moment on and before another one.
///
/// # Errors
/// What the database said.
pub async fn list_judged(
    tx: &mut Tx,
    desk: &str,
    client: &ClientCode,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<CaseRun>, StoreError> {
    let runs = clocks::list_judged(tx, desk, client.as_str(), from, to).await?;
    Ok(runs.into_iter().map(|stored| CaseRun { case_no: stored.case_no, run: stored.run }).collect())
}

/// The runs of a client's clocks that are not over.
///
/// # Errors
/// What the database said.
pub async fn list_running(tx: &mut Tx, desk: &str, client: &ClientCode) -> Result<Vec<CaseRun>, StoreError> {
    let runs = clocks::list_running(tx, desk, client.as_str()).await?;
    Ok(runs.into_iter().map(|stored| CaseRun { case_no: stored.case_no, run: stored.run }).collect())
}

/// The experts' mails that wait for a mend, the oldest first.
///
/// # Errors
/// What the database said.
pub async fn list_parked(tx: &mut Tx, desk: &str) -> Result<Vec<ParkedLine>, StoreError> {
    let read = |row: &Row| {
        Ok(ParkedLine {
            number: row.maybe_parsed(0, |number| number.parse())?,
            subject: row.text(1)?,
            expert: row.parsed(2, |key| PersonKey::new(key))?,
            parked_at: row.time(3)?,
        })
    };
    tx.fetch(LIST_PARKED, args![desk]).await?.iter().map(read).collect()
}

/// The mails received from a moment on that wait for a proof or for the desk, and how many wait in all.
///
/// # Errors
/// What the database said.
pub async fn list_waiting(tx: &mut Tx, desk: &str, from: Timestamp) -> Result<(Vec<WaitingMail>, i64), StoreError> {
    let read = |row: &Row| {
        Ok(WaitingMail {
            message_no: row.int(0)?,
            outcome: row.text(1)?,
            sender: row.maybe_text(2)?,
            subject: row.text(3)?,
            cause: row.maybe_text(4)?,
            received_at: row.time(5)?,
        })
    };
    let waiting: Result<_, StoreError> = tx.fetch(LIST_WAITING, args![desk, from]).await?.iter().map(read).collect();
    let all = tx.find(COUNT_WAITING, args![desk]).await?.map_or(Ok(0), |row| row.int(0))?;
    Ok((waiting?, all))
}

/// The addresses that letters did not reach since a moment: they came back, or were given up.
///
/// # Errors
/// What the database said.
pub async fn list_undelivered(tx: &mut Tx, desk: &str, from: Timestamp) -> Result<Vec<Undelivered>, StoreError> {
    let mut rows = tx.fetch(LIST_BOUNCED, args![desk, from]).await?;
    rows.extend(tx.fetch(LIST_GIVEN_UP, args![desk, from]).await?);
    let mut lost: Vec<Undelivered> = Vec::new();
    for row in rows {
        let (address, answer) = (row.text(0)?, row.maybe_text(1)?);
        match lost.iter_mut().find(|known| known.address == address) {
            Some(known) => {
                known.letters += 1;
                known.answer = answer.or_else(|| known.answer.take());
            }
            None => lost.push(Undelivered { address, letters: 1, answer }),
        }
    }
    Ok(lost)
}

/// The letters that are still to go.
///
/// # Errors
/// What the database said.
pub async fn find_letters(tx: &mut Tx, desk: &str) -> Result<WaitingLetters, StoreError> {
    let mut letters = WaitingLetters::default();
    for row in tx.fetch(COUNT_LETTERS, args![desk]).await? {
        let (count, oldest) = (row.int(1)?, row.maybe_time(2)?);
        if row.text(0)? == "held" {
            letters.held = count;
        } else {
            letters.queued += count;
            letters.oldest_at = [letters.oldest_at, oldest].into_iter().flatten().min();
        }
    }
    Ok(letters)
}

/// When each folder of the desk's mailboxes was last read to its end.
///
/// # Errors
/// What the database said.
pub async fn list_mailboxes(tx: &mut Tx, desk: &str) -> Result<Vec<MailboxHealth>, StoreError> {
    let rows = tx.fetch(LIST_FOLDERS, args![desk]).await?;
    rows.iter()
        .map(|row| {
            let folder = format!("{}/{}", row.text(0)?, row.text(1)?);
            Ok(MailboxHealth { folder, fetched_at: row.maybe_time(2)? })
        })
        .collect()
}
