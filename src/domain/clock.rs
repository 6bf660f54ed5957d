//! By when? The targets of a contract, and the moments they make for one case.
//!
//! Clocks are never kept as countdowns: [`count`] makes their runs anew from what happened on the case
//! ([`ClockEvent`]) and what the contract promises ([`Terms`]).

mod count;
mod event;
mod explain;
mod moved;
mod run;
mod telling;
mod terms;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::calendar::ServiceCalendar;
use super::case::{Priority, REOPEN_WORKING_DAYS};

pub use count::{Count, count};
pub use event::{ClockEvent, Judged, Opener, Standing, Telling, What, differences};
pub use explain::{ClosedDay, Explained, Stretch, Told, explain};
pub use moved::{MovedRun, moved};
pub use run::{Clock, Run};
pub use telling::{Ripe, next_hours, ripe};
pub use terms::{Terms, TermsAt};

/// How much time a target allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// Minutes of service time.
    Minutes(u32),
    /// Until closing time of the n-th working day after the day of the start.
    WorkingDays(u32),
}

/// What is promised at one priority. What is absent is not promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriorityTargets {
    /// Until the first mail of a person of the desk.
    pub first_response: Option<Allowance>,
    /// From the oldest unanswered mail of the client until its answer.
    pub next_response: Option<Allowance>,
    /// Until `#resolved`, without the pauses.
    pub resolution: Option<Allowance>,
}

/// The targets of a contract. The plan *basic* has none: [`Targets::default`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Targets {
    /// Targets of critical cases; a basic contract may have these alone.
    pub critical: PriorityTargets,
    /// Targets at priority high.
    pub high: PriorityTargets,
    /// Targets at priority normal.
    pub normal: PriorityTargets,
    /// Targets at priority low.
    pub low: PriorityTargets,
}

impl Targets {
    /// The targets at one priority.
    #[must_use]
    pub fn of(&self, priority: Priority) -> &PriorityTargets {
        match priority {
            Priority::Critical => &self.critical,
            Priority::High => &self.high,
            Priority::Normal => &self.normal,
            Priority::Low => &self.low,
        }
    }
}

/// A stretch in which the resolution clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When the case began to wait.
    pub from: Timestamp,
    /// When it went on; nothing while it still waits.
    pub to: Option<Timestamp>,
}

/// The moments of one clock: its two warnings and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Half of the time is used: the first warning to the expert.
    pub half_used_at: Timestamp,
    /// Four fifths are used: the second warning.
    pub nearly_used_at: Timestamp,
    /// The promised moment. A response at this very moment is in time.
    pub due: Timestamp,
}

/// Until when a client's reply opens a resolved case again: closing time of the fifth working day after that day.
#[must_use]
pub fn reopens_until(resolved_at: Timestamp, calendar: &ServiceCalendar) -> Timestamp {
    calendar.add_working_days(resolved_at, REOPEN_WORKING_DAYS)
}

/// The moments of an allowance that is counted from `start` without the pauses (in their order, not overlapping). Nothing
/// while a pause that began in time still lasts.
fn deadline(allowance: Allowance, start: Timestamp, pauses: &[Pause], calendar: &ServiceCalendar) -> Option<Deadline> {
    let service_time = match allowance {
        Allowance::Minutes(minutes) => Duration::from_secs(u64::from(minutes) * 60),
        Allowance::WorkingDays(days) => calendar.elapsed(start, calendar.add_working_days(start, days)),
    };
    Some(Deadline {
        half_used_at: due_without(pauses, start, service_time / 2, calendar)?,
        nearly_used_at: due_without(pauses, start, service_time / 5 * 4, calendar)?,
        due: due_without(pauses, start, service_time, calendar)?,
    })
}

/// The moment at which the service time is used up, not counting the pauses.
fn due_without(
    pauses: &[Pause],
    start: Timestamp,
    service_time: Duration,
    calendar: &ServiceCalendar,
) -> Option<Timestamp> {
    let (mut runs_from, mut left) = (start, service_time);
    for pause in pauses {
        let used = calendar.elapsed(runs_from, pause.from);
        if used >= left {
            break;
        }
        left -= used;
        runs_from = pause.to?.max(runs_from);
    }
    Some(calendar.due(runs_from, left))
}

#[cfg(test)]
mod tests;
