//! Public holidays of the Netherlands and of Belgium, by rule for any year.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Whether 5 May is a day off in the Netherlands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiberationDay {
    /// In 2025, 2030, 2035: what most Dutch labour agreements say.
    #[default]
    EveryFifthYear,
    /// Each year.
    EveryYear,
    /// An ordinary working day.
    Never,
}

/// The set of holidays on which a calendar is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolidayRules {
    /// Dutch holidays.
    Netherlands {
        /// Whether Good Friday is closed.
        good_friday_closed: bool,
        /// Which 5 May are closed.
        liberation_day: LiberationDay,
    },
    /// The ten Belgian public holidays.
    Belgium {
        /// Whether Good Friday is closed; it is no public holiday there.
        good_friday_closed: bool,
    },
}

/// Why an otherwise open day is closed. Letters look its words up by [`Closure::as_str`]; what a desk named itself is
/// printed as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closure {
    /// 1 January.
    NewYear,
    /// The Friday before Easter.
    GoodFriday,
    /// Easter.
    EasterSunday,
    /// The day after Easter.
    EasterMonday,
    /// 27 April, or the 26th where that is a Sunday (Netherlands).
    KingsDay,
    /// 1 May (Belgium).
    LabourDay,
    /// 5 May (Netherlands).
    LiberationDay,
    /// 39 days after Easter.
    AscensionDay,
    /// 49 days after Easter.
    WhitSunday,
    /// 50 days after Easter.
    WhitMonday,
    /// 21 July (Belgium).
    BelgianNationalDay,
    /// 15 August (Belgium).
    AssumptionDay,
    /// 1 November (Belgium).
    AllSaints,
    /// 11 November (Belgium).
    Armistice,
    /// 25 December.
    ChristmasDay,
    /// 26 December (Netherlands).
    BoxingDay,
    /// A date that the calendar itself declares closed without a name, once or yearly.
    Declared,
    /// A day off that was declared with this name: a holiday of another country, a summer break.
    Named(Arc<str>),
}

impl Closure {
    /// The key of its name, or the name itself where the desk gave one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::NewYear => "new-year",
            Self::GoodFriday => "good-friday",
            Self::EasterSunday => "easter-sunday",
            Self::EasterMonday => "easter-monday",
            Self::KingsDay => "kings-day",
            Self::LabourDay => "labour-day",
            Self::LiberationDay => "liberation-day",
            Self::AscensionDay => "ascension-day",
            Self::WhitSunday => "whit-sunday",
            Self::WhitMonday => "whit-monday",
            Self::BelgianNationalDay => "belgian-national-day",
            Self::AssumptionDay => "assumption-day",
            Self::AllSaints => "all-saints",
            Self::Armistice => "armistice",
            Self::ChristmasDay => "christmas-day",
            Self::BoxingDay => "boxing-day",
            Self::Declared => "closed-day",
            Self::Named(name) => name,
        }
    }
}

impl HolidayRules {
    /// Dutch holidays as most firms keep them: Good Friday closed, Liberation Day every fifth year.
    pub const NETHERLANDS: Self =
        Self::Netherlands { good_friday_closed: true, liberation_day: LiberationDay::EveryFifthYear };

    /// The ten Belgian public holidays.
    pub const BELGIUM: Self = Self::Belgium { good_friday_closed: false };

    /// The holiday on that date, if it is one.
    #[must_use]
    pub fn holiday_on(self, date: Date) -> Option<Closure> {
        let good_friday_closed = match self {
            Self::Netherlands { good_friday_closed, .. } | Self::Belgium { good_friday_closed } => good_friday_closed,
        };
        let by_date = match self {
            Self::Netherlands { liberation_day, .. } => dutch_date(date, liberation_day),
            Self::Belgium { .. } => belgian_date(date),
        };
        let by_easter = || match days_after_easter(date) {
            Some(-2) if good_friday_closed => Some(Closure::GoodFriday),
            Some(0) => Some(Closure::EasterSunday),
            Some(1) => Some(Closure::EasterMonday),
            Some(39) => Some(Closure::AscensionDay),
            Some(49) => Some(Closure::WhitSunday),
            Some(50) => Some(Closure::WhitMonday),
            _ => None,
        };
        by_date.or_else(by_easter)
    }
}

