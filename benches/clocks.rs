//! How fast service time is counted, and how long a tick takes over a desk with 100,000 open cases on SQLite.
//!
//! `cargo bench --bench clocks [-- CASES]`: questions to a calendar with holidays and lunch breaks, the clocks of one case
//! counted from its events, then ticks: with nothing due, with a hundred warnings due, with nothing due again.

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use casepost::domain::calendar::{CalendarDeclaration, ServiceCalendar};
use casepost::domain::case::{Kind, Priority};
use casepost::domain::clock::{ClockEvent, Opener, What, count};
use casepost::domain::directory::Directory;
use casepost::domain::names::ClientCode;
use casepost::domain::promise;
use casepost::store::clocks::{self, StoredRun};
use casepost::store::numbers::Numbers;
use casepost::store::{Db, cases};

use support::{DESK, Desk, Failed, case};

/// How many open cases the desk has where nobody says otherwise.
const CASES: i64 = 100_000;
/// A tick may take so long.
const GOAL: Duration = Duration::from_secs(1);
/// How often each tick is measured; medians are told.
const ROUNDS: usize = 5;
/// So many cases have a warning due in the second tick.
const DUE: i64 = 100;
/// So many cases are written at once.
const TOGETHER: i64 = 2_000;

const CALENDAR: &str = r#"
    key = "office"
    time_zone = "Europe/Amsterdam"
    holidays = "nl"
    [hours]
    mon = ["09:00-12:30", "13:00-17:00"]
    tue = ["09:00-12:30", "13:00-17:00"]
    wed = ["09:00-12:30", "13:00-17:00"]
    thu = ["09:00-12:30", "13:00-17:00"]
    fri = ["09:00-12:30", "13:00-17:00"]
"#;

const DIRECTORY: &str = r#"
    desk = "LIN"
    [[expert]]
    key = "mira"
    name = "Mira"
    addresses = ["mira@jansen-ict.example"]
    language = "nl"
    [[calendar]]
    key = "office"
    time_zone = "Europe/Amsterdam"
    holidays = "nl"
    hours = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-17:00"] }
    [[client]]
    code = "NWK"
    name = "Northwick"
    domains = ["northwick.example"]
    language = "en"
    time_zone = "Europe/London"
    lead_expert = "mira"
    [[contract]]
    client = "NWK"
    plan = "sla"
    start = 2026-01-01
    calendar = "office"
    targets = { normal = { first_response = "4h", next_response = "4h", resolution = "40d" } }
    [[position]]
    role = "duty-manager"
    holder = "mira"
    from = 2026-01-01
"#;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    // cargo bench adds an argument of its own.
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let cases = asked.map_or(Ok(CASES), |asked| asked.parse())?;
    count_service_time()?;
    tick_of_many(cases).await
}

fn count_service_time() -> Result<(), Failed> {
    let calendar = ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(CALENDAR)?)?;
    let start: Timestamp = "2026-04-21T08:00:00Z".parse()?;
    for (what, hours) in [("4 hours", 4), ("40 hours", 40), ("a year of hours", 1_900)] {
        let service = Duration::from_secs(hours * 3600);
        let due = rate(|no| calendar.due(moved(start, no), service));
        let end = calendar.due(start, service);
        let elapsed = rate(|no| calendar.elapsed(moved(start, no), end));
        println!("{what:<16} due {due:>12.0} /s   elapsed {elapsed:>12.0} /s");
    }
    let directory = directory()?;
    let client = ClientCode::new("NWK")?;
    let terms_at = promise::terms_of(&directory, &client);
    let counted = rate(|no| count(&lively(moved(start, no)), &terms_at));
    println!("a case of 12 events: its clocks counted {counted:>12.0} /s");
    Ok(())
}

/// Answers a second, over about half a second.
fn rate<T>(mut ask: impl FnMut(i64) -> T) -> f64 {
    let begun = Instant::now();
    let mut asked = 0;
    while begun.elapsed() < Duration::from_millis(500) {
        black_box(ask(asked));
        asked += 1;
    }
    asked as f64 / begun.elapsed().as_secs_f64()
}

fn moved(start: Timestamp, no: i64) -> Timestamp {
    start + SignedDuration::from_secs(no % 86_400)
}

