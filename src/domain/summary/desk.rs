//! The desk's own week: the same figures over all clients, the worst first.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::client::{ClientFacts, ClientWeek, HeldLine};
use super::targets::{CaseRun, TargetCount, runs_as_of};
use super::{IsoWeek, Period};
use crate::domain::case::CaseNumber;
use crate::domain::clock::Clock;
use crate::domain::directory::Plan;
use crate::domain::names::{ClientCode, PersonKey};

/// Cards that run out, or end with minutes on them, within so many days are told.
const CARD_DAYS: i64 = 28;

/// All that the store knows of the desk beside its clients, for a summary.
#[derive(Debug, Clone, Default)]
pub struct DeskWeekFacts {
    /// Each client's week, and the promises to it that were broken.
    pub clients: Vec<(ClientWeek, Vec<Breach>)>,
    /// Experts' mails that wait for a mend, the oldest first.
    pub parked: Vec<ParkedLine>,
    /// Mails of the week that still wait for a proof or for the desk, the oldest first.
    pub waiting: Vec<WaitingMail>,
    /// How many such mails wait in all.
    pub waiting_in_all: i64,
    /// Letters that did not arrive, since the week began.
    pub undelivered: Vec<Undelivered>,
    /// When each folder of the desk's mailboxes was last read to its end.
    pub mailboxes: Vec<MailboxHealth>,
    /// Letters that are still to go.
    pub letters: WaitingLetters,
}

/// A promise that was broken in the week, or that is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The client.
    pub client: ClientCode,
    /// The case.
    pub number: CaseNumber,
    /// What it is about.
    pub subject: String,
    /// What was promised.
    pub clock: Clock,
    /// For when.
    pub missed_at: Timestamp,
    /// When it was done after all.
    pub done_at: Option<Timestamp>,
    /// The experts on the case now.
    pub experts: Vec<PersonKey>,
}

/// An expert's mail that waits for a mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParkedLine {
    /// The case; nothing where the mail was to open one.
    pub number: Option<CaseNumber>,
    /// What the case is about, or else the mail.
    pub subject: String,
    /// Whose mail.
    pub expert: PersonKey,
    /// Since when.
    pub parked_at: Timestamp,
}

/// A mail that waits for a proof of its sender, or for a decision of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingMail {
    /// Its number, for `quarantine show`.
    pub message_no: i64,
    /// `challenged` or `quarantined`.
    pub outcome: String,
    /// The address in From.
    pub sender: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Why, as a short code.
    pub cause: Option<String>,
    /// When it was received.
    pub received_at: Timestamp,
}

/// An address that letters did not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The address.
    pub address: String,
    /// How many letters.
    pub letters: i64,
    /// What the mail server said last.
    pub answer: Option<String>,
}

/// A folder of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailboxHealth {
    /// Such as `support/INBOX`.
    pub folder: String,
    /// When it was last read to its end.
    pub fetched_at: Option<Timestamp>,
}

/// Letters of the outbox that are still to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
pub struct WaitingLetters {
    /// How many wait to be sent.
    pub queued: i64,
    /// Since when the oldest of them waits.
    pub oldest_at: Option<Timestamp>,
    /// How many a person has to release.
    pub held: i64,
}

/// One client in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientRow {
    /// The client.
    pub client: ClientCode,
    /// Its name.
    pub client_name: String,
    /// The sort of promise that its contract makes.
    pub plan: Plan,
    /// Cases opened in the week.
    pub opened: i64,
    /// Cases resolved in the week.
    pub resolved: i64,
    /// Cases that are not settled.
    pub open: i64,
    /// Of these, with a promise that is overdue.
    pub overdue: i64,
    /// Promises kept in the week.
    pub met: i64,
    /// Promises broken in the week.
    pub missed: i64,
    /// Promises that a change of priority or contract moved into the past.
    pub reclassified: i64,
    /// Requests that wait for the coordinator.
    pub held: i64,
    /// Real minutes booked in the week.
    pub real_minutes: i64,
    /// Minutes charged to cards or overdraft in the week.
    pub charged_minutes: i64,
    /// What is left on its cards; nothing where it has none.
    pub left_minutes: Option<i64>,
    /// The length of a strip.
    pub strip_minutes: i64,
    /// What was worked beyond them.
    pub overdraft_minutes: i64,
    /// The day on which they run out at the present pace.
    pub run_out_on: Option<Date>,
    /// The first day after which a card with minutes on it ends.
    pub ends_on: Option<Date>,
    /// Whether the cards are used up, run out soon, or one ends soon with minutes on it.
    pub is_card_short: bool,
}

