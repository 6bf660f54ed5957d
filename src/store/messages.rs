//! Every mail that came in, its one outcome, and the Message-IDs by which answers find their case.

use jiff::Timestamp;
use serde::Serialize;

use super::answers::{Together, about_case, about_id};
use super::lists::{fifty, list_of, numbers, texts};
use super::{Db, Row, StoreError, Topic, Tx, args, statements};

/// The columns of a message, in the order in which [`read`] takes them.
macro_rules! columns {
    ($($rest:tt)+) => {
        concat!(
            "SELECT fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject,
             received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said FROM messages ",
            $($rest)+
        )
    };
}

/// A mail that was read again from a folder, which set its letters aside, came at its own time: it is part of no storm now.
/// Nearly always nothing is set aside, which is asked once and not for each mail. That `cause` is not NULL, which it never
/// is, has SQLite answer it from the index of what is set aside, and not look through all letters of the desk.
macro_rules! came_in {
    () => {
        " AND (NOT EXISTS (SELECT 1 FROM letters WHERE letters.desk = $1 AND letters.cause IS NOT NULL
                AND letters.set_aside_at IS NOT NULL)
            OR NOT EXISTS (SELECT 1 FROM letters WHERE letters.desk = messages.desk
                AND letters.cause = messages.fingerprint AND letters.set_aside_at IS NOT NULL))"
    };
}

/// The Message-IDs of letters stand with the letters; an older casepost wrote them down twice.
macro_rules! or_of_letter {
    () => {
        " UNION SELECT message_id, 'out', letter_no, case_no, COALESCE(client, '') FROM letters
            WHERE desk = $1 AND case_no + 0 IS NOT NULL AND message_id "
    };
}

