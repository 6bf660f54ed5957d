//! Every earlier state of the schema, with rows in every table, is brought up to date and worked on.
//!
//! `NNNN.sql` beside this file holds the rows of a small desk as they stood in the schema after migration NNNN, but for
//! the bytes of mails and letters, which all states share (`raw_mails.sql`). Those of today know the bytes by their number
//! and SHA-256, and copy them from there. The text is for SQLite; on PostgreSQL the bytes are written in its own way, all
//! else is the same.
//!
//! **A new migration needs its snapshot**, or a test here fails. Write it, look at it and commit it:
//!
//! ```text
//! tests/run --servers    # elsewhere, and take over the variables that it prints
//! cargo test --features boundaries --test gateway -- --ignored upgrade::write_what_is_missing
//! ```
//!
//! That runs two weeks of a desk ([`week`]) on the present schema and writes the rows of each state that has no snapshot
//! yet, in the tables and columns which that state has. A snapshot that was committed is never written again: it stands for
//! the databases of that time. If a new table stays empty, extend [`week`] or [`FURTHER`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::migrate::{Migration, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

use casepost::desk::resume::Aside;
use casepost::store::all_statements;

use crate::world::{Bare, World};

/// The moment at which the stored week ends.
const SUNDAY: &str = "2026-05-03T10:00:00Z";

/// Columns that no schema has any more, and what stood in them, by table; and rows that no mail makes.
const FURTHER: &[(&str, &str, &str)] = &[("parked", "reminded_at", "NULL")];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/upgrade")
}

async fn migrations() -> Vec<Migration> {
    let all = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.unwrap();
    all.migrations.iter().cloned().collect()
}

fn path_of(version: i64) -> PathBuf {
    folder().join(format!("{version:04}.sql"))
}

/// A connection to either database that knows nothing of casepost.
enum Plain {
    Lite(SqliteConnection),
    Pg(PgConnection),
}

impl Plain {
    async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            return Plain::Lite(SqliteConnection::connect(url).await.unwrap());
        }
        Plain::Pg(PgConnection::connect(url).await.unwrap())
    }

    /// Brings an empty database into the state after that migration.
    async fn migrate(&mut self, version: i64) {
        let migrations = migrations().await.into_iter().filter(|one| one.version <= version).collect();
        let migrator = Migrator::with_migrations(migrations);
        match self {
            Plain::Lite(connection) => migrator.run(connection).await.unwrap(),
            Plain::Pg(connection) => migrator.run(connection).await.unwrap(),
        }
    }

    async fn run(&mut self, text: &str) {
        let done = match self {
            Plain::Lite(connection) => {
                sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(connection).await.map(|_| ())
            }
            Plain::Pg(connection) => {
                sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(connection).await.map(|_| ())
            }
        };
        done.unwrap_or_else(|error| panic!("{error}: {}", text.chars().take(300).collect::<String>()));
    }

    async fn texts(&mut self, sql: String) -> Vec<Vec<Option<String>>> {
        match self {
            Plain::Lite(connection) => {
                let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
            }
            Plain::Pg(connection) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
            }
        }
    }

    /// The columns of each table of casepost's.
    async fn columns(&mut self) -> BTreeMap<String, Vec<String>> {
        let sql = match self {
            Plain::Lite(_) => {
                "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, p.cid"
            }
            Plain::Pg(_) => {
                "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
            }
        };
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.texts(sql.to_owned()).await {
            let [table, column] = row.try_into().unwrap();
            columns.entry(table.unwrap()).or_default().push(column.unwrap());
        }
        columns.remove("_sqlx_migrations");
        columns
    }

    /// What stands in these columns of a table, a line a row, in a fixed order.
    async fn rows(&mut self, table: &str, columns: &[String]) -> Vec<String> {
        let form = |column: &String| match (&self, column.as_str()) {
            (Plain::Lite(_), "packed") => "HEX(packed)".to_owned(),
            (Plain::Pg(_), "packed") => "UPPER(ENCODE(packed, 'hex'))".to_owned(),
            (_, column) => format!("CAST({column} AS TEXT)"),
        };
        let list: Vec<String> = columns.iter().map(form).collect();
        let rows = self.texts(format!("SELECT {} FROM {table}", list.join(", "))).await;
        let mut lines: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        lines.sort();
        lines
    }
}

/// The text for PostgreSQL, which writes bytes in another way.
fn for_postgres(text: &str) -> String {
    text.replace("X'", "'\\x")
}

