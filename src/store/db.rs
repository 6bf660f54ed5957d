//! The database itself: an enum of two pools.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Executor as _, PgPool, Sqlite, SqlitePool, Transaction};

use super::checkpoint::{Checkpoints, LONG_LOG};
use super::durable::Log;
use super::raw;
use super::tx::{Open, Tx, bind_lite, bind_pg};
use super::{Row, Value, args, schema, statements};

statements! {
    LOCK_DESK = "INSERT INTO desks (desk, directory_version) VALUES ($1, 0)
        ON CONFLICT (desk) DO UPDATE SET directory_version = desks.directory_version";
    LIST_DESKS = "SELECT desk FROM desks ORDER BY desk";
}

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is not there.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("database migrations: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database was brought up to date by a newer casepost.
    #[error(
        "the database was brought up to date by casepost {by} (schema {found}), and this is casepost {} (schema {newest}): \
         install the newer casepost again, or restore a backup from before the upgrade",
        schema::casepost_version()
    )]
    Newer {
        /// The state of its schema.
        found: i64,
        /// The version of the casepost that brought it there.
        by: String,
        /// The state that this casepost knows.
        newest: i64,
    },
    /// A row cannot be what it says.
    #[error("the database holds something that cannot be: {0}")]
    Inconsistent(String),
    /// A file beside the database.
    #[error("{what}: {error}")]
    File {
        /// Which file, for what.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The bytes of a mail or letter are kept no longer.
    #[error("{0}")]
    Gone(raw::Deleted),
    /// The address of the database cannot be read.
    #[error("database = \"{0}\" is not an address that casepost knows: use sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
}

impl StoreError {
    /// Whether the same call may work later: the database is locked, full, away or overloaded. Only faults of the
    /// schema and of single rows are for ever.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Database(error) => {
                !matches!(
                    error,
                    sqlx::Error::RowNotFound
                        | sqlx::Error::ColumnNotFound(_)
                        | sqlx::Error::ColumnIndexOutOfBounds { .. }
                        | sqlx::Error::ColumnDecode { .. }
                        | sqlx::Error::Decode(_)
                        | sqlx::Error::Encode(_)
                ) && !is_constraint(error)
            }
            StoreError::File { .. } => true,
            StoreError::Migration(_)
            | StoreError::Newer { .. }
            | StoreError::Inconsistent(_)
            | StoreError::Gone(_)
            | StoreError::Address(_) => false,
        }
    }
}

fn is_constraint(error: &sqlx::Error) -> bool {
    use sqlx::error::ErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
    error.as_database_error().is_some_and(|e| {
        // PostgreSQL's classes 22 (data exception), 42 (syntax) and 54 (a row or index entry too large) and SQLite's
        // TOOBIG (18), MISMATCH (20) and RANGE (25) are faults of the one statement. Lock, space, serialization and
        // connection are not.
        matches!(e.kind(), UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation)
            || e.code().is_some_and(|code| match code.len() {
                5 => ["22", "42", "54"].iter().any(|class| code.starts_with(class)),
                _ => ["18", "20", "25"].contains(&code.as_ref()),
            })
    })
}

/// One database, of either kind. SQLite has one connection that writes and a few that only read, because it lets
/// only one transaction write at a time anyway and answers BUSY to the others.
/// A further one carries its log over.
#[derive(Clone)]
pub enum Db {
    /// An SQLite file.
    Lite {
        /// The only connection that writes.
        writer: SqlitePool,
        /// Connections that only read.
        readers: SqlitePool,
        /// What keeps the log short.
        checkpoints: Checkpoints,
        /// Its log; None where the file system allows none: then every commit waits for the disk.
        log: Option<Log>,
    },
    /// A PostgreSQL server, or what speaks its protocol.
    Pg(PgPool),
}

impl Db {
    /// Opens `sqlite:PATH` (made if it is not there) or `postgres://…` and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Address`] for an unknown kind; else what the database said.
    pub async fn open(url: &str) -> Result<Db, StoreError> {
        let db = match Place::of(url)? {
            Place::Server => Db::Pg(connect(url).await?),
            Place::File(path) => return Self::open_sqlite(path).await,
        };
        schema::bring_up_to_date(&db).await?;
        Ok(db)
    }

    /// Opens a database as it is: none is made, and no schema is brought up to date.
    ///
    /// # Errors
    /// As for [`Db::open`]; [`StoreError::File`] where there is no file.
    pub async fn open_as_is(url: &str) -> Result<Db, StoreError> {
        let path = match Place::of(url)? {
            Place::Server => return Ok(Db::Pg(connect(url).await?)),
            Place::File(path) => path,
        };
        std::fs::metadata(path)
            .map_err(|error| StoreError::File { what: format!("database {}", path.display()), error })?;
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let writer = pool.connect_with(options.clone()).await?;
        Ok(Db::Lite { readers: writer.clone(), writer, checkpoints: Checkpoints::new(&options), log: None })
    }