/// What an expert booked in the week, by the receipt of the booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpertHours {
    /// Who.
    pub expert: PersonKey,
    /// Real minutes.
    pub real_minutes: i64,
    /// Minutes charged to clients.
    pub charged_minutes: i64,
    /// On how many cases.
    pub cases: i64,
}

/// A request that waits for a client's coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldOfClient {
    /// The client.
    pub client: ClientCode,
    /// The request.
    #[serde(flatten)]
    pub line: HeldLine,
}

/// The desk's own week: all figures of its letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskWeek {
    /// The week.
    pub week: IsoWeek,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// As of when things stand.
    pub as_of: Timestamp,
    /// The clients of whom there is anything to tell, the worst first.
    pub clients: Vec<ClientRow>,
    /// How many clients had a quiet week.
    pub quiet_clients: i64,
    /// Sums over all clients.
    pub opened: i64,
    /// Cases resolved in the week.
    pub resolved: i64,
    /// Cases that are not settled.
    pub open: i64,
    /// How targets were met in the week, over all clients.
    pub targets: Vec<TargetCount>,
    /// The promises that were broken in the week or are overdue: what is still to be done first, then the oldest.
    pub breaches: Vec<Breach>,
    /// The requests that wait for coordinators, the oldest first.
    pub held: Vec<HeldOfClient>,
    /// Experts' mails that wait for a mend.
    pub parked: Vec<ParkedLine>,
    /// Mails of the week that still wait for a proof or for the desk.
    pub waiting: Vec<WaitingMail>,
    /// How many such mails wait in all.
    pub waiting_in_all: i64,
    /// The addresses that letters did not reach since the week began.
    pub undelivered: Vec<Undelivered>,
    /// What the experts booked, the most first.
    pub experts: Vec<ExpertHours>,
    /// When each folder was last read to its end.
    pub mailboxes: Vec<MailboxHealth>,
    /// Letters that are still to go.
    pub letters: WaitingLetters,
    /// The last weeks over all clients, the oldest first.
    pub trend: Vec<super::WeekCount>,
}

/// The promises to a client that were broken in the week, or that are overdue now.
#[must_use]
pub fn breaches(facts: &ClientFacts<'_>, period: &Period) -> Vec<Breach> {
    if facts.contract.plan != Plan::Sla {
        return Vec::new();
    }
    let runs = runs_as_of(&facts.judged, &facts.running, period.as_of);
    let missed = runs.iter().filter(|of_case| {
        let run = &of_case.run;
        let is_told = run.missed_at.is_some_and(|at| run.is_running() || period.holds(at));
        is_told && run.reclassified_at.is_none()
    });
    let breach = |of_case: &CaseRun| {
        let case = facts.cases.iter().find(|case| case.case_no == of_case.case_no)?;
        Some(Breach {
            client: facts.client.code.clone(),
            number: case.number.clone(),
            subject: case.subject.clone(),
            clock: of_case.run.clock,
            missed_at: of_case.run.missed_at?,
            done_at: of_case.run.met_at,
            experts: facts.experts.get(&of_case.case_no).cloned().unwrap_or_default(),
        })
    };
    missed.filter_map(breach).collect()
}

