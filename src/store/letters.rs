//! The outbox: finished letters, each to one recipient, and what became of them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use tokio::task::JoinHandle;

use super::answers::{Together, about_id};
use super::later::owned_row;
use super::lists::{LIST_LENGTH, fifty, list_of, numbers, texts};
use super::raw::{Owner, Packed, RawMails};
use super::{Db, Owned, Row, StoreError, Topic, Tx, args, statements};

/// The columns of a letter, in the order in which [`read`] takes them.
macro_rules! columns {
    ($($rest:tt)+) => {
        concat!(
            "SELECT desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient,
             reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, uncertain_at,
             sent_at, bounced_at, answer, set_aside_at FROM letters ",
            $($rest)+
        )
    };
}

/// A letter may leave when no earlier one of the same case to the same recipient is still to go. Held letters wait
/// for a person, so they don't keep others waiting.
macro_rules! due {
    () => {
        "SELECT l.desk, l.letter_no FROM letters l WHERE l.state = 'queued' AND l.attempt_due <= $2 AND NOT EXISTS
            (SELECT 1 FROM letters e WHERE e.desk = l.desk AND e.case_no = l.case_no AND e.recipient = l.recipient
             AND e.letter_no < l.letter_no AND e.state IN ('queued', 'sending'))
         ORDER BY l.attempt_due, l.letter_no LIMIT $3"
    };
}

