use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::*;
use crate::domain::calendar::CalendarDeclaration;
use crate::domain::case::Kind;
use crate::domain::change::ChangeKind;
use crate::domain::directory::Pause as PausesOn;

const PAUSES: [PausesOn; 1] = [PausesOn::WaitingClient];

fn office() -> ServiceCalendar {
    let toml = r#"
        key = "office"
        time_zone = "Europe/Amsterdam"
        holidays = "nl"
        [hours]
        mon = ["09:00-17:00"]
        tue = ["09:00-17:00"]
        wed = ["09:00-17:00"]
        thu = ["09:00-17:00"]
        fri = ["09:00-17:00"]
    "#;
    ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(toml).unwrap()).unwrap()
}

fn at(local: &str) -> Timestamp {
    let wall: DateTime = format!("2026-04-{local}").parse().unwrap();
    office().time_zone().to_timestamp(wall).unwrap()
}

fn targets() -> Targets {
    let of = |first, next, resolution| PriorityTargets {
        first_response: Some(Allowance::Minutes(first)),
        next_response: Some(Allowance::Minutes(next)),
        resolution: Some(Allowance::Minutes(resolution)),
    };
    Targets { high: of(120, 60, 240), normal: of(240, 120, 480), ..Targets::default() }
}

fn check_moment(allowance: Allowance, start: &str, pauses: &[Pause], expected: Option<&str>) {
    assert_eq!(deadline(allowance, at(start), pauses, &office()).map(|moments| moments.due), expected.map(at));
}

#[test]
fn moments_of_an_allowance() {
    check_moment(Allowance::Minutes(240), "24T16:00", &[], Some("28T12:00"));
    let pause = Pause { from: at("17T16:00"), to: Some(at("20T10:00")) };
    check_moment(Allowance::Minutes(480), "17T10:00", &[pause], Some("20T12:00"));
    let lasting = Pause { to: None, ..pause };
    check_moment(Allowance::Minutes(480), "17T10:00", &[lasting], None);
    check_moment(Allowance::Minutes(300), "17T10:00", &[lasting], Some("17T15:00"));
    check_moment(Allowance::WorkingDays(1), "24T20:00", &[], Some("28T17:00"));
    let found = deadline(Allowance::Minutes(480), at("17T10:00"), &[], &office()).unwrap();
    assert_eq!((found.half_used_at, found.nearly_used_at), (at("17T14:00"), at("17T16:24")));
    // An hour on Friday, the rest on Tuesday: the warnings go along over weekend and holiday.
    let found = deadline(Allowance::Minutes(240), at("24T16:00"), &[], &office()).unwrap();
    assert_eq!((found.half_used_at, found.nearly_used_at), (at("28T10:00"), at("28T11:12")));
    assert_eq!(reopens_until(at("20T10:00"), &office()), at("28T17:00"));
}

fn counted(events: &[ClockEvent]) -> Count {
    let office = office();
    let terms = |_| Some(Terms { targets: targets(), calendars: [&office; 4], service: &office, pause_on: &PAUSES });
    count(events, &terms)
}

fn opened(local: &str) -> ClockEvent {
    ClockEvent::new(
        at(local),
        "first",
        What::Opened { by: Opener::Client, priority: Priority::Normal, kind: Kind::Support },
    )
}

/// Events as `21T11:00 answered`, behind an opening on Tuesday the 21st at 10:00. Each has its text as its cause.
fn events(told: &[&str]) -> Vec<ClockEvent> {
    let mut all = vec![opened("21T10:00")];
    all.extend(told.iter().map(|line| {
        let (moment, what) = line.split_once(' ').unwrap();
        let what = match what {
            "wrote" => What::ClientWrote { received_at: None },
            "answered" => What::Answered,
            "waits" => What::Waits { on: PausesOn::WaitingClient },
            "supplier" => What::Waits { on: PausesOn::WaitingSupplier },
            "went on" => What::WentOn,
            "resolved" => What::Resolved,
            "reopened" => What::Reopened,
            "closed" => What::Closed,
            "high" => What::Priority { to: Priority::High },
            "low" => What::Priority { to: Priority::Low },
            "merged" => What::Merged { into: 7 },
            undone => {
                let cause = undone.strip_prefix("undone ").unwrap().to_owned();
                let change = if cause.ends_with("high") { ChangeKind::Priority } else { ChangeKind::Resolved };
                What::Undone { cause, change }
            }
        };
        ClockEvent::new(at(moment), line, what)
    }));
    all
}

