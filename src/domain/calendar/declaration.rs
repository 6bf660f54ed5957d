//! A service calendar as it is written in a file, and what can be wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::day_off::{DayOff, DaysOff};
use super::holiday::{HolidayRules, LiberationDay};
use super::years::Years;
use super::{Hours, ServiceCalendar};
use crate::domain::names::CalendarKey;

/// A calendar in TOML or JSON. Hours are `"09:00-12:30"`, dates `"2026-12-24"`, days of the year `"12-31"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarDeclaration {
    /// The calendar's key.
    pub key: CalendarKey,
    /// An IANA name, such as `Europe/Amsterdam`.
    pub time_zone: String,
    /// The hours of an ordinary week.
    pub hours: WeekDeclaration,
    /// Whose public holidays are closed; none without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<HolidaySet>,
    /// Whether Good Friday is closed; without it yes for `nl`, no for `be`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_friday: Option<bool>,
    /// Which 5 May are closed (`nl` only); every fifth year without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liberation_day: Option<LiberationDay>,
    /// A file of another country's holidays (`.ics`), beside the directory file. When that is read, the days take its
    /// place under `day_off`: what is stored needs no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays_file: Option<String>,
    /// Days off with the names that letters print.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub day_off: Vec<DayOff>,
    /// Single dates that are closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    /// Days closed in each year, month first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub yearly: Vec<String>,
    /// Dates with hours of their own; they win over everything that closes, the desk's closures too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpeningDeclaration>,
}

/// Hours per weekday; a day without hours is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeekDeclaration {
    /// Monday.
    pub mon: Vec<String>,
    /// Tuesday.
    pub tue: Vec<String>,
    /// Wednesday.
    pub wed: Vec<String>,
    /// Thursday.
    pub thu: Vec<String>,
    /// Friday.
    pub fri: Vec<String>,
    /// Saturday.
    pub sat: Vec<String>,
    /// Sunday.
    pub sun: Vec<String>,
}

/// A date with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningDeclaration {
    /// The date.
    pub date: String,
    /// Its hours.
    pub hours: Vec<String>,
}

/// Whose public holidays a calendar keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HolidaySet {
    /// The Netherlands.
    Nl,
    /// Belgium.
    Be,
}

/// Why a declared calendar is refused: where, what stands there, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar \"{calendar}\", {field}: {problem}; {mend}")]
pub struct CalendarFault {
    /// The calendar's key.
    pub calendar: CalendarKey,
    /// The field, such as `hours.mon`.
    pub field: String,
    /// What is wrong, with the words that stand there.
    pub problem: String,
    /// What to write.
    pub mend: &'static str,
}

/// A fault whose calendar and field are not known yet.
struct Fault {
    problem: String,
    mend: &'static str,
}

impl Fault {
    fn new(problem: impl Into<String>, mend: &'static str) -> Self {
        Self { problem: problem.into(), mend }
    }
}

impl TryFrom<CalendarDeclaration> for ServiceCalendar {
    type Error = CalendarFault;

    fn try_from(declared: CalendarDeclaration) -> Result<Self, CalendarFault> {
        let in_field = |field: &str| {
            let (calendar, field) = (declared.key.clone(), field.to_owned());
            move |fault: Fault| CalendarFault { calendar, field, problem: fault.problem, mend: fault.mend }
        };
        let zone = read_zone(&declared.time_zone).map_err(in_field("time_zone"))?;
        let mut week: [Vec<Hours>; 7] = Default::default();
        for (day, name, hours) in declared.hours.days() {
            let hours = read_hours(hours).map_err(in_field(&format!("hours.{name}")))?;
            week[usize::from(day.to_monday_zero_offset().unsigned_abs())] = hours;
        }
        if week.iter().all(Vec::is_empty) {
            return Err(in_field("hours")(Fault::new("it never opens", "give at least one weekday its hours")));
        }
        let holidays = read_holidays(&declared).map_err(in_field("holidays"))?;
        let closed = declared.closed.iter().map(|text| read_date(text)).collect::<Result<BTreeSet<_>, _>>();
        let closed = closed.map_err(in_field("closed"))?;
        let yearly = declared.yearly.iter().map(|text| read_month_day(text)).collect::<Result<BTreeSet<_>, _>>();
        let yearly = yearly.map_err(in_field("yearly"))?;
        let open = read_openings(&declared.open, &closed).map_err(in_field("open"))?;
        if declared.holidays_file.is_some() {
            let fault = Fault::new("the file was not taken over", "declare it in a directory file, and import that");
            return Err(in_field("holidays_file")(fault));
        }
        let days_off = read_days_off(&declared.day_off).map_err(in_field("day_off"))?;
        let (key, years) = (declared.key.clone(), Years::new());
        let calendar = ServiceCalendar { key, zone, week, holidays, days_off, closed, yearly, open, years };
        match calendar.first_year_without_opening() {
            None => Ok(calendar),
            Some(year) => {
                let fault = Fault::new(format!("it never opens in {year}"), "leave some days of each year open");
                Err(in_field("hours")(fault))
            }
        }
    }
}

