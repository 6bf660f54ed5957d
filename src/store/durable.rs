//! When what is committed to SQLite is on the disk.
//!
//! A commit that waits for the disk costs a set of mails up to a quarter of its time. What comes from a mailbox can be
//! done again from there, so its commits don't wait: SQLite's log is synced before anything leaves that rests on them.
//! That is before mails are filed away ([`super::Db::make_durable`]), and in every other commit, such as the one by which
//! delivery takes letters over: the log keeps the order of commits, so what was committed before is on the disk, too.
//! After a loss of power the log ends with some commit, and the mails behind it are still in the mailbox.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;

use super::StoreError;

/// The log of one database.
#[derive(Clone)]
pub struct Durable {
    /// None where the file system allows no log: then every commit waits.
    log: Option<Arc<Path>>,
    /// Whether something was committed without waiting.
    is_behind: Arc<AtomicBool>,
    syncing: Arc<Mutex<()>>,
}

impl Durable {
    /// Of the database in that file.
    pub(super) fn new(database: &Path, has_log: bool) -> Self {
        let log = has_log.then(|| {
            let mut log = database.as_os_str().to_owned();
            log.push("-wal");
            PathBuf::from(log).into()
        });
        Self { log, is_behind: Arc::default(), syncing: Arc::default() }
    }

    /// Whether a commit may go without waiting.
    pub(super) fn may_be_behind(&self) -> bool {
        self.log.is_some()
    }

    /// Something was committed without waiting.
    pub(super) fn note_behind(&self) {
        self.is_behind.store(true, Ordering::Release);
    }

    /// Waits until all that was committed is on the disk.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk fails; then it may not be there.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        // Whoever comes while another waits for the disk waits, too.
        let _one_at_a_time = self.syncing.lock().await;
        let Some(log) = self.log.clone() else { return Ok(()) };
        if !self.is_behind.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let what = format!("log {}", log.display());
        // SQLite's locks are on its other files, so closing this one lets none go.
        let synced = tokio::task::spawn_blocking(move || std::fs::File::open(log)?.sync_data()).await;
        synced.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(|error| {
            self.note_behind();
            StoreError::File { what, error }
        })
    }
}
