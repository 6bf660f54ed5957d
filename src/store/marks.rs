//! Marks: what may be told or done only once, or not before a date.

use jiff::Timestamp;

use super::lists::{fifty, list_of, texts};
use super::{StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO marks (desk, mark, made_at, until_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (desk, mark) DO NOTHING";
    SAVE = "INSERT INTO marks (desk, mark, made_at, until_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (desk, mark) DO UPDATE SET made_at = $3, until_at = $4";
    FIND = "SELECT made_at, until_at FROM marks WHERE desk = $1 AND mark = $2";
    LIST_STANDING = concat!("SELECT mark FROM marks WHERE desk = $1 AND (until_at IS NULL OR until_at > $52) AND mark IN (",
        fifty!(), ")");
    END = "DELETE FROM marks WHERE desk = $1 AND mark = $2";
}

/// Makes the mark; true if it was not there yet, so exactly one caller may tell.
///
/// # Errors
/// What the database said.
pub async fn claim(tx: &mut Tx, desk: &str, mark: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(RECORD, args![desk, mark, now, None::<i64>]).await? == 1)
}

/// Makes or prolongs a mark that ends by itself.
///
/// # Errors
/// What the database said.
pub async fn save(tx: &mut Tx, desk: &str, mark: &str, now: Timestamp, until: Timestamp) -> Result<(), StoreError> {
    tx.execute_later(SAVE, args![desk, mark, now, until]).await
}

/// Whether the mark stands at this moment.
///
/// # Errors
/// What the database said.
pub async fn find(tx: &mut Tx, desk: &str, mark: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row = tx.find(FIND, args![desk, mark]).await?;
    let Some(row) = row else { return Ok(false) };
    Ok(row.maybe_time(1)?.is_none_or(|until| until > now))
}

/// Those of the marks that stand at this moment.
///
/// # Errors
/// What the database said.
pub async fn list_standing(tx: &mut Tx, desk: &str, marks: &[&str], now: Timestamp) -> Result<Vec<String>, StoreError> {
    list_of(tx, LIST_STANDING, desk, &texts(marks), Some(now)).await?.iter().map(|row| row.text(0)).collect()
}

/// Takes the mark away: what it stopped may be told again.
///
/// # Errors
/// What the database said.
pub async fn end(tx: &mut Tx, desk: &str, mark: &str) -> Result<(), StoreError> {
    tx.execute_later(END, args![desk, mark]).await
}