impl WeekDeclaration {
    fn days(&self) -> [(Weekday, &'static str, &[String]); 7] {
        [
            (Weekday::Monday, "mon", &self.mon),
            (Weekday::Tuesday, "tue", &self.tue),
            (Weekday::Wednesday, "wed", &self.wed),
            (Weekday::Thursday, "thu", &self.thu),
            (Weekday::Friday, "fri", &self.fri),
            (Weekday::Saturday, "sat", &self.sat),
            (Weekday::Sunday, "sun", &self.sun),
        ]
    }
}

fn read_zone(name: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(name)
        .map_err(|_| Fault::new(format!("\"{name}\" is no time zone"), "write an IANA name such as Europe/Amsterdam"))
}

fn read_holidays(declared: &CalendarDeclaration) -> Result<Option<HolidayRules>, Fault> {
    match declared.holidays {
        None if declared.good_friday.is_some() || declared.liberation_day.is_some() => {
            Err(Fault::new("good_friday or liberation_day without holidays", "add holidays = \"nl\""))
        }
        None => Ok(None),
        Some(HolidaySet::Nl) => Ok(Some(HolidayRules::Netherlands {
            good_friday_closed: declared.good_friday.unwrap_or(true),
            liberation_day: declared.liberation_day.unwrap_or_default(),
        })),
        Some(HolidaySet::Be) if declared.liberation_day.is_some() => {
            Err(Fault::new("liberation_day is a Dutch holiday", "leave it out beside holidays = \"be\""))
        }
        Some(HolidaySet::Be) => {
            Ok(Some(HolidayRules::Belgium { good_friday_closed: declared.good_friday.unwrap_or(false) }))
        }
    }
}

fn read_days_off(declared: &[DayOff]) -> Result<DaysOff, Fault> {
    let mut days_off = DaysOff::default();
    for day_off in declared {
        if let Some((problem, mend)) = day_off.fault() {
            return Err(Fault::new(problem, mend));
        }
        days_off.add(day_off);
    }
    Ok(days_off)
}

fn read_openings(
    declared: &[OpeningDeclaration],
    closed: &BTreeSet<Date>,
) -> Result<BTreeMap<Date, Vec<Hours>>, Fault> {
    let mut open = BTreeMap::new();
    for opening in declared {
        let date = read_date(&opening.date)?;
        let hours = read_hours(&opening.hours)?;
        if hours.is_empty() {
            return Err(Fault::new(format!("{date} has no hours"), "give it hours, or list it under closed"));
        }
        if closed.contains(&date) || open.insert(date, hours).is_some() {
            return Err(Fault::new(format!("{date} stands in two places"), "keep it once, under open or closed"));
        }
    }
    Ok(open)
}

/// The hours of a day in their order; they may touch but not overlap.
fn read_hours(texts: &[String]) -> Result<Vec<Hours>, Fault> {
    let mut hours = texts.iter().map(|text| read_interval(text)).collect::<Result<Vec<_>, _>>()?;
    hours.sort_unstable_by_key(|interval| interval.start);
    if hours.windows(2).any(|pair| pair[1].start < pair[0].end) {
        return Err(Fault::new(format!("{} overlap", texts.join(" and ")), "join or shorten the intervals"));
    }
    Ok(hours)
}

fn read_interval(text: &str) -> Result<Hours, Fault> {
    let bad = || Fault::new(format!("\"{text}\" are no hours"), "write them as 09:00-17:00 (24:00 is the day's end)");
    let (start, end) = text.split_once('-').ok_or_else(bad)?;
    let (start, end) = (read_time(start.trim()).ok_or_else(bad)?, read_time(end.trim()).ok_or_else(bad)?);
    if start < end {
        Ok(Hours { start, end })
    } else {
        Err(Fault::new(
            format!("\"{text}\" ends before it starts"),
            "hours end on the same day: split a night at 24:00 and 00:00",
        ))
    }
}

/// `09:30` as minutes since midnight.
fn read_time(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !is_number(hour, 1..=2) || !is_number(minute, 2..=2) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let is_time = hour < 24 && minute < 60 || (hour, minute) == (24, 0);
    is_time.then_some(hour * 60 + minute)
}

fn read_date(text: &str) -> Result<Date, Fault> {
    let is_iso = text.len() == 10 && text.as_bytes()[4] == b'-';
    let date = if is_iso { text.parse::<Date>().ok() } else { None };
    date.ok_or_else(|| Fault::new(format!("\"{text}\" is no date"), "write it as 2026-12-24"))
}

/// `12-31` as month and day; 29 February is allowed.
fn read_month_day(text: &str) -> Result<(i8, i8), Fault> {
    let date = if text.len() == 5 { read_date(&format!("2024-{text}")).ok() } else { None };
    date.map(|date| (date.month(), date.day()))
        .ok_or_else(|| Fault::new(format!("\"{text}\" is no day of the year"), "write it as 12-31, month first"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<ServiceCalendar, String> {
        let declared: CalendarDeclaration = toml::from_str(toml).map_err(|e| e.to_string())?;
        ServiceCalendar::try_from(declared).map_err(|e| e.to_string())
    }

    fn check(lines: &str, expected: &str) {
        let toml = format!("key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\n{lines}");
        let error = read(&toml).err().unwrap_or_default();
        assert!(error.contains(expected), "{lines}: {error:?}");
    }

    #[test]
    fn a_whole_declaration_is_read() {
        let calendar = read(
            r#"
            key = "office"
            time_zone = "Europe/Amsterdam"
            hours = { mon = ["13:00-17:00", "09:00-12:30"], fri = ["9:00-17:00"] }
            holidays = "nl"
            good_friday = false
            liberation_day = "every-year"
            closed = ["2026-12-24"]
            yearly = ["12-31", "02-29"]
            open = [{ date = "2026-12-26", hours = ["10:00-12:00"] }]
            day_off = [{ name = "Goede vrijdag", from = "2026-04-03" }]
            "#,
        )
        .unwrap();
        assert_eq!(calendar.week[0], [Hours { start: 540, end: 750 }, Hours { start: 780, end: 1020 }]);
        assert!(calendar.week[1].is_empty());
        assert_eq!(calendar.closure_of(Date::constant(2026, 4, 3)).unwrap().as_str(), "Goede vrijdag");
    }

    #[test]
    fn a_fault_names_calendar_field_and_mend() {
        check("hours = {}", "calendar \"office\", hours: it never opens; give at least one weekday its hours");
        check("hours = { mon = [\"17:00-09:00\"] }", "hours.mon: \"17:00-09:00\" ends before it starts");
        check("hours = { mon = [\"09:00-12:30\", \"12:00-17:00\"] }", "overlap");
        check("hours = { mon = [\"9-17\"] }", "write them as 09:00-17:00");
        check("hours = { mon = [\"09:00-24:30\"] }", "are no hours");
        check("hours = { mo = [\"09:00-17:00\"] }", "unknown field");
        check("hours = { mon = [\"09:00-17:00\"] }\nclosed = [\"24-12-2026\"]", "closed: \"24-12-2026\" is no date");
        check("hours = { mon = [\"09:00-17:00\"] }\nyearly = [\"31-12\"]", "yearly: \"31-12\" is no day of the year");
        check("hours = { mon = [\"09:00-17:00\"] }\ngood_friday = true", "add holidays");
        check("hours = { mon = [\"09:00-17:00\"] }\nholidays = \"be\"\nliberation_day = \"never\"", "Dutch holiday");
        check(
            "hours = { mon = [\"09:00-17:00\"] }\nclosed = [\"2026-12-24\"]\nopen = [{ date = \"2026-12-24\", hours = [\"09:00-10:00\"] }]",
            "stands in two places",
        );
        let all_year = (1..=12).flat_map(|month| (1..=31).map(move |day| (month, day))).filter(|day| {
            // Open on 4 January alone, which is not a Monday in each year.
            jiff::civil::Date::new(2024, day.0, day.1).is_ok() && *day != (1, 4)
        });
        let all_year: Vec<_> = all_year.map(|(month, day)| format!("\"{month:02}-{day:02}\"")).collect();
        check(
            &format!("hours = {{ mon = [\"09:00-17:00\"] }}\nyearly = [{}]", all_year.join(",")),
            "hours: it never opens in 1970; leave some days of each year open",
        );
        check(
            "hours = { mon = [\"09:00-17:00\"] }\nday_off = [{ name = \"Verbouwing\", from = 2026-01-01, until = 2026-12-31 }]",
            "it never opens in 2026",
        );
        check(
            "hours = { mon = [\"09:00-17:00\"] }\nday_off = [{ name = \"\", from = 2026-01-01 }]",
            "day_off: \"\" is no name",
        );
        check("hours = { mon = [\"09:00-17:00\"] }\nholidays_file = \"be.ics\"", "the file was not taken over");
        assert!(read("key = \"a\"\ntime_zone = \"Europe/Utrecht\"\nhours = {}").is_err_and(|e| e.contains("IANA")));
    }
}
