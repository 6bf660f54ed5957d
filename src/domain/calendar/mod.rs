//! By when? Service time: the hours in which a desk works, in its own time zone.
//!
//! Intervals are `[start, end)`. Service time is counted on the real time line, so a night in which the clocks
//! change counts the hours that really passed.

mod day_off;
mod declaration;
mod holiday;
mod ics;
mod years;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use self::day_off::DaysOff;
pub use self::day_off::{DayOff, Repeats};
pub use self::declaration::{CalendarDeclaration, CalendarFault, HolidaySet, OpeningDeclaration, WeekDeclaration};
pub use self::holiday::{Closure, HolidayRules, LiberationDay};
pub use self::ics::{IcsFault, read_ics};
use self::years::{LAST_YEAR, Year, Years, dates_from};
use super::names::CalendarKey;

/// Opening hours of one day, in minutes since midnight on the wall clock; the end may be 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    start: u16,
    end: u16,
}

const WHOLE_DAY: Hours = Hours { start: 0, end: 24 * 60 };

/// One date as a calendar has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The date.
    pub date: Date,
    /// Its hours in order, such as `09:00-12:30`; none on a closed day.
    pub hours: Vec<String>,
    /// What closes it although the week says open.
    pub closure: Option<Closure>,
}

/// When a desk works: weekly hours, holidays, closed days and special opening days, in one time zone.
///
/// Made from a [`CalendarDeclaration`], which checks it, or by [`ServiceCalendar::around_the_clock`]. It knows the
/// years 1900 to 2199: outside them nothing is open.
#[derive(Debug, Clone)]
pub struct ServiceCalendar {
    key: CalendarKey,
    zone: TimeZone,
    /// From Monday; each day's hours in order, without overlap.
    week: [Vec<Hours>; 7],
    holidays: Option<HolidayRules>,
    days_off: DaysOff,
    closed: BTreeSet<Date>,
    yearly: BTreeSet<(i8, i8)>,
    open: BTreeMap<Date, Vec<Hours>>,
    /// What follows from all of the above.
    years: Years,
}

impl ServiceCalendar {
    /// A calendar that never closes. The time zone still says where a day ends.
    #[must_use]
    pub fn around_the_clock(key: CalendarKey, zone: TimeZone) -> Self {
        Self {
            key,
            zone,
            week: std::array::from_fn(|_| vec![WHOLE_DAY]),
            holidays: None,
            days_off: DaysOff::default(),
            closed: BTreeSet::new(),
            yearly: BTreeSet::new(),
            open: BTreeMap::new(),
            years: Years::new(),
        }
    }

