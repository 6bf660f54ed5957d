//! From a mailbox to the intake: which mails are new, in sets, and away with those that are done.

mod pass;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::config::{AdoptSince, Mailbox};
use crate::mail::inbox::{FolderState, Inbox, InboxError, Uid};
use crate::store::mailboxes::{self, FolderKey, FolderMark, UidNote};
use crate::store::{Db, StoreError};

use super::boundary;
use super::clock::Clock;
use super::intake::{Arrived, Intake, NotedUid, Parsed, Progress, Taken, end_notes};
use pass::{Pass, Set, fetch};

/// The bytes of a set: a set of large mails is cut short, so that memory stays bounded.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A mail at whose fetching the connection broke so often in a row is left open, and the others go on.
const MOST_BROKEN_FETCHES: u32 = 2;

/// How far the clock of a mail server may be behind ours, so that no mail is taken for older than the activation.
const CLOCK_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The pauses between tries to note that a set failed through no fault of its mails.
const RETRY_NOTE_PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

/// Why a mailbox could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The mail server.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is told after each set: its outcomes.
pub type OnSet = Arc<dyn Fn(&[Taken]) + Send + Sync>;

/// Reads one mailbox.
pub struct Reader {
    /// Where its mails go.
    pub intake: Intake,
    /// How it is configured.
    pub mailbox: Mailbox,
    /// The connection.
    pub inbox: Inbox,
    /// Which mail is adopted on the first start.
    pub adopt: AdoptSince,
    /// What time it is.
    pub clock: Clock,
    /// Told after each set.
    pub on_set: OnSet,
    /// What it learned about single mails.
    pub memory: Memory,
    /// Asked between sets: whoever stops casepost does not wait for a long backlog.
    pub stop: CancellationToken,
    /// Whether mails are left where they are. What is decided meanwhile is remembered, and filed away once mails are
    /// filed again.
    pub is_shadow: bool,
}

/// What a reader knows about mails as long as its process lives.
#[derive(Debug, Default)]
pub struct Memory {
    /// At how many fetches in a row the connection broke.
    broken_fetches: HashMap<(String, Uid), u32>,
    /// Mails that this process began in vain and survived, though it could not be noted: they are not deadly.
    survived: HashSet<(String, Uid)>,
    /// Notes of mails that are filed or gone, which the next transaction removes.
    ended: Vec<NotedUid>,
}

/// A mail that is to be taken.
#[derive(Debug, Clone)]
struct Due {
    uid: Uid,
    size: u64,
    attempts: i64,
    /// Whether it is fetched and decided alone, because something went wrong with it before.
    is_alone: bool,
}

impl Reader {
    /// Reads every folder to its end: the junk folders, then INBOX, whose news are waited for afterwards. A junk folder
    /// that the server refuses, because there is none or no longer, keeps no mail of INBOX waiting.
    ///
    /// # Errors
    /// What the mail server or the store said; mails that have no outcome yet stay open.
    pub async fn drain(&mut self) -> Result<Vec<Taken>, ReadError> {
        let mut taken = Vec::new();
        for folder in self.mailbox.junk_folders.clone() {
            match self.drain_folder(&folder, true).await {
                Ok(of_folder) => taken.extend(of_folder),
                Err(ReadError::Inbox(error @ InboxError::Refused { .. })) => {
                    error!(mailbox = %self.mailbox.name, %folder, %error, "a junk folder can't be read");
                }
                Err(error) => return Err(error),
            }
        }
        let folder = self.mailbox.folder.clone();
        taken.extend(self.drain_folder(&folder, false).await?);
        Ok(taken)
    }

    fn db(&self) -> &Db {
        &self.intake.db
    }

