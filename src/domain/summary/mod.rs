//! What happened in a week, and where things stand: every figure of the weekly letters, as a value.
//!
//! A summary is made from facts of the store in one go ([`client_week`], [`desk_week`]); letters, the command and
//! its JSON all show the same value. What *happened* is told by the week, from Monday 00:00 to Monday 00:00 of the reader's
//! zone; where things *stand* (open cases, held requests, what is left on cards) is told as of one later moment, which
//! the summary names.

mod booked;
mod card;
mod client;
mod desk;
mod readers;
mod targets;
mod week;
mod words;

pub use booked::{BookedFigures, BookedLine, CaseMinutes, LedgerFact, booked};
pub use card::{CardFigures, CardLeft, card_figures};
pub use client::{
    CaseLine, ClientFacts, ClientWeek, Deadline, HeldLine, HeldRequest, KnownCase, OpenCase, TREND_WEEKS, WaitsFor,
    WeekCount, client_week,
};
pub use desk::{
    Breach, ClientRow, DeskWeek, DeskWeekFacts, ExpertHours, HeldOfClient, MailboxHealth, ParkedLine, Undelivered,
    WaitingLetters, WaitingMail, breaches, desk_week,
};
pub use readers::{SummaryReader, client_readers, desk_letters, weekly_letters};
pub use targets::{CaseRun, TargetCount, runs_as_of, target_counts};
pub use week::{BadWeek, IsoWeek, SEND_HOUR};
pub use words::{desk_words, weekly_words};

use jiff::Timestamp;
use jiff::tz::TimeZone;

#[cfg(test)]
mod tests;

/// The week that is told, on the clock of its reader, and the moment as of which things stand.
#[derive(Debug, Clone)]
pub struct Period {
    /// The week.
    pub week: IsoWeek,
    /// The zone in which its days begin.
    pub zone: TimeZone,
    /// Up to when everything is known.
    pub as_of: Timestamp,
}

impl Period {
    /// The first moment of the week.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.week.starts_at(&self.zone)
    }

    /// The first moment after the week.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.week.ends_at(&self.zone)
    }

    /// Whether a moment lies in the week.
    #[must_use]
    pub fn holds(&self, moment: Timestamp) -> bool {
        self.from() <= moment && moment < self.to()
    }

    /// The first moment of the oldest week of the trend.
    #[must_use]
    pub fn trend_from(&self) -> Timestamp {
        self.week.before(TREND_WEEKS - 1).starts_at(&self.zone)
    }
}
