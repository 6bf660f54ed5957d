//! How fast promises are computed: due and elapsed over an hour, a week, a year and ten years.
//!
//! `cargo bench --bench calendar`

#![expect(clippy::print_stdout, reason = "a table is what it is for")]
#![expect(clippy::unwrap_used, reason = "what it measures is made here")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use casepost::domain::calendar::{CalendarDeclaration, ServiceCalendar};
use jiff::Timestamp;

/// Moments asked in each round, spread over a year.
const MOMENTS: i64 = 10_000;
/// Medians of so many rounds are told.
const ROUNDS: usize = 9;

const OFFICE: &str = r#"
key = "office"
time_zone = "Europe/Amsterdam"
holidays = "nl"
closed = ["2026-12-24"]
[hours]
mon = ["09:00-12:30", "13:00-17:00"]
tue = ["09:00-12:30", "13:00-17:00"]
wed = ["09:00-12:30", "13:00-17:00"]
thu = ["09:00-12:30", "13:00-17:00"]
fri = ["09:00-12:30", "13:00-16:00"]
"#;

fn main() {
    println!("{:<28} {:>14} {:>14}", "office hours", "due /s", "elapsed /s");
    let calendar = office();
    // An hour, a week (37 h), a year and ten years of service time.
    for (name, hours) in [("1 hour", 1), ("1 week", 37), ("1 year", 37 * 52), ("10 years", 37 * 520)] {
        let time = Duration::from_secs(hours * 3600);
        let dues: Vec<Timestamp> = moments().map(|start| calendar.due(start, time)).collect();
        let due = median(|| moments().for_each(|start| _ = black_box(calendar.due(black_box(start), time))));
        let elapsed = median(|| {
            moments().zip(&dues).for_each(|(start, due)| _ = black_box(calendar.elapsed(black_box(start), *due)));
        });
        println!("{name:<28} {:>14.0} {:>14.0}", rate(due), rate(elapsed));
    }
    let declared: CalendarDeclaration = toml::from_str(OFFICE).unwrap();
    let made = median(|| drop(black_box(ServiceCalendar::try_from(declared.clone()).unwrap())));
    println!("\na calendar is made in {made:?}");
    let first = median(|| _ = black_box(office().due(moments().next().unwrap(), Duration::from_secs(37 * 520 * 3600))));
    println!("read from its text, made and asked once over 10 years: {first:?}");
}

fn office() -> ServiceCalendar {
    ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(OFFICE).unwrap()).unwrap()
}

fn moments() -> impl Iterator<Item = Timestamp> {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    (0..MOMENTS).map(move |no| start + Duration::from_secs(no.unsigned_abs() * 3_153))
}

fn rate(time: Duration) -> f64 {
    MOMENTS as f64 / time.as_secs_f64()
}

fn median(work: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}
