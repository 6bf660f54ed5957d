//! `#merge`: a case ends in another one of the same client, and how the two are parted again.

use crate::domain::case::{Case, CaseNumber, Party, PartyRole, Status};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::clock::What;
use crate::domain::names::PersonKey;
use crate::domain::notice::{CaseChanged, Cause};

use super::clocks::{self, Moment};
use super::expert::Work;
use super::outgoing::{Outgoing, about, client_holding, head_of, whole_history};
use super::work::Carrying;
use super::{CaseFacts, Effect};

/// Two cases after they were parted.
pub(super) struct Parted {
    /// The one that had ended in the other.
    pub ended: Case,
    /// The other.
    pub other: Case,
}

/// Both cases as they go on when a merge is taken back. What was written and booked on the other since stays there.
pub(super) fn parted(change: &Change, other: &Case) -> Parted {
    let ended = Case { merged_into: None, ..change.before.clone() };
    let mut other = other.clone();
    other.merged_from.retain(|case_no| *case_no != ended.case_no);
    if let Some(before) = &change.other_before {
        if before.responded_at.is_none() && other.responded_at == ended.responded_at {
            other.responded_at = None;
        }
        if before.estimate_minutes.is_none() && other.estimate_minutes == ended.estimate_minutes {
            other.estimate_minutes = None;
        }
        other.opened_at = before.opened_at;
        // Where nothing happened since, it stands again as it stood.
        if other.changed_at == change.at && other.status == change.status_after {
            other.status = before.status;
            (other.resolved_at, other.close_due) = (before.resolved_at, before.close_due);
            other.wait_due = before.wait_due;
            other.last_client_message_id.clone_from(&before.last_client_message_id);
            other.last_client_cc.clone_from(&before.last_client_cc);
        }
    }
    Parted { ended, other }
}

/// What taking a merge back means for the clocks of the case that goes on, and of the one that had ended in it. Where the
/// other one stands again as it stood, it is as if the merge had not opened it or ended its wait either.
pub(super) fn parted_events(change: &Change, other: &Case, parted: &Case) -> Vec<What> {
    let undone = |kind| What::Undone { cause: change.cause.clone(), change: kind };
    let mut events = vec![undone(ChangeKind::Merged)];
    if other.status != parted.status {
        events.extend([undone(ChangeKind::Reopened), undone(ChangeKind::Waits)]);
    }
    events
}

/// What taking a merge back means for the clocks of the case that had ended.
pub(super) fn came_back(ended: &Case, change: &Change, moment: Moment<'_>) -> Effect {
    let undone = What::Undone { cause: change.cause.clone(), change: ChangeKind::Merged };
    Effect::Happened {
        case_no: ended.case_no,
        client: ended.client.clone(),
        known: None,
        events: vec![moment.event(undone)],
    }
}

impl<'a> Work<'a> {
    /// Ends this case in the other one, which keeps the earlier start. The rest of the mail is about that one.
    pub fn merge(&mut self, number: &CaseNumber) -> Carrying {
        let facts = self.facts;
        let named = facts.named.iter().find(|(asked, _)| asked == number).map(|(_, found)| found);
        let Some(other) = named.filter(|other| other.case.client == self.case.client) else {
            return Err((Cause::NoSuchCase, number.to_string()));
        };
        if other.case.case_no == self.case.case_no {
            return Err((Cause::NoSuchCase, number.to_string()));
        }
        if matches!(other.case.status, Status::Closed | Status::Merged) {
            return Err((Cause::WrongState, other.case.status.as_str().to_owned()));
        }
        let before = self.case.clone();
        let going_on = self.together(other);
        let mut ended = Case {
            status: Status::Merged,
            merged_into: Some(going_on.case_no),
            changed_at: self.message.received_at,
            close_due: None,
            wait_due: None,
            ..before.clone()
        };
        let is_new =
            |party: &&Party| !other.parties.iter().any(|own| own.person == party.person && own.role == party.role);
        let joined: Vec<Party> = self.parties.iter().filter(is_new).cloned().collect();
        for Party { person, role, .. } in &joined {
            let (case_no, person) = (going_on.case_no, person.clone());
            self.effects.push(Effect::AddParty { case_no, person, role: *role });
        }
        self.merge_clocks(&mut ended, other);
        let change = Change {
            kind: ChangeKind::Merged,
            by: Some(self.expert.key.clone()),
            at: self.message.received_at,
            cause: self.message.fingerprint.to_hex(),
            before,
            status_after: going_on.status,
            other_before: Some(Box::new(other.case.clone())),
            joined: joined.clone(),
            left: Vec::new(),
        };
        self.effects.push(Effect::SaveCase(Box::new(ended.clone())));
        self.effects.push(Effect::KeepChange { case_no: going_on.case_no, change: Box::new(change) });
        self.parties = other.parties.iter().chain(&joined).cloned().collect();
        self.case = going_on;
        self.tell_of_merge(&ended, other, &joined);
        Ok(self.case.number.to_string())
    }

