//! What the entries of one client add up to.

use jiff::civil::Date;

use super::charge::Charge;
use super::entry::{BookingKey, Entry, EntryKind};
use crate::domain::case::CaseNumber;
use crate::domain::names::CardNumber;

/// A strip card and what is left on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its number.
    pub number: CardNumber,
    /// The first day on which it is valid.
    pub purchased_on: Date,
    /// The last day on which it is valid.
    pub last_valid_day: Date,
    /// How many minutes were bought.
    pub bought_minutes: i64,
    /// How many are left; never below zero.
    pub minutes: i64,
    /// How many expired and were not given back; never below zero.
    pub expired_minutes: i64,
}

impl Card {
    /// Whether work of that day can be taken from it.
    #[must_use]
    pub fn is_valid_on(&self, date: Date) -> bool {
        self.purchased_on <= date && date <= self.last_valid_day
    }
}

/// Through the day before the same date a year later. Bought on 29 February: through 28 February.
#[must_use]
pub fn last_valid_day(purchased_on: Date) -> Date {
    // jiff makes 28 February of a 29th that the next year lacks; the card is then valid through that day, so that it
    // never lasts less than a year.
    let year_later = purchased_on.saturating_add(jiff::Span::new().years(1));
    if year_later.day() == purchased_on.day() { year_later.yesterday().unwrap_or(year_later) } else { year_later }
}

/// Minutes as whole strips and the minutes beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InStrips {
    /// Whole strips; minus for what is owed.
    pub strips: i64,
    /// Minutes beside them, with the same sign.
    pub minutes: i64,
}

impl InStrips {
    /// Minutes in strips of so many minutes (at least one).
    #[must_use]
    pub fn of(minutes: i64, strip_minutes: u32) -> Self {
        let strip = i64::from(strip_minutes.max(1));
        Self { strips: minutes / strip, minutes: minutes % strip }
    }
}

/// The state of one client's account: the sum of its entries, seen by card, overdraft and charge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    cards: Vec<Card>,
    overdraft: i64,
    charges: Vec<Charge>,
    bookings: std::collections::BTreeSet<BookingKey>,
}