    async fn open_sqlite(path: &Path) -> Result<Db, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| StoreError::File { what: format!("folder {}", folder.display()), error })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", LONG_LOG)
            .statement_cache_capacity(256);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        let checkpoints = Checkpoints::new(&options);
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&writer).await?;
        let log = (mode == "wal").then(|| Log::of(path)).transpose()?;
        let db = Db::Lite {
            readers: writer.clone(),
            writer: writer.clone(),
            checkpoints: checkpoints.clone(),
            log: log.clone(),
        };
        schema::bring_up_to_date(&db).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(3)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Db::Lite { writer, readers, checkpoints, log })
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// When the database is locked or away.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Db::Lite { writer, checkpoints, .. } => {
                Tx::new(Open::Lite(begin_lite(writer, BEGIN_DURABLE).await?), Some(checkpoints.clone()))
            }
            Db::Pg(pool) => Tx::new(Open::Pg(pool.begin().await?), None),
        })
    }

    /// As [`Db::begin_for`], of a transaction that can be done again from a mailbox: on SQLite its commit need not wait
    /// for the disk. [`Db::make_durable`] is to come before anything leaves that rests on it.
    ///
    /// # Errors
    /// As for [`Db::begin`].
    pub async fn begin_repeatable_for(&self, desk: &str) -> Result<Tx, StoreError> {
        let mut tx = match self {
            Db::Lite { writer, checkpoints, log: Some(_), .. } => {
                Tx::new(Open::Lite(begin_lite(writer, BEGIN_REPEATABLE).await?), Some(checkpoints.clone()))
            }
            _ => self.begin().await?,
        };
        tx.execute(LOCK_DESK, args![desk]).await?;
        Ok(tx)
    }

    /// Waits until all that was committed is on the disk.
    ///
    /// # Errors
    /// [`StoreError::File`] when the disk fails.
    pub async fn make_durable(&self) -> Result<(), StoreError> {
        match self {
            Db::Lite { log: Some(log), writer, .. } => log.sync(writer).await,
            Db::Lite { .. } | Db::Pg(_) => Ok(()),
        }
    }

    /// Begins a transaction that decides for a desk: its row is locked first.
    ///
    /// # Errors
    /// As for [`Db::begin`].
    pub async fn begin_for(&self, desk: &str) -> Result<Tx, StoreError> {
        let mut tx = self.begin().await?;
        tx.execute(LOCK_DESK, args![desk]).await?;
        Ok(tx)
    }

    /// Begins a transaction beside which no desk decides anything: every desk's row is locked.
    ///
    /// # Errors
    /// As for [`Db::begin`].
    pub(super) async fn begin_alone(&self) -> Result<Tx, StoreError> {
        let mut tx = self.begin().await?;
        // In one order: who locks several rows must not meet another who does.
        for row in tx.fetch(LIST_DESKS, &[]).await? {
            tx.execute(LOCK_DESK, args![&row.text(0)?]).await?;
        }
        Ok(tx)
    }

    /// Reads rows outside of any transaction.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fetch(&self, sql: &'static str, args: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(match self {
            Db::Lite { readers, .. } => {
                let rows = bind_lite(sql, args).fetch_all(readers).await?;
                rows.into_iter().map(Row::Lite).collect()
            }
            Db::Pg(pool) => {
                let rows = bind_pg(sql, args).fetch_all(pool).await?;
                rows.into_iter().map(Row::Pg).collect()
            }
        })
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Db::Lite { .. })
    }

    /// Asks the database to understand a statement without running it.
    ///
    /// # Errors
    /// A syntax error or an unknown column.
    pub async fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Db::Lite { writer, .. } => {
                writer.acquire().await?.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await?;
            }
            Db::Pg(pool) => {
                pool.acquire().await?.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await?;
            }
        }
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Db::Lite { writer, readers, checkpoints, .. } => {
                checkpoints.close().await;
                readers.close().await;
                writer.close().await;
            }
            Db::Pg(pool) => pool.close().await,
        }
    }
}

/// Where a database is, by its address.
pub(super) enum Place<'a> {
    /// A file of this machine.
    File(&'a Path),
    /// A server.
    Server,
}

impl<'a> Place<'a> {
    pub(super) fn of(url: &'a str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Place::Server);
        }
        let path = url.strip_prefix("sqlite:").ok_or_else(|| StoreError::Address(without_password(url)))?;
        Ok(Place::File(Path::new(path.strip_prefix("//").unwrap_or(path))))
    }
}

/// No pool lets its connections go after a time: the driver's task for that reads a count of idle connections that
/// may have run below zero for a moment, and then counts down from 2^64 on a whole core, for good.
async fn connect(url: &str) -> Result<PgPool, StoreError> {
    // A process that is frozen in a transaction holds its desk's row: the server ends it, and nothing was changed.
    let options = url
        .parse::<PgConnectOptions>()?
        .options([("idle_in_transaction_session_timeout", "60s")])
        .statement_cache_capacity(512);
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10));
    Ok(pool.connect_with(options).await?)
}

/// The highest `$n` of a statement: SQLite takes a missing argument for NULL without a word.
pub(super) fn asked_args(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse::<usize>().ok()
    });
    numbers.max().unwrap_or(0)
}

/// A transaction whose commit waits for the disk. Each says so anew, as another kind may have come before it.
const BEGIN_DURABLE: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
/// A transaction whose commit does not.
const BEGIN_REPEATABLE: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";

/// SQLite ends a transaction by itself when the disk is full or fails. The driver, whose own rollback then fails,
/// goes on counting that transaction as open and refuses every further one: such a connection is replaced.
async fn begin_lite(writer: &SqlitePool, begin: &'static str) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    match writer.begin_with(begin).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            tracing::warn!("SQLite ended a transaction by itself; its connection is replaced");
            writer.acquire().await?.close().await?;
            writer.begin_with(begin).await
        }
        other => other,
    }
}

/// The address of a database without what must not stand in a log.
#[must_use]
pub fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}://{user}@{}", &url[..scheme], &url[at + 1..])
        }
        _ => url.to_owned(),
    }
}
