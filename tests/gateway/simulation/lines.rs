//! What the summaries print line by line: open cases, what is left of a card, broken promises, clients. Written once more
//! from the script, in the words of the letters.

use std::cmp::Reverse;

use casepost::store::letters::StoredLetter;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::clients::Client;
use super::expected::{Booked, Run, Standing};
use super::ledger::{BOUGHT, Card};
use super::play::{Played, target};
use super::weeks::{Week, tally};

const WEEKDAYS: [&str; 7] = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"];
const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
/// A list of a letter is no longer.
const MOST_LINES: usize = 25;
/// A card that runs out or ends within so many days is told to the desk.
const SOON: i32 = 28;

/// A moment at which somebody reads, in their zone.
pub struct Reading<'a> {
    pub zone: &'a TimeZone,
    pub at: Timestamp,
}

impl Reading<'_> {
    fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    pub fn today(&self) -> Date {
        self.day(self.at)
    }

    fn date(&self, date: Date) -> String {
        let weekday = WEEKDAYS[date.weekday().to_monday_zero_offset() as usize];
        let year = if date.year() == self.today().year() { String::new() } else { format!(" {}", date.year()) };
        format!("{weekday} {} {}{year}", date.day(), MONTHS[date.month() as usize - 1])
    }

    fn moment(&self, at: Timestamp) -> String {
        let wall = self.zone.to_datetime(at);
        format!("{} om {:02}:{:02}", self.date(wall.date()), wall.hour(), wall.minute())
    }

    /// By when, rounded down to the minute; nothing once that minute has come.
    fn deadline(&self, due: Timestamp) -> Option<String> {
        let wall = self.zone.to_datetime(due);
        let minute = Timestamp::from_second(due.as_second() - i64::from(wall.second())).unwrap();
        let is_midnight = (wall.hour(), wall.minute()) == (0, 0);
        let day = if is_midnight { wall.date().yesterday().unwrap() } else { wall.date() };
        let day = match day {
            day if day == self.today() => "vandaag".to_owned(),
            day if day == self.today().tomorrow().unwrap() => "morgen".to_owned(),
            day => self.date(day),
        };
        let time = match is_midnight {
            true => "middernacht".to_owned(),
            false => format!("{:02}:{:02}", wall.hour(), wall.minute()),
        };
        (minute > self.at).then(|| format!("{day} vóór {time}"))
    }

    fn age(&self, since: Timestamp) -> String {
        match self.day(since).until((jiff::Unit::Day, self.today())).unwrap().get_days() {
            0 => "vandaag".to_owned(),
            1 => "1 dag".to_owned(),
            days => format!("{days} dagen"),
        }
    }
}

fn spoken(minutes: i64) -> String {
    let rest = if minutes % 60 == 1 { "1 minuut".to_owned() } else { format!("{} minuten", minutes % 60) };
    match (minutes / 60, minutes % 60) {
        (0, _) => rest,
        (hours, 0) => format!("{hours} uur"),
        (hours, _) => format!("{hours} uur {rest}"),
    }
}

fn strips(count: i64) -> String {
    if count == 1 { "1 strip".to_owned() } else { format!("{count} strippen") }
}

/// The lines of a part of a letter, which ends with an empty one.
fn part<'a>(text: &'a str, title: &str) -> Vec<&'a str> {
    let (_, rest) = text.split_once(&format!("\n{title}\n")).unwrap_or_default();
    let lines = rest.lines().skip_while(|line| !line.is_empty()).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// The items of a part, each with the lines that belong to it.
fn items(text: &str, title: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in part(text, title) {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => item.push_str(&format!("\n{line}")),
            _ => items.push(line.to_owned()),
        }
    }
    items
}

/// A list as a letter shows it: the first lines, and how many more.
fn cut(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MOST_LINES {
        let more = lines.split_off(MOST_LINES).len();
        lines.push(format!("- en nog {more}"));
    }
    lines
}

/// What a strip card comes to on a day.
pub struct Strips {
    left: i64,
    overdraft: i64,
    /// The day on which it is used up at the pace of the last eight weeks.
    run_out_on: Option<Date>,
    /// Its last day, where there is something on it, and whether that pace is known.
    ends_on: Option<(Date, bool)>,
}

