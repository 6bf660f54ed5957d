//! When is nothing left, if work goes on as it did lately?

use jiff::ToSpan;
use jiff::civil::Date;

use super::account::{Account, Card};

/// The pace is that of so many days, today included, or of those since the first purchase.
pub const PACE_DAYS: i64 = 56;

/// Charged minutes of the work of the last days, and how many days these are: the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Charged minutes on cards and overdraft, after all corrections, by the day of the work.
    pub charged_minutes: i64,
    /// Days, at least one.
    pub days: i64,
}

/// The pace of an account on a day; none before the first purchase, and none where nothing was charged.
#[must_use]
pub fn pace(account: &Account, today: Date) -> Option<Pace> {
    let first = account.cards().iter().map(|card| card.purchased_on).min()?;
    let since = today.saturating_sub((PACE_DAYS - 1).days()).max(first);
    let days = days_between(since, today) + 1;
    let is_recent = |date: Date| since <= date && date <= today;
    let recent = account.charges().iter().filter(|charge| is_recent(charge.work_date));
    let charged_minutes: i64 = recent.map(super::Charge::charged_minutes).sum();
    (days > 0 && charged_minutes > 0).then_some(Pace { charged_minutes, days })
}

/// The first day whose work the cards no longer cover whole, at the pace of the last days. Nothing when the pace is not
/// known, when nothing is left already, or when the last card ends before it runs out.
#[must_use]
pub fn run_out_on(account: &Account, today: Date) -> Option<Date> {
    let pace = pace(account, today)?;
    // Minutes times days: a day's share is then a whole number.
    let mut pots: Vec<(&Card, i64)> = account.cards().iter().map(|card| (card, card.minutes * pace.days)).collect();
    pots.sort_by_key(|(card, _)| (card.last_valid_day, card.purchased_on, card.number.clone()));
    let last = pots.iter().filter(|(_, left)| *left > 0).map(|(card, _)| card.last_valid_day).max()?;
    if account.valid_minutes(today) == 0 {
        return None;
    }
    let mut day = today;
    while day <= last {
        let mut needed = pace.charged_minutes;
        for (_, left) in pots.iter_mut().filter(|(card, _)| card.is_valid_on(day)) {
            let taken = needed.min(*left);
            *left -= taken;
            needed -= taken;
        }
        if needed > 0 {
            return Some(day);
        }
        day = day.tomorrow().ok()?;
    }
    None
}

fn days_between(from: Date, through: Date) -> i64 {
    from.duration_until(through).as_hours() / 24
}
