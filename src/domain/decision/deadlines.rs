//! Letters about deadlines that come near or were missed: to the experts, their deputies and the duty manager.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Case, Party, PartyRole};
use crate::domain::clock::{Clock, Run, Telling};
use crate::domain::names::PersonKey;
use crate::domain::notice::{DeadlineList, DeadlineWarning, Words};

use super::outgoing::{About, Outgoing, about, head_of};
use super::{Facts, routing};

/// So many deadlines stand in one letter at most; the rest is counted.
const MOST_LINES: usize = 50;

/// What could have been told so long ago was not, because casepost stood still.
const STANDSTILL: SignedDuration = SignedDuration::from_mins(15);

/// Something that is to be told about a clock.
#[derive(Debug, Clone)]
pub struct ClockNews {
    /// The case.
    pub case: Case,
    /// Who takes part in it.
    pub parties: Vec<Party>,
    /// The run.
    pub run: Run,
    /// What is told.
    pub telling: Telling,
    /// Whether the experts were warned of this run before.
    pub was_warned: bool,
    /// Since when it could have been told.
    pub since: Timestamp,
}

/// The letters about what a tick found: one to each person, whatever it was.
#[must_use]
pub fn deadline_letters(news: &[ClockNews], facts: &Facts<'_>, now: Timestamp) -> Vec<Outgoing> {
    let mut people: Vec<(PersonKey, Vec<&ClockNews>)> = Vec::new();
    for one in news {
        for person in readers(one, facts, now) {
            match people.iter_mut().find(|(known, _)| *known == person) {
                Some((_, told)) => told.push(one),
                None => people.push((person, vec![one])),
            }
        }
    }
    people.iter().filter_map(|(person, told)| letter(person, told, facts, now)).collect()
}

/// The experts hear of what comes near, deputies and duty manager of what was missed. Experts whom no warning reached
/// before hear of that too, and of what they moved themselves.
fn readers(news: &ClockNews, facts: &Facts<'_>, now: Timestamp) -> Vec<PersonKey> {
    let on_case = news.parties.iter().filter(|party| party.role == PartyRole::Expert);
    let on_case: Vec<_> = on_case.map(|party| (party.person.clone(), party.since)).collect();
    let deputies = on_case.iter().filter_map(|(key, _)| facts.directory.expert(key)?.deputy.clone());
    let deputies: Vec<PersonKey> = deputies.collect();
    let experts = routing::route_of(&news.case.client, on_case, facts, now).experts;
    let experts: Vec<PersonKey> = experts.into_iter().filter(|key| facts.directory.expert(key).is_some()).collect();
    let manager = facts.directory.duty_manager(now).map(|human| human.key.clone());
    let is_lost = matches!(news.telling, Telling::Missed | Telling::Reclassified);
    let mut readers = Vec::new();
    if !is_lost || !news.was_warned || news.telling == Telling::Reclassified {
        readers.extend(experts);
    }
    if is_lost {
        readers.extend(deputies);
    }
    if is_lost || readers.is_empty() {
        readers.extend(manager);
    }
    let mut once: Vec<PersonKey> = Vec::new();
    for reader in readers {
        if !once.contains(&reader) {
            once.push(reader);
        }
    }
    once
}

fn letter(person: &PersonKey, told: &[&ClockNews], facts: &Facts<'_>, now: Timestamp) -> Option<Outgoing> {
    let human = facts.directory.human(person)?;
    let (words, about): (Words, About) = match told {
        [one] => (warning(one, facts).into(), about(&one.case)),
        _ => (list(told, facts, now).into(), About::Nothing),
    };
    Outgoing::to_human(words, &human, about, facts)
}

fn list(told: &[&ClockNews], facts: &Facts<'_>, now: Timestamp) -> DeadlineList {
    let mut sorted = told.to_vec();
    // The worst first, of these the oldest.
    sorted.sort_by_key(|one| (std::cmp::Reverse(one.telling), one.run.missed_at.or(one.run.due), one.case.case_no));
    let is_missed = |one: &&&ClockNews| one.telling == Telling::Missed;
    DeadlineList {
        missed: told.iter().filter(is_missed).count(),
        others: told.len() - told.iter().filter(is_missed).count(),
        is_after_standstill: told.iter().any(|one| now.duration_since(one.since) > STANDSTILL),
        further: sorted.len().saturating_sub(MOST_LINES),
        lines: sorted.iter().take(MOST_LINES).map(|one| warning(one, facts)).collect(),
    }
}

fn warning(news: &ClockNews, facts: &Facts<'_>) -> DeadlineWarning {
    let ClockNews { run, telling, .. } = news;
    let is_breach = matches!(telling, Telling::Missed | Telling::Reclassified);
    let deadline = run.missed_at.or(run.due).unwrap_or(run.started_at);
    let leads = news.parties.iter().find(|party| party.role == PartyRole::Expert);
    DeadlineWarning {
        case: head_of(&news.case, facts),
        target: match run.clock {
            Clock::FirstResponse => "first-response",
            Clock::NextResponse => "next-response",
            Clock::Resolution => "resolution",
        }
        .to_owned(),
        percent: match telling {
            Telling::Half => 50,
            Telling::Nearly => 80,
            Telling::Reclassified | Telling::Missed => 100,
        },
        is_breach,
        deadline_at: deadline,
        deadline_due: (!is_breach).then_some(deadline),
        met_at: run.met_at.filter(|_| is_breach),
        expert: leads.and_then(|party| facts.directory.name_of(&party.person)).map(str::to_owned),
        is_reclassified: *telling == Telling::Reclassified,
    }
}
