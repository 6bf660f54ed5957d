//! Why a deadline lies where it does, in lines for a person of the desk.

use jiff::tz::TimeZone;

use crate::cli::output::{self, time};
use crate::domain::clock::{Allowance, Clock, ClockEvent, Explained, Stretch, Telling, What};

/// The runs of a case, each with what made its moment.
pub fn lines(runs: &[Explained], zone: &TimeZone) -> String {
    let told: Vec<String> = runs.iter().map(|run| of_run(run, zone).join("\n")).collect();
    told.join("\n")
}

fn of_run(explained: &Explained, zone: &TimeZone) -> Vec<String> {
    let run = &explained.run;
    let which = if run.generation > 1 { format!(" ({})", run.generation) } else { String::new() };
    let mut lines = vec![format!("{}{which}: {}", name(run.clock), outcome(explained, zone))];
    let calendar = explained.calendar.as_ref().map_or("no calendar", |key| key.as_str());
    let outside = if explained.is_outside_hours { ", outside of its hours" } else { "" };
    lines.push(format!(
        "  {} of \"{calendar}\" at {} priority, counted from {}{outside}",
        explained.allowance.map_or_else(|| "nothing promised".to_owned(), allowance),
        explained.priority,
        time(explained.counted_from, zone),
    ));
    if run.started_at != explained.counted_from {
        lines.push(format!("  went on {} with what was used before", time(run.started_at, zone)));
    }
    lines.extend(explained.pauses.iter().map(|stretch| pause(stretch, zone)));
    lines.extend(explained.closed_days.iter().map(|closed| format!("  closed on {}: {}", closed.day, closed.why)));
    lines.extend(explained.changes.iter().map(|event| change(event, zone)));
    lines
        .extend(explained.told.iter().map(|told| format!("  told {}: {}", time(told.at, zone), telling(told.telling))));
    lines
}

fn name(clock: Clock) -> &'static str {
    match clock {
        Clock::FirstResponse => "First response",
        Clock::NextResponse => "Next response",
        Clock::Resolution => "Resolution",
    }
}

fn outcome(explained: &Explained, zone: &TimeZone) -> String {
    let run = &explained.run;
    let due = run.due.map_or_else(|| "stands still".to_owned(), |due| format!("due {}", time(due, zone)));
    let mut words = vec![due];
    words.extend(run.met_at.map(|at| format!("done {}", time(at, zone))));
    words.extend(run.missed_at.map(|_| "missed".to_owned()));
    words.extend(run.reclassified_at.map(|at| format!("reclassified {}, counted apart", time(at, zone))));
    words.extend(run.ended_at.map(|at| format!("no longer promised since {}", time(at, zone))));
    words.join(", ")
}

fn allowance(allowance: Allowance) -> String {
    match allowance {
        Allowance::Minutes(minutes) => output::minutes(i64::from(minutes)),
        Allowance::WorkingDays(1) => "1 working day".to_owned(),
        Allowance::WorkingDays(days) => format!("{days} working days"),
    }
}

fn pause(stretch: &Stretch, zone: &TimeZone) -> String {
    let to = stretch.to.map_or_else(|| "now".to_owned(), |to| time(to, zone));
    let minutes = output::minutes(i64::try_from(stretch.service_seconds / 60).unwrap_or(i64::MAX));
    format!("  stood still {} to {to} ({minutes} of service time)", time(stretch.from, zone))
}

fn change(event: &ClockEvent, zone: &TimeZone) -> String {
    let what = match &event.what {
        What::Priority { to } => format!("the priority became {to}"),
        What::TookIn { .. } => "another case ended in this one".to_owned(),
        _ => "the contract or its calendar was changed".to_owned(),
    };
    format!("  {}: {what}", time(event.at, zone))
}

