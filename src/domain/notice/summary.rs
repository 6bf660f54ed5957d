//! The weekly letters: what a summary says, ready to be printed. `…_percent` and `…_pixels` are for the pictures, which
//! are made of table cells; `more_…` tells how many further lines a long list has.

use super::{Balance, Sample};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Serialize;

/// See [`super::Words::WeeklySummary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeeklySummary {
    /// The client's name.
    pub client_name: String,
    /// The contract promises no times: no deadline and no target is told.
    pub is_best_effort: bool,
    /// Nothing happened and nothing is open.
    pub is_quiet: bool,
    /// Number of the week in its year.
    pub week_number: i8,
    /// The first day of the week.
    pub from_on: Date,
    /// The last day of the week.
    pub through_on: Date,
    /// As of when things stand.
    pub stated_at: Timestamp,
    /// How many cases were opened.
    pub opened_count: usize,
    /// How many were resolved.
    pub resolved_count: usize,
    /// How many are open.
    pub open_count: usize,
    /// How many requests wait for the coordinator.
    pub held_count: usize,
    /// Real minutes of the week's work.
    pub worked_tally: i64,
    /// The requests that wait.
    pub held: Vec<SummaryRequest>,
    /// Further ones.
    pub more_held: usize,
    /// The open cases, the most pressing first.
    pub open: Vec<SummaryCase>,
    /// Further ones.
    pub more_open: usize,
    /// The cases that were opened.
    pub opened: Vec<SummaryCase>,
    /// Further ones.
    pub more_opened: usize,
    /// The cases that were resolved.
    pub resolved: Vec<SummaryCase>,
    /// Further ones.
    pub more_resolved: usize,
    /// How the promises of the week were kept, a line each; empty where none fell due.
    pub targets: Vec<SummaryTarget>,
    /// The work of the week.
    pub work: Option<SummaryWork>,
    /// The strip cards.
    pub card: Option<SummaryCards>,
    /// The last weeks, the oldest first.
    pub trend: Vec<SummaryWeek>,
}

/// A request that waits for a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryRequest {
    /// Such as `R-17`.
    pub reference: String,
    /// What it is about.
    pub subject: String,
    /// Who asks.
    pub reporter: String,
    /// The client's name; for the desk alone.
    pub client_name: Option<String>,
    /// Since how many days.
    pub waiting_age: i64,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryCase {
    /// Such as `AMR-2026-0042`.
    pub number: String,
    /// What it is about.
    pub subject: String,
    /// A key: `new`, `open`, `waiting-client`, ….
    pub state: String,
    /// Since how many days it is open.
    pub open_age: i64,
    /// The client has to act.
    pub is_with_client: bool,
    /// A supplier has to act.
    pub is_with_supplier: bool,
    /// Until which day it waits at most.
    pub wait_on: Option<Date>,
    /// Who works on it.
    pub expert: Option<String>,
    /// What is promised next.
    pub deadline: Option<SummaryDeadline>,
    /// What should have been done already.
    pub late: Option<SummaryLate>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// A promise to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryDeadline {
    /// A key: `first-response`, `next-response`, `resolution`.
    pub target: String,
    /// Before this moment.
    pub promised_due: Timestamp,
}

/// A promise that is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryLate {
    /// A key: `first-response`, `next-response`, `resolution`.
    pub target: String,
    /// The promised moment.
    pub missed_at: Timestamp,
}

/// How one promise was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryTarget {
    /// A key: `first-response`, `next-response`, `resolution`.
    pub target: String,
    /// How often in time.
    pub met: i64,
    /// How often it fell due.
    pub judged: i64,
    /// How often only a changed priority made it late; in none of the above.
    pub reclassified: i64,
    /// Share of what was in time.
    pub met_percent: i64,
    /// Share of what was not.
    pub missed_percent: i64,
}

/// The work of a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryWork {
    /// Work is taken from cards: charged minutes are shown beside the real ones.
    pub is_charged: bool,
    /// Real minutes.
    pub real_tally: i64,
    /// Charged minutes.
    pub charged_tally: i64,
    /// By case, the most work first.
    pub cases: Vec<SummaryCaseWork>,
    /// Further cases.
    pub more_cases: usize,
    /// What came to the books after an earlier summary; in no sum.
    pub late: Vec<SummaryBooking>,
}

/// The work on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryCaseWork {
    /// The case.
    pub case_number: Option<String>,
    /// What it is about.
    pub title: Option<String>,
    /// Real minutes.
    pub real_tally: i64,
    /// Charged minutes.
    pub charged_tally: i64,
    /// Length of the bar, as a share of the longest.
    pub bar_percent: i64,
    /// The rest of the bar's line.
    pub rest_percent: i64,
    /// What was booked on it.
    pub bookings: Vec<SummaryBooking>,
    /// Further bookings.
    pub more_bookings: usize,
}

/// One booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryBooking {
    /// The day of the work; printed as `2026-04-21`.
    pub date: Date,
    /// The case, where it stands in no list of one case.
    pub case_number: Option<String>,
    /// Who worked.
    pub expert: String,
    /// What was done.
    pub text: String,
    /// Real minutes.
    pub real_tally: i64,
    /// Charged minutes.
    pub charged_tally: i64,
}

/// The strip cards of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryCards {
    /// What is left on all valid cards.
    pub balance: Balance,
    /// Whether nothing is left, or there is no valid card.
    pub is_used_up: bool,
    /// How many strips were bought with them.
    pub bought_strips: i64,
    /// Each card, the one that ends first standing first.
    pub cards: Vec<SummaryCard>,
    /// The day on which they run out, at the pace of the last eight weeks.
    pub run_out_on: Option<Date>,
    /// At that pace something is left on this last day.
    pub outlasts_on: Option<Date>,
    /// Charged minutes booked after the week, which are not in its sums but taken off what is left.
    pub since_tally: Option<i64>,
}

