//! The ledger as the client reads it: which lines, and the balance after each.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::entry::Entry;
use crate::domain::csv::{Cell, to_csv};
use crate::domain::names::CardNumber;

/// A line of the ledger with what is told beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerLine {
    /// Its number within the desk; lines stand in this order.
    pub entry_no: i64,
    /// The day on which it was booked (the receipt of the mail, or the command), in the reader's time zone.
    pub booked_on: Date,
    /// The line itself.
    pub entry: Entry,
    /// What the case is about.
    pub subject: Option<String>,
    /// The name of the expert who worked.
    pub expert: Option<String>,
}

impl LedgerLine {
    /// The day of a moment, for [`LedgerLine::booked_on`].
    #[must_use]
    pub fn day(booked_at: Timestamp, zone: &TimeZone) -> Date {
        zone.to_datetime(booked_at).date()
    }

    /// What was done, in words for the client: what the expert wrote behind the tag, or the desk's reason for a
    /// correction or transfer. The reason of an import stays inside.
    #[must_use]
    pub fn description(&self) -> &str {
        use super::EntryKind::{Expiry, Purchase, Return, Settlement};
        match self.entry.kind {
            Purchase | Expiry | Return | Settlement => "",
            _ => &self.entry.text,
        }
    }
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Scope {
    /// Only this card's lines; without it all of the client's, the overdraft's too.
    pub card: Option<CardNumber>,
    /// The first day of booking.
    pub from: Option<Date>,
    /// The last day of booking.
    pub through: Option<Date>,
}

/// A line with the balance after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// The line.
    #[serde(flatten)]
    pub line: LedgerLine,
    /// The balance after it, in minutes.
    pub balance_minutes: i64,
}

/// A client's ledger, or a card's, over a period. `opening + sum of the lines = closing`, and the closing of a period is
/// the opening of the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// What it is about.
    pub scope: Scope,
    /// The balance before the first line, in minutes.
    pub opening_minutes: i64,
    /// The lines by the day of booking, then by number.
    pub lines: Vec<StatementLine>,
    /// Real minutes of work in these lines.
    pub real_minutes: i64,
    /// What these lines add to the balance, in minutes.
    pub charged_minutes: i64,
    /// The balance after the last line, in minutes.
    pub closing_minutes: i64,
}

/// The lines of the scope, with the balance running.
#[must_use]
pub fn statement(ledger: &[LedgerLine], scope: Scope) -> Statement {
    let is_meant = |line: &&LedgerLine| scope.card.is_none() || line.entry.card == scope.card;
    let mut meant: Vec<&LedgerLine> = ledger.iter().filter(is_meant).collect();
    meant.sort_by_key(|line| (line.booked_on, line.entry_no));
    let is_before = |line: &&&LedgerLine| scope.from.is_some_and(|from| line.booked_on < from);
    let opening_minutes: i64 = meant.iter().filter(is_before).map(|line| line.entry.charged_minutes).sum();
    let is_within = |line: &&LedgerLine| {
        scope.from.is_none_or(|from| from <= line.booked_on) && scope.through.is_none_or(|day| line.booked_on <= day)
    };
    let mut balance = opening_minutes;
    let lines: Vec<StatementLine> = meant
        .into_iter()
        .filter(is_within)
        .map(|line| {
            balance += line.entry.charged_minutes;
            StatementLine { line: line.clone(), balance_minutes: balance }
        })
        .collect();
    Statement {
        opening_minutes,
        real_minutes: lines.iter().map(|line| line.line.entry.real_minutes).sum(),
        charged_minutes: lines.iter().map(|line| line.line.entry.charged_minutes).sum(),
        closing_minutes: balance,
        lines,
        scope,
    }
}

impl Statement {
    /// As a file for a spreadsheet: a line an entry, between the opening and the closing balance.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let headings = [
            "entry",
            "booked_on",
            "work_date",
            "what",
            "card",
            "case",
            "subject",
            "description",
            "expert",
            "real_minutes",
            "charged_minutes",
            "balance_minutes",
        ];
        let empty = || vec![Cell::from(""); 3];
        let edge = |what: &str, real: Cell, charged: Cell, balance: i64| {
            let mut row = empty();
            row.push(Cell::from(what));
            row.extend(vec![Cell::from(""); 5]);
            row.extend([real, charged, Cell::from(balance)]);
            row
        };
        let mut rows = vec![edge("opening", Cell::from(""), Cell::from(""), self.opening_minutes)];
        for StatementLine { line, balance_minutes } in &self.lines {
            let entry = &line.entry;
            rows.push(vec![
                Cell::from(line.entry_no),
                Cell::from(line.booked_on.to_string()),
                Cell::from(entry.work_date.to_string()),
                Cell::from(entry.kind.as_str()),
                Cell::maybe(entry.card.as_ref()),
                Cell::maybe(entry.case.as_ref()),
                Cell::maybe(line.subject.as_ref()),
                Cell::from(line.description()),
                Cell::maybe(line.expert.as_ref()),
                Cell::from(entry.real_minutes),
                Cell::from(entry.charged_minutes),
                Cell::from(*balance_minutes),
            ]);
        }
        rows.push(edge("total", Cell::from(self.real_minutes), Cell::from(self.charged_minutes), self.closing_minutes));
        to_csv(&headings, &rows)
    }
}
