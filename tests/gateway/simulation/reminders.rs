//! Whom the desk must remind of what waits, asked of every matter at every tick; and what it did.

use std::collections::{BTreeMap, BTreeSet};

use casepost::store::letters::StoredLetter;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::clients::EXPERTS;
use super::expected::{Expected, Standing};
use super::play::Played;
use super::script::Step;

/// Address of the duty manager.
const DUTY: &str = "dora@duty.example";

/// The matters that one letter reminds of, by their places in the script.
type Bundle = BTreeSet<usize>;

/// What must be told of what waits.
#[derive(Debug, Default)]
pub struct Reminders {
    /// Each letter to coordinators and deputies: when, to whom, of what.
    pub told: Vec<(Timestamp, String, Bundle)>,
    /// Requests that the duty manager hears of, not before that moment.
    pub to_duty: BTreeMap<usize, Timestamp>,
    /// Requests that ended undecided.
    pub ended: BTreeMap<usize, Timestamp>,
}

/// What was told of one matter.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    stage: u8,
    at: Option<Timestamp>,
}

impl Reminders {
    /// Looks at every matter at every tick.
    pub fn of(expected: &Expected, desk: &Desk<'_>, ticks: &[Timestamp]) -> Self {
        let mut reminders = Self::default();
        let mut told = vec![Told::default(); desk.script.cases.len()];
        let mut last_days: BTreeMap<String, Date> = BTreeMap::new();
        for at in ticks {
            let mut due: BTreeMap<String, Bundle> = BTreeMap::new();
            for (case, told) in told.iter().enumerate() {
                let time = desk.time_of(desk.client_of(case));
                let is_open = time.is_open(*at);
                if let Some(reader) = is_open.then(|| reminders.reader(expected, desk, (case, *told), *at)).flatten() {
                    due.entry(reader).or_default().insert(case);
                }
            }
            for (reader, bundle) in due {
                let first = *bundle.first().unwrap();
                let today = desk.time_of(desk.client_of(first)).day(*at);
                if last_days.insert(reader.clone(), today) == Some(today) {
                    continue;
                }
                for case in &bundle {
                    told[*case] = Told { stage: told[*case].stage + 1, at: Some(*at) };
                    let is_request = matches!(expected.standing(*case, *at), Standing::Held(_));
                    if is_request && told[*case].stage == 2 && !desk.client_of(*case).has_deputy {
                        reminders.to_duty.insert(*case, *at);
                    }
                }
                reminders.told.push((*at, reader, bundle));
            }
        }
        reminders
    }

    /// Who is to be told of a matter at a moment in the hours of its client, if anybody; or it ends.
    fn reader(
        &mut self,
        expected: &Expected,
        desk: &Desk<'_>,
        (case, told): (usize, Told),
        at: Timestamp,
    ) -> Option<String> {
        let client = desk.client_of(case);
        let is_over = |since, days| desk.time_of(client).end_of_working_day(since, days) <= at;
        match expected.standing(case, at) {
            Standing::Waits(since) => {
                let from = told.at.map_or(since, |told| told.max(since));
                is_over(from, 5).then(|| client.coordinator())
            }
            Standing::Held(since) if !self.ended.contains_key(&case) => match told.stage {
                0 => is_over(since, 2).then(|| client.coordinator()),
                1 => is_over(since, 5).then(|| client.deputy()),
                _ => {
                    if is_over(since, 20) {
                        self.ended.insert(case, at);
                    }
                    None
                }
            },
            _ => None,
        }
    }

    /// Whether a request waits at a moment.
    pub fn is_held(&self, expected: &Expected, case: usize, at: Timestamp) -> bool {
        let has_ended = self.ended.get(&case).is_some_and(|ended| *ended <= at);
        matches!(expected.standing(case, at), Standing::Held(_)) && !has_ended
    }
}

impl Played {
    /// Each reminder came at its tick to its reader, with all that was due, and no other did.
    pub fn reminders_are(&self, reminders: &Reminders, expected: &Expected, desk: &Desk<'_>) {
        let is_reminder = |letter: &&StoredLetter| {
            let is_asked_again = letter.text.contains("Deze aanvraag wacht nog op uw besluit.");
            letter.notice == "reminder" || (letter.notice == "approval-request" && is_asked_again)
        };
        let is_experts = |letter: &&StoredLetter| EXPERTS.iter().any(|(_, address)| *address == letter.recipient);
        let told = self.letters.iter().filter(is_reminder).filter(|letter| !is_experts(letter));
        let told = told.map(|l| (l.enqueued_at, l.recipient.clone(), self.named_in(l)));
        let (to_duty, mut told): (Vec<_>, Vec<_>) = told.partition(|(_, reader, _)| reader == DUTY);
        let mut wanted = reminders.told.clone();
        told.sort();
        wanted.sort();
        let without = |all: &[(Timestamp, String, Bundle)], others: &[(Timestamp, String, Bundle)]| {
            all.iter().filter(|one| !others.contains(one)).cloned().collect::<Vec<_>>()
        };
        assert_eq!(without(&told, &wanted), [], "nobody should be reminded");
        assert_eq!(without(&wanted, &told), [], "nobody was reminded");
        assert_eq!(told.len(), wanted.len(), "nobody is reminded twice");
        self.duty_is(&to_duty, reminders, expected, desk);
        let mut ended: Vec<(Timestamp, String, Bundle)> = Vec::new();
        for (case, at) in &reminders.ended {
            let client = desk.client_of(*case);
            ended.extend([client.coordinator(), client.reporter()].map(|reader| (*at, reader, Bundle::from([*case]))));
        }
        let told = self.letters.iter().filter(|letter| letter.notice == "request-ended");
        let mut told: Vec<_> = told.map(|l| (l.enqueued_at, l.recipient.clone(), self.named_in(l))).collect();
        told.sort();
        ended.sort();
        assert_eq!(told, ended, "what ended undecided");
        self.parked_are(expected, desk);
    }