statements! {
    ENQUEUE = "INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person,
        recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts,
        uncertain_at, set_aside_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, $19, $20)
        ON CONFLICT (desk, message_id) DO NOTHING";
    LEASE_LITE = concat!("UPDATE letters SET state = 'sending', lease_owner = $1, attempts = attempts + 1
        WHERE (desk, letter_no) IN (", due!(), ")");
    LEASE_PG = concat!("UPDATE letters SET state = 'sending', lease_owner = $1, attempts = attempts + 1
        WHERE (desk, letter_no) IN (", due!(), " FOR UPDATE OF l SKIP LOCKED)");
    LIST_LEASED = columns!("WHERE state = 'sending' AND lease_owner = $1 ORDER BY letter_no");
    SENT = "UPDATE letters SET state = 'sent', lease_owner = NULL, sent_at = $3, answer = $4
        WHERE desk = $1 AND letter_no = $2";
    LATER = "UPDATE letters SET state = 'queued', lease_owner = NULL, attempt_due = $3, answer = $4,
        uncertain_at = COALESCE($5, uncertain_at) WHERE desk = $1 AND letter_no = $2";
    GIVE_UP = "UPDATE letters SET state = 'given-up', lease_owner = NULL, answer = $3,
        uncertain_at = COALESCE($4, uncertain_at) WHERE desk = $1 AND letter_no = $2";
    LIST_LEASES = "SELECT DISTINCT lease_owner FROM letters WHERE state = 'sending' AND lease_owner IS NOT NULL";
    FREE = "UPDATE letters SET state = 'queued', lease_owner = NULL, attempt_due = $2, uncertain_at = $2
        WHERE state = 'sending' AND lease_owner = $1";
    UNLEASE = "UPDATE letters SET state = 'queued', lease_owner = NULL, attempts = attempts - 1
        WHERE state = 'sending' AND lease_owner = $1";
    LIST_GIVEN_UP = columns!("WHERE desk = $1 AND state = 'given-up' AND NOT EXISTS (SELECT 1 FROM marks
        WHERE marks.desk = letters.desk AND mark = 'given-up/' || CAST(letter_no AS TEXT)) ORDER BY letter_no + 0 LIMIT 50");
    RELEASE = "UPDATE letters SET state = 'queued', attempt_due = $3 WHERE desk = $1 AND letter_no = $2 AND state = 'held'";
    DROP = "UPDATE letters SET state = 'dropped' WHERE desk = $1 AND letter_no = $2 AND state = 'held'";
    RETRY = "UPDATE letters SET state = 'queued', attempt_due = $3, attempts = 0
        WHERE desk = $1 AND letter_no = $2 AND state IN ('given-up', 'queued')";
    BOUNCED = "UPDATE letters SET bounced_at = $3, answer = $4 WHERE desk = $1 AND letter_no = $2";
    FIND = columns!("WHERE desk = $1 AND letter_no = $2");
    FIND_BY_MESSAGE_ID = columns!("WHERE desk = $1 AND message_id = $2");
    LIST = columns!("WHERE desk = $1 ORDER BY letter_no DESC LIMIT $2");
    LIST_BY_STATE = columns!("WHERE desk = $1 AND state = $2 ORDER BY letter_no LIMIT $3");
    LIST_OF_CASE = columns!("WHERE desk = $1 AND case_no = $2 ORDER BY letter_no");
    FIND_LAST_TO = "SELECT message_id FROM letters WHERE desk = $1 AND case_no = $2 AND recipient = $3
        ORDER BY letter_no DESC LIMIT 1";
    LIST_BY_IDS = columns!("WHERE desk = $1 AND octet_length(text) < 32768 AND message_id IN (", fifty!(), ")");
    LIST_TO = concat!("SELECT case_no, recipient, message_id, letter_no FROM letters WHERE desk = $1 AND case_no IN (",
        fifty!(), ") LIMIT 1000");
    LIST_OF_CAUSE = columns!("WHERE desk = $1 AND cause = $2 ORDER BY letter_no + 0");
    FIND_GATE = "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN case_no = $4 THEN 1 ELSE 0 END), 0) AS BIGINT),
        (SELECT CAST(COUNT(*) AS BIGINT) FROM marks WHERE desk = $1 AND mark = $5 AND (until_at IS NULL OR until_at > $6))
        FROM letters WHERE desk = $1 AND recipient = $2 AND enqueued_at > $3 AND is_automatic = 1
        AND set_aside_at IS NULL";
    LIST_AUTOMATIC = concat!("SELECT recipient, CAST(COUNT(*) AS BIGINT) FROM letters WHERE desk = $1 AND enqueued_at > $52
        AND is_automatic = 1 AND set_aside_at IS NULL AND recipient IN (", fifty!(), ") GROUP BY recipient");
    LIST_RELAYED = "SELECT DISTINCT case_no FROM letters WHERE desk = $1 AND person = $2 AND notice = 'relay'
        AND enqueued_at > $3 AND case_no IS NOT NULL ORDER BY case_no LIMIT 100";
    COUNT_WAITING = "SELECT CAST(COUNT(*) AS BIGINT), MIN(enqueued_at) FROM letters WHERE state IN ('queued', 'sending')";
    NEXT_DUE = "SELECT MIN(attempt_due) FROM letters WHERE state = 'queued'";
}

/// A letter, with all that is known of its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredLetter {
    /// The desk in whose name it goes.
    pub desk: String,
    /// Its number, for people; letters of a case leave in this order.
    pub letter_no: i64,
    /// Its Message-ID, without brackets: the same on every attempt.
    pub message_id: String,
    /// What kind of notice it is.
    pub notice: String,
    /// The fingerprint of the mail, or the command, that caused it.
    pub cause: String,
    /// The case it belongs to.
    pub case_no: Option<i64>,
    /// The reporter's request it belongs to.
    pub request_no: Option<i64>,
    /// The client it belongs to.
    pub client: Option<String>,
    /// The person it goes to, where the directory knows them.
    pub person: Option<String>,
    /// The address it goes to.
    pub recipient: String,
    /// Where reports about it go; none is the empty reverse path.
    pub reverse_path: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text, as the recipient reads it: a tag in a line that stands here never counts in an answer.
    pub text: String,
    /// The digest of its finished bytes, behind its number.
    pub raw_digest: String,
    /// Whether a rule wrote it because of some mail; such letters are capped.
    pub is_automatic: bool,
    /// `held`, `queued`, `sending`, `sent`, `given-up` or `dropped`.
    pub state: String,
    /// When it was decided.
    pub enqueued_at: Timestamp,
    /// When it is tried next.
    pub attempt_due: Timestamp,
    /// How many times it was tried.
    pub attempts: i64,
    /// When it became uncertain whether an attempt had arrived: a later copy carries the same Message-ID.
    pub uncertain_at: Option<Timestamp>,
    /// When the next server took it over.
    pub sent_at: Option<Timestamp>,
    /// When a report came that it did not arrive.
    pub bounced_at: Option<Timestamp>,
    /// What the server last said.
    pub answer: Option<String>,
    /// When a restore or a second reading set it aside until the desk is resumed.
    pub set_aside_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<StoredLetter, StoreError> {
    Ok(StoredLetter {
        desk: row.text(0)?,
        letter_no: row.int(1)?,
        message_id: row.text(2)?,
        notice: row.text(3)?,
        cause: row.text(4)?,
        case_no: row.maybe_int(5)?,
        request_no: row.maybe_int(6)?,
        client: row.maybe_text(7)?,
        person: row.maybe_text(8)?,
        recipient: row.text(9)?,
        reverse_path: row.maybe_text(10)?,
        subject: row.text(11)?,
        text: row.text(12)?,
        raw_digest: row.text(13)?,
        is_automatic: row.int(14)? == 1,
        state: row.text(15)?,
        enqueued_at: row.time(16)?,
        attempt_due: row.time(17)?,
        attempts: row.int(18)?,
        uncertain_at: row.maybe_time(19)?,
        sent_at: row.maybe_time(20)?,
        bounced_at: row.maybe_time(21)?,
        answer: row.maybe_text(22)?,
        set_aside_at: row.maybe_time(23)?,
    })
}

fn read_all(rows: &[Row]) -> Result<Vec<StoredLetter>, StoreError> {
    rows.iter().map(read).collect()
}

/// Puts a finished letter into the outbox, where answers find their case by its Message-ID. The same letter (by
/// Message-ID, which is derived from its case and cause) is kept once.
///
/// # Errors
/// What the database said.
pub async fn enqueue(tx: &mut Tx, l: &StoredLetter) -> Result<(), StoreError> {
    tx.execute_owned(&topics(l), ENQUEUE, row(l)).await
}

/// What a letter lacks until it is written.
#[derive(Debug)]
pub struct Finished {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its bytes.
    pub raw: Packed,
}

/// As [`enqueue`], of a letter that is still being written elsewhere, with about so many bytes: what it lacks
/// (`subject`, `text`, `raw_digest`) comes of `writing`, and its bytes are kept too.
///
/// # Errors
/// What the database said. What went wrong in the writing is told before the commit, within the savepoint.
pub async fn enqueue_when_written(
    tx: &mut Tx,
    letter: StoredLetter,
    raw: &RawMails,
    bytes: usize,
    writing: JoinHandle<Result<Finished, StoreError>>,
) -> Result<(), StoreError> {
    let (topic_of, raw) = (letter.clone(), raw.clone());
    let making = Box::pin(async move {
        let written = writing.await;
        let finished = written.map_err(|e| StoreError::Inconsistent(format!("writing a letter broke off: {e}")))??;
        let (raw_digest, mut made) = raw.rows(&letter.desk, Owner::Letter(letter.letter_no), finished.raw);
        let letter = StoredLetter { subject: finished.subject, text: finished.text, raw_digest, ..letter };
        made.rows.push((ENQUEUE, row(&letter)));
        Ok(made)
    });
    tx.execute_when_made(&topics(&topic_of), &["letters", "raw_mails"], bytes, making).await
}

/// What is read of a letter within the transaction that wrote it.
fn topics(l: &StoredLetter) -> Vec<Topic<'_>> {
    let own = [Topic::Id(&l.message_id), Topic::Recipient(&l.recipient)];
    own.into_iter().chain(l.case_no.map(Topic::Letters)).collect()
}

fn row(l: &StoredLetter) -> Vec<Owned> {
    owned_row(args![
        &l.desk,
        l.letter_no,
        &l.message_id,
        &l.notice,
        &l.cause,
        l.case_no,
        l.request_no,
        &l.client,
        &l.person,
        &l.recipient,
        &l.reverse_path,
        &l.subject,
        &l.text,
        &l.raw_digest,
        i64::from(l.is_automatic),
        &l.state,
        l.enqueued_at,
        l.attempt_due,
        l.uncertain_at,
        l.set_aside_at
    ])
}

/// Takes up to `most` letters that are due; they are `sending` until the worker says what became of them. `lease` is
/// a new name for each call: `WORKER/COUNT`.
///
/// # Errors
/// What the database said.
pub async fn lease(tx: &mut Tx, lease: &str, now: Timestamp, most: i64) -> Result<Vec<StoredLetter>, StoreError> {
    let sql = if tx.is_sqlite() { LEASE_LITE } else { LEASE_PG };
    if tx.execute(sql, args![lease, now, most]).await? == 0 {
        return Ok(Vec::new());
    }
    read_all(&tx.fetch(LIST_LEASED, args![lease]).await?)
}

/// The next server took the letter over.
///
/// # Errors
/// What the database said.
pub async fn save_sent(tx: &mut Tx, l: &StoredLetter, at: Timestamp, answer: &str) -> Result<(), StoreError> {
    tx.execute_later(SENT, args![&l.desk, l.letter_no, at, answer]).await
}

/// The letter is tried again at `due`; `uncertain_at` is set when it may have arrived all the same.
///
/// # Errors
/// What the database said.
pub async fn save_later(
    tx: &mut Tx,
    l: &StoredLetter,
    due: Timestamp,
    answer: &str,
    uncertain_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute_later(LATER, args![&l.desk, l.letter_no, due, answer, uncertain_at]).await
}

/// The letter is given up.
///
/// # Errors
/// What the database said.
pub async fn save_given_up(
    tx: &mut Tx,
    l: &StoredLetter,
    answer: &str,
    uncertain_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute_later(GIVE_UP, args![&l.desk, l.letter_no, answer, uncertain_at]).await
}

/// The leases under which letters are on their way just now: `WORKER/COUNT`.
///
/// # Errors
/// What the database said.
pub async fn list_leases(db: &Db) -> Result<Vec<String>, StoreError> {
    db.fetch(LIST_LEASES, args![]).await?.iter().map(|row| row.text(0)).collect()
}

/// Frees the letters of a lease whose worker died: each may have arrived, so each is marked uncertain.
///
/// # Errors
/// What the database said.
pub async fn save_freed(tx: &mut Tx, lease: &str, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FREE, args![lease, now]).await
}

