//! The answers again, by another way: each minute of a year of real time is marked open or closed by what a clock on
//! the wall reads then, and counted up. Nothing of the calendar's own code is used but its declaration.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::calendar::{OpeningDeclaration, WeekDeclaration};

/// Zones that change their clocks in spring and autumn, at midnight, by half an hour or two, for Ramadan, or not at
/// all, and one that left out a day.
const ZONES: [(&str, i16); 18] = [
    ("Europe/Amsterdam", 2026),
    ("Europe/Amsterdam", 2024),
    ("Europe/London", 2027),
    ("UTC", 2028),
    ("America/New_York", 2026),
    ("America/St_Johns", 2010),
    ("America/Sao_Paulo", 2017),
    ("America/Havana", 2026),
    ("Asia/Beirut", 2026),
    ("Asia/Tehran", 2021),
    ("Asia/Kathmandu", 2026),
    ("Asia/Amman", 2020),
    ("Africa/Casablanca", 2026),
    ("Africa/Cairo", 2025),
    ("Antarctica/Troll", 2025),
    ("Australia/Lord_Howe", 2026),
    ("Australia/Sydney", 2040),
    ("Pacific/Apia", 2011),
];

const MINUTES: usize = 366 * 24 * 60;
const QUESTIONS: usize = 100;

#[test]
fn answers_agree_with_counted_minutes() {
    let calendars = if is_long() { 20_000 } else { 504 };
    for (index, (zone, year)) in ZONES.into_iter().enumerate() {
        let wall = Wall::new(zone, year);
        for seed in 0..calendars / ZONES.len() {
            let mut dice = Dice((index * 1_000_003 + seed + 1) as u64);
            let (world, calendar) = dice.calendar(zone, year);
            let counted = Counted::new(&wall, &world);
            for _ in 0..QUESTIONS {
                counted.compare(&calendar, &mut dice, &format!("{zone} {year} seed {seed}: {world:?}"));
            }
        }
    }
}

/// What the clock on the wall reads at each minute of a year that begins with it in UTC.
struct Wall {
    start: i64,
    first_day: Date,
    /// The highest reading so far, in minutes since midnight of the first day.
    peak: Vec<i64>,
    /// The number of the day on the wall.
    day: Vec<i64>,
}

impl Wall {
    fn new(zone: &str, year: i16) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let start = date(year, 1, 1).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp().as_second();
        let first_day = date(year - 1, 12, 30);
        let offset = |minute: i64| {
            let at = Timestamp::from_second(start + minute * 60).unwrap();
            i64::from(zone.to_offset(at).seconds()) / 60
        };
        let (mut peak, mut day, mut highest) = (Vec::with_capacity(MINUTES), Vec::with_capacity(MINUTES), 0);
        for quarter in (0..MINUTES as i64).step_by(15) {
            let (first, last) = (offset(quarter), offset(quarter + 14));
            for minute in quarter..quarter + 15 {
                let reading = 2 * 1440 + minute + if first == last { first } else { offset(minute) };
                highest = highest.max(reading);
                peak.push(highest);
                day.push(reading.div_euclid(1440));
            }
        }
        Self { start, first_day, peak, day }
    }

    /// The first minute at which the clock reads that or later.
    fn reached(&self, day: i64, minute: u16) -> usize {
        let reading = day * 1440 + i64::from(minute);
        self.peak.partition_point(|peak| *peak < reading)
    }
}

/// A declared calendar in plain numbers.
#[derive(Debug, Default)]
struct World {
    week: [Vec<(u16, u16)>; 7],
    closed: BTreeSet<Date>,
    yearly: BTreeSet<(i8, i8)>,
    open: BTreeMap<Date, Vec<(u16, u16)>>,
    breaks: Vec<(Date, Date)>,
}

impl World {
    fn hours(&self, day: Date) -> &[(u16, u16)] {
        let is_closed = self.closed.contains(&day)
            || self.yearly.contains(&(day.month(), day.day()))
            || self.breaks.iter().any(|(from, until)| *from <= day && day <= *until);
        match self.open.get(&day) {
            Some(hours) => hours,
            None if is_closed => &[],
            None => &self.week[day.weekday().to_monday_zero_offset() as usize],
        }
    }
}

struct Counted<'a> {
    wall: &'a Wall,
    is_open: Vec<bool>,
    /// Open minutes before each minute.
    before: Vec<i64>,
    /// By number of the day, the first minute after its last open one.
    closing: BTreeMap<i64, usize>,
}

impl<'a> Counted<'a> {
    fn new(wall: &'a Wall, world: &World) -> Self {
        let mut is_open = vec![false; MINUTES];
        let mut closing = BTreeMap::new();
        let mut day = wall.first_day;
        for number in 0..372 {
            for (start, end) in world.hours(day) {
                let (start, end) = (wall.reached(number, *start), wall.reached(number, *end));
                if start < end {
                    is_open[start..end].fill(true);
                    closing.insert(number, end);
                }
            }
            day = day.tomorrow().unwrap();
        }
        let mut before = Vec::with_capacity(MINUTES + 1);
        let mut count = 0;
        for open in &is_open {
            before.push(count);
            count += i64::from(*open);
        }
        before.push(count);
        Self { wall, is_open, before, closing }
    }

    fn moment(&self, second: i64) -> Timestamp {
        Timestamp::from_second(self.wall.start + second).unwrap()
    }

    fn open_seconds_before(&self, second: i64) -> i64 {
        let minute = (second / 60) as usize;
        self.before[minute] * 60 + if self.is_open[minute] { second % 60 } else { 0 }
    }

