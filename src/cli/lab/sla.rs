//! Questions about service time, one a line.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::calendar::{CalendarDeclaration, HolidayRules, LiberationDay, ServiceCalendar, WeekDeclaration};
use crate::domain::names::CalendarKey;

/// One question. Stamps are wall-clock times in `stamps_tz`, else in the calendar's zone.
#[derive(Debug, Deserialize)]
struct Question {
    id: Value,
    op: String,
    #[serde(default)]
    calendar: Calendar,
    stamps_tz: Option<String>,
    start: Option<DateTime>,
    end: Option<DateTime>,
    seconds: Option<f64>,
    days: Option<u32>,
    country: Option<String>,
    year: Option<i16>,
}

/// A calendar as other programs write it.
#[derive(Debug, Default, Deserialize)]
struct Calendar {
    #[serde(default)]
    tz: String,
    #[serde(default)]
    hours: BTreeMap<String, Vec<(String, String)>>,
    #[serde(default)]
    holidays: Vec<String>,
    #[serde(default)]
    yearly: Vec<String>,
}

/// Answers a line. A question that can't be answered gets its reason.
///
/// # Errors
/// When the line is no question.
pub fn answer(line: &str) -> anyhow::Result<Value> {
    let question: Question = serde_json::from_str(line)?;
    let id = question.id.clone();
    let mut answer = question.answer().unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
    answer["id"] = id;
    Ok(answer)
}

impl Question {
    fn answer(&self) -> anyhow::Result<Value> {
        if self.op == "holidays" {
            return self.holidays();
        }
        let calendar = self.calendar.declared()?;
        let zone = match &self.stamps_tz {
            Some(name) => TimeZone::get(name)?,
            None => calendar.time_zone().clone(),
        };
        let at = |stamp: DateTime| anyhow::Ok(zone.to_timestamp(stamp)?);
        let told = |at: Timestamp| json!({ "due": zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string() });
        let start = at(self.start.context("start is missing")?)?;
        match self.op.as_str() {
            "due" => {
                let seconds = self.seconds.context("seconds is missing")?;
                let opening = || calendar.next_opening(start).context("it never opens again");
                if seconds <= 0.0 {
                    Ok(told(opening()?))
                } else {
                    Ok(told(calendar.due(start, Duration::from_secs_f64(seconds))))
                }
            }
            "elapsed" => {
                let end = at(self.end.context("end is missing")?)?;
                Ok(json!({ "seconds": calendar.elapsed(start, end).as_secs() }))
            }
            "due-days" => Ok(told(working_days_later(&calendar, start, self.days.context("days is missing")?)?)),
            other => bail!("op \"{other}\" is none of due, elapsed, due-days, holidays"),
        }
    }

    fn holidays(&self) -> anyhow::Result<Value> {
        let rules = match self.country.as_deref() {
            Some("NL") => {
                HolidayRules::Netherlands { good_friday_closed: true, liberation_day: LiberationDay::EveryFifthYear }
            }
            Some("BE") => HolidayRules::Belgium { good_friday_closed: false },
            other => bail!("country {other:?} is none of NL, BE"),
        };
        let first = Date::new(self.year.context("year is missing")?, 1, 1)?;
        let days = first.series(1.day()).take_while(|date| date.year() == first.year());
        let holidays = days.filter(|date| rules.holiday_on(*date).is_some());
        Ok(json!({ "days": holidays.map(|date| date.to_string()).collect::<Vec<_>>() }))
    }
}

impl Calendar {
    fn declared(&self) -> anyhow::Result<ServiceCalendar> {
        let of = |day: &str| -> Vec<String> {
            self.hours.get(day).into_iter().flatten().map(|(start, end)| format!("{start}-{end}")).collect()
        };
        let declaration = CalendarDeclaration {
            key: CalendarKey::new("lab")?,
            time_zone: self.tz.clone(),
            hours: WeekDeclaration {
                mon: of("mon"),
                tue: of("tue"),
                wed: of("wed"),
                thu: of("thu"),
                fri: of("fri"),
                sat: of("sat"),
                sun: of("sun"),
            },
            holidays: None,
            good_friday: None,
            liberation_day: None,
            holidays_file: None,
            day_off: Vec::new(),
            closed: self.holidays.clone(),
            yearly: self.yearly.clone(),
            open: Vec::new(),
        };
        Ok(ServiceCalendar::try_from(declaration)?)
    }
}

