//! A client's week from facts that stand here in a line each.

use std::collections::HashMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::case::{Kind, Priority, RequestReference, Status};
use crate::domain::clock::{Clock, Run};
use crate::domain::directory::{Client, Contract, Directory, parse_directory};
use crate::domain::names::PersonKey;
use crate::domain::strip_card::{BookingKey, Entry, EntryKind};

const DESK: &str = include_str!("../../cli/demo/desk.toml");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn declared(place: usize) -> (Client, Contract) {
    let declared = parse_directory(DESK, "desk.toml").unwrap();
    (declared.clients[place].clone(), declared.contracts[place].clone())
}

fn facts<'a>(client: &'a Client, contract: &'a Contract) -> ClientFacts<'a> {
    ClientFacts {
        client,
        contract,
        cases: Vec::new(),
        experts: HashMap::new(),
        held: Vec::new(),
        judged: Vec::new(),
        running: Vec::new(),
        ledger: Vec::new(),
        subjects: HashMap::new(),
        told_through: None,
    }
}

/// Week 17 of 2026 in Amsterdam, looked at on the Monday after it.
fn period() -> Period {
    let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
    Period { week: "2026-W17".parse().unwrap(), zone, as_of: at("2026-04-27T05:00:00Z") }
}

fn case(case_no: i64, status: Status, opened: &str, resolved: Option<&str>) -> KnownCase {
    KnownCase {
        case_no,
        number: format!("NWK-2026-{case_no:04}").parse().unwrap(),
        subject: format!("case {case_no}"),
        status,
        kind: Kind::Support,
        priority: Priority::Normal,
        opened_at: at(opened),
        resolved_at: resolved.map(at),
        wait_due: None,
    }
}

fn line(entry_no: i64, booked: &str, key: &str, kind: EntryKind, (real, charged): (i64, i64)) -> LedgerFact {
    let booking = BookingKey { expert: PersonKey::new("joost").unwrap(), message_id: key.into(), ordinal: 1 };
    let has_work = !matches!(kind, EntryKind::Purchase | EntryKind::Expiry);
    let entry = Entry {
        kind,
        card: None,
        valid_through: None,
        work_date: "2026-04-20".parse().unwrap(),
        real_minutes: real,
        charged_minutes: charged,
        case: Some("NWK-2026-0001".parse().unwrap()),
        booking: has_work.then(|| booking.clone()),
        charge: has_work.then_some(booking),
        text: String::new(),
    };
    LedgerFact { entry_no, booked_at: at(booked), booking_key: key.into(), entry }
}

#[test]
fn a_week_counts_what_came_and_went_in_it_on_the_clients_clock() {
    let (client, contract) = declared(1);
    let mut facts = facts(&client, &contract);
    facts.cases = vec![
        case(1, Status::Open, "2026-04-19T21:59:59Z", None),
        case(2, Status::Open, "2026-04-19T22:00:00Z", None),
        case(3, Status::Closed, "2026-04-10T08:00:00Z", Some("2026-04-26T21:59:59Z")),
        case(4, Status::Resolved, "2026-04-10T08:00:00Z", Some("2026-04-26T22:00:00Z")),
        // Opened again: what it was once called does not count.
        case(5, Status::Open, "2026-04-10T08:00:00Z", Some("2026-04-22T08:00:00Z")),
        case(6, Status::Merged, "2026-04-22T08:00:00Z", None),
    ];
    let week = client_week(&facts, &period());
    let numbers = |lines: &[CaseLine]| lines.iter().map(|line| line.number.counter).collect::<Vec<_>>();
    assert_eq!((numbers(&week.opened), numbers(&week.resolved)), (vec![2], vec![3]));
    assert_eq!(week.open.iter().map(|case| case.line.number.counter).collect::<Vec<_>>(), [5, 1, 2]);
    assert_eq!(week.open.iter().map(|case| case.age_days).collect::<Vec<_>>(), [17, 8, 7]);
    let last = week.trend[11];
    assert_eq!((week.trend.len(), last.week.to_string(), last.opened, last.resolved), (12, "2026-W17".into(), 1, 1));
    assert!(!week.is_quiet());
}

#[test]
fn open_cases_stand_in_the_order_in_which_they_press() {
    let (client, contract) = declared(1);
    let mut facts = facts(&client, &contract);
    let opened = "2026-04-20T08:00:00Z";
    facts.cases = (1..=4).map(|no| case(no, Status::Open, opened, None)).collect();
    facts.cases[3].status = Status::WaitingClient;
    let run = |case_no: i64, due: &str| CaseRun {
        case_no,
        run: Run { due: Some(at(due)), ..Run::starting(Clock::Resolution, 1, at(opened)) },
    };
    facts.running =
        vec![run(1, "2026-04-29T10:00:00Z"), run(2, "2026-04-28T10:00:00Z"), run(3, "2026-04-24T10:00:00Z")];
    let week = client_week(&facts, &period());
    let order: Vec<(u32, usize)> =
        week.open.iter().map(|case| (case.line.number.counter, case.overdue.len())).collect();
    assert_eq!(order, [(3, 1), (2, 0), (1, 0), (4, 0)]);
    assert_eq!((week.open[3].waits_for, week.open[3].deadline), (WaitsFor::Client, None));
    assert_eq!((week.breaches(), breaches(&facts, &period()).len()), ((1, 1), 1));
}

