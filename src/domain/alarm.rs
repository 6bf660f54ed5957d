//! What goes wrong unnoticed: troubles of an installation, told once when they begin, again while they last, and once
//! when they are over.
//!
//! Pure: what is seen now and what was told before go in, what is to be said comes out. Who says it (a command, a
//! webhook) must not need the mail that may be the trouble itself.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::case::word_enum;
use super::names::BadName;

word_enum!(
    /// A sort of trouble.
    Trouble, "a trouble (such as mailbox-silent)", {
        /// A mailbox was not read to its end for too long.
        MailboxSilent => "mailbox-silent",
        /// A token server refuses to let casepost log in.
        TokenRefused => "token-refused",
        /// A letter waits for too long.
        OutboxOld => "outbox-old",
        /// Letters were given up within a day.
        LettersGivenUp => "letters-given-up",
        /// Mails that could not be handled wait in quarantine.
        Quarantine => "quarantine",
        /// So many mails came from one sender that the rest waits in quarantine.
        Storm => "storm",
        /// The disk of the data folder is nearly full.
        DiskLow => "disk-low",
        /// The database does not answer.
        DatabaseAway => "database-away",
        /// Mail to one of the desk's own people came back within a day.
        StaffBounces => "staff-bounces",
        /// The clock of a desk has not ticked for too long: deadlines are not watched.
        ClockBehind => "clock-behind",
        /// The mail that casepost sends to itself did not return.
        CanaryLost => "canary-lost",
    }
);

/// A trouble as it is seen at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which sort.
    pub trouble: Trouble,
    /// What it is about: a mailbox, a desk, an address; tells two troubles of one sort apart.
    pub matter: String,
    /// What is wrong and what to do, in a sentence or two.
    pub text: String,
}

/// A trouble that lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAlarm {
    /// Which sort.
    pub trouble: Trouble,
    /// What it is about.
    pub matter: String,
    /// What was seen last.
    pub text: String,
    /// Since when it is seen.
    pub since: Timestamp,
    /// When it was last told; nothing while the cap holds it back.
    pub told_at: Option<Timestamp>,
    /// How often it was told.
    pub times: u32,
}

/// All that must be remembered from one look to the next, also over a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    open: Vec<OpenAlarm>,
    /// When something was said, as far back as the cap looks.
    said: Vec<Timestamp>,
}

/// What happened to a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It began.
    Raised,
    /// It still lasts.
    Lasts,
    /// It is over.
    Resolved,
}

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Which sort.
    #[serde(rename = "alarm")]
    pub trouble: Trouble,
    /// What happened to it.
    pub state: Turn,
    /// What it is about.
    pub matter: String,
    /// What is or was wrong, and what to do.
    pub text: String,
    /// Since when it is or was seen.
    pub since: Timestamp,
    /// When this is said.
    pub at: Timestamp,
}

/// How much is said at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// So many alarms in an hour; what is above waits for its turn. The end of a trouble that was told is always told.
    pub most_per_hour: usize,
    /// A trouble that lasts is told again after so long.
    pub repeat_after: SignedDuration,
}

impl Memory {
    /// The troubles that last.
    #[must_use]
    pub fn open(&self) -> &[OpenAlarm] {
        &self.open
    }

    /// Takes in what is seen now. `unseen` are sorts that nobody could look for this time (with a database that does not
    /// answer, nobody knows how old the oldest letter is): what is open of them stays so.
    pub fn advance(&mut self, seen: &[Observation], unseen: &[Trouble], now: Timestamp, caps: Caps) -> Vec<Alarm> {
        let seen: BTreeMap<(Trouble, &str), &Observation> =
            seen.iter().map(|observation| ((observation.trouble, observation.matter.as_str()), observation)).collect();
        let (lasting, over): (Vec<OpenAlarm>, Vec<OpenAlarm>) =
            std::mem::take(&mut self.open).into_iter().partition(|alarm| {
                unseen.contains(&alarm.trouble) || seen.contains_key(&(alarm.trouble, alarm.matter.as_str()))
            });
        self.open = lasting;
        // What was never told needs no end.
        let over = over.into_iter().filter(|alarm| alarm.told_at.is_some());
        let mut alarms: Vec<Alarm> = over.map(|alarm| alarm.say(Turn::Resolved, now)).collect();
        for ((trouble, matter), observation) in seen {
            let known = self.open.iter_mut().find(|alarm| alarm.trouble == trouble && alarm.matter == matter);
            match known {
                Some(alarm) => alarm.text.clone_from(&observation.text),
                None => self.open.push(OpenAlarm {
                    trouble,
                    matter: matter.to_owned(),
                    text: observation.text.clone(),
                    since: now,
                    told_at: None,
                    times: 0,
                }),
            }
        }
        self.said.retain(|at| now.duration_since(*at) < SignedDuration::from_hours(1));
        for alarm in &mut self.open {
            let is_due = alarm.told_at.is_none_or(|told_at| now.duration_since(told_at) >= caps.repeat_after);
            if is_due && self.said.len() < caps.most_per_hour {
                self.said.push(now);
                alarm.told_at = Some(now);
                alarm.times += 1;
                let turn = if alarm.times == 1 { Turn::Raised } else { Turn::Lasts };
                alarms.push(alarm.say(turn, now));
            }
        }
        alarms
    }
}

