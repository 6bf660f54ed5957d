//! What a client's contract promises for a new case: the declared targets, turned into moments.

use jiff::Timestamp;

use super::calendar::ServiceCalendar;
use super::case::Priority;
use super::clock::{self, Allowance, ClockHours, PriorityTargets, Targets};
use super::directory::{Contract, Directory, ServiceSpan, Target};
use super::names::ClientCode;
use super::notice::WhyDue;

/// The promised moments of a case; none for best effort.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promise {
    /// The first response comes before this.
    pub response_due: Option<Timestamp>,
    /// It is settled before this.
    pub resolution_due: Option<Timestamp>,
    /// Why the response is due later than the clock alone would say.
    pub why_due: Vec<WhyDue>,
}

/// The calendar in which a client's time runs at a moment.
#[must_use]
pub fn calendar_of<'a>(directory: &'a Directory, client: &ClientCode, at: Timestamp) -> Option<&'a ServiceCalendar> {
    directory.service_calendar(&directory.contract(client, at)?.calendar)
}

/// The calendar in which the time of a case of this priority runs: the target's own, else the contract's.
#[must_use]
pub fn calendar_for<'a>(
    directory: &'a Directory,
    client: &ClientCode,
    priority: Priority,
    at: Timestamp,
) -> Option<&'a ServiceCalendar> {
    let contract = directory.contract(client, at)?;
    let own = contract.targets.of(priority).and_then(|target| target.calendar.as_ref());
    directory.service_calendar(own.unwrap_or(&contract.calendar))
}

/// What is promised for a case of this priority that was received then. A case without a valid contract is promised
/// nothing.
#[must_use]
pub fn promise(directory: &Directory, client: &ClientCode, priority: Priority, received_at: Timestamp) -> Promise {
    let Some(contract) = directory.contract(client, received_at) else { return Promise::default() };
    let Some(calendar) = calendar_for(directory, client, priority, received_at) else { return Promise::default() };
    let targets = targets_of(contract, priority);
    let response = clock::response_due(&targets, priority, received_at, calendar);
    let resolution = clock::resolution_due(&targets, priority, received_at, &[], calendar);
    let response_due = response.map(|deadline| deadline.due);
    Promise {
        response_due,
        resolution_due: resolution.map(|deadline| deadline.due),
        why_due: response_due.map_or_else(Vec::new, |due| why(calendar, received_at, due)),
    }
}

fn targets_of(contract: &Contract, priority: Priority) -> Targets {
    let targets = contract.targets.of(priority).map(counted).unwrap_or_default();
    match priority {
        Priority::Critical => Targets { critical: targets, ..Targets::default() },
        Priority::High => Targets { high: targets, ..Targets::default() },
        Priority::Normal => Targets { normal: targets, ..Targets::default() },
        Priority::Low => Targets { low: targets, ..Targets::default() },
    }
}

fn counted(target: &Target) -> PriorityTargets {
    let allowance = |span: &Option<ServiceSpan>| {
        span.as_ref().map(|span| match span {
            ServiceSpan::Minutes(minutes) => Allowance::Minutes(*minutes),
            ServiceSpan::WorkingDays(days) => Allowance::WorkingDays(*days),
        })
    };
    PriorityTargets {
        first_response: allowance(&target.first_response),
        next_response: allowance(&target.next_response),
        resolution: allowance(&target.resolution),
        hours: ClockHours::Service,
    }
}

fn why(calendar: &ServiceCalendar, received_at: Timestamp, due: Timestamp) -> Vec<WhyDue> {
    let mut reasons = Vec::new();
    if !calendar.is_open(received_at) {
        reasons.push(WhyDue { cause: "outside-hours".into(), day: None, name: None });
    }
    for (day, closure) in calendar.holiday_between(received_at, due) {
        reasons.push(WhyDue { cause: "holiday".into(), day: Some(day), name: Some(closure.as_str().to_owned()) });
    }
    reasons
}
