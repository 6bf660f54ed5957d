//! What is left of the time that a client bought.

use jiff::civil::Date;
use serde::Serialize;

use super::{LedgerFact, Period};
use crate::domain::directory::Contract;
use crate::domain::strip_card::{Account, Pace, pace, run_out_on};

/// One valid card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardLeft {
    /// Its number.
    pub number: String,
    /// How many minutes were bought.
    pub bought_minutes: i64,
    /// How many are left.
    pub left_minutes: i64,
    /// The last day on which it is valid.
    pub valid_through: Date,
}

/// The cards of a client together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardFigures {
    /// The length of a strip.
    pub strip_minutes: i64,
    /// What is left on all valid cards.
    pub left_minutes: i64,
    /// What was bought with these cards.
    pub bought_minutes: i64,
    /// What was worked beyond all cards; the next one settles it first.
    pub overdraft_minutes: i64,
    /// The valid cards, the one that ends first standing first.
    pub cards: Vec<CardLeft>,
    /// Charged minutes of the work of the last 56 days (or since the first purchase), and how many days these are.
    pub pace_minutes: Option<i64>,
    /// The days of the pace.
    pub pace_days: Option<i64>,
    /// The first day whose work the cards no longer cover, at that pace.
    pub run_out_on: Option<Date>,
    /// The last card ends on this day before it runs out at that pace.
    pub outlasts_on: Option<Date>,
    /// Charged minutes that were booked after the week: what is left tells of them already.
    pub booked_since_minutes: i64,
}

/// What is left as of the period's moment.
#[must_use]
pub fn card_figures(ledger: &[LedgerFact], account: &Account, contract: &Contract, period: &Period) -> CardFigures {
    let today = period.zone.to_datetime(period.as_of).date();
    let mut cards: Vec<CardLeft> = account
        .cards()
        .iter()
        .filter(|card| card.is_valid_on(today))
        .map(|card| CardLeft {
            number: card.number.to_string(),
            bought_minutes: card.bought_minutes,
            left_minutes: card.minutes,
            valid_through: card.last_valid_day,
        })
        .collect();
    cards.sort_by(|a, b| (a.valid_through, &a.number).cmp(&(b.valid_through, &b.number)));
    let left_minutes = account.valid_minutes(today);
    let pace = pace(account, today);
    let run_out_on = run_out_on(account, today);
    let last_end = cards.iter().filter(|card| card.left_minutes > 0).map(|card| card.valid_through).max();
    let after = ledger.iter().filter(|line| line.booked_at >= period.to() && line.entry.charge.is_some());
    CardFigures {
        strip_minutes: i64::from(contract.strip_minutes),
        left_minutes,
        bought_minutes: cards.iter().map(|card| card.bought_minutes).sum(),
        overdraft_minutes: account.overdraft_minutes(),
        pace_minutes: pace.map(|Pace { charged_minutes, .. }| charged_minutes),
        pace_days: pace.map(|Pace { days, .. }| days),
        outlasts_on: last_end.filter(|_| pace.is_some() && run_out_on.is_none() && left_minutes > 0),
        run_out_on,
        booked_since_minutes: -after.map(|line| line.entry.charged_minutes).sum::<i64>(),
        cards,
    }
}