fn lively(start: Timestamp) -> Vec<ClockEvent> {
    let mut events = vec![opened(start)];
    for day in 1..=5 {
        let at = start + SignedDuration::from_hours(24 * day);
        events.push(ClockEvent::new(at, "mail", What::ClientWrote { received_at: None }));
        events.push(ClockEvent::new(at + SignedDuration::from_mins(50), "answer", What::Answered));
    }
    events.push(ClockEvent::new(start + SignedDuration::from_hours(24 * 9), "mail", What::Resolved));
    events
}

fn opened(at: Timestamp) -> ClockEvent {
    let what = What::Opened { by: Opener::Client, priority: Priority::Normal, kind: Kind::Support };
    ClockEvent::new(at, "mail", what)
}

fn directory() -> Result<Directory, Failed> {
    let declared = casepost::domain::directory::parse_directory(DIRECTORY, "desk.toml")
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let items = declared.items().into_iter().map(|item| casepost::domain::directory::StoredItem {
        item,
        source: "desk.toml".into(),
        ended_at: None,
    });
    Ok(Directory::from_items(&items.collect::<Vec<_>>(), jiff::tz::TimeZone::get("Europe/Amsterdam")?)?)
}

async fn tick_of_many(count_of_cases: i64) -> Result<(), Failed> {
    let begin: Timestamp = "2026-04-21T07:00:00Z".parse()?;
    let desk = Desk::open(DIRECTORY, begin).await?;
    let begun = Instant::now();
    fill(&desk.db, begin, count_of_cases).await?;
    println!("\n{count_of_cases} open cases written in {:.1} s", begun.elapsed().as_secs_f64());
    // The first tick of a day also looks at the cards.
    desk.tick(begin).await?;
    let mut quiet = Vec::new();
    for second in 1..=ROUNDS {
        let begun = Instant::now();
        desk.tick(begin + SignedDuration::from_secs(i64::try_from(second)?)).await?;
        quiet.push(begun.elapsed());
    }
    // Half of four hours is used of the first ones.
    let due_at = begin + SignedDuration::from_hours(2) + SignedDuration::from_micros(DUE * 10);
    let begun = Instant::now();
    let told = desk.tick(due_at).await?;
    let busy = begun.elapsed();
    quiet.sort();
    let quiet = quiet[ROUNDS / 2];
    println!("tick with nothing due      {:>9.1} ms", quiet.as_secs_f64() * 1e3);
    println!("tick with {DUE} warnings due {:>9.1} ms, {told} letter", busy.as_secs_f64() * 1e3);
    println!("goal: less than {} ms each: {}", GOAL.as_millis(), if quiet.max(busy) < GOAL { "met" } else { "missed" });
    desk.db.close().await;
    Ok(())
}

/// Open cases with a first response and a resolution each: the first ones fall due 10 microseconds apart, the others an
/// hour and more later.
async fn fill(db: &Db, begin: Timestamp, count_of_cases: i64) -> Result<(), Failed> {
    let (directory, client) = (directory()?, ClientCode::new("NWK")?);
    let terms_at = promise::terms_of(&directory, &client);
    let mut written = 0;
    while written < count_of_cases {
        let mut tx = db.begin_for(DESK).await?;
        let mut numbers = Numbers::list(&mut tx, DESK).await?;
        for no in written..(written + TOGETHER).min(count_of_cases) {
            let later = if no <= DUE { 0 } else { 3_600_000_000 };
            let opened_at = begin + SignedDuration::from_micros(no * 10 + later);
            let event = opened(opened_at);
            let counted = count(std::slice::from_ref(&event), &terms_at);
            let case_no = numbers.draw("case");
            let mut case = case(case_no, &client, case_no, opened_at)?;
            (case.response_due, case.resolution_due) = (counted.response_due(), counted.resolution_due());
            cases::record(&mut tx, DESK, &case).await?;
            clocks::record_event(&mut tx, DESK, case_no, numbers.draw("event"), &event).await?;
            for run in counted.runs {
                clocks::save(&mut tx, DESK, &StoredRun { case_no, client: "NWK".into(), run }, true).await?;
            }
        }
        numbers.save(&mut tx, DESK).await?;
        tx.commit().await?;
        written += TOGETHER;
    }
    Ok(())
}