    /// The clocks of this case end; the other one's client waits as long as they did here.
    fn merge_clocks(&mut self, ended: &mut Case, other: &'a CaseFacts) {
        let fingerprint = self.message.fingerprint.to_hex();
        let moment = Moment { at: self.message.received_at, cause: &fingerprint };
        let standing = clocks::standing(&self.case, self.found, self.facts);
        self.happened.push(moment.event(What::TookIn { case_no: self.case.case_no, standing }));
        self.effects.push(clocks::go_on(ended, self.found, Vec::new(), moment, self.facts));
        self.goes_on = other;
    }

    /// The other case with what this one brings: the earlier start, the work that is left, the newest mail.
    fn together(&self, other: &CaseFacts) -> Case {
        let (this, mut case) = (&self.case, other.case.clone());
        case.merged_from.push(this.case_no);
        case.status = match (this.status, case.status) {
            (Status::New, Status::New) => Status::New,
            (this, Status::New) if !this.is_unsettled() => Status::New,
            (Status::New | Status::Open, _) | (_, Status::New) => Status::Open,
            (this, Status::Resolved) if this.is_unsettled() => Status::Open,
            (_, own) => own,
        };
        if case.status != Status::Resolved {
            (case.resolved_at, case.close_due) = (None, None);
        }
        case.responded_at = match (this.responded_at, case.responded_at) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        case.estimate_minutes = case.estimate_minutes.or(this.estimate_minutes);
        case.opened_at = case.opened_at.min(this.opened_at);
        let newest =
            |found: &CaseFacts| found.history.iter().filter(|line| line.is_of_client).map(|line| line.at).max();
        if newest(self.found) > newest(other) {
            case.last_client_message_id.clone_from(&this.last_client_message_id);
            case.last_client_cc.clone_from(&this.last_client_cc);
        }
        case
    }

    /// The client hears which number goes on; the experts who had one of the two get what was written on the other.
    fn tell_of_merge(&mut self, ended: &Case, other: &CaseFacts, joined: &[Party]) {
        let (facts, zone) = (self.facts, &self.facts.desk.time_zone);
        let ended_head = head_of(ended, facts);
        let goes_on_in = Some(self.case.number.to_string());
        if let Some(holding) = client_holding(&self.case, facts, self.now) {
            let words =
                CaseChanged { case: ended_head.clone(), goes_on_in: goes_on_in.clone(), ..CaseChanged::default() };
            let letter = Outgoing::to_human(words, &holding.human, about(&self.case), facts);
            self.letters.extend(letter.map(|letter| Outgoing { client: Some(self.case.client.clone()), ..letter }));
        }
        let written = |found: &CaseFacts| Some(whole_history(&found.history, zone)).filter(|text| !text.is_empty());
        let to_joined = CaseChanged { case: ended_head, goes_on_in, history: written(other), ..CaseChanged::default() };
        let to_others = CaseChanged {
            case: head_of(&self.case, facts),
            took_in: Some(ended.number.to_string()),
            history: written(self.found),
            ..CaseChanged::default()
        };
        let is_expert = |party: &&Party| party.role == PartyRole::Expert;
        let joining: Vec<PersonKey> = joined.iter().filter(is_expert).map(|party| party.person.clone()).collect();
        let others: Vec<PersonKey> = other.experts().cloned().collect();
        for person in &joining {
            self.tell_expert(person, to_joined.clone());
        }
        for person in others.iter().filter(|person| **person != self.expert.key) {
            self.tell_expert(person, to_others.clone());
        }
    }
}
