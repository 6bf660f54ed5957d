//! Why a promised moment lies where it does, for people who ask.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::count::{Count, count};
use super::event::{ClockEvent, Telling, What};
use super::run::{Clock, Run};
use super::terms::TermsAt;
use super::{Allowance, Pause};
use crate::domain::case::Priority;
use crate::domain::names::CalendarKey;

/// A run with all that made its moments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// The priority by which it was counted last.
    pub priority: Priority,
    /// How much time is allowed; nothing where the contract no longer promises it.
    pub allowance: Option<Allowance>,
    /// The calendar in which it runs.
    pub calendar: Option<CalendarKey>,
    /// From where the time is counted: for the run after a reopening the start of the case, because it goes on with
    /// what was used.
    pub counted_from: Timestamp,
    /// Whether that was outside of the calendar's hours.
    pub is_outside_hours: bool,
    /// The stretches that were not counted, waiting or resolved.
    pub pauses: Vec<Stretch>,
    /// Days on which the calendar is closed although its week says open, up to the promised moment.
    pub closed_days: Vec<ClosedDay>,
    /// What moved the promised moment on its way.
    pub changes: Vec<ClockEvent>,
    /// What was told about it, and when.
    pub told: Vec<Told>,
}

/// A stretch that was not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Its start.
    pub from: Timestamp,
    /// Its end; nothing while it lasts.
    pub to: Option<Timestamp>,
    /// How much service time it took, in seconds; up to now while it lasts.
    pub service_seconds: u64,
}

/// A day that did not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedDay {
    /// The day.
    pub day: Date,
    /// Why: the key of a holiday, or `declared`.
    pub why: String,
}

/// A letter about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How far the desk's time had come.
    pub at: Timestamp,
    /// What was told.
    pub telling: Telling,
}

/// Explains every run of a case's clocks.
#[must_use]
pub fn explain(events: &[ClockEvent], terms_at: &TermsAt<'_>, now: Timestamp) -> Vec<Explained> {
    let count = count(events, terms_at);
    (0..count.runs.len()).map(|place| explain_one(&count, place, events, terms_at, now)).collect()
}

fn explain_one(
    count: &Count,
    place: usize,
    events: &[ClockEvent],
    terms_at: &TermsAt<'_>,
    now: Timestamp,
) -> Explained {
    let (run, priority) = (count.runs[place].clone(), count.priorities[place]);
    let start = count.standing.map_or(run.started_at, |standing| standing.started_at);
    let counted_from = if run.clock == Clock::Resolution { start } else { run.started_at };
    let terms = terms_at(counted_from);
    let calendar = terms.map(|terms| terms.calendar(priority));
    let ends_at = run.due.or(run.met_at).or(run.ended_at).unwrap_or(now);
    let is_within = |stop: &&Pause| stop.from <= run.met_at.unwrap_or(now) && stop.from < ends_at.max(now);
    let stretch = |stop: &Pause| {
        // A case that is resolved while it waits stands still until it is opened again: that is for the next run to tell.
        let to = [stop.to, run.met_at].into_iter().flatten().min();
        let counted = calendar.map_or(Duration::ZERO, |calendar| calendar.elapsed(stop.from, to.unwrap_or(now)));
        Stretch { from: stop.from, to, service_seconds: counted.as_secs() }
    };
    let closed = calendar.map(|calendar| calendar.holiday_between(counted_from, ends_at)).unwrap_or_default();
    let of_run = |event: &&ClockEvent| {
        let is_change = matches!(event.what, What::Priority { .. } | What::TermsChanged { .. } | What::TookIn { .. });
        is_change && event.at >= run.started_at && run.met_at.is_none_or(|met| event.at <= met)
    };
    let told = events.iter().filter_map(|event| match event.what {
        What::Told { clock, generation, telling } if clock == run.clock && generation == run.generation => {
            Some(Told { at: event.at, telling })
        }
        _ => None,
    });
    Explained {
        priority,
        allowance: terms.and_then(|terms| terms.allowance(run.clock, priority)),
        calendar: calendar.map(|calendar| calendar.key().clone()),
        counted_from,
        is_outside_hours: calendar.is_some_and(|calendar| !calendar.is_open(counted_from)),
        pauses: match run.clock {
            // The last stop of a resolved case began when the run was met.
            Clock::Resolution => {
                count.stops.iter().filter(is_within).filter(|stop| run.met_at != Some(stop.from)).map(stretch).collect()
            }
            _ => Vec::new(),
        },
        closed_days: closed
            .into_iter()
            .map(|(day, closure)| ClosedDay { day, why: closure.as_str().to_owned() })
            .collect(),
        changes: events.iter().filter(of_run).cloned().collect(),
        told: told.collect(),
        run,
    }
}
