//! What one booking costs at this moment, and which pots bear it.

use jiff::civil::Date;

use super::entry::BookingKey;
use crate::domain::case::CaseNumber;
use crate::domain::names::CardNumber;

/// The cost of one booking, after all its corrections and settlements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The booking.
    pub key: BookingKey,
    /// The case on which was worked.
    pub case: Option<CaseNumber>,
    /// The day of the work.
    pub work_date: Date,
    /// Real minutes that are left of it; never below zero.
    pub real_minutes: i64,
    /// Whether the contract bears it, so that no pot does.
    pub is_on_contract: bool,
    /// Which pot bears how many minutes (all above zero), in the order in which they were taken.
    pub(super) parts: Vec<Part>,
}

/// Minutes of a charge that one pot bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The card; without one the overdraft.
    pub(super) card: Option<CardNumber>,
    /// Minutes, above zero.
    pub(super) minutes: i64,
}

impl Charge {
    /// Charged minutes.
    #[must_use]
    pub fn charged_minutes(&self) -> i64 {
        self.parts.iter().map(|part| part.minutes).sum()
    }

    /// How many of its minutes the overdraft bears.
    #[must_use]
    pub fn overdraft_minutes(&self) -> i64 {
        self.parts.iter().filter(|part| part.card.is_none()).map(|part| part.minutes).sum()
    }

    pub(super) fn add(&mut self, card: Option<CardNumber>, minutes: i64) {
        if minutes <= 0 {
            return;
        }
        match self.parts.iter_mut().find(|part| part.card == card) {
            Some(part) => part.minutes += minutes,
            None => self.parts.push(Part { card, minutes }),
        }
    }

    /// Takes up to so many minutes off one pot's part; gives how many it had.
    pub(super) fn take(&mut self, card: Option<&CardNumber>, minutes: i64) -> i64 {
        let mut taken = 0;
        for part in self.parts.iter_mut().filter(|part| part.card.as_ref() == card) {
            let now = part.minutes.min(minutes - taken);
            part.minutes -= now;
            taken += now;
        }
        self.parts.retain(|part| part.minutes > 0);
        taken
    }

    /// Takes up to so many minutes off the cards, the last taken first; gives which.
    pub(super) fn take_from_cards(&mut self, minutes: i64) -> Vec<Part> {
        let mut left = minutes;
        let mut taken = Vec::new();
        for part in self.parts.iter_mut().rev().filter(|part| part.card.is_some()) {
            let now = part.minutes.min(left);
            if now > 0 {
                part.minutes -= now;
                left -= now;
                taken.push(Part { card: part.card.clone(), minutes: now });
            }
        }
        self.parts.retain(|part| part.minutes > 0);
        taken
    }
}