/// Gives back the letters of a lease with which nothing was done: they wait as before.
///
/// # Errors
/// What the database said.
pub async fn save_unleased(tx: &mut Tx, lease: &str) -> Result<u64, StoreError> {
    tx.execute(UNLEASE, args![lease]).await
}

/// Lets a held letter go; false when it is not held.
///
/// # Errors
/// What the database said.
pub async fn save_released(tx: &mut Tx, desk: &str, letter_no: i64, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(RELEASE, args![desk, letter_no, now]).await? == 1)
}

/// Lets a held letter never go; false when it is not held.
///
/// # Errors
/// What the database said.
pub async fn save_dropped(tx: &mut Tx, desk: &str, letter_no: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(DROP, args![desk, letter_no]).await? == 1)
}

/// Tries a letter again now, from the first pause on; false when it is neither given up nor waiting.
///
/// # Errors
/// What the database said.
pub async fn save_retry(tx: &mut Tx, desk: &str, letter_no: i64, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(RETRY, args![desk, letter_no, now]).await? == 1)
}

/// Notes that a report says the letter did not arrive.
///
/// # Errors
/// What the database said.
pub async fn save_bounced(tx: &mut Tx, desk: &str, letter_no: i64, at: Timestamp, why: &str) -> Result<(), StoreError> {
    tx.execute_later(BOUNCED, args![desk, letter_no, at, why]).await
}

