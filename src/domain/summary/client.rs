//! One client's week.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::booked::{BookedFigures, LedgerFact, booked};
use super::card::{CardFigures, card_figures};
use super::targets::{CaseRun, TargetCount, runs_as_of, target_counts};
use super::{IsoWeek, Period};
use crate::domain::case::{CaseNumber, Kind, Priority, RequestReference, Status};
use crate::domain::clock::Clock;
use crate::domain::decision::pays_by_card;
use crate::domain::directory::{Client, Contract, Plan};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::strip_card::Account;

/// So many weeks are shown beside each other, the told one included.
pub const TREND_WEEKS: i64 = 12;

/// A case as a summary asks it. One that ended in another counts nowhere: what it asked lives on there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// Its key.
    pub case_no: i64,
    /// Its number.
    pub number: CaseNumber,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// What sort of work it is.
    pub kind: Kind,
    /// How urgent it is.
    pub priority: Priority,
    /// When the request was received.
    pub opened_at: Timestamp,
    /// When it was last called resolved; only a case that is resolved or closed counts as such.
    pub resolved_at: Option<Timestamp>,
    /// When a waiting case is taken up in any event.
    pub wait_due: Option<Timestamp>,
}

impl KnownCase {
    fn is_resolved(&self) -> bool {
        matches!(self.status, Status::Resolved | Status::Closed)
    }

    fn is_merged(&self) -> bool {
        self.status == Status::Merged
    }
}

/// A reporter's request that waits for the coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRequest {
    /// Its reference.
    pub reference: RequestReference,
    /// What it is about.
    pub subject: String,
    /// Who asks: the name, or the address of who gave none.
    pub reporter: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// All that the store knows of a client, for a summary.
#[derive(Debug, Clone)]
pub struct ClientFacts<'a> {
    /// The client.
    pub client: &'a Client,
    /// The contract that held at the end of the week.
    pub contract: &'a Contract,
    /// Its cases that are not settled, and those that were opened or resolved within the trend.
    pub cases: Vec<KnownCase>,
    /// The experts on unsettled cases, by the case's key.
    pub experts: HashMap<i64, Vec<PersonKey>>,
    /// The requests that wait.
    pub held: Vec<HeldRequest>,
    /// The runs of clocks that were judged within the trend.
    pub judged: Vec<CaseRun>,
    /// The runs that are not over.
    pub running: Vec<CaseRun>,
    /// The whole ledger.
    pub ledger: Vec<LedgerFact>,
    /// What the cases are about on which was booked, by number.
    pub subjects: HashMap<String, String>,
    /// The last line of the ledger when the summary before was made.
    pub told_through: Option<i64>,
}

/// A case in a list of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// Its number.
    pub number: CaseNumber,
    /// What it is about.
    pub subject: String,
    /// What sort of work it is.
    pub kind: Kind,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it stands.
    pub state: Status,
    /// When the request was received.
    pub opened_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// Who has to act before a case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsFor {
    /// The desk.
    Desk,
    /// The client.
    Client,
    /// A supplier.
    Supplier,
}

/// A promised moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// What is promised.
    pub clock: Clock,
    /// When.
    pub due: Timestamp,
}

/// A case that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenCase {
    /// What every list shows of it.
    #[serde(flatten)]
    pub line: CaseLine,
    /// So many days ago it was opened; none on the day itself.
    pub age_days: i64,
    /// Who has to act.
    pub waits_for: WaitsFor,
    /// Until when it waits at most.
    pub waits_until: Option<Timestamp>,
    /// The experts on it.
    pub experts: Vec<PersonKey>,
    /// The next promised moment.
    pub deadline: Option<Deadline>,
    /// The promised moments that have passed without what was promised.
    pub overdue: Vec<Deadline>,
}

/// A request that waits for the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldLine {
    /// Its reference.
    pub reference: RequestReference,
    /// What it is about.
    pub subject: String,
    /// Who asks.
    pub reporter: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// So many days ago; none on the day itself.
    pub age_days: i64,
}