fn dutch_date(date: Date, liberation_day: LiberationDay) -> Option<Closure> {
    match (date.month(), date.day()) {
        (1, 1) => Some(Closure::NewYear),
        (4, 26) if date.weekday() == Weekday::Saturday => Some(Closure::KingsDay),
        (4, 27) if date.weekday() != Weekday::Sunday => Some(Closure::KingsDay),
        (5, 5) => match liberation_day {
            LiberationDay::EveryYear => Some(Closure::LiberationDay),
            LiberationDay::EveryFifthYear if date.year() % 5 == 0 => Some(Closure::LiberationDay),
            _ => None,
        },
        (12, 25) => Some(Closure::ChristmasDay),
        (12, 26) => Some(Closure::BoxingDay),
        _ => None,
    }
}

fn belgian_date(date: Date) -> Option<Closure> {
    match (date.month(), date.day()) {
        (1, 1) => Some(Closure::NewYear),
        (5, 1) => Some(Closure::LabourDay),
        (7, 21) => Some(Closure::BelgianNationalDay),
        (8, 15) => Some(Closure::AssumptionDay),
        (11, 1) => Some(Closure::AllSaints),
        (11, 11) => Some(Closure::Armistice),
        (12, 25) => Some(Closure::ChristmasDay),
        _ => None,
    }
}

/// How many days the date lies after Easter Sunday of its year; before it is minus.
fn days_after_easter(date: Date) -> Option<i64> {
    Some(easter(date.year())?.duration_until(date).as_hours() / 24)
}

/// Easter Sunday in the Gregorian calendar (the computus of Meeus, Jones and Butcher).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(rules: HolidayRules, date: Date, expected: Option<Closure>) {
        assert_eq!(rules.holiday_on(date), expected, "{date}");
    }

    #[test]
    fn easter_by_the_tables() {
        for (year, month, day) in
            [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)]
        {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn dutch_holidays() {
        let nl = HolidayRules::NETHERLANDS;
        check(nl, date(2026, 1, 1), Some(Closure::NewYear));
        check(nl, date(2026, 4, 3), Some(Closure::GoodFriday));
        check(nl, date(2026, 4, 6), Some(Closure::EasterMonday));
        check(nl, date(2026, 4, 27), Some(Closure::KingsDay));
        check(nl, date(2025, 4, 26), Some(Closure::KingsDay));
        check(nl, date(2025, 4, 27), None);
        check(nl, date(2026, 5, 5), None);
        check(nl, date(2030, 5, 5), Some(Closure::LiberationDay));
        check(nl, date(2026, 5, 14), Some(Closure::AscensionDay));
        check(nl, date(2026, 5, 25), Some(Closure::WhitMonday));
        check(nl, date(2026, 12, 26), Some(Closure::BoxingDay));
        check(nl, date(2026, 12, 31), None);
    }

    #[test]
    fn belgian_holidays() {
        let be = HolidayRules::BELGIUM;
        check(be, date(2026, 4, 3), None);
        check(be, date(2026, 4, 6), Some(Closure::EasterMonday));
        check(be, date(2026, 4, 27), None);
        check(be, date(2026, 5, 1), Some(Closure::LabourDay));
        check(be, date(2026, 7, 21), Some(Closure::BelgianNationalDay));
        check(be, date(2026, 11, 11), Some(Closure::Armistice));
        check(be, date(2026, 12, 26), None);
    }

    #[test]
    fn options_override_the_dutch_defaults() {
        let rules = HolidayRules::Netherlands { good_friday_closed: false, liberation_day: LiberationDay::EveryYear };
        check(rules, date(2026, 4, 3), None);
        check(rules, date(2026, 5, 5), Some(Closure::LiberationDay));
        let rules = HolidayRules::Netherlands { good_friday_closed: true, liberation_day: LiberationDay::Never };
        check(rules, date(2030, 5, 5), None);
    }
}
