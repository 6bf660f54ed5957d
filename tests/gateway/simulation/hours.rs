//! Open time, counted another way than casepost does: every quarter of an hour of the window is looked at once, and
//! what is open up to each of them is summed up.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Every opening begins and ends on a quarter of an hour.
const QUARTER: i64 = 15 * 60;

/// When a desk works for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hours {
    /// Monday to Friday, nine to five, in Amsterdam, without the Dutch free days.
    Office,
    /// With a break at noon, shorter on Fridays and open on Saturday mornings, in London; closed between the years.
    Lunch,
    /// Always, in New York.
    Always,
}

impl Hours {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Office, Self::Lunch, Self::Always];

    /// Its key in the directory.
    pub fn key(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Lunch => "lunch",
            Self::Always => "always",
        }
    }

    /// Its time zone.
    pub fn zone(self) -> &'static str {
        match self {
            Self::Office => "Europe/Amsterdam",
            Self::Lunch => "Europe/London",
            Self::Always => "America/New_York",
        }
    }

    /// As the directory declares it.
    pub fn declaration(self) -> String {
        let mut text = format!("\n[[calendar]]\nkey = \"{}\"\ntime_zone = \"{}\"\n", self.key(), self.zone());
        match self {
            Self::Office => text.push_str("holidays = \"nl\"\n"),
            Self::Lunch => text.push_str(
                "closed = [\"2026-12-28\", \"2026-12-29\", \"2026-12-30\", \"2026-12-31\"]\nyearly = [\"12-25\", \"01-01\"]\n",
            ),
            Self::Always => {}
        }
        text.push_str("[calendar.hours]\n");
        for day in Weekday::Monday.cycle_forward().take(7) {
            let name = format!("{day:?}").to_lowercase()[..3].to_owned();
            let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let spans = self.of_weekday(day).iter().map(|(from, to)| format!("\"{}-{}\"", clock(*from), clock(*to)));
            let spans: Vec<String> = spans.collect();
            if !spans.is_empty() {
                text.push_str(&format!("{name} = [{}]\n", spans.join(", ")));
            }
        }
        text
    }

    /// In minutes since midnight.
    fn of_weekday(self, day: Weekday) -> &'static [(i64, i64)] {
        match (self, day) {
            (Self::Always, _) => &[(0, 1440)],
            (Self::Office, Weekday::Saturday | Weekday::Sunday) | (Self::Lunch, Weekday::Sunday) => &[],
            (Self::Office, _) => &[(540, 1020)],
            (Self::Lunch, Weekday::Saturday) => &[(600, 720)],
            (Self::Lunch, Weekday::Friday) => &[(540, 750), (780, 960)],
            (Self::Lunch, _) => &[(540, 750), (780, 1050)],
        }
    }

    /// Free days of the two windows, from a printed calendar.
    fn is_free(self, day: Date) -> bool {
        match self {
            Self::Always => false,
            Self::Office => [
                date(2026, 1, 1),
                date(2026, 4, 3),
                date(2026, 4, 5),
                date(2026, 4, 6),
                date(2026, 4, 27),
                date(2026, 5, 14),
                date(2026, 5, 24),
                date(2026, 5, 25),
                date(2026, 12, 25),
                date(2026, 12, 26),
                date(2027, 1, 1),
            ]
            .contains(&day),
            Self::Lunch => {
                (day.month() == 12 && day.day() == 25)
                    || (day.month() == 1 && day.day() == 1)
                    || (date(2026, 12, 28) <= day && day <= date(2026, 12, 31))
            }
        }
    }
}

/// The open time of one calendar between two moments.
pub struct OpenTime {
    zone: TimeZone,
    hours: Hours,
    first: i64,
    /// Open seconds before each quarter.
    before: Vec<i64>,
}

impl OpenTime {
    /// Looks at every quarter of an hour from one moment to another.
    pub fn between(hours: Hours, from: Timestamp, to: Timestamp) -> Self {
        let zone = TimeZone::get(hours.zone()).unwrap();
        let first = from.as_second() / QUARTER * QUARTER;
        let mut before = vec![0];
        let mut open = 0;
        for second in (first..to.as_second()).step_by(usize::try_from(QUARTER).unwrap()) {
            let wall = zone.to_datetime(Timestamp::from_second(second).unwrap());
            let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
            let spans = hours.of_weekday(wall.weekday());
            if !hours.is_free(wall.date()) && spans.iter().any(|(from, to)| (*from..*to).contains(&minute)) {
                open += QUARTER;
            }
            before.push(open);
        }
        Self { zone, hours, first, before }
    }

    /// Open seconds up to a moment.
    fn up_to(&self, at: Timestamp) -> i64 {
        let since = at.as_second() - self.first;
        let quarter = usize::try_from(since / QUARTER).expect("a moment of the window");
        let within = if self.before[quarter + 1] > self.before[quarter] { since % QUARTER } else { 0 };
        self.before[quarter] + within
    }

    /// Open seconds between two moments.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.up_to(to) - self.up_to(from)
    }

    /// The first moment at which so many open seconds have passed since.
    pub fn due(&self, from: Timestamp, seconds: i64) -> Timestamp {
        let wanted = self.up_to(from) + seconds;
        // The last quarter before which less than that was open, so that closing time is not the next opening.
        let quarter = self.before.partition_point(|open| *open < wanted) - 1;
        let moment = self.first + i64::try_from(quarter).unwrap() * QUARTER + wanted - self.before[quarter];
        Timestamp::from_second(moment).unwrap()
    }

    /// The moment itself where the desk works, else the next opening.
    pub fn opening(&self, at: Timestamp) -> Timestamp {
        later(self.due(at, 1), -1)
    }

    /// Whether the desk works at that moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opening(at) == at
    }

    /// The day of a moment in the time zone of the calendar, which is that of its clients.
    pub fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Closing time of the n-th day with opening hours after the day of that moment.
    pub fn end_of_working_day(&self, from: Timestamp, days: usize) -> Timestamp {
        let mut day = self.zone.to_datetime(from).date();
        let mut left = days;
        loop {
            day = day.checked_add(1.day()).unwrap();
            let spans = self.hours.of_weekday(day.weekday());
            if self.hours.is_free(day) || spans.is_empty() {
                continue;
            }
            left -= 1;
            if left == 0 {
                let midnight = day.to_datetime(jiff::civil::Time::midnight());
                let closing = midnight.checked_add(spans[spans.len() - 1].1.minutes()).unwrap();
                return self.zone.to_timestamp(closing).unwrap();
            }
        }
    }
}

/// So many seconds later.
pub fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}
