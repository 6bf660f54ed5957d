//! Plays a script at a real desk, and looks at all that came of it.

use std::collections::BTreeMap;

use casepost::domain::clock::Run as Kept;
use casepost::store::letters::StoredLetter;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::clients::{Client, EXPERTS};
use super::expected::{Clock, Expected};
use super::hours::later;
use super::ledger::Card;
use super::script::{Chance, Event, Script, Step};
use crate::world::{Letter, World};

/// Caps against storms are no matter here.
const LIMITS: &str = "[limits]\nautomatic_letters_per_address = 100000\nautomatic_letters_per_case = 100000\n\
    new_cases_per_sender_per_hour = 100000\n";

/// What came of a script.
pub struct Played {
    /// Everything in the database that a mail or a tick can change.
    pub state: BTreeMap<String, Vec<String>>,
    /// The number of each case.
    pub numbers: Vec<String>,
    /// The runs of the clocks of each case.
    pub runs: Vec<Vec<Kept>>,
    /// All letters, oldest first.
    pub letters: Vec<StoredLetter>,
    /// What is left on the cards of each client.
    pub cards: Vec<String>,
    /// The beginning.
    pub from: Timestamp,
    /// The end.
    pub until: Timestamp,
}

/// Plays a script; with a seed, the process is started anew at moments that look like chance.
pub async fn play(
    directory: &str,
    script: &Script,
    clients: &[Client],
    expected: &Expected,
    (from, to): (Timestamp, Timestamp),
    restarts: Option<u64>,
) -> Played {
    let mut world = World::on_sqlite_at(directory, from).await;
    world.is_received_twice = false;
    world.send_summaries_with(LIMITS);
    let mut chance = restarts.map(Chance);
    let mut numbers = vec![String::new(); script.cases.len()];
    for moment in moments(script, expected, from, to) {
        match moment {
            Moment::Mail(event) => {
                world.now = event.at;
                receive(&mut world, event, &clients[script.cases[event.case]], &mut numbers[event.case]).await;
            }
            Moment::Tick(at) => {
                world.now = at;
                world.tick().await;
            }
        }
        if chance.as_mut().is_some_and(|chance| chance.below(25) == 0) {
            world.restart().await;
            world.send_summaries_with(LIMITS);
        }
    }
    world.now = to;
    world.tick().await;
    let mut runs = Vec::new();
    let mut cards = Vec::new();
    for number in &numbers {
        runs.push(world.runs(number).await);
    }
    for client in clients {
        cards.push(world.cards(&client.code).await);
    }
    let state = world.state().await;
    let letters = world.outbox().await;
    Played { state, numbers, runs, letters, cards, from, until: to }
}

/// What happens next.
enum Moment {
    Mail(Event),
    Tick(Timestamp),
}

/// All mails, a tick each hour, and one right after each moment at which something should be told.
fn moments(script: &Script, expected: &Expected, from: Timestamp, to: Timestamp) -> Vec<Moment> {
    let mut all: Vec<(Timestamp, Moment)> =
        script.events.iter().map(|event| (event.at, Moment::Mail(*event))).collect();
    let told = expected.runs.iter().flat_map(|run| run.told).flatten().map(|moment| later(moment, 1));
    let hours = (0..).map(|hour| later(from, hour * 3600)).take_while(|at| *at < to);
    let mut ticks: Vec<Timestamp> = told.filter(|at| *at < to).chain(hours).collect();
    ticks.sort();
    ticks.dedup();
    all.extend(ticks.into_iter().map(|at| (at, Moment::Tick(at))));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, moment)| moment).collect()
}

/// A mail of the script comes in.
async fn receive(world: &mut World, event: Event, client: &Client, number: &mut String) {
    let expert = EXPERTS.iter().find(|(key, _)| *key == client.expert).unwrap().1;
    let mail = match event.step {
        Step::Asks => {
            let mail = world.mail_from(&client.coordinator());
            mail.subject(&format!("Vraag {}", event.case)).text("Kunnen jullie hiernaar kijken?\n")
        }
        Step::Writes => {
            let letter = last_letter(world, number, &client.coordinator(), &["acknowledgement", "answer"]).await;
            world.reply_to(&letter).text("Nog iets: het gaat ook op maandag mis.")
        }
        step => {
            let letter = last_letter(world, number, expert, &["relay"]).await;
            let text = match step {
                Step::Answers(minutes) => format!("Wij zijn ermee bezig.\n#tijd {minutes}m"),
                Step::AnswersAndWaits => "Kunt u ons de melding sturen?\n#wacht klant".to_owned(),
                Step::Resolves(minutes) => format!("Het is klaar.\n#tijd {minutes}m\n#opgelost"),
                Step::Notes(minutes) => format!("#notitie\nVoor ons: de oorzaak is bekend.\n#tijd {minutes}m"),
                Step::Asks | Step::Writes => unreachable!(),
            };
            world.reply_to(&letter).text(&text)
        }
    };
    let received = world.receive_raw(&mail.to_bytes(), false).await;
    if event.step == Step::Asks {
        *number = received.is("opened").case.clone().unwrap();
    } else {
        received.is("joined").on(number);
    }
}

