//! By when? The targets of a contract, and the moments they make for one case.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::calendar::ServiceCalendar;
use super::case::{Priority, REOPEN_WORKING_DAYS};

mod run;

pub use run::{Clock, Run};

/// How much time a target allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowance {
    /// Minutes of service time.
    Minutes(u32),
    /// Until closing time of the n-th working day after the day of the start.
    WorkingDays(u32),
}

/// In which hours a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockHours {
    /// In the hours of the contract's service calendar.
    #[default]
    Service,
    /// Day and night.
    AroundTheClock,
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
    /// In which hours these clocks run.
    pub hours: ClockHours,
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

/// By when the first response is promised, counted from the receipt; nothing where the contract promises none.
#[must_use]
pub fn response_due(
    targets: &Targets,
    priority: Priority,
    received_at: Timestamp,
    calendar: &ServiceCalendar,
) -> Option<Deadline> {
    let targets = targets.of(priority);
    deadline(targets.first_response?, targets.hours, received_at, &[], calendar)
}

/// By when the oldest unanswered mail of the client is to be answered; nothing where the contract promises none.
#[must_use]
pub fn next_response_due(
    targets: &Targets,
    priority: Priority,
    oldest_unanswered_at: Timestamp,
    calendar: &ServiceCalendar,
) -> Option<Deadline> {
    let targets = targets.of(priority);
    deadline(targets.next_response?, targets.hours, oldest_unanswered_at, &[], calendar)
}

/// By when the case is to be resolved, counted from the receipt without the pauses (in their order, not overlapping).
/// Nothing where the contract promises none, and nothing while a pause that began in time still lasts.
#[must_use]
pub fn resolution_due(
    targets: &Targets,
    priority: Priority,
    received_at: Timestamp,
    pauses: &[Pause],
    calendar: &ServiceCalendar,
) -> Option<Deadline> {
    let targets = targets.of(priority);
    deadline(targets.resolution?, targets.hours, received_at, pauses, calendar)
}

/// Until when a client's reply opens a resolved case again: closing time of the fifth working day after that day.
#[must_use]
pub fn reopens_until(resolved_at: Timestamp, calendar: &ServiceCalendar) -> Timestamp {
    calendar.add_working_days(resolved_at, REOPEN_WORKING_DAYS)
}

fn deadline(
    allowance: Allowance,
    hours: ClockHours,
    start: Timestamp,
    pauses: &[Pause],
    service: &ServiceCalendar,
) -> Option<Deadline> {
    let always;
    let calendar = match hours {
        ClockHours::Service => service,
        ClockHours::AroundTheClock => {
            always = ServiceCalendar::around_the_clock(service.key().clone(), service.time_zone().clone());
            &always
        }
    };
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
mod tests {
    use super::*;
    use crate::domain::calendar::CalendarDeclaration;

    fn office() -> ServiceCalendar {
        let toml = r#"
            key = "office"
            time_zone = "Europe/Amsterdam"
            holidays = "nl"
            [hours]
            mon = ["09:00-17:00"]
            tue = ["09:00-17:00"]
            wed = ["09:00-17:00"]
            thu = ["09:00-17:00"]
            fri = ["09:00-17:00"]
        "#;
        ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(toml).unwrap()).unwrap()
    }

    fn targets() -> Targets {
        let normal = PriorityTargets {
            first_response: Some(Allowance::Minutes(240)),
            next_response: Some(Allowance::WorkingDays(1)),
            resolution: Some(Allowance::Minutes(480)),
            hours: ClockHours::Service,
        };
        let critical = PriorityTargets {
            first_response: Some(Allowance::Minutes(60)),
            hours: ClockHours::AroundTheClock,
            ..PriorityTargets::default()
        };
        Targets { critical, normal, ..Targets::default() }
    }

    fn at(local: &str) -> Timestamp {
        let wall: jiff::civil::DateTime = local.parse().unwrap();
        office().time_zone().to_timestamp(wall).unwrap()
    }

    fn check(deadline: Option<Deadline>, expected: Option<&str>) {
        assert_eq!(deadline.map(|d| d.due), expected.map(at));
    }

    #[test]
    fn the_examples_of_the_rules() {
        let (targets, office) = (targets(), office());
        check(
            response_due(&targets, Priority::Normal, at("2026-04-24T16:00:00"), &office),
            Some("2026-04-28T12:00:00"),
        );
        let pause = Pause { from: at("2026-11-20T16:00:00"), to: Some(at("2026-11-23T10:00:00")) };
        let received = at("2026-11-20T10:00:00");
        check(resolution_due(&targets, Priority::Normal, received, &[pause], &office), Some("2026-11-23T12:00:00"));
        let lasting = Pause { to: None, ..pause };
        check(resolution_due(&targets, Priority::Normal, received, &[lasting], &office), None);
    }

    #[test]
    fn what_is_not_promised_is_not_due() {
        let (targets, office) = (targets(), office());
        let received = at("2026-11-20T20:00:00");
        check(response_due(&Targets::default(), Priority::Critical, received, &office), None);
        check(response_due(&targets, Priority::Low, received, &office), None);
        check(resolution_due(&targets, Priority::Critical, received, &[], &office), None);
        check(response_due(&targets, Priority::Critical, received, &office), Some("2026-11-20T21:00:00"));
        check(next_response_due(&targets, Priority::Normal, received, &office), Some("2026-11-23T17:00:00"));
    }

    #[test]
    fn warnings_come_at_half_and_four_fifths() {
        let found = resolution_due(&targets(), Priority::Normal, at("2026-11-20T10:00:00"), &[], &office()).unwrap();
        assert_eq!(found.half_used_at, at("2026-11-20T14:00:00"));
        assert_eq!(found.nearly_used_at, at("2026-11-20T16:24:00"));
        assert_eq!(found.due, at("2026-11-23T10:00:00"));
    }

    #[test]
    fn a_resolved_case_can_be_opened_for_five_working_days() {
        assert_eq!(reopens_until(at("2026-11-23T10:00:00"), &office()), at("2026-11-30T17:00:00"));
    }
}
