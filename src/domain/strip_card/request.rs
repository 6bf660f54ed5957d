//! What can be asked of the ledger, and why it may refuse.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::entry::BookingKey;
use crate::domain::case::CaseNumber;
use crate::domain::names::{CardNumber, PersonKey};

/// Work may be booked at most so many days after it was done.
pub const WORK_DATE_DAYS: i64 = 60;

/// How real minutes become charged ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// Each booking up to whole strips.
    #[default]
    PerEntry,
    /// The total of a case up to whole strips.
    PerCase,
    /// Real minutes are charged.
    None,
}

/// How a contract charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// How minutes are rounded.
    pub rounding: Rounding,
    /// The length of a strip in minutes, at least one; 15 by default.
    pub strip_minutes: u32,
}

impl Default for Tariff {
    fn default() -> Self {
        Self { rounding: Rounding::PerEntry, strip_minutes: 15 }
    }
}

impl Tariff {
    /// Minutes rounded up to whole strips, unless nothing is rounded.
    pub(super) fn charged(self, real_minutes: i64) -> i64 {
        let strip = i64::from(self.strip_minutes.max(1));
        match self.rounding {
            Rounding::None => real_minutes,
            Rounding::PerEntry | Rounding::PerCase => (real_minutes + strip - 1).div_euclid(strip) * strip,
        }
    }
}

/// Who bears booked time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeTo {
    /// The client's strip cards.
    StripCard,
    /// The contract: nothing is taken from cards.
    Contract,
}

/// A card that is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCard {
    /// Its number, new in this account.
    pub number: CardNumber,
    /// The day of purchase in the client's time zone.
    pub purchased_on: Date,
    /// How much time it holds, above zero.
    pub minutes: i64,
}

/// Time that an expert books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The tag that books.
    pub key: BookingKey,
    /// The case on which was worked.
    pub case: CaseNumber,
    /// The day of the work, in the client's time zone.
    pub work_date: Date,
    /// Real minutes, above zero.
    pub minutes: i64,
    /// The expert's words.
    pub text: String,
    /// Who bears it.
    pub charge_to: ChargeTo,
}

/// Booked time that its expert lowers (`#time -15m`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionOfTime {
    /// The tag that lowers.
    pub key: BookingKey,
    /// The case on which it was booked.
    pub case: CaseNumber,
    /// By how many real minutes, above zero.
    pub minutes: i64,
    /// The expert's words.
    pub text: String,
}

/// Booked time that the desk lowers, whoever booked it (`card correct`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskCorrection {
    /// Whose bookings are lowered; without one the latest of anybody.
    pub expert: Option<PersonKey>,
    /// The case on which was booked.
    pub case: CaseNumber,
    /// By how many real minutes, above zero.
    pub minutes: i64,
    /// Why.
    pub reason: String,
}

/// Why the ledger takes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The tag made its entries already.
    #[error("this tag has been booked already")]
    AlreadyBooked,
    /// Not between one minute and 24 hours, or a card of no minutes.
    #[error("{0} minutes can't be written")]
    BadMinutes(i64),
    /// Work that is still to be done.
    #[error("the work date {0} is in the future")]
    WorkDateInFuture(Date),
    /// Work of more than [`WORK_DATE_DAYS`] days ago.
    #[error("the work date {0} is more than {WORK_DATE_DAYS} days ago")]
    WorkDateTooOld(Date),
    /// Less than that is booked on the case, by that expert.
    #[error("only {available} minutes are booked that can be taken back")]
    NothingToCorrect {
        /// Real minutes that can be taken back.
        available: i64,
    },
    /// A card of that number exists.
    #[error("there is a card {0} already")]
    CardExists(CardNumber),
    /// The card can give and take no more.
    #[error("card {card} ended after {last_valid_day}: minutes move between cards that last")]
    CardEnded {
        /// The card.
        card: CardNumber,
        /// Its last valid day.
        last_valid_day: Date,
    },
    /// No such card.
    #[error("there is no card {0}")]
    NoSuchCard(CardNumber),
    /// The card has less.
    #[error("card {card} has {available} minutes left")]
    NotEnough {
        /// The card.
        card: CardNumber,
        /// What is left on it.
        available: i64,
    },
}
