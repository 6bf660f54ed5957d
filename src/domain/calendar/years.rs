//! The open stretches of whole years, worked out once and then looked up: a question over ten years is ten additions.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ServiceCalendar;

/// The first year a calendar knows. Before it nothing is open.
pub(super) const FIRST_YEAR: i16 = 1900;
/// The last year a calendar knows. After it nothing is open.
pub(super) const LAST_YEAR: i16 = 2199;

const EPOCH: Date = Date::constant(1970, 1, 1);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The years of one calendar, each worked out when it is first asked for. Copies of a calendar share them.
#[derive(Debug, Clone)]
pub(super) struct Years(Arc<[OnceLock<Box<Year>>]>);

/// One year of the calendar's zone.
#[derive(Debug)]
pub(super) struct Year {
    /// In order, without overlap; stretches that touch are one.
    stretches: Vec<Stretch>,
    /// The open time of the whole year.
    pub total: Duration,
}

/// Open time without a break, in seconds of the real time line.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: i64,
    end: i64,
    /// The open seconds of the year before it.
    before: i64,
}

impl Years {
    pub fn new() -> Self {
        Self((FIRST_YEAR..=LAST_YEAR).map(|_| OnceLock::new()).collect())
    }

    /// The year of that number; nothing for one that calendars don't know.
    pub fn of<'a>(&'a self, calendar: &ServiceCalendar, year: i16) -> Option<&'a Year> {
        let place = usize::try_from(i32::from(year) - i32::from(FIRST_YEAR)).ok()?;
        Some(self.0.get(place)?.get_or_init(|| Box::new(Year::of(calendar, year))))
    }
}

impl Year {
    fn of(calendar: &ServiceCalendar, year: i16) -> Self {
        let mut walls = Walls { zone: &calendar.zone, steady: None };
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut total = 0;
        for date in dates_from(Date::constant(year, 1, 1)).take_while(|date| date.year() == year) {
            for hours in calendar.hours_of(date) {
                let (Some(start), Some(end)) = (walls.second(date, hours.start), walls.second(date, hours.end)) else {
                    continue;
                };
                match stretches.last_mut() {
                    // A change of clocks can swallow hours whole.
                    _ if start >= end => continue,
                    Some(last) if last.end == start => last.end = end,
                    _ => stretches.push(Stretch { start, end, before: total }),
                }
                total += end - start;
            }
        }
        stretches.shrink_to_fit();
        Self { stretches, total: seconds(total) }
    }

    /// The open time of the year before that moment.
    pub fn open_before(&self, at: Timestamp) -> Duration {
        match self.stretches.get(self.place(at)) {
            Some(stretch) => seconds(stretch.before) + since(moment(stretch.start), at),
            None => self.total,
        }
    }

    /// The moment at which so much of the year's open time has passed; nothing where it is zero or more than there is.
    pub fn moment_after(&self, open_time: Duration) -> Option<Timestamp> {
        let ends_before = |stretch: &Stretch| seconds(stretch.before + stretch.end - stretch.start) < open_time;
        let stretch = self.stretches.get(self.stretches.partition_point(ends_before))?;
        let into = open_time.checked_sub(seconds(stretch.before)).filter(|into| !into.is_zero())?;
        moment(stretch.start).checked_add(into).ok()
    }

    /// The moment itself if it is open, else the start of the next stretch of the year.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.stretches.get(self.place(at)).map(|stretch| moment(stretch.start).max(at))
    }

    /// The end of the year's last stretch.
    pub fn last_closing(&self) -> Option<Timestamp> {
        self.stretches.last().map(|stretch| moment(stretch.end))
    }

    /// The place of the first stretch that ends after the moment.
    fn place(&self, at: Timestamp) -> usize {
        self.stretches.partition_point(|stretch| moment(stretch.end) <= at)
    }
}

/// Wall-clock times of one zone as moments, asked in rising order.
struct Walls<'a> {
    zone: &'a TimeZone,
    steady: Option<Steady>,
}

/// A stretch in which a wall-clock time is one moment: two days or more from any change of clocks. No zone ever
/// moved its clocks by more than a day.
#[derive(Clone, Copy)]
struct Steady {
    from: i64,
    until: i64,
    offset: i64,
}

impl Walls<'_> {
    /// The wall-clock time in seconds of the real time line, by the rule of [`super::wall_moment`].
    fn second(&mut self, date: Date, minute: u16) -> Option<i64> {
        let wall = date.duration_since(EPOCH).as_secs() + i64::from(minute) * 60;
        if let Some(steady) = self.steady
            && (steady.from..steady.until).contains(&(wall - steady.offset))
        {
            return Some(wall - steady.offset);
        }
        let at = super::wall_moment(self.zone, date, minute)?;
        // A change at this very moment is the one before.
        let just_after = at.checked_add(Duration::from_secs(1)).ok()?;
        let before = self.zone.preceding(just_after).next().map_or(i64::MIN, |change| change.timestamp().as_second());
        let after = self.zone.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_second());
        self.steady = Some(Steady {
            from: before.saturating_add(2 * DAY_SECONDS),
            until: after.saturating_sub(2 * DAY_SECONDS),
            offset: i64::from(self.zone.to_offset(at).seconds()),
        });
        Some(at.as_second())
    }
}

/// The dates from that one on, within the years that calendars know.
pub(super) fn dates_from(first: Date) -> impl Iterator<Item = Date> {
    let first = first.max(Date::constant(FIRST_YEAR, 1, 1));
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| date.year() <= LAST_YEAR)
}

fn moment(second: i64) -> Timestamp {
    // Stretches were made of moments.
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

/// The time from one moment to another; zero if that is not later.
fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(count.unsigned_abs())
}
