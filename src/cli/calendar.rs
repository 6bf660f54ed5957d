//! `casepost calendar`: when the desk is open, and which days are off.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use crate::domain::calendar::{CalendarDay, CalendarDeclaration, ServiceCalendar};
use crate::domain::directory::{ClosedPeriod, Directory};
use crate::domain::names::{CalendarKey, ClientCode};

use super::Form;
use super::opened::Opened;
use super::output::{self, or_dash};

/// Longer lists are a mistyped year.
const MOST_DAYS: i32 = 3_660;

/// What to do with calendars.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// The service calendars, and the closures of the desk and its clients.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// The days of one calendar: its hours, and what closes it.
    Show {
        /// Which calendar.
        #[arg(value_parser = |text: &str| CalendarKey::new(text))]
        key: CalendarKey,
        /// As it holds for this client, with the client's own closures.
        #[arg(long, value_name = "CODE", value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        /// The first day; default: today.
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// The last day; default: four weeks after the first.
        #[arg(long, value_name = "DAY")]
        to: Option<Date>,
        /// Only the days that something closes although the week says open.
        #[arg(long)]
        closed: bool,
        #[command(flatten)]
        form: Form,
    },
}

/// A day as it is printed.
#[derive(Debug, Serialize)]
struct DayRow {
    date: Date,
    weekday: &'static str,
    /// Empty on a closed day.
    hours: Vec<String>,
    /// The key or the name of what closes it.
    closed_by: Option<String>,
}

/// Calendars and closures as they were declared.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    calendars: Vec<&'a CalendarDeclaration>,
    closures: &'a [ClosedPeriod],
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: CalendarCommand) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    match command {
        CalendarCommand::List { form } => list(opened, &directory, form),
        CalendarCommand::Show { key, client, from, to, closed, form } => {
            let calendar = find(&directory, &key, client.as_ref())?;
            let from = from.unwrap_or_else(|| calendar.date_of(opened.now()));
            let to = match to {
                Some(to) => to,
                None => from.checked_add(4.weeks())?,
            };
            if to < from || from.checked_add(MOST_DAYS.days())? < to {
                bail!("{from} to {to} is no stretch of at most ten years: mend --from or --to");
            }
            let days = calendar.days(from, to).filter(|day| !closed || day.closure.is_some());
            show(days.map(DayRow::from).collect(), form)
        }
    }
}

fn find<'a>(
    directory: &'a Directory,
    key: &CalendarKey,
    client: Option<&ClientCode>,
) -> anyhow::Result<&'a ServiceCalendar> {
    let found = match client {
        Some(code) => {
            directory.client(code).with_context(|| format!("client \"{code}\" is not declared"))?;
            directory.calendar_for(code, key)
        }
        None => directory.service_calendar(key),
    };
    found.with_context(|| {
        let keys: Vec<_> = directory.calendars().iter().map(|calendar| calendar.key.as_str()).collect();
        format!("calendar \"{key}\" is not declared: there are {}", keys.join(", "))
    })
}

fn list(opened: &Opened, directory: &Directory, form: Form) -> anyhow::Result<()> {
    if form.json {
        return output::say_json(&Listed { calendars: directory.calendars(), closures: directory.closures() });
    }
    let now = opened.now();
    let mut table = output::table(&["key", "time zone", "now", "next opening", "named days off"]);
    for declared in directory.calendars() {
        let Some(calendar) = directory.service_calendar(&declared.key) else { continue };
        let is_open = calendar.is_open(now);
        let opening = calendar.next_opening(now).filter(|_| !is_open);
        table.add_row(vec![
            declared.key.to_string(),
            declared.time_zone.clone(),
            if is_open { "open" } else { "closed" }.to_owned(),
            output::maybe_time(opening, calendar.time_zone()),
            declared.day_off.len().to_string(),
        ]);
    }
    output::say_table(&table, "No calendars: import a directory file.");
    if directory.closures().is_empty() {
        return Ok(());
    }
    let mut table = output::table(&["closure", "client", "from", "until", "calendars"]);
    for closure in directory.closures() {
        let calendars: Vec<_> = closure.calendars.iter().map(CalendarKey::as_str).collect();
        table.add_row(vec![
            closure.name.clone(),
            or_dash(closure.client.as_ref()),
            closure.from.to_string(),
            closure.until.unwrap_or(closure.from).to_string(),
            if calendars.is_empty() { "all but day and night".to_owned() } else { calendars.join(", ") },
        ]);
    }
    output::say("\n");
    output::say_table(&table, "");
    Ok(())
}

fn show(rows: Vec<DayRow>, form: Form) -> anyhow::Result<()> {
    if form.json {
        return output::say_json(&rows);
    }
    let mut table = output::table(&["date", "day", "hours", "closed by"]);
    for row in rows {
        let hours = if row.hours.is_empty() { "closed".to_owned() } else { row.hours.join(", ") };
        table.add_row(vec![row.date.to_string(), row.weekday.to_owned(), hours, or_dash(row.closed_by)]);
    }
    output::say_table(&table, "No such days.");
    Ok(())
}

impl From<CalendarDay> for DayRow {
    fn from(day: CalendarDay) -> Self {
        let weekday = match day.date.weekday() {
            Weekday::Monday => "mon",
            Weekday::Tuesday => "tue",
            Weekday::Wednesday => "wed",
            Weekday::Thursday => "thu",
            Weekday::Friday => "fri",
            Weekday::Saturday => "sat",
            Weekday::Sunday => "sun",
        };
        let closed_by = day.closure.map(|closure| closure.as_str().to_owned());
        Self { date: day.date, weekday, hours: day.hours, closed_by }
    }
}
