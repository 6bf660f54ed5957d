//! SQLite's log of changes, carried over into the database beside the transactions that go on.
//!
//! SQLite does that by itself in the commit that finds the log long, which holds up a backlog of mail: the pages are
//! written and synced once more, in all places of the file. So a connection of its own does it as soon as some was
//! written. It need not keep up: in a log that has grown long, a commit does the rest as ever, and the log begins anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tracing::warn;

/// The log is carried over when about so many bytes were written.
const WORTH_CARRYING: usize = 3 * 1024 * 1024;

/// In a log of so many pages of 4 KB a commit carries over what is left, and waits for it.
pub(super) const LONG_LOG: &str = "4000";

/// Carries the log of one database over. Its connection is made when it is first needed.
#[derive(Clone)]
pub struct Checkpoints {
    pool: SqlitePool,
    written: Arc<AtomicUsize>,
    is_running: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Of the database that is opened so.
    pub(super) fn new(options: &SqliteConnectOptions) -> Self {
        let options = options.clone().create_if_missing(false).pragma("cache_size", "-100");
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        Self { pool: pool.connect_lazy_with(options), written: Arc::default(), is_running: Arc::default() }
    }

    /// A transaction of about so many bytes is committed.
    pub(super) fn note(&self, bytes: usize) {
        let written = self.written.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if written < WORTH_CARRYING || self.is_running.swap(true, Ordering::Acquire) {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let own = self.clone();
        tokio::spawn(async move {
            // Readers or writers that are in its way make it do less, which is no fault.
            match sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&own.pool).await {
                // The last connection that is closed carries over all.
                Ok(_) | Err(sqlx::Error::PoolClosed) => {}
                Err(error) => warn!(%error, "the database's log could not be carried over; a later commit does it"),
            }
            own.is_running.store(false, Ordering::Release);
        });
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
