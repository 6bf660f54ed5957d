//! Reads a folder again: mails that are known stay as they are, and the others are decided in their order.
//!
//! After a restore it brings back what came in since the backup; at the beginning it takes over a backlog. Nothing is
//! moved on the server. Every letter that comes of it is set aside until the desk is resumed.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use tracing::{error, warn};

use crate::config::{InboxSettings, Mailbox};
use crate::mail::inbox::{Fetched, Inbox, InboxError, Listed, Raw, Uid};
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, audit, restores};

use super::backup::By;
use super::intake::{Arrived, Intake, ReadingAgain, Taken};
use super::worker::{Worker, WorkerError, open_inbox};

/// The bytes of a set: memory stays bounded.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// What is to be read again.
#[derive(Debug, Clone)]
pub struct Refetch {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The folder of it.
    pub folder: String,
    /// Only mails that the server took in from this moment on.
    pub since: Timestamp,
    /// Whether nothing is decided, only counted.
    pub is_dry: bool,
    /// How the mails count.
    pub reading: ReadingAgain,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refetched {
    /// Mails in the folder since that moment.
    pub found: usize,
    /// Mails that have their outcome since before.
    pub known: usize,
    /// Mails that were not known.
    pub new: usize,
    /// How many of these got each outcome, by its word; none on a dry run.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// Mails that wait for a lookup that failed for a moment: to be read again later.
    pub waiting: usize,
    /// Mails that the server would not give.
    pub unreadable: usize,
    /// Letters that were set aside.
    pub set_aside: i64,
    /// When the server took in the oldest mail that was not known.
    pub oldest_new: Option<Timestamp>,
    /// When the server took in the newest mail that was not known.
    pub newest_new: Option<Timestamp>,
}

/// Why a folder can't be read again. What was decided before stays; the same call goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RefetchError {
    /// The mail server.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is configured.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

impl Worker {
    /// Reads a folder again; `progress` hears how many mails are done.
    ///
    /// # Errors
    /// [`RefetchError`].
    pub async fn refetch(
        &self,
        what: &Refetch,
        by: &By,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Refetched, RefetchError> {
        self.find_directories().await?;
        let intake = Intake { reading: Some(what.reading), ..self.intake(&what.mailbox)? };
        let mut reading = Reading {
            inbox: open_inbox(&reads_all(&what.mailbox), &self.tokens)?,
            intake,
            what,
            seen: HashSet::new(),
            done: Refetched::default(),
        };
        let desk = what.mailbox.desk.as_str();
        let aside_before = restores::count_aside(&self.db, desk).await?;
        let read = reading.read(progress).await;
        if let Err(error) = reading.inbox.log_out().await {
            warn!(mailbox = %what.mailbox.name, %error, "log-out failed");
        }
        let mut done = reading.done;
        done.set_aside = restores::count_aside(&self.db, desk).await? - aside_before;
        if !what.is_dry {
            self.note_refetch(what, &done, by).await?;
        }
        read.map(|()| done)
    }

    async fn note_refetch(&self, what: &Refetch, done: &Refetched, by: &By) -> Result<(), StoreError> {
        let desk = what.mailbox.desk.as_str();
        let mut tx = self.db.begin_for(desk).await?;
        let mut numbers = Numbers::list(&mut tx, desk).await?;
        let line = AuditLine {
            at: self.clock.now(),
            actor: by.actor.clone(),
            action: "refetch".to_owned(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: by.reason.clone(),
            detail: format!(
                "{} of {} since {}: {} found, {} known, {} taken",
                what.folder,
                what.mailbox.name,
                what.since,
                done.found,
                done.known,
                done.outcomes.values().sum::<usize>()
            ),
        };
        audit::record(&mut tx, desk, &mut numbers, &line).await?;
        numbers.save(&mut tx, desk).await?;
        tx.commit().await
    }
}

/// A Maildir's `cur/` is read, too: there lies what was handled.
fn reads_all(mailbox: &Mailbox) -> Mailbox {
    let mut mailbox = mailbox.clone();
    if matches!(mailbox.inbox, InboxSettings::Maildir(_)) {
        mailbox.file_into.get_or_insert_default();
    }
    mailbox
}

/// One reading of one folder.
struct Reading<'a> {
    inbox: Inbox,
    intake: Intake,
    what: &'a Refetch,
    /// The fingerprints of this reading, so that a copy in the same folder is not counted twice on a dry run.
    seen: HashSet<String>,
    done: Refetched,
}

impl Reading<'_> {
    async fn read(&mut self, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<(), RefetchError> {
        self.inbox.select(&self.what.folder).await?;
        let mut listed = self.inbox.list_new(None, Some(self.what.since)).await?;
        // As they came in: then cases that are opened again get the numbers that they had.
        listed.sort_by(|one, other| (one.arrived_at, &one.uid).cmp(&(other.arrived_at, &other.uid)));
        self.done.found = listed.len();
        let mut past = 0;
        for set in sets(&listed, self.what.mailbox.batch) {
            let mails = self.fetch(set).await?;
            self.take(mails).await?;
            past += set.len();
            progress(past, listed.len());
        }
        Ok(())
    }

    /// One mail that the server refuses holds up no other.
    async fn fetch(&mut self, set: &[Listed]) -> Result<Vec<Fetched>, InboxError> {
        let uids: Vec<Uid> = set.iter().map(|mail| mail.uid.clone()).collect();
        let mut mails = match self.inbox.fetch(&uids).await {
            Ok(fetched) => fetched.mails,
            Err(InboxError::Refused { .. }) => {
                let mut mails = Vec::new();
                for uid in &uids {
                    match self.inbox.fetch(std::slice::from_ref(uid)).await {
                        Ok(fetched) => mails.extend(fetched.mails),
                        Err(error @ InboxError::Refused { .. }) => {
                            error!(%uid, folder = %self.what.folder, %error, "the server refuses a mail");
                            self.done.unreadable += 1;
                        }
                        Err(error) => return Err(error),
                    }
                }
                mails
            }
            Err(error) => return Err(error),
        };
        mails.sort_by(|one, other| (one.arrived_at, &one.uid).cmp(&(other.arrived_at, &other.uid)));
        Ok(mails)
    }

    /// Decides what is not known.
    async fn take(&mut self, mails: Vec<Fetched>) -> Result<(), RefetchError> {
        let is_junk = self.what.mailbox.junk_folders.contains(&self.what.folder);
        let arrived: Vec<Arrived> = mails.into_iter().map(|mail| arrived(mail, is_junk)).collect();
        let known = self.intake.find_known(&arrived).await?;
        let mut new = Vec::new();
        for (mail, (print, is_known)) in arrived.into_iter().zip(known) {
            if is_known || !self.seen.insert(print) {
                self.done.known += 1;
                continue;
            }
            self.done.new += 1;
            self.done.oldest_new = self.done.oldest_new.or(Some(mail.arrived_at));
            self.done.newest_new = Some(mail.arrived_at);
            new.push(mail);
        }
        if self.what.is_dry || new.is_empty() {
            return Ok(());
        }
        for taken in self.intake.take(&new).await? {
            match taken {
                Taken::Done { outcome, .. } => *self.done.outcomes.entry(outcome.as_str()).or_default() += 1,
                // Somebody else took it meanwhile.
                Taken::SeenBefore { .. } => {
                    self.done.new -= 1;
                    self.done.known += 1;
                }
                Taken::Waits { .. } => self.done.waiting += 1,
            }
        }
        Ok(())
    }
}

fn arrived(mail: Fetched, is_junk: bool) -> Arrived {
    let (raw, too_large) = match mail.raw {
        Raw::Whole(raw) => (raw, None),
        Raw::TooLarge { head } => (head, Some(mail.size)),
    };
    Arrived { arrived_at: mail.arrived_at, raw, too_large, is_junk, is_deadly: false }
}

/// Sets of at most so many mails and bytes, at least one mail each.
fn sets(listed: &[Listed], most: usize) -> Vec<&[Listed]> {
    let mut sets = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (place, mail) in listed.iter().enumerate() {
        if place > from && (place - from >= most.max(1) || bytes + mail.size > MOST_BYTES) {
            sets.push(&listed[from..place]);
            (from, bytes) = (place, 0);
        }
        bytes += mail.size;
    }
    if from < listed.len() {
        sets.push(&listed[from..]);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[u64], expected: &[usize]) {
        let listed =
            sizes.iter().map(|size| Listed { uid: Uid::Imap(1), arrived_at: Timestamp::UNIX_EPOCH, size: *size });
        let listed: Vec<Listed> = listed.collect();
        let lengths: Vec<usize> = sets(&listed, 3).iter().map(|set| set.len()).collect();
        assert_eq!(lengths, expected, "{sizes:?}");
    }

    #[test]
    fn sets_are_bounded_in_mails_and_bytes() {
        check(&[], &[]);
        check(&[1], &[1]);
        check(&[1, 1, 1, 1], &[3, 1]);
        check(&[MOST_BYTES, 1, MOST_BYTES + 5, 1], &[1, 1, 1, 1]);
        check(&[MOST_BYTES - 1, 1, 1], &[2, 1]);
    }
}
