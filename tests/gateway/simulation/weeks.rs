//! The summaries of the weeks, held against figures that are counted from the script.

use casepost::store::letters::StoredLetter;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::Desk;
use super::clients::EXPERTS;
use super::expected::{Booked, Clock, Expected, Standing};
use super::play::{Played, target};
use super::reminders::Reminders;

/// A week, as somebody looks at it at a moment after its end.
pub struct Week<'a> {
    pub expected: &'a Expected,
    reminders: &'a Reminders,
    pub desk: &'a Desk<'a>,
    /// In which its days begin.
    pub zone: TimeZone,
    /// The Monday after it.
    monday: Timestamp,
    /// When the letter was written.
    pub at: Timestamp,
}

impl Week<'_> {
    /// Whether a moment lies in the week so many weeks before this one.
    fn holds_back(&self, weeks: i64, at: Timestamp) -> bool {
        let day = |days: i64| midnight(self.monday, days, &self.zone);
        day(-7 * (weeks + 1)) <= at && at < day(-7 * weeks)
    }

    pub fn holds(&self, at: Timestamp) -> bool {
        self.holds_back(0, at)
    }

    /// Whether a moment lies behind the week.
    pub fn is_after(&self, at: Timestamp) -> bool {
        at >= midnight(self.monday, 0, &self.zone)
    }

    /// The matters of a client, or of all.
    pub fn cases(&self, client: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let all = self.desk.script.cases.iter().enumerate();
        all.filter(move |(_, whose)| client.is_none_or(|client| client == **whose)).map(|(case, _)| case)
    }

    pub fn opened(&self, client: Option<usize>, back: i64) -> usize {
        let is_in = |at: Timestamp| at <= self.at && self.holds_back(back, at);
        self.cases(client).filter(|case| self.expected.opened(*case).is_some_and(is_in)).count()
    }

    /// What was opened again meanwhile is not resolved.
    pub fn resolved(&self, client: Option<usize>, back: i64) -> usize {
        let is_in = |case: &usize| match self.expected.standing(*case, self.at) {
            Standing::Resolved(at) => self.holds_back(back, at),
            _ => false,
        };
        self.cases(client).filter(is_in).count()
    }

    pub fn open(&self, client: Option<usize>) -> usize {
        let standing = |case: &usize| self.expected.standing(*case, self.at);
        self.cases(client).filter(|case| matches!(standing(case), Standing::Open | Standing::Waits(_))).count()
    }

    pub fn held(&self, client: Option<usize>) -> Vec<usize> {
        self.cases(client).filter(|case| self.reminders.is_held(self.expected, *case, self.at)).collect()
    }

    pub fn booked(&self, client: usize) -> Vec<Booked> {
        let all = self.expected.booked.get(&client).map_or(&[][..], Vec::as_slice);
        all.iter().filter(|booked| self.holds(booked.at)).copied().collect()
    }

    /// As the letter tells how promises were kept: each is judged in the week in which it was kept, or else broken.
    pub fn targets(&self, client: Option<usize>) -> Vec<String> {
        let is_meant = |case: usize| client.is_none_or(|client| client == self.desk.script.cases[case]);
        let runs = self.expected.runs.iter().filter(|run| is_meant(run.case));
        let runs: Vec<_> = runs.collect();
        let is_in = |at: Option<Timestamp>| at.is_some_and(|at| self.holds(at));
        let of = |clock: Clock| {
            let mine = runs.iter().filter(|run| run.clock == clock);
            let met = mine.clone().filter(|run| run.missed_at.is_none() && is_in(run.met_at)).count();
            let missed = mine.filter(|run| is_in(run.missed_at)).count();
            (met + missed > 0).then(|| format!("- {}: {met} van {} op tijd", target(clock), met + missed))
        };
        [Clock::Response, Clock::NextResponse, Clock::Resolution].into_iter().filter_map(of).collect()
    }

    /// Promises that were broken in the week, or are and still wait.
    fn broken(&self) -> usize {
        let is_broken = |missed: Timestamp| missed < self.at;
        let runs = self.expected.runs.iter().filter(|run| run.missed_at.is_some_and(is_broken));
        runs.filter(|run| run.missed_at.is_some_and(|at| self.holds(at)) || run.met_at.is_none_or(|met| met > self.at))
            .count()
    }

    /// The two rows of the last twelve weeks.
    fn trend(&self, client: Option<usize>) -> [Vec<usize>; 2] {
        let weeks = || (0..12).rev();
        [
            weeks().map(|back| self.opened(client, back)).collect(),
            weeks().map(|back| self.resolved(client, back)).collect(),
        ]
    }
}

