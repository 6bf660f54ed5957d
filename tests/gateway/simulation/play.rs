//! Plays a script at a real desk, and looks at all that came of it.

use std::collections::BTreeMap;

use casepost::domain::clock::Run as Kept;
use casepost::store::letters::StoredLetter;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Desk;
use super::clients::{Client, EXPERTS};
use super::expected::{Clock, Expected};
use super::hours::later;
use super::ledger::Card;
use super::reminders::Reminders;
use super::script::{Chance, Event, Script, Step};
use crate::world::{Letter, World};

/// Caps against storms are no matter here.
const LIMITS: &str = "[limits]\nautomatic_letters_per_address = 100000\nautomatic_letters_per_case = 100000\n\
    new_cases_per_sender_per_hour = 100000\n";

/// What came of a script.
pub struct Played {
    /// Everything in the database that a mail or a tick can change.
    pub state: BTreeMap<String, Vec<String>>,
    /// The number of each case; empty for a request that did not become one.
    pub numbers: Vec<String>,
    /// The reference of each request; empty for what never was one.
    pub references: Vec<String>,
    /// When the clock ticked.
    pub ticks: Vec<Timestamp>,
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
    let mut references = numbers.clone();
    let mut ticks = Vec::new();
    for moment in moments(script, expected, from, to) {
        match moment {
            Moment::Mail(event) => {
                world.now = event.at;
                let names = (&mut numbers[event.case], &mut references[event.case]);
                receive(&mut world, event, &clients[script.cases[event.case]], names).await;
            }
            Moment::Tick(at) => {
                world.now = at;
                world.tick().await;
                ticks.push(at);
            }
        }
        if chance.as_mut().is_some_and(|chance| chance.below(25) == 0) {
            world.restart().await;
            world.send_summaries_with(LIMITS);
        }
    }
    world.now = to;
    world.tick().await;
    ticks.push(to);
    let mut runs = Vec::new();
    let mut cards = Vec::new();
    for number in &numbers {
        runs.push(if number.is_empty() { Vec::new() } else { world.runs(number).await });
    }
    for client in clients {
        cards.push(world.cards(&client.code).await);
    }
    let state = world.state().await;
    let letters = world.outbox().await;
    Played { state, numbers, references, ticks, runs, letters, cards, from, until: to }
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
async fn receive(world: &mut World, event: Event, client: &Client, (number, reference): (&mut String, &mut String)) {
    let expert = EXPERTS.iter().find(|(key, _)| *key == client.expert).unwrap().1;
    let mail = match event.step {
        Step::Asks => {
            let mail = world.mail_from(&client.coordinator());
            mail.subject(&format!("Vraag {}", event.case)).text("Kunnen jullie hiernaar kijken?\n")
        }
        Step::Requests => {
            let mail = world.mail_from(&client.reporter());
            mail.subject(&format!("Vraag {}", event.case)).text("Mag ik een account?\n")
        }
        Step::Approves | Step::Rejects => {
            let no = reference.trim_start_matches("R-").parse().ok();
            let asked = world.outbox().await.into_iter().rfind(|letter| {
                let is_his = letter.recipient == client.coordinator() && letter.notice == "approval-request";
                is_his && letter.request_no == no
            });
            let letter = world.whole(asked.unwrap()).await;
            let is_wanted = event.step == Step::Approves;
            world.reply_to(&letter).text(if is_wanted { "#akkoord" } else { "#afwijzen nu niet" })
        }
        Step::Writes => {
            let letter = last_letter(world, number, &client.coordinator(), &["acknowledgement", "answer"]).await;
            world.reply_to(&letter).text("Nog iets: het gaat ook op maandag mis.")
        }
        Step::Mends(minutes) => {
            let letter = last_letter(world, number, expert, &["transcript"]).await;
            world.reply_to(&letter).text(&format!("#tijd {minutes}m"))
        }
        step => {
            let letter = last_letter(world, number, expert, &["relay"]).await;
            let text = match step {
                Step::Answers(minutes) => format!("Wij zijn ermee bezig.\n#tijd {minutes}m"),
                Step::AnswersAndWaits => "Kunt u ons de melding sturen?\n#wacht klant".to_owned(),
                Step::Resolves(minutes) => format!("Het is klaar.\n#tijd {minutes}m\n#opgelost"),
                Step::Parks => "Wij kijken morgen verder.\n#tjid 20m".to_owned(),
                Step::Notes(minutes) => format!("#notitie\nVoor ons: de oorzaak is bekend.\n#tijd {minutes}m"),
                _ => unreachable!(),
            };
            world.reply_to(&letter).text(&text)
        }
    };
    let received = world.receive_raw(&mail.to_bytes(), false).await;
    match event.step {
        Step::Asks | Step::Approves => *number = received.is("opened").case.clone().unwrap(),
        Step::Requests => {
            let kept = received.is("held").kept.as_ref().unwrap();
            *reference = format!("R-{}", kept.request_no.unwrap());
        }
        Step::Rejects => {
            received.is("noted");
        }
        Step::Parks => {
            received.is("parked");
        }
        _ => {
            received.is("joined").on(number);
        }
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
    pub fn is(&self, expected: &Expected, desk: &Desk<'_>) {
        self.clocks_are(expected);
        self.acknowledgements_are(expected, desk.script, desk.clients);
        self.cards_are(expected, desk.clients, desk.cards_from);
        self.warnings_are(expected, desk.script, desk.clients);
        let reminders = Reminders::of(expected, desk, &self.ticks);
        self.reminders_are(&reminders, expected, desk);
        self.weeks_are(&reminders, expected, desk);
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
        let begun: Vec<_> = self.numbers.iter().enumerate().filter(|(_, number)| !number.is_empty()).collect();
        assert_eq!(all.len(), begun.len());
        for (case, number) in begun {
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
                    let time = match (wall.hour(), wall.minute()) {
                        (0, 0) => "vóór middernacht".to_owned(),
                        (hour, minute) => format!("vóór {hour:02}:{minute:02}"),
                    };
                    assert!(text.contains(&time), "{time}: {text}");
                }
            }
        }
    }
}

/// A promise in the words of a letter.
pub fn target(clock: Clock) -> &'static str {
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
