//! What happened on cases, and the runs of their clocks that follow from it.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::clock::{Clock, ClockEvent, Run};

use super::answers::{Together, about_case};
use super::lists::{fifty, numbers};
use super::{Db, Row, StoreError, Topic, Tx, args, statements};

/// The columns of a run, in the order in which [`read`] takes them.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT case_no, client, clock, generation, started_at, due, half_due, nearly_due, met_at, missed_at,
             reclassified_at, ended_at, tick_due FROM clocks ",
            $rest
        )
    };
}

statements! {
    RECORD_EVENT = "INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ($1, $2, $3, $4, $5, $6)";
    LIST_EVENTS = "SELECT at, cause, body FROM case_events WHERE desk = $1 AND case_no = $2 ORDER BY event_no";
    LIST_EVENTS_OF = concat!("SELECT at, cause, body, case_no FROM case_events WHERE desk = $1 AND case_no IN (", fifty!(),
        ") ORDER BY event_no LIMIT 2000");
    LIST_DUE = columns!("WHERE desk = $1 AND tick_due <= $2 ORDER BY case_no, clock, generation");
    RECORD = "INSERT INTO clocks (desk, case_no, client, clock, generation, started_at, due, half_due, nearly_due, met_at,
        missed_at, reclassified_at, ended_at, tick_due)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    SAVE = "INSERT INTO clocks (desk, case_no, client, clock, generation, started_at, due, half_due, nearly_due, met_at,
        missed_at, reclassified_at, ended_at, tick_due)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (desk, case_no, clock, generation) DO UPDATE SET started_at = $6, due = $7, half_due = $8,
        nearly_due = $9, met_at = $10, missed_at = $11, reclassified_at = $12, ended_at = $13, tick_due = $14";
    LIST_OF_CASE = columns!("WHERE desk = $1 AND case_no = $2 ORDER BY clock, generation");
    LIST_JUDGED = columns!("WHERE desk = $1 AND client = $2 AND (met_at >= $3 AND met_at < $4
        OR missed_at >= $3 AND missed_at < $4 OR reclassified_at >= $3 AND reclassified_at < $4)
        ORDER BY case_no + 0, clock, generation");
    LIST_RUNNING = columns!("WHERE desk = $1 AND client = $2 AND met_at IS NULL AND ended_at IS NULL
        ORDER BY case_no + 0, clock, generation");
}

/// A run of a clock, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredRun {
    /// The case's key.
    pub case_no: i64,
    /// The client's code.
    pub client: String,
    /// The run.
    #[serde(flatten)]
    pub run: Run,
}

fn read(row: &Row) -> Result<StoredRun, StoreError> {
    let clock = row.text(2)?;
    Ok(StoredRun {
        case_no: row.int(0)?,
        client: row.text(1)?,
        run: Run {
            clock: Clock::parse(&clock).ok_or_else(|| StoreError::Inconsistent(format!("a clock \"{clock}\"")))?,
            generation: row.int(3)?,
            started_at: row.time(4)?,
            due: row.maybe_time(5)?,
            half_due: row.maybe_time(6)?,
            nearly_due: row.maybe_time(7)?,
            met_at: row.maybe_time(8)?,
            missed_at: row.maybe_time(9)?,
            reclassified_at: row.maybe_time(10)?,
            ended_at: row.maybe_time(11)?,
            tick_due: row.maybe_time(12)?,
        },
    })
}

/// Adds what happened on a case.
///
/// # Errors
/// What the database said.
pub async fn record_event(
    tx: &mut Tx,
    desk: &str,
    case_no: i64,
    event_no: i64,
    event: &ClockEvent,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(&event.what).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    let args = args![desk, case_no, event_no, event.at, &event.cause, &body];
    tx.execute_about(&[Topic::Case(case_no)], RECORD_EVENT, args).await
}

fn read_event(row: &Row) -> Result<ClockEvent, StoreError> {
    Ok(ClockEvent { at: row.time(0)?, cause: row.text(1)?, what: row.parsed(2, |body| serde_json::from_str(body))? })
}

/// What happened on a case, in the order in which it was written down.
///
/// # Errors
/// What the database said.
pub async fn list_events(tx: &mut Tx, desk: &str, case_no: i64) -> Result<Vec<ClockEvent>, StoreError> {
    tx.fetch_about(&[Topic::Case(case_no)], LIST_EVENTS, args![desk, case_no]).await?.iter().map(read_event).collect()
}

/// Asks for the events of several cases at once, for [`list_events`] to give them.
///
/// # Errors
/// What the database said.
pub async fn ask_events(tx: &mut Tx, desk: &str, cases: &[i64]) -> Result<(), StoreError> {
    let together =
        Together { one: LIST_EVENTS, many: LIST_EVENTS_OF, column: 3, order: &[], most: 2000, leaves_out: false };
    together.ask(tx, desk, &numbers(cases), about_case, 3).await.map(drop)
}

/// As [`list_events`], outside of any transaction.
///
/// # Errors
/// What the database said.
pub async fn list_events_now(db: &Db, desk: &str, case_no: i64) -> Result<Vec<ClockEvent>, StoreError> {
    db.fetch(LIST_EVENTS, args![desk, case_no]).await?.iter().map(read_event).collect()
}

/// The runs at which the tick has to look, of all cases of a desk, in the order of the cases.
///
/// # Errors
/// What the database said.
pub async fn list_due(tx: &mut Tx, desk: &str, until: Timestamp) -> Result<Vec<StoredRun>, StoreError> {
    tx.fetch(LIST_DUE, args![desk, until]).await?.iter().map(read).collect()
}

/// Writes a run as it is now; `is_first` where no run of this case was ever written.
///
/// # Errors
/// What the database said.
pub async fn save(tx: &mut Tx, desk: &str, stored: &StoredRun, is_first: bool) -> Result<(), StoreError> {
    let run = &stored.run;
    let args = args![
        desk,
        stored.case_no,
        &stored.client,
        run.clock.as_str(),
        run.generation,
        run.started_at,
        run.due,
        run.half_due,
        run.nearly_due,
        run.met_at,
        run.missed_at,
        run.reclassified_at,
        run.ended_at,
        run.tick_due
    ];
    tx.execute_about(&[Topic::Case(stored.case_no)], if is_first { RECORD } else { SAVE }, args).await
}

/// The runs of a case, of each clock the oldest first.
///
/// # Errors
/// What the database said.
pub async fn list_of_case(db: &Db, desk: &str, case_no: i64) -> Result<Vec<StoredRun>, StoreError> {
    db.fetch(LIST_OF_CASE, args![desk, case_no]).await?.iter().map(read).collect()
}

/// The runs of a client's clocks that were met, missed or reclassified from a moment on and before another one. A run
/// that was missed in one week and met in the next is in both.
///
/// # Errors
/// What the database said.
pub async fn list_judged(
    tx: &mut Tx,
    desk: &str,
    client: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<StoredRun>, StoreError> {
    tx.fetch(LIST_JUDGED, args![desk, client, from, to]).await?.iter().map(read).collect()
}

/// The runs of a client's clocks that still run or pause.
///
/// # Errors
/// What the database said.
pub async fn list_running(tx: &mut Tx, desk: &str, client: &str) -> Result<Vec<StoredRun>, StoreError> {
    tx.fetch(LIST_RUNNING, args![desk, client]).await?.iter().map(read).collect()
}
