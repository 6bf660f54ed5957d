//! The letters on strip cards and what was booked on them.

use jiff::civil::Date;
use serde::Serialize;

/// What is left on a client's valid strip cards together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Charged minutes left; never negative.
    pub left_minutes: i64,
    /// Length of a strip in minutes, to show strips.
    pub strip_minutes: i64,
    /// Minutes used beyond all cards; the next purchase settles them first.
    pub overdraft_minutes: i64,
}

/// What an answer booked, for a letter that goes to coordinators alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Booked {
    /// Real minutes of work.
    pub real_minutes: i64,
    /// Minutes charged to the card after rounding up to strips.
    pub charged_minutes: i64,
    /// What is left after it.
    pub balance: Balance,
}

/// See [`super::Words::CardLow`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardLow {
    /// The client's name.
    pub client_name: String,
    /// What is left.
    pub balance: Balance,
    /// When the cards run out at the pace of the last eight weeks.
    pub run_out_on: Option<Date>,
}

/// See [`super::Words::CardUsedUp`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardUsedUp {
    /// The client's name.
    pub client_name: String,
    /// What is left (nothing) and what was used beyond.
    pub balance: Balance,
    /// The card that ended with minutes on it, where that is why nothing is left.
    pub ended: Option<CardEnded>,
    /// The card that was bought already and counts from a later day on.
    pub next: Option<CardToCome>,
}

/// A card whose remainder expired.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardEnded {
    /// Its number.
    pub number: String,
    /// The last day on which it was valid.
    pub valid_through_on: Date,
    /// What expired with it.
    pub expired_minutes: i64,
}

/// A card before its first day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardToCome {
    /// Its number.
    pub number: String,
    /// What is on it.
    pub left_minutes: i64,
    /// The first day on which it is valid.
    pub begins_on: Date,
}

/// See [`super::Words::CardPrivate`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardPrivate {
    /// The client's name.
    pub client_name: String,
    /// Who is told, where the client has a coordinator.
    pub coordinator: Option<String>,
}

/// One strip card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardLine {
    /// Its number.
    pub number: String,
    /// Minutes left on it.
    pub left_minutes: i64,
    /// Length of a strip.
    pub strip_minutes: i64,
    /// The last day on which it is valid.
    pub valid_through_on: Date,
}

/// See [`super::Words::CardExpiring`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardExpiring {
    /// The client's name.
    pub client_name: String,
    /// The card.
    pub card: CardLine,
}

/// See [`super::Words::CardBalance`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardBalance {
    /// The client's name.
    pub client_name: String,
    /// No card was ever bought and the contract needs none: there is nothing to tell.
    pub has_no_card: bool,
    /// All valid cards together.
    pub balance: Balance,
    /// The valid cards, the one that ends first standing first.
    pub cards: Vec<CardLine>,
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatementEntry {
    /// The day of the work, purchase or expiry; printed as `2026-04-21`.
    pub date: Date,
    /// A key: `purchase`, `deduction`, `overdraft`, `settlement`, `correction`, `expiry`, `return`, `transfer`,
    /// `charge-to-contract`, `charge-moved`.
    pub entry: String,
    /// The card; without one the overdraft or the contract.
    pub card: Option<String>,
    /// The case on which was worked.
    pub case_number: Option<String>,
    /// What the case is about.
    pub title: Option<String>,
    /// What was done.
    pub text: String,
    /// Who worked.
    pub expert: Option<String>,
    /// Real minutes of work, where there are any.
    pub real_tally: Option<i64>,
    /// What it adds to the balance, or takes from it.
    pub charged_tally: i64,
    /// The balance after it.
    pub balance_tally: i64,
}

/// See [`super::Words::CardStatement`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardStatement {
    /// The client's name.
    pub client_name: String,
    /// The card, where only one is told.
    pub card: Option<String>,
    /// The first day of the period; none: from the beginning.
    pub from_on: Option<Date>,
    /// The last day of the period; none: to this day.
    pub through_on: Option<Date>,
    /// The coordinator asked for it by mail: the period is this month and the last.
    pub is_asked: bool,
    /// It is a letter and begins with a salutation.
    pub is_letter: bool,
    /// The balance before the first line.
    pub opening_tally: i64,
    /// The lines.
    pub entries: Vec<StatementEntry>,
    /// Real minutes of all lines.
    pub real_tally: i64,
    /// What all lines add to the balance, or take from it.
    pub charged_tally: i64,
    /// The balance after the last line.
    pub closing_tally: i64,
    /// What is left now.
    pub balance: Option<Balance>,
}

/// Booked time that the desk took back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Corrected {
    /// The case.
    pub case_number: String,
    /// Whose time.
    pub expert: String,
    /// By how many real minutes it was lowered.
    pub real_minutes: i64,
    /// How many charged minutes went back.
    pub charged_minutes: i64,
}

/// Minutes that the desk moved from card to card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// From which card.
    pub from_card: String,
    /// To which card.
    pub to_card: String,
    /// How many minutes.
    pub moved_minutes: i64,
}

/// See [`super::Words::CardChanged`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardChanged {
    /// The client's name.
    pub client_name: String,
    /// What was taken back, a line an expert.
    pub corrected: Vec<Corrected>,
    /// What was moved.
    pub moved: Option<Moved>,
    /// Why, in the desk's words.
    pub reason: String,
    /// What is left after it; only for coordinators alone.
    pub balance: Option<Balance>,
}
