//! Looks at the database as it is: nothing is made, and no schema is brought up to date.

use crate::config::Config;
use crate::desk::backup::refuse_half;
use crate::store::{Db, StoreError, schema};

use super::Findings;

/// What can be asked of the database.
pub(super) enum Looked {
    /// Everything.
    Open(Db),
    /// Nothing is in it yet.
    New,
    /// It is away, or of another version than this casepost.
    Closed,
}

/// Whether the first start would go well.
pub(super) async fn check(found: &mut Findings, config: &Config) -> Looked {
    if let Err(error) = refuse_half(config) {
        found.fail("restore", &error.to_string(), "");
        return Looked::Closed;
    }
    let away = "mend database = in the configuration, or start the server";
    match Db::open_as_is(config.database.expose()).await {
        Ok(db) => match look(found, &db).await {
            Ok(Schema::UpToDate) => Looked::Open(db),
            Ok(Schema::Empty) => {
                db.close().await;
                Looked::New
            }
            Ok(Schema::Behind) => {
                db.close().await;
                Looked::Closed
            }
            Err(error) => {
                db.close().await;
                // The words about a newer casepost name their own mend.
                let mend = if matches!(error, StoreError::Newer { .. }) { "" } else { away };
                found.fail("database", &error.to_string(), mend);
                Looked::Closed
            }
        },
        Err(StoreError::File { what, error }) if error.kind() == std::io::ErrorKind::NotFound => {
            found.ok("database", &format!("{what} is not there yet: the first start makes it"));
            Looked::New
        }
        Err(error) => {
            found.fail("database", &error.to_string(), away);
            Looked::Closed
        }
    }
}

/// How the schema stands to this casepost.
enum Schema {
    UpToDate,
    Empty,
    Behind,
}

async fn look(found: &mut Findings, db: &Db) -> Result<Schema, StoreError> {
    let kind = if db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    schema::refuse_newer(db).await?;
    let Some(state) = schema::find_state(db).await? else {
        found.ok("database", &format!("{kind}, without tables yet: the first start makes them"));
        return Ok(Schema::Empty);
    };
    let waiting = schema::count_later(state);
    if waiting > 0 {
        let migrations = if waiting == 1 { "1 migration waits" } else { &format!("{waiting} migrations wait") };
        let newest = schema::newest();
        found.warn(
            "database",
            &format!(
                "{kind}, schema {state}, and this casepost works with {newest}: {migrations}, and nothing else of it \
                      was tried"
            ),
            "make a backup with the casepost of before; the next start brings it up to date",
        );
        return Ok(Schema::Behind);
    }
    found.ok("database", &format!("{kind}, schema {state}, up to date"));
    Ok(Schema::UpToDate)
}
