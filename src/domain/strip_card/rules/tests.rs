//! The ledger's rules, by example and by law.

use jiff::civil::{Date, date};

use super::*;
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::strip_card::notice::{ExpiryNotice, Threshold, cards_begun, expiry_notices, thresholds_reached};

const TODAY: Date = Date::constant(2027, 2, 10);

/// A ledger with its tariff, to which a test writes line by line.
struct Ledger {
    entries: Vec<Entry>,
    tariff: Tariff,
    mails: u32,
}

impl Ledger {
    fn new(rounding: Rounding) -> Self {
        Self { entries: Vec::new(), tariff: Tariff { rounding, strip_minutes: 15 }, mails: 0 }
    }

    fn account(&self) -> Account {
        Account::from_entries(&self.entries)
    }

    fn buy(&mut self, number: &str, purchased_on: Date, minutes: i64) {
        let new = NewCard { number: card(number), purchased_on, minutes };
        self.entries.extend(purchase(&self.account(), &new, TODAY).unwrap());
    }

    fn key(&mut self, expert: &str) -> BookingKey {
        self.mails += 1;
        BookingKey { expert: PersonKey::new(expert).unwrap(), message_id: format!("{}@x", self.mails), ordinal: 1 }
    }

    fn try_book(&mut self, expert: &str, minutes: i64, work_date: Date, today: Date) -> Result<Vec<Entry>, Refusal> {
        let booking = Booking {
            key: self.key(expert),
            case: case(1),
            work_date,
            minutes,
            text: String::new(),
            charge_to: ChargeTo::StripCard,
        };
        let new = book(&self.account(), &booking, self.tariff, today)?;
        self.entries.extend(new.clone());
        Ok(new)
    }

    fn book(&mut self, expert: &str, minutes: i64) -> Vec<Entry> {
        self.try_book(expert, minutes, TODAY, TODAY).unwrap()
    }

    fn try_correct(&mut self, expert: &str, minutes: i64, today: Date) -> Result<Vec<Entry>, Refusal> {
        let key = self.key(expert);
        let correction = CorrectionOfTime { key, case: case(1), minutes, text: String::new() };
        let new = correct(&self.account(), &correction, self.tariff, today)?;
        self.entries.extend(new.clone());
        Ok(new)
    }

    fn correct(&mut self, expert: &str, minutes: i64) -> Vec<Entry> {
        self.try_correct(expert, minutes, TODAY).unwrap()
    }
}

fn card(number: &str) -> CardNumber {
    CardNumber::new(number).unwrap()
}

fn case(counter: u32) -> CaseNumber {
    CaseNumber { client: ClientCode::new("AMR").unwrap(), year: 2027, counter }
}

/// Compares lines as `kind pot charged real`.
fn check(entries: &[Entry], expected: &[&str]) {
    let shown: Vec<String> = entries
        .iter()
        .map(|e| {
            let pot = e.card.as_ref().map_or("-", |card| card.as_str());
            format!("{} {pot} {:+} {:+}", e.kind.as_str(), e.charged_minutes, e.real_minutes)
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_example_of_the_rules_spans_two_cards() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("B", date(2026, 9, 2), 300);
    ledger.buy("A", date(2026, 3, 2), 60);
    let new = ledger.book("ann", 85);
    check(&new, &["deduction A -60 +85", "deduction B -30 +0"]);
    assert_eq!(ledger.account().balance_minutes(), 270);
}

#[test]
fn each_way_to_round() {
    let charged = |rounding| {
        let mut ledger = Ledger::new(rounding);
        ledger.buy("A", date(2026, 9, 2), 300);
        ledger.book("ann", 20);
        ledger.book("bob", 20);
        300 - ledger.account().balance_minutes()
    };
    assert_eq!(charged(Rounding::PerEntry), 60);
    assert_eq!(charged(Rounding::PerCase), 45);
    assert_eq!(charged(Rounding::None), 40);
}

#[test]
fn what_no_card_bears_is_overdraft_and_the_next_card_settles_it() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 30);
    check(&ledger.book("ann", 40), &["deduction A -30 +40", "overdraft - -15 +0"]);
    assert_eq!(ledger.account().overdraft_minutes(), 15);
    let new = NewCard { number: card("B"), purchased_on: TODAY, minutes: 150 };
    let new = purchase(&ledger.account(), &new, TODAY).unwrap();
    check(&new, &["purchase B +150 +0", "settlement B -15 +0", "settlement - +15 +0"]);
    ledger.entries.extend(new);
    assert_eq!((ledger.account().overdraft_minutes(), ledger.account().balance_minutes()), (0, 135));
    check(&ledger.correct("ann", 40), &["correction B +15 -40", "correction A +30 +0"]);
    assert_eq!(ledger.account().balance_minutes(), 180);
}

