//! A copy of the whole database as it is at one moment, taken while others work on it.

use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Postgres, Transaction};

use super::db::Place;
use super::{Db, Row, StoreError, args, statements};

statements! {
    LIST_FILES = "SELECT DISTINCT file FROM raw_mails WHERE file IS NOT NULL ORDER BY file";
}

/// How a server is reached by PostgreSQL's own programs: through their environment, where no list of processes shows the
/// password.
pub type ServerEnvironment = Vec<(&'static str, String)>;

/// The path of an SQLite database; None for a server.
///
/// # Errors
/// [`StoreError::Address`] for an unknown kind.
pub fn path_of(url: &str) -> Result<Option<PathBuf>, StoreError> {
    Ok(match Place::of(url)? {
        Place::File(path) => Some(path.to_owned()),
        Place::Server => None,
    })
}

/// Writes a copy of an SQLite database as it is at this moment to a new file; who works on it goes on.
///
/// # Errors
/// What the database said, such as a full disk.
pub async fn write_copy(db: &Db, to: &Path) -> Result<(), StoreError> {
    let Db::Lite { writer, .. } = db else {
        return Err(StoreError::Inconsistent("only an SQLite database is copied by itself".into()));
    };
    let to = to.to_str().ok_or_else(|| StoreError::Inconsistent(format!("{} is no UTF-8", to.display())))?;
    sqlx::query("VACUUM INTO $1").bind(to).execute(writer).await?;
    Ok(())
}

/// The files of large mails that the database names, below the folder of raw mails.
///
/// # Errors
/// What the database said.
pub async fn list_files(db: &Db) -> Result<Vec<String>, StoreError> {
    db.fetch(LIST_FILES, args![]).await?.iter().map(|row| row.text(0)).collect()
}

/// A moment of a PostgreSQL database that stays as it is for as long as this lives.
pub struct PgMoment {
    tx: Transaction<'static, Postgres>,
    /// By which name `pg_dump --snapshot` takes it up.
    pub name: String,
}

impl PgMoment {
    /// Holds the present moment.
    ///
    /// # Errors
    /// What the database said.
    pub async fn hold(db: &Db) -> Result<Self, StoreError> {
        let Db::Pg(pool) = db else {
            return Err(StoreError::Inconsistent("only a PostgreSQL server has moments to hold".into()));
        };
        let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // It does nothing while the dump lasts.
        sqlx::query("SET LOCAL idle_in_transaction_session_timeout = 0").execute(&mut *tx).await?;
        let name = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut *tx).await?;
        Ok(Self { tx, name })
    }

    /// As [`list_files`], of that moment.
    ///
    /// # Errors
    /// What the database said.
    pub async fn list_files(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(LIST_FILES).fetch_all(&mut *self.tx).await?;
        rows.into_iter().map(|row| Row::Pg(row).text(0)).collect()
    }
}

/// What PostgreSQL's own programs need to know of a server.
///
/// # Errors
/// An address that can't be read.
pub fn server_environment(url: &str) -> Result<ServerEnvironment, StoreError> {
    let options = url.parse::<PgConnectOptions>()?;
    let host = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    };
    let ssl = match options.get_ssl_mode() {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    };
    let mut environment = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", options.get_database().unwrap_or(options.get_username()).to_owned()),
        ("PGSSLMODE", ssl.to_owned()),
    ];
    environment.extend(password_of(url).map(|password| ("PGPASSWORD", password)));
    Ok(environment)
}

/// The password in `scheme://user:password@host`, with its `%xx` read.
fn password_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    let (_, written) = authority.rsplit_once('@')?.0.split_once(':')?;
    let (mut password, mut bytes) = (Vec::new(), written.bytes());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            password.push(byte);
            continue;
        }
        let digits = [bytes.next()?, bytes.next()?];
        password.extend(data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok()?);
    }
    String::from_utf8(password).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &[(&str, &str)]) {
        let found = server_environment(url).unwrap();
        for (name, value) in expected {
            let given = found.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            assert_eq!(given.unwrap_or("-"), *value, "{name} of {url}");
        }
    }

    #[test]
    fn a_server_is_told_to_programs_without_its_address_on_the_command_line() {
        let url = "postgres://desk:p%40ss%3aword@db.example:6432/casepost?sslmode=verify-full";
        check(url, &[("PGHOST", "db.example"), ("PGPORT", "6432"), ("PGUSER", "desk"), ("PGDATABASE", "casepost")]);
        check(url, &[("PGPASSWORD", "p@ss:word"), ("PGSSLMODE", "verify-full")]);
        check("postgres://desk@localhost/x", &[("PGPASSWORD", "-"), ("PGDATABASE", "x"), ("PGHOST", "localhost")]);
        check("postgres://desk@localhost/x?host=/run/postgresql", &[("PGHOST", "/run/postgresql")]);
    }
}