impl Played {
    /// Each client's coordinator reads one summary of each week, on Monday at seven in their own zone, and the duty manager
    /// that of the desk; with the figures of the script.
    pub fn weeks_are(&self, reminders: &Reminders, expected: &Expected, desk: &Desk<'_>) {
        for (place, client) in desk.clients.iter().enumerate() {
            let zone = TimeZone::get(client.hours.zone()).unwrap();
            for (monday, letter) in self.summaries("weekly-summary", &client.coordinator(), &zone) {
                let zone = zone.clone();
                let week = Week { expected, reminders, desk, zone, monday, at: letter.enqueued_at };
                self.week_is(&week, place, &letter.text);
            }
        }
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        for (monday, letter) in self.summaries("desk-summary", "dora@duty.example", &zone) {
            let zone = zone.clone();
            let week = Week { expected, reminders, desk, zone, monday, at: letter.enqueued_at };
            desk_week_is(&week, &letter.text);
            week.desk_lines_are(self, letter);
        }
        // None of what is compared is missing from all of them.
        let texts = || self.letters.iter().filter(|l| l.notice.ends_with("-summary")).map(|l| &l.text);
        for words in [
            "\n  te laat: ",
            " dat op rond ",
            " is boven de kaarten gewerkt",
            "\nGemiste termijnen\n",
            "\nStrippenkaarten die opraken\n",
            "\nGeparkeerde mail van experts\n",
        ] {
            assert!(texts().any(|text| text.contains(words)), "nothing tells {words:?}");
        }
    }

    /// The letters to somebody, one for each Monday.
    fn summaries(&self, notice: &str, reader: &str, zone: &TimeZone) -> Vec<(Timestamp, &StoredLetter)> {
        let letters: Vec<_> = self.letters.iter().filter(|l| l.notice == notice && l.recipient == reader).collect();
        let mondays = mondays(self.from, self.until, zone);
        assert_eq!(letters.len(), mondays.len(), "{notice} to {reader}");
        for (monday, letter) in mondays.iter().zip(&letters) {
            let late = letter.enqueued_at.duration_since(*monday).as_secs();
            assert!((0..3600).contains(&late), "{reader}: {monday} and not {}", letter.enqueued_at);
        }
        mondays.into_iter().zip(letters).collect()
    }

