//! Named locks that free themselves when their process dies: files beside SQLite, advisory locks on PostgreSQL.

use std::fs::File;
use std::path::PathBuf;

use sha2::Digest as _;
use sqlx::PgConnection;

use super::{Db, StoreError};

/// Gives out named locks for one database.
#[derive(Clone)]
pub enum LockKeeper {
    /// Files in a folder beside an SQLite database, held by `flock`.
    Files(PathBuf),
    /// Session locks of a PostgreSQL server, each on a connection of its own that is no longer the pool's.
    Advisory(Db),
}

/// A lock that is held until it is dropped or its process dies.
pub struct Lock {
    _file: Option<File>,
    session: Option<PgConnection>,
}

impl LockKeeper {
    /// The locks of this database; `folder` is used beside SQLite.
    #[must_use]
    pub fn new(db: &Db, folder: PathBuf) -> Self {
        match db {
            Db::Lite { .. } => LockKeeper::Files(folder),
            Db::Pg(_) => LockKeeper::Advisory(db.clone()),
        }
    }

    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    /// When files cannot be made or the server is away; a lock that somebody holds is `None`, not an error.
    pub async fn try_hold(&self, name: &str) -> Result<Option<Lock>, StoreError> {
        match self {
            LockKeeper::Files(folder) => hold_file(folder, name),
            LockKeeper::Advisory(db) => hold_session(db, name).await,
        }
    }
}

impl LockKeeper {
    /// Removes the files of locks that begin so and that nobody holds. Only for names that are never used again, such
    /// as those of workers: somebody who waits for a removed file would hold another one.
    ///
    /// # Errors
    /// When a file can't be removed.
    pub async fn sweep(&self, prefix: &str) -> Result<usize, StoreError> {
        let LockKeeper::Files(folder) = self else { return Ok(0) };
        let wrap = |error| StoreError::File { what: format!("locks in {}", folder.display()), error };
        let mut swept = 0;
        for entry in std::fs::read_dir(folder).map_err(wrap)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(".lock").filter(|name| name.starts_with(prefix)) else { continue };
            if let Some(_held) = self.try_hold(name).await? {
                std::fs::remove_file(entry.path()).map_err(wrap)?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

impl Lock {
    /// Whether the lock still stands. A file lock stands as long as the process; a session lock is lost with its
    /// connection, and who goes on without it would work beside somebody else.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.session {
            None => true,
            Some(session) => sqlx::query("SELECT 1").execute(session).await.is_ok(),
        }
    }
}

fn hold_file(folder: &std::path::Path, name: &str) -> Result<Option<Lock>, StoreError> {
    let wrap = |error| StoreError::File { what: format!("lock \"{name}\" in {}", folder.display()), error };
    std::fs::create_dir_all(folder).map_err(wrap)?;
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let path = folder.join(format!("{safe}.lock"));
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(wrap)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: Some(file), session: None })),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(wrap(error)),
    }
}

async fn hold_session(db: &Db, name: &str) -> Result<Option<Lock>, StoreError> {
    let Db::Pg(pool) = db else {
        return Err(StoreError::Inconsistent("advisory locks are PostgreSQL's".into()));
    };
    let digest = sha2::Sha256::digest(format!("casepost lock {name}"));
    let key = i64::from_be_bytes(digest[..8].try_into().unwrap_or([0; 8]));
    let mut session = pool.acquire().await?;
    let is_ours: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key).fetch_one(&mut *session).await?;
    // Out of the pool: held locks must neither use up its connections nor keep it from closing, and a connection that
    // went back would keep the lock.
    Ok(is_ours.then(|| Lock { _file: None, session: Some(session.detach()) }))
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}
