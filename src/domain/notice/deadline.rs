//! What letters tell of deadlines, and the warnings of them.

use super::CaseHead;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// Why a deadline lies further off than the clock alone would say, day by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyDue {
    /// A key: `outside-hours` or `holiday`.
    pub cause: String,
    /// The holiday's day.
    pub day: Option<Date>,
    /// The key of the holiday's name, as the calendar has it (`kings-day`), or the name that the desk gave it.
    pub name: Option<String>,
}

/// Days between receipt and deadline on which the desk does not work although the week says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DaysOff {
    /// The first day.
    pub first_day: Date,
    /// The last day, where it is a later one.
    pub last_day: Option<Date>,
    /// What for: the key of a public holiday (`kings-day`), else the desk's own words for its closure.
    pub day_off: Option<String>,
}

/// See [`super::Words::DeadlineWarning`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadlineWarning {
    /// The case.
    pub case: CaseHead,
    /// A key: `first-response`, `next-response`, `resolution`.
    pub target: String,
    /// How much of the time is used.
    pub percent: u8,
    /// The time has run out.
    pub is_breach: bool,
    /// The deadline as a fact, which may have passed.
    pub deadline_at: Timestamp,
    /// The same while it is a promise.
    pub deadline_due: Option<Timestamp>,
    /// When what was promised was done after all.
    pub met_at: Option<Timestamp>,
    /// Who leads the case.
    pub expert: Option<String>,
    /// The target was missed only because the priority was changed.
    pub is_reclassified: bool,
}

/// See [`super::Words::DeadlineList`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadlineList {
    /// How many were missed.
    pub missed: usize,
    /// How many come near or were moved.
    pub others: usize,
    /// Some could have been told long before, had casepost not stood still.
    pub is_after_standstill: bool,
    /// The worst first.
    pub lines: Vec<DeadlineWarning>,
    /// How many more there are.
    pub further: usize,
}
