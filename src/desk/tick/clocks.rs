//! What time brings to the clocks of cases: warnings, and promises that were missed.
//!
//! Only runs that have something due are read. What is told is written down as an event of the case in the same
//! transaction, so that it is told once whatever happens and however many workers tick.

use jiff::Timestamp;

use crate::desk::clocks::Recount;
use crate::domain::case::{Case, Party};
use crate::domain::clock::{ClockEvent, Ripe, Run, Telling, What, next_hours, ripe};
use crate::domain::decision::{ClockNews, Facts, deadline_letters};
use crate::domain::directory::Directory;
use crate::domain::promise;
use crate::store::clocks::StoredRun;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases, changes, clocks};

use super::Tick;

/// What the events of a tick name as their cause.
const CAUSE: &str = "tick";

impl Tick<'_> {
    /// Tells what came due up to `until`; gives how many letters that made.
    pub(super) async fn tell_deadlines(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let due = clocks::list_due(tx, desk, until).await?;
        let mut news = Vec::new();
        for of_case in due.chunk_by(|one, other| one.case_no == other.case_no) {
            let Some(case) = cases::find(tx, desk, of_case[0].case_no).await? else { continue };
            news.extend(self.look_at(tx, numbers, directory, of_case, &case, until).await?);
        }
        if news.is_empty() {
            return Ok(0);
        }
        let mailbox = self.mailbox.facts(false);
        let mut facts = Facts::of_desk(directory, &self.office.facts, &mailbox);
        facts.absences = changes::list_absences(tx, desk, self.now).await?;
        let letters = deadline_letters(&news, &facts, self.now);
        // The letters of one tick are one event: if it is repeated after a crash, they are the same.
        let cause = format!("clocks/{}", until.as_microsecond());
        self.post(tx, numbers, &letters, &cause).await?;
        Ok(letters.len())
    }

    /// Writes down what came due on one case, and gives what is to be told.
    async fn look_at(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        stored: &[StoredRun],
        case: &Case,
        until: Timestamp,
    ) -> Result<Vec<ClockNews>, StoreError> {
        let desk = self.office.code();
        let events = clocks::list_events(tx, desk, case.case_no).await?;
        let terms_at = promise::terms_of(directory, &case.client);
        let mut recount = Recount { tx, numbers, directory, desk, case_no: case.case_no, client: &case.client };
        let before = recount.count(&events);
        let found = ripe(&before, &terms_at, until, self.now);
        let new = events_of(&found, &before.runs, until);
        let all: Vec<ClockEvent> = events.into_iter().chain(new.iter().cloned()).collect();
        recount.record(&new).await?;
        let after = recount.count(&all);
        let runs = after.runs.iter().enumerate().map(|(place, run)| {
            let is_waiting = run.tick_due.is_some_and(|due| due <= until);
            let later = if is_waiting { next_hours(&after, place, &terms_at, self.now) } else { run.tick_due };
            Run { tick_due: later, ..run.clone() }
        });
        let gone = stored.iter().filter(|stored| !after.runs.iter().any(|run| is_same(run, &stored.run)));
        let gone = gone.map(|stored| Run { ended_at: Some(until), tick_due: None, ..stored.run.clone() });
        let runs: Vec<Run> = runs.chain(gone).collect();
        recount.save(&runs, false).await?;
        recount.save_promised(&after).await?;
        if found.iter().all(|one| one.telling.is_none()) {
            return Ok(Vec::new());
        }
        let parties: Vec<Party> = cases::list_parties_in(tx, desk, case.case_no).await?;
        let was_warned = |run: &Run| {
            let is_warning = |telling| matches!(telling, Telling::Half | Telling::Nearly);
            before.told.iter().any(|told| told.0 == run.clock && told.1 == run.generation && is_warning(told.2))
        };
        let news = found.iter().filter_map(|one| {
            let run = after.runs.get(one.place)?.clone();
            let (case, parties) = (case.clone(), parties.clone());
            Some(ClockNews {
                was_warned: was_warned(&run),
                case,
                parties,
                run,
                telling: one.telling?,
                since: one.since,
            })
        });
        Ok(news.collect())
    }
}

fn events_of(found: &[Ripe], runs: &[Run], until: Timestamp) -> Vec<ClockEvent> {
    let mut events = Vec::new();
    for one in found {
        let Run { clock, generation, .. } = runs[one.place];
        if one.is_newly_missed {
            events.push(ClockEvent::new(until, CAUSE, What::Missed { clock, generation }));
        }
        if let Some(telling) = one.telling {
            events.push(ClockEvent::new(until, CAUSE, What::Told { clock, generation, telling }));
        }
    }
    events
}

fn is_same(run: &Run, other: &Run) -> bool {
    run.clock == other.clock && run.generation == other.generation
}
