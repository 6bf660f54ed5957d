//! A desk that was restored, or read a folder again, goes on: it reads its mail, and its letters that were set aside go,
//! or never do.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use tracing::warn;

use crate::domain::directory::ItemKind;
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::restores::{self, Restore};
use crate::store::{Db, StoreError, audit, directory};

use super::backup::By;

/// What is done with letters that are set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// They go; each that may have left before is uncertain and has its Message-ID.
    Release,
    /// They never go.
    Drop,
    /// They stay held, to be looked at one by one.
    Keep,
}

/// How a desk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resuming {
    /// What is done with letters that are set aside.
    pub aside: Aside,
    /// So many case numbers of each client are left out, where not all mail since the backup could be read again: an
    /// answer to a case that is lost then finds none, rather than another one.
    pub skipped_numbers: u32,
    /// In the numbers of this year.
    pub year: i16,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resumed {
    /// Whether the desk waited since a restore.
    pub was_waiting: bool,
    /// How many letters go.
    pub released: u64,
    /// How many letters never go.
    pub dropped: u64,
    /// How many letters stay held.
    pub kept: i64,
}

/// Why a desk reads no mail, with the mend; None where it does.
///
/// # Errors
/// What the database said.
pub async fn why_waiting(db: &Db, desk: &str) -> Result<Option<String>, StoreError> {
    let waiting = restores::find(db, desk).await?.filter(Restore::is_waiting);
    Ok(waiting.map(|restore| {
        let taken_at = restore.taken_at.strftime("%Y-%m-%d %H:%M UTC");
        format!(
            "desk {desk} was restored from a backup of {taken_at} and waits: read again what came in since with casepost \
             refetch, then casepost resume --reason TEXT"
        )
    }))
}

/// Keeps the mailboxes of a desk shut that waits, and tells the log so once in a while.
#[derive(Debug, Default)]
pub struct Gate {
    told_at: Mutex<Option<Instant>>,
}

impl Gate {
    /// How often the log is told.
    const PAUSE: Duration = Duration::from_secs(3600);

    /// Whether the desk waits for somebody to resume it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn is_shut(&self, db: &Db, desk: &str) -> Result<bool, StoreError> {
        let Some(why) = why_waiting(db, desk).await? else { return Ok(false) };
        let mut told_at = self.told_at.lock().unwrap_or_else(PoisonError::into_inner);
        if told_at.is_none_or(|at| at.elapsed() > Self::PAUSE) {
            warn!(desk, why, "no mail is read");
            *told_at = Some(Instant::now());
        }
        Ok(true)
    }
}

/// Lets the desk go on, in one transaction with its line in the audit trail.
///
/// # Errors
/// What the database said; then nothing was changed.
pub async fn resume(db: &Db, desk: &str, how: Resuming, by: &By, now: Timestamp) -> Result<Resumed, StoreError> {
    let before = restores::count_aside(db, desk).await?;
    let mut tx = db.begin_for(desk).await?;
    let mut numbers = Numbers::list(&mut tx, desk).await?;
    let was_waiting = restores::save_resumed(&mut tx, desk, now).await?;
    if how.skipped_numbers > 0 {
        let items = directory::list_in(&mut tx, desk).await?;
        let clients = items.iter().filter(|item| item.kind == ItemKind::Client.as_str());
        let counters: Vec<(&str, i16)> = clients.map(|client| (client.key.as_str(), how.year)).collect();
        numbers.ask_cases(&mut tx, desk, &counters).await?;
        for (client, year) in counters {
            numbers.skip_cases(client, year, how.skipped_numbers)?;
        }
    }
    let (mut released, mut dropped) = (0, 0);
    match how.aside {
        Aside::Release => released = restores::save_aside_released(&mut tx, desk, now).await?,
        Aside::Drop => dropped = restores::save_aside_dropped(&mut tx, desk).await?,
        Aside::Keep => {}
    }
    let kept = if how.aside == Aside::Keep { before } else { 0 };
    let done = Resumed { was_waiting, released, dropped, kept };
    if was_waiting || released + dropped > 0 || how.skipped_numbers > 0 {
        let line = AuditLine {
            at: now,
            actor: by.actor.clone(),
            action: "resume".to_owned(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: by.reason.clone(),
            detail: format!(
                "{released} letters released, {dropped} dropped, {kept} kept; {} case numbers left out",
                how.skipped_numbers
            ),
        };
        audit::record(&mut tx, desk, &mut numbers, &line).await?;
        numbers.save(&mut tx, desk).await?;
    }
    tx.commit().await?;
    Ok(done)
}