    async fn drain_folder(&mut self, folder: &str, is_junk: bool) -> Result<Vec<Taken>, ReadError> {
        let key = FolderKey {
            desk: self.intake.office.code().to_owned(),
            mailbox: self.mailbox.name.to_string(),
            folder: folder.to_owned(),
        };
        let began_at = self.clock.now();
        self.forget_ended().await?;
        let state = self.inbox.select(folder).await?;
        let mark = self.mark(&key, &state).await?;
        let after = u32::try_from(mark.last_uid).ok().filter(|uid| *uid > 0);
        let listed = self.inbox.list_new(after, Some(mark.adopted_since)).await?;
        boundary::reach("after-list");
        let notes = mailboxes::list_notes(self.db(), &key, mark.uid_validity).await?;
        let mut due = open_notes(&notes);
        let is_known = |uid: &Uid| notes.iter().any(|note| note.uid == uid.to_string());
        let new = listed.into_iter().filter(|mail| !is_known(&mail.uid));
        due.extend(new.map(|mail| Due { uid: mail.uid, size: mail.size, attempts: 0, is_alone: false }));
        self.remember(folder, &mut due);
        let mut pass = Pass::new(key, mark, is_junk, sets(due, self.mailbox.batch));
        // Mails that got their outcome before a crash or a refusal are filed now.
        let taken = notes.iter().filter(|note| note.taken_at.is_some());
        pass.to_file = taken.filter_map(|note| note.uid.parse().ok()).collect();
        let read = self.read_sets(&mut pass).await;
        // The process lives: what was noted ahead and not decided is nobody's deadly mail.
        let begun: Vec<Due> = pass.begun().cloned().collect();
        self.note_survived(&pass, &begun).await;
        let all = read?;
        boundary::reach("before-fetched");
        let mut tx = self.db().begin().await?;
        end_notes(&mut tx, &self.memory.ended).await?;
        if pass.is_done() {
            mailboxes::save_fetched(&mut tx, &pass.key, began_at).await?;
        }
        tx.commit().await?;
        self.memory.ended.clear();
        boundary::reach("after-filed");
        Ok(all)
    }

    /// Fetches, decides and files the sets of a pass, all of them unless it is stopped.
    async fn read_sets(&mut self, pass: &mut Pass) -> Result<Vec<Taken>, ReadError> {
        let mut all = Vec::new();
        while !self.stop.is_cancelled()
            && let Some(set) = pass.next(&mut self.inbox).await
        {
            all.extend(self.take_set(pass, set).await?);
        }
        let filed = pass.file(&mut self.inbox, &self.intake, &self.mailbox, self.is_shadow).await?;
        self.end(pass, filed);
        Ok(all)
    }

    /// How far the folder was read. On the first start it begins at the activation (or as configured); under another
    /// UIDVALIDITY all uids are new, and mails that were taken before are recognised by what they are.
    async fn mark(&self, key: &FolderKey, state: &FolderState) -> Result<FolderMark, StoreError> {
        let uid_validity = i64::from(state.uid_validity);
        let known = mailboxes::find_folder(self.db(), key).await?;
        let mark = match known {
            Some(mark) if mark.uid_validity == uid_validity => return Ok(mark),
            Some(mark) => {
                warn!(folder = %key.folder, mailbox = %key.mailbox, "UIDVALIDITY changed: the folder is read anew");
                FolderMark { uid_validity, last_uid: 0, ..mark }
            }
            None => {
                let (last_uid, adopted_since) = match self.adopt {
                    AdoptSince::Activation => activation(self.clock.now(), state),
                    AdoptSince::Moment(since) => (0, since),
                    AdoptSince::All => (0, Timestamp::UNIX_EPOCH),
                };
                FolderMark { uid_validity, last_uid, adopted_since, fetched_at: None }
            }
        };
        let mut tx = self.db().begin().await?;
        mailboxes::end_older_notes(&mut tx, key, uid_validity).await?;
        mailboxes::save_folder(&mut tx, key, &mark).await?;
        tx.commit().await?;
        Ok(mark)
    }

    async fn take_set(&mut self, pass: &mut Pass, set: Set) -> Result<Vec<Taken>, ReadError> {
        let Set { due, is_begun, came } = set;
        let came = match came {
            Ok(came) => came,
            // One mail that the server refuses must not hold up the others.
            Err(InboxError::Refused { .. }) if due.len() > 1 => return self.take_singly(pass, &due).await,
            Err(error @ InboxError::Refused { .. }) => {
                error!(uid = %due[0].uid, folder = %pass.key.folder, %error, "the server refuses a mail; it stays open");
                self.leave_open(pass, &due).await?;
                return Ok(Vec::new());
            }
            Err(error) => return self.broken_fetch(pass, &due, error).await,
        };
        for mail in &due {
            self.memory.broken_fetches.remove(&(pass.key.folder.clone(), mail.uid.clone()));
        }
        if !is_begun {
            boundary::reach("before-attempt");
            self.note(pass, &due).await?;
            boundary::reach("after-attempt");
        }
        self.end(pass, came.gone);
        let progress = pass.progress(&due, &came.uids, &self.memory.ended);
        let decided = async {
            let decided = decide(&self.intake, &came.mails, came.parsed, &progress).await;
            // Also where that failed.
            progress.decided.notify_one();
            if let Ok(taken) = &decided {
                (self.on_set)(taken);
            }
            decided
        };
        // The server works on the sets before and after this one meanwhile.
        let beside = pass.go_on(&mut self.inbox, &self.intake, &self.mailbox, self.is_shadow, &progress.decided);
        let (decided, filed) = tokio::join!(decided, beside);
        let taken = match decided {
            Ok(taken) => taken,
            Err(error) => {
                // The process lives: a fault of the store is nobody's deadly mail.
                self.note_survived(pass, &due).await;
                return Err(error.into());
            }
        };
        self.memory.ended.clear();
        pass.note_progress(&progress);
        self.end(pass, filed?);
        for mail in &due {
            self.memory.survived.remove(&(pass.key.folder.clone(), mail.uid.clone()));
        }
        let is_done = |taken: &Taken| !matches!(taken, Taken::Waits { .. }) && !progress.stays(taken);
        let filed = came.uids.into_iter().zip(&taken).filter(|(_, taken)| is_done(taken));
        pass.to_file.extend(filed.map(|(uid, _)| uid));
        Ok(taken)
    }

