//! `#reopen` and `#undo`: what a tag changed is taken back, and who was told of it is told of that.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{CaseEvent, Next, PartyRole, TAKE_BACK_HOURS};
use crate::domain::change::{Change, ChangeKind, KnownChange};
use crate::domain::clock::What;
use crate::domain::command::Command;
use crate::domain::directory::Expert;
use crate::domain::names::PersonKey;
use crate::domain::notice::{CaseChanged, Cause};

use super::clocks::Moment;
use super::expert::{Wish, Work};
use super::outgoing::{Outgoing, about, head_of, told_of_client};
use super::work::Carrying;
use super::{CaseFacts, Effect, Facts, booking, merging};

/// Whether so much time has passed since a change that nobody takes it back by a tag.
fn is_late(at: Timestamp, received_at: Timestamp) -> bool {
    received_at.duration_since(at) > SignedDuration::from_hours(TAKE_BACK_HOURS)
}

/// Who handed a case over and left it may still take just that back, and nothing else.
pub(super) fn may_return(found: &CaseFacts, facts: &Facts<'_>, expert: &Expert, wish: &Wish) -> bool {
    let is_undo_alone = wish.commands == [Command::Undo] && wish.text.trim().is_empty() && wish.faults.is_empty();
    let newest = facts.changes_of(found.case.case_no).next().map(|known| &known.change);
    is_undo_alone
        && newest.is_some_and(|change| change.kind == ChangeKind::Assigned && change.by.as_ref() == Some(&expert.key))
}