fn telling(telling: Telling) -> &'static str {
    match telling {
        Telling::Half => "half of the time is used",
        Telling::Nearly => "four fifths of the time are used",
        Telling::Reclassified => "missed only because of a change",
        Telling::Missed => "missed",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::DateTime;

    use super::*;
    use crate::domain::calendar::{CalendarDeclaration, ServiceCalendar};
    use crate::domain::case::{Kind, Priority};
    use crate::domain::clock::{Opener, PriorityTargets, Targets, Terms, explain};
    use crate::domain::directory::Pause;

    const OFFICE: &str = "key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\nholidays = \"nl\"\n[hours]\n\
        mon = [\"09:00-17:00\"]\ntue = [\"09:00-17:00\"]\nwed = [\"09:00-17:00\"]\nthu = [\"09:00-17:00\"]\n\
        fri = [\"09:00-17:00\"]";

    /// The explanation at noon on Thursday 30 April of what happened since; Monday the 27th is King's Day.
    fn told(events: &[(&str, What)]) -> String {
        let office = ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(OFFICE).unwrap()).unwrap();
        let at = |local: &str| -> Timestamp {
            let wall: DateTime = format!("2026-04-{local}").parse().unwrap();
            office.time_zone().to_timestamp(wall).unwrap()
        };
        let of = |first, next, resolution| PriorityTargets {
            first_response: Some(Allowance::Minutes(first)),
            next_response: Some(Allowance::Minutes(next)),
            resolution: Some(resolution),
        };
        let targets = Targets {
            normal: of(240, 120, Allowance::WorkingDays(2)),
            high: of(120, 60, Allowance::Minutes(240)),
            ..Targets::default()
        };
        let pause_on = [Pause::WaitingClient];
        let terms = |_| Some(Terms { targets, calendars: [&office; 4], service: &office, pause_on: &pause_on });
        let events: Vec<ClockEvent> =
            events.iter().map(|(local, what)| ClockEvent::new(at(local), local, what.clone())).collect();
        lines(&explain(&events, &terms, at("30T12:00")), office.time_zone())
    }

    fn opened() -> What {
        What::Opened { by: Opener::Client, priority: Priority::Normal, kind: Kind::Support }
    }

    #[test]
    fn a_deadline_is_explained_by_its_start_its_holidays_and_its_pauses() {
        let told = told(&[
            ("24T19:00", opened()),
            ("28T10:00", What::Answered),
            ("28T10:00", What::Waits { on: Pause::WaitingClient }),
            ("28T11:30", What::ClientWrote { received_at: None }),
            ("28T11:30", What::WentOn),
            ("28T12:30", What::Told { clock: Clock::NextResponse, generation: 1, telling: Telling::Half }),
        ]);
        assert_eq!(
            told,
            "First response: due 2026-04-28 13:00, done 2026-04-28 10:00\n  \
             4 h of \"office\" at normal priority, counted from 2026-04-24 19:00, outside of its hours\n  \
             closed on 2026-04-27: kings-day\n\
             Resolution: due 2026-04-30 10:30\n  \
             2 working days of \"office\" at normal priority, counted from 2026-04-24 19:00, outside of its hours\n  \
             stood still 2026-04-28 10:00 to 2026-04-28 11:30 (1 h 30 min of service time)\n  \
             closed on 2026-04-27: kings-day\n\
             Next response: due 2026-04-28 13:30\n  \
             2 h of \"office\" at normal priority, counted from 2026-04-28 11:30\n  \
             told 2026-04-28 12:30: half of the time is used"
        );
    }

    #[test]
    fn what_moved_a_deadline_and_what_it_had_used_before_is_told() {
        let told = told(&[
            ("28T09:00", opened()),
            ("28T10:00", What::Waits { on: Pause::WaitingClient }),
            ("28T12:30", What::Priority { to: Priority::High }),
            ("28T13:00", What::Answered),
            ("28T13:00", What::Resolved),
            ("29T09:00", What::Reopened),
            ("29T10:00", What::Waits { on: Pause::WaitingClient }),
        ]);
        assert_eq!(
            told,
            "First response: due 2026-04-28 11:00, done 2026-04-28 13:00, reclassified 2026-04-28 12:30, counted apart\n  \
             2 h of \"office\" at high priority, counted from 2026-04-28 09:00\n  \
             2026-04-28 12:30: the priority became high\n\
             Resolution: stands still, done 2026-04-28 13:00\n  \
             4 h of \"office\" at high priority, counted from 2026-04-28 09:00\n  \
             stood still 2026-04-28 10:00 to 2026-04-28 13:00 (3 h of service time)\n  \
             2026-04-28 12:30: the priority became high\n\
             Resolution (2): stands still\n  \
             4 h of \"office\" at high priority, counted from 2026-04-28 09:00\n  \
             went on 2026-04-29 09:00 with what was used before\n  \
             stood still 2026-04-28 10:00 to 2026-04-29 09:00 (7 h of service time)\n  \
             stood still 2026-04-29 10:00 to now (10 h of service time)"
        );
    }
}
