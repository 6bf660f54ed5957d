//! How far a folder was read, as it is noted with the mails that were taken.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::domain::decision::Outcome;
use crate::store::mailboxes::{self, FolderKey, FolderMark};
use crate::store::{StoreError, Tx};

use super::Taken;

/// A mail by where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedUid {
    /// The folder.
    pub folder: FolderKey,
    /// Its UIDVALIDITY.
    pub uid_validity: i64,
    /// The mail's uid as text.
    pub uid: String,
}

/// How far a folder was read: noted in the commit of a set.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The folder.
    pub folder: FolderKey,
    /// Whether it holds junk.
    pub is_junk: bool,
    /// How far it was read, with what is begun.
    pub mark: FolderMark,
    /// Where the mails of the set lie, in their order.
    pub uids: Vec<String>,
    /// Mails behind the set that are read ahead from here on.
    pub begun: Vec<String>,
    /// Mails before the set whose notes are of no use any more.
    pub ended: Vec<NotedUid>,
    /// Told when all is decided and only to be committed: from then on a core has time for the next set.
    pub decided: Arc<Notify>,
}

impl Progress {
    /// Whether a mail that has its outcome is left where it is: what is junk stays with the junk.
    #[must_use]
    pub fn stays(&self, taken: &Taken) -> bool {
        self.is_junk && matches!(taken, Taken::Done { outcome: Outcome::Noted, .. })
    }
}

/// Writes it.
///
/// # Errors
/// What the database said.
pub(super) async fn save_progress(
    tx: &mut Tx,
    progress: &Progress,
    taken: &[Taken],
    now: Timestamp,
) -> Result<(), StoreError> {
    let Progress { folder, mark, uids, begun, ended, .. } = progress;
    for (uid, taken) in uids.iter().zip(taken) {
        match taken {
            Taken::Waits { .. } => mailboxes::save_retry(tx, folder, mark.uid_validity, uid).await?,
            taken if progress.stays(taken) => mailboxes::end_note(tx, folder, mark.uid_validity, uid).await?,
            _ => mailboxes::record_taken(tx, folder, mark.uid_validity, uid, now).await?,
        }
    }
    end_notes(tx, ended).await?;
    for uid in begun {
        mailboxes::record_attempt(tx, folder, mark.uid_validity, uid).await?;
    }
    if !begun.is_empty() {
        mailboxes::save_folder(tx, folder, mark).await?;
    }
    Ok(())
}

/// Forgets mails that are filed, or no longer on the server.
///
/// # Errors
/// What the database said.
pub async fn end_notes(tx: &mut Tx, ended: &[NotedUid]) -> Result<(), StoreError> {
    for NotedUid { folder, uid_validity, uid } in ended {
        mailboxes::end_note(tx, folder, *uid_validity, uid).await?;
    }
    Ok(())
}