impl Work<'_> {
    /// Takes `#resolved` back.
    pub fn reopen(&mut self) -> Carrying {
        if self.case.resolved_at.is_some_and(|at| is_late(at, self.message.received_at)) {
            return Err((Cause::TooLate, String::new()));
        }
        let turned = self.turn(CaseEvent::Reopened)?;
        (self.case.resolved_at, self.case.close_due) = (None, None);
        let facts = self.facts;
        let resolved = facts.changes_of(self.case.case_no).find(|known| known.change.kind == ChangeKind::Resolved);
        if let Some(known) = resolved {
            self.mark_taken_back(known);
            let case = head_of(&self.case, facts);
            self.tell_who_was_told(known, &CaseChanged { case, is_reopened: true, ..CaseChanged::default() });
        }
        Ok(turned)
    }

    /// Takes the last tag back that changed a state.
    pub fn undo(&mut self) -> Carrying {
        let nothing = || Err((Cause::NothingToUndo, String::new()));
        let facts = self.facts;
        let mut changes = facts.changes_of(self.case.case_no);
        let Some(known) = changes.find(|known| !self.taken_back.contains(&known.change_no)) else { return nothing() };
        let change = &known.change;
        // What the desk decided since is not an expert's to take back.
        if change.by.is_none() {
            return nothing();
        }
        if is_late(change.at, self.message.received_at) {
            return Err((Cause::TooLate, String::new()));
        }
        if !matches!(change.kind, ChangeKind::Assigned | ChangeKind::Merged) {
            let fingerprint = self.message.fingerprint.to_hex();
            let moment = Moment { at: self.message.received_at, cause: &fingerprint };
            let undone = What::Undone { cause: change.cause.clone(), change: change.kind };
            self.happened.push(moment.event(undone));
        }
        let told = match change.kind {
            ChangeKind::Resolved | ChangeKind::Reopened | ChangeKind::Waits => self.undo_state(change)?,
            ChangeKind::Priority => {
                self.case.priority = change.before.priority;
                self.taken_back_words(change)
            }
            ChangeKind::Kind => {
                booking::move_charges(self, change.before.kind);
                self.case.kind = change.before.kind;
                self.taken_back_words(change)
            }
            ChangeKind::Assigned => {
                self.undo_assign(change);
                self.mark_taken_back(known);
                return Ok(change.kind.tag().to_owned());
            }
            ChangeKind::Merged => {
                let parted = merging::parted(change, &self.case);
                let number = parted.ended.number.to_string();
                let fingerprint = self.message.fingerprint.to_hex();
                let moment = Moment { at: self.message.received_at, cause: &fingerprint };
                let events = merging::parted_events(change, &self.case, &parted.other);
                self.happened.extend(events.into_iter().map(|what| moment.event(what)));
                let back = merging::came_back(&parted.ended, change, moment);
                self.effects.push(Effect::SaveCase(Box::new(parted.ended)));
                self.effects.push(back);
                self.case = parted.other;
                for party in &change.joined {
                    self.parties.retain(|own| own.person != party.person || own.role != party.role);
                    let (case_no, person) = (self.case.case_no, party.person.clone());
                    self.effects.push(Effect::EndParty { case_no, person, role: party.role });
                }
                let case = head_of(&self.case, facts);
                CaseChanged { case, parted_from: Some(number), ..CaseChanged::default() }
            }
        };
        self.mark_taken_back(known);
        self.tell_who_was_told(known, &told);
        Ok(change.kind.tag().to_owned())
    }

    fn taken_back_words(&self, change: &Change) -> CaseChanged {
        let case = head_of(&self.case, self.facts);
        CaseChanged { case, taken_back: Some(change.kind.tag().to_owned()), ..CaseChanged::default() }
    }

    /// Back to the state before the tag, unless something else changed it since.
    fn undo_state(&mut self, change: &Change) -> Result<CaseChanged, (Cause, String)> {
        let before = &change.before;
        let next = self.case.status.after(CaseEvent::Undone { before: before.status });
        let (Next::Becomes(status), true) = (next, self.case.status == change.status_after) else {
            return Err((Cause::NothingToUndo, self.case.status.as_str().to_owned()));
        };
        self.case.status = status;
        (self.case.resolved_at, self.case.close_due) = (before.resolved_at, before.close_due);
        (self.case.closed_at, self.case.wait_due) = (before.closed_at, before.wait_due);
        let case = head_of(&self.case, self.facts);
        Ok(match change.kind {
            ChangeKind::Resolved => CaseChanged { case, is_reopened: true, ..CaseChanged::default() },
            ChangeKind::Reopened => CaseChanged { case, is_resolved: true, ..CaseChanged::default() },
            _ => self.taken_back_words(change),
        })
    }

    /// Who left is on the case again, and who joined leaves it. Both are told, but for the writer, who gets a
    /// transcript.
    fn undo_assign(&mut self, change: &Change) {
        let experts = |parties: &[crate::domain::case::Party]| -> Vec<PersonKey> {
            parties.iter().filter(|party| party.role == PartyRole::Expert).map(|party| party.person.clone()).collect()
        };
        let (joined, left) = (experts(&change.joined), experts(&change.left));
        let back = left.iter().find_map(|key| self.facts.directory.name_of(key)).map(str::to_owned);
        for person in &left {
            self.join(person);
        }
        for person in &joined {
            let case_no = self.case.case_no;
            self.parties.retain(|party| party.role != PartyRole::Expert || party.person != *person);
            self.effects.push(Effect::EndParty { case_no, person: person.clone(), role: PartyRole::Expert });
        }
        let case = || head_of(&self.case, self.facts);
        let off = CaseChanged { case: case(), handed_to: back, ..CaseChanged::default() };
        let on = CaseChanged { case: case(), is_handed_back: true, ..CaseChanged::default() };
        for (people, words) in [(joined, off), (left, on)] {
            for person in people.iter().filter(|person| **person != self.expert.key) {
                self.tell_expert(person, words.clone());
            }
        }
        if change.before.status == crate::domain::case::Status::New && self.case.status == change.status_after {
            self.case.status = change.before.status;
        }
    }

    fn mark_taken_back(&mut self, known: &KnownChange) {
        self.taken_back.push(known.change_no);
        self.effects.push(Effect::TakeBack { change_no: known.change_no });
    }

    /// Everybody who got a letter about the change, and the other experts on the case.
    fn tell_who_was_told(&mut self, known: &KnownChange, changed: &CaseChanged) {
        let told_experts = known.told.iter().map(|told| &told.person);
        let mut experts: Vec<PersonKey> = told_experts.chain(self.found.experts()).cloned().collect();
        experts.sort();
        experts.dedup();
        for person in experts.iter().filter(|person| **person != self.expert.key) {
            self.tell_expert(person, changed.clone());
        }
        if changed.taken_back.is_some() {
            return;
        }
        let expert = Some(self.expert.name.clone());
        for human in told_of_client(&self.case, &known.told, self.facts, self.now) {
            let words = CaseChanged { expert: expert.clone(), ..changed.clone() };
            let letter = Outgoing::to_human(words, &human, about(&self.case), self.facts);
            self.letters.extend(letter.map(|letter| Outgoing { client: Some(self.case.client.clone()), ..letter }));
        }
    }
}
