//! How far each folder of a mailbox was read, and which of its mails are under way.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Db, StoreError, Tx, args, from_micros, statements};

statements! {
    FIND_FOLDER = "SELECT uid_validity, last_uid, adopted_since, fetched_at FROM mailbox_folders
        WHERE desk = $1 AND mailbox = $2 AND folder = $3";
    SAVE_FOLDER = "INSERT INTO mailbox_folders (desk, mailbox, folder, uid_validity, last_uid, adopted_since, fetched_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (desk, mailbox, folder) DO UPDATE SET
        uid_validity = $4, last_uid = $5, adopted_since = $6, fetched_at = $7";
    FETCHED = "UPDATE mailbox_folders SET fetched_at = $4 WHERE desk = $1 AND mailbox = $2 AND folder = $3";
    NOTE = "INSERT INTO uid_notes (desk, mailbox, folder, uid_validity, uid, attempts, taken_at)
        VALUES ($1, $2, $3, $4, $5, 1, NULL) ON CONFLICT (desk, mailbox, folder, uid_validity, uid)
        DO UPDATE SET attempts = uid_notes.attempts + 1";
    TAKE = "INSERT INTO uid_notes (desk, mailbox, folder, uid_validity, uid, attempts, taken_at)
        VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (desk, mailbox, folder, uid_validity, uid)
        DO UPDATE SET taken_at = excluded.taken_at";
    RETRY = "UPDATE uid_notes SET attempts = 0
        WHERE desk = $1 AND mailbox = $2 AND folder = $3 AND uid_validity = $4 AND uid = $5";
    FORGET = "DELETE FROM uid_notes
        WHERE (desk, mailbox, folder, uid_validity, uid) IN (VALUES ($1, $2, $3, CAST($4 AS BIGINT), $5))";
    FORGET_OLDER = "DELETE FROM uid_notes WHERE desk = $1 AND mailbox = $2 AND folder = $3 AND uid_validity <> $4";
    LIST_NOTES = "SELECT uid, attempts, taken_at FROM uid_notes
        WHERE desk = $1 AND mailbox = $2 AND folder = $3 AND uid_validity = $4";
    LIST_FETCHED = "SELECT desk, mailbox, folder, fetched_at FROM mailbox_folders ORDER BY desk, mailbox, folder";
}

/// One folder of one mailbox of one desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderKey {
    /// The desk's code.
    pub desk: String,
    /// The mailbox's name in the configuration.
    pub mailbox: String,
    /// The folder's name, such as INBOX.
    pub folder: String,
}

/// How far a folder was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderMark {
    /// The folder's UIDVALIDITY (RFC 3501 section 2.3.1.1) when it was read; 0 for Maildir.
    pub uid_validity: i64,
    /// Every uid up to here was seen; those that are not done have a note.
    pub last_uid: i64,
    /// Only mail that arrived from here on is adopted.
    pub adopted_since: Timestamp,
    /// When the folder was last read to its end.
    pub fetched_at: Option<Timestamp>,
}

/// A mail that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UidNote {
    /// The uid as text (a number on IMAP, a file's name in a Maildir).
    pub uid: String,
    /// How many times it was begun.
    pub attempts: i64,
    /// When it got its outcome; from then on it only waits to be filed away.
    pub taken_at: Option<Timestamp>,
}

/// How far the folder was read; None before the first start.
///
/// # Errors
/// What the database said.
pub async fn find_folder(db: &Db, key: &FolderKey) -> Result<Option<FolderMark>, StoreError> {
    let rows = db.fetch(FIND_FOLDER, args![&key.desk, &key.mailbox, &key.folder]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(FolderMark {
        uid_validity: row.int(0)?,
        last_uid: row.int(1)?,
        adopted_since: row.time(2)?,
        fetched_at: row.maybe_time(3)?,
    }))
}

/// Writes how far the folder was read.
///
/// # Errors
/// What the database said.
pub async fn save_folder(tx: &mut Tx, key: &FolderKey, mark: &FolderMark) -> Result<(), StoreError> {
    let args = args![
        &key.desk,
        &key.mailbox,
        &key.folder,
        mark.uid_validity,
        mark.last_uid,
        mark.adopted_since,
        mark.fetched_at
    ];
    tx.execute_later(SAVE_FOLDER, args).await
}

/// Notes that the folder was read to its end.
///
/// # Errors
/// What the database said.
pub async fn save_fetched(tx: &mut Tx, key: &FolderKey, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(FETCHED, args![&key.desk, &key.mailbox, &key.folder, at]).await
}

/// Notes that a mail is begun (once more).
///
/// # Errors
/// What the database said.
pub async fn record_attempt(tx: &mut Tx, key: &FolderKey, uid_validity: i64, uid: &str) -> Result<(), StoreError> {
    tx.execute_later(NOTE, args![&key.desk, &key.mailbox, &key.folder, uid_validity, uid]).await
}

/// Notes that a mail was begun in vain through no fault of its own.
///
/// # Errors
/// What the database said.
pub async fn save_retry(tx: &mut Tx, key: &FolderKey, uid_validity: i64, uid: &str) -> Result<(), StoreError> {
    tx.execute_later(RETRY, args![&key.desk, &key.mailbox, &key.folder, uid_validity, uid]).await
}

/// Notes that a mail has its outcome and waits to be filed away.
///
/// # Errors
/// What the database said.
pub async fn record_taken(
    tx: &mut Tx,
    key: &FolderKey,
    uid_validity: i64,
    uid: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_later(TAKE, args![&key.desk, &key.mailbox, &key.folder, uid_validity, uid, at]).await
}

/// Forgets a mail that is done and filed, or that is no longer on the server.
///
/// # Errors
/// What the database said.
pub async fn end_note(tx: &mut Tx, key: &FolderKey, uid_validity: i64, uid: &str) -> Result<(), StoreError> {
    tx.execute_later(FORGET, args![&key.desk, &key.mailbox, &key.folder, uid_validity, uid]).await
}

/// Forgets the notes of another UIDVALIDITY: their uids mean nothing any more.
///
/// # Errors
/// What the database said.
pub async fn end_older_notes(tx: &mut Tx, key: &FolderKey, uid_validity: i64) -> Result<(), StoreError> {
    tx.execute_later(FORGET_OLDER, args![&key.desk, &key.mailbox, &key.folder, uid_validity]).await
}

/// The mails of a folder that are under way.
///
/// # Errors
/// What the database said.
pub async fn list_notes(db: &Db, key: &FolderKey, uid_validity: i64) -> Result<Vec<UidNote>, StoreError> {
    let rows = db.fetch(LIST_NOTES, args![&key.desk, &key.mailbox, &key.folder, uid_validity]).await?;
    rows.iter()
        .map(|row| Ok(UidNote { uid: row.text(0)?, attempts: row.int(1)?, taken_at: row.maybe_time(2)? }))
        .collect()
}

/// When each folder was last read to its end, by `desk/mailbox/folder`.
///
/// # Errors
/// What the database said.
pub async fn list_fetched(db: &Db) -> Result<HashMap<String, Option<Timestamp>>, StoreError> {
    let mut times = HashMap::new();
    for row in db.fetch(LIST_FETCHED, args![]).await? {
        let name = format!("{}/{}/{}", row.text(0)?, row.text(1)?, row.text(2)?);
        times.insert(name, row.maybe_int(3)?.map(from_micros));
    }
    Ok(times)
}
