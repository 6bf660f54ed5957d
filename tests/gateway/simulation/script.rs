//! What happens at the simulated desk: generated, the same for the same seed, and only what the rules allow.

use jiff::Timestamp;

use super::clients::Client;
use super::hours::{OpenTime, later};

/// A stream of numbers that looks like chance.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// From five minutes to some four days, short ones as often as long ones.
    fn delay(&mut self) -> i64 {
        let longest = 300_i64 << self.below(11);
        longest + i64::try_from(self.below(u64::try_from(longest).unwrap())).unwrap()
    }
}

/// One mail of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The coordinator's new request.
    Asks,
    /// A reporter's request, which waits for the coordinator.
    Requests,
    /// The coordinator agrees to it: a case begins.
    Approves,
    /// The coordinator does not want it.
    Rejects,
    /// The coordinator writes again.
    Writes,
    /// The expert answers, and books that many minutes.
    Answers(i64),
    /// The expert answers and waits for the client.
    AnswersAndWaits,
    /// The expert answers and calls it resolved.
    Resolves(i64),
    /// The expert writes a note and books.
    Notes(i64),
    /// The expert answers, with a tag that is mistyped: the mail waits for a mend.
    Parks,
    /// The expert mends the tag: the answer goes out, and books that many minutes.
    Mends(i64),
}

/// A step of one case at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When its mail is received.
    pub at: Timestamp,
    /// The case, by its place in the script.
    pub case: usize,
    /// What happens.
    pub step: Step,
}

/// The script of a window.
pub struct Script {
    /// Whose each matter is, by place in the list of clients: a case, or a request that may become one.
    pub cases: Vec<usize>,
    /// All mails in their order.
    pub events: Vec<Event>,
}

impl Script {
    /// Cases of all clients between two moments.
    pub fn generate(seed: u64, clients: &[Client], times: &[OpenTime], from: Timestamp, to: Timestamp) -> Self {
        let mut chance = Chance(seed);
        let mut script = Self { cases: Vec::new(), events: Vec::new() };
        let length = u64::try_from(to.as_second() - from.as_second()).unwrap();
        for (place, client) in clients.iter().enumerate() {
            let days = length / 86_400;
            for _ in 0..2 + chance.below(days / 7) {
                let case = script.cases.len();
                script.cases.push(place);
                let begins = later(from, i64::try_from(chance.below(length)).unwrap());
                let time = &times[client.hours as usize];
                if chance.below(4) == 0 {
                    script.request(&mut chance, case, time, begins, to);
                } else {
                    script.events.push(Event { at: begins, case, step: Step::Asks });
                    script.live(&mut chance, case, time, begins, to);
                }
            }
        }
        script.events.sort_by_key(|event| event.at);
        // No two mails come in the same minute, so that their order is never in doubt.
        for index in 1..script.events.len() {
            let earliest = later(script.events[index - 1].at, 61);
            script.events[index].at = script.events[index].at.max(earliest);
        }
        script
    }

    /// A request, and what becomes of it within the time that it waits for a decision.
    fn request(&mut self, chance: &mut Chance, case: usize, time: &OpenTime, begins: Timestamp, to: Timestamp) {
        self.events.push(Event { at: begins, case, step: Step::Requests });
        let at = later(begins, i64::try_from(300 + chance.below(15 * 86_400)).unwrap());
        match chance.below(10) {
            _ if at >= to => {}
            0..4 => {
                self.events.push(Event { at, case, step: Step::Approves });
                self.live(chance, case, time, at, to);
            }
            4..6 => self.events.push(Event { at, case, step: Step::Rejects }),
            _ => {}
        }
    }

    /// The life of one case after its beginning.
    fn live(&mut self, chance: &mut Chance, case: usize, time: &OpenTime, begins: Timestamp, to: Timestamp) {
        let mut at = begins;
        let (mut waits, mut resolved_at, mut has_parked) = (false, None, false);
        for _ in 0..chance.below(9) {
            at = later(at, chance.delay());
            let minutes = i64::try_from(5 + chance.below(70)).unwrap();
            let step = match (resolved_at, chance.below(100)) {
                // A day early, since mails of one minute are moved apart.
                (Some(done), 0..60) if later(at, 86_400) < time.end_of_working_day(done, 5) => Step::Writes,
                (Some(_), _) => return,
                (None, 0..25) => Step::Writes,
                (None, 25..35) => Step::Notes(minutes),
                (None, 35..42) if !has_parked => Step::Parks,
                (None, 35..70) => Step::Answers(minutes),
                (None, 70..85) if !waits => Step::AnswersAndWaits,
                (None, _) => Step::Resolves(minutes),
            };
            if at >= to {
                return;
            }
            match step {
                Step::Writes => (waits, resolved_at) = (false, None),
                Step::AnswersAndWaits => waits = true,
                Step::Resolves(_) => (waits, resolved_at) = (false, Some(at)),
                Step::Parks => has_parked = true,
                _ => {}
            }
            self.events.push(Event { at, case, step });
            // Every other one is never mended.
            if step == Step::Parks && chance.below(2) == 0 {
                at = later(at, chance.delay());
                if at >= to {
                    return;
                }
                self.events.push(Event { at, case, step: Step::Mends(minutes) });
            }
        }
    }
}