/// The newest letter on a case to somebody.
async fn last_letter(world: &World, number: &str, address: &str, notices: &[&str]) -> Letter {
    let letters = world.letters_on(number).await;
    let mine = letters.into_iter().rfind(|l| l.recipient == address && notices.contains(&l.notice.as_str()));
    world.whole(mine.unwrap_or_else(|| panic!("no letter on {number} to {address}"))).await
}

impl Played {
    /// All of it is as the rules say.
    pub fn is(&self, expected: &Expected, script: &Script, clients: &[Client], cards_from: Date) {
        self.clocks_are(expected);
        self.acknowledgements_are(expected, script, clients);
        self.cards_are(expected, clients, cards_from);
        self.warnings_are(expected, script, clients);
        self.weeks_are(expected, script, clients);
    }

    /// Each client's coordinator reads one summary of each week, on Monday at seven in their own zone.
    fn weeks_are(&self, expected: &Expected, script: &Script, clients: &[Client]) {
        for (place, client) in clients.iter().enumerate() {
            let zone = TimeZone::get(client.hours.zone()).unwrap();
            let mine =
                |letter: &&StoredLetter| letter.notice == "weekly-summary" && letter.recipient == client.coordinator();
            let mut told = self.letters.iter().filter(mine);
            for monday in mondays(self.from, self.until, &zone) {
                let letter = told.next().unwrap_or_else(|| panic!("{}: nothing at {monday}", client.code));
                let late = letter.enqueued_at.duration_since(monday).as_secs();
                assert!((0..3600).contains(&late), "{}: {monday} and not {}", client.code, letter.enqueued_at);
                let (from, to) = (week_before(monday, -7, &zone), week_before(monday, 0, &zone));
                let is_in = |at: &Timestamp| from <= *at && *at < to;
                let cases = (0..script.cases.len()).filter(|case| script.cases[*case] == place);
                let opened = cases.clone().filter(|case| is_in(&expected.opened[*case])).count();
                let booked = expected.booked.get(&place).map_or(&[][..], Vec::as_slice);
                let worked: i64 = booked.iter().filter(|b| is_in(&b.at)).map(|b| b.real).sum();
                let told = |name: &str| letter.text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                if letter.text.contains("Een rustige week") {
                    assert_eq!((opened, worked), (0, 0), "{}", letter.text);
                    continue;
                }
                assert_eq!(told("Nieuw: "), Some(opened.to_string()), "{}", letter.text);
                let tally = format!("{}:{:02}", worked / 60, worked % 60);
                assert_eq!(told("Gewerkt: "), Some(tally), "{}", letter.text);
            }
            assert_eq!(told.count(), 0, "{}: no week is told twice", client.code);
        }
    }

    /// Experts are warned at half and at four fifths, deputy and duty manager told of what was missed; nobody is twice.
    fn warnings_are(&self, expected: &Expected, script: &Script, clients: &[Client]) {
        let mut wanted = Vec::new();
        for run in &expected.runs {
            let number = &self.numbers[run.case];
            let expert = clients[script.cases[run.case]].expert;
            let deputy = EXPERTS.iter().find(|(key, _)| *key != expert).unwrap().0;
            for (place, moment) in run.told.iter().enumerate() {
                let Some(moment) = moment.filter(|moment| *moment < self.until) else { continue };
                let readers = if place < 2 { vec![expert] } else { vec![deputy, "dora"] };
                let what = ["50%", "80%", "missed"][place];
                let tell = |reader| (moment, format!("{what} of {} on {number} to {reader}", target(run.clock)));
                wanted.extend(readers.into_iter().map(tell));
            }
        }
        let mut told: Vec<(Timestamp, String)> = self.letters.iter().flat_map(told_in).collect();
        wanted.sort_by(|one, other| one.1.cmp(&other.1));
        told.sort_by(|one, other| one.1.cmp(&other.1));
        let lines = |all: &[(Timestamp, String)]| all.iter().map(|(_, line)| line.clone()).collect::<Vec<_>>();
        let without = |all: Vec<String>, others: Vec<String>| {
            let mut others = others;
            let mut is_new = |line: &String| match others.iter().position(|other| other == line) {
                Some(place) => {
                    others.remove(place);
                    false
                }
                None => true,
            };
            all.into_iter().filter(|line| is_new(line)).collect::<Vec<_>>()
        };
        assert_eq!(without(lines(&told), lines(&wanted)), [""; 0], "nobody should be told");
        assert_eq!(without(lines(&wanted), lines(&told)), [""; 0], "nobody was told");
        for (wanted, told) in wanted.iter().zip(&told) {
            let late = told.0.duration_since(wanted.0).as_secs();
            assert!((0..=3600).contains(&late), "{} should be told at {} and was at {}", wanted.1, wanted.0, told.0);
        }
    }