/// The same time of day so many working days later; from a day off it counts from the next opening.
fn working_days_later(calendar: &ServiceCalendar, start: Timestamp, days: u32) -> anyhow::Result<Timestamp> {
    let from = match calendar.is_working_day(calendar.date_of(start)) {
        true => start,
        false => calendar.next_opening(start).context("it never opens again")?,
    };
    let zone = calendar.time_zone();
    let stamp = zone.to_datetime(from);
    let (mut date, mut left) = (stamp.date(), days);
    while left > 0 {
        date = date.tomorrow()?;
        left -= u32::from(calendar.is_working_day(date));
    }
    Ok(zone.to_timestamp(date.to_datetime(stamp.time()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(question: &str, expected: &str) {
        let calendar = r#""calendar": {"tz": "Europe/Amsterdam", "hours": {"mon": [["09:00", "12:30"], ["13:00", "17:00"]], "tue": [["09:00", "17:00"]]}, "holidays": ["2026-03-10"], "yearly": ["12-25"]}"#;
        let answer = answer(&format!("{{\"id\": 1, {calendar}, {question}}}")).unwrap();
        assert_eq!(answer.to_string(), expected, "{question}");
    }

    #[test]
    fn questions_are_answered_in_the_calendar_s_own_time() {
        check(
            r#""op": "due", "start": "2026-03-02T12:00:00", "seconds": 3600"#,
            r#"{"due":"2026-03-02T13:30:00","id":1}"#,
        );
        check(
            r#""op": "due", "start": "2026-03-04T12:00:00", "seconds": 0"#,
            r#"{"due":"2026-03-09T09:00:00","id":1}"#,
        );
        check(
            r#""op": "due", "stamps_tz": "UTC", "start": "2026-03-02T11:00:00", "seconds": 3600"#,
            r#"{"due":"2026-03-02T12:30:00","id":1}"#,
        );
        check(
            r#""op": "elapsed", "start": "2026-03-02T08:00:00", "end": "2026-03-02T13:00:00""#,
            r#"{"id":1,"seconds":12600}"#,
        );
        check(
            r#""op": "elapsed", "start": "2026-03-03T08:00:00", "end": "2026-03-02T13:00:00""#,
            r#"{"id":1,"seconds":0}"#,
        );
        check(
            r#""op": "due-days", "start": "2026-03-09T10:00:00", "days": 1"#,
            r#"{"due":"2026-03-16T10:00:00","id":1}"#,
        );
        check(
            r#""op": "due-weeks", "start": "2026-03-09T10:00:00""#,
            r#"{"error":"op \"due-weeks\" is none of due, elapsed, due-days, holidays","id":1}"#,
        );
    }

    #[test]
    fn other_zones_and_working_days() {
        let check = |question: &str, expected: &str| {
            let hours = r#""mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "wed": [["09:00", "17:00"]], "thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]"#;
            let question = question.replace("HOURS", hours);
            let answer = answer(&format!("{{\"id\": 1, {question}}}")).unwrap();
            assert_eq!(answer.to_string(), expected, "{question}");
        };
        // Sunday 8 March 2026 the clocks of New York go forward; nobody works then.
        check(
            r#""calendar": {"tz": "America/New_York", "hours": {HOURS}}, "op": "due", "start": "2026-03-06T16:00:00", "seconds": 7200"#,
            r#"{"due":"2026-03-09T10:00:00","id":1}"#,
        );
        // 21 July is Belgium's own; a list of days is what a question brings.
        check(
            r#""calendar": {"tz": "Europe/Brussels", "hours": {HOURS}, "holidays": ["2026-07-21"]}, "op": "elapsed", "start": "2026-07-20T16:00:00", "end": "2026-07-22T10:00:00""#,
            r#"{"id":1,"seconds":7200}"#,
        );
        // The half hour that London lacks on 29 March lies in the night that is worked.
        check(
            r#""calendar": {"tz": "Europe/London", "hours": {"sun": [["00:30", "04:00"]]}}, "op": "elapsed", "start": "2026-03-29T00:00:00", "end": "2026-03-29T05:00:00""#,
            r#"{"id":1,"seconds":9000}"#,
        );
        // The start of a break is closed, its end open.
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}}, "op": "due", "start": "2026-03-06T17:00:00", "seconds": 0"#,
            r#"{"due":"2026-03-09T09:00:00","id":1}"#,
        );
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}}, "op": "due", "start": "2026-03-09T09:00:00", "seconds": 0"#,
            r#"{"due":"2026-03-09T09:00:00","id":1}"#,
        );
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}}, "op": "due", "start": "2026-03-06T16:59:59", "seconds": 1"#,
            r#"{"due":"2026-03-06T17:00:00","id":1}"#,
        );
        // A working day later keeps its seconds, over a weekend and a day of the year.
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}, "yearly": ["03-09"]}, "op": "due-days", "start": "2026-03-06T10:20:30", "days": 1"#,
            r#"{"due":"2026-03-10T10:20:30","id":1}"#,
        );
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}}, "op": "due-days", "start": "2026-03-06T10:20:30", "days": 0"#,
            r#"{"due":"2026-03-06T10:20:30","id":1}"#,
        );
        // Two years at a stretch.
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {HOURS}}, "op": "elapsed", "start": "2024-01-01T00:00:00", "end": "2026-01-01T00:00:00""#,
            r#"{"id":1,"seconds":15062400}"#,
        );
        check(
            r#""calendar": {"tz": "Etc/UTC", "hours": {}}, "op": "due", "start": "2026-03-06T10:00:00", "seconds": 60"#,
            r#"{"error":"calendar \"lab\", hours: it never opens; give at least one weekday its hours","id":1}"#,
        );
    }

    #[test]
    fn national_holidays_are_listed() {
        let listed = answer(r#"{"id": "x", "op": "holidays", "country": "BE", "year": 2026}"#).unwrap();
        // The ten by law, and two that always are Sundays.
        assert_eq!(listed["days"].as_array().unwrap().len(), 12);
        assert!(listed["days"].as_array().unwrap().contains(&"2026-07-21".into()));
        assert!(
            answer(r#"{"id": "x", "op": "holidays", "country": "XX", "year": 2026}"#).unwrap()["error"].is_string()
        );
    }
}
