//! Where the database holds what tells of a person, column by column, and the statements that take it away.
//!
//! [`COLUMNS`] decides every column of every table: a test holds it against the schema, so that a new column can't be
//! overlooked.

mod columns;
pub(super) mod rows;

use crate::domain::forgetting::{FORGOTTEN, Identity};
use jiff::Timestamp;

use super::{Db, StoreError, Tx, Value, args, statements};
use rows::{Pen, write_audit, write_case, write_change, write_entry, write_letter, write_mail};

pub use columns::{COLUMNS, Fate};

/// Deletes the bytes that some mails or letters name.
macro_rules! delete {
    ($digests:literal) => {
        concat!(
            "UPDATE raw_mails SET packed = NULL, deleted_at = $3, deleted_for = 'forgotten' WHERE desk = $1
             AND deleted_at IS NULL AND digest IN (",
            $digests,
            ")"
        )
    };
}

/// Finds the rows of a table whose texts hold a needle, with the number by which each is written again.
macro_rules! holding {
    ($columns:literal, $table:literal, $where:literal) => {
        concat!("SELECT ", $columns, " FROM ", $table, " WHERE desk = $1 AND (", $where, ")")
    };
}

statements! {
    LIST_NAMES = "SELECT DISTINCT sender_name FROM messages WHERE desk = $1 AND sender = $2 AND sender_name IS NOT NULL
        UNION SELECT DISTINCT reporter_name FROM requests WHERE desk = $1 AND reporter = $2";
    LIST_CASES_BY_ADDRESS = "SELECT case_no FROM messages WHERE desk = $1 AND sender = $2 AND case_no IS NOT NULL
        UNION SELECT case_no FROM letters WHERE desk = $1 AND recipient = $2 AND case_no IS NOT NULL
        UNION SELECT case_no FROM requests WHERE desk = $1 AND reporter = $2 AND case_no IS NOT NULL
        UNION SELECT case_no FROM cases WHERE desk = $1 AND LOWER(last_client_cc) LIKE '%' || $2 || '%'";
    LIST_CASES_BY_KEY = "SELECT case_no FROM messages WHERE desk = $1 AND person = $2 AND case_no IS NOT NULL
        UNION SELECT case_no FROM letters WHERE desk = $1 AND person = $2 AND case_no IS NOT NULL
        UNION SELECT case_no FROM case_parties WHERE desk = $1 AND person = $2
        UNION SELECT case_no FROM cases WHERE desk = $1 AND coordinator = $2";
    LIST_OWN_SUBJECTS = "SELECT DISTINCT c.case_no, c.subject FROM cases c WHERE c.desk = $1 AND (
        EXISTS (SELECT 1 FROM messages m WHERE m.desk = c.desk AND m.case_no = c.case_no AND m.sender = $2
            AND m.outcome = 'opened')
        OR EXISTS (SELECT 1 FROM requests q WHERE q.desk = c.desk AND q.case_no = c.case_no AND q.reporter = $2))";
    LIST_WAITING_TO = "SELECT letter_no FROM letters WHERE desk = $1 AND recipient = $2
        AND state IN ('queued', 'sending', 'held') ORDER BY letter_no + 0";
    LIST_WAITING_ON = "SELECT letter_no FROM letters WHERE desk = $1 AND case_no = $2
        AND state IN ('queued', 'sending', 'held') ORDER BY letter_no";
    LIST_HELD = "SELECT request_no FROM requests WHERE desk = $1 AND reporter = $2 AND state = 'held' ORDER BY request_no";

    END_CASE_MAILS = delete!("SELECT raw_digest FROM messages WHERE desk = $1 AND case_no = $2");
    END_CASE_LETTERS = delete!("SELECT raw_digest FROM letters WHERE desk = $1 AND case_no = $2");
    END_OWN_MAILS = delete!("SELECT raw_digest FROM messages WHERE desk = $1 AND sender = $2");
    END_OWN_LETTERS = delete!("SELECT raw_digest FROM letters WHERE desk = $1 AND recipient = $2");
    END_CAUSED_LETTERS = delete!("SELECT raw_digest FROM letters WHERE desk = $1 AND cause IN
        (SELECT fingerprint FROM messages WHERE desk = $1 AND sender = $2)");
    END_MAIL = delete!("SELECT raw_digest FROM messages WHERE desk = $1 AND message_no = $2");
    END_LETTER = delete!("SELECT raw_digest FROM letters WHERE desk = $1 AND letter_no = $2");

    LIST_MAIL_BYTES = "SELECT m.message_no, m.raw_digest FROM messages m
        LEFT JOIN cases c ON c.desk = m.desk AND c.case_no = m.case_no
        WHERE m.desk = $1 AND m.message_no > $2 AND (m.case_no IS NULL OR c.status IN ('resolved', 'closed', 'merged'))
        AND m.outcome NOT IN ('challenged', 'quarantined')
        AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.desk = m.desk AND p.fingerprint = m.fingerprint
            AND p.ended_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM requests q WHERE q.desk = m.desk AND q.fingerprint = m.fingerprint
            AND q.state = 'held')
        ORDER BY m.message_no LIMIT 100";
    LIST_LETTER_BYTES = "SELECT l.letter_no, l.raw_digest FROM letters l
        LEFT JOIN cases c ON c.desk = l.desk AND c.case_no = l.case_no
        WHERE l.desk = $1 AND l.letter_no > $2 AND (l.case_no IS NULL OR c.status IN ('resolved', 'closed', 'merged'))
        AND l.state IN ('sent', 'given-up', 'dropped') ORDER BY l.letter_no LIMIT 100";

    LIST_MAILS_OF_CASE = "SELECT message_no, subject, fresh, said, why, proof, message_id FROM messages
        WHERE desk = $1 AND case_no = $2";
    LIST_LETTERS_OF_CASE = "SELECT letter_no, subject FROM letters WHERE desk = $1 AND case_no = $2";
    LIST_ENTRIES_OF_CASE = "SELECT entry_no, description, body, position FROM entries WHERE desk = $1 AND case_no = $2";
    LIST_AUDIT_OF_CASE = "SELECT audit_no, actor, position, reason, detail FROM audit WHERE desk = $1 AND case_no = $2";
    LIST_CHANGES_OF_CASE = "SELECT change_no, body FROM case_changes WHERE desk = $1 AND case_no = $2";

    FORGET_LETTERS_OF_CASE = "UPDATE letters SET text = '' WHERE desk = $1 AND case_no = $2";
    FORGET_SUBJECT = "UPDATE cases SET subject = $3 WHERE desk = $1 AND case_no = $2";
    FORGET_CAUSED = "UPDATE letters SET text = '', subject = CASE WHEN case_no IS NULL THEN $3 ELSE subject END
        WHERE desk = $1 AND cause IN (SELECT fingerprint FROM messages WHERE desk = $1 AND sender = $2)";
    FORGET_LETTERS = "UPDATE letters SET text = '', subject = CASE WHEN case_no IS NULL THEN $4 ELSE subject END,
        recipient = $3, answer = NULL WHERE desk = $1 AND recipient = $2";
    FORGET_MAILS = "UPDATE messages SET subject = $4, fresh = '', said = NULL, sender = $3, sender_name = NULL,
        cause = CASE WHEN outcome IN ('challenged', 'quarantined', 'noted', 'own') THEN 'forgotten' ELSE cause END,
        outcome = CASE WHEN outcome IN ('challenged', 'quarantined') THEN 'noted' ELSE outcome END
        WHERE desk = $1 AND sender = $2";
    FORGET_REQUESTS = "UPDATE requests SET reporter = $3, reporter_name = $4, subject = $5
        WHERE desk = $1 AND reporter = $2";
    RENAME_MAILS = "UPDATE messages SET person = $3 WHERE desk = $1 AND person = $2";
    RENAME_LETTERS = "UPDATE letters SET person = $3 WHERE desk = $1 AND person = $2";
    RENAME_CASES = "UPDATE cases SET coordinator = $3 WHERE desk = $1 AND coordinator = $2";
    RENAME_PARTIES = "UPDATE case_parties SET person = $3 WHERE desk = $1 AND person = $2";
    RENAME_DECISIONS = "UPDATE requests SET decided_by = $3 WHERE desk = $1 AND decided_by = $2";
    END_MARKS = "DELETE FROM marks WHERE desk = $1 AND LOWER(mark) LIKE $2 ESCAPE '!'";
    END_ITEM = "DELETE FROM directory_items WHERE desk = $1 AND kind = $2 AND item_key = $3";
    WRITE_ITEM = "UPDATE directory_items SET item_key = $4, body = $5, ended_at = COALESCE(ended_at, $6)
        WHERE desk = $1 AND kind = $2 AND item_key = $3";

    HOLDING_MAILS = holding!("message_no, subject, fresh, said, why, proof, message_id", "messages",
        "LOWER(subject) LIKE $2 ESCAPE '!' OR LOWER(fresh) LIKE $2 ESCAPE '!' OR LOWER(said) LIKE $2 ESCAPE '!'
        OR LOWER(why) LIKE $2 ESCAPE '!' OR LOWER(proof) LIKE $2 ESCAPE '!' OR LOWER(message_id) LIKE $2 ESCAPE '!'");
    HOLDING_LETTERS = holding!("letter_no, subject, text, answer, cause", "letters", "LOWER(subject) LIKE $2 ESCAPE '!'
        OR LOWER(text) LIKE $2 ESCAPE '!' OR LOWER(answer) LIKE $2 ESCAPE '!' OR LOWER(cause) LIKE $2 ESCAPE '!'");
    HOLDING_CASES = holding!("case_no, subject, last_client_message_id, last_client_cc", "cases",
        "LOWER(subject) LIKE $2 ESCAPE '!' OR LOWER(last_client_message_id) LIKE $2 ESCAPE '!'
        OR LOWER(last_client_cc) LIKE $2 ESCAPE '!'");
    HOLDING_ENTRIES = holding!("entry_no, description, body, position", "entries", "LOWER(description) LIKE $2 ESCAPE '!'
        OR LOWER(body) LIKE $2 ESCAPE '!' OR LOWER(position) LIKE $2 ESCAPE '!'");
    HOLDING_AUDIT = holding!("audit_no, actor, position, reason, detail", "audit", "LOWER(actor) LIKE $2 ESCAPE '!'
        OR LOWER(position) LIKE $2 ESCAPE '!' OR LOWER(reason) LIKE $2 ESCAPE '!' OR LOWER(detail) LIKE $2 ESCAPE '!'");
    HOLDING_CHANGES = holding!("change_no, body", "case_changes", "LOWER(body) LIKE $2 ESCAPE '!'");
    HOLDING_REQUESTS = holding!("request_no, subject", "requests", "LOWER(subject) LIKE $2 ESCAPE '!'");
    HOLDING_PARKED = holding!("lines", "parked", "LOWER(lines) LIKE $2 ESCAPE '!'");
    HOLDING_IDS = holding!("message_id", "message_ids", "LOWER(message_id) LIKE $2 ESCAPE '!'");

    WRITE_LETTER_SUBJECT = "UPDATE letters SET subject = $3 WHERE desk = $1 AND letter_no = $2";
    WRITE_REQUEST = "UPDATE requests SET subject = $3 WHERE desk = $1 AND request_no = $2";
    WRITE_PARKED = "UPDATE parked SET lines = $3 WHERE desk = $1 AND lines = $2";
    WRITE_ID = "UPDATE message_ids SET message_id = $3 WHERE desk = $1 AND message_id = $2";
}

/// What of a person a database holds, or what was taken away of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Forgotten {
    /// Mails that they wrote.
    pub mails: u64,
    /// Letters to them.
    pub letters: u64,
    /// Cases in which they took part.
    pub cases: u64,
    /// Requests that they made and a coordinator decided.
    pub requests: u64,
    /// Mails and letters whose bytes go: theirs, those of their cases, and those that name them.
    pub raw_mails: u64,
    /// Rows of others' words, or of casepost's own records, in which their name gives way to the pseudonym.
    pub redacted: u64,
    /// Declarations of the directory.
    pub items: u64,
}

/// The pattern that finds a text in a column in small letters. What is no plain sign stands for any: databases differ
/// in how they make it small.
fn pattern(needle: &str) -> String {
    let mut pattern = String::from("%");
    for sign in needle.to_lowercase().chars() {
        match sign {
            '%' | '_' | '!' => pattern.extend(['!', sign]),
            sign if sign.is_ascii() => pattern.push(sign),
            _ => pattern.push('_'),
        }
    }
    pattern.push('%');
    pattern
}

async fn numbers(tx: &mut Tx, sql: &'static str, args: &[Value<'_>]) -> Result<Vec<i64>, StoreError> {
    tx.fetch(sql, args).await?.iter().map(|row| row.int(0)).collect()
}

/// The names under which mails from these addresses came.
///
/// # Errors
/// What the database said.
pub async fn list_names(tx: &mut Tx, desk: &str, address: &str) -> Result<Vec<String>, StoreError> {
    tx.fetch(LIST_NAMES, args![desk, address]).await?.iter().map(|row| row.text(0)).collect()
}

/// The cases in which somebody took part: as sender, recipient, reporter, coordinator or in Cc.
///
/// # Errors
/// What the database said.
pub async fn list_cases(tx: &mut Tx, desk: &str, who: &Identity) -> Result<Vec<i64>, StoreError> {
    let mut cases = Vec::new();
    for address in &who.addresses {
        cases.extend(numbers(tx, LIST_CASES_BY_ADDRESS, args![desk, address.as_str()]).await?);
    }
    if let Some(key) = &who.key {
        cases.extend(numbers(tx, LIST_CASES_BY_KEY, args![desk, key.as_str()]).await?);
    }
    cases.sort_unstable();
    cases.dedup();
    Ok(cases)
}

/// Letters that are still to go to somebody or on their cases.
///
/// # Errors
/// What the database said.
pub async fn list_waiting(tx: &mut Tx, desk: &str, who: &Identity, cases: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut waiting = Vec::new();
    for address in &who.addresses {
        waiting.extend(numbers(tx, LIST_WAITING_TO, args![desk, address.as_str()]).await?);
    }
    for case_no in cases {
        waiting.extend(numbers(tx, LIST_WAITING_ON, args![desk, *case_no]).await?);
    }
    waiting.sort_unstable();
    waiting.dedup();
    Ok(waiting)
}

/// Requests of somebody that nobody decided yet.
///
/// # Errors
/// What the database said.
pub async fn list_held(tx: &mut Tx, desk: &str, who: &Identity) -> Result<Vec<i64>, StoreError> {
    let mut held = Vec::new();
    for address in &who.addresses {
        held.extend(numbers(tx, LIST_HELD, args![desk, address.as_str()]).await?);
    }
    Ok(held)
}

/// The mails (or letters) behind that number whose bytes are needed no more, a hundred at most: number and digest.
///
/// # Errors
/// What the database said.
pub async fn list_bytes(db: &Db, desk: &str, of_letters: bool, behind: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = if of_letters { LIST_LETTER_BYTES } else { LIST_MAIL_BYTES };
    db.fetch(sql, args![desk, behind]).await?.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}

/// Deletes the bytes of one mail (or letter); gives how many went.
///
/// # Errors
/// What the database said.
pub async fn end_bytes(
    tx: &mut Tx,
    desk: &str,
    (of_letters, number): (bool, i64),
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(if of_letters { END_LETTER } else { END_MAIL }, args![desk, number, now]).await
}

/// Writes a declaration under another key and ends it, if it had not ended. What stood there of an earlier forgetting goes.
///
/// # Errors
/// What the database said.
pub async fn save_item(
    tx: &mut Tx,
    desk: &str,
    (kind, key): (&str, &str),
    (new_key, body): (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    if new_key != key {
        tx.execute(END_ITEM, args![desk, kind, new_key]).await?;
    }
    tx.execute(WRITE_ITEM, args![desk, kind, key, new_key, body, now]).await.map(|_| ())
}

/// Takes somebody out of every table but the directory.
///
/// # Errors
/// What the database said.
pub async fn save_forgotten(
    tx: &mut Tx,
    desk: &str,
    who: &Identity,
    cases: &[i64],
    now: Timestamp,
) -> Result<Forgotten, StoreError> {
    let mut done = Forgotten { cases: cases.len() as u64, ..Forgotten::default() };
    let mut subjects = std::collections::BTreeMap::new();
    for address in &who.addresses {
        for row in tx.fetch(LIST_OWN_SUBJECTS, args![desk, address.as_str()]).await? {
            subjects.insert(row.int(0)?, row.text(1)?);
        }
    }
    // Before the addresses give way: by them the bytes are found.
    for address in who.addresses.iter().map(|address| address.as_str()) {
        for sql in [END_OWN_MAILS, END_OWN_LETTERS, END_CAUSED_LETTERS] {
            done.raw_mails += tx.execute(sql, args![desk, address, now]).await?;
        }
    }
    forget_own(tx, desk, who, &mut done).await?;
    for case_no in cases {
        for sql in [END_CASE_MAILS, END_CASE_LETTERS] {
            done.raw_mails += tx.execute(sql, args![desk, *case_no, now]).await?;
        }
        let pen = Pen { who, subject: subjects.get(case_no).map(String::as_str), is_close: true };
        done.redacted += forget_case(tx, desk, *case_no, pen).await?;
    }
    forget_everywhere(tx, desk, who, now, &mut done).await?;
    Ok(done)
}

/// What the person wrote and what was written to them.
async fn forget_own(tx: &mut Tx, desk: &str, who: &Identity, done: &mut Forgotten) -> Result<(), StoreError> {
    let (stand_in, pseudonym) = (who.address(), who.pseudonym.as_str());
    for address in who.addresses.iter().map(|address| address.as_str()) {
        tx.execute(FORGET_CAUSED, args![desk, address, FORGOTTEN]).await?;
        done.letters += tx.execute(FORGET_LETTERS, args![desk, address, &stand_in, FORGOTTEN]).await?;
        done.mails += tx.execute(FORGET_MAILS, args![desk, address, &stand_in, FORGOTTEN]).await?;
        let args = args![desk, address, &stand_in, pseudonym, FORGOTTEN];
        done.requests += tx.execute(FORGET_REQUESTS, args).await?;
    }
    if let Some(key) = &who.key {
        for sql in [RENAME_MAILS, RENAME_LETTERS, RENAME_CASES, RENAME_PARTIES, RENAME_DECISIONS] {
            tx.execute(sql, args![desk, key.as_str(), pseudonym]).await?;
        }
    }
    Ok(())
}

/// What others wrote on a case of theirs, and what casepost noted of it.
async fn forget_case(tx: &mut Tx, desk: &str, case_no: i64, pen: Pen<'_>) -> Result<u64, StoreError> {
    let args = args![desk, case_no];
    tx.execute(FORGET_LETTERS_OF_CASE, args).await?;
    let mut changed = 0;
    for row in tx.fetch(LIST_LETTERS_OF_CASE, args).await? {
        let (before, number) = (row.text(1)?, row.int(0)?);
        let after = pen.words(&before);
        if after != before {
            tx.execute_later(WRITE_LETTER_SUBJECT, args![desk, number, &after]).await?;
        }
    }
    for row in tx.fetch(LIST_MAILS_OF_CASE, args).await? {
        changed += u64::from(write_mail(tx, desk, &row, pen).await?);
    }
    for row in tx.fetch(LIST_ENTRIES_OF_CASE, args).await? {
        changed += u64::from(write_entry(tx, desk, &row, pen).await?);
    }
    for row in tx.fetch(LIST_AUDIT_OF_CASE, args).await? {
        changed += u64::from(write_audit(tx, desk, &row, pen).await?);
    }
    for row in tx.fetch(LIST_CHANGES_OF_CASE, args).await? {
        changed += u64::from(write_change(tx, desk, &row, pen).await?);
    }
    if pen.subject.is_some() {
        tx.execute(FORGET_SUBJECT, args![desk, case_no, FORGOTTEN]).await?;
    }
    Ok(changed)
}

/// Wherever else they are named. Mails and letters that name them lose their bytes.
async fn forget_everywhere(
    tx: &mut Tx,
    desk: &str,
    who: &Identity,
    now: Timestamp,
    done: &mut Forgotten,
) -> Result<(), StoreError> {
    let pen = Pen { who, subject: None, is_close: false };
    for pattern in who.needles().map(pattern) {
        let args = args![desk, &pattern];
        for row in tx.fetch(HOLDING_MAILS, args).await? {
            if write_mail(tx, desk, &row, pen).await? {
                done.redacted += 1;
                done.raw_mails += end_bytes(tx, desk, (false, row.int(0)?), now).await?;
            }
        }
        for row in tx.fetch(HOLDING_LETTERS, args).await? {
            if write_letter(tx, desk, &row, pen).await? {
                done.redacted += 1;
                done.raw_mails += end_bytes(tx, desk, (true, row.int(0)?), now).await?;
            }
        }
        for row in tx.fetch(HOLDING_CASES, args).await? {
            done.redacted += u64::from(write_case(tx, desk, &row, pen).await?);
        }
        for row in tx.fetch(HOLDING_ENTRIES, args).await? {
            done.redacted += u64::from(write_entry(tx, desk, &row, pen).await?);
        }
        for row in tx.fetch(HOLDING_AUDIT, args).await? {
            done.redacted += u64::from(write_audit(tx, desk, &row, pen).await?);
        }
        for row in tx.fetch(HOLDING_CHANGES, args).await? {
            done.redacted += u64::from(write_change(tx, desk, &row, pen).await?);
        }
        for row in tx.fetch(HOLDING_REQUESTS, args).await? {
            let (before, number) = (row.text(1)?, row.int(0)?);
            let after = pen.words(&before);
            done.redacted += u64::from(after != before);
            tx.execute_later(WRITE_REQUEST, args![desk, number, &after]).await?;
        }
        for row in tx.fetch(HOLDING_PARKED, args).await? {
            let before = row.text(0)?;
            let after = pen.json(&before);
            done.redacted += u64::from(after != before);
            tx.execute_later(WRITE_PARKED, args![desk, &before, &after]).await?;
        }
        for row in tx.fetch(HOLDING_IDS, args).await? {
            let before = row.text(0)?;
            let after = pen.words(&before);
            tx.execute_later(WRITE_ID, args![desk, &before, &after]).await?;
        }
        tx.execute(END_MARKS, args).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_any_sign_for_what_databases_make_small_in_their_own_ways() {
        let check = |needle, expected| assert_eq!(pattern(needle), expected);
        check("Anne@X.example", "%anne@x.example%");
        check("Zoë_B", "%zo_!_b%");
        check("100%!", "%100!%!!%");
    }
}