    fn week_is(&self, week: &Week<'_>, place: usize, text: &str) {
        let of = Some(place);
        let client = &week.desk.clients[place];
        let (opened, resolved, open) = (week.opened(of, 0), week.resolved(of, 0), week.open(of));
        let (held, booked) = (week.held(of), week.booked(place));
        let targets = week.targets(of);
        let is_quiet = opened + resolved + open + held.len() + booked.len() + targets.len() == 0;
        assert_eq!(text.contains("Een rustige week"), is_quiet, "{text}");
        let told_held: Vec<usize> = self
            .references
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.is_empty() && text.contains(&format!("- {r} ")))
            .map(|(case, _)| case)
            .collect();
        assert_eq!(told_held, held, "{text}");
        assert_eq!(lines_of(text, |line| line.ends_with(" op tijd")), targets, "{text}");
        week.lines_are(place, client, self, text);
        if is_quiet {
            return;
        }
        let worked = booked.iter().map(|booked| booked.real).sum();
        check_line(text, "Nieuw: ", &opened.to_string());
        check_line(text, "Opgelost: ", &resolved.to_string());
        check_line(text, "Open: ", &open.to_string());
        check_line(text, "Gewerkt: ", &tally(worked));
        check_trend(text, &week.trend(of));
        self.work_is(&booked, client.promises.is_none(), text);
    }

    /// What was worked by case, and in all.
    fn work_is(&self, booked: &[Booked], is_charged: bool, text: &str) {
        let told = |real: i64, charged: i64| match is_charged {
            true => format!("{}, van de kaart {}", tally(real), tally(charged)),
            false => tally(real),
        };
        let sum = |mine: &[&Booked]| told(mine.iter().map(|b| b.real).sum(), mine.iter().map(|b| b.charged).sum());
        let mut cases: Vec<usize> = booked.iter().map(|booked| booked.case).collect();
        cases.sort_unstable();
        cases.dedup();
        let line = |case: &usize| {
            let mine: Vec<&Booked> = booked.iter().filter(|booked| booked.case == *case).collect();
            format!("- {} Vraag {case}: {}", self.numbers[*case], sum(&mine))
        };
        let mut wanted: Vec<String> = cases.iter().map(line).collect();
        let (_, work) = text.split_once("Gewerkt per zaak").unwrap_or_default();
        let (work, total) = work.split_once("Totaal: ").unwrap_or_default();
        let mut found = lines_of(work, |line| line.starts_with("- "));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{text}");
        if !booked.is_empty() {
            assert_eq!(total.lines().next(), Some(sum(&booked.iter().collect::<Vec<_>>()).as_str()), "{text}");
        }
    }
}

fn desk_week_is(week: &Week<'_>, text: &str) {
    check_line(text, "Te laat: ", &week.broken().to_string());
    check_line(text, "Nieuw: ", &week.opened(None, 0).to_string());
    check_line(text, "Opgelost: ", &week.resolved(None, 0).to_string());
    check_line(text, "Open: ", &week.open(None).to_string());
    check_trend(text, &week.trend(None));
    for (expert, _) in EXPERTS {
        let (mut real, mut charged, mut cases) = (0, 0, Vec::new());
        for (place, client) in week.desk.clients.iter().enumerate().filter(|(_, client)| client.expert == expert) {
            for booked in week.booked(place) {
                real += booked.real;
                charged += if client.promises.is_none() { booked.charged } else { 0 };
                cases.push(booked.case);
            }
        }
        cases.sort_unstable();
        cases.dedup();
        let told = text.lines().find_map(|line| line.strip_prefix(&format!("- {expert}: ")));
        let wanted = format!("{} (afgeschreven {}, zaken {})", tally(real), tally(charged), cases.len());
        assert_eq!(told, (real > 0).then_some(wanted.as_str()), "{text}");
    }
}

fn check_line(text: &str, name: &str, expected: &str) {
    let told = text.lines().find_map(|line| line.strip_prefix(name));
    assert_eq!(told, Some(expected), "{name} in {text}");
}

fn check_trend(text: &str, expected: &[Vec<usize>; 2]) {
    let row = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name).filter(|rest| rest.starts_with(' ')));
        line.unwrap_or_default().split_whitespace().map(|word| word.parse().unwrap()).collect::<Vec<usize>>()
    };
    assert_eq!([row("Nieuw"), row("Opgelost")], *expected, "{text}");
}

fn lines_of(text: &str, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    text.lines().filter(|line| is_meant(line)).map(str::to_owned).collect()
}

pub fn tally(minutes: i64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Each Monday at seven before a moment on which a week is told that ended after another: who came later is not told of it.
fn mondays(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
    let first = zone.to_datetime(from).date();
    let at = |day: Date, hour| zone.to_timestamp(day.at(hour, 0, 0, 0)).unwrap();
    let days = first.series(1.day()).take_while(|day| at(*day, 7) < to);
    let mondays = days.filter(|day| day.weekday() == Weekday::Monday && at(*day, 0) >= from);
    mondays.map(|day| at(day, 7)).collect()
}

/// Midnight so many days from a moment's own day.
fn midnight(at: Timestamp, days: i64, zone: &TimeZone) -> Timestamp {
    let day = zone.to_datetime(at).date().checked_add(days.days()).unwrap();
    zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap()
}