    /// A set that the server refuses is fetched mail by mail.
    async fn take_singly(&mut self, pass: &mut Pass, due: &[Due]) -> Result<Vec<Taken>, ReadError> {
        self.note_retry(pass, due).await?;
        let mut taken = Vec::new();
        for mail in due {
            let alone = vec![Due { is_alone: true, ..mail.clone() }];
            let set = Set { came: fetch(&mut self.inbox, &alone, pass.is_junk).await, due: alone, is_begun: false };
            taken.extend(Box::pin(self.take_set(pass, set)).await?);
        }
        Ok(taken)
    }

    /// The notes of these mails are of no use any more. They go with the next transaction.
    fn end(&mut self, pass: &Pass, uids: Vec<Uid>) {
        self.memory.ended.extend(uids.iter().map(|uid| pass.name(uid)));
    }

    /// What this process knows of the mails that are due.
    fn remember(&self, folder: &str, due: &mut [Due]) {
        for mail in due {
            let name = (folder.to_owned(), mail.uid.clone());
            mail.is_alone = mail.attempts > 0 || self.memory.broken_fetches.contains_key(&name);
            if self.memory.survived.contains(&name) {
                mail.attempts = 0;
            }
        }
    }

    /// The connection broke while these mails were fetched. If it is one of them that the server breaks on, it is
    /// found by fetching them singly, and left open: it is tried again on every pass and holds up no other.
    async fn broken_fetch(&mut self, pass: &mut Pass, due: &[Due], error: InboxError) -> Result<Vec<Taken>, ReadError> {
        let mut most = 0;
        for mail in due {
            let count = self.memory.broken_fetches.entry((pass.key.folder.clone(), mail.uid.clone())).or_default();
            *count += 1;
            most = most.max(*count);
        }
        if due.len() > 1 || most < MOST_BROKEN_FETCHES {
            self.note_survived(pass, due).await;
            return Err(error.into());
        }
        error!(uid = %due[0].uid, folder = %pass.key.folder, %error, "a mail can't be fetched; it stays open");
        self.leave_open(pass, due).await?;
        Ok(Vec::new())
    }

    /// These mails are tried again on every pass.
    async fn leave_open(&mut self, pass: &mut Pass, due: &[Due]) -> Result<(), StoreError> {
        self.note(pass, due).await?;
        self.note_retry(pass, due).await
    }