/// One strip card as a bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryCard {
    /// Its number.
    pub number: String,
    /// What is left.
    pub left_minutes: i64,
    /// Length of a strip.
    pub strip_minutes: i64,
    /// How many strips were bought.
    pub bought_strips: i64,
    /// Share that is left.
    pub left_percent: i64,
    /// Share that is used.
    pub used_percent: i64,
    /// The last day on which it is valid.
    pub valid_through_on: Date,
}

/// A week beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryWeek {
    /// Its number in its year.
    pub number: i8,
    /// Cases opened.
    pub opened: i64,
    /// Cases resolved.
    pub resolved: i64,
    /// Height of the bar.
    pub opened_pixels: i64,
    /// Height of the bar.
    pub resolved_pixels: i64,
}

/// See [`super::Words::DeskSummary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeskSummary {
    /// Number of the week in its year.
    pub week_number: i8,
    /// The first day of the week.
    pub from_on: Date,
    /// The last day of the week.
    pub through_on: Date,
    /// As of when things stand.
    pub stated_at: Timestamp,
    /// How many cases were opened.
    pub opened_count: i64,
    /// How many were resolved.
    pub resolved_count: i64,
    /// How many are open.
    pub open_count: i64,
    /// How many promises were broken or are overdue.
    pub breach_count: usize,
    /// How many requests wait for coordinators.
    pub held_count: usize,
    /// Promises that were broken or are overdue, what is still to be done first.
    pub breaches: Vec<SummaryBreach>,
    /// Further ones.
    pub more_breaches: usize,
    /// The clients, the worst first.
    pub clients: Vec<SummaryClient>,
    /// Further ones.
    pub more_clients: usize,
    /// Clients of whom there is nothing to tell.
    pub quiet_count: i64,
    /// How the promises of the week were kept.
    pub targets: Vec<SummaryTarget>,
    /// Requests that wait for coordinators.
    pub held: Vec<SummaryRequest>,
    /// Further ones.
    pub more_held: usize,
    /// Cards that run out or end soon.
    pub cards: Vec<SummaryShortCard>,
    /// Hours by expert.
    pub experts: Vec<SummaryExpert>,
    /// Experts' mails that wait for a mend.
    pub parked: Vec<SummaryParked>,
    /// Further ones.
    pub more_parked: usize,
    /// Mails that wait for a proof or for the desk.
    pub waiting: Vec<SummaryMail>,
    /// How many further ones wait, older ones too.
    pub more_waiting: i64,
    /// Addresses that letters did not reach.
    pub undelivered: Vec<SummaryUndelivered>,
    /// The folders that are read.
    pub mailboxes: Vec<SummaryMailbox>,
    /// Letters that wait to be sent.
    pub letters_queued: i64,
    /// Since when the oldest of them waits.
    pub letters_oldest_at: Option<Timestamp>,
    /// Letters that a person has to release.
    pub letters_held: i64,
    /// The last weeks, the oldest first.
    pub trend: Vec<SummaryWeek>,
}

/// A promise that was broken or is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryBreach {
    /// The case.
    pub number: String,
    /// What it is about.
    pub subject: String,
    /// The client's name.
    pub client_name: String,
    /// A key: `first-response`, `next-response`, `resolution`.
    pub target: String,
    /// The promised moment.
    pub missed_at: Timestamp,
    /// When it was done after all.
    pub done_at: Option<Timestamp>,
    /// Who works on it.
    pub expert: Option<String>,
}

/// A client in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryClient {
    /// Its name.
    pub client_name: String,
    /// Cases opened.
    pub opened: i64,
    /// Cases resolved.
    pub resolved: i64,
    /// Cases open.
    pub open: i64,
    /// Of these overdue.
    pub overdue: i64,
    /// Promises kept.
    pub met: i64,
    /// Promises that fell due; nothing is told for best effort.
    pub judged: i64,
    /// Promises that only a changed priority made late.
    pub reclassified: i64,
    /// Real minutes of work.
    pub real_tally: i64,
}

/// A client whose cards run out or end soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryShortCard {
    /// Its name.
    pub client_name: String,
    /// What is left.
    pub balance: Balance,
    /// The day on which it runs out at the present pace.
    pub run_out_on: Option<Date>,
    /// The last day of the card that ends first.
    pub ends_on: Option<Date>,
}

/// An expert's week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryExpert {
    /// Who.
    pub expert: String,
    /// Real minutes.
    pub real_tally: i64,
    /// Charged minutes.
    pub charged_tally: i64,
    /// On how many cases.
    pub cases: i64,
    /// Length of the bar, as a share of the longest.
    pub bar_percent: i64,
    /// The rest of the bar's line.
    pub rest_percent: i64,
}

/// An expert's mail that waits for a mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryParked {
    /// The case; none where the mail was to open one.
    pub number: Option<String>,
    /// What the case is about, or else the mail.
    pub subject: String,
    /// Whose mail.
    pub expert: String,
    /// Since when.
    pub parked_at: Timestamp,
}

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryMail {
    /// Its number.
    pub message_no: i64,
    /// Its sender was asked for a proof; else the desk has to decide.
    pub is_challenged: bool,
    /// The address in From.
    pub sender: String,
    /// Its subject.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// An address that letters did not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryUndelivered {
    /// The address.
    pub address: String,
    /// How many letters.
    pub letters: i64,
    /// What the mail server said.
    pub answer: Option<String>,
}

/// A folder that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryMailbox {
    /// Such as `support/INBOX`.
    pub folder: String,
    /// When it was last read to its end.
    pub fetched_at: Option<Timestamp>,
}

mod samples;