fn line(run: &Run) -> String {
    let short = |at: Timestamp| at.to_zoned_datetime(office().time_zone().clone()).strftime("%d %H:%M").to_string();
    let mut line = format!("{} {}", run.clock.as_str(), run.generation);
    line.push_str(&run.due.map_or_else(|| " –".to_owned(), |due| format!(" {}", short(due))));
    for (what, at) in
        [("met", run.met_at), ("missed", run.missed_at), ("apart", run.reclassified_at), ("ended", run.ended_at)]
    {
        line.push_str(&at.map_or_else(String::new, |at| format!(" {what} {}", short(at))));
    }
    line
}

#[track_caller]
fn check(told: &[&str], expected: &[&str]) {
    let count = counted(&events(told));
    let lines: Vec<String> = count.runs.iter().map(line).collect();
    assert_eq!(lines, expected, "{told:?}");
    assert_eq!(count.runs.len(), count.priorities.len());
}

#[test]
fn what_happens_makes_the_runs() {
    check(&[], &["response 1 21 14:00", "resolution 1 22 10:00"]);
    check(&["21T11:00 answered"], &["response 1 21 14:00 met 21 11:00", "resolution 1 22 10:00"]);
    check(&["21T15:00 answered"], &["response 1 21 14:00 met 21 15:00 missed 21 14:00", "resolution 1 22 10:00"]);
    check(&["21T11:00 waits"], &["response 1 21 14:00", "resolution 1 –"]);
    check(&["21T11:00 supplier"], &["response 1 21 14:00", "resolution 1 22 10:00"]);
    check(
        &["21T11:00 waits", "21T12:00 supplier", "21T13:00 resolved"],
        &["response 1 21 14:00", "resolution 1 22 11:00 met 21 13:00"],
    );
    check(&["21T11:00 low"], &["response 1 21 14:00 ended 21 11:00", "resolution 1 22 10:00 ended 21 11:00"]);
    check(&["21T11:00 merged"], &["response 1 21 14:00 ended 21 11:00", "resolution 1 22 10:00 ended 21 11:00"]);
}

#[test]
fn the_order_of_writing_down_does_not_count() {
    let told = ["21T11:00 answered", "21T12:00 wrote", "21T13:00 waits", "21T15:30 wrote", "21T15:30 went on"];
    let all = events(&told);
    let mut later = all.clone();
    later.swap(2, 4);
    assert_eq!(counted(&all).runs, counted(&later).runs);
}

#[test]
fn a_missed_promise_is_not_made_again() {
    check(
        &["23T12:00 answered", "23T12:00 resolved", "23T13:00 reopened"],
        &["response 1 21 14:00 met 23 12:00 missed 21 14:00", "resolution 1 22 10:00 met 23 12:00 missed 22 10:00"],
    );
    // What was judged by one priority stays so by another.
    check(
        &["21T15:00 high", "21T15:30 undone 21T15:00 high"],
        &["response 1 21 14:00 missed 21 14:00", "resolution 1 22 10:00"],
    );
}

#[test]
fn what_is_taken_back_never_was() {
    check(&["21T11:00 high", "21T12:30 undone 21T11:00 high"], &["response 1 21 14:00", "resolution 1 22 10:00"]);
    check(
        &["21T11:00 answered", "21T12:00 resolved", "21T16:00 undone 21T12:00 resolved"],
        &["response 1 21 14:00 met 21 11:00", "resolution 1 22 10:00"],
    );
}

#[test]
fn a_promise_that_a_change_moved_into_the_past_is_counted_apart() {
    check(&["21T12:30 high"], &["response 1 21 12:00 apart 21 12:30", "resolution 1 21 14:00"]);
    check(
        &["21T12:30 high", "21T13:00 answered"],
        &["response 1 21 12:00 met 21 13:00 apart 21 12:30", "resolution 1 21 14:00"],
    );
}

fn ripe_at(told: &[&str], until: &str, now: &str) -> Vec<Option<Telling>> {
    let office = office();
    let terms = |_| Some(Terms { targets: targets(), calendars: [&office; 4], service: &office, pause_on: &PAUSES });
    let count = count(&events(told), &terms);
    ripe(&count, &terms, at(until), at(now)).iter().map(|ripe| ripe.telling).collect()
}

