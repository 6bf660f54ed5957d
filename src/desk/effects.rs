//! Writing what a decision changes: all of it or, by the mail's savepoint, none.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Case, PartyRole, Status};
use crate::domain::decision::{Decision, Effect, Outgoing, Role};
use crate::domain::message::Message;
use crate::domain::names::ClientCode;
use crate::domain::strip_card::{Account, Entry};
use crate::store::audit::AuditLine;
use crate::store::messages::StoredMessage;
use crate::store::requests::StoredRequest;
use crate::store::{StoreError, Tx, audit, cards, cases, changes, letters, marks, messages, requests, silences};

use super::again::Anew;
use super::clocks::Recount;
use super::facts::booked_mark;
use super::intake::{Batch, hush_mark};
use super::ledger::{self, Writing};
use super::office::Office;

/// How many ids of a thread that nobody has seen are remembered with the mail that mentions them.
const MOST_MENTIONS: usize = 10;

/// Writes effects within one transaction.
pub struct Applying<'a> {
    pub office: &'a Office,
    pub tx: &'a mut Tx,
    pub batch: &'a mut Batch,
    pub stored: &'a StoredMessage,
    pub message: &'a Message,
    pub now: Timestamp,
    /// The accounts that were written into, as they are now.
    pub booked: BTreeMap<ClientCode, Account>,
}