#[test]
fn a_correction_lowers_the_experts_own_latest_booking() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 300);
    ledger.book("ann", 40);
    ledger.book("ann", 10);
    ledger.book("bob", 60);
    check(&ledger.correct("ann", 25), &["correction A +15 -10", "correction A +15 -15"]);
    check(&ledger.correct("ann", 5), &["correction A +15 -5"].map(|_| "correction - +0 -5"));
    assert_eq!(ledger.try_correct("ann", 21, TODAY), Err(Refusal::NothingToCorrect { available: 20 }));
    assert_eq!(ledger.try_correct("cas", 1, TODAY), Err(Refusal::NothingToCorrect { available: 0 }));
}

#[test]
fn the_desk_lowers_anybodys_booking() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 300);
    ledger.book("ann", 40);
    let correction =
        DeskCorrection { expert: PersonKey::new("ann").ok(), case: case(1), minutes: 20, reason: "agreed".to_owned() };
    let new = correct_by_desk(&ledger.account(), &correction, ledger.tariff, TODAY).unwrap();
    check(&new, &["correction A +15 -20"]);
    assert!(new.iter().all(|entry| entry.booking.is_none() && entry.text == "agreed"));
}

#[test]
fn a_correction_pays_overdraft_first() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 30);
    ledger.book("ann", 30);
    ledger.book("bob", 15);
    check(&ledger.correct("ann", 30), &["correction - +15 -30", "correction A +15 +0"]);
    assert_eq!(ledger.account().overdraft_minutes(), 0);
    check(&ledger.correct("bob", 15), &["correction A +15 -15"]);
}

#[test]
fn a_correction_of_an_ended_card_expires_again() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 2, 11), 60);
    ledger.book("ann", 30);
    let later = date(2027, 2, 12);
    let expired = expire(&ledger.account(), later);
    check(&expired, &["expiry A -30 +0"]);
    ledger.entries.extend(expired);
    check(&ledger.try_correct("ann", 15, later).unwrap(), &["correction A +15 -15", "expiry A -15 +0"]);
    // Work done while it was valid still finds the remainder.
    let new = ledger.try_book("ann", 40, TODAY, later).unwrap();
    check(&new, &["return A +45 +0", "deduction A -45 +40"]);
    assert_eq!(ledger.account().balance_minutes(), 0);
    assert!(expire(&ledger.account(), later).is_empty());
}

#[test]
fn a_strip_opened_by_another_falls_free_per_case() {
    let mut ledger = Ledger::new(Rounding::PerCase);
    ledger.buy("A", date(2026, 9, 2), 300);
    ledger.book("bob", 16);
    ledger.book("ann", 14);
    ledger.book("bob", 1);
    assert_eq!(ledger.account().balance_minutes(), 255);
    ledger.correct("ann", 14);
    assert_eq!(ledger.account().balance_minutes(), 270);
}

#[test]
fn work_dates_have_limits_and_a_tag_books_once() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    let tomorrow = date(2027, 2, 11);
    assert_eq!(ledger.try_book("ann", 5, tomorrow, TODAY), Err(Refusal::WorkDateInFuture(tomorrow)));
    let old = date(2026, 12, 11);
    assert_eq!(ledger.try_book("ann", 5, old, TODAY), Err(Refusal::WorkDateTooOld(old)));
    assert!(ledger.try_book("ann", 5, date(2026, 12, 12), TODAY).is_ok());
    ledger.mails -= 1;
    assert_eq!(ledger.try_book("ann", 5, TODAY, TODAY), Err(Refusal::AlreadyBooked));
}

