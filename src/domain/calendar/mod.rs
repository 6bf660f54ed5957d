//! By when? Service time: the hours in which a desk works, in its own time zone.
//!
//! Intervals are `[start, end)`. Service time is counted on the real time line, so a night in which the clocks
//! change counts the hours that really passed.

mod declaration;
mod holiday;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

pub use self::declaration::{CalendarDeclaration, CalendarFault, HolidaySet, OpeningDeclaration, WeekDeclaration};
pub use self::holiday::{Closure, HolidayRules, LiberationDay};
use super::names::CalendarKey;

/// No question looks further ahead than this many days (about a hundred years): what lies beyond is answered with
/// the last moment looked at.
const HORIZON_DAYS: usize = 36_525;

/// Opening hours of one day, in minutes since midnight on the wall clock; the end may be 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    start: u16,
    end: u16,
}

/// A stretch of open time on the real time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opening {
    start: Timestamp,
    end: Timestamp,
}

/// When a desk works: weekly hours, holidays, closed days and special opening days, in one time zone.
///
/// Made from a [`CalendarDeclaration`], which checks it, or by [`ServiceCalendar::around_the_clock`].
#[derive(Debug, Clone)]
pub struct ServiceCalendar {
    key: CalendarKey,
    zone: TimeZone,
    /// From Monday; each day's hours in order, without overlap.
    week: [Vec<Hours>; 7],
    holidays: Option<HolidayRules>,
    closed: BTreeSet<Date>,
    yearly: BTreeSet<(i8, i8)>,
    open: BTreeMap<Date, Vec<Hours>>,
}

impl ServiceCalendar {
    /// A calendar that never closes. The time zone still says where a day ends.
    #[must_use]
    pub fn around_the_clock(key: CalendarKey, zone: TimeZone) -> Self {
        let whole_day = || vec![Hours { start: 0, end: 24 * 60 }];
        Self {
            key,
            zone,
            week: std::array::from_fn(|_| whole_day()),
            holidays: None,
            closed: BTreeSet::new(),
            yearly: BTreeSet::new(),
            open: BTreeMap::new(),
        }
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

    /// The moment at which so much service time has passed since `start`. A moment that falls exactly on closing
    /// time is closing time, not the next opening. Beyond a hundred years: the last moment looked at.
    #[must_use]
    pub fn due(&self, start: Timestamp, service_time: Duration) -> Timestamp {
        if service_time.is_zero() {
            return start;
        }
        let mut left = service_time;
        let mut last = start;
        for opening in self.openings_from(start) {
            let length = length(opening);
            if left <= length {
                return opening.start.checked_add(left).unwrap_or(opening.end);
            }
            left -= length;
            last = opening.end;
        }
        last
    }

    /// The service time between two moments; zero if the second is not later. At most a hundred years are counted.
    #[must_use]
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> Duration {
        self.openings_from(from)
            .take_while(|opening| opening.start < to)
            .map(|opening| length(Opening { start: opening.start, end: opening.end.min(to) }))
            .sum()
    }

    /// Whether the desk works at that moment. Closing time itself is closed.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.openings_of(self.date_of(at)).iter().any(|opening| opening.start <= at && at < opening.end)
    }