impl Applying<'_> {
    /// Writes them in their order; gives the fingerprints of kept mails that are to be decided now, and how.
    pub async fn apply(&mut self, decision: &Decision) -> Result<Vec<(String, Anew)>, StoreError> {
        let released = self.apply_effects(decision).await?;
        self.record_ids(decision).await?;
        self.audit(decision.outcome.as_str(), &decision.why, decision).await?;
        Ok(released)
    }

    /// As [`Applying::apply`], without what every mail gets beside its effects.
    pub async fn apply_effects(&mut self, decision: &Decision) -> Result<Vec<(String, Anew)>, StoreError> {
        let mut released = Vec::new();
        for effect in &decision.effects {
            self.apply_one(effect, decision, &mut released).await?;
        }
        Ok(released)
    }

    async fn apply_one(
        &mut self,
        effect: &Effect,
        decision: &Decision,
        released: &mut Vec<(String, Anew)>,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        match effect {
            Effect::OpenCase { case, experts } => self.open_case(case, experts).await,
            Effect::SaveCase(case) => {
                cases::save(self.tx, desk, case).await?;
                self.note_wait(case).await
            }
            Effect::Happened { case_no, client, known, events } => {
                let mut recount = self.recount(*case_no, client);
                recount.happened(known.as_deref(), events).await
            }
            Effect::AddParty { case_no, person, role } => {
                cases::record_party(self.tx, desk, *case_no, person, *role, self.now).await
            }
            Effect::HoldRequest { reference: _, client } => self.hold_request(client.as_str()).await,
            Effect::DecideRequest { request_no, state, by, case_no, fingerprint } => {
                let is_first =
                    requests::save_decision(self.tx, desk, *request_no, state, by.as_str(), self.now, *case_no).await?;
                if is_first && let Some(case_no) = case_no {
                    self.bring_in(fingerprint, *case_no).await?;
                }
                Ok(())
            }
            Effect::Book { client, case_no, key, entries } => {
                self.note_account(client, entries).await?;
                let writing = Writing {
                    client,
                    case_no: Some(*case_no),
                    booking_key: key,
                    position: decision.position.as_deref(),
                    booked_at: self.message.received_at,
                };
                ledger::write(self.tx, desk, &mut self.batch.numbers, writing, entries).await?;
                if let Some(mark) = booked_mark(self.message) {
                    marks::claim(self.tx, desk, &mark, self.now).await?;
                }
                Ok(())
            }
            Effect::EndParty { case_no, person, role } => {
                cases::end_party(self.tx, desk, *case_no, person, *role, self.now).await
            }
            Effect::KeepChange { case_no, change } => {
                let change_no = self.batch.numbers.draw("change");
                changes::record(self.tx, desk, change_no, *case_no, change).await
            }
            Effect::TakeBack { change_no } => {
                changes::save_undone(self.tx, desk, *change_no, self.now).await.map(|_| ())
            }
            Effect::NoteAbsence { person, until } => {
                self.batch.absences.insert(person.clone(), *until);
                let fingerprint = &self.stored.fingerprint;
                changes::save_absence(self.tx, desk, person, fingerprint, self.now, *until).await
            }
            Effect::EndAbsence { person } => {
                self.batch.absences.remove(person);
                changes::end_absence(self.tx, desk, person).await
            }
            Effect::Park { case_no, person, lines } => {
                let fingerprint = &self.stored.fingerprint;
                requests::record_parked(self.tx, desk, fingerprint, *case_no, person.as_str(), lines, self.now).await?;
                silences::record(self.tx, desk, "parked", fingerprint, self.now).await
            }
            Effect::EndParked { fingerprint } => {
                requests::end_parked(self.tx, desk, fingerprint, self.now).await?;
                // The mail that mended or replaced it says what it said.
                messages::save_said(self.tx, desk, fingerprint, "").await
            }
            Effect::NoteBounce { letter_no, why } => {
                letters::save_bounced(self.tx, desk, *letter_no, self.now, why).await
            }
            Effect::HushAddress { address, until } => {
                self.batch.posted.forget_address(address.as_str());
                marks::save(self.tx, desk, &hush_mark(address.as_str()), self.now, *until).await
            }
            Effect::ReleaseChallenged { fingerprint, client } => {
                released.push((fingerprint.clone(), Anew { is_released: true, client: client.clone() }));
                Ok(())
            }
            Effect::Audit { action, detail } => self.audit(action, detail, decision).await,
        }
    }

    /// The account of a client as it is with these entries, for the notices; what was read of it before is past.
    async fn note_account(&mut self, client: &ClientCode, entries: &[Entry]) -> Result<(), StoreError> {
        let known = self.batch.accounts.remove(client);
        let mut account = match (self.booked.remove(client), known) {
            (Some(booked), _) => booked,
            (None, Some(known)) => Arc::unwrap_or_clone(known),
            (None, None) => {
                let stored = cards::list_in(self.tx, self.office.code(), client.as_str()).await?;
                Account::from_entries(stored.iter().map(|line| &line.entry))
            }
        };
        account.extend(entries);
        self.booked.insert(client.clone(), account);
        Ok(())
    }

    /// What coordinators are to hear of the accounts that were written into.
    ///
    /// # Errors
    /// What the database said.
    pub async fn card_notices(&mut self) -> Result<Vec<Outgoing>, StoreError> {
        let directory = Arc::clone(&self.batch.directory);
        let mut letters = Vec::new();
        for (client, account) in std::mem::take(&mut self.booked) {
            letters.extend(ledger::notices(self.tx, self.office, &directory, &client, &account, self.now).await?);
        }
        Ok(letters)
    }

    /// Draws the numbers that the decision peeked at. Nothing else draws between peek and draw, because the desk's
    /// lock is held; if it did, the case would not be recorded under a number that somebody else has.
    async fn open_case(&mut self, case: &Case, experts: &[crate::domain::names::PersonKey]) -> Result<(), StoreError> {
        let desk = self.office.code();
        let case_no = self.batch.numbers.draw("case");
        let counter = self.batch.numbers.draw_case(case.client.as_str(), case.number.year)?;
        if case_no != case.case_no || counter != i64::from(case.number.counter) {
            return Err(StoreError::Inconsistent(format!("number {} was drawn by somebody else", case.number)));
        }
        cases::record(self.tx, desk, case).await?;
        self.note_wait(case).await?;
        self.batch.posted.note_opened(case_no);
        // The one who leads comes first, and who stands in behind them.
        let mut since = case.opened_at;
        for expert in experts {
            cases::record_party(self.tx, desk, case_no, expert, PartyRole::Expert, since).await?;
            since = since.saturating_add(SignedDuration::from_micros(1)).unwrap_or(since);
        }
        let root = self.office.keys.case_id(&self.office.host, &self.office.facts.code, &case.number);
        messages::record_id(self.tx, desk, root.as_str(), "out", case_no, Some((case_no, case.client.as_str()))).await
    }

    fn recount<'b>(&'b mut self, case_no: i64, client: &'b ClientCode) -> Recount<'b> {
        let Batch { numbers, directory, .. } = &mut *self.batch;
        Recount { tx: self.tx, numbers, directory, desk: self.office.code(), case_no, client }
    }

    async fn hold_request(&mut self, client: &str) -> Result<(), StoreError> {
        let sender = self.message.sender();
        let request = StoredRequest {
            request_no: self.batch.numbers.draw("request"),
            client: client.to_owned(),
            fingerprint: self.stored.fingerprint.clone(),
            reporter: sender.map_or_else(String::new, |s| s.address.as_str().to_owned()),
            reporter_name: sender.map_or_else(String::new, |s| s.name.clone()),
            subject: crate::domain::subject::base_subject(&self.message.subject),
            received_at: self.message.received_at,
            state: "held".into(),
            case_no: None,
            decided_at: None,
        };
        let desk = self.office.code();
        requests::record(self.tx, desk, &request).await?;
        silences::record(self.tx, desk, "request", &request.request_no.to_string(), self.now).await
    }

    /// A case that waits for its client, not just until a date, is looked at by the reminders.
    async fn note_wait(&mut self, case: &Case) -> Result<(), StoreError> {
        if case.status != Status::WaitingClient || case.wait_due.is_some() {
            return Ok(());
        }
        silences::record(self.tx, self.office.code(), "case", &case.case_no.to_string(), case.changed_at).await
    }

    /// The reporter's mail becomes part of the case: it shows there, and answers to it find the case.
    async fn bring_in(&mut self, fingerprint: &str, case_no: i64) -> Result<(), StoreError> {
        let desk = self.office.code();
        let Some(mut mail) = messages::find(self.tx, desk, fingerprint).await? else { return Ok(()) };
        mail.case_no = Some(case_no);
        messages::save_outcome(self.tx, desk, &mail).await?;
        let Some(case) = cases::find(self.tx, desk, case_no).await? else { return Ok(()) };
        if let Some(id) = &mail.message_id {
            let case = Some((case_no, case.client.as_str()));
            messages::record_id(self.tx, desk, id, "in", mail.message_no, case).await?;
        }
        Ok(())
    }

    /// Remembers the mail's own Message-ID, and for a case the ids that it mentions.
    async fn record_ids(&mut self, decision: &Decision) -> Result<(), StoreError> {
        let desk = self.office.code();
        let client = match (decision.case_no, decision.case_no.and_then(|case_no| written(decision, case_no))) {
            (Some(case_no), Some(case)) => Some((case_no, case.client.clone())),
            (Some(case_no), None) => cases::find(self.tx, desk, case_no).await?.map(|case| (case_no, case.client)),
            (None, _) => None,
        };
        let case = client.as_ref().map(|(case_no, client)| (*case_no, client.as_str()));
        let message_no = self.stored.message_no;
        if let Some(id) = &self.message.message_id {
            messages::record_id(self.tx, desk, id.as_str(), "in", message_no, case).await?;
        }
        let is_opening = decision.effects.iter().any(|effect| matches!(effect, Effect::OpenCase { .. }));
        let speaks_for_client = !matches!(decision.role, Some(Role::Expert | Role::Supplier | Role::Monitor));
        if is_opening && speaks_for_client {
            let mentioned = self.message.references.iter().rev().chain(&self.message.in_reply_to);
            let mut seen = HashSet::new();
            for id in mentioned.filter(|id| seen.insert(*id)).take(MOST_MENTIONS) {
                messages::record_id(self.tx, desk, id.as_str(), "mention", message_no, case).await?;
            }
        }
        Ok(())
    }

    async fn audit(&mut self, action: &str, detail: &str, decision: &Decision) -> Result<(), StoreError> {
        let line = AuditLine {
            at: self.now,
            actor: decision.person.as_ref().map_or_else(|| "casepost".to_owned(), ToString::to_string),
            action: action.to_owned(),
            case_no: decision.case_no,
            fingerprint: Some(self.stored.fingerprint.clone()),
            position: decision.position.clone(),
            reason: decision.cause.unwrap_or("mail").to_owned(),
            detail: detail.to_owned(),
        };
        audit::record(self.tx, self.office.code(), &mut self.batch.numbers, &line).await
    }
}

/// The case as the decision writes it, if it does.
fn written(decision: &Decision, case_no: i64) -> Option<&Case> {
    let cases = decision.effects.iter().filter_map(|effect| match effect {
        Effect::OpenCase { case, .. } => Some(case.as_ref()),
        Effect::SaveCase(case) => Some(case.as_ref()),
        _ => None,
    });
    cases.into_iter().find(|case| case.case_no == case_no)
}
