//! Which limits an account has crossed.

use jiff::civil::Date;

use super::account::Account;
use crate::domain::names::CardNumber;

/// A limit of which the coordinator is told once until the next purchase. Whether it was told is the caller's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Threshold {
    /// Nothing is left on any valid card.
    UsedUp,
    /// A quarter or less of what was bought on the valid cards is left.
    QuarterLeft,
}

/// How near the end of a card is, told once per card each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpiryNotice {
    /// Its last valid day is at most 30 days away.
    ThirtyDays,
    /// Its last valid day is at most 7 days away.
    SevenDays,
}

/// Which limits were crossed downwards between two states of the account on that day. Both can be: one letter, about
/// the first of them, is enough, and both count as told.
#[must_use]
pub fn thresholds_crossed(before: &Account, after: &Account, today: Date) -> Vec<Threshold> {
    let is_below = |account: &Account, threshold: Threshold| {
        let left = account.valid_minutes(today);
        match threshold {
            Threshold::UsedUp => left == 0,
            Threshold::QuarterLeft => left.saturating_mul(4) <= bought_minutes(account, today),
        }
    };
    let is_crossed = |&threshold: &Threshold| !is_below(before, threshold) && is_below(after, threshold);
    [Threshold::UsedUp, Threshold::QuarterLeft].into_iter().filter(is_crossed).collect()
}

/// The cards near their end on which minutes remain, the nearest first. After a standstill only the later notice.
#[must_use]
pub fn expiry_notices(account: &Account, today: Date) -> Vec<(CardNumber, ExpiryNotice)> {
    let mut near: Vec<_> = account.cards().iter().filter(|card| card.minutes > 0 && card.is_valid_on(today)).collect();
    near.sort_by_key(|card| (card.last_valid_day, card.number.clone()));
    near.into_iter()
        .filter_map(|card| match today.duration_until(card.last_valid_day).as_hours() / 24 {
            0..=7 => Some((card.number.clone(), ExpiryNotice::SevenDays)),
            8..=30 => Some((card.number.clone(), ExpiryNotice::ThirtyDays)),
            _ => None,
        })
        .collect()
}

fn bought_minutes(account: &Account, today: Date) -> i64 {
    account.cards().iter().filter(|card| card.is_valid_on(today)).map(|card| card.bought_minutes).sum()
}