/// The week of a desk.
#[must_use]
pub fn desk_week(facts: DeskWeekFacts, period: &Period) -> DeskWeek {
    let today = period.zone.to_datetime(period.as_of).date();
    let mut rows: Vec<ClientRow> = Vec::new();
    let (mut quiet_clients, mut breaches, mut held) = (0, Vec::new(), Vec::new());
    let mut hours: BTreeMap<PersonKey, (i64, i64, Vec<Option<CaseNumber>>)> = BTreeMap::new();
    let mut targets: Vec<TargetCount> = Vec::new();
    let mut trend: Vec<super::WeekCount> = Vec::new();
    for (summary, broken) in facts.clients {
        add_targets(&mut targets, summary.targets.as_deref().unwrap_or_default());
        add_trend(&mut trend, &summary.trend);
        for line in summary.booked.by_case.iter().flat_map(|case| &case.lines) {
            let (real, charged, cases) = hours.entry(line.expert.clone()).or_default();
            *real += line.real_minutes;
            *charged += line.charged_minutes;
            if !cases.contains(&line.case) {
                cases.push(line.case.clone());
            }
        }
        let row = row_of(&summary, today);
        if summary.is_quiet() && !row.is_card_short {
            quiet_clients += 1;
        } else {
            rows.push(row);
        }
        let client = summary.client;
        held.extend(summary.held.into_iter().map(|line| HeldOfClient { client: client.clone(), line }));
        breaches.extend(broken);
    }
    rows.sort_by(|a, b| badness(b).cmp(&badness(a)).then_with(|| a.client.cmp(&b.client)));
    breaches.sort_by_key(|breach: &Breach| (breach.done_at.is_some(), breach.missed_at));
    held.sort_by_key(|held| held.line.received_at);
    let mut experts: Vec<ExpertHours> = hours
        .into_iter()
        .map(|(expert, (real_minutes, charged_minutes, cases))| ExpertHours {
            expert,
            real_minutes,
            charged_minutes,
            cases: count(&cases),
        })
        .collect();
    experts.sort_by_key(|hours| std::cmp::Reverse(hours.real_minutes));
    DeskWeek {
        week: period.week,
        from: period.week.monday(),
        through: period.week.sunday(),
        as_of: period.as_of,
        opened: rows.iter().map(|row| row.opened).sum(),
        resolved: rows.iter().map(|row| row.resolved).sum(),
        open: rows.iter().map(|row| row.open).sum(),
        clients: rows,
        quiet_clients,
        targets,
        breaches,
        held,
        parked: facts.parked,
        waiting: facts.waiting,
        waiting_in_all: facts.waiting_in_all,
        undelivered: facts.undelivered,
        experts,
        mailboxes: facts.mailboxes,
        letters: facts.letters,
        trend,
    }
}

fn count<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

fn row_of(summary: &ClientWeek, today: Date) -> ClientRow {
    let targets = || summary.targets.iter().flatten();
    let (missed, overdue) = summary.breaches();
    let card = summary.card.as_ref();
    let soon = today.saturating_add(CARD_DAYS.days());
    let with_minutes = card.into_iter().flat_map(|card| &card.cards).filter(|card| card.left_minutes > 0);
    let ends_on = with_minutes.map(|card| card.valid_through).min();
    let run_out_on = card.and_then(|card| card.run_out_on);
    let is_used_up = card.is_some_and(|card| card.overdraft_minutes > 0 || card.left_minutes == 0);
    ClientRow {
        client: summary.client.clone(),
        client_name: summary.client_name.clone(),
        plan: summary.plan,
        opened: count(&summary.opened),
        resolved: count(&summary.resolved),
        open: count(&summary.open),
        overdue,
        met: targets().map(|count| count.met).sum(),
        missed,
        reclassified: targets().map(|count| count.reclassified).sum(),
        held: count(&summary.held),
        real_minutes: summary.booked.real_minutes,
        charged_minutes: summary.booked.charged_minutes,
        left_minutes: card.map(|card| card.left_minutes),
        strip_minutes: card.map_or(1, |card| card.strip_minutes.max(1)),
        overdraft_minutes: card.map_or(0, |card| card.overdraft_minutes),
        run_out_on,
        ends_on,
        is_card_short: is_used_up || [run_out_on, ends_on].into_iter().flatten().any(|day| day <= soon),
    }
}

/// What makes a client stand first: what is overdue, what was broken, time worked beyond the cards, what waits.
fn badness(row: &ClientRow) -> (i64, i64, i64, i64, bool, i64) {
    (row.overdue, row.missed, row.overdraft_minutes, row.held, row.is_card_short, row.open)
}

fn add_targets(sums: &mut Vec<TargetCount>, more: &[TargetCount]) {
    for count in more {
        match sums.iter_mut().find(|sum| sum.clock == count.clock) {
            Some(sum) => {
                sum.met += count.met;
                sum.missed += count.missed;
                sum.reclassified += count.reclassified;
            }
            None => sums.push(*count),
        }
    }
    sums.sort_by_key(|sum| sum.clock);
}

fn add_trend(sums: &mut Vec<super::WeekCount>, more: &[super::WeekCount]) {
    if sums.is_empty() {
        sums.extend(more);
        return;
    }
    for (sum, count) in sums.iter_mut().zip(more) {
        sum.opened += count.opened;
        sum.resolved += count.resolved;
    }
}