#[test]
fn the_strongest_is_told_and_only_in_hours() {
    assert_eq!(ripe_at(&[], "21T11:59", "21T11:59"), []);
    assert_eq!(ripe_at(&[], "21T12:00", "21T12:00"), [Some(Telling::Half)]);
    assert_eq!(ripe_at(&[], "21T13:30", "21T13:30"), [Some(Telling::Nearly)]);
    assert_eq!(ripe_at(&[], "21T14:00", "21T14:00"), [Some(Telling::Nearly), Some(Telling::Half)]);
    assert_eq!(ripe_at(&[], "21T14:01", "21T14:01"), [Some(Telling::Missed), Some(Telling::Half)]);
    // Known by night: written down, not told.
    assert_eq!(ripe_at(&[], "21T14:01", "21T20:00"), [None]);
    // The mailbox was read up to noon only.
    assert_eq!(ripe_at(&[], "21T12:00", "21T16:00"), [Some(Telling::Half)]);
    assert_eq!(ripe_at(&["21T11:00 answered", "21T11:00 waits"], "24T12:00", "24T12:00"), []);
}

/// Waits and goings-on by minutes after the start.
fn waiting() -> impl Strategy<Value = Vec<(i64, bool)>> {
    proptest::collection::vec((0..20_000_i64, any::<bool>()), 0..12)
}

proptest! {
    /// However often it waited: the service time that ran until the promised moment is what was allowed.
    #[test]
    fn what_ran_until_the_promised_moment_is_what_was_allowed(moves in waiting()) {
        let start = at("21T10:00");
        let mut all = vec![opened("21T10:00")];
        let mut moves = moves;
        moves.sort_unstable();
        for (minutes, waits) in moves {
            let what = if waits { What::Waits { on: PausesOn::WaitingClient } } else { What::WentOn };
            all.push(ClockEvent::new(start + SignedDuration::from_mins(minutes), "mail", what));
        }
        let count = counted(&all);
        let run = count.runs.iter().find(|run| run.clock == Clock::Resolution).unwrap();
        if let Some(due) = run.due {
            let office = office();
            let stood: Duration = count
                .stops
                .iter()
                .map(|stop| office.elapsed(stop.from, stop.to.unwrap_or(due).min(due)))
                .sum();
            prop_assert_eq!(office.elapsed(start, due), Duration::from_secs(480 * 60) + stood);
        } else {
            prop_assert!(count.stops.last().is_some_and(|stop| stop.to.is_none()));
        }
    }

    /// What was told once is never ripe again, whatever the moments of the ticks.
    #[test]
    fn each_thing_is_told_once(mut ticks in proptest::collection::vec(0..6_000_i64, 1..40)) {
        let office = office();
        let terms = |_| {
            Some(Terms { targets: targets(), calendars: [&office; 4], service: &office, pause_on: &PAUSES })
        };
        ticks.sort_unstable();
        let mut all = vec![opened("21T10:00")];
        let mut told = Vec::new();
        for minutes in ticks {
            let now = at("21T10:00") + SignedDuration::from_mins(minutes);
            let counted = count(&all, &terms);
            for ripe in ripe(&counted, &terms, now, now) {
                let run = &counted.runs[ripe.place];
                let Some(telling) = ripe.telling else { continue };
                prop_assert!(office.is_open(now));
                prop_assert!(!told.contains(&(run.clock, telling)));
                told.push((run.clock, telling));
                let what = What::Told { clock: run.clock, generation: run.generation, telling };
                all.push(ClockEvent::new(now, "tick", what));
            }
        }
    }

    /// Where the tick looks next is never later than the next thing that is to be told.
    #[test]
    fn the_next_look_misses_nothing(minutes in 0..6_000_i64) {
        let office = office();
        let terms = |_| {
            Some(Terms { targets: targets(), calendars: [&office; 4], service: &office, pause_on: &PAUSES })
        };
        let counted = count(&[opened("21T10:00")], &terms);
        let now = at("21T10:00") + SignedDuration::from_mins(minutes);
        for ripe in ripe(&counted, &terms, now, now) {
            prop_assert!(counted.runs[ripe.place].tick_due.is_some_and(|due| due <= now));
        }
    }
}
