//! The state of the schema: brought up to date when a database is opened, never behind a newer casepost's back.

use super::{Db, StoreError, args, statements};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

statements! {
    FIND_STATE = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations";
    FIND_UPGRADE = "SELECT migration, casepost FROM upgrades ORDER BY migration DESC LIMIT 1";
    RECORD_UPGRADE = "INSERT INTO upgrades (migration, casepost) VALUES ($1, $2) ON CONFLICT (migration) DO NOTHING";
    IS_MIGRATED_LITE = "SELECT CAST(COUNT(*) AS BIGINT) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    IS_MIGRATED_PG = "SELECT CAST(COUNT(*) AS BIGINT) FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations'";
    COUNT_TABLES_LITE = "SELECT CAST(COUNT(*) AS BIGINT) FROM sqlite_master WHERE type = 'table'";
    COUNT_TABLES_PG = "SELECT CAST(COUNT(*) AS BIGINT) FROM information_schema.tables
        WHERE table_schema = current_schema()";
}

/// The state to which this casepost brings a schema: the number of its last migration.
#[must_use]
pub fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// How many migrations a schema in this state waits for.
#[must_use]
pub fn count_later(state: i64) -> usize {
    MIGRATIONS.iter().filter(|migration| migration.version > state).count()
}

/// The version of this casepost, without its commit.
#[must_use]
pub fn casepost_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Refuses a database of a newer casepost before anything is written.
///
/// # Errors
/// [`StoreError::Newer`]; else what the database said.
pub async fn refuse_newer(db: &Db) -> Result<(), StoreError> {
    let found = find_state(db).await?.unwrap_or_default();
    if found <= newest() {
        return Ok(());
    }
    // A newer casepost may have renamed even this table.
    let upgrade = db.fetch(FIND_UPGRADE, args![]).await.ok().and_then(|rows| rows.into_iter().next());
    let by = upgrade.and_then(|row| row.text(1).ok()).unwrap_or_else(|| "a newer one".to_owned());
    Err(StoreError::Newer { found, by, newest: newest() })
}

/// Brings the schema up to date.
///
/// # Errors
/// [`StoreError::Newer`] where it is ahead of this casepost; else what the database said.
pub(super) async fn bring_up_to_date(db: &Db) -> Result<(), StoreError> {
    refuse_newer(db).await?;
    match db {
        Db::Lite { writer, .. } => MIGRATIONS.run(writer).await?,
        Db::Pg(pool) => MIGRATIONS.run(pool).await?,
    }
    let known = db.fetch(FIND_UPGRADE, args![]).await?.first().map(|row| row.int(0)).transpose()?;
    if known.is_none_or(|known| known < newest()) {
        let mut tx = db.begin().await?;
        tx.execute(RECORD_UPGRADE, args![newest(), casepost_version()]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The state of the schema; None where there is none yet.
///
/// # Errors
/// What the database said.
pub async fn find_state(db: &Db) -> Result<Option<i64>, StoreError> {
    let sql = if db.is_sqlite() { IS_MIGRATED_LITE } else { IS_MIGRATED_PG };
    if first_number(db, sql).await? == 0 {
        return Ok(None);
    }
    Ok(Some(first_number(db, FIND_STATE).await?))
}

/// Whether the database holds no table at all.
///
/// # Errors
/// What the database said.
pub async fn is_empty(db: &Db) -> Result<bool, StoreError> {
    let sql = if db.is_sqlite() { COUNT_TABLES_LITE } else { COUNT_TABLES_PG };
    Ok(first_number(db, sql).await? == 0)
}

async fn first_number(db: &Db, sql: &'static str) -> Result<i64, StoreError> {
    db.fetch(sql, args![]).await?.first().map_or(Ok(0), |row| row.int(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a database whose schema was brought to `state` by a casepost of that version.
    async fn check(state: i64, by: Option<&str>, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("casepost.db").display());
        let db = Db::open(&url).await.unwrap();
        let Db::Lite { writer, .. } = &db else { panic!("SQLite") };
        let sql = format!("INSERT INTO _sqlx_migrations VALUES ({state}, 'x', CURRENT_TIMESTAMP, 1, x'00', 0)");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(writer).await.unwrap();
        if let Some(by) = by {
            let sql = format!("INSERT INTO upgrades VALUES ({state}, '{by}')");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(writer).await.unwrap();
        }
        db.close().await;
        let before = std::fs::read(folder.path().join("casepost.db")).unwrap();
        let opened = Db::open(&url).await.map(|_| ()).map_err(|error| error.to_string());
        match expected {
            Some(words) => {
                let said = opened.unwrap_err();
                assert!(said.contains(words), "{said}");
                assert_eq!(std::fs::read(folder.path().join("casepost.db")).unwrap(), before, "something was written");
            }
            None => opened.unwrap(),
        }
    }

    #[tokio::test]
    async fn a_database_of_a_newer_casepost_is_refused_before_anything_is_written() {
        check(9_999, Some("7.1.0"), Some("by casepost 7.1.0 (schema 9999), and this is casepost 0.1.0 (schema")).await;
        check(9_999, None, Some("install the newer casepost")).await;
    }
}
