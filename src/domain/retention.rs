//! For how long the bytes of mails are kept.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// For how long raw mail is kept: the bytes of the mails and letters of a case, counted from its end. What was decided,
/// booked and promised stays in any event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeepFor {
    /// Until somebody deletes it.
    #[default]
    Ever,
    /// So many months of the calendar; years are twelve.
    Months(u16),
    /// So many days.
    Days(u16),
}

/// A text that is no such time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeepFor {
    /// It can't be read.
    #[error("\"{0}\" is not a time to keep mail: write \"2 years\", \"18 months\", \"90 days\" or \"for ever\"")]
    Unreadable(String),
    /// Shorter than the life of a case needs.
    #[error(
        "\"{0}\" is too short: a desk opens a closed case again, corrects its time and answers for it for weeks; keep raw \
         mail for 30 days or more"
    )]
    TooShort(String),
    /// Longer than anybody can mean.
    #[error("\"{0}\" is longer than a hundred years: write \"for ever\"")]
    TooLong(String),
}

/// What is shorter contradicts what a desk may still do with a closed case.
const LEAST_DAYS: u32 = 30;
const MOST_YEARS: u32 = 100;

impl KeepFor {
    /// Reads `2 years`, `18 months`, `90 days` or `for ever`; at least 30 days, at most a hundred years.
    ///
    /// # Errors
    /// [`BadKeepFor`] with the mend.
    pub fn new(text: &str) -> Result<Self, BadKeepFor> {
        let unreadable = || BadKeepFor::Unreadable(text.to_owned());
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let (count, unit) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["for", "ever"] | ["forever"] => return Ok(Self::Ever),
            [count, unit] => (count.parse::<u32>().map_err(|_| unreadable())?, unit.to_owned()),
            _ => return Err(unreadable()),
        };
        let (kept, days): (fn(u16) -> Self, u32) = match unit.trim_end_matches('s') {
            "day" => (Self::Days, 1),
            "month" => (Self::Months, 30),
            "year" => (|years| Self::Months(years * 12), 365),
            _ => return Err(unreadable()),
        };
        match count.saturating_mul(days) {
            0..LEAST_DAYS => Err(BadKeepFor::TooShort(text.to_owned())),
            total if total > MOST_YEARS * 365 => Err(BadKeepFor::TooLong(text.to_owned())),
            _ => Ok(kept(u16::try_from(count).map_err(|_| unreadable())?)),
        }
    }

    /// What ended before this moment is kept no longer; nothing where it is kept for ever. Days and months are those of
    /// the zone.
    #[must_use]
    pub fn ends_before(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let span = match self {
            Self::Ever => return None,
            Self::Months(months) => Span::new().months(months),
            Self::Days(days) => Span::new().days(days),
        };
        now.to_zoned_datetime(zone.clone()).checked_sub(span).ok().map(|then| then.timestamp())
    }
}

impl std::fmt::Display for KeepFor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, unit) = match *self {
            Self::Ever => return f.write_str("for ever"),
            Self::Months(months) if months % 12 == 0 => (months / 12, "year"),
            Self::Months(months) => (months, "month"),
            Self::Days(days) => (days, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

impl TryFrom<String> for KeepFor {
    type Error = BadKeepFor;
    fn try_from(text: String) -> Result<Self, BadKeepFor> {
        Self::new(&text)
    }
}

impl From<KeepFor> for String {
    fn from(kept: KeepFor) -> String {
        kept.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let read = KeepFor::new(text).map(|kept| kept.to_string()).map_err(|bad| bad.to_string());
        match (read, expected) {
            (Ok(shown), Ok(expected)) => assert_eq!(shown, expected, "{text:?}"),
            (Err(told), Err(expected)) => assert!(told.contains(expected), "{text:?}: {told}"),
            (read, expected) => panic!("{text:?}: {read:?}, not {expected:?}"),
        }
    }

    #[test]
    fn times_as_people_write_them() {
        check("2 years", Ok("2 years"));
        check("1 year", Ok("1 year"));
        check("24 months", Ok("2 years"));
        check("18 Months", Ok("18 months"));
        check("1 month", Ok("1 month"));
        check("90 days", Ok("90 days"));
        check("for ever", Ok("for ever"));
        check("100 years", Ok("100 years"));
    }

    #[test]
    fn what_can_not_be_meant_is_told_with_the_mend() {
        check("29 days", Err("30 days or more"));
        check("0 years", Err("30 days or more"));
        check("101 years", Err("for ever"));
        check("4294967295 years", Err("for ever"));
        check("2", Err("write \"2 years\""));
        check("two years", Err("write \"2 years\""));
        check("-2 years", Err("write \"2 years\""));
        check("2 fortnights", Err("write \"2 years\""));
        check("", Err("write \"2 years\""));
    }

    #[test]
    fn months_are_those_of_the_calendar_and_the_zone() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let now: Timestamp = "2028-04-21T08:00:00Z".parse().unwrap();
        let before = |text| KeepFor::new(text).unwrap().ends_before(now, &zone).map(|at| at.to_string());
        assert_eq!(before("2 years").as_deref(), Some("2026-04-21T08:00:00Z"));
        // Ten o'clock in Amsterdam, in winter and in summer.
        assert_eq!(before("3 months").as_deref(), Some("2028-01-21T09:00:00Z"));
        assert_eq!(before("30 days").as_deref(), Some("2028-03-22T09:00:00Z"));
        assert_eq!(before("for ever"), None);
    }
}