    /// A set failed through a fault of the store or the connection. That must be noted, or its mails would count as
    /// deadly one day; a store that still refuses is asked a few times, and as long as the process lives it knows by
    /// itself.
    async fn note_survived(&mut self, pass: &Pass, due: &[Due]) {
        if due.is_empty() {
            return;
        }
        self.memory.survived.extend(due.iter().map(|mail| (pass.key.folder.clone(), mail.uid.clone())));
        for pause in RETRY_NOTE_PAUSES {
            match self.note_retry(pass, due).await {
                Ok(()) => return,
                Err(error) => warn!(folder = %pass.key.folder, %error, "a failed set can't be noted as such"),
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Notes that these mails are begun, and the set behind them, if that may be read ahead. From here on they are open
    /// until they have an outcome, so the mark may pass them.
    async fn note(&self, pass: &mut Pass, due: &[Due]) -> Result<(), StoreError> {
        let mut begun: Vec<&Due> = due.iter().collect();
        if pass.may_begin(due, 0) {
            begun.extend(pass.waiting[0].iter());
        }
        let mark = pass.mark_behind(&begun);
        let mut tx = self.db().begin().await?;
        for mail in &begun {
            mailboxes::record_attempt(&mut tx, &pass.key, mark.uid_validity, &mail.uid.to_string()).await?;
        }
        mailboxes::save_folder(&mut tx, &pass.key, &mark).await?;
        tx.commit().await?;
        let is_more = begun.len() > due.len();
        pass.mark = mark;
        pass.begun_sets += usize::from(is_more);
        Ok(())
    }

    async fn note_retry(&self, pass: &Pass, due: &[Due]) -> Result<(), StoreError> {
        let mut tx = self.db().begin().await?;
        for mail in due {
            mailboxes::save_retry(&mut tx, &pass.key, pass.mark.uid_validity, &mail.uid.to_string()).await?;
        }
        tx.commit().await
    }

    /// Forgets what a pass that broke off could not.
    async fn forget_ended(&mut self) -> Result<(), StoreError> {
        if self.memory.ended.is_empty() {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        end_notes(&mut tx, &self.memory.ended).await?;
        tx.commit().await?;
        self.memory.ended.clear();
        Ok(())
    }
}

async fn decide(
    intake: &Intake,
    mails: &[Arrived],
    parsed: Option<Parsed>,
    progress: &Progress,
) -> Result<Vec<Taken>, StoreError> {
    // What was begun before and has no outcome may be what killed the process: such mails go singly.
    let is_suspect = mails.iter().any(|mail| mail.is_deadly);
    if let (Some(parsed), false) = (parsed, is_suspect) {
        return intake.take_parsed(mails, parsed, Some(progress)).await;
    }
    let size = if is_suspect { 1 } else { mails.len().max(1) };
    let mut taken = Vec::with_capacity(mails.len());
    let mut chunks = mails.chunks(size).zip(progress.uids.chunks(size)).peekable();
    if chunks.peek().is_none() {
        return intake.take_parsed(&[], Parsed::default(), Some(progress)).await;
    }
    while let Some((set, uids)) = chunks.next() {
        let mut part = Progress { uids: uids.to_vec(), ..progress.clone() };
        if chunks.peek().is_some() {
            // What is begun and ended goes with the last.
            (part.begun, part.ended) = (Vec::new(), Vec::new());
        }
        taken.extend(intake.take_parsed(set, intake.parse(set), Some(&part)).await?);
    }
    Ok(taken)
}

/// From where a folder is read when all mail from now on is adopted: the last uid that is not, and the time.
///
/// A mail server's times are whole seconds of its own clock, so a mail that comes right now may look older than now.
/// Where the server tells the next uid, that decides and the time only bounds what a new UIDVALIDITY brings back.
fn activation(now: Timestamp, state: &FolderState) -> (i64, Timestamp) {
    match state.uid_next.filter(|uid| *uid > 0) {
        Some(uid) => (i64::from(uid) - 1, now.checked_sub(CLOCK_PATIENCE).unwrap_or(now)),
        None => (0, Timestamp::from_second(now.as_second()).unwrap_or(now)),
    }
}

fn open_notes(notes: &[UidNote]) -> Vec<Due> {
    let open = notes.iter().filter(|note| note.taken_at.is_none());
    let mut due: Vec<Due> = open
        .filter_map(|note| Some(Due { uid: note.uid.parse().ok()?, size: 0, attempts: note.attempts, is_alone: false }))
        .collect();
    due.sort_by_key(|due| match &due.uid {
        Uid::Imap(uid) => (*uid, String::new()),
        Uid::Maildir(name) => (0, name.clone()),
    });
    due
}

/// Sets of at most so many mails and bytes; a mail that was begun before goes alone.
fn sets(due: Vec<Due>, most: usize) -> Vec<Vec<Due>> {
    let mut sets: Vec<Vec<Due>> = Vec::new();
    let mut bytes = 0;
    for mail in due {
        let fits = sets.last().is_some_and(|set: &Vec<Due>| {
            set.len() < most.max(1)
                && bytes + mail.size <= MOST_BYTES
                && !mail.is_alone
                && set.iter().all(|other| !other.is_alone)
        });
        if !fits {
            bytes = 0;
            sets.push(Vec::new());
        }
        bytes += mail.size;
        if let Some(set) = sets.last_mut() {
            set.push(mail);
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mails: &[(u64, i64)], expected: &[usize]) {
        let due = mails.iter().map(|(size, attempts)| Due {
            uid: Uid::Imap(1),
            size: *size,
            attempts: *attempts,
            is_alone: *attempts > 0,
        });
        let sizes: Vec<usize> = sets(due.collect(), 3).iter().map(Vec::len).collect();
        assert_eq!(sizes, expected, "{mails:?}");
    }

    #[test]
    fn sets_are_bounded_and_suspects_go_alone() {
        check(&[], &[]);
        check(&[(1, 0), (1, 0), (1, 0), (1, 0)], &[3, 1]);
        check(&[(1, 1), (1, 0), (1, 0)], &[1, 2]);
        check(&[(1, 0), (1, 2), (1, 0)], &[1, 1, 1]);
        check(&[(MOST_BYTES, 0), (1, 0), (MOST_BYTES + 5, 0)], &[1, 1, 1]);
    }
}