    /// The same calendar, closed on these days as well. Special opening days stay open.
    #[must_use]
    pub fn closed_during<'a>(&self, days_off: impl IntoIterator<Item = &'a DayOff>) -> Self {
        let mut calendar = Self { years: Years::new(), ..self.clone() };
        days_off.into_iter().for_each(|day_off| calendar.days_off.add(day_off));
        calendar
    }

    /// The calendar's key.
    #[must_use]
    pub fn key(&self) -> &CalendarKey {
        &self.key
    }

    /// The time zone in which its hours are meant and its moments are printed.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether its week has no closing time, whatever days are off.
    #[must_use]
    pub fn is_around_the_clock(&self) -> bool {
        let is_whole = |hours: &Vec<Hours>| {
            hours.first().is_some_and(|first| first.start == WHOLE_DAY.start)
                && hours.last().is_some_and(|last| last.end == WHOLE_DAY.end)
                && hours.windows(2).all(|pair| pair[0].end == pair[1].start)
        };
        self.week.iter().all(is_whole)
    }

    /// The moment at which so much service time has passed since `start`. A moment that falls exactly on closing
    /// time is closing time, not the next opening. After the last year it knows: the last closing time.
    #[must_use]
    pub fn due(&self, start: Timestamp, service_time: Duration) -> Timestamp {
        if service_time.is_zero() {
            return start;
        }
        let mut last = start;
        let mut left = service_time;
        for (at, year) in self.years_from(start) {
            left = at.map_or(left, |at| left.saturating_add(year.open_before(at)));
            if left <= year.total {
                return year.moment_after(left).unwrap_or(last);
            }
            left -= year.total;
            last = year.last_closing().map_or(last, |closing| closing.max(last));
        }
        last
    }

    /// The service time between two moments; zero if the second is not later.
    #[must_use]
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> Duration {
        if to <= from {
            return Duration::ZERO;
        }
        let last = self.date_of(to).year();
        let mut open_time = Duration::ZERO;
        for ((at, year), number) in self.years_from(from).zip(self.first_year(from)..=LAST_YEAR) {
            if number > last {
                break;
            }
            let end = if number == last { year.open_before(to) } else { year.total };
            open_time += end.saturating_sub(at.map_or(Duration::ZERO, |at| year.open_before(at)));
        }
        open_time
    }

    /// Whether the desk works at that moment. Closing time itself is closed.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let year = self.years.of(self, self.date_of(at).year());
        year.is_some_and(|year| year.next_opening(at) == Some(at))
    }

    /// The moment from which the desk works: `at` itself if it is open, else the next opening. Nothing if there is
    /// none in the years it knows.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.years_from(at).find_map(|(_, year)| year.next_opening(at))
    }

    /// The closing time of that date: the end of its last interval. Nothing on a closed day.
    #[must_use]
    pub fn closing_of_day(&self, date: Date) -> Option<Timestamp> {
        self.hours_of(date).iter().rev().find_map(|hours| {
            let (start, end) = (wall_moment(&self.zone, date, hours.start)?, wall_moment(&self.zone, date, hours.end)?);
            (start < end).then_some(end)
        })
    }

    /// Whether the desk works at all on that date.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.hours_of(date).is_empty()
    }

    /// The end (closing time) of the n-th working day after the day of `from`; that day itself never counts. Zero
    /// days: `from` itself. After the last year it knows: the last closing time.
    #[must_use]
    pub fn add_working_days(&self, from: Timestamp, days: u32) -> Timestamp {
        let mut left = days;
        let mut last = from;
        let today = self.date_of(from);
        for date in dates_from(today).skip_while(|date| *date <= today) {
            if left == 0 {
                break;
            }
            if let Some(closing) = self.closing_of_day(date) {
                left -= 1;
                last = closing;
            }
        }
        last
    }

    /// The days from `from` to `to` (both included, as dates of the calendar) on which it is closed although the
    /// week says open, with the reason: so that a letter can explain a due moment.
    #[must_use]
    pub fn holiday_between(&self, from: Timestamp, to: Timestamp) -> Vec<(Date, Closure)> {
        let days = self.days(self.date_of(from), self.date_of(to));
        days.filter_map(|day| day.closure.map(|closure| (day.date, closure))).collect()
    }

    /// The days from one date to another, both included.
    pub fn days(&self, from: Date, to: Date) -> impl Iterator<Item = CalendarDay> + '_ {
        dates_from(from).take_while(move |date| *date <= to).map(|date| CalendarDay {
            date,
            hours: self.hours_of(date).iter().map(ToString::to_string).collect(),
            closure: self.closure_of(date).filter(|_| !self.week_hours(date).is_empty()),
        })
    }

    /// The date of a moment in the calendar's time zone.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The first year in which it opens on no day at all; nothing where it opens in each.
    #[must_use]
    pub fn first_year_without_opening(&self) -> Option<i16> {
        let opens = |year: &i16| {
            let first = Date::new(*year, 1, 1).ok();
            let days = first.into_iter().flat_map(dates_from).take_while(|date| date.year() == *year);
            days.into_iter().any(|date| self.is_working_day(date))
        };
        (1970..=LAST_YEAR).find(|year| !opens(year))
    }

    /// The first year that a question from that moment on looks at.
    fn first_year(&self, at: Timestamp) -> i16 {
        self.date_of(at).year().max(years::FIRST_YEAR)
    }

    /// The years from that moment on; the moment itself with the one in which it lies.
    fn years_from(&self, at: Timestamp) -> impl Iterator<Item = (Option<Timestamp>, &Year)> {
        let first = self.first_year(at);
        (first..=LAST_YEAR)
            .map_while(|number| self.years.of(self, number))
            .enumerate()
            .map(move |(index, year)| ((index == 0).then_some(at), year))
    }

    /// Why the date is closed, if something closes it; a special opening day is never closed. What has a name comes
    /// first.
    fn closure_of(&self, date: Date) -> Option<Closure> {
        if self.open.contains_key(&date) {
            return None;
        }
        let by_rule = self.holidays.and_then(|rules| rules.holiday_on(date));
        let is_declared = || self.closed.contains(&date) || self.yearly.contains(&(date.month(), date.day()));
        by_rule.or_else(|| self.days_off.on(date)).or_else(|| is_declared().then_some(Closure::Declared))
    }

    fn week_hours(&self, date: Date) -> &[Hours] {
        &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }

    fn hours_of(&self, date: Date) -> &[Hours] {
        if let Some(hours) = self.open.get(&date) {
            return hours;
        }
        match self.week_hours(date) {
            hours if hours.is_empty() || self.closure_of(date).is_some() => &[],
            hours => hours,
        }
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { start, end } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

/// A wall-clock time as a moment. A time that the clocks skip is the moment of the skip; a time that comes twice is
/// its first coming. So later wall-clock times are never earlier moments.
fn wall_moment(zone: &TimeZone, date: Date, minute: u16) -> Option<Timestamp> {
    let (date, minute) = if minute >= 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute) };
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let wall = DateTime::new(date.year(), date.month(), date.day(), hour, minute, 0, 0).ok()?;
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let earlier = ambiguous.earlier().ok()?;
    if is_skipped { zone.following(earlier).next().map(|change| change.timestamp()) } else { Some(earlier) }
}

#[cfg(test)]
mod tests;
