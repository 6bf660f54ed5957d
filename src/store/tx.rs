//! A transaction that writes: statements that nobody waits for are put off, so that the database gets many at once.

use futures_util::TryStreamExt as _;
use sqlx::{Either, Executor as _, Postgres, Sqlite, Transaction};

use super::answers::Answers;
use super::checkpoint::Checkpoints;
use super::db::asked_args;
use super::later::{Later, Making, Owned, Topic, Unit, bound};
use super::raw::{self, NewFile};
use super::{Row, StoreError, Value};

const SAVEPOINT: &str = "SAVEPOINT one_message";

/// A transaction that writes.
pub struct Tx {
    on: Open,
    later: Later,
    answers: Answers,
    checkpoints: Option<Checkpoints>,
    /// How many bytes were sent, about.
    sent: usize,
}

/// What it is open on.
pub(super) enum Open {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Tx {
    /// A transaction that has begun.
    pub(super) fn new(on: Open, checkpoints: Option<Checkpoints>) -> Self {
        Self { on, later: Later::default(), answers: Answers::default(), checkpoints, sent: 0 }
    }

    /// Runs a statement and tells how many rows it touched.
    ///
    /// # Errors
    /// What the database said.
    pub async fn execute(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<u64, StoreError> {
        self.answers.touch(None);
        if self.later.is_empty() {
            return Ok(match &mut self.on {
                Open::Lite(tx) => bind_lite(sql, args).execute(&mut **tx).await?.rows_affected(),
                Open::Pg(tx) => bind_pg(sql, args).execute(&mut **tx).await?.rows_affected(),
            });
        }
        self.add(sql, args, None).await?;
        Ok(self.flush().await?.1)
    }

    /// Runs a statement with the next one that has an answer, or with the commit. Its fault is told there, still within
    /// the savepoint.
    ///
    /// # Errors
    /// What the database said to statements that were sent because much waited.
    pub async fn execute_later(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<(), StoreError> {
        self.answers.touch(None);
        self.add(sql, args, None).await?;
        self.flush_if_full().await
    }

    /// As [`Tx::execute_later`], and tells what the statement is about, all that [`Tx::fetch_about`] may ever read of it:
    /// reads about something else pass it by.
    ///
    /// # Errors
    /// As for [`Tx::execute_later`].
    pub async fn execute_about(
        &mut self,
        topics: &[Topic<'_>],
        sql: &'static str,
        args: &[Value<'_>],
    ) -> Result<(), StoreError> {
        self.answers.touch(Some(topics));
        self.add(sql, args, Some(topics)).await?;
        self.flush_if_full().await
    }

    /// As [`Tx::execute_about`], of arguments that need no copy.
    ///
    /// # Errors
    /// As for [`Tx::execute_later`].
    pub async fn execute_owned(
        &mut self,
        topics: &[Topic<'_>],
        sql: &'static str,
        args: Vec<Owned>,
    ) -> Result<(), StoreError> {
        self.answers.touch(Some(topics));
        self.later.add_owned(sql, args, Some(topics), self.is_sqlite());
        self.flush_if_full().await
    }

    /// As [`Tx::execute_about`], of rows of these tables that are still being made elsewhere: they are waited for when
    /// they must be there. `bytes` is about how many they will have.
    ///
    /// # Errors
    /// As for [`Tx::execute_later`]; and there also what went wrong in the making.
    pub(super) async fn execute_when_made(
        &mut self,
        topics: &[Topic<'_>],
        tables: &[&'static str],
        bytes: usize,
        making: Making,
    ) -> Result<(), StoreError> {
        self.answers.touch(Some(topics));
        self.later.add_making(tables, topics, bytes, making);
        self.flush_if_full().await
    }

    /// Puts a statement behind those that wait.
    async fn add(
        &mut self,
        sql: &'static str,
        args: &[Value<'_>],
        topics: Option<&[Topic<'_>]>,
    ) -> Result<(), StoreError> {
        if self.later.waits_for_makings(sql) {
            self.flush().await?;
        }
        self.later.add(sql, args, topics, self.is_sqlite());
        Ok(())
    }

    /// Waits for what is in the making.
    async fn settle(&mut self, makings: Vec<Making>) -> Result<(), StoreError> {
        for making in makings {
            let made = making.await?;
            for (sql, row) in made.rows {
                self.later.add_owned(sql, row, Some(&[]), self.is_sqlite());
            }
            for file in made.files {
                self.later.add_file(file);
            }
        }
        Ok(())
    }

    /// Has a file written and synced before anything is committed, or read, that was put off until now.
    ///
    /// # Errors
    /// As for [`Tx::execute_later`].
    pub async fn write_later(&mut self, file: NewFile) -> Result<(), StoreError> {
        self.later.add_file(file);
        self.flush_if_full().await
    }

    async fn flush_if_full(&mut self) -> Result<(), StoreError> {
        if self.later.is_full() {
            self.flush().await?;
        }
        Ok(())
    }

    /// As [`Tx::fetch`]; what waits and is about something else goes on waiting. What was asked ahead is given without
    /// asking the database.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fetch_about(
        &mut self,
        topics: &[Topic<'_>],
        sql: &'static str,
        args: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        if let Some(rows) = self.answers.take(sql, args) {
            return Ok(rows);
        }
        if self.later.is_apart(topics) { self.fetch_now(sql, args).await } else { self.fetch(sql, args).await }
    }

    /// Keeps what such a read would give just now, for [`Tx::fetch_about`] to give it.
    pub(super) fn keep_answer(&mut self, topics: &[Topic<'_>], sql: &'static str, args: &[Value<'_>], rows: Vec<Row>) {
        self.answers.keep(topics, sql, args, rows);
    }

    async fn fetch_now(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(match &mut self.on {
            Open::Lite(tx) => bind_lite(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Lite).collect(),
            Open::Pg(tx) => bind_pg(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Pg).collect(),
        })
    }

    /// Reads rows inside the transaction.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fetch(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        if self.later.is_empty() {
            return self.fetch_now(sql, args).await;
        }
        self.add(sql, args, None).await?;
        Ok(self.flush().await?.0)
    }

    /// Reads at most one row.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(sql, args).await?.into_iter().next())
    }

    /// Runs what was put off; gives the rows that were read and how many the last statement touched.
    ///
    /// What is in the making belongs behind all that waits, so the database works while it is made, and while files are
    /// written.
    async fn flush(&mut self) -> Result<(Vec<Row>, u64), StoreError> {
        let makings = self.later.take_makings();
        let done = self.run_waiting().await?;
        if !makings.is_empty() {
            self.settle(makings).await?;
            self.run_waiting().await?;
        }
        Ok(done)
    }

    async fn run_waiting(&mut self) -> Result<(Vec<Row>, u64), StoreError> {
        let (mut later, is_sqlite) = (std::mem::take(&mut self.later), self.is_sqlite());
        self.sent += later.bytes();
        let files = raw::write_files(later.take_files());
        let (written, done) = tokio::join!(files, run(&mut self.on, later.into_units(is_sqlite)));
        written?;
        done
    }

    /// Sets a savepoint, so that one message can be undone alone.
    ///
    /// # Errors
    /// What the database said.
    pub async fn savepoint(&mut self) -> Result<(), StoreError> {
        self.flush().await?;
        self.execute_later(SAVEPOINT, &[]).await
    }

    /// Keeps what was done since the savepoint.
    ///
    /// # Errors
    /// What the database said to any statement since the savepoint; then it is to be undone.
    pub async fn release(&mut self) -> Result<(), StoreError> {
        self.execute("RELEASE SAVEPOINT one_message", &[]).await.map(|_| ())
    }

    /// Undoes what was done since the savepoint.
    ///
    /// # Errors
    /// What the database said.
    pub async fn undo(&mut self) -> Result<(), StoreError> {
        let is_unsaid = self.later.has(SAVEPOINT);
        (self.later, self.answers) = (Later::default(), Answers::default());
        if is_unsaid {
            return Ok(());
        }
        self.execute("ROLLBACK TO SAVEPOINT one_message", &[]).await?;
        self.release().await
    }

    /// Makes all of it durable; what was begun as repeatable at the next [`super::Db::make_durable`].
    ///
    /// # Errors
    /// What the database said; then nothing was changed, unless the connection broke in the very answer.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.flush().await?;
        match self.on {
            Open::Lite(tx) => tx.commit().await?,
            Open::Pg(tx) => tx.commit().await?,
        }
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.note(self.sent);
        }
        Ok(())
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.on, Open::Lite(_))
    }
}

/// Runs statements; gives the rows that were read and how many the last of them touched.
async fn run(on: &mut Open, units: Vec<Unit>) -> Result<(Vec<Row>, u64), StoreError> {
    let (mut rows, mut touched) = (Vec::new(), 0);
    for unit in units {
        let text = sqlx::AssertSqlSafe(unit.text);
        match on {
            Open::Lite(tx) => {
                let mut results = (&mut **tx).fetch_many(sqlx::query_with(text, bound::<Sqlite>(unit.args)?));
                while let Some(result) = results.try_next().await? {
                    match result {
                        Either::Left(done) => touched = done.rows_affected(),
                        Either::Right(row) => rows.push(Row::Lite(row)),
                    }
                }
            }
            Open::Pg(tx) => {
                let mut results = (&mut **tx).fetch_many(sqlx::query_with(text, bound::<Postgres>(unit.args)?));
                while let Some(result) = results.try_next().await? {
                    match result {
                        Either::Left(done) => touched = done.rows_affected(),
                        Either::Right(row) => rows.push(Row::Pg(row)),
                    }
                }
            }
        }
    }
    Ok((rows, touched))
}

/// A statement with its arguments, for SQLite.
pub(super) fn bind_lite<'q>(
    sql: &'static str,
    args: &'q [Value<'q>],
) -> sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments> {
    debug_assert_eq!(asked_args(sql), args.len(), "{sql}");
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

/// A statement with its arguments, for PostgreSQL.
pub(super) fn bind_pg<'q>(
    sql: &'static str,
    args: &'q [Value<'q>],
) -> sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments> {
    debug_assert_eq!(asked_args(sql), args.len(), "{sql}");
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}
