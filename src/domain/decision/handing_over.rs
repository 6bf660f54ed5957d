//! `#assign`: another expert gets the case with its whole history, and who handed it over leaves it.

use crate::domain::case::{CaseEvent, Party, PartyRole};
use crate::domain::command::Tag;
use crate::domain::directory::{Directory, Expert};
use crate::domain::message::Message;
use crate::domain::names::PersonKey;
use crate::domain::notice::{CaseChanged, Cause, Words};

use super::expert::{Wish, Work};
use super::outgoing::{Carried, Outgoing, about, head_of, human_of, relays, whole_history};
use super::work::Carrying;
use super::{CaseFacts, Effect, Facts, Role, routing};

/// The case that a duty manager hands over without being on it, and the position by which they may.
pub(super) fn as_duty_manager<'a>(
    message: &Message,
    facts: &'a Facts<'_>,
    expert: &Expert,
    wish: &Wish,
) -> Option<(&'a CaseFacts, String)> {
    let found = facts.evidence.first().filter(|_| wish.has(Tag::Assign))?;
    let duty = facts.directory.duty_managers(message.received_at);
    let holding = duty.iter().find(|holding| *holding.human.key == expert.key)?;
    let deputy = if holding.is_deputy { " (deputy)" } else { "" };
    Some((found, format!("duty manager from {}{deputy}", holding.position.from)))
}

/// The expert whom a name means: by key, address, first name or whole name, in any letter case.
///
/// # Errors
/// The names that could be meant, where nobody or several have it.
pub(super) fn meant<'a>(directory: &'a Directory, name: &str) -> Result<&'a Expert, (Cause, String)> {
    let wanted = name.trim().trim_end_matches(['.', ',']).to_lowercase();
    let is_meant = |expert: &&Expert| {
        let whole = expert.name.to_lowercase();
        expert.key.as_str() == wanted
            || whole == wanted
            || whole.split(' ').next() == Some(wanted.as_str())
            || expert.addresses.iter().any(|address| address.as_str().eq_ignore_ascii_case(&wanted))
    };
    let experts = directory.experts();
    let by_key = experts.iter().find(|expert| expert.key.as_str() == wanted);
    let meant: Vec<&Expert> = experts.iter().copied().filter(is_meant).collect();
    match (by_key, meant.as_slice()) {
        (Some(only), _) => Ok(only),
        (None, [only]) => Ok(only),
        (None, []) => Err((Cause::NoSuchPerson, names(&experts))),
        (None, several) => Err((Cause::SeveralPersons, names(several))),
    }
}

fn names(experts: &[&Expert]) -> String {
    let named = experts.iter().map(|expert| format!("{} ({})", expert.name, expert.key));
    named.collect::<Vec<_>>().join(", ")
}

impl Work<'_> {
    /// Hands the case over; the writer leaves it. The duty manager hands it over for all who are on it.
    pub fn assign(&mut self, name: &str) -> Carrying {
        let only = meant(self.facts.directory, name)?;
        self.step(CaseEvent::Assigned);
        let leaves = |party: &Party, work: &Self| {
            let is_asked = work.is_manager || party.person == work.expert.key;
            party.role == PartyRole::Expert && party.person != only.key && is_asked
        };
        let (leaving, staying): (Vec<Party>, Vec<Party>) =
            self.parties.clone().into_iter().partition(|party| leaves(party, self));
        self.parties = staying;
        for party in &leaving {
            let (case_no, person) = (self.case.case_no, party.person.clone());
            self.effects.push(Effect::EndParty { case_no, person, role: PartyRole::Expert });
        }
        let now = self.now;
        let route = routing::route_of(&self.case.client, vec![(only.key.clone(), now)], self.facts, now);
        for person in route.experts {
            let is_given = person != self.expert.key || self.is_manager;
            self.join(&person);
            if is_given && !self.handed_to.contains(&person) {
                self.handed_to.push(person);
            }
        }
        for party in leaving.iter().filter(|party| party.person != self.expert.key) {
            let case = head_of(&self.case, self.facts);
            let changed = CaseChanged { case, handed_to: Some(only.name.clone()), ..CaseChanged::default() };
            self.tell_expert(&party.person, changed);
        }
        Ok(only.name.clone())
    }

    /// Puts an expert on the case, unless they are.
    pub fn join(&mut self, person: &PersonKey) {
        if self.experts().any(|key| key == person) {
            return;
        }
        let (case_no, role) = (self.case.case_no, PartyRole::Expert);
        self.parties.push(Party { person: person.clone(), role, since: self.now });
        self.effects.push(Effect::AddParty { case_no, person: person.clone(), role });
    }

    /// Tells an expert what the writer changed.
    pub fn tell_expert(&mut self, person: &PersonKey, changed: CaseChanged) {
        let Some(expert) = self.facts.directory.expert(person) else { return };
        let words = CaseChanged { is_staff: true, expert: Some(self.expert.name.clone()), ..changed };
        let letter = Outgoing::to_human(words, &human_of(expert), about(&self.case), self.facts);
        self.letters.extend(letter.map(|letter| Outgoing { client: Some(self.case.client.clone()), ..letter }));
    }

    /// Who takes the case over gets it with the whole history and all its files.
    pub fn hand_overs(&self) -> Vec<Outgoing> {
        let (case, found) = (&self.case, self.found);
        let mut letters = relays(case, Some(found), &self.handed_to, self.message, Role::Expert, self.facts, self.now);
        for letter in &mut letters {
            letter.carried = Carried::OfMails(files_of(found, Some(self.message)));
            if let Words::Relay(relay) = &mut letter.notice.words {
                relay.is_handed_over = true;
                let history = whole_history(&found.history, &self.facts.desk.time_zone);
                relay.history = Some(history).filter(|text| !text.is_empty());
            }
        }
        letters
    }
}

/// The mails of a case whose files go along, the newest first.
pub(super) fn files_of(found: &CaseFacts, newest: Option<&Message>) -> Vec<String> {
    let newest = newest.map(|message| message.fingerprint.to_hex());
    newest.into_iter().chain(found.history.iter().rev().map(|line| line.fingerprint.clone())).collect()
}
