//! What casepost asks the store about its own health: few rows, by indexes of their own.

use jiff::Timestamp;

use super::{Db, StoreError, Tx, args, statements};

statements! {
    LIST_GIVEN_UP = "SELECT CAST(COUNT(*) AS BIGINT) FROM letters l JOIN marks m
        ON m.desk = l.desk AND m.mark = 'given-up/' || CAST(l.letter_no AS TEXT)
        WHERE l.desk = $1 AND l.state = 'given-up' AND m.made_at > $2";
    LIST_QUARANTINED = "SELECT COALESCE(cause, ''), CAST(COUNT(*) AS BIGINT) FROM messages
        WHERE desk = $1 AND outcome = 'quarantined' AND claimed_at > $2 GROUP BY cause ORDER BY cause";
    LIST_BOUNCED = "SELECT DISTINCT l.recipient FROM letters l JOIN directory_items d
        ON d.desk = l.desk AND d.kind = 'expert' AND d.item_key = l.person AND d.ended_at IS NULL
        WHERE l.desk = $1 AND l.bounced_at IS NOT NULL AND l.bounced_at > $2 ORDER BY l.recipient";
    FIND_CANARY = "SELECT MAX(enqueued_at), MIN(CASE WHEN enqueued_at > COALESCE((SELECT MAX(claimed_at) FROM messages
        WHERE desk = $1 AND mailbox = $3 AND cause = 'canary'), 0) THEN enqueued_at END)
        FROM letters WHERE desk = $1 AND recipient = $2 AND notice = 'canary' AND state <> 'dropped'";
    END_LETTER_BYTES = "DELETE FROM raw_mails WHERE desk = $1 AND digest IN
        (SELECT raw_digest FROM letters WHERE desk = $1 AND notice = 'canary' AND enqueued_at < $2)";
    END_MAIL_BYTES = "DELETE FROM raw_mails WHERE desk = $1 AND digest IN
        (SELECT raw_digest FROM messages WHERE desk = $1 AND cause = 'canary' AND claimed_at < $2)";
    END_MAIL_IDS = "DELETE FROM message_ids WHERE desk = $1 AND way = 'in' AND (message_id, owner_no) IN
        (SELECT message_id, message_no FROM messages WHERE desk = $1 AND cause = 'canary' AND claimed_at < $2)";
    END_LETTERS = "DELETE FROM letters WHERE desk = $1 AND notice = 'canary' AND enqueued_at < $2";
    END_MAILS = "DELETE FROM messages WHERE desk = $1 AND cause = 'canary' AND claimed_at < $2";
}

/// How many letters were given up since then and neither tried again nor sent.
///
/// # Errors
/// What the database said.
pub async fn find_given_up(db: &Db, desk: &str, since: Timestamp) -> Result<i64, StoreError> {
    db.fetch(LIST_GIVEN_UP, args![desk, since]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// How many mails that came since then lie in quarantine, by cause.
///
/// # Errors
/// What the database said.
pub async fn list_quarantined(db: &Db, desk: &str, since: Timestamp) -> Result<Vec<(String, i64)>, StoreError> {
    db.fetch(LIST_QUARANTINED, args![desk, since]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// The addresses of experts from which mail came back since then.
///
/// # Errors
/// What the database said.
pub async fn list_bounced_staff(db: &Db, desk: &str, since: Timestamp) -> Result<Vec<String>, StoreError> {
    db.fetch(LIST_BOUNCED, args![desk, since]).await?.iter().map(|row| row.text(0)).collect()
}

/// The canaries of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canaries {
    /// When the last one was written.
    pub last_at: Option<Timestamp>,
    /// When the oldest one was written that has not returned; one that was overtaken by a later one's return counts as
    /// returned.
    pub away_since: Option<Timestamp>,
}

/// The canaries of a mailbox: letters to its address, and when one came back to it.
///
/// # Errors
/// What the database said.
pub async fn find_canaries(db: &Db, desk: &str, address: &str, mailbox: &str) -> Result<Canaries, StoreError> {
    let rows = db.fetch(FIND_CANARY, args![desk, address, mailbox]).await?;
    let Some(row) = rows.first() else { return Ok(Canaries { last_at: None, away_since: None }) };
    Ok(Canaries { last_at: row.maybe_time(0)?, away_since: row.maybe_time(1)? })
}

/// Forgets canaries of before: they are no mail of anybody.
///
/// # Errors
/// What the database said.
pub async fn end_canaries(tx: &mut Tx, desk: &str, before: Timestamp) -> Result<(), StoreError> {
    let all = [END_LETTER_BYTES, END_MAIL_BYTES, END_MAIL_IDS, END_LETTERS, END_MAILS];
    for statement in all {
        tx.execute(statement, args![desk, before]).await?;
    }
    Ok(())
}