/// Letters that were given up and of which nobody was told yet.
///
/// # Errors
/// What the database said.
pub async fn list_given_up(tx: &mut Tx, desk: &str) -> Result<Vec<StoredLetter>, StoreError> {
    read_all(&tx.fetch(LIST_GIVEN_UP, args![desk]).await?)
}

/// The letter of that number.
///
/// # Errors
/// What the database said.
pub async fn find(db: &Db, desk: &str, letter_no: i64) -> Result<Option<StoredLetter>, StoreError> {
    db.fetch(FIND, args![desk, letter_no]).await?.first().map(read).transpose()
}

/// The letter of that number, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn find_in(tx: &mut Tx, desk: &str, letter_no: i64) -> Result<Option<StoredLetter>, StoreError> {
    tx.find(FIND, args![desk, letter_no]).await?.as_ref().map(read).transpose()
}

/// Our letter of that Message-ID.
///
/// # Errors
/// What the database said.
pub async fn find_by_message_id(tx: &mut Tx, desk: &str, id: &str) -> Result<Option<StoredLetter>, StoreError> {
    tx.fetch_about(&[Topic::Id(id)], FIND_BY_MESSAGE_ID, args![desk, id]).await?.first().map(read).transpose()
}

/// Asks for several Message-IDs at once, for [`find_by_message_id`] to give their letters; long ones are left to it.
///
/// # Errors
/// What the database said.
pub async fn ask_ids(tx: &mut Tx, desk: &str, ids: &[&str]) -> Result<(), StoreError> {
    let together = Together {
        one: FIND_BY_MESSAGE_ID,
        many: LIST_BY_IDS,
        column: 2,
        order: &[],
        most: usize::MAX,
        leaves_out: true,
    };
    together.ask(tx, desk, &texts(ids), about_id, 1).await.map(drop)
}

/// The newest letter on each of some cases to each address: case, address and Message-ID. None where there are too many.
///
/// # Errors
/// What the database said.
pub async fn list_newest(
    tx: &mut Tx,
    desk: &str,
    cases: &[i64],
) -> Result<Option<Vec<(i64, String, String)>>, StoreError> {
    let mut newest: HashMap<(i64, String), (i64, String)> = HashMap::new();
    for part in numbers(cases).chunks(LIST_LENGTH) {
        let rows = list_of(tx, LIST_TO, desk, part, None).await?;
        if rows.len() >= 1000 {
            return Ok(None);
        }
        for row in &rows {
            let letter = (row.int(3)?, row.text(2)?);
            let known = newest.entry((row.int(0)?, row.text(1)?)).or_default();
            if letter.0 > known.0 {
                *known = letter;
            }
        }
    }
    Ok(Some(newest.into_iter().map(|((case_no, to), (_, id))| (case_no, to, id)).collect()))
}

