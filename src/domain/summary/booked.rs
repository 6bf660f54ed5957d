//! The work of a week: what was booked, by case.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Period;
use crate::domain::case::CaseNumber;
use crate::domain::names::PersonKey;
use crate::domain::strip_card::Entry;

/// A line of a client's ledger as a summary asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFact {
    /// Its number within the desk; lines stand in this order.
    pub entry_no: i64,
    /// When it was booked: the receipt of the mail, or the command.
    pub booked_at: Timestamp,
    /// What makes its booking unique; the lines of one booking share it.
    pub booking_key: String,
    /// The line itself.
    pub entry: Entry,
}

/// What one tag or one command booked on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookedLine {
    /// When it was booked.
    pub booked_at: Timestamp,
    /// The day of the work.
    pub work_date: Date,
    /// The word of the ledger: `deduction`, `correction`, `charge-to-contract`, …
    pub what: &'static str,
    /// The case.
    pub case: Option<CaseNumber>,
    /// Who worked.
    pub expert: PersonKey,
    /// What was done, in the words behind the tag.
    pub text: String,
    /// Real minutes; minus takes back.
    pub real_minutes: i64,
    /// Minutes charged to cards or overdraft; minus gives back.
    pub charged_minutes: i64,
}

/// The work on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseMinutes {
    /// The case.
    pub case: Option<CaseNumber>,
    /// What it is about.
    pub subject: Option<String>,
    /// Real minutes.
    pub real_minutes: i64,
    /// Minutes charged to cards or overdraft.
    pub charged_minutes: i64,
    /// What was booked on it, the oldest booking first.
    pub lines: Vec<BookedLine>,
}

/// The work that was booked within some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct BookedFigures {
    /// Real minutes.
    pub real_minutes: i64,
    /// Minutes charged to cards or overdraft.
    pub charged_minutes: i64,
    /// The cases on which was worked, the most work first.
    pub by_case: Vec<CaseMinutes>,
    /// What came to the books after an earlier summary was made, with a receipt before this week: a mail that waited
    /// for proof or a mend. It is in no sum above.
    pub late: Vec<BookedLine>,
}

/// What the ledger says of the week. `told_through` is the number of the last line that was in the ledger when the summary
/// before this one was made; without it nothing is late. `subject_of` tells what a case is about.
///
/// Only lines that are somebody's work count, each by the receipt of its booking. So the sums of all weeks are the sums
/// of the ledger: purchases, settlements, expiry and returns only move minutes between cards.
#[must_use]
pub fn booked(
    ledger: &[LedgerFact],
    period: &Period,
    told_through: Option<i64>,
    subject_of: impl Fn(&CaseNumber) -> Option<String>,
) -> BookedFigures {
    let (from, to) = (period.from(), period.to());
    let in_week = ledger.iter().filter(|line| from <= line.booked_at && line.booked_at < to);
    let is_late =
        |line: &&LedgerFact| line.booked_at < from && told_through.is_some_and(|through| line.entry_no > through);
    let mut figures = BookedFigures { late: lines(ledger.iter().filter(is_late)), ..BookedFigures::default() };
    for line in lines(in_week) {
        figures.real_minutes += line.real_minutes;
        figures.charged_minutes += line.charged_minutes;
        let place = figures.by_case.iter().position(|case| case.case == line.case).unwrap_or_else(|| {
            let subject = line.case.as_ref().and_then(&subject_of);
            let case = line.case.clone();
            figures.by_case.push(CaseMinutes { case, subject, real_minutes: 0, charged_minutes: 0, lines: Vec::new() });
            figures.by_case.len() - 1
        });
        let case = &mut figures.by_case[place];
        case.real_minutes += line.real_minutes;
        case.charged_minutes += line.charged_minutes;
        case.lines.push(line);
    }
    figures.by_case.sort_by(|a, b| {
        (b.charged_minutes, b.real_minutes).cmp(&(a.charged_minutes, a.real_minutes)).then_with(|| a.case.cmp(&b.case))
    });
    figures
}

/// One line for all that one booking did to the work of one expert on one day.
fn lines<'l>(ledger: impl Iterator<Item = &'l LedgerFact>) -> Vec<BookedLine> {
    let mut lines: Vec<(&str, BookedLine)> = Vec::new();
    for fact in ledger {
        let entry = &fact.entry;
        let Some(charge) = &entry.charge else { continue };
        let is_same = |(key, line): &(&str, BookedLine)| {
            *key == fact.booking_key
                && line.case == entry.case
                && line.expert == charge.expert
                && line.work_date == entry.work_date
        };
        // Parts of one booking stand behind one another.
        if let Some((_, line)) = lines.iter_mut().rev().take(16).find(|line| is_same(line)) {
            line.real_minutes += entry.real_minutes;
            line.charged_minutes -= entry.charged_minutes;
            continue;
        }
        lines.push((
            &fact.booking_key,
            BookedLine {
                booked_at: fact.booked_at,
                work_date: entry.work_date,
                what: entry.kind.as_str(),
                case: entry.case.clone(),
                expert: charge.expert.clone(),
                text: entry.text.clone(),
                real_minutes: entry.real_minutes,
                charged_minutes: -entry.charged_minutes,
            },
        ));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}
