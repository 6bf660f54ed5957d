//! The ledger with what stands beside it: subjects of cases and names of experts, for statements.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::domain::directory::Directory;
use crate::domain::names::ClientCode;
use crate::domain::strip_card::LedgerLine;
use crate::store::cards::StoredEntry;
use crate::store::{Db, StoreError, Tx, cards};

use super::office::Office;

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