/// A database in the state after that migration, with its snapshot in it.
async fn filled(version: i64, bare: &Bare) -> Plain {
    let read = |path: PathBuf| {
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing: see the docs above", path.display()))
    };
    let mut plain = Plain::connect(&bare.url).await;
    plain.migrate(version).await;
    let bytes = read(folder().join("raw_mails.sql"));
    let bytes = if matches!(plain, Plain::Pg(_)) { for_postgres(&bytes) } else { bytes };
    plain.run(&bytes).await;
    plain.run(&read(path_of(version))).await;
    plain
}

async fn upgraded(version: i64, bare: Bare) {
    let mut plain = filled(version, &bare).await;
    let mut before = BTreeMap::new();
    let columns = plain.columns().await;
    for (table, columns) in &columns {
        let rows = plain.rows(table, columns).await;
        assert!(!rows.is_empty(), "{table} is empty in the snapshot of {version:04}");
        before.insert(table.clone(), rows);
    }
    let url = bare.url.clone();
    let mut world = bare.open(SUNDAY).await;
    nothing_is_lost(version, &url, &columns, &mut plain).await;
    the_programme_works(&mut world).await;
}

/// Each row is there as it was, in the columns that both states have.
async fn nothing_is_lost(version: i64, url: &str, columns: &BTreeMap<String, Vec<String>>, old: &mut Plain) {
    let now = old.columns().await;
    let bare = if url.starts_with("sqlite:") { Bare::on_sqlite() } else { Bare::on_postgres().await };
    let mut untouched = filled(version, &bare).await;
    for (table, columns) in columns {
        let present = now.get(table).unwrap_or_else(|| panic!("{table} is gone"));
        let both: Vec<String> = columns.iter().filter(|column| present.contains(column)).cloned().collect();
        let mut after = old.rows(table, &both).await;
        for row in untouched.rows(table, &both).await {
            let place = after.iter().position(|line| *line == row);
            let place = place.unwrap_or_else(|| panic!("{table} of {version:04} lost a row: {row}"));
            after.swap_remove(place);
        }
    }
}