impl Strips {
    pub fn of(week: &Week<'_>, place: usize, bought_on: Date, zone: &TimeZone) -> Self {
        let all = week.expected.booked.get(&place).map_or(&[][..], Vec::as_slice);
        let until: Vec<Booked> = all.iter().filter(|booked| booked.at <= week.at).copied().collect();
        let card = Card::after(bought_on, &until, week.at, zone);
        let today = zone.to_datetime(week.at).date();
        let last_day = bought_on.checked_add(1.year()).unwrap().yesterday().unwrap();
        let since = bought_on.max(today.checked_sub(55.days()).unwrap());
        let recent = until.iter().filter(|booked| zone.to_datetime(booked.at).date() >= since);
        let charged: i64 = recent.map(|booked| booked.charged).sum();
        let days = i64::from(since.until((jiff::Unit::Day, today)).unwrap().get_days()) + 1;
        // Whole days are paid; the one after them is the first that is not.
        let lasts = (charged > 0).then(|| today.checked_add((card.left * days / charged).days()).unwrap());
        Self {
            left: card.left,
            overdraft: card.overdraft,
            run_out_on: lasts.filter(|day| card.left > 0 && *day <= last_day),
            ends_on: (card.left > 0).then_some((last_day, charged > 0)),
        }
    }

    fn is_short(&self, today: Date) -> bool {
        let soon = today.checked_add(SOON.days()).unwrap();
        let days = [self.run_out_on, self.ends_on.map(|(day, _)| day)];
        self.left == 0 || self.overdraft > 0 || days.into_iter().flatten().any(|day| day <= soon)
    }
}