    /// What is left on each card, and what its client was told of it.
    fn cards_are(&self, expected: &Expected, clients: &[Client], cards_from: Date) {
        for (place, client) in clients.iter().enumerate().filter(|(_, client)| client.promises.is_none()) {
            let code = &client.code;
            let booked = expected.booked.get(&place).map_or(&[][..], Vec::as_slice);
            let zone = TimeZone::get(client.hours.zone()).unwrap();
            let card = Card::after(cards_from, booked, self.until, &zone);
            assert_eq!(
                self.cards[place],
                format!("{code}-1: {}; overdraft {}", card.left, card.overdraft),
                "{booked:#?}"
            );
            let told = ["card-low", "card-used-up", "card-expiring"].map(|notice| {
                let mine = |letter: &&StoredLetter| letter.notice == notice && letter.recipient == client.coordinator();
                self.letters.iter().filter(mine).count()
            });
            assert_eq!(told, card.letters, "{code}: low, used up, ends soon; {booked:#?}");
        }
    }

    /// Each run of each clock began, was due and was kept when it should.
    fn clocks_are(&self, expected: &Expected) {
        for (case, kept) in self.runs.iter().enumerate() {
            let wanted: Vec<_> = expected.runs.iter().filter(|run| run.case == case).collect();
            let number = &self.numbers[case];
            assert_eq!(kept.len(), wanted.len(), "{number}: {kept:#?}\nand not\n{wanted:#?}");
            for run in wanted {
                let found = kept.iter().find(|k| is_same(k.clock, run.clock) && k.generation == run.generation);
                let found = found.unwrap_or_else(|| panic!("{number}: no {run:#?} among {kept:#?}"));
                assert_eq!(found.met_at, run.met_at, "{number}: {found:#?}\nand not\n{run:#?}");
                if run.met_at.is_none() {
                    assert_eq!(found.due, run.due, "{number}: {found:#?}\nand not\n{run:#?}");
                }
                assert_eq!(found.missed_at, run.missed_at, "{number}: {found:#?}\nand not\n{run:#?}");
            }
        }
    }

    /// One for each case, with the moment that is promised.
    fn acknowledgements_are(&self, expected: &Expected, script: &Script, clients: &[Client]) {
        let all: Vec<&StoredLetter> = self.letters.iter().filter(|l| l.notice == "acknowledgement").collect();
        assert_eq!(all.len(), script.cases.len());
        for (case, number) in self.numbers.iter().enumerate() {
            let mine: Vec<_> = all.iter().filter(|l| l.subject.contains(number)).collect();
            assert_eq!(mine.len(), 1, "{number}");
            let client = &clients[script.cases[case]];
            let due = expected.runs.iter().find(|run| run.case == case && run.clock == Clock::Response);
            let text = &mine[0].text;
            match due.and_then(|run| run.due) {
                None => assert!(!text.contains("vóór"), "{text}"),
                Some(due) => {
                    let zone = TimeZone::get(client.hours.zone()).unwrap();
                    let wall = zone.to_datetime(due);
                    let time = format!("vóór {:02}:{:02}", wall.hour(), wall.minute());
                    assert!(text.contains(&time) || wall.time() == jiff::civil::Time::midnight(), "{time}: {text}");
                }
            }
        }
    }
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
fn week_before(at: Timestamp, days: i64, zone: &TimeZone) -> Timestamp {
    let day = zone.to_datetime(at).date().checked_add(days.days()).unwrap();
    zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap()
}

fn target(clock: Clock) -> &'static str {
    match clock {
        Clock::Response => "het eerste antwoord",
        Clock::NextResponse => "het volgende antwoord",
        Clock::Resolution => "de oplossing",
    }
}

/// What a letter tells of deadlines, a line each.
fn told_in(letter: &StoredLetter) -> Vec<(Timestamp, String)> {
    if !letter.notice.starts_with("deadline-") {
        return Vec::new();
    }
    let reader = letter.recipient.split('@').next().unwrap_or_default();
    let mut number = letter.subject.split([' ', ']']).find(|word| is_number(word)).unwrap_or_default();
    let mut told = Vec::new();
    for line in letter.text.lines() {
        let first = line.split(' ').next().unwrap_or_default();
        // In a list each case has a line of its own above what is told of it.
        number = if is_number(first) { first } else { number };
        let Some((_, rest)) = line.split_once("termijn voor ") else { continue };
        let Some((target, what)) = rest.split_once(" is ") else { continue };
        let target = target.split(" op ").next().unwrap_or_default();
        let what = if what.starts_with("verstreken") { "missed" } else { what.split(' ').next().unwrap_or_default() };
        told.push((letter.enqueued_at, format!("{what} of {target} on {number} to {reader}")));
    }
    told
}

fn is_number(word: &str) -> bool {
    word.parse::<casepost::domain::case::CaseNumber>().is_ok()
}

fn is_same(kept: casepost::domain::clock::Clock, wanted: Clock) -> bool {
    use casepost::domain::clock::Clock as C;
    matches!(
        (kept, wanted),
        (C::FirstResponse, Clock::Response)
            | (C::NextResponse, Clock::NextResponse)
            | (C::Resolution, Clock::Resolution)
    )
}