/// What a desk does with what it has.
async fn the_programme_works(world: &mut World) {
    for (name, sql) in all_statements() {
        if name.ends_with("_LITE") || name.ends_with("_PG") {
            continue;
        }
        world.db.prepare(sql).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(world.cases().await, ["AMR-2026-0001", "AMR-2026-0002", "NWK-2026-0001"]);
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
    assert_eq!(world.state_of("NWK-2026-0001").await, "new support normal");
    // An answer finds its old case, and opens it again.
    let answer = world.letters_on("AMR-2026-0001").await.into_iter().rfind(|letter| letter.notice == "answer").unwrap();
    let answer = world.whole(answer).await;
    let mail = world.reply_to(&answer).text("Het is er weer.\n");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Verholpen.\n\n#tijd 15m nagekeken\n#opgelost\n");
    world.receive(mail).await.is("joined");
    assert_eq!(world.cards("AMR").await, "2026-001: 240; overdraft 0");
    // Grace waits for long: the clock tells, and on Monday at seven the week is told.
    world.send_summaries();
    world.fetched_until("2026-05-04T10:00:00Z").await;
    world.at("2026-05-04T10:00:00Z");
    world.tick().await;
    let told = world.rest().await;
    for expected in ["weekly-summary to anne.bakker", "weekly-summary to grace.hall", "answer to anne.bakker"] {
        assert!(told.iter().any(|line| line == expected), "no {expected} among {told:?}");
    }
    let runs = world.runs("NWK-2026-0001").await;
    assert!(runs.iter().any(|run| run.missed_at.is_some()), "{runs:?}");
}

#[tokio::test]
async fn every_earlier_state_is_brought_up_to_date_on_sqlite() {
    for migration in migrations().await {
        upgraded(migration.version, Bare::on_sqlite()).await;
    }
}

#[tokio::test]
async fn every_earlier_state_is_brought_up_to_date_on_postgres() {
    for migration in migrations().await {
        upgraded(migration.version, Bare::on_postgres().await).await;
    }
}

#[tokio::test]
async fn every_migration_has_its_snapshot() {
    let missing: Vec<i64> =
        migrations().await.iter().map(|one| one.version).filter(|version| !path_of(*version).exists()).collect();
    assert_eq!(missing, [0; 0], "migrations without a snapshot of what they leave: see the docs of this file");
}

/// Two weeks of a desk: something of everything that the database can hold.
async fn week(world: &mut World) {
    world.at("2026-04-21T08:30:00Z");
    let mail = world.mail_from("grace").subject("Portal login").text("Tenants can't log in.\n");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    world.send_summaries();
    let monday = "2026-04-27T05:00:00Z";
    world.fetched_until(monday).await;
    world.at(monday);
    world.tick().await;
    world.at("2026-04-28T08:00:00Z");
    let mail = world.mail_from("anne").subject("Contactformulier verstuurt niet").text("Het formulier doet niets.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Welke browser?\n\n#tijd 40m gezocht\n");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("Het werkt weer.\n\n#opgelost\n");
    world.receive(mail).await.is("joined");
    let mail = world.mail_from("anne").subject("Foto's bij de tentoonstelling").text("Kan dat?\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.letter_to("joost").await;
    let relay = world.letters_on("AMR-2026-0002").await.into_iter().find(|letter| letter.notice == "relay").unwrap();
    let relay = world.whole(relay).await;
    let mail = world.reply_to(&relay).text("Ja hoor.\n\n#tjid 20m\n");
    world.receive(mail).await.is("parked");
    let mail = world.mail_from("kees").subject("Nieuwe collega").text("Graag een account voor Jan.\n");
    world.receive(mail).await.is("held");
    let mail = world.mail_from("stranger").subject("Offerte").text("Wat kost het?\n");
    world.receive(mail).await.is("quarantined");
    let mail =
        world.reply_to(&relay).automatic().subject("Afwezig tot 12 mei").text("Ik ben er weer op 12 mei 2026.\n");
    world.receive(mail).await.is("noted");
    world.begin_mail("17").await;
    world.at(SUNDAY);
    world.fetched_until(SUNDAY).await;
    world.tick().await;
    world.deliver_all().await;
    world.restored_from(SUNDAY.parse().unwrap()).await;
    world.resumed(Aside::Release).await;
    world.rest().await;
}

/// Writes the snapshots that are missing.
#[tokio::test]
#[ignore = "writes files: run it for a new migration"]
async fn write_what_is_missing() {
    let missing: Vec<i64> =
        migrations().await.iter().map(|one| one.version).filter(|version| !path_of(*version).exists()).collect();
    let mut world = World::on_sqlite().await;
    week(&mut world).await;
    let mut present = Plain::connect(&world.url()).await;
    let here = present.columns().await;
    for version in missing {
        let bare = Bare::on_sqlite();
        let mut state = Plain::connect(&bare.url).await;
        state.migrate(version).await;
        let mut text = format!("-- A desk's rows in the schema after migration {version:04}.\n");
        for (table, columns) in state.columns().await {
            if table == "raw_mails" {
                text.push_str(&copies(&mut present).await);
            } else {
                text.push_str(&inserts(&mut present, &here, &table, &columns).await);
            }
        }
        std::fs::write(path_of(version), text).unwrap();
    }
}

/// The bytes of mails and letters, copied from those that all states share.
async fn copies(present: &mut Plain) -> String {
    let shared = std::fs::read_to_string(folder().join("raw_mails.sql")).unwrap();
    let mut text = String::new();
    for row in present.texts("SELECT digest FROM raw_mails ORDER BY 1".to_owned()).await {
        let digest = row[0].as_deref().unwrap();
        let sha256 = digest.rsplit('-').next().unwrap();
        assert!(shared.contains(sha256), "raw_mails.sql lacks {digest}: write its row there");
        text.push_str(&format!(
            "INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, '{digest}', size, packed, file \
             FROM raw_mails WHERE digest = '{sha256}';\n"
        ));
    }
    text
}

/// The rows of a table as statements, in the columns of an earlier state.
async fn inserts(present: &mut Plain, here: &BTreeMap<String, Vec<String>>, table: &str, columns: &[String]) -> String {
    let Some(known) = here.get(table) else { panic!("{table} is no table any more: write its rows by hand") };
    let value = |column: &String| match FURTHER.iter().find(|(of, name, _)| *of == table && name == column) {
        Some((_, _, value)) => format!("'{value}'"),
        None if !known.contains(column) => {
            panic!("{table}.{column} is no column any more: tell in FURTHER what stood in it")
        }
        None if column == "packed" => "COALESCE('X''' || HEX(packed) || '''', 'NULL')".to_owned(),
        None => format!("QUOTE({column})"),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let sql = format!("SELECT {} FROM {table} ORDER BY 1", values.join(" || ', ' || "));
    let rows = present.texts(sql).await;
    assert!(!rows.is_empty(), "{table} is empty: extend the week");
    let head = format!("INSERT INTO {table} ({}) VALUES", columns.join(", "));
    rows.iter().map(|row| format!("{head} ({});\n", row[0].as_deref().unwrap())).collect()
}
