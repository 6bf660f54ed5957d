//! An expert's booked time, for their own invoice.

use jiff::civil::Date;
use serde::Serialize;

use super::entry::Entry;
use crate::domain::case::CaseNumber;
use crate::domain::csv::{Cell, to_csv};
use crate::domain::names::{ClientCode, PersonKey};

/// What one tag, or one command of the desk, did to the time of one expert on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkLine {
    /// The day of the work.
    pub work_date: Date,
    /// The day on which it was booked, in the desk's time zone.
    pub booked_on: Date,
    /// The client.
    pub client: ClientCode,
    /// The case.
    pub case: Option<CaseNumber>,
    /// Who worked.
    pub expert: PersonKey,
    /// What it did: `deduction`, `correction`, `charge-to-contract`, …
    pub what: &'static str,
    /// What was done.
    pub description: String,
    /// Real minutes; minus takes back.
    pub real_minutes: i64,
    /// Minutes charged to the client's cards or overdraft; minus gives back.
    pub charged_minutes: i64,
}

/// A line for each expert and case that entries of one booking concern, in their order. Lines that only move minutes
/// between pots (purchases, settlements, expiry, returns) are nobody's work.
#[must_use]
pub fn work_lines<'e>(client: &ClientCode, booked_on: Date, entries: impl Iterator<Item = &'e Entry>) -> Vec<WorkLine> {
    let mut lines: Vec<WorkLine> = Vec::new();
    for entry in entries {
        let Some(charge) = &entry.charge else { continue };
        let is_same = |line: &WorkLine| {
            line.expert == charge.expert && line.case == entry.case && line.work_date == entry.work_date
        };
        if let Some(known) = lines.iter_mut().find(|line| is_same(line)) {
            known.real_minutes += entry.real_minutes;
            known.charged_minutes -= entry.charged_minutes;
            continue;
        }
        lines.push(WorkLine {
            work_date: entry.work_date,
            booked_on,
            client: client.clone(),
            case: entry.case.clone(),
            expert: charge.expert.clone(),
            what: entry.kind.as_str(),
            description: entry.text.clone(),
            real_minutes: entry.real_minutes,
            charged_minutes: -entry.charged_minutes,
        });
    }
    lines
}

/// Real and charged minutes of all lines together.
#[must_use]
pub fn work_totals(lines: &[WorkLine]) -> (i64, i64) {
    lines.iter().fold((0, 0), |(real, charged), line| (real + line.real_minutes, charged + line.charged_minutes))
}

/// As a file for a spreadsheet, with a line of totals at the end.
#[must_use]
pub fn work_csv(lines: &[WorkLine]) -> String {
    let headings = [
        "work_date",
        "booked_on",
        "client",
        "case",
        "expert",
        "what",
        "description",
        "real_minutes",
        "charged_minutes",
    ];
    let mut rows: Vec<Vec<Cell>> = lines
        .iter()
        .map(|line| {
            vec![
                Cell::from(line.work_date.to_string()),
                Cell::from(line.booked_on.to_string()),
                Cell::from(line.client.as_str()),
                Cell::maybe(line.case.as_ref()),
                Cell::from(line.expert.as_str()),
                Cell::from(line.what),
                Cell::from(line.description.as_str()),
                Cell::from(line.real_minutes),
                Cell::from(line.charged_minutes),
            ]
        })
        .collect();
    let (real, charged) = work_totals(lines);
    let mut total = vec![Cell::from(""); 5];
    total.extend([Cell::from("total"), Cell::from(""), Cell::from(real), Cell::from(charged)]);
    rows.push(total);
    to_csv(&headings, &rows)
}