    /// The moment from which the desk works: `at` itself if it is open, else the next opening. Nothing if there is
    /// none within a hundred years.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.openings_from(at).next().map(|opening| opening.start)
    }

    /// The closing time of that date: the end of its last interval. Nothing on a closed day.
    #[must_use]
    pub fn closing_of_day(&self, date: Date) -> Option<Timestamp> {
        self.openings_of(date).last().map(|opening| opening.end)
    }

    /// Whether the desk works at all on that date.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.hours_of(date).is_empty()
    }

    /// The end (closing time) of the n-th working day after the day of `from`; that day itself never counts. Zero
    /// days: `from` itself. Beyond a hundred years: the last closing time looked at.
    #[must_use]
    pub fn add_working_days(&self, from: Timestamp, days: u32) -> Timestamp {
        if days == 0 {
            return from;
        }
        let mut counted = 0;
        let mut last = from;
        for date in dates_from(self.date_of(from)).skip(1) {
            if let Some(closing) = self.closing_of_day(date) {
                counted += 1;
                last = closing;
            }
            if counted == days {
                break;
            }
        }
        last
    }

    /// The days from `from` to `to` (both included, as dates of the calendar) on which it is closed although the
    /// week says open, with the reason: so that a letter can explain a due moment.
    #[must_use]
    pub fn holiday_between(&self, from: Timestamp, to: Timestamp) -> Vec<(Date, Closure)> {
        let last = self.date_of(to);
        dates_from(self.date_of(from))
            .take_while(|&date| date <= last)
            .filter(|&date| !self.week_hours(date).is_empty())
            .filter_map(|date| self.closure_of(date).map(|closure| (date, closure)))
            .collect()
    }

    /// The date of a moment in the calendar's time zone.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Why the date is closed, if something closes it; a special opening day is never closed.
    fn closure_of(&self, date: Date) -> Option<Closure> {
        if self.open.contains_key(&date) {
            return None;
        }
        if self.closed.contains(&date) || self.yearly.contains(&(date.month(), date.day())) {
            return Some(Closure::Declared);
        }
        self.holidays.and_then(|rules| rules.holiday_on(date))
    }

    fn week_hours(&self, date: Date) -> &[Hours] {
        &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }

    fn hours_of(&self, date: Date) -> &[Hours] {
        match self.open.get(&date) {
            Some(hours) => hours,
            None if self.closure_of(date).is_some() => &[],
            None => self.week_hours(date),
        }
    }

    /// The open stretches of a date in order; one that a change of clocks swallows is left out.
    fn openings_of(&self, date: Date) -> Vec<Opening> {
        let to_opening = |hours: &Hours| {
            let start = self.moment(date, hours.start)?;
            let end = self.moment(date, hours.end)?;
            (start < end).then_some(Opening { start, end })
        };
        self.hours_of(date).iter().filter_map(to_opening).collect()
    }

    /// The open stretches from a moment on; the first one is cut at that moment.
    fn openings_from(&self, at: Timestamp) -> impl Iterator<Item = Opening> + '_ {
        dates_from(self.date_of(at))
            .flat_map(|date| self.openings_of(date))
            .filter(move |opening| opening.end > at)
            .map(move |opening| Opening { start: opening.start.max(at), end: opening.end })
    }

    /// A wall-clock time as a moment. A time that the clocks skip is the moment of the skip; a time that comes
    /// twice is its first coming. So later wall-clock times are never earlier moments.
    fn moment(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let (date, minute) = if minute >= 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute) };
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let wall = DateTime::new(date.year(), date.month(), date.day(), hour, minute, 0, 0).ok()?;
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let earlier = ambiguous.earlier().ok()?;
        if is_skipped { self.zone.following(earlier).next().map(|change| change.timestamp()) } else { Some(earlier) }
    }

    /// Whether any day of a common year is open.
    fn opens_in_an_ordinary_year(&self) -> bool {
        dates_from(Date::constant(2026, 1, 1)).take(365).any(|date| self.is_working_day(date))
    }
}

fn length(opening: Opening) -> Duration {
    opening.end.duration_since(opening.start).unsigned_abs()
}