#[test]
fn charges_move_with_the_kind_of_the_case() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 60);
    ledger.book("ann", 70);
    let moved = move_charges(&ledger.account(), &case(1), ChargeTo::Contract, ledger.tariff, TODAY);
    check(&moved, &["charge-moved - +15 +0", "charge-moved A +60 +0"]);
    ledger.entries.extend(moved);
    assert!(ledger.account().charges()[0].is_on_contract);
    assert!(move_charges(&ledger.account(), &case(1), ChargeTo::Contract, ledger.tariff, TODAY).is_empty());
    check(&ledger.correct("ann", 10), &["correction - +0 -10"]);
    let back = move_charges(&ledger.account(), &case(1), ChargeTo::StripCard, ledger.tariff, TODAY);
    check(&back, &["charge-moved A -60 +0"]);
    ledger.entries.extend(back);
    assert_eq!(ledger.account().real_minutes_of(&case(1)), 60);
}

#[test]
fn the_desk_moves_minutes_between_cards() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 60);
    ledger.buy("B", date(2026, 9, 2), 60);
    let account = ledger.account();
    let new = transfer(&account, (&card("A"), &card("B")), 30, "wrong card", TODAY).unwrap();
    check(&new, &["transfer A -30 +0", "transfer B +30 +0"]);
    let too_much = transfer(&account, (&card("A"), &card("B")), 61, "", TODAY);
    assert_eq!(too_much, Err(Refusal::NotEnough { card: card("A"), available: 60 }));
}

#[test]
fn limits_are_told_when_they_are_crossed() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 9, 2), 120);
    let mut reached = |minutes| {
        ledger.book("ann", minutes);
        thresholds_reached(&ledger.account(), TODAY)
    };
    assert_eq!(reached(75), []);
    assert_eq!(reached(15), [Threshold::QuarterLeft]);
    assert_eq!(reached(15), [Threshold::QuarterLeft]);
    assert_eq!(reached(30), [Threshold::UsedUp, Threshold::QuarterLeft]);
}

#[test]
fn who_has_no_card_or_had_one_long_ago_is_below_no_limit() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.book("ann", 30);
    assert_eq!(thresholds_reached(&ledger.account(), TODAY), []);
    ledger.buy("A", date(2025, 12, 2), 120);
    assert_eq!(thresholds_reached(&ledger.account(), TODAY), [], "it ended on 1 December");
    ledger.buy("B", date(2026, 2, 1), 120);
    let both = [Threshold::UsedUp, Threshold::QuarterLeft];
    assert_eq!(thresholds_reached(&ledger.account(), TODAY), both, "it ended on 31 January");
    ledger.buy("C", date(2027, 2, 11), 120);
    assert_eq!(thresholds_reached(&ledger.account(), TODAY), both, "a card to come is nothing yet");
    assert_eq!(cards_begun(&ledger.account(), TODAY), 2);
    assert_eq!(thresholds_reached(&ledger.account(), date(2027, 2, 11)), []);
    assert_eq!(cards_begun(&ledger.account(), date(2027, 2, 11)), 3);
}

#[test]
fn a_card_to_come_settles_on_its_first_day() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.book("ann", 30);
    ledger.buy("A", date(2027, 3, 1), 60);
    assert_eq!((ledger.account().overdraft_minutes(), ledger.account().minutes_to_come(TODAY)), (30, 60));
    assert_eq!(settle(&ledger.account(), &card("A"), date(2027, 2, 28)), []);
    let settled = settle(&ledger.account(), &card("A"), date(2027, 3, 1));
    ledger.entries.extend(settled);
    let account = ledger.account();
    assert_eq!((account.overdraft_minutes(), account.minutes_to_come(TODAY), account.balance_minutes()), (0, 30, 30));
    assert_eq!(settle(&account, &card("A"), date(2027, 3, 2)), []);
    assert_eq!(settle(&account, &card("B"), date(2027, 3, 2)), []);
}

#[test]
fn the_end_of_a_card_is_told_while_minutes_remain() {
    let mut ledger = Ledger::new(Rounding::PerEntry);
    ledger.buy("A", date(2026, 3, 2), 60);
    let check = |today, expected: &[ExpiryNotice]| {
        let found: Vec<_> = expiry_notices(&ledger.account(), today).into_iter().map(|(_, notice)| notice).collect();
        assert_eq!(found, expected, "{today}");
    };
    check(date(2027, 1, 29), &[]);
    check(date(2027, 1, 30), &[ExpiryNotice::ThirtyDays]);
    check(date(2027, 2, 22), &[ExpiryNotice::SevenDays]);
    check(date(2027, 3, 1), &[ExpiryNotice::SevenDays]);
    check(date(2027, 3, 2), &[]);
}
