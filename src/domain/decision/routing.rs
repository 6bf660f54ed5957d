//! Who gets what a client writes: the experts on the case, and who stands in for those of them who are away.

use jiff::Timestamp;

use crate::domain::address::Address;
use crate::domain::case::{Case, PartyRole};
use crate::domain::message::Message;
use crate::domain::names::{ClientCode, PersonKey};

use super::outgoing::alarms;
use super::{CaseFacts, Effect, Facts, Outgoing};

/// How many deputies of deputies are asked.
const LONGEST_CHAIN: usize = 8;

/// Who works on a case, and who joins them now.
pub(super) struct Route {
    /// Those on the case, then those who join.
    pub experts: Vec<PersonKey>,
    /// Those who join.
    pub joins: Vec<PersonKey>,
    /// Somebody is away and nobody could be found to stand in.
    pub is_unattended: bool,
}

impl Route {
    /// The effects by which they join.
    pub fn effects(&self, case_no: i64) -> impl Iterator<Item = Effect> {
        let party =
            move |person: &PersonKey| Effect::AddParty { case_no, person: person.clone(), role: PartyRole::Expert };
        self.joins.iter().map(party)
    }

    /// The desk hears of a case to which nobody attends.
    pub fn alarms(&self, case: &Case, facts: &Facts<'_>, now: Timestamp) -> Vec<Outgoing> {
        if !self.is_unattended {
            return Vec::new();
        }
        let text = format!("{}: its experts are away and nobody stands in for them", case.number);
        alarms("unattended", &text, Some(case), facts, now)
    }
}

/// The experts of a case that goes on, and the deputies of those who are away.
pub(super) fn route(found: &CaseFacts, facts: &Facts<'_>, now: Timestamp) -> Route {
    let experts = found.parties.iter().filter(|party| party.role == PartyRole::Expert);
    let people = experts.map(|party| (party.person.clone(), party.since)).collect();
    route_of(&found.case.client, people, facts, now)
}

/// As [`route`], of experts with the moment since which they work on the case.
pub(super) fn route_of(
    client: &ClientCode,
    people: Vec<(PersonKey, Timestamp)>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Route {
    let mut experts: Vec<PersonKey> = people.iter().map(|(key, _)| key.clone()).collect();
    let (mut joins, mut is_unattended) = (Vec::new(), false);
    for (expert, since) in &people {
        if !is_away(client, expert, *since, facts, now) {
            continue;
        }
        match stand_in(client, expert, facts, now) {
            Some(deputy) if experts.contains(&deputy) => {}
            Some(deputy) => {
                experts.push(deputy.clone());
                joins.push(deputy);
            }
            None => is_unattended = true,
        }
    }
    is_unattended = is_unattended && experts.iter().all(|expert| is_gone(expert, facts, now));
    Route { experts, joins, is_unattended }
}

/// Whether an expert's own out-of-office, their leaving the desk, or the end of the position by which they had the case
/// routes it on.
fn is_away(client: &ClientCode, expert: &PersonKey, since: Timestamp, facts: &Facts<'_>, now: Timestamp) -> bool {
    let leads = |at| facts.directory.leads_by_position(client, expert, at);
    is_gone(expert, facts, now) || (leads(since) && !leads(now))
}

/// Whether an expert can't attend to anything: they are away, or left the desk.
fn is_gone(expert: &PersonKey, facts: &Facts<'_>, now: Timestamp) -> bool {
    facts.is_absent(expert, now) || facts.directory.expert(expert).is_none()
}

/// The deputy of an expert who is away, their deputy where that one is away too, else the next of those who get the
/// client's cases, at last the duty manager.
pub(super) fn stand_in(
    client: &ClientCode,
    expert: &PersonKey,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Option<PersonKey> {
    let mut chain: Vec<&PersonKey> = Vec::new();
    let mut next = facts.directory.expert(expert).and_then(|expert| expert.deputy.as_ref());
    while let Some(deputy) = next.filter(|deputy| !chain.contains(deputy) && chain.len() < LONGEST_CHAIN) {
        chain.push(deputy);
        next = facts.directory.expert(deputy).and_then(|expert| expert.deputy.as_ref());
    }
    let leads = facts.directory.lead_experts(client, now);
    let by_client = leads.iter().map(|lead| &lead.key);
    // Whoever has the client's cases by a position of their own comes before the deputy of one whose position ended.
    let has_successor = !facts.is_absent(expert, now);
    let order: Vec<&PersonKey> = match has_successor {
        true => by_client.chain(chain).collect(),
        false => chain.into_iter().chain(by_client).collect(),
    };
    let is_there =
        |key: &&&PersonKey| **key != expert && facts.directory.expert(key).is_some() && !facts.is_absent(key, now);
    order.iter().find(is_there).map(|key| (**key).clone())
}

/// For whom an expert stands in on a case, by name; nobody for one who was there before.
pub(super) fn stands_in_for(
    client: &ClientCode,
    reader: &PersonKey,
    experts: &[PersonKey],
    facts: &Facts<'_>,
    now: Timestamp,
) -> Option<String> {
    let is_covered = |expert: &&PersonKey| {
        *expert != reader
            && facts.is_absent(expert, now)
            && stand_in(client, expert, facts, now).as_ref() == Some(reader)
    };
    let away = experts.iter().find(is_covered)?;
    facts.directory.name_of(away).map(str::to_owned)
}

/// Everybody to whom a mail went beside the desk.
pub(super) fn written_beside(message: &Message) -> Vec<Address> {
    let sender = message.sender().map(|sender| &sender.address);
    let mut others: Vec<Address> = Vec::new();
    for address in message.to.iter().chain(&message.cc).map(|to| &to.address) {
        if Some(address) != sender && !others.contains(address) && others.len() < MOST_BESIDE {
            others.push(address.clone());
        }
    }
    others
}

/// So many further recipients of a mail are looked at; more is no conversation.
const MOST_BESIDE: usize = 20;

impl Facts<'_> {
    /// Whether an expert counts as away, by their own out-of-office.
    #[must_use]
    pub fn is_absent(&self, expert: &PersonKey, now: Timestamp) -> bool {
        self.absences.get(expert).is_some_and(|until| *until > now)
    }
}