/// Letters of a desk: the newest, or the oldest in one state.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, state: Option<&str>, most: i64) -> Result<Vec<StoredLetter>, StoreError> {
    match state {
        Some(state) => read_all(&db.fetch(LIST_BY_STATE, args![desk, state, most]).await?),
        None => read_all(&db.fetch(LIST, args![desk, most]).await?),
    }
}

/// The letters of a case, in their order.
///
/// # Errors
/// What the database said.
pub async fn list_of_case(db: &Db, desk: &str, case_no: i64) -> Result<Vec<StoredLetter>, StoreError> {
    read_all(&db.fetch(LIST_OF_CASE, args![desk, case_no]).await?)
}

/// The letters of a case, in their order, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_of_case_in(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<StoredLetter>, StoreError> {
    read_all(&tx.fetch(LIST_OF_CASE, args![desk, case_no]).await?)
}

/// The Message-ID of the newest letter to an address on a case.
///
/// # Errors
/// What the database said.
pub async fn find_last_to(
    tx: &mut Tx,
    desk: &str,
    case_no: i64,
    recipient: &str,
) -> Result<Option<String>, StoreError> {
    let rows = tx.fetch_about(&[Topic::Letters(case_no)], FIND_LAST_TO, args![desk, case_no, recipient]).await?;
    rows.first().map(|row| row.text(0)).transpose()
}

/// The cases on which a person was brought mail since a moment.
///
/// # Errors
/// What the database said.
pub async fn list_relayed(tx: &mut Tx, desk: &str, person: &str, since: Timestamp) -> Result<Vec<i64>, StoreError> {
    tx.fetch(LIST_RELAYED, args![desk, person, since]).await?.iter().map(|row| row.int(0)).collect()
}

/// The letters that one mail caused.
///
/// # Errors
/// What the database said.
pub async fn list_of_cause(db: &Db, desk: &str, cause: &str) -> Result<Vec<StoredLetter>, StoreError> {
    read_all(&db.fetch(LIST_OF_CAUSE, args![desk, cause]).await?)
}

/// What may keep an automatic letter from going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// How many automatic letters the address got since the moment.
    pub to_address: i64,
    /// How many of them on the case.
    pub on_case: i64,
    /// Whether the mark stands under which the address gets none.
    pub is_hushed: bool,
}

/// What is known of the automatic letters to an address since a moment, and whether `hush` is marked now.
///
/// # Errors
/// What the database said.
pub async fn find_gate(
    tx: &mut Tx,
    desk: &str,
    recipient: &str,
    (since, now): (Timestamp, Timestamp),
    case_no: Option<i64>,
    hush: &str,
) -> Result<Gate, StoreError> {
    let args = args![desk, recipient, since, case_no, hush, now];
    let rows = tx.fetch_about(&[Topic::Recipient(recipient)], FIND_GATE, args).await?;
    let row = rows.first().ok_or_else(|| StoreError::Inconsistent("a count has no row".into()))?;
    Ok(Gate { to_address: row.int(0)?, on_case: row.int(1)?, is_hushed: row.int(2)? > 0 })
}

/// How many automatic letters each of the addresses got since a moment; who got none is left out.
///
/// # Errors
/// What the database said.
pub async fn list_automatic_counts(
    tx: &mut Tx,
    desk: &str,
    recipients: &[&str],
    since: Timestamp,
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = list_of(tx, LIST_AUTOMATIC, desk, &texts(recipients), Some(since)).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// How many letters wait, and since when the oldest does, over all desks.
///
/// # Errors
/// What the database said.
pub async fn list_waiting(db: &Db) -> Result<(i64, Option<Timestamp>), StoreError> {
    let rows = db.fetch(COUNT_WAITING, args![]).await?;
    rows.first().map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.maybe_time(1)?)))
}

/// When the next waiting letter is due.
///
/// # Errors
/// What the database said.
pub async fn find_next_due(db: &Db) -> Result<Option<Timestamp>, StoreError> {
    let rows = db.fetch(NEXT_DUE, args![]).await?;
    rows.first().map_or(Ok(None), |row| row.maybe_time(0))
}
