//! When people are told about a clock, and of what.
//!
//! Each thing is told once a run, the strongest alone where several have come, and in the hours in which the desk works
//! for the client; about a critical case in its clock's own hours.

use jiff::{SignedDuration, Timestamp};

use super::count::Count;
use super::event::Telling;
use super::run::Run;
use super::terms::TermsAt;
use crate::domain::calendar::ServiceCalendar;
use crate::domain::case::Priority;

/// What one run has ripe at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ripe {
    /// Its place in [`Count::runs`].
    pub place: usize,
    /// What is to be told; weaker things that came as well are told by it. Nothing outside of the hours.
    pub telling: Option<Telling>,
    /// Since when it could have been told.
    pub since: Timestamp,
    /// The promised moment has passed, which is to be written down whether it may be told now or not.
    pub is_newly_missed: bool,
}

/// What is ripe of a case's clocks: all mail that was received up to `until` is known, and it is `now`.
#[must_use]
pub fn ripe(count: &Count, terms_at: &TermsAt<'_>, until: Timestamp, now: Timestamp) -> Vec<Ripe> {
    let mut found = Vec::new();
    for (place, run) in count.runs.iter().enumerate() {
        let hours = hours(count, run, terms_at);
        let is_newly_missed = is_undecided(run) && run.due.is_some_and(|due| due < until);
        let come = moments(count, run).into_iter().filter(|(_, moment)| *moment <= until);
        let strongest = come.max_by_key(|(telling, _)| *telling);
        let may_tell = hours.is_none_or(|hours| hours.is_open(now));
        let telling = strongest.filter(|_| may_tell).map(|(telling, _)| telling);
        if telling.is_some() || is_newly_missed {
            let moment = strongest.map_or(until, |(_, moment)| moment);
            let since = hours.and_then(|hours| hours.next_opening(moment)).unwrap_or(moment);
            found.push(Ripe { place, telling, since, is_newly_missed });
        }
    }
    found
}

/// When the tick has to look at a run next.
pub(super) fn tick_due(count: &Count, place: usize, terms_at: &TermsAt<'_>) -> Option<Timestamp> {
    let run = &count.runs[place];
    let hours = hours(count, run, terms_at);
    let in_hours = |moment| hours.and_then(|hours| hours.next_opening(moment)).unwrap_or(moment);
    let tellings = moments(count, run).into_iter().map(|(_, moment)| in_hours(moment));
    let missed = run.due.filter(|_| is_undecided(run)).map(just_after);
    tellings.chain(missed).min()
}

/// When a run may be told about that has something to tell which may not be told now.
#[must_use]
pub fn next_hours(count: &Count, place: usize, terms_at: &TermsAt<'_>, now: Timestamp) -> Option<Timestamp> {
    hours(count, count.runs.get(place)?, terms_at)?.next_opening(now)
}

/// The things that were not told yet, with the moment of each.
fn moments(count: &Count, run: &Run) -> Vec<(Telling, Timestamp)> {
    let is_told = |telling: Telling| {
        let of_run = |told: &&(_, i64, Telling)| told.0 == run.clock && told.1 == run.generation;
        count.told.iter().filter(of_run).any(|told| told.2 >= telling)
    };
    let open = is_undecided(run);
    let moment = |telling| match telling {
        Telling::Half => run.half_due.filter(|_| open),
        Telling::Nearly => run.nearly_due.filter(|_| open),
        Telling::Reclassified => run.reclassified_at,
        Telling::Missed => run.missed_at.or(run.due.filter(|_| open)).map(just_after),
    };
    let untold = Telling::ALL.into_iter().filter(|telling| !is_told(*telling));
    untold.filter_map(|telling| Some((telling, moment(telling)?))).collect()
}

/// Neither met nor missed nor ended, and not moved to where it had passed already.
fn is_undecided(run: &Run) -> bool {
    run.is_running() && run.missed_at.is_none() && run.reclassified_at.is_none()
}

/// The promised moment itself is in time.
fn just_after(due: Timestamp) -> Timestamp {
    due.checked_add(SignedDuration::from_micros(1)).unwrap_or(due)
}

fn hours<'a>(count: &Count, run: &Run, terms_at: &TermsAt<'a>) -> Option<&'a ServiceCalendar> {
    let terms = terms_at(run.started_at)?;
    Some(terms.telling_hours(count.priority.unwrap_or(Priority::Normal)))
}
