//! The strip card of a client, kept by the rules in another way: one card, bought once, that may end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::expected::Booked;

/// Minutes that each client on a card buys.
pub const BOUGHT: i64 = 16 * 15;

/// A card, what is left on it, and what was told of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    /// Minutes left.
    pub left: i64,
    /// Minutes that no card paid.
    pub overdraft: i64,
    /// Letters of each kind: a quarter is left, used up, ends soon.
    pub letters: [usize; 3],
}

impl Card {
    /// What became of a card by that moment.
    pub fn after(bought_on: Date, booked: &[Booked], until: Timestamp, zone: &TimeZone) -> Self {
        let mut card = Self { left: BOUGHT, overdraft: 0, letters: [0; 3] };
        // The same date a year later is the first day without it.
        let end = bought_on.checked_add(1.year()).unwrap();
        let end_at = zone.to_timestamp(end.to_datetime(jiff::civil::Time::midnight())).unwrap();
        let mut is_low = false;
        for booking in booked.iter().filter(|booking| booking.at < end_at) {
            let taken = booking.charged.min(card.left);
            card.left -= taken;
            card.overdraft += booking.charged - taken;
            match card.left {
                0 if taken > 0 => card.letters[1] = 1,
                left if left * 4 <= BOUGHT && !is_low && left > 0 => card.letters[0] = 1,
                _ => {}
            }
            is_low |= card.left * 4 <= BOUGHT;
        }
        let last_day = end.yesterday().unwrap();
        for days in [30, 7] {
            let told_on = last_day.checked_sub(days.days()).unwrap();
            let told_at = zone.to_timestamp(told_on.to_datetime(jiff::civil::Time::midnight())).unwrap();
            let used: i64 = booked.iter().filter(|b| b.at < told_at).map(|b| b.charged).sum();
            if told_at < until && used < BOUGHT {
                card.letters[2] += 1;
            }
        }
        if end_at <= until && card.left > 0 {
            // Nothing is left on any card: that is told, too.
            (card.left, card.letters[1]) = (0, 1);
        }
        card.overdraft += booked.iter().filter(|booking| booking.at >= end_at).map(|b| b.charged).sum::<i64>();
        card
    }
}
