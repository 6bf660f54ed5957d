//! When what is committed to SQLite is on the disk.
//!
//! A commit that waits for the disk costs a set of mails up to a tenth of its time. What comes from a mailbox can be done
//! again from there, so its commits don't wait: SQLite's log is synced before anything leaves that rests on them. That is
//! before mails are filed away ([`super::Db::make_durable`]), and in every other commit, such as the one by which delivery
//! takes letters over: the log keeps the order of commits, so what was committed before is on the disk, too. After a loss
//! of power the log ends with some commit, and the mails behind it are still in the mailbox, but for those that somebody
//! else took away meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::SqlitePool;

use super::StoreError;

/// The log of one database.
#[derive(Clone)]
pub struct Log {
    path: Arc<Path>,
    /// Whether the disk refused to sync it.
    has_failed: Arc<AtomicBool>,
}

impl Log {
    /// Of the database in that file, as SQLite names it: beside the file itself, whatever link leads there.
    ///
    /// # Errors
    /// [`StoreError::File`] when the file can't be found.
    pub(super) fn of(database: &Path) -> Result<Self, StoreError> {
        let file = std::fs::canonicalize(database)
            .map_err(|error| StoreError::File { what: format!("database {}", database.display()), error })?;
        let mut path = file.into_os_string();
        path.push("-wal");
        Ok(Self { path: PathBuf::from(path).into(), has_failed: Arc::default() })
    }

    /// Waits until all that was committed is on the disk, by whatever process: one that died may have left it behind.
    /// The writer's connections are needed where the disk failed before.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk fails; then it may not be there.
    pub(super) async fn sync(&self, writer: &SqlitePool) -> Result<(), StoreError> {
        if self.has_failed.load(Ordering::Acquire) {
            self.carry_over(writer).await?;
        }
        let own = self.clone();
        // Whatever becomes of the caller, a failure is remembered. SQLite's locks are on its other files, so closing this
        // one lets none go.
        let syncing = tokio::task::spawn_blocking(move || {
            let synced = std::fs::File::open(&own.path)?.sync_data();
            own.has_failed.fetch_or(synced.is_err(), Ordering::AcqRel);
            synced
        });
        syncing.await.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(|error| self.fault(error))
    }

    /// The system tells once that a file could not be written, and takes it for written from then on. So the pages are
    /// written once more, to the database itself.
    async fn carry_over(&self, writer: &SqlitePool) -> Result<(), StoreError> {
        let is_busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(FULL)").fetch_one(writer).await?;
        if is_busy != 0 {
            return Err(self.fault(std::io::Error::other("it could not be synced, and others keep it busy")));
        }
        self.has_failed.store(false, Ordering::Release);
        Ok(())
    }

    fn fault(&self, error: std::io::Error) -> StoreError {
        StoreError::File { what: format!("log {}", self.path.display()), error }
    }
}
