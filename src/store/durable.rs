//! When what is committed to SQLite is on the disk.
//!
//! A commit that waits for the disk costs a set of mails up to a tenth of its time. What comes from a mailbox can be done
//! again from there, so its commits don't wait: SQLite's log is synced before anything leaves that rests on them. That is
//! before mails are filed away ([`super::Db::make_durable`]), and in every other commit, such as the one by which delivery
//! takes letters over: the log keeps the order of commits, so what was committed before is on the disk, too. After a loss
//! of power the log ends with some commit, and the mails behind it are still in the mailbox.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;

/// The log of one database.
#[derive(Clone)]
pub struct Log {
    path: Arc<Path>,
}

impl Log {
    /// Of the database in that file.
    pub(super) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self { path: PathBuf::from(path).into() }
    }

    /// Waits until all that was committed is on the disk, by whatever process: one that died may have left it behind.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk fails; then it may not be there.
    pub(super) async fn sync(&self) -> Result<(), StoreError> {
        let path = Arc::clone(&self.path);
        // SQLite's locks are on its other files, so closing this one lets none go.
        let synced = tokio::task::spawn_blocking(move || std::fs::File::open(path)?.sync_data()).await;
        let synced = synced.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        synced.map_err(|error| StoreError::File { what: format!("log {}", self.path.display()), error })
    }
}