impl Account {
    /// The account that these entries make, in the order in which they were written.
    #[must_use]
    pub fn from_entries<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut account = Self::default();
        account.extend(entries);
        account
    }

    /// Adds entries that were written after those it was made of.
    pub fn extend<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) {
        for entry in entries {
            self.add(entry);
        }
    }

    /// All cards, in the order of purchase entries.
    #[must_use]
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The card of that number.
    #[must_use]
    pub fn card(&self, number: &CardNumber) -> Option<&Card> {
        self.cards.iter().find(|card| card.number == *number)
    }

    /// Minutes worked for which no card sufficed; never below zero.
    #[must_use]
    pub fn overdraft_minutes(&self) -> i64 {
        self.overdraft
    }

    /// What is left on all cards, less the overdraft: the sum of all entries.
    #[must_use]
    pub fn balance_minutes(&self) -> i64 {
        self.cards.iter().map(|card| card.minutes).sum::<i64>() - self.overdraft
    }

    /// What is left on the cards valid on that day, without the overdraft.
    #[must_use]
    pub fn valid_minutes(&self, today: Date) -> i64 {
        self.cards.iter().filter(|card| card.is_valid_on(today)).map(|card| card.minutes).sum()
    }

    /// What stands on cards whose first day is still to come: it counts from that day on.
    #[must_use]
    pub fn minutes_to_come(&self, today: Date) -> i64 {
        self.cards.iter().filter(|card| card.purchased_on > today).map(|card| card.minutes).sum()
    }

    /// The bookings and what each costs now, in the order in which they were booked.
    #[must_use]
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// Whether the tag has made entries already, as a booking or as a correction.
    #[must_use]
    pub fn knows(&self, booking: &BookingKey) -> bool {
        self.bookings.contains(booking)
    }

    /// Real minutes booked on a case, whoever bears them.
    #[must_use]
    pub fn real_minutes_of(&self, case: &CaseNumber) -> i64 {
        self.charges.iter().filter(|charge| charge.case.as_ref() == Some(case)).map(|charge| charge.real_minutes).sum()
    }

    fn add(&mut self, entry: &Entry) {
        if let Some(booking) = &entry.booking {
            self.bookings.insert(booking.clone());
        }
        self.add_to_pot(entry);
        match entry.kind {
            EntryKind::Deduction | EntryKind::Overdraft | EntryKind::ChargeToContract => self.add_charge(entry),
            EntryKind::Settlement if entry.charged_minutes < 0 => {
                self.shift_overdraft(entry.card.as_ref(), -entry.charged_minutes);
            }
            EntryKind::Correction | EntryKind::ChargeMoved => self.change_charge(entry),
            _ => {}
        }
    }

    fn add_to_pot(&mut self, entry: &Entry) {
        let Some(number) = &entry.card else {
            self.overdraft -= entry.charged_minutes;
            return;
        };
        if entry.kind == EntryKind::Purchase && self.card(number).is_none() {
            self.cards.push(Card {
                number: number.clone(),
                purchased_on: entry.work_date,
                last_valid_day: entry.valid_through.unwrap_or_else(|| last_valid_day(entry.work_date)),
                bought_minutes: entry.charged_minutes,
                minutes: entry.charged_minutes,
                expired_minutes: 0,
            });
        } else if let Some(card) = self.cards.iter_mut().find(|card| card.number == *number) {
            card.minutes += entry.charged_minutes;
            if matches!(entry.kind, EntryKind::Expiry | EntryKind::Return) {
                card.expired_minutes -= entry.charged_minutes;
            }
        }
    }

    fn add_charge(&mut self, entry: &Entry) {
        let Some(key) = &entry.charge else { return };
        let index = self.charges.iter().position(|charge| charge.key == *key).unwrap_or_else(|| {
            self.charges.push(Charge {
                key: key.clone(),
                case: entry.case.clone(),
                work_date: entry.work_date,
                real_minutes: 0,
                is_on_contract: false,
                parts: Vec::new(),
            });
            self.charges.len() - 1
        });
        let charge = &mut self.charges[index];
        charge.is_on_contract = entry.kind == EntryKind::ChargeToContract;
        charge.real_minutes += entry.real_minutes;
        charge.add(entry.card.clone(), -entry.charged_minutes);
    }

    /// What a correction, or a move between contract and card, does to the charge it names.
    fn change_charge(&mut self, entry: &Entry) {
        let Some(index) = self.charges.iter().position(|charge| Some(&charge.key) == entry.charge.as_ref()) else {
            return;
        };
        let charge = &mut self.charges[index];
        charge.real_minutes += entry.real_minutes;
        if entry.kind == EntryKind::ChargeMoved {
            charge.is_on_contract = entry.charged_minutes >= 0;
        }
        if entry.charged_minutes < 0 {
            charge.add(entry.card.clone(), -entry.charged_minutes);
            return;
        }
        let taken = charge.take(entry.card.as_ref(), entry.charged_minutes);
        let more = entry.charged_minutes - taken;
        if entry.card.is_none() && more > 0 {
            // It paid overdraft that other bookings had made: what it had from cards now bears theirs.
            let given_up = charge.take_from_cards(more);
            for part in given_up {
                self.shift_overdraft(part.card.as_ref(), part.minutes);
            }
        }
    }

    /// Overdraft parts of charges, the oldest first, are borne by this card from now on.
    fn shift_overdraft(&mut self, card: Option<&CardNumber>, minutes: i64) {
        let mut left = minutes;
        for charge in &mut self.charges {
            let taken = charge.take(None, left);
            charge.add(card.cloned(), taken);
            left -= taken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(purchased_on: Date, expected: Date) {
        assert_eq!(last_valid_day(purchased_on), expected, "{purchased_on}");
    }

    #[test]
    fn a_card_lasts_a_year() {
        check(date(2026, 3, 1), date(2027, 2, 28));
        check(date(2027, 3, 1), date(2028, 2, 29));
        check(date(2028, 2, 29), date(2029, 2, 28));
        check(date(2026, 1, 1), date(2026, 12, 31));
    }

    #[test]
    fn minutes_are_shown_in_strips() {
        assert_eq!(InStrips::of(100, 15), InStrips { strips: 6, minutes: 10 });
        assert_eq!(InStrips::of(-20, 15), InStrips { strips: -1, minutes: -5 });
    }
}
