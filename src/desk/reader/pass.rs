//! One reading of a folder to its end: while a set is decided, the one behind it is fetched and read, and those before it
//! are filed away, many at a time.
//!
//! What kills the process is found by what was begun, so nothing is read ahead that is not noted: the notes are two
//! sets ahead of the deciding. Mails under suspicion are begun one by one, and nothing is read beside them.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;
use tracing::{debug, warn};

use crate::config::Mailbox;
use crate::mail::inbox::{Fetched, Inbox, InboxError, Raw, Uid};
use crate::store::mailboxes::{FolderKey, FolderMark};

use super::{Due, ReadError};
use crate::desk::boundary;
use crate::desk::intake::{Arrived, Intake, NotedUid, Parsed, Progress};

/// A mail whose handling was begun so often without an outcome has killed the process each time.
const DEADLY_ATTEMPTS: i64 = 2;

/// In a backlog as many mails as so many full sets hold are filed at once: many servers look through the whole folder for
/// each MOVE.
const SETS_FILED_TOGETHER: usize = 4;

/// The sets of a folder that are to be taken, and those that are to be filed.
pub struct Pass {
    /// The folder.
    pub key: FolderKey,
    /// How far it was read.
    pub mark: FolderMark,
    /// Whether it holds junk.
    pub is_junk: bool,
    /// What is still to be fetched.
    pub waiting: VecDeque<Vec<Due>>,
    /// How many of these, from the front, are noted as begun.
    pub begun_sets: usize,
    /// What was fetched ahead.
    fetched: Option<Set>,
    /// Mails that have their outcome.
    pub to_file: Vec<Uid>,
}

/// A set that was asked for.
pub struct Set {
    /// Its mails.
    pub due: Vec<Due>,
    /// Whether they are noted as begun.
    pub is_begun: bool,
    /// What the server gave.
    pub came: Result<Came, InboxError>,
}

/// What the server gave.
pub struct Came {
    /// Where the mails lie.
    pub uids: Vec<Uid>,
    /// The mails.
    pub mails: Vec<Arrived>,
    /// What was made of them, if that was done ahead.
    pub parsed: Option<Parsed>,
    /// Mails that are no longer there.
    pub gone: Vec<Uid>,
}

impl Pass {
    /// A pass over these sets.
    pub fn new(key: FolderKey, mark: FolderMark, is_junk: bool, sets: Vec<Vec<Due>>) -> Self {
        Self { key, mark, is_junk, waiting: sets.into(), begun_sets: 0, fetched: None, to_file: Vec::new() }
    }

    /// The next set: the one that was fetched ahead, if there is one.
    pub async fn next(&mut self, inbox: &mut Inbox) -> Option<Set> {
        match self.fetched.take() {
            Some(set) => Some(set),
            None => self.fetch_next(inbox).await,
        }
    }