    /// Each mail that waits for its mend is told to its expert once: not before two hours of the client's service time,
    /// then as soon as somebody is at work, unless the expert had their letter of the day; and not once it is mended.
    fn parked_are(&self, expected: &Expected, desk: &Desk<'_>) {
        let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
        let day = |at: Timestamp| zone.to_datetime(at).date();
        for (expert, address) in EXPERTS {
            let is_meant = |letter: &&StoredLetter| {
                let is_alone = letter.notice == "transcript" && letter.text.contains("Deze mail wacht nog op u.");
                letter.recipient == address && (letter.notice == "reminder" || is_alone)
            };
            let told: Vec<(Timestamp, Bundle)> =
                self.letters.iter().filter(is_meant).map(|l| (l.enqueued_at, self.named_in(l))).collect();
            let days: BTreeSet<Date> = told.iter().map(|(at, _)| day(*at)).collect();
            assert_eq!(days.len(), told.len(), "one letter a day to {expert}: {told:?}");
            let is_told_by = |at: Timestamp| told.iter().any(|(told_at, _)| day(*told_at) == day(at) && *told_at <= at);
            let mine = |case: &usize| desk.client_of(*case).expert == expert;
            let mut parked = Bundle::new();
            for case in (0..desk.script.cases.len()).filter(mine) {
                let parks = expected.lives[case].iter().find(|event| event.step == Step::Parks);
                let Some(since) = parks.map(|event| event.at) else { continue };
                let time = desk.time_of(desk.client_of(case));
                let due = time.due(since, 2 * 3600);
                let waits = |at: &Timestamp| *at >= due && expected.parked_since(case, *at).is_some();
                let may_be_told = |at: &Timestamp| waits(at) && time.is_open(*at) && !is_told_by(*at);
                let at: Vec<Timestamp> =
                    told.iter().filter(|(_, bundle)| bundle.contains(&case)).map(|(at, _)| *at).collect();
                let number = &self.numbers[case];
                match at[..] {
                    [at] => {
                        assert!(waits(&at), "{number}: {at}, due {due}");
                        let earlier = self.ticks.iter().find(|tick| **tick < at && may_be_told(tick));
                        assert_eq!(earlier, None, "{number} is told at {at}");
                    }
                    [] => assert_eq!(self.ticks.iter().find(|tick| may_be_told(tick)), None, "{number}, due {due}"),
                    _ => panic!("{number} is told at {at:?}"),
                }
                parked.insert(case);
            }
            assert!(told.iter().all(|(_, bundle)| bundle.is_subset(&parked)), "{told:?} and not {parked:?}");
        }
    }

    /// The duty manager hears once of each request on which nobody of its client decides, in one letter a day.
    fn duty_is(
        &self,
        told: &[(Timestamp, String, Bundle)],
        reminders: &Reminders,
        expected: &Expected,
        desk: &Desk<'_>,
    ) {
        let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
        let days: BTreeSet<Date> = told.iter().map(|(at, ..)| zone.to_datetime(*at).date()).collect();
        assert_eq!(days.len(), told.len(), "one letter a day: {told:?}");
        for (case, from) in &reminders.to_duty {
            let mine: Vec<Timestamp> =
                told.iter().filter(|(_, _, all)| all.contains(case)).map(|(at, ..)| *at).collect();
            // The desk is closed for no longer than that.
            let latest = *from + SignedDuration::from_hours(24 * 12);
            match mine[..] {
                [at] => {
                    assert!(*from < at && at <= latest, "{} {from} {at}", self.references[*case]);
                    assert!(reminders.is_held(expected, *case, at), "{} {at}", self.references[*case]);
                    let client = desk.client_of(*case);
                    assert!(
                        desk.time_of(client).is_open(at) || told.iter().any(|(t, _, all)| *t == at && all.len() > 1)
                    );
                }
                [] => assert!(latest > self.until || !reminders.is_held(expected, *case, latest)),
                _ => panic!("{}: told at {mine:?}", self.references[*case]),
            }
        }
        let known: Bundle = reminders.to_duty.keys().copied().collect();
        assert!(told.iter().all(|(_, _, all)| all.is_subset(&known)), "{told:?} and not {known:?}");
    }

    /// The matters that a letter names.
    fn named_in(&self, letter: &StoredLetter) -> Bundle {
        let words: BTreeSet<&str> = letter
            .text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .chain(letter.subject.split([' ', ']']))
            .collect();
        let is_named = |name: &String| !name.is_empty() && words.contains(name.as_str());
        let places = self.numbers.iter().zip(&self.references).enumerate();
        places
            .filter(|(_, (number, reference))| is_named(number) || is_named(reference))
            .map(|(case, _)| case)
            .collect()
    }
}