impl Week<'_> {
    fn reading(&self) -> Reading<'_> {
        Reading { zone: &self.zone, at: self.at }
    }

    /// The runs of a case that wait to be kept: those that are broken, and the moments of the others, by time.
    fn promised(&self, case: usize) -> (Vec<Run>, Vec<Run>) {
        let mut runs = self.expected.runs_at(case, self.desk, self.at);
        runs.retain(|run| run.met_at.is_none() && run.due.is_some());
        runs.sort_by_key(|run| run.due);
        runs.into_iter().partition(|run| run.missed_at.is_some())
    }

    fn is_open_case(&self, case: usize) -> bool {
        matches!(self.expected.standing(case, self.at), Standing::Open | Standing::Waits(_))
    }

    /// A client's open cases: what is late first, then by what comes next, then the oldest.
    pub fn open_lines(&self, place: usize, numbers: &[String]) -> Vec<String> {
        let reading = self.reading();
        let mut open: Vec<usize> = self.cases(Some(place)).filter(|case| self.is_open_case(*case)).collect();
        open.sort_by_key(|case| {
            let (late, to_come) = self.promised(*case);
            let first = |runs: &[Run]| runs.first().and_then(|run| run.due).unwrap_or(Timestamp::MAX);
            (first(&late), first(&to_come), self.expected.opened(*case))
        });
        let line = |case: &usize| {
            let (late, to_come) = self.promised(*case);
            let who = match self.expected.standing(*case, self.at) {
                Standing::Waits(_) => "wacht op u".to_owned(),
                _ => format!("bij ons ({})", self.desk.client_of(*case).expert),
            };
            let age = reading.age(self.expected.opened(*case).unwrap());
            let mut lines = format!("- {} Vraag {case}\n  {who} · {age}", numbers[*case]);
            if let Some((run, due)) = late.first().and_then(|run| Some((run, run.due?))) {
                lines.push_str(&format!("\n  te laat: {}, {}", target(run.clock), reading.moment(due)));
            }
            if let Some((run, due)) = to_come.first().and_then(|run| Some((run, reading.deadline(run.due?)?))) {
                lines.push_str(&format!("\n  {} {due}", target(run.clock)));
            }
            lines
        };
        cut(open.iter().map(line).collect())
    }

    /// What is left of a client's card, until when, and at which pace it goes.
    fn card_lines(&self, place: usize, code: &str) -> Vec<String> {
        let reading = self.reading();
        let card = Strips::of(self, place, self.desk.cards_from, &self.zone);
        let mut lines = vec![match card.left / 15 {
            0 => "De strippenkaart is op.".to_owned(),
            left => format!("Nog {} van {} ({})", strips(left), BOUGHT / 15, spoken(card.left)),
        }];
        let last_day = self.desk.cards_from.checked_add(1.year()).unwrap().yesterday().unwrap();
        if reading.today() <= last_day {
            let left = strips(card.left / 15);
            lines.push(format!(
                "- Kaart {code}-1: nog {left} van {}, geldig t/m {}",
                BOUGHT / 15,
                reading.date(last_day)
            ));
        }
        let pace = "In het tempo van de afgelopen acht weken is";
        match (card.run_out_on, card.ends_on) {
            (Some(day), _) => lines.push(format!("{pace} dat op rond {}.", reading.date(day))),
            (None, Some((day, true))) => {
                lines.push(format!("{pace} op de laatste dag, {}, nog iets over.", reading.date(day)));
            }
            _ => {}
        }
        if card.overdraft > 0 {
            let over = spoken(card.overdraft);
            lines.push(format!("{over} is boven de kaarten gewerkt; dat verrekenen wij met de volgende kaart."));
        }
        let all = self.expected.booked.get(&place).map_or(&[][..], Vec::as_slice);
        let since = all.iter().filter(|booked| booked.at <= self.at && self.is_after(booked.at));
        let since: i64 = since.map(|booked| booked.charged).sum();
        if since > 0 {
            lines.push(format!("Na deze week is nog {} geboekt; dat is hier al af.", tally(since)));
        }
        lines
    }

    /// What a letter to a client tells of each request, open case and card.
    pub fn lines_are(&self, place: usize, client: &Client, played: &Played, text: &str) {
        assert_eq!(items(text, "Open zaken"), self.open_lines(place, &played.numbers), "{text}");
        let mut held = self.held(Some(place));
        held.sort_by_key(|case| self.expected.asked(*case));
        let held = held.into_iter().map(|case| {
            let age = self.reading().age(self.expected.asked(case));
            format!("- {} Vraag {case}\n  van {} · {age}", played.references[case], client.reporter())
        });
        let held: Vec<String> = held.collect();
        assert_eq!(items(text, "Wacht op uw besluit"), held, "{text}");
        if client.promises.is_none() {
            let (_, card) = text.split_once("\nStrippenkaart\n").unwrap_or_default();
            let all = self.card_lines(place, &client.code);
            let told: Vec<&str> = card.lines().filter(|line| !line.is_empty()).take(all.len()).collect();
            assert_eq!(told, all, "{text}");
            // Nothing else is said of it.
            let of_card = ["In het tempo", "Na deze week", "- Kaart "];
            let said = text.lines().filter(|line| of_card.iter().any(|start| line.starts_with(start))).count()
                + text.matches("is boven de kaarten gewerkt").count();
            let wanted = all.len() - 1;
            assert_eq!(said, wanted, "{text}");
        } else {
            assert!(!text.contains("trippenkaart"), "{text}");
        }
    }

    /// Promises that were broken in the week or still are, what is to be done first, then the oldest.
    fn breach_lines(&self, numbers: &[String]) -> Vec<(bool, Timestamp, String)> {
        let reading = self.reading();
        let mut lines = Vec::new();
        for (case, number) in numbers.iter().enumerate() {
            let client = self.desk.client_of(case);
            for run in self.expected.runs_at(case, self.desk, self.at) {
                let Some(missed) = run.missed_at.filter(|at| run.met_at.is_none() || self.holds(*at)) else {
                    continue;
                };
                let done = match run.met_at {
                    Some(met) => format!("gedaan {}", reading.moment(met)),
                    None => "nog niet gedaan".to_owned(),
                };
                // Who was on a case that is over now is not told.
                let expert = if self.is_open_case(case) { format!(" · {}", client.expert) } else { String::new() };
                let line = format!(
                    "- {number} Vraag {case}\n  Client {}{expert}\n  {}, {}\n  {done}",
                    client.code,
                    target(run.clock),
                    reading.moment(missed)
                );
                lines.push((run.met_at.is_some(), missed, line));
            }
        }
        lines.sort();
        lines
    }

    /// A line for each client of whom there is anything to tell, the worst first; and how many had a quiet week.
    fn client_lines(&self) -> (Vec<String>, Vec<String>, usize) {
        let mut rows = Vec::new();
        let mut quiet = 0;
        let today = self.reading().today();
        for (place, client) in self.desk.clients.iter().enumerate() {
            let of = Some(place);
            let runs: Vec<Run> =
                self.cases(of).flat_map(|case| self.expected.runs_at(case, self.desk, self.at)).collect();
            let is_in = |at: Option<Timestamp>| at.is_some_and(|at| self.holds(at));
            let missed = runs.iter().filter(|run| is_in(run.missed_at)).count();
            let met = runs.iter().filter(|run| run.missed_at.is_none() && is_in(run.met_at)).count();
            let overdue = |case: &usize| self.is_open_case(*case) && !self.promised(*case).0.is_empty();
            let overdue = self.cases(of).filter(overdue).count();
            let card = client.promises.is_none().then(|| Strips::of(self, place, self.desk.cards_from, &self.zone));
            let is_short = card.as_ref().is_some_and(|card| card.is_short(today));
            let (opened, resolved, open) = (self.opened(of, 0), self.resolved(of, 0), self.open(of));
            let (held, booked) = (self.held(of).len(), self.booked(place));
            if !is_short && opened + resolved + open + held + booked.len() + missed + met == 0 {
                quiet += 1;
                continue;
            }
            let judged = if met + missed > 0 { format!("{met}/{}", met + missed) } else { "–".to_owned() };
            let worked = tally(booked.iter().map(|booked| booked.real).sum());
            let line = format!(
                "- Client {}\n  Te laat {overdue}, op tijd {judged}, nieuw {opened}, opgelost {resolved}, open {open}, gewerkt {worked}",
                client.code
            );
            let overdraft = card.as_ref().map_or(0, |card| card.overdraft);
            let badness = (overdue, missed, overdraft, held, is_short, open);
            let short = card.filter(|_| is_short).map(|card| self.short_line(client, &card));
            rows.push((Reverse(badness), &client.code, line, short));
        }
        rows.sort_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
        let short = rows.iter().filter_map(|row| row.3.clone()).collect();
        (rows.into_iter().map(|row| row.2).collect(), short, quiet)
    }

    fn short_line(&self, client: &Client, card: &Strips) -> String {
        let reading = self.reading();
        let mut line = format!("- Client {}\n  ", client.code);
        line.push_str(&match card.overdraft {
            0 => format!("nog {}", strips(card.left / 15)),
            minutes => format!("{} boven de kaart", spoken(minutes)),
        });
        line.push_str(&card.run_out_on.map_or_else(String::new, |day| format!(", op rond {}", reading.date(day))));
        line.push_str(
            &card.ends_on.map_or_else(String::new, |(day, _)| format!(", verloopt na {}", reading.date(day))),
        );
        line
    }

    /// The desk's own lines: promises that were broken, clients, requests, cards, mails that wait for a mend.
    pub fn desk_lines_are(&self, played: &Played, letter: &StoredLetter) {
        let text = &letter.text;
        let breaches = self.breach_lines(&played.numbers);
        let mut told = items(text, "Gemiste termijnen");
        let more = told.pop_if(|line| line.starts_with("- en nog ")).unwrap_or_default();
        let left_out = breaches.len() - told.len();
        assert_eq!(more, if left_out > 0 { format!("- en nog {left_out}") } else { String::new() }, "{text}");
        assert!(left_out == 0 || told.len() == MOST_LINES, "{text}");
        let found: Vec<_> = told.iter().map(|line| breaches.iter().find(|(.., wanted)| wanted == line)).collect();
        assert!(found.iter().all(Option::is_some), "{breaches:#?}\nin {text}");
        let order: Vec<_> = found.into_iter().flatten().map(|(is_done, missed, _)| (*is_done, *missed)).collect();
        let wanted: Vec<_> = breaches.iter().map(|(is_done, missed, _)| (*is_done, *missed)).take(told.len()).collect();
        assert_eq!(order, wanted, "{text}");
        told.sort();
        told.dedup();
        assert_eq!(told.len(), order.len(), "nothing stands twice in {text}");

        let (clients, short, quiet) = self.client_lines();
        assert_eq!(items(text, "Klanten"), clients, "{text}");
        assert_eq!(items(text, "Strippenkaarten die opraken"), cut(short), "{text}");
        let told = text.lines().find_map(|line| line.strip_prefix("Rustig gebleven: "));
        assert_eq!(told.unwrap_or("0"), quiet.to_string(), "{text}");
        assert_eq!(items(text, "Afgesproken tijden"), self.targets(None), "{text}");

        let mut held = self.held(None);
        held.sort_by_key(|case| self.expected.asked(*case));
        let line = |case: &usize| {
            let (client, age) = (self.desk.client_of(*case), self.reading().age(self.expected.asked(*case)));
            let reference = &played.references[*case];
            format!("- {reference} Vraag {case}\n  Client {} · {} · {age}", client.code, client.reporter())
        };
        assert_eq!(items(text, "Wacht op een coördinator"), cut(held.iter().map(line).collect()), "{text}");

        let cases = 0..self.desk.script.cases.len();
        let mut parked: Vec<(Timestamp, usize)> =
            cases.filter_map(|case| Some((self.expected.parked_since(case, self.at)?, case))).collect();
        parked.sort();
        let line = |(since, case): &(Timestamp, usize)| {
            let (number, expert) = (&played.numbers[*case], self.desk.client_of(*case).expert);
            format!("- {number} Vraag {case}\n  {expert}, sinds {}", self.reading().moment(*since))
        };
        let parked = cut(parked.iter().map(line).collect());
        assert_eq!(items(text, "Geparkeerde mail van experts"), parked, "{text}");
    }
}