impl OpenAlarm {
    fn say(&self, state: Turn, at: Timestamp) -> Alarm {
        let Self { trouble, matter, text, since, .. } = self.clone();
        Alarm { trouble, state, matter, text, since, at }
    }
}

impl Alarm {
    /// In one line, for a telephone: `casepost: mailbox-silent (support): …`.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { trouble, matter, text, .. } = self;
        match self.state {
            Turn::Raised => format!("casepost: {trouble} ({matter}): {text}"),
            Turn::Lasts => format!("casepost: {trouble} ({matter}) lasts since {}: {text}", self.since),
            Turn::Resolved => format!("casepost: {trouble} ({matter}) is over; it lasted since {}", self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAPS: Caps = Caps { most_per_hour: 3, repeat_after: SignedDuration::from_hours(4) };

    fn at(minutes: i64) -> Timestamp {
        "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
    }

    fn silent(matter: &str) -> Observation {
        Observation { trouble: Trouble::MailboxSilent, matter: matter.into(), text: "no look for 12 minutes".into() }
    }

    fn check(memory: &mut Memory, seen: &[Observation], minutes: i64, expected: &[&str]) {
        let said = memory.advance(seen, &[], at(minutes), CAPS);
        let said: Vec<String> = said.iter().map(|alarm| format!("{:?} {}", alarm.state, alarm.matter)).collect();
        assert_eq!(said, expected, "after {minutes} minutes");
    }

    #[test]
    fn a_trouble_is_told_when_it_begins_while_it_lasts_and_when_it_ends() {
        let mut memory = Memory::default();
        check(&mut memory, &[], 0, &[]);
        check(&mut memory, &[silent("support")], 1, &["Raised support"]);
        check(&mut memory, &[silent("support")], 2, &[]);
        check(&mut memory, &[silent("support")], 240, &[]);
        check(&mut memory, &[silent("support")], 241, &["Lasts support"]);
        check(&mut memory, &[], 250, &["Resolved support"]);
        check(&mut memory, &[], 251, &[]);
        check(&mut memory, &[silent("support")], 252, &["Raised support"]);
    }

    #[test]
    fn what_the_cap_holds_back_is_told_in_its_turn() {
        let mut memory = Memory::default();
        let five = ["a", "b", "c", "d", "e"].map(silent);
        check(&mut memory, &five, 0, &["Raised a", "Raised b", "Raised c"]);
        check(&mut memory, &five, 59, &[]);
        // The end of what was told is told; what was never told needs none.
        check(&mut memory, &five[2..4], 59, &["Resolved a", "Resolved b"]);
        check(&mut memory, &five[2..4], 60, &["Raised d"]);
    }

    #[test]
    fn what_nobody_could_look_for_stays_open() {
        let mut memory = Memory::default();
        check(&mut memory, &[silent("support")], 0, &["Raised support"]);
        assert_eq!(memory.advance(&[], &[Trouble::MailboxSilent], at(1), CAPS), []);
        assert_eq!(memory.open().len(), 1);
        check(&mut memory, &[], 2, &["Resolved support"]);
    }

    #[test]
    fn a_line_reads_alone() {
        let mut memory = Memory::default();
        let said = memory.advance(&[silent("support")], &[], at(0), CAPS);
        assert_eq!(said[0].line(), "casepost: mailbox-silent (support): no look for 12 minutes");
        let said = memory.advance(&[], &[], at(5), CAPS);
        assert_eq!(said[0].line(), "casepost: mailbox-silent (support) is over; it lasted since 2026-03-02T09:00:00Z");
    }

    proptest! {
        /// Whatever comes and goes: of each trouble begin and end alternate, and no hour hears more than the cap.
        #[test]
        fn begin_and_end_alternate(looks in proptest::collection::vec((0_u8..16, 1_i64..90), 1..60)) {
            let mut memory = Memory::default();
            let mut open = std::collections::BTreeSet::new();
            let mut told: Vec<Timestamp> = Vec::new();
            let mut minutes = 0;
            for (mask, pause) in looks {
                minutes += pause;
                let seen: Vec<Observation> =
                    (0..4).filter(|bit| mask & (1 << bit) != 0).map(|bit| silent(&bit.to_string())).collect();
                for alarm in memory.advance(&seen, &[], at(minutes), CAPS) {
                    match alarm.state {
                        Turn::Raised => prop_assert!(open.insert(alarm.matter)),
                        Turn::Lasts => prop_assert!(open.contains(&alarm.matter)),
                        Turn::Resolved => prop_assert!(open.remove(&alarm.matter)),
                    }
                    if alarm.state != Turn::Resolved {
                        told.push(alarm.at);
                    }
                }
                let hour = told.iter().filter(|t| at(minutes).duration_since(**t) < SignedDuration::from_hours(1));
                prop_assert!(hour.count() <= CAPS.most_per_hour);
            }
        }
    }
}
