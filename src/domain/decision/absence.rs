//! An expert's own out-of-office: their clients' mail goes to the deputy too, until they are back.

use jiff::{Timestamp, ToSpan};

use crate::domain::address::NamedAddress;
use crate::domain::case::Case;
use crate::domain::directory::Expert;
use crate::domain::message::{Message, Origin};
use crate::domain::notice::AbsenceNoted;
use crate::domain::out_of_office::{self, UNDATED_DAYS};
use crate::domain::{command, names::PersonKey};

use super::outgoing::{About, Once, Outgoing, alarms, human_of, passed_on};
use super::{CaseFacts, Decision, Effect, Facts, Outcome, Role, routing};

/// Any mail that an expert wrote themself ends their absence.
pub(super) fn ended_by(message: &Message, facts: &Facts<'_>, sender: &NamedAddress) -> Option<Effect> {
    let expert = facts.directory.expert_by_address(&sender.address)?;
    let is_theirs = message.proof.is_proven() || facts.is_released;
    let is_back = is_theirs && facts.absences.contains_key(&expert.key);
    is_back.then(|| Effect::EndAbsence { person: expert.key.clone() })
}

/// An automatic answer by which an expert says that they are away: proven theirs, and to a letter that they got. Any
/// other changes nothing.
pub(super) fn decide(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Option<Decision> {
    let expert = facts.directory.expert_by_address(&message.sender()?.address)?;
    let answered = facts.answered.as_ref()?;
    // An answer to an invitation is automatic too, and says nothing of being away.
    let is_invitation = message.evidence.iter().any(|evidence| evidence.contains("invitation"));
    let counts = message.origin == Origin::AutoReply
        && !is_invitation
        && message.proof.is_proven()
        && answered.person.as_ref() == Some(&expert.key);
    if !counts {
        return None;
    }
    let (until, is_dated) = back_at(message, facts);
    if until <= now {
        return None;
    }
    let zone = &facts.desk.time_zone;
    let day = zone.to_datetime(until).date();
    let mut decision =
        Decision::new(Outcome::Noted, format!("{} is away until {day} by their out-of-office", expert.name));
    decision.case_no = answered.case_no;
    decision.effects.push(Effect::NoteAbsence { person: expert.key.clone(), until });
    let is_known = facts.is_absent(&expert.key, now);
    let mut passed = Vec::new();
    for found in facts.relayed.iter().filter(|found| found.has_expert(&expert.key) && is_unanswered(found)) {
        let joined = pass_on(&mut decision, found, expert, facts, now);
        passed.extend(joined.then(|| found.case.number.to_string()));
    }
    if !is_known {
        let deputy = deputy_of(expert, facts, now);
        if deputy.is_none() {
            let text = format!("{} is away until {day}, and nobody stands in for them", expert.name);
            decision.letters.extend(alarms("unattended", &text, None::<&Case>, facts, now));
        }
        let words = AbsenceNoted { back_at: until, is_dated, deputy, passed_on: passed };
        if let Some(mut letter) = Outgoing::to_human(words, &human_of(expert), About::Nothing, facts) {
            let mark = format!("absence/{}/{}", expert.key, message.fingerprint.to_hex());
            letter.once = Some(Once { mark, until: None });
            decision.letters.push(letter);
        }
    }
    Some(decision.by(Some(&expert.key), Role::Expert))
}

/// When the expert is back: as the mail says, in the desk's time zone, else after some days.
fn back_at(message: &Message, facts: &Facts<'_>) -> (Timestamp, bool) {
    let zone = &facts.desk.time_zone;
    let today = zone.to_datetime(message.received_at).date();
    // What stands quoted below is our own letter, with days of its own.
    let named = out_of_office::back_on(&message.subject, &message.reply.fresh, today);
    let at = named.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
    match at {
        Some(at) => (at, true),
        None => {
            let hours = (UNDATED_DAYS * 24).hours();
            (message.received_at.checked_add(hours).unwrap_or(message.received_at), false)
        }
    }
}

/// The name of who gets the expert's new cases: of the first client that they lead, else in general.
fn deputy_of(expert: &Expert, facts: &Facts<'_>, now: Timestamp) -> Option<String> {
    let clients = facts.directory.clients();
    let is_lead = |client: &&&crate::domain::directory::Client| {
        facts.directory.lead_experts(&client.code, now).first().is_some_and(|lead| lead.key == expert.key)
    };
    let client = clients.iter().find(is_lead).or(clients.first())?;
    let deputy: PersonKey = routing::stand_in(&client.code, &expert.key, facts, now)?;
    facts.directory.name_of(&deputy).map(str::to_owned)
}

/// Whether no expert has written to the client since the newest mail of anybody else. Tags alone are no answer.
fn is_unanswered(found: &CaseFacts) -> bool {
    let is_said = |text: &str| !command::read_commands(text, "").text.trim().is_empty();
    let newest =
        found.history.iter().rev().find(|line| !line.is_internal && (!line.is_of_expert || is_said(&line.text)));
    found.case.status.is_unsettled() && newest.is_some_and(|line| !line.is_of_expert)
}

/// The deputy joins the case and gets what waits there; false where they are on it already.
fn pass_on(decision: &mut Decision, found: &CaseFacts, expert: &Expert, facts: &Facts<'_>, now: Timestamp) -> bool {
    let Some(deputy) = routing::stand_in(&found.case.client, &expert.key, facts, now) else { return false };
    if found.has_expert(&deputy) {
        return false;
    }
    let mut letters = passed_on(found, std::slice::from_ref(&deputy), facts, now);
    for letter in &mut letters {
        if let crate::domain::notice::Words::Relay(relay) = &mut letter.notice.words {
            relay.stands_in_for = Some(expert.name.clone());
        }
    }
    decision.letters.extend(letters);
    let role = crate::domain::case::PartyRole::Expert;
    decision.effects.push(Effect::AddParty { case_no: found.case.case_no, person: deputy, role });
    true
}