#[test]
fn a_basic_client_is_told_of_no_promise() {
    let (client, contract) = declared(0);
    let mut facts = facts(&client, &contract);
    facts.cases = vec![case(1, Status::Open, "2026-04-20T08:00:00Z", None)];
    let run = Run {
        due: Some(at("2026-04-24T10:00:00Z")),
        ..Run::starting(Clock::FirstResponse, 1, at("2026-04-20T08:00:00Z"))
    };
    facts.running = vec![CaseRun { case_no: 1, run }];
    let week = client_week(&facts, &period());
    assert_eq!((week.targets, week.open[0].deadline, week.open[0].overdue.len()), (None, None, 0));
    assert!(breaches(&facts, &period()).is_empty());
}

#[test]
fn one_booking_is_one_line_whatever_pots_bear_it_and_late_ones_stand_apart() {
    let ledger = vec![
        line(1, "2026-04-01T08:00:00Z", "bought", EntryKind::Purchase, (0, 300)),
        line(2, "2026-04-21T08:00:00Z", "a", EntryKind::Deduction, (85, -60)),
        line(3, "2026-04-21T08:00:00Z", "a", EntryKind::Overdraft, (0, -30)),
        line(4, "2026-04-22T08:00:00Z", "b", EntryKind::Deduction, (10, -15)),
        line(5, "2026-04-26T22:00:00Z", "c", EntryKind::Deduction, (50, -60)),
        line(6, "2026-04-17T08:00:00Z", "d", EntryKind::Deduction, (20, -30)),
        line(7, "2026-04-22T08:00:00Z", "e", EntryKind::Expiry, (0, -10)),
    ];
    let told = booked(&ledger, &period(), Some(5), |_| None);
    assert_eq!((told.real_minutes, told.charged_minutes, told.by_case.len()), (95, 105, 1));
    let lines: Vec<(i64, i64)> =
        told.by_case[0].lines.iter().map(|line| (line.real_minutes, line.charged_minutes)).collect();
    assert_eq!(lines, [(85, 90), (10, 15)]);
    assert_eq!(told.late.iter().map(|line| line.real_minutes).collect::<Vec<_>>(), [20]);
    assert!(booked(&ledger, &period(), None, |_| None).late.is_empty(), "the first summary knows of no other");
}

#[test]
fn only_a_week_without_anything_is_quiet() {
    let (client, contract) = declared(0);
    let quiet = facts(&client, &contract);
    let is_quiet = |facts: &ClientFacts<'_>| client_week(facts, &period()).is_quiet();
    assert!(is_quiet(&quiet));
    let reference = RequestReference(1);
    let (subject, reporter) = (String::new(), String::new());
    let held = HeldRequest { reference, subject, reporter, received_at: at("2026-03-01T08:00:00Z") };
    assert!(!is_quiet(&ClientFacts { held: vec![held], ..quiet.clone() }));
    let old = case(1, Status::WaitingSupplier, "2026-01-05T08:00:00Z", None);
    assert!(!is_quiet(&ClientFacts { cases: vec![old], ..quiet.clone() }));
    let bought = line(1, "2026-04-22T08:00:00Z", "bought", EntryKind::Purchase, (0, 300));
    assert!(is_quiet(&ClientFacts { ledger: vec![bought], ..quiet.clone() }));
    let worked = line(1, "2026-04-22T08:00:00Z", "a", EntryKind::ChargeToContract, (5, 0));
    assert!(!is_quiet(&ClientFacts { ledger: vec![worked], ..quiet }));
}

#[test]
fn long_lists_are_cut_and_shares_are_never_quite_all_or_nothing() {
    let (client, contract) = declared(1);
    let mut facts = facts(&client, &contract);
    facts.cases = (1..=30).map(|no| case(no, Status::Open, "2026-04-21T08:00:00Z", None)).collect();
    let directory = Directory::empty(period().zone);
    let words = weekly_words(&client_week(&facts, &period()), &directory);
    assert_eq!((words.open.len(), words.more_open, words.open_count), (25, 5, 30));
    assert_eq!((words.trend[11].opened_pixels, words.trend[11].resolved_pixels), (56, 0));
    for (part, whole, expected) in
        [(0, 300, 0), (1, 300, 1), (150, 300, 50), (299, 300, 99), (300, 300, 100), (3, 0, 0)]
    {
        assert_eq!(words::percent(part, whole), expected, "{part} of {whole}");
    }
}

proptest! {
    #[test]
    fn the_sums_of_all_weeks_are_the_sum_of_the_ledger(
        bookings in prop::collection::vec((0_i64..70 * 86_400, 1_i64..600, 1_i64..600), 0..40),
    ) {
        let first = at("2026-03-01T23:00:00Z").as_second();
        let ledger: Vec<LedgerFact> = (1..).zip(&bookings).map(|(no, (seconds, real, charged))| {
            let booked = Timestamp::from_second(first + seconds).unwrap().to_string();
            line(no, &booked, &no.to_string(), EntryKind::Deduction, (*real, -charged))
        }).collect();
        let sums = (10..=21).map(|week| {
            let week = format!("2026-W{week}").parse().unwrap();
            let told = booked(&ledger, &Period { week, ..period() }, None, |_| None);
            (told.real_minutes, told.charged_minutes)
        });
        let sums = sums.fold((0, 0), |sum, week| (sum.0 + week.0, sum.1 + week.1));
        let all = bookings.iter().fold((0, 0), |sum, (_, real, charged)| (sum.0 + real, sum.1 + charged));
        prop_assert_eq!(sums, all);
    }
}