/// What one week brought and took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WeekCount {
    /// The week.
    pub week: IsoWeek,
    /// Cases opened in it.
    pub opened: i64,
    /// Cases resolved in it, and not opened again since.
    pub resolved: i64,
}

/// One client's week: all figures of the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientWeek {
    /// The client.
    pub client: ClientCode,
    /// Its name.
    pub client_name: String,
    /// The week.
    pub week: IsoWeek,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// As of when things stand.
    pub as_of: Timestamp,
    /// The sort of promise that the contract makes.
    pub plan: Plan,
    /// Whether work is taken from strip cards.
    pub is_charged: bool,
    /// The cases opened in the week.
    pub opened: Vec<CaseLine>,
    /// The cases resolved in the week.
    pub resolved: Vec<CaseLine>,
    /// The cases that are not settled: overdue ones first, then by deadline, then the oldest.
    pub open: Vec<OpenCase>,
    /// The requests that wait for the coordinator, the oldest first.
    pub held: Vec<HeldLine>,
    /// How targets were met in the week; nothing for best effort.
    pub targets: Option<Vec<TargetCount>>,
    /// The same over all weeks of the trend.
    pub targets_of_trend: Option<Vec<TargetCount>>,
    /// The work of the week.
    pub booked: BookedFigures,
    /// The strip cards; nothing where there are none and the contract needs none.
    pub card: Option<CardFigures>,
    /// The last weeks, the oldest first, the told one last.
    pub trend: Vec<WeekCount>,
}

impl ClientWeek {
    /// Whether nothing happened and nothing is open.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let is_judged = self.targets.as_ref().is_some_and(|targets| !targets.is_empty());
        let is_worked = !self.booked.by_case.is_empty() || !self.booked.late.is_empty();
        let has_cases = !self.opened.is_empty() || !self.resolved.is_empty() || !self.open.is_empty();
        !has_cases && !is_worked && !is_judged && self.held.is_empty()
    }

    /// The promises broken in the week, and those that are overdue now.
    #[must_use]
    pub fn breaches(&self) -> (i64, i64) {
        let missed = self.targets.iter().flatten().map(|count| count.missed).sum();
        let overdue = self.open.iter().filter(|case| !case.overdue.is_empty()).count();
        (missed, i64::try_from(overdue).unwrap_or(i64::MAX))
    }
}

/// The week of one client.
#[must_use]
pub fn client_week(facts: &ClientFacts<'_>, period: &Period) -> ClientWeek {
    let ClientFacts { client, contract, .. } = facts;
    let account = Account::from_entries(facts.ledger.iter().map(|line| &line.entry));
    let promises = contract.plan == Plan::Sla;
    let runs = if promises { runs_as_of(&facts.judged, &facts.running, period.as_of) } else { Vec::new() };
    let lines_of = |is_meant: &dyn Fn(&KnownCase) -> bool| -> Vec<CaseLine> {
        facts.cases.iter().filter(|case| !case.is_merged() && is_meant(case)).map(line_of).collect()
    };
    let mut opened = lines_of(&|case| period.holds(case.opened_at));
    opened.sort_by_key(|line| line.opened_at);
    let mut resolved = lines_of(&|case| case.is_resolved() && case.resolved_at.is_some_and(|at| period.holds(at)));
    resolved.sort_by_key(|line| line.resolved_at);
    let has_cards = pays_by_card(contract, &account);
    ClientWeek {
        client: client.code.clone(),
        client_name: client.name.clone(),
        week: period.week,
        from: period.week.monday(),
        through: period.week.sunday(),
        as_of: period.as_of,
        plan: contract.plan,
        is_charged: has_cards,
        opened,
        resolved,
        open: open_cases(facts, period, &runs),
        held: held_lines(facts, period),
        targets: promises.then(|| target_counts(&runs, period.from(), period.to())),
        targets_of_trend: promises.then(|| target_counts(&runs, period.trend_from(), period.to())),
        booked: booked(&facts.ledger, period, facts.told_through, |number| {
            facts.subjects.get(&number.to_string()).cloned()
        }),
        card: has_cards.then(|| card_figures(&facts.ledger, &account, contract, period)),
        trend: trend(&facts.cases, period),
    }
}