statements! {
    RECORD = "INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name,
        person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no,
        said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
        $22)";
    DECIDE_AGAIN = "UPDATE messages SET outcome = $3, cause = $4, why = $5, case_no = $6, request_no = $7, person = $8,
        role = $9, proof = $10, said = $11, raw_digest = $12 WHERE desk = $1 AND fingerprint = $2";
    SAVE_SAID = "UPDATE messages SET said = $3 WHERE desk = $1 AND fingerprint = $2";
    FIND = columns!("WHERE desk = $1 AND fingerprint = $2");
    FIND_BY_NUMBER = columns!("WHERE desk = $1 AND message_no = $2");
    FIND_SAME_ID = columns!("WHERE desk = $1 AND message_no IN
        (SELECT owner_no FROM message_ids WHERE desk = $1 AND message_id = $2 AND way = 'in') ORDER BY message_no LIMIT 1");
    LIST_KNOWN = concat!("SELECT fingerprint FROM messages WHERE desk = $1 AND fingerprint IN (", fifty!(), ")");
    LIST_KNOWN_IDS = concat!("SELECT message_id FROM message_ids WHERE desk = $1 AND way = 'in' AND message_id IN (",
        fifty!(), ")");
    LIST_RECENT = concat!("SELECT sender, CAST(COUNT(*) AS BIGINT) FROM messages WHERE desk = $1 AND claimed_at > $52
        AND outcome IN ('opened', 'held') AND sender IN (", fifty!(), ")", came_in!(), " GROUP BY sender");
    LIST = columns!("WHERE desk = $1 ORDER BY message_no DESC LIMIT $2");
    LIST_BY_OUTCOME = columns!("WHERE desk = $1 AND outcome = $2 ORDER BY message_no DESC LIMIT $3");
    LIST_OF_CASE = columns!("WHERE desk = $1 AND case_no = $2 ORDER BY received_at, message_no");
    LIST_OF_CASES = columns!("WHERE desk = $1 AND case_no IN (", fifty!(), ")");
    LIST_SIZES = concat!("SELECT case_no, CAST(SUM(octet_length(fresh) + COALESCE(octet_length(said), 0) + 1024) AS BIGINT)
        FROM messages WHERE desk = $1 AND case_no IN (", fifty!(), ") GROUP BY case_no");
    FIND_RECEIVED = "SELECT received_at FROM messages WHERE desk = $1 AND fingerprint = $2";
    COUNT_RECENT = concat!("SELECT CAST(COUNT(*) AS BIGINT) FROM messages
        WHERE desk = $1 AND sender = $2 AND claimed_at > $3 AND outcome IN ('opened', 'held')", came_in!());
    COUNT_RECEIVED = "SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE desk = $1 AND sender = $2
        AND received_at > $3 AND received_at <= $4 AND outcome IN ('opened', 'held')";
    COUNT_BY_OUTCOME = "SELECT outcome, CAST(COUNT(*) AS BIGINT) FROM messages GROUP BY outcome ORDER BY outcome";
    RECORD_ID = "INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (desk, message_id, way, owner_no)
        DO UPDATE SET case_no = excluded.case_no, client = excluded.client";
    FIND_ID = concat!("SELECT message_id, way, owner_no, case_no, client FROM message_ids
        WHERE desk = $1 AND case_no IS NOT NULL AND message_id = $2", or_of_letter!(), "= $2 ORDER BY way DESC, owner_no");
    LIST_IDS = concat!("SELECT message_id, way, owner_no, case_no, client FROM message_ids WHERE desk = $1
        AND case_no IS NOT NULL AND message_id IN (", fifty!(), ")", or_of_letter!(), "IN (", fifty!(), ")
        ORDER BY way DESC, owner_no LIMIT 1000");
}

/// The mails of so many bytes are asked for at once.
const MOST_ASKED_BYTES: i64 = 2 * 1024 * 1024;

/// A mail as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredMessage {
    /// What makes copies of it the same mail; hexadecimal.
    pub fingerprint: String,
    /// Its number, for people.
    pub message_no: i64,
    /// The sender's Message-ID, without brackets.
    pub message_id: Option<String>,
    /// The digest of its raw bytes, behind its number.
    pub raw_digest: String,
    /// The mailbox that it came by.
    pub mailbox: String,
    /// The address in From, where there is just one.
    pub sender: Option<String>,
    /// The name in From.
    pub sender_name: Option<String>,
    /// The key of the person, where the directory knows them.
    pub person: Option<String>,
    /// In which role they spoke.
    pub role: Option<String>,
    /// The subject.
    pub subject: String,
    /// When the desk's servers got it.
    pub received_at: Timestamp,
    /// When casepost took it over.
    pub claimed_at: Timestamp,
    /// What kind of mail it is (human, auto-reply, bounce, …).
    pub origin: String,
    /// How the sender was proven, or why not.
    pub proof: String,
    /// The newly written text.
    pub fresh: String,
    /// What counts of it, where that is something else: an expert's text without tags and what it repeats, or the text
    /// that the mail mended.
    pub said: Option<String>,
    /// The one outcome.
    pub outcome: String,
    /// Why it is quarantined, challenged or parked: a short code.
    pub cause: Option<String>,
    /// Why, in words for people.
    pub why: String,
    /// The case that it opened or joined.
    pub case_no: Option<i64>,
    /// The reporter's request that it made.
    pub request_no: Option<i64>,
}

impl StoredMessage {
    /// What it says, as far as it counts.
    #[must_use]
    pub fn words(&self) -> &str {
        self.said.as_deref().unwrap_or(&self.fresh)
    }
}

/// What a Message-ID leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownId {
    /// The id, without brackets.
    pub message_id: String,
    /// `in`, `out`, `mention` (in somebody's References) or `alias` (given to our letter by a provider).
    pub way: String,
    /// The number of the message or letter.
    pub owner_no: i64,
    /// Its case.
    pub case_no: i64,
    /// The client of that case.
    pub client: Option<String>,
}

fn read(row: &Row) -> Result<StoredMessage, StoreError> {
    Ok(StoredMessage {
        fingerprint: row.text(0)?,
        message_no: row.int(1)?,
        message_id: row.maybe_text(2)?,
        raw_digest: row.text(3)?,
        mailbox: row.text(4)?,
        sender: row.maybe_text(5)?,
        sender_name: row.maybe_text(6)?,
        person: row.maybe_text(7)?,
        role: row.maybe_text(8)?,
        subject: row.text(9)?,
        received_at: row.time(10)?,
        claimed_at: row.time(11)?,
        origin: row.text(12)?,
        proof: row.text(13)?,
        fresh: row.text(14)?,
        said: row.maybe_text(20)?,
        outcome: row.text(15)?,
        cause: row.maybe_text(16)?,
        why: row.text(17)?,
        case_no: row.maybe_int(18)?,
        request_no: row.maybe_int(19)?,
    })
}

/// Records a new mail with its outcome. The same mail can't be recorded twice: who asks first (under the desk's lock)
/// finds it, and otherwise the database refuses.
///
/// # Errors
/// What the database said.
pub async fn record(tx: &mut Tx, desk: &str, m: &StoredMessage) -> Result<(), StoreError> {
    let args = args![
        desk,
        &m.fingerprint,
        m.message_no,
        &m.message_id,
        &m.raw_digest,
        &m.mailbox,
        &m.sender,
        &m.sender_name,
        &m.person,
        &m.role,
        &m.subject,
        m.received_at,
        m.claimed_at,
        &m.origin,
        &m.proof,
        &m.fresh,
        &m.outcome,
        &m.cause,
        &m.why,
        m.case_no,
        m.request_no,
        &m.said
    ];
    let topic = m.case_no.map(Topic::Case);
    tx.execute_about(topic.as_slice(), RECORD, args).await
}

/// Gives a mail that was released, replayed or better proven its new outcome.
///
/// # Errors
/// What the database said.
pub async fn save_outcome(tx: &mut Tx, desk: &str, m: &StoredMessage) -> Result<(), StoreError> {
    let args = args![
        desk,
        &m.fingerprint,
        &m.outcome,
        &m.cause,
        &m.why,
        m.case_no,
        m.request_no,
        &m.person,
        &m.role,
        &m.proof,
        &m.said,
        &m.raw_digest
    ];
    tx.execute_later(DECIDE_AGAIN, args).await
}

/// What counts of a mail from now on; nothing where another mail said it.
///
/// # Errors
/// What the database said.
pub async fn save_said(tx: &mut Tx, desk: &str, fingerprint: &str, said: &str) -> Result<(), StoreError> {
    tx.execute_later(SAVE_SAID, args![desk, fingerprint, said]).await
}

/// The mail of that fingerprint, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn find(tx: &mut Tx, desk: &str, fingerprint: &str) -> Result<Option<StoredMessage>, StoreError> {
    tx.find(FIND, args![desk, fingerprint]).await?.as_ref().map(read).transpose()
}

/// The first mail that came with that Message-ID, whatever its content.
///
/// # Errors
/// What the database said.
pub async fn find_by_message_id(tx: &mut Tx, desk: &str, id: &str) -> Result<Option<StoredMessage>, StoreError> {
    tx.find(FIND_SAME_ID, args![desk, id]).await?.as_ref().map(read).transpose()
}

/// Those of the fingerprints whose mails were recorded.
///
/// # Errors
/// What the database said.
pub async fn list_known(tx: &mut Tx, desk: &str, fingerprints: &[&str]) -> Result<Vec<String>, StoreError> {
    list_of(tx, LIST_KNOWN, desk, &texts(fingerprints), None).await?.iter().map(|row| row.text(0)).collect()
}

/// Those of the Message-IDs with which mails came in.
///
/// # Errors
/// What the database said.
pub async fn list_known_ids(tx: &mut Tx, desk: &str, ids: &[&str]) -> Result<Vec<String>, StoreError> {
    list_of(tx, LIST_KNOWN_IDS, desk, &texts(ids), None).await?.iter().map(|row| row.text(0)).collect()
}

/// How many cases and requests each of the senders opened since a moment; who opened none is left out.
///
/// # Errors
/// What the database said.
pub async fn list_recent_counts(
    tx: &mut Tx,
    desk: &str,
    senders: &[&str],
    since: Timestamp,
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = list_of(tx, LIST_RECENT, desk, &texts(senders), Some(since)).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// The mail of that number.
///
/// # Errors
/// What the database said.
pub async fn find_by_number(db: &Db, desk: &str, message_no: i64) -> Result<Option<StoredMessage>, StoreError> {
    db.fetch(FIND_BY_NUMBER, args![desk, message_no]).await?.first().map(read).transpose()
}

/// The mail of that number, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn find_by_number_in(tx: &mut Tx, desk: &str, message_no: i64) -> Result<Option<StoredMessage>, StoreError> {
    tx.find(FIND_BY_NUMBER, args![desk, message_no]).await?.as_ref().map(read).transpose()
}

/// The newest mails, of one outcome or of all.
///
/// # Errors
/// What the database said.
pub async fn list(db: &Db, desk: &str, outcome: Option<&str>, most: i64) -> Result<Vec<StoredMessage>, StoreError> {
    let rows = match outcome {
        Some(outcome) => db.fetch(LIST_BY_OUTCOME, args![desk, outcome, most]).await?,
        None => db.fetch(LIST, args![desk, most]).await?,
    };
    rows.iter().map(read).collect()
}

/// The mails of a case, oldest first.
///
/// # Errors
/// What the database said.
pub async fn list_of_case(db: &Db, desk: &str, case_no: i64) -> Result<Vec<StoredMessage>, StoreError> {
    db.fetch(LIST_OF_CASE, args![desk, case_no]).await?.iter().map(read).collect()
}

/// As [`list_of_case`], inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn list_of_case_in(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<StoredMessage>, StoreError> {
    tx.fetch_about(&[Topic::Case(case_no)], LIST_OF_CASE, args![desk, case_no]).await?.iter().map(read).collect()
}

/// Asks for the mails of several cases at once, for [`list_of_case_in`] to give them. Those of long cases are left to it,
/// so that memory stays bounded.
///
/// # Errors
/// What the database said.
pub async fn ask_of_cases(tx: &mut Tx, desk: &str, cases: &[i64]) -> Result<(), StoreError> {
    let mut short = Vec::with_capacity(cases.len());
    let mut room = MOST_ASKED_BYTES;
    for row in list_of(tx, LIST_SIZES, desk, &numbers(cases), None).await? {
        if let Some(left) = room.checked_sub(row.int(1)?).filter(|left| *left >= 0) {
            room = left;
            short.push(row.int(0)?);
        }
    }
    /// The columns of the times of receipt, the numbers and the cases.
    const ORDER: &[usize] = &[10, 1];
    let together = Together {
        one: LIST_OF_CASE,
        many: LIST_OF_CASES,
        column: 18,
        order: ORDER,
        most: usize::MAX,
        leaves_out: false,
    };
    together.ask(tx, desk, &numbers(&short), about_case, 18).await.map(drop)
}

/// When the mail of that fingerprint was received.
///
/// # Errors
/// What the database said.
pub async fn find_received_at(tx: &mut Tx, desk: &str, fingerprint: &str) -> Result<Option<Timestamp>, StoreError> {
    tx.find(FIND_RECEIVED, args![desk, fingerprint]).await?.map(|row| row.time(0)).transpose()
}

/// How many cases and requests this sender opened since a moment.
///
/// # Errors
/// What the database said.
pub async fn find_recent_count(tx: &mut Tx, desk: &str, sender: &str, since: Timestamp) -> Result<i64, StoreError> {
    let row = tx.find(COUNT_RECENT, args![desk, sender, since]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many cases and requests this sender opened by mails that were received between two moments.
///
/// # Errors
/// What the database said.
pub async fn find_received_count(
    tx: &mut Tx,
    desk: &str,
    sender: &str,
    (from, until): (Timestamp, Timestamp),
) -> Result<i64, StoreError> {
    let row = tx.find(COUNT_RECEIVED, args![desk, sender, from, until]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many mails ended in each outcome, over all desks.
///
/// # Errors
/// What the database said.
pub async fn list_counts(db: &Db) -> Result<Vec<(String, i64)>, StoreError> {
    db.fetch(COUNT_BY_OUTCOME, args![]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Remembers a Message-ID and the case that it leads to.
///
/// # Errors
/// What the database said.
pub async fn record_id(
    tx: &mut Tx,
    desk: &str,
    id: &str,
    way: &str,
    owner_no: i64,
    case: Option<(i64, &str)>,
) -> Result<(), StoreError> {
    let (case_no, client) = (case.map(|c| c.0), case.map(|c| c.1));
    tx.execute_about(&[Topic::Id(id)], RECORD_ID, args![desk, id, way, owner_no, case_no, client]).await
}

/// The cases that a Message-ID leads to; our own letters come first.
///
/// # Errors
/// What the database said.
pub async fn find_id(tx: &mut Tx, desk: &str, id: &str) -> Result<Vec<KnownId>, StoreError> {
    let rows = tx.fetch_about(&[Topic::Id(id)], FIND_ID, args![desk, id]).await?;
    rows.iter()
        .map(|row| {
            Ok(KnownId {
                message_id: row.text(0)?,
                way: row.text(1)?,
                owner_no: row.int(2)?,
                case_no: row.int(3)?,
                client: row.maybe_text(4)?,
            })
        })
        .collect()
}

/// Asks for several Message-IDs at once, for [`find_id`] to give them. Gives the cases that they lead to.
///
/// # Errors
/// What the database said.
pub async fn ask_ids(tx: &mut Tx, desk: &str, ids: &[&str]) -> Result<Vec<i64>, StoreError> {
    let together = Together { one: FIND_ID, many: LIST_IDS, column: 0, order: &[], most: 1000, leaves_out: false };
    together.ask(tx, desk, &texts(ids), about_id, 3).await
}
