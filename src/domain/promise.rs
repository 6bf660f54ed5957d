//! What a client's contract promises for a new case: the declared targets, turned into moments.

use jiff::Timestamp;

use super::calendar::ServiceCalendar;
use super::case::Priority;
use super::clock::{Allowance, Clock, PriorityTargets, Targets, Terms};
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

/// What is promised for a case of this priority that was received then. A case without a valid contract is promised
/// nothing.
#[must_use]
pub fn promise(directory: &Directory, client: &ClientCode, priority: Priority, received_at: Timestamp) -> Promise {
    let Some(terms) = terms(directory, client, received_at) else { return Promise::default() };
    let due = |clock| terms.deadline(clock, priority, received_at, &[]).map(|deadline| deadline.due);
    let response_due = due(Clock::FirstResponse);
    Promise {
        response_due,
        resolution_due: due(Clock::Resolution),
        why_due: response_due.map_or_else(Vec::new, |due| why(terms.calendar(priority), received_at, due)),
    }
}

/// The terms by which a client's clocks are counted, by the moment at which a clock starts.
pub fn terms_of<'a>(
    directory: &'a Directory,
    client: &'a ClientCode,
) -> impl Fn(Timestamp) -> Option<Terms<'a>> + use<'a> {
    move |at| terms(directory, client, at)
}

/// The terms of the contract that holds at a moment.
fn terms<'a>(directory: &'a Directory, client: &ClientCode, at: Timestamp) -> Option<Terms<'a>> {
    let contract = directory.contract(client, at)?;
    let calendar = |priority| calendar_for(directory, contract, priority);
    let targets = |priority| contract.targets.of(priority).map(counted).unwrap_or_default();
    Some(Terms {
        targets: Targets {
            critical: targets(Priority::Critical),
            high: targets(Priority::High),
            normal: targets(Priority::Normal),
            low: targets(Priority::Low),
        },
        calendars: [
            calendar(Priority::Critical)?,
            calendar(Priority::High)?,
            calendar(Priority::Normal)?,
            calendar(Priority::Low)?,
        ],
        service: calendar_of(directory, client, at)?,
        pause_on: &contract.pause_on,
    })
}

fn calendar_for<'a>(directory: &'a Directory, contract: &Contract, priority: Priority) -> Option<&'a ServiceCalendar> {
    let own = contract.targets.of(priority).and_then(|target| target.calendar.as_ref());
    directory.service_calendar(own.unwrap_or(&contract.calendar))
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
