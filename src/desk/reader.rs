//! From a mailbox to the intake: which mails are new, in sets, and away with those that are done.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::{debug, error, warn};

use crate::config::{AdoptSince, Mailbox};
use crate::mail::inbox::{Fetched, FetchedSet, FolderState, Inbox, InboxError, Raw, Uid};
use crate::store::mailboxes::{self, FolderKey, FolderMark, UidNote};
use crate::store::{Db, StoreError};

use super::boundary;
use super::clock::Clock;
use super::intake::{Arrived, Intake, Taken, UidTaken};

/// The bytes of a set: a set of large mails is cut short, so that memory stays bounded.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A mail at whose fetching the connection broke so often in a row is left open, and the others go on.
const MOST_BROKEN_FETCHES: u32 = 2;

/// How far the clock of a mail server may be behind ours, so that no mail is taken for older than the activation.
const CLOCK_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The pauses between tries to note that a set failed through no fault of its mails.
const RETRY_NOTE_PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

/// A mail whose handling was begun so often without an outcome has killed the process each time.
const DEADLY_ATTEMPTS: i64 = 2;

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
        let state = self.inbox.select(folder).await?;
        let mut mark = self.mark(&key, &state).await?;
        let after = u32::try_from(mark.last_uid).ok().filter(|uid| *uid > 0);
        let listed = self.inbox.list_new(after, Some(mark.adopted_since)).await?;
        boundary::reach("after-list");
        let notes = mailboxes::list_notes(self.db(), &key, mark.uid_validity).await?;
        self.file_away_taken(&key, &mark, &notes).await?;
        let mut due = open_notes(&notes);
        let is_known = |uid: &Uid| notes.iter().any(|note| note.uid == uid.to_string());
        let new = listed.into_iter().filter(|mail| !is_known(&mail.uid));
        due.extend(new.map(|mail| Due { uid: mail.uid, size: mail.size, attempts: 0, is_alone: false }));
        self.remember(folder, &mut due);
        let mut all = Vec::new();
        let mut sets = sets(due, self.mailbox.batch).into_iter();
        let mut coming = fetch_ahead(&mut self.inbox, sets.next()).await;
        while let Some((set, fetched)) = coming.take() {
            let mut next = Next { set: sets.next(), fetched: None };
            all.extend(self.take_set(&key, &mut mark, &set, fetched, &mut next, is_junk).await?);
            coming = match (next.fetched, next.set) {
                (Some(fetched), _) => Some(fetched),
                (None, set) => fetch_ahead(&mut self.inbox, set).await,
            };
        }
        boundary::reach("before-fetched");
        let mut tx = self.db().begin().await?;
        mailboxes::save_fetched(&mut tx, &key, began_at).await?;
        tx.commit().await?;
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

    async fn take_set(
        &mut self,
        key: &FolderKey,
        mark: &mut FolderMark,
        set: &[Due],
        fetched: Result<FetchedSet, InboxError>,
        next: &mut Next,
        is_junk: bool,
    ) -> Result<Vec<Taken>, ReadError> {
        let fetched = match fetched {
            Ok(fetched) => fetched,
            // One mail that the server refuses must not hold up the others.
            Err(InboxError::Refused { .. }) if set.len() > 1 => {
                let mut taken = Vec::new();
                for due in set {
                    let alone = std::slice::from_ref(due);
                    let fetched = fetch(&mut self.inbox, alone).await;
                    let none = &mut Next::default();
                    taken.extend(Box::pin(self.take_set(key, mark, alone, fetched, none, is_junk)).await?);
                }
                return Ok(taken);
            }
            Err(error @ InboxError::Refused { .. }) => {
                error!(uid = %set[0].uid, folder = %key.folder, %error, "the server refuses a mail; it stays open");
                self.note(key, mark, set).await?;
                self.note_retry(key, mark, set).await?;
                return Ok(Vec::new());
            }
            Err(error) => return self.broken_fetch(key, mark, set, error).await,
        };
        for due in set {
            self.memory.broken_fetches.remove(&(key.folder.clone(), due.uid.clone()));
        }
        boundary::reach("before-attempt");
        self.note(key, mark, set).await?;
        boundary::reach("after-attempt");
        self.forget(key, mark.uid_validity, &fetched.gone).await?;
        let attempts = |uid: &Uid| set.iter().find(|due| due.uid == *uid).map_or(0, |due| due.attempts);
        let (uids, arrived): (Vec<Uid>, Vec<Arrived>) =
            fetched.mails.into_iter().map(|mail| arrived(mail, is_junk, &attempts)).unzip();
        let decided = async {
            let decided = decide(&self.intake, key, mark, &uids, &arrived).await;
            if let Ok(taken) = &decided {
                (self.on_set)(taken);
            }
            decided
        };
        let (decided, coming) = tokio::join!(decided, fetch_ahead(&mut self.inbox, next.set.take()));
        next.fetched = coming;
        let taken = match decided {
            Ok(taken) => taken,
            Err(error) => {
                // The process lives: a fault of the store is nobody's deadly mail.
                self.note_survived(key, mark, set).await;
                return Err(error.into());
            }
        };
        let done = uids.into_iter().zip(&taken).filter(|(_, taken)| !matches!(taken, Taken::Waits { .. }));
        let stays =
            |taken: &Taken| is_junk && matches!(taken, Taken::Done { outcome, .. } if outcome.as_str() == "noted");
        let (left, filed): (Vec<_>, Vec<_>) = done.partition(|(_, taken)| stays(taken));
        let left: Vec<Uid> = left.into_iter().map(|(uid, _)| uid).collect();
        self.forget(key, mark.uid_validity, &left).await?;
        if next.is_cut_off() {
            // There is no connection on which to file them: the next pass does. What broke it is looked at first.
            return Ok(taken);
        }
        let filed: Vec<Uid> = filed.into_iter().map(|(uid, _)| uid).collect();
        self.file_away(key, mark.uid_validity, &filed).await?;
        Ok(taken)
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
    async fn broken_fetch(
        &mut self,
        key: &FolderKey,
        mark: &mut FolderMark,
        set: &[Due],
        error: InboxError,
    ) -> Result<Vec<Taken>, ReadError> {
        let mut most = 0;
        for due in set {
            let count = self.memory.broken_fetches.entry((key.folder.clone(), due.uid.clone())).or_default();
            *count += 1;
            most = most.max(*count);
        }
        if set.len() > 1 || most < MOST_BROKEN_FETCHES {
            return Err(error.into());
        }
        error!(uid = %set[0].uid, folder = %key.folder, %error, "a mail can't be fetched; it stays open");
        self.note(key, mark, set).await?;
        self.note_retry(key, mark, set).await?;
        Ok(Vec::new())
    }

    /// A set failed through a fault of the store. That must be noted, or its mails would count as deadly one day; a
    /// store that still refuses is asked a few times, and as long as the process lives it knows by itself.
    async fn note_survived(&mut self, key: &FolderKey, mark: &FolderMark, set: &[Due]) {
        self.memory.survived.extend(set.iter().map(|due| (key.folder.clone(), due.uid.clone())));
        for pause in RETRY_NOTE_PAUSES {
            match self.note_retry(key, mark, set).await {
                Ok(()) => return,
                Err(error) => warn!(folder = %key.folder, %error, "a failed set can't be noted as such"),
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Notes that these mails are begun. From here on they are open until they have an outcome, so the mark may pass
    /// them.
    async fn note(&self, key: &FolderKey, mark: &mut FolderMark, set: &[Due]) -> Result<(), StoreError> {
        let mut tx = self.db().begin().await?;
        for due in set {
            mailboxes::record_attempt(&mut tx, key, mark.uid_validity, &due.uid.to_string()).await?;
            if let Uid::Imap(uid) = due.uid {
                mark.last_uid = mark.last_uid.max(i64::from(uid));
            }
        }
        mailboxes::save_folder(&mut tx, key, mark).await?;
        tx.commit().await
    }

    async fn note_retry(&self, key: &FolderKey, mark: &FolderMark, set: &[Due]) -> Result<(), StoreError> {
        let mut tx = self.db().begin().await?;
        for due in set {
            mailboxes::save_retry(&mut tx, key, mark.uid_validity, &due.uid.to_string()).await?;
        }
        tx.commit().await
    }

    async fn forget(&self, key: &FolderKey, uid_validity: i64, uids: &[Uid]) -> Result<(), StoreError> {
        if uids.is_empty() {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        for uid in uids {
            mailboxes::end_note(&mut tx, key, uid_validity, &uid.to_string()).await?;
        }
        tx.commit().await
    }

    /// Mails that got their outcome before a crash or a refusal are filed now.
    async fn file_away_taken(
        &mut self,
        key: &FolderKey,
        mark: &FolderMark,
        notes: &[UidNote],
    ) -> Result<(), ReadError> {
        let taken = notes.iter().filter(|note| note.taken_at.is_some());
        let uids: Vec<Uid> = taken.filter_map(|note| note.uid.parse().ok()).collect();
        self.file_away(key, mark.uid_validity, &uids).await
    }

    /// Moves mails that are done. A server that refuses is asked again on the next pass; the mails are safe.
    async fn file_away(&mut self, key: &FolderKey, uid_validity: i64, uids: &[Uid]) -> Result<(), ReadError> {
        if uids.is_empty() || self.is_shadow {
            return Ok(());
        }
        boundary::reach("before-file-away");
        let into = self.mailbox.file_into.clone();
        let is_maildir = matches!(self.inbox, Inbox::Maildir(_));
        if into.is_some() || is_maildir {
            match self.inbox.file_away(uids, into.as_deref().unwrap_or_default()).await {
                Ok(()) => {}
                Err(error @ InboxError::Refused { .. }) => {
                    warn!(folder = %key.folder, mails = uids.len(), %error, "mails could not be filed; tried again later");
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        boundary::reach("after-file-away");
        self.forget(key, uid_validity, uids).await?;
        boundary::reach("after-filed");
        debug!(folder = %key.folder, mails = uids.len(), "mails filed");
        Ok(())
    }
}

/// The set behind the one that is being decided.
#[derive(Default)]
struct Next {
    set: Option<Vec<Due>>,
    /// What came of it, where it was fetched already.
    fetched: Option<Ahead>,
}

/// A set with what the server gave.
type Ahead = (Vec<Due>, Result<FetchedSet, InboxError>);

impl Next {
    /// Whether the connection broke while it was fetched.
    fn is_cut_off(&self) -> bool {
        matches!(&self.fetched, Some((_, Err(error))) if !matches!(error, InboxError::Refused { .. }))
    }
}

/// Fetches a set, if there is one. It is done while the set before is decided: the server and the desk work side by side.
async fn fetch_ahead(inbox: &mut Inbox, set: Option<Vec<Due>>) -> Option<Ahead> {
    let set = set?;
    let fetched = fetch(inbox, &set).await;
    Some((set, fetched))
}

async fn fetch(inbox: &mut Inbox, set: &[Due]) -> Result<FetchedSet, InboxError> {
    boundary::reach("before-fetch");
    let uids: Vec<Uid> = set.iter().map(|due| due.uid.clone()).collect();
    let fetched = inbox.fetch(&uids).await?;
    boundary::reach("after-fetch");
    Ok(fetched)
}

async fn decide(
    intake: &Intake,
    key: &FolderKey,
    mark: &FolderMark,
    uids: &[Uid],
    arrived: &[Arrived],
) -> Result<Vec<Taken>, StoreError> {
    // What was begun before and has no outcome may be what killed the process: such mails go singly.
    let is_suspect = arrived.iter().any(|mail| mail.is_deadly);
    let size = if is_suspect { 1 } else { arrived.len().max(1) };
    let mut taken = Vec::with_capacity(arrived.len());
    for (set, uids) in arrived.chunks(size).zip(uids.chunks(size)) {
        let progress: Vec<UidTaken> = uids
            .iter()
            .map(|uid| UidTaken { folder: key.clone(), uid_validity: mark.uid_validity, uid: uid.to_string() })
            .collect();
        taken.extend(intake.take(set, &progress).await?);
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

fn arrived(mail: Fetched, is_junk: bool, attempts: &dyn Fn(&Uid) -> i64) -> (Uid, Arrived) {
    let is_deadly = attempts(&mail.uid) >= DEADLY_ATTEMPTS;
    let (raw, too_large) = match mail.raw {
        Raw::Whole(raw) => (raw, None),
        Raw::TooLarge { head } => (head, Some(mail.size)),
    };
    (mail.uid, Arrived { arrived_at: mail.arrived_at, raw, too_large, is_junk, is_deadly })
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