    /// The second at which so many open ones have passed.
    fn second_after(&self, open_seconds: i64) -> Option<i64> {
        let minute = self.before.partition_point(|before| before * 60 < open_seconds);
        (minute <= MINUTES).then(|| (minute as i64 - 1) * 60 + open_seconds - self.before[minute - 1] * 60)
    }

    fn compare(&self, calendar: &ServiceCalendar, dice: &mut Dice, told: &str) {
        // The first and last days of the stretch are not whole in every zone.
        let (from, to) =
            (dice.up_to(360) * 86_400 + 86_400 * 2 + dice.up_to(86_400), dice.up_to(362 * 86_400) + 86_400);
        let from = from.min(363 * 86_400);
        let (start, end) = (self.moment(from), self.moment(to));
        let expected = (self.open_seconds_before(to) - self.open_seconds_before(from)).max(0);
        assert_eq!(calendar.elapsed(start, end).as_secs() as i64, expected, "elapsed {start} {end} {told}");

        let minute = (from / 60) as usize;
        assert_eq!(calendar.is_open(start), self.is_open[minute], "is_open {start} {told}");
        let opening = match self.is_open[minute] {
            true => Some(from),
            false => self.is_open[minute..].iter().position(|open| *open).map(|after| (minute + after) as i64 * 60),
        };
        if let Some(opening) = opening {
            assert_eq!(calendar.next_opening(start), Some(self.moment(opening)), "next_opening {start} {told}");
        }

        let most = [3_600, 86_400, 40 * 3_600, 1_000 * 3_600][dice.up_to(4) as usize];
        let seconds = if dice.up_to(3) == 0 { dice.up_to(most / 60) * 60 } else { dice.up_to(most) };
        let due = match seconds {
            0 => Some(from),
            _ => self.second_after(self.open_seconds_before(from) + seconds),
        };
        if let Some(due) = due {
            let answer = calendar.due(start, Duration::from_secs(seconds as u64));
            assert_eq!(answer, self.moment(due), "due {start} + {seconds} s {told}");
        }

        let days = dice.up_to(12) + 1;
        let today = self.wall.day[minute];
        if let Some((_, closing)) = self.closing.range(today + 1..).nth(days as usize - 1)
            && *closing < MINUTES - 1440
        {
            let answer = calendar.add_working_days(start, days as u32);
            assert_eq!(answer, self.moment(*closing as i64 * 60), "{days} days after {start} {told}");
        }
    }
}

/// Numbers that look like chance and are the same in each run.
struct Dice(u64);

impl Dice {
    /// From zero up to one less.
    fn up_to(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as i64
    }

    /// One to three stretches of a day; often near the hours at which clocks change, sometimes touching.
    fn hours(&mut self) -> Vec<(u16, u16)> {
        let mut cuts = BTreeSet::new();
        let count = 2 * (self.up_to(3) + 1) as usize;
        while cuts.len() < count {
            cuts.insert(match self.up_to(5) {
                0 => self.up_to(17) * 15,
                1 => [0, 1440][self.up_to(2) as usize],
                2 => self.up_to(1441),
                _ => self.up_to(49) * 30,
            } as u16);
        }
        let cuts: Vec<u16> = cuts.into_iter().collect();
        let mut hours: Vec<_> = cuts.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        if self.up_to(4) == 0 && hours.len() > 1 {
            hours[0].1 = hours[1].0;
        }
        hours
    }

    fn day(&mut self, year: i16) -> Date {
        date(year, 1, 1).saturating_add(jiff::Span::new().days(self.up_to(365)))
    }

    fn calendar(&mut self, zone: &str, year: i16) -> (World, ServiceCalendar) {
        loop {
            let mut world = World::default();
            for day in 0..7 {
                if self.up_to(10) < 7 {
                    world.week[day] = self.hours();
                }
            }
            for _ in 0..self.up_to(12) {
                let day = self.day(year);
                world.closed.insert(day);
            }
            for _ in 0..self.up_to(6) {
                let day = self.day(2024);
                world.yearly.insert((day.month(), day.day()));
            }
            for _ in 0..self.up_to(6) {
                let (day, hours) = (self.day(year), self.hours());
                if !world.closed.contains(&day) {
                    world.open.insert(day, hours);
                }
            }
            for _ in 0..self.up_to(4) {
                let day = self.day(year);
                world.breaks.push((day, day.saturating_add(jiff::Span::new().days(self.up_to(20)))));
            }
            if let Ok(calendar) = ServiceCalendar::try_from(declared(&world, zone)) {
                return (world, calendar);
            }
        }
    }
}

fn declared(world: &World, zone: &str) -> CalendarDeclaration {
    let written = |hours: &[(u16, u16)]| -> Vec<String> {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        hours.iter().map(|(start, end)| format!("{}-{}", time(*start), time(*end))).collect()
    };
    let [mon, tue, wed, thu, fri, sat, sun] = world.week.each_ref().map(|hours| written(hours));
    let open =
        world.open.iter().map(|(date, hours)| OpeningDeclaration { date: date.to_string(), hours: written(hours) });
    let breaks = world.breaks.iter().map(|(from, until)| DayOff {
        name: "break".to_owned(),
        from: *from,
        until: Some(*until),
        repeats: None,
        last_year: None,
    });
    CalendarDeclaration {
        key: CalendarKey::new("counted").unwrap(),
        time_zone: zone.to_owned(),
        hours: WeekDeclaration { mon, tue, wed, thu, fri, sat, sun },
        holidays: None,
        good_friday: None,
        liberation_day: None,
        holidays_file: None,
        day_off: breaks.collect(),
        closed: world.closed.iter().map(ToString::to_string).collect(),
        yearly: world.yearly.iter().map(|(month, day)| format!("{month:02}-{day:02}")).collect(),
        open: open.collect(),
    }
}