    /// Whether no set is left.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.fetched.is_none()
    }

    /// Mails that are noted as begun, and not decided.
    pub fn begun(&self) -> impl Iterator<Item = &Due> {
        let fetched = self.fetched.iter().filter(|set| set.is_begun).map(|set| &set.due);
        fetched.chain(self.waiting.iter().take(self.begun_sets)).flatten()
    }

    /// Whether the set at that place of those that wait may be begun while `due` is decided.
    pub fn may_begin(&self, due: &[Due], place: usize) -> bool {
        let is_plain = |set: &[Due]| set.iter().all(|mail| !mail.is_alone);
        self.fetched.is_none()
            && self.begun_sets == place
            && self.waiting.get(place).is_some_and(|set| is_plain(set))
            && is_plain(due)
    }

    /// The mark behind these mails.
    pub fn mark_behind(&self, due: &[&Due]) -> FolderMark {
        let newest = due.iter().filter_map(|mail| match mail.uid {
            Uid::Imap(uid) => Some(i64::from(uid)),
            Uid::Maildir(_) => None,
        });
        FolderMark { last_uid: newest.fold(self.mark.last_uid, i64::max), ..self.mark.clone() }
    }

    /// What the commit of this set notes of the folder.
    pub fn progress(&self, due: &[Due], uids: &[Uid], ended: &[NotedUid]) -> Progress {
        let begun: Vec<&Due> = match self.may_begin(due, 1) {
            true => self.waiting[1].iter().collect(),
            false => Vec::new(),
        };
        Progress {
            folder: self.key.clone(),
            is_junk: self.is_junk,
            mark: self.mark_behind(&begun),
            uids: uids.iter().map(ToString::to_string).collect(),
            begun: begun.iter().map(|mail| mail.uid.to_string()).collect(),
            ended: ended.to_vec(),
            decided: Arc::default(),
        }
    }

    /// The commit is done.
    pub fn note_progress(&mut self, progress: &Progress) {
        self.mark = progress.mark.clone();
        self.begun_sets += usize::from(!progress.begun.is_empty());
    }

    /// Fetches the next set, and files what is done, once it is worth a command. The next set is read once all of this one is
    /// `decided`: the letters of this set come first, they are waited for. Gives the mails that are filed.
    ///
    /// # Errors
    /// What broke the filing; what broke the fetching is told with the next set.
    pub async fn go_on(
        &mut self,
        inbox: &mut Inbox,
        intake: &Intake,
        mailbox: &Mailbox,
        is_shadow: bool,
        decided: &Notify,
    ) -> Result<Vec<Uid>, ReadError> {
        let fetched = self.next(inbox).await;
        let is_worth_filing = self.to_file.len() >= mailbox.batch.saturating_mul(SETS_FILED_TOGETHER);
        let file =
            async { if is_worth_filing { self.file(inbox, intake, mailbox, is_shadow).await } else { Ok(Vec::new()) } };
        let (filed, fetched) = tokio::join!(file, read_ahead(fetched, intake, decided));
        self.fetched = fetched;
        filed
    }

    async fn fetch_next(&mut self, inbox: &mut Inbox) -> Option<Set> {
        let due = self.waiting.pop_front()?;
        let is_begun = self.begun_sets > 0;
        self.begun_sets = self.begun_sets.saturating_sub(1);
        let came = fetch(inbox, &due, self.is_junk).await;
        Some(Set { due, is_begun, came })
    }

    /// Moves mails that are done, once what was made of them is on the disk. A server that refuses is asked again on the
    /// next pass; the mails are safe.
    ///
    /// # Errors
    /// What broke the connection, or a disk that fails.
    pub async fn file(
        &mut self,
        inbox: &mut Inbox,
        intake: &Intake,
        mailbox: &Mailbox,
        is_shadow: bool,
    ) -> Result<Vec<Uid>, ReadError> {
        let uids = std::mem::take(&mut self.to_file);
        if uids.is_empty() || is_shadow {
            return Ok(Vec::new());
        }
        intake.db.make_durable().await?;
        boundary::reach("before-file-away");
        let (into, is_maildir) = (mailbox.file_into.as_deref(), matches!(inbox, Inbox::Maildir(_)));
        if into.is_some() || is_maildir {
            match inbox.file_away(&uids, into.unwrap_or_default()).await {
                Ok(()) => {}
                Err(error @ InboxError::Refused { .. }) => {
                    let folder = &self.key.folder;
                    warn!(%folder, mails = uids.len(), %error, "mails could not be filed; tried again later");
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error.into()),
            }
        }
        boundary::reach("after-file-away");
        debug!(folder = %self.key.folder, mails = uids.len(), "mails filed");
        Ok(uids)
    }

    /// A mail of this folder as its note names it.
    pub fn name(&self, uid: &Uid) -> NotedUid {
        NotedUid { folder: self.key.clone(), uid_validity: self.mark.uid_validity, uid: uid.to_string() }
    }
}

/// Reads a set that was fetched ahead, if it is noted as begun.
async fn read_ahead(fetched: Option<Set>, intake: &Intake, decided: &Notify) -> Option<Set> {
    let mut set = fetched?;
    if let Ok(came) = &mut set.came
        && set.is_begun
        && came.parsed.is_none()
    {
        decided.notified().await;
        let mails = std::mem::take(&mut came.mails);
        (came.mails, came.parsed) = intake.parse_ahead(mails).await;
        boundary::reach("after-parse-ahead");
    }
    Some(set)
}

/// Asks for a set.
///
/// # Errors
/// What the server said.
pub async fn fetch(inbox: &mut Inbox, due: &[Due], is_junk: bool) -> Result<Came, InboxError> {
    boundary::reach("before-fetch");
    let uids: Vec<Uid> = due.iter().map(|mail| mail.uid.clone()).collect();
    let fetched = inbox.fetch(&uids).await?;
    boundary::reach("after-fetch");
    let attempts = |uid: &Uid| due.iter().find(|mail| mail.uid == *uid).map_or(0, |mail| mail.attempts);
    let (uids, mails) = fetched.mails.into_iter().map(|mail| arrived(mail, is_junk, &attempts)).unzip();
    Ok(Came { uids, mails, parsed: None, gone: fetched.gone })
}

fn arrived(mail: Fetched, is_junk: bool, attempts: &dyn Fn(&Uid) -> i64) -> (Uid, Arrived) {
    let is_deadly = attempts(&mail.uid) >= DEADLY_ATTEMPTS;
    let (raw, too_large) = match mail.raw {
        Raw::Whole(raw) => (raw, None),
        Raw::TooLarge { head } => (head, Some(mail.size)),
    };
    (mail.uid, Arrived { arrived_at: mail.arrived_at, raw, too_large, is_junk, is_deadly })
}
