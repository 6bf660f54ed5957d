//! From figures to what the letters print: names for keys, long lists cut, shares for the pictures.

use super::{
    BookedLine, Breach, CaseLine, CaseMinutes, ClientRow, ClientWeek, Deadline, DeskWeek, ExpertHours, HeldLine,
    OpenCase, TargetCount, WaitsFor, WeekCount,
};
use crate::domain::clock::Clock;
use crate::domain::directory::{Directory, Plan};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::notice::{
    Balance, DeskSummary, SummaryBooking, SummaryBreach, SummaryCard, SummaryCards, SummaryCase, SummaryCaseWork,
    SummaryClient, SummaryDeadline, SummaryExpert, SummaryLate, SummaryMail, SummaryMailbox, SummaryParked,
    SummaryRequest, SummaryShortCard, SummaryTarget, SummaryUndelivered, SummaryWeek, SummaryWork, WeeklySummary,
};

/// Lists are no longer than this: mail programs cut letters above some 100 kB.
const MOST_LINES: usize = 25;
/// Bookings of one case.
const MOST_BOOKINGS: usize = 12;
/// The height of the highest bar of the trend.
const HIGHEST_BAR: i64 = 56;
/// Length of a strip where no contract tells it.
const USUAL_STRIP_MINUTES: i64 = 15;

/// The first lines of a list, and how many are left out.
fn cut<T, U>(list: &[T], most: usize, print: impl FnMut(&T) -> U) -> (Vec<U>, usize) {
    (list.iter().take(most).map(print).collect(), list.len().saturating_sub(most))
}

/// A share in whole percents: something is never nothing, and not all is never all.
pub(super) fn percent(part: i64, whole: i64) -> i64 {
    if part <= 0 || whole <= 0 {
        return 0;
    }
    if part >= whole {
        return 100;
    }
    (part * 100 / whole).clamp(1, 99)
}

/// The letter of a client's week.
#[must_use]
pub fn weekly_words(week: &ClientWeek, directory: &Directory) -> WeeklySummary {
    let (held, more_held) = cut(&week.held, MOST_LINES, |line| request(line, None));
    let (open, more_open) = cut(&week.open, MOST_LINES, |case| open_case(case, directory));
    let (opened, more_opened) = cut(&week.opened, MOST_LINES, case_line);
    let (resolved, more_resolved) = cut(&week.resolved, MOST_LINES, case_line);
    WeeklySummary {
        client_name: week.client_name.clone(),
        is_best_effort: week.plan == Plan::Basic,
        is_quiet: week.is_quiet(),
        week_number: week.week.number(),
        from_on: week.from,
        through_on: week.through,
        stated_at: week.as_of,
        opened_count: week.opened.len(),
        resolved_count: week.resolved.len(),
        open_count: week.open.len(),
        held_count: week.held.len(),
        worked_tally: week.booked.real_minutes,
        held,
        more_held,
        open,
        more_open,
        opened,
        more_opened,
        resolved,
        more_resolved,
        targets: week.targets.as_deref().unwrap_or_default().iter().map(target).collect(),
        work: work(week, directory),
        card: week.card.as_ref().map(|_| cards(week)),
        trend: if week.is_quiet() { Vec::new() } else { trend(&week.trend) },
    }
}

fn name(directory: &Directory, key: &PersonKey) -> String {
    directory.name_of(key).unwrap_or(key.as_str()).to_owned()
}