fn dates_from(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(HORIZON_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn calendar(lines: &str) -> ServiceCalendar {
        let toml = format!("key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\n{lines}");
        ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(&toml).unwrap()).unwrap()
    }

    const OFFICE: &str = r#"hours = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"],
        thu = ["09:00-17:00"], fri = ["09:00-17:00"] }
        holidays = "nl""#;

    fn office() -> ServiceCalendar {
        calendar(&OFFICE.replace('\n', " ").replace("] } ", "] }\n"))
    }

    fn lunch() -> ServiceCalendar {
        calendar(
            "hours = { mon = [\"09:00-12:30\", \"13:00-17:00\"], sat = [\"00:00-24:00\"], sun = [\"00:00-02:30\", \"02:30-06:00\"] }\n\
             holidays = \"be\"\nclosed = [\"2026-06-08\"]\nyearly = [\"12-28\"]\nopen = [{ date = \"2026-04-06\", hours = [\"10:00-12:00\"] }]",
        )
    }

    fn always() -> ServiceCalendar {
        ServiceCalendar::around_the_clock(
            CalendarKey::new("always").unwrap(),
            TimeZone::get("Europe/Amsterdam").unwrap(),
        )
    }

    fn at(calendar: &ServiceCalendar, local: &str) -> Timestamp {
        let wall: DateTime = local.parse().unwrap();
        calendar.zone.to_ambiguous_timestamp(wall).compatible().unwrap()
    }

    fn check(calendar: &ServiceCalendar, start: &str, minutes: u64, expected: &str) {
        let (start, service_time) = (at(calendar, start), Duration::from_secs(minutes * 60));
        let due = calendar.due(start, service_time);
        assert_eq!(calendar.zone.to_datetime(due).to_string(), expected, "{minutes} min from {start}");
        assert_eq!(calendar.elapsed(start, due), service_time);
    }

    #[test]
    fn due_moments_in_office_hours() {
        let office = office();
        check(&office, "2026-04-24T16:00:00", 240, "2026-04-28T12:00:00");
        check(&office, "2026-11-20T10:00:00", 360, "2026-11-20T16:00:00");
        check(&office, "2026-11-23T10:00:00", 120, "2026-11-23T12:00:00");
        check(&office, "2026-11-20T10:00:30", 480, "2026-11-23T10:00:30");
        check(&office, "2026-11-20T16:00:00", 60, "2026-11-20T17:00:00");
        check(&office, "2026-11-20T17:00:00", 60, "2026-11-23T10:00:00");
        check(&office, "2026-11-21T03:00:00", 480, "2026-11-23T17:00:00");
        check(&office, "2026-12-24T16:59:59", 1, "2026-12-28T09:00:59");
        check(&office, "2026-11-21T03:00:00", 0, "2026-11-21T03:00:00");
    }

    #[test]
    fn a_pause_is_measured_in_service_time() {
        let office = office();
        let paused = office.elapsed(at(&office, "2026-11-20T16:00:00"), at(&office, "2026-11-23T10:00:00"));
        assert_eq!(paused, Duration::from_secs(2 * 3600));
        assert_eq!(
            office.elapsed(at(&office, "2026-11-23T10:00:00"), at(&office, "2026-11-20T16:00:00")),
            Duration::ZERO
        );
    }

    #[test]
    fn several_intervals_closed_days_and_special_openings() {
        let lunch = lunch();
        check(&lunch, "2026-11-23T12:00:00", 30, "2026-11-23T12:30:00");
        check(&lunch, "2026-11-23T12:00:00", 31, "2026-11-23T13:01:00");
        check(&lunch, "2026-04-06T08:00:00", 120, "2026-04-06T12:00:00");
        check(&lunch, "2026-06-08T10:00:00", 60, "2026-06-13T01:00:00");
        assert!(!lunch.is_open(at(&lunch, "2026-11-23T12:30:00")));
        assert!(lunch.is_open(at(&lunch, "2026-11-23T13:00:00")));
        assert!(!lunch.is_open(at(&lunch, "2026-12-28T10:00:00")));
        assert_eq!(lunch.next_opening(at(&lunch, "2026-11-23T12:30:00")), Some(at(&lunch, "2026-11-23T13:00:00")));
        assert_eq!(lunch.next_opening(at(&lunch, "2026-11-23T12:29:00")), Some(at(&lunch, "2026-11-23T12:29:00")));
    }

    #[test]
    fn nights_in_which_the_clocks_change_count_what_passed() {
        let always = always();
        check(&always, "2026-03-28T12:00:00", 24 * 60, "2026-03-29T13:00:00");
        check(&always, "2026-10-24T12:00:00", 24 * 60, "2026-10-25T11:00:00");
        let lunch = lunch();
        let elapsed = |from, to| lunch.elapsed(at(&lunch, from), at(&lunch, to)).as_secs() / 60;
        assert_eq!(elapsed("2026-03-29T00:00:00", "2026-03-29T12:00:00"), 5 * 60);
        assert_eq!(elapsed("2026-10-25T00:00:00", "2026-10-25T12:00:00"), 7 * 60);
    }

    #[test]
    fn working_days_end_at_closing_time() {
        let office = office();
        let check_days = |from, days, expected: &str| {
            let end = office.add_working_days(at(&office, from), days);
            assert_eq!(office.zone.to_datetime(end).to_string(), expected, "{days} after {from}");
        };
        check_days("2026-11-23T10:00:00", 5, "2026-11-30T17:00:00");
        check_days("2026-11-21T10:00:00", 1, "2026-11-23T17:00:00");
        check_days("2026-04-24T16:00:00", 1, "2026-04-28T17:00:00");
        check_days("2026-11-23T20:00:00", 1, "2026-11-24T17:00:00");
        check_days("2026-11-23T10:00:00", 0, "2026-11-23T10:00:00");
    }

    #[test]
    fn closed_days_are_explained() {
        let office = office();
        let days = office.holiday_between(at(&office, "2026-04-24T16:00:00"), at(&office, "2026-04-28T12:00:00"));
        assert_eq!(days, [(date(2026, 4, 27), Closure::KingsDay)]);
    }

    #[test]
    fn no_question_hangs() {
        let office = office();
        let far = office.due(Timestamp::UNIX_EPOCH, Duration::MAX);
        assert!(far > at(&office, "2069-01-01T00:00:00"));
        assert_eq!(office.due(Timestamp::MAX, Duration::from_secs(60)), Timestamp::MAX);
        assert!(office.add_working_days(Timestamp::UNIX_EPOCH, u32::MAX) > at(&office, "2069-01-01T00:00:00"));
        assert!(office.next_opening(Timestamp::MAX).is_none());
    }

    fn any_calendar() -> impl Strategy<Value = ServiceCalendar> {
        prop_oneof![Just(office()), Just(lunch()), Just(always())]
    }

    /// 2025 to 2028, to the second.
    fn any_moment() -> impl Strategy<Value = Timestamp> {
        (1_735_689_600_i64..1_861_920_000).prop_map(|second| Timestamp::from_second(second).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_due_has_elapsed(calendar in any_calendar(), start in any_moment(), seconds in 0_u64..2_000_000) {
            let service_time = Duration::from_secs(seconds);
            let due = calendar.due(start, service_time);
            prop_assert_eq!(calendar.elapsed(start, due), service_time);
            prop_assert!(due >= start);
        }

        #[test]
        fn elapsed_time_adds_up(calendar in any_calendar(), mut moments in proptest::array::uniform3(any_moment())) {
            moments.sort();
            let [a, b, c] = moments;
            prop_assert_eq!(calendar.elapsed(a, b) + calendar.elapsed(b, c), calendar.elapsed(a, c));
        }

        #[test]
        fn the_next_opening_is_open(calendar in any_calendar(), at in any_moment()) {
            let opening = calendar.next_opening(at).unwrap();
            prop_assert!(calendar.is_open(opening));
            prop_assert_eq!(calendar.elapsed(at, opening), Duration::ZERO);
        }
    }
}
