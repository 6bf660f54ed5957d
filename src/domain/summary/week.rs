//! Weeks as ISO 8601 counts them, and when a summary of one is due.

use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// The hour of the Monday after a week at which its summary is due, on the reader's clock.
pub const SEND_HOUR: i8 = 7;

/// A week of ISO 8601: Monday to Sunday, of the year in which its Thursday lies. Written `2026-W47`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IsoWeek {
    /// Its Monday.
    monday: Date,
}

/// A text that is no week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a week (such as 2026-W47; a year has 52 or 53)")]
pub struct BadWeek(String);

impl IsoWeek {
    /// The week in which a day lies.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let back = i64::from(day.weekday().to_monday_zero_offset());
        Self { monday: day.saturating_sub(back.days()) }
    }

    /// The week in which a moment lies, on the clock of a zone.
    #[must_use]
    pub fn at(moment: Timestamp, zone: &TimeZone) -> Self {
        Self::of(zone.to_datetime(moment).date())
    }

    /// The newest week whose summary is due at a moment: from 07:00 of the Monday after it on.
    #[must_use]
    pub fn newest_due(moment: Timestamp, zone: &TimeZone) -> Self {
        let last = Self::at(moment, zone).before(1);
        if last.send_due(zone) <= moment { last } else { last.before(1) }
    }

    /// The newest week that is over at a moment.
    #[must_use]
    pub fn newest_over(moment: Timestamp, zone: &TimeZone) -> Self {
        Self::at(moment, zone).before(1)
    }

    /// So many weeks before it.
    #[must_use]
    pub fn before(self, weeks: i64) -> Self {
        Self { monday: self.monday.saturating_sub(weeks.weeks()) }
    }

    /// Its number within its year, from 1 to 53.
    #[must_use]
    pub fn number(self) -> i8 {
        self.monday.iso_week_date().week()
    }

    /// Its first day.
    #[must_use]
    pub fn monday(self) -> Date {
        self.monday
    }

    /// Its last day.
    #[must_use]
    pub fn sunday(self) -> Date {
        self.monday.saturating_add(6.days())
    }

    /// Its first moment in a zone.
    #[must_use]
    pub fn starts_at(self, zone: &TimeZone) -> Timestamp {
        first_moment(self.monday, 0, zone)
    }

    /// The first moment after it in a zone.
    #[must_use]
    pub fn ends_at(self, zone: &TimeZone) -> Timestamp {
        first_moment(self.monday.saturating_add(1.week()), 0, zone)
    }

    /// When its summary is due: 07:00 of the Monday after it in a zone.
    #[must_use]
    pub fn send_due(self, zone: &TimeZone) -> Timestamp {
        first_moment(self.monday.saturating_add(1.week()), SEND_HOUR, zone)
    }
}

/// That hour of a day; where the clocks skip it, so much later, and where they show it twice, the first time.
fn first_moment(day: Date, hour: i8, zone: &TimeZone) -> Timestamp {
    let moment = zone.to_ambiguous_timestamp(day.at(hour, 0, 0, 0)).compatible();
    moment.unwrap_or(if day.year() < 1970 { Timestamp::MIN } else { Timestamp::MAX })
}

impl std::fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let week = self.monday.iso_week_date();
        write!(f, "{:04}-W{:02}", week.year(), week.week())
    }
}

impl FromStr for IsoWeek {
    type Err = BadWeek;

    /// Reads `2026-W47`, the W in any letter case.
    fn from_str(text: &str) -> Result<Self, BadWeek> {
        let bad = || BadWeek(text.to_owned());
        let (year, week) = text.split_once("-W").or_else(|| text.split_once("-w")).ok_or_else(bad)?;
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(week, 2) {
            return Err(bad());
        }
        let (year, week) = (year.parse().map_err(|_| bad())?, week.parse().map_err(|_| bad())?);
        let monday = ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| bad())?;
        Ok(Self { monday: monday.date() })
    }
}