fn names(directory: &Directory, keys: &[PersonKey]) -> Option<String> {
    let names: Vec<String> = keys.iter().map(|key| name(directory, key)).collect();
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

fn client_name(directory: &Directory, code: &ClientCode) -> String {
    directory.client(code).map_or(code.as_str(), |client| client.name.as_str()).to_owned()
}

/// The key by which the words of each language know a clock.
fn clock_key(clock: Clock) -> String {
    match clock {
        Clock::FirstResponse => "first-response",
        Clock::NextResponse => "next-response",
        Clock::Resolution => "resolution",
    }
    .to_owned()
}

fn request(line: &HeldLine, client_name: Option<String>) -> SummaryRequest {
    SummaryRequest {
        reference: line.reference.to_string(),
        subject: line.subject.clone(),
        reporter: line.reporter.clone(),
        client_name,
        waiting_age: line.age_days,
    }
}

fn case_line(line: &CaseLine) -> SummaryCase {
    SummaryCase {
        number: line.number.to_string(),
        subject: line.subject.clone(),
        state: line.state.as_str().to_owned(),
        open_age: 0,
        is_with_client: false,
        is_with_supplier: false,
        wait_on: None,
        expert: None,
        deadline: None,
        late: None,
        opened_at: line.opened_at,
        resolved_at: line.resolved_at,
    }
}

fn open_case(case: &OpenCase, directory: &Directory) -> SummaryCase {
    let zone = directory.client(&case.line.number.client).map(|client| client.time_zone.time_zone());
    let late = |deadline: &Deadline| SummaryLate { target: clock_key(deadline.clock), missed_at: deadline.due };
    SummaryCase {
        open_age: case.age_days,
        is_with_client: case.waits_for == WaitsFor::Client,
        is_with_supplier: case.waits_for == WaitsFor::Supplier,
        wait_on: case.waits_until.zip(zone).map(|(at, zone)| zone.to_datetime(at).date()),
        expert: names(directory, &case.experts),
        deadline: case
            .deadline
            .map(|deadline| SummaryDeadline { target: clock_key(deadline.clock), promised_due: deadline.due }),
        late: case.overdue.first().map(late),
        ..case_line(&case.line)
    }
}

fn target(count: &TargetCount) -> SummaryTarget {
    let judged = count.met + count.missed;
    SummaryTarget {
        target: clock_key(count.clock),
        met: count.met,
        judged,
        reclassified: count.reclassified,
        met_percent: percent(count.met, judged),
        missed_percent: if judged == 0 { 0 } else { 100 - percent(count.met, judged) },
    }
}

fn booking(line: &BookedLine, directory: &Directory, has_case: bool) -> SummaryBooking {
    SummaryBooking {
        date: line.work_date,
        case_number: line.case.as_ref().filter(|_| has_case).map(ToString::to_string),
        expert: name(directory, &line.expert),
        text: line.text.clone(),
        real_tally: line.real_minutes,
        charged_tally: line.charged_minutes,
    }
}

fn work(week: &ClientWeek, directory: &Directory) -> Option<SummaryWork> {
    let booked = &week.booked;
    if booked.by_case.is_empty() && booked.late.is_empty() {
        return None;
    }
    let length = |case: &CaseMinutes| if week.is_charged { case.charged_minutes } else { case.real_minutes };
    let longest = booked.by_case.iter().map(length).max().unwrap_or(0);
    let (cases, more_cases) = cut(&booked.by_case, MOST_LINES, |case| {
        let (bookings, more_bookings) = cut(&case.lines, MOST_BOOKINGS, |line| booking(line, directory, false));
        let bar_percent = percent(length(case), longest);
        SummaryCaseWork {
            case_number: case.case.as_ref().map(ToString::to_string),
            title: case.subject.clone(),
            real_tally: case.real_minutes,
            charged_tally: case.charged_minutes,
            bar_percent,
            rest_percent: 100 - bar_percent,
            bookings,
            more_bookings,
        }
    });
    Some(SummaryWork {
        is_charged: week.is_charged,
        real_tally: booked.real_minutes,
        charged_tally: booked.charged_minutes,
        cases,
        more_cases,
        late: cut(&booked.late, MOST_LINES, |line| booking(line, directory, true)).0,
    })
}

fn cards(week: &ClientWeek) -> SummaryCards {
    let figures = week.card.as_ref();
    let strip_minutes = figures.map_or(USUAL_STRIP_MINUTES, |card| card.strip_minutes.max(1));
    let each = figures.into_iter().flat_map(|card| &card.cards);
    SummaryCards {
        balance: Balance {
            left_minutes: figures.map_or(0, |card| card.left_minutes),
            strip_minutes,
            overdraft_minutes: figures.map_or(0, |card| card.overdraft_minutes),
        },
        is_used_up: figures.is_none_or(|card| card.left_minutes == 0),
        bought_strips: figures.map_or(0, |card| card.bought_minutes) / strip_minutes,
        cards: each
            .map(|card| {
                let left_percent = percent(card.left_minutes, card.bought_minutes);
                SummaryCard {
                    number: card.number.clone(),
                    left_minutes: card.left_minutes,
                    strip_minutes,
                    bought_strips: card.bought_minutes / strip_minutes,
                    left_percent,
                    used_percent: 100 - left_percent,
                    valid_through_on: card.valid_through,
                }
            })
            .collect(),
        run_out_on: figures.and_then(|card| card.run_out_on),
        outlasts_on: figures.and_then(|card| card.outlasts_on),
        since_tally: figures.map(|card| card.booked_since_minutes).filter(|minutes| *minutes != 0),
    }
}

fn trend(weeks: &[WeekCount]) -> Vec<SummaryWeek> {
    let highest = weeks.iter().flat_map(|week| [week.opened, week.resolved]).max().unwrap_or(0);
    let pixels = |count: i64| if count == 0 { 0 } else { (count * HIGHEST_BAR / highest.max(1)).max(2) };
    weeks
        .iter()
        .map(|week| SummaryWeek {
            number: week.week.number(),
            opened: week.opened,
            resolved: week.resolved,
            opened_pixels: pixels(week.opened),
            resolved_pixels: pixels(week.resolved),
        })
        .collect()
}

/// The letter of the desk's week.
#[must_use]
pub fn desk_words(week: &DeskWeek, directory: &Directory) -> DeskSummary {
    let (breaches, more_breaches) = cut(&week.breaches, MOST_LINES, |breach| breach_line(breach, directory));
    let (clients, more_clients) = cut(&week.clients, MOST_LINES * 2, client_line);
    let of_client = |code: &ClientCode| Some(client_name(directory, code));
    let (held, more_held) = cut(&week.held, MOST_LINES, |held| request(&held.line, of_client(&held.client)));
    let (parked, more_parked) = cut(&week.parked, MOST_LINES, |parked| SummaryParked {
        number: parked.number.as_ref().map(ToString::to_string),
        subject: parked.subject.clone(),
        expert: name(directory, &parked.expert),
        parked_at: parked.parked_at,
    });
    let (waiting, _) = cut(&week.waiting, MOST_LINES, |mail| SummaryMail {
        message_no: mail.message_no,
        is_challenged: mail.outcome == "challenged",
        sender: mail.sender.clone().unwrap_or_default(),
        subject: mail.subject.clone(),
        received_at: mail.received_at,
    });
    DeskSummary {
        week_number: week.week.number(),
        from_on: week.from,
        through_on: week.through,
        stated_at: week.as_of,
        opened_count: week.opened,
        resolved_count: week.resolved,
        open_count: week.open,
        breach_count: week.breaches.len(),
        held_count: week.held.len(),
        breaches,
        more_breaches,
        clients,
        more_clients,
        quiet_count: week.quiet_clients,
        targets: week.targets.iter().map(target).collect(),
        held,
        more_held,
        cards: week.clients.iter().filter(|row| row.is_card_short).take(MOST_LINES).map(short_card).collect(),
        experts: experts(&week.experts, directory),
        parked,
        more_parked,
        more_waiting: week.waiting_in_all - i64::try_from(waiting.len()).unwrap_or(0),
        waiting,
        undelivered: cut(&week.undelivered, MOST_LINES, |lost| SummaryUndelivered {
            address: lost.address.clone(),
            letters: lost.letters,
            answer: lost.answer.clone(),
        })
        .0,
        mailboxes: cut(&week.mailboxes, MOST_LINES, |mailbox| SummaryMailbox {
            folder: mailbox.folder.clone(),
            fetched_at: mailbox.fetched_at,
        })
        .0,
        letters_queued: week.letters.queued,
        letters_oldest_at: week.letters.oldest_at,
        letters_held: week.letters.held,
        trend: trend(&week.trend),
    }
}

fn breach_line(breach: &Breach, directory: &Directory) -> SummaryBreach {
    SummaryBreach {
        number: breach.number.to_string(),
        subject: breach.subject.clone(),
        client_name: client_name(directory, &breach.client),
        target: clock_key(breach.clock),
        missed_at: breach.missed_at,
        done_at: breach.done_at,
        expert: names(directory, &breach.experts),
    }
}

fn client_line(row: &ClientRow) -> SummaryClient {
    SummaryClient {
        client_name: row.client_name.clone(),
        opened: row.opened,
        resolved: row.resolved,
        open: row.open,
        overdue: row.overdue,
        met: row.met,
        judged: row.met + row.missed,
        reclassified: row.reclassified,
        real_tally: row.real_minutes,
    }
}

fn short_card(row: &ClientRow) -> SummaryShortCard {
    SummaryShortCard {
        client_name: row.client_name.clone(),
        balance: Balance {
            left_minutes: row.left_minutes.unwrap_or(0),
            strip_minutes: row.strip_minutes,
            overdraft_minutes: row.overdraft_minutes,
        },
        run_out_on: row.run_out_on,
        ends_on: row.ends_on,
    }
}

fn experts(hours: &[ExpertHours], directory: &Directory) -> Vec<SummaryExpert> {
    let longest = hours.iter().map(|hours| hours.real_minutes).max().unwrap_or(0);
    hours
        .iter()
        .map(|hours| {
            let bar_percent = percent(hours.real_minutes, longest);
            SummaryExpert {
                expert: name(directory, &hours.expert),
                real_tally: hours.real_minutes,
                charged_tally: hours.charged_minutes,
                cases: hours.cases,
                bar_percent,
                rest_percent: 100 - bar_percent,
            }
        })
        .collect()
}
