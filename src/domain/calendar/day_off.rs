//! Days off with a name: holidays of any country, a summer break.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::holiday::Closure;
use super::years::{FIRST_YEAR, LAST_YEAR, dates_from};
use crate::domain::dates::{day, optional_day};

/// More days in one go are a mistyped year.
const MOST_DAYS: i64 = 366;

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

/// A day, or several in a row, on which a calendar is closed, with the name that letters print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    /// The name as letters print it.
    pub name: String,
    /// The first day; of one that repeats, in its first year.
    #[serde(with = "day")]
    pub from: Date,
    /// The last day; left out: the first day alone.
    #[serde(default, with = "optional_day", skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// How it comes again each year; left out: it comes once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// The last year in which one that repeats begins; left out: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_year: Option<i16>,
}

/// How a day off comes again each year, by the example of its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeats {
    /// On the same date. 29 February comes in leap years alone.
    Date,
    /// On the same weekday of the same month: the third Monday of January.
    Weekday,
    /// On the last such weekday of the same month: the last Monday of May.
    LastWeekday,
}

impl DayOff {
    /// What is wrong with it and how to mend it; nothing where it is sound.
    #[must_use]
    pub fn fault(&self) -> Option<(String, &'static str)> {
        let Self { name, from, until, repeats, last_year } = self;
        let last = until.unwrap_or(*from);
        let years = FIRST_YEAR..=LAST_YEAR;
        if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Some((format!("{name:?} is no name"), "write 1 to 80 signs on one line"));
        }
        if last < *from {
            return Some((format!("\"{name}\" ends before it starts"), "mend from or until"));
        }
        if days_between(*from, last) >= MOST_DAYS {
            return Some((format!("\"{name}\" lasts longer than a year"), "mend from or until"));
        }
        if !years.contains(&from.year()) || !years.contains(&last.year()) {
            return Some((format!("\"{name}\" lies outside the years 1900 to 2199"), "mend from or until"));
        }
        if *repeats == Some(Repeats::LastWeekday) && from.days_in_month() - from.day() >= 7 {
            let problem = format!("{from} is not the last such weekday of its month (\"{name}\")");
            return Some((problem, "mend from, or use repeats = \"weekday\""));
        }
        if last_year.is_some_and(|year| repeats.is_none() || year < from.year()) {
            return Some((format!("\"{name}\" does not come in its last_year"), "add repeats, or mend last_year"));
        }
        None
    }

    /// The first day of it in a year; nothing where it does not come or not begin in that year.
    fn first_day_in(&self, year: i16) -> Option<Date> {
        if year < self.from.year() || self.last_year.is_some_and(|last| year > last) {
            return None;
        }
        let month = Date::new(year, self.from.month(), 1).ok()?;
        match self.repeats {
            None => (year == self.from.year()).then_some(self.from),
            Some(Repeats::Date) => Date::new(year, self.from.month(), self.from.day()).ok(),
            Some(Repeats::Weekday) => {
                month.nth_weekday_of_month((self.from.day() - 1) / 7 + 1, self.from.weekday()).ok()
            }
            Some(Repeats::LastWeekday) => month.nth_weekday_of_month(-1, self.from.weekday()).ok(),
        }
    }

    fn covers(&self, date: Date) -> bool {
        let length = days_between(self.from, self.until.unwrap_or(self.from));
        // What began in December may last into January.
        [date.year() - 1, date.year()]
            .into_iter()
            .any(|year| self.first_day_in(year).is_some_and(|first| (0..=length).contains(&days_between(first, date))))
    }
}

/// The named days off of a calendar, by date.
#[derive(Debug, Clone, Default)]
pub(super) struct DaysOff {
    once: BTreeMap<Date, Arc<str>>,
    repeating: Vec<(DayOff, Arc<str>)>,
}

impl DaysOff {
    /// Adds it. A date that has a name already keeps that.
    pub fn add(&mut self, day_off: &DayOff) {
        let name: Arc<str> = day_off.name.trim().into();
        if day_off.repeats.is_some() {
            self.repeating.push((day_off.clone(), name));
            return;
        }
        let last = day_off.until.unwrap_or(day_off.from);
        for date in dates_from(day_off.from).take_while(|date| *date <= last) {
            self.once.entry(date).or_insert_with(|| Arc::clone(&name));
        }
    }

    /// What is on that date.
    pub fn on(&self, date: Date) -> Option<Closure> {
        let repeating = || self.repeating.iter().find(|(day_off, _)| day_off.covers(date)).map(|(_, name)| name);
        self.once.get(&date).or_else(repeating).map(|name| Closure::Named(Arc::clone(name)))
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> DayOff {
        toml::from_str(&format!("name = \"Free\"\n{toml}")).unwrap()
    }

    /// The dates of 2024 to 2028 that it covers.
    fn check(toml: &str, expected: &[&str]) {
        let day_off = read(toml);
        assert_eq!(day_off.fault(), None, "{toml}");
        let mut days_off = DaysOff::default();
        days_off.add(&day_off);
        let dates = dates_from(Date::constant(2024, 1, 1)).take_while(|date| date.year() <= 2028);
        let free: Vec<_> = dates.filter(|date| days_off.on(*date).is_some()).map(|date| date.to_string()).collect();
        assert_eq!(free, expected, "{toml}");
    }

    #[test]
    fn days_off_come_once_or_each_year() {
        check("from = 2026-08-31\nuntil = 2026-09-02", &["2026-08-31", "2026-09-01", "2026-09-02"]);
        check("from = 2026-10-03\nrepeats = \"date\"", &["2026-10-03", "2027-10-03", "2028-10-03"]);
        check("from = 2020-10-03\nrepeats = \"date\"\nlast_year = 2025", &["2024-10-03", "2025-10-03"]);
        check("from = 2024-02-29\nrepeats = \"date\"", &["2024-02-29", "2028-02-29"]);
        check(
            "from = 2026-12-31\nuntil = 2027-01-01\nrepeats = \"date\"",
            &["2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01", "2028-12-31"],
        );
        check("from = 2026-01-19\nrepeats = \"weekday\"", &["2026-01-19", "2027-01-18", "2028-01-17"]);
        check("from = 2026-05-25\nrepeats = \"last-weekday\"", &["2026-05-25", "2027-05-31", "2028-05-29"]);
        // The fifth Monday: only where there is one.
        check("from = 2024-07-29\nrepeats = \"weekday\"", &["2024-07-29", "2028-07-31"]);
    }

    #[test]
    fn a_fault_tells_the_mend() {
        let check = |toml: &str, expected: &str| {
            let told = read(toml).fault().map(|(problem, mend)| format!("{problem}; {mend}")).unwrap_or_default();
            assert!(told.contains(expected), "{toml}: {told}");
        };
        check("from = 2026-08-31\nuntil = 2026-08-01", "\"Free\" ends before it starts; mend from or until");
        check("from = 2026-08-31\nuntil = 2062-08-31", "lasts longer than a year");
        check("from = 1026-08-31", "outside the years 1900 to 2199");
        check("from = 2026-05-18\nrepeats = \"last-weekday\"", "2026-05-18 is not the last such weekday");
        check("from = 2026-05-18\nlast_year = 2030", "add repeats");
        check("from = 2026-05-18\nrepeats = \"date\"\nlast_year = 2020", "mend last_year");
        let nameless = DayOff { name: " ".into(), ..read("from = 2026-05-18") };
        assert!(nameless.fault().is_some());
    }
}