fn line_of(case: &KnownCase) -> CaseLine {
    CaseLine {
        number: case.number.clone(),
        subject: case.subject.clone(),
        kind: case.kind,
        priority: case.priority,
        state: case.status,
        opened_at: case.opened_at,
        resolved_at: case.resolved_at.filter(|_| case.is_resolved()),
    }
}

fn open_cases(facts: &ClientFacts<'_>, period: &Period, all: &[CaseRun]) -> Vec<OpenCase> {
    let mut runs: HashMap<i64, Vec<&CaseRun>> = HashMap::new();
    // A run that was reclassified is judged no more.
    for run in all.iter().filter(|run| run.run.is_running() && run.run.reclassified_at.is_none()) {
        runs.entry(run.case_no).or_default().push(run);
    }
    let open = facts.cases.iter().filter(|case| case.status.is_unsettled());
    let mut open: Vec<OpenCase> = open
        .map(|case| {
            let runs = runs.get(&case.case_no).map_or(&[][..], Vec::as_slice);
            let moments = |is_missed: bool| {
                let runs =
                    runs.iter().map(|of_case| &of_case.run).filter(move |run| run.missed_at.is_some() == is_missed);
                let moments =
                    runs.filter_map(|run| Some(Deadline { clock: run.clock, due: run.missed_at.or(run.due)? }));
                moments.collect::<Vec<Deadline>>()
            };
            let (mut overdue, mut to_come) = (moments(true), moments(false));
            overdue.sort_by_key(|deadline| deadline.due);
            to_come.sort_by_key(|deadline| deadline.due);
            OpenCase {
                line: line_of(case),
                age_days: age_days(case.opened_at, period),
                waits_for: match case.status {
                    Status::WaitingClient => WaitsFor::Client,
                    Status::WaitingSupplier => WaitsFor::Supplier,
                    _ => WaitsFor::Desk,
                },
                waits_until: case.wait_due.filter(|_| case.status.is_waiting()),
                experts: facts.experts.get(&case.case_no).cloned().unwrap_or_default(),
                deadline: to_come.first().copied(),
                overdue,
            }
        })
        .collect();
    open.sort_by_key(|case| {
        let overdue = case.overdue.first().map_or(Timestamp::MAX, |deadline| deadline.due);
        let deadline = case.deadline.map_or(Timestamp::MAX, |deadline| deadline.due);
        (overdue, deadline, case.line.opened_at)
    });
    open
}

fn held_lines(facts: &ClientFacts<'_>, period: &Period) -> Vec<HeldLine> {
    let mut held: Vec<HeldLine> = facts
        .held
        .iter()
        .map(|request| HeldLine {
            reference: request.reference,
            subject: request.subject.clone(),
            reporter: request.reporter.clone(),
            received_at: request.received_at,
            age_days: age_days(request.received_at, period),
        })
        .collect();
    held.sort_by_key(|line| line.received_at);
    held
}

/// Days on the calendar from a moment to the one as of which things stand.
fn age_days(since: Timestamp, period: &Period) -> i64 {
    let day = |at: Timestamp| period.zone.to_datetime(at).date();
    (day(since).duration_until(day(period.as_of)).as_hours() / 24).max(0)
}

fn trend(cases: &[KnownCase], period: &Period) -> Vec<WeekCount> {
    let weeks = (0..TREND_WEEKS).rev().map(|back| period.week.before(back));
    let mut trend: Vec<WeekCount> = weeks.map(|week| WeekCount { week, opened: 0, resolved: 0 }).collect();
    let mut count = |at: Timestamp, is_opened: bool| {
        let week = IsoWeek::at(at, &period.zone);
        if let Some(known) = trend.iter_mut().find(|known| known.week == week) {
            if is_opened {
                known.opened += 1;
            } else {
                known.resolved += 1;
            }
        }
    };
    for case in cases.iter().filter(|case| !case.is_merged()) {
        count(case.opened_at, true);
        if let Some(at) = case.resolved_at.filter(|_| case.is_resolved()) {
            count(at, false);
        }
    }
    trend
}