impl TryFrom<String> for IsoWeek {
    type Error = BadWeek;
    fn try_from(text: String) -> Result<Self, BadWeek> {
        text.parse()
    }
}

impl From<IsoWeek> for String {
    fn from(week: IsoWeek) -> String {
        week.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn check_due(now: &str, zone_name: &str, expected: &str) {
        let due = IsoWeek::newest_due(now.parse().unwrap(), &zone(zone_name));
        assert_eq!(due.to_string(), expected, "{now} {zone_name}");
    }

    #[test]
    fn a_summary_is_due_on_monday_at_seven_of_the_readers_clock() {
        check_due("2026-04-27T04:59:59Z", "Europe/Amsterdam", "2026-W16");
        check_due("2026-04-27T05:00:00Z", "Europe/Amsterdam", "2026-W17");
        check_due("2026-04-27T05:00:00Z", "Europe/London", "2026-W16");
        check_due("2026-04-27T06:00:00Z", "Europe/London", "2026-W17");
        check_due("2026-05-03T21:59:59Z", "Europe/Amsterdam", "2026-W17");
        // The clocks went forward, and back, in the night before.
        check_due("2026-03-30T04:59:59Z", "Europe/Amsterdam", "2026-W12");
        check_due("2026-03-30T05:00:00Z", "Europe/Amsterdam", "2026-W13");
        check_due("2026-10-26T05:59:59Z", "Europe/Amsterdam", "2026-W42");
        check_due("2026-10-26T06:00:00Z", "Europe/Amsterdam", "2026-W43");
        // Where it is Monday first.
        check_due("2026-04-26T19:00:00Z", "Pacific/Auckland", "2026-W17");
    }

    #[test]
    fn a_year_may_have_53_weeks() {
        check_due("2027-01-04T06:00:00Z", "Europe/Amsterdam", "2026-W53");
        check_due("2027-01-11T06:00:00Z", "Europe/Amsterdam", "2027-W01");
        let last: IsoWeek = "2026-W53".parse().unwrap();
        assert_eq!((last.monday().to_string(), last.sunday().to_string()), ("2026-12-28".into(), "2027-01-03".into()));
        assert_eq!(last.before(53).to_string(), "2025-W52");
    }

    #[test]
    fn a_week_begins_at_midnight_of_its_zone_also_where_there_is_none() {
        let week: IsoWeek = "2026-W17".parse().unwrap();
        assert_eq!(week.starts_at(&zone("Europe/Amsterdam")).to_string(), "2026-04-19T22:00:00Z");
        assert_eq!(week.ends_at(&zone("Europe/Amsterdam")).to_string(), "2026-04-26T22:00:00Z");
        // In the week of the change it has 167 hours.
        let week: IsoWeek = "2026-W13".parse().unwrap();
        let length = week.ends_at(&zone("Europe/Amsterdam")).duration_since(week.starts_at(&zone("Europe/Amsterdam")));
        assert_eq!(length.as_hours(), 167);
    }

    #[test]
    fn weeks_are_written_in_one_way() {
        let read = |text: &str| text.parse::<IsoWeek>().map(|week| week.to_string()).ok();
        assert_eq!(read("2026-W47").as_deref(), Some("2026-W47"));
        assert_eq!(read("2026-w01").as_deref(), Some("2026-W01"));
        for bad in ["2026-W00", "2026-W54", "2025-W53", "2026W47", "2026-W7", "47", "26-W47", "2026-W-1", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn each_moment_lies_in_one_week_and_is_told_once(second in 0_i64..4_000_000_000) {
            let zone = zone("Europe/Amsterdam");
            let moment = Timestamp::from_second(second).unwrap();
            let week = IsoWeek::at(moment, &zone);
            prop_assert!(week.starts_at(&zone) <= moment && moment < week.ends_at(&zone));
            prop_assert_eq!(week.to_string().parse::<IsoWeek>().unwrap(), week);
            let due = IsoWeek::newest_due(moment, &zone);
            prop_assert!(due.send_due(&zone) <= moment && moment < due.before(-1).send_due(&zone));
        }
    }
}
