//! The clocks of cases: moving the present on the wall of Amsterdam, and reading the runs as lines.

use casepost::desk::import::{By, Imported, World as Declared};
use casepost::domain::directory::DirectoryFile;
use casepost::store::mailboxes::{FolderKey, FolderMark};
use casepost::store::{Db, clocks, mailboxes};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sqlx::{Connection as _, Executor as _};

use super::{DESK, World};

/// The small desk with targets for every clock at Northwick: office hours in Amsterdam, critical day and night.
pub fn clock_desk() -> String {
    let targets = r#"high = { first_response = "2h", next_response = "2h", resolution = "4h" }
normal = { first_response = "4h", next_response = "2h", resolution = "8h" }
low = { first_response = "1d", next_response = "1d", resolution = "3d" }"#;
    let critical =
        r#"critical = { first_response = "1h", next_response = "1h", resolution = "8h", calendar = "24x7" }"#;
    DESK.replace(r#"normal = { first_response = "4h", resolution = "5d" }"#, targets)
        .replace(r#"critical = { first_response = "1h", resolution = "8h", calendar = "24x7" }"#, critical)
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap()
}

fn short(at: Option<Timestamp>) -> String {
    let Some(at) = at else { return "–".to_owned() };
    let wall = at.to_zoned_datetime(zone());
    let form = if wall.second() == 0 { "%m-%d %H:%M" } else { "%m-%d %H:%M:%S" };
    wall.strftime(form).to_string()
}

impl World {
    /// In a world of [`clock_desk`].
    pub async fn with_clocks(&mut self) {
        self.declare_first(&clock_desk()).await;
    }

    /// Goes to a moment on the wall of Amsterdam, such as `2026-04-24T16:00`.
    pub fn local(&mut self, moment: &str) {
        let wall: DateTime = moment.parse().unwrap();
        self.now = zone().to_timestamp(wall).unwrap();
    }

    /// Goes to a moment, and the clock ticks.
    pub async fn tick_at(&mut self, moment: &str) {
        self.local(moment);
        self.tick().await;
    }

    /// The runs of a case's clocks as they are kept, such as `response 1 due 04-28 12:00, met 04-24 16:30`.
    pub async fn clocks(&self, number: &str) -> Vec<String> {
        let case_no = self.case(number).await.case_no;
        let runs = clocks::list_of_case(&self.db, "LIN", case_no).await.unwrap();
        let line = |stored: &clocks::StoredRun| {
            let run = &stored.run;
            let mut line = format!("{} {} due {}", run.clock.as_str(), run.generation, short(run.due));
            let facts = [
                ("met", run.met_at),
                ("missed", run.missed_at),
                ("reclassified", run.reclassified_at),
                ("ended", run.ended_at),
            ];
            for (what, at) in facts {
                if at.is_some() {
                    line.push_str(&format!(", {what} {}", short(at)));
                }
            }
            line
        };
        runs.iter().map(line).collect()
    }

    /// The runs of one clock of a case.
    pub async fn clock(&self, number: &str, clock: &str) -> Vec<String> {
        let start = format!("{clock} ");
        let all = self.clocks(number).await;
        all.iter().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
    }

    /// When the tick looks at a clock of a case next.
    pub async fn next_look(&self, number: &str, clock: &str) -> String {
        let case_no = self.case(number).await.case_no;
        let runs = clocks::list_of_case(&self.db, "LIN", case_no).await.unwrap();
        let of_clock = runs.iter().filter(|stored| stored.run.clock.as_str() == clock);
        short(of_clock.filter_map(|stored| stored.run.tick_due).min())
    }

    /// The mailbox was read to its end at this moment; from now on the desk's time comes no further by itself.
    pub async fn read_to_here(&self) {
        let key = FolderKey { desk: "LIN".into(), mailbox: "support".into(), folder: "INBOX".into() };
        let mark = FolderMark { uid_validity: 1, last_uid: 1, adopted_since: self.now, fetched_at: Some(self.now) };
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        mailboxes::save_folder(&mut tx, &key, &mark).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// As if the release before clocks had left the database, and this one opened it now.
    pub async fn upgrade_from_before_clocks(&mut self) {
        self.db.clone().close().await;
        let steps = [
            "DROP TABLE clocks",
            "DROP TABLE case_events",
            "DELETE FROM counters WHERE name = 'event'",
            "DELETE FROM _sqlx_migrations WHERE version = 2",
        ];
        if self.db.is_sqlite() {
            let mut old = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
            for step in steps {
                old.execute(step).await.unwrap();
            }
            old.close().await.unwrap();
        } else {
            let mut old = sqlx::PgConnection::connect(&self.url).await.unwrap();
            for step in steps {
                old.execute(step).await.unwrap();
            }
            old.close().await.unwrap();
        }
        self.db = Db::open(&self.url).await.unwrap();
        self.intake.db = self.db.clone();
    }

    /// Takes over a directory file as `casepost import` does.
    pub async fn import(&self, text: &str, is_rehearsal: bool) -> Imported {
        let zone = zone();
        let desk = &self.intake.office.facts.code;
        let by = By { actor: "command:tester".into(), reason: "as agreed".into(), at: self.now };
        let declared = Declared { db: &self.db, desk, zone: &zone };
        declared.import(&DirectoryFile::alone("desk.toml", text), &by, is_rehearsal).await.unwrap()
    }
}
