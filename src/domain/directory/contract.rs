//! What the desk owes a client, and what the client pays with.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::values::{Reader, ServiceSpan, day, optional_day};
use crate::domain::case::{Kind, Priority};
use crate::domain::names::{CalendarKey, ClientCode};

/// The sort of promise that a contract makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// On call, best effort: no deadlines, and letters never print one.
    Basic,
    /// Targets per priority.
    Sla,
}

/// A waiting state that can stop the resolution clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// The case waits for the client.
    WaitingClient,
    /// The case waits for a supplier.
    WaitingSupplier,
}

/// How booked minutes are rounded up to whole strips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// Each entry by itself.
    #[default]
    PerEntry,
    /// The total of a case.
    PerCase,
    /// Not at all.
    None,
}

/// Who pays for the time of a kind of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charge {
    /// The strip card.
    Card,
    /// The contract itself: nothing is taken from a card, real minutes are kept.
    Included,
    /// An offer made for the case: nothing is taken from a card, real minutes are kept.
    Quoted,
}

/// Who pays, by kind of case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChargeRules {
    /// Outages and attacks.
    pub incident: Charge,
    /// Questions settled by an expert with the requester.
    pub support: Charge,
    /// Regular maintenance.
    pub maintenance: Charge,
    /// New wishes.
    pub change: Charge,
}

impl Default for ChargeRules {
    fn default() -> Self {
        Self { incident: Charge::Included, support: Charge::Card, maintenance: Charge::Included, change: Charge::Card }
    }
}

impl ChargeRules {
    /// Who pays for the time of a case of this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Charge {
        match kind {
            Kind::Incident => self.incident,
            Kind::Support => self.support,
            Kind::Maintenance => self.maintenance,
            Kind::Change => self.change,
        }
    }
}

/// How sure casepost must be of a sender before a request of a client, or a mail of a monitor or supplier, counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A good signature or a verdict of our own receiving hosts.
    #[default]
    Proven,
    /// The From header alone; never for experts, approvals, balances or statements.
    FromHeader,
}

/// What the coordinator gets on a Monday after a week in which nothing happened and nothing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuietWeeks {
    /// A short letter that says so.
    #[default]
    Short,
    /// No letter.
    None,
}

/// Who may report an incident that counts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentsFrom {
    /// The coordinator; anybody else's report is held.
    #[default]
    Coordinator,
    /// Anybody at the client.
    Anyone,
}

/// The promises for one priority. A span that is left out is not promised.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// From receipt to the first mail of a person of the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<ServiceSpan>,
    /// From the oldest unanswered mail of the client to the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_response: Option<ServiceSpan>,
    /// From receipt to resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ServiceSpan>,
    /// The calendar of these promises, where it differs from the contract's (critical on 24×7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarKey>,
}

/// The promises by priority.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// Everything stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Target>,
    /// Much is hindered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Target>,
    /// The usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normal: Option<Target>,
    /// When there is time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Target>,
}

impl Targets {
    /// The promises for a priority; none where nothing is promised.
    #[must_use]
    pub fn of(&self, priority: Priority) -> Option<&Target> {
        match priority {
            Priority::Critical => self.critical.as_ref(),
            Priority::High => self.high.as_ref(),
            Priority::Normal => self.normal.as_ref(),
            Priority::Low => self.low.as_ref(),
        }
    }

    /// The priorities that have a promise, by name, the most urgent first.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Target)> {
        [("critical", &self.critical), ("high", &self.high), ("normal", &self.normal), ("low", &self.low)]
            .into_iter()
            .filter_map(|(name, target)| Some((name, target.as_ref()?)))
    }
}

/// What the desk and a client agreed on, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The client.
    pub client: ClientCode,
    /// The sort of promise.
    pub plan: Plan,
    /// The first day, from its start in the client's time zone.
    #[serde(with = "day")]
    pub start: Date,
    /// The last day, to its end; left out: until further notice.
    #[serde(default, with = "optional_day", skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// The service calendar: the hours in which clocks run and working days are counted.
    pub calendar: CalendarKey,
    /// The promises by priority.
    #[serde(default, skip_serializing_if = "is_default")]
    pub targets: Targets,
    /// The waiting states that stop the resolution clock.
    #[serde(default = "pauses_by_default")]
    pub pause_on: Vec<Pause>,
    /// How booked minutes are rounded up to strips.
    #[serde(default)]
    pub rounding: Rounding,
    /// The length of a strip in minutes.
    #[serde(default = "usual_strip_minutes")]
    pub strip_minutes: u32,
    /// Who pays, by kind of case.
    #[serde(default)]
    pub charge: ChargeRules,
    /// How sure casepost must be of a sender.
    #[serde(default)]
    pub accept: Proof,
    /// Who may report an incident.
    #[serde(default)]
    pub incidents_from: IncidentsFrom,
    /// Whether a reporter whose request was approved is kept in Cc.
    #[serde(default)]
    pub reporter_in_cc: bool,
    /// Who reads the weekly summary beside the coordinators: all of it, the strip card included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary_to: Vec<Reader>,
    /// What follows a week in which nothing happened and nothing is open.
    #[serde(default, skip_serializing_if = "is_default")]
    pub quiet_weeks: QuietWeeks,
}

fn pauses_by_default() -> Vec<Pause> {
    vec![Pause::WaitingClient]
}

fn usual_strip_minutes() -> u32 {
    15
}

/// Whether a value is what it would be if nobody had set it.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
