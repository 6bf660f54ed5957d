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
