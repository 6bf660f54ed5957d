//! Which limits an account has crossed.

use jiff::ToSpan;
use jiff::civil::Date;

use super::account::{Account, Card};
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

/// Nobody is told that nothing is left when the last card ended so many days ago: that is no news.
const OLD_NEWS_DAYS: i64 = 31;

/// Which limits an account is below on that day, the more urgent first. Both can be: one letter, about the first of
/// them, is enough, and both count as told. Who never had a card is below none.
#[must_use]
pub fn thresholds_reached(account: &Account, today: Date) -> Vec<Threshold> {
    let since = today.saturating_sub(OLD_NEWS_DAYS.days());
    let is_news = |card: &Card| card.purchased_on <= today && card.last_valid_day >= since;
    if !account.cards().iter().any(is_news) {
        return Vec::new();
    }
    let left = account.valid_minutes(today);
    let is_reached = |threshold: &Threshold| match threshold {
        Threshold::UsedUp => left == 0,
        Threshold::QuarterLeft => left.saturating_mul(4) <= bought_minutes(account, today),
    };
    [Threshold::UsedUp, Threshold::QuarterLeft].into_iter().filter(is_reached).collect()
}

/// How many cards have had their first day: a limit may be told anew after each.
#[must_use]
pub fn cards_begun(account: &Account, today: Date) -> usize {
    account.cards().iter().filter(|card| card.purchased_on <= today).count()
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
