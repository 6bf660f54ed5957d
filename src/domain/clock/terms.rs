//! What a contract promises, as its clocks ask it.

use jiff::Timestamp;

use super::run::Clock;
use super::{Allowance, Deadline, Pause, PriorityTargets, Targets, deadline};
use crate::domain::calendar::ServiceCalendar;
use crate::domain::case::Priority;
use crate::domain::directory::Pause as PausesOn;

/// The promises of one contract with its calendars.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// How much time each promise allows.
    pub targets: Targets,
    /// The calendar in which the clocks of each priority run, the most urgent first.
    pub calendars: [&'a ServiceCalendar; 4],
    /// The desk's hours for this client: in them people are told.
    pub service: &'a ServiceCalendar,
    /// The waiting states that stop the resolution clock.
    pub pause_on: &'a [PausesOn],
}

/// The terms that hold for a clock that starts at a moment; nothing where no contract does.
pub type TermsAt<'a> = dyn Fn(Timestamp) -> Option<Terms<'a>> + 'a;

impl<'a> Terms<'a> {
    /// How much time is allowed; nothing where nothing is promised.
    #[must_use]
    pub fn allowance(&self, clock: Clock, priority: Priority) -> Option<Allowance> {
        let PriorityTargets { first_response, next_response, resolution } = self.targets.of(priority);
        match clock {
            Clock::FirstResponse => *first_response,
            Clock::NextResponse => *next_response,
            Clock::Resolution => *resolution,
        }
    }

    /// The calendar in which the clocks of a priority run.
    #[must_use]
    pub fn calendar(&self, priority: Priority) -> &'a ServiceCalendar {
        let place = Priority::ALL.iter().position(|own| *own == priority).unwrap_or_default();
        self.calendars[place]
    }

    /// The hours in which people are told about a case of this priority: the clock's own of a critical case, else the
    /// desk's.
    #[must_use]
    pub fn telling_hours(&self, priority: Priority) -> &'a ServiceCalendar {
        if priority == Priority::Critical { self.calendar(priority) } else { self.service }
    }

    /// The moments of a clock that started then and stood still in these stretches; nothing where nothing is promised or
    /// while it stands still.
    #[must_use]
    pub fn deadline(&self, clock: Clock, priority: Priority, start: Timestamp, stops: &[Pause]) -> Option<Deadline> {
        let allowance = self.allowance(clock, priority)?;
        deadline(allowance, start, stops, self.calendar(priority))
    }
}
