//! The ledger: the one door by which lines come into it, with the notices that they bring, and what stands beside it
//! for statements (subjects of cases, names of experts).

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::decision::{Outgoing, card_notice};
use crate::domain::directory::{Client, Directory};
use crate::domain::names::ClientCode;
use crate::domain::strip_card::{Account, Entry, LedgerLine};
use crate::store::cards::StoredEntry;
use crate::store::numbers::Numbers;
use crate::store::{Db, StoreError, Tx, cards, marks};

use super::office::Office;

/// Lines of one cause that are to be written.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// Whose account.
    pub client: &'a ClientCode,
    /// The case worked on.
    pub case_no: Option<i64>,
    /// What makes them unique.
    pub booking_key: &'a str,
    /// The position, or the command, by which they are written.
    pub position: Option<&'a str>,
    /// When they were booked: the receipt of the mail, or the command.
    pub booked_at: Timestamp,
}

/// Writes lines into a client's ledger. Who does so also tells what they bring: at once by [`notices`], or at the next
/// tick by [`look_again`].
///
/// # Errors
/// What the database said.
pub async fn write(
    tx: &mut Tx,
    desk: &str,
    numbers: &mut Numbers,
    writing: Writing<'_>,
    entries: &[Entry],
) -> Result<(), StoreError> {
    for (part, entry) in (0..).zip(entries) {
        let line = StoredEntry {
            entry_no: numbers.draw("entry"),
            entry: entry.clone(),
            booked_at: writing.booked_at,
            booking_key: writing.booking_key.to_owned(),
            position: writing.position.map(str::to_owned),
        };
        cards::record(tx, desk, writing.client.as_str(), part, writing.case_no, &line).await?;
    }
    Ok(())
}

/// What the coordinator is to hear of the account as it is now. What counts as told is marked in this transaction.
///
/// # Errors
/// What the database said.
pub async fn notices(
    tx: &mut Tx,
    office: &Office,
    directory: &Directory,
    client: &ClientCode,
    account: &Account,
    now: Timestamp,
) -> Result<Option<Outgoing>, StoreError> {
    let Some(client) = directory.client(client) else { return Ok(None) };
    let Some(notice) = card_notice(account, client, directory, &office.facts, now) else { return Ok(None) };
    let mut is_new = false;
    for (place, mark) in notice.marks.iter().enumerate() {
        let is_claimed = marks::claim(tx, office.code(), mark, now).await?;
        is_new |= is_claimed && place == 0;
    }
    Ok(is_new.then_some(notice.letter))
}

/// The mark that a client's cards were looked at on the client's own day.
#[must_use]
pub fn looked_mark(client: &Client, at: Timestamp) -> String {
    format!("expiry/{}/{}", client.code, client.time_zone.time_zone().to_datetime(at).date())
}

/// The next tick looks at the client's cards once more, for who writes into a ledger and no letters.
///
/// # Errors
/// What the database said.
pub async fn look_again(tx: &mut Tx, desk: &str, client: &Client, at: Timestamp) -> Result<(), StoreError> {
    marks::end(tx, desk, &looked_mark(client, at)).await
}

/// A client's ledger, inside a transaction.
///
/// # Errors
/// What the database said.
pub async fn lines_in(
    tx: &mut Tx,
    office: &Office,
    directory: &Directory,
    client: &ClientCode,
) -> Result<Vec<LedgerLine>, StoreError> {
    let stored = cards::list_in(tx, office.code(), client.as_str()).await?;
    let subjects = cards::list_subjects_in(tx, office.code(), client.as_str()).await?;
    Ok(lines(stored, subjects, directory, client, &office.facts.time_zone))
}

/// A client's ledger, outside of any transaction. `zone` is the desk's, for a client that is no longer declared.
///
/// # Errors
/// What the database said.
pub async fn list(
    db: &Db,
    desk: &str,
    zone: &TimeZone,
    directory: &Directory,
    client: &ClientCode,
) -> Result<Vec<LedgerLine>, StoreError> {
    let stored = cards::list(db, desk, client.as_str()).await?;
    let subjects = cards::list_subjects(db, desk, client.as_str()).await?;
    Ok(lines(stored, subjects, directory, client, zone))
}

fn lines(
    stored: Vec<StoredEntry>,
    subjects: Vec<(String, String)>,
    directory: &Directory,
    client: &ClientCode,
    zone: &TimeZone,
) -> Vec<LedgerLine> {
    let zone = directory.client(client).map_or(zone, |client| client.time_zone.time_zone());
    let subjects: HashMap<String, String> = subjects.into_iter().collect();
    let line = |stored: StoredEntry| {
        let entry = stored.entry;
        let author = entry.charge.as_ref().or(entry.booking.as_ref()).map(|key| &key.expert);
        LedgerLine {
            entry_no: stored.entry_no,
            booked_on: LedgerLine::day(stored.booked_at, zone),
            subject: entry.case.as_ref().and_then(|number| subjects.get(&number.to_string()).cloned()),
            expert: author.map(|key| directory.name_of(key).map_or_else(|| key.to_string(), str::to_owned)),
            entry,
        }
    };
    stored.into_iter().map(line).collect()
}
