//! An expert's tags, carried out on a case: all of them, or none.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::case::{Case, CaseEvent, Next, Party, PartyRole, Status};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::clock::{ClockEvent, What};
use crate::domain::command::{Command, Tag, WaitFor};
use crate::domain::directory::Expert;
use crate::domain::message::{Attachment, Message};
use crate::domain::names::PersonKey;
use crate::domain::notice::{AnswerCopy, Cause, CommandDone, TagLine, Words};
use crate::domain::{clock, promise};

use super::answer;
use super::booking::{self, Bookings};
use super::clocks::{self, Moment};
use super::expert::{Wish, line};
use super::outgoing::{Carried, Outgoing, about, all_tags, balance_of, head_of, human_of};
use super::{CaseFacts, Decision, Effect, Facts, Outcome};

/// What a tag came to: its value for the transcript, or why it can't be carried out and what to write instead.
pub(super) type Carrying = Result<String, (Cause, String)>;

/// A case on its way through the tags of one mail.
pub(super) struct Work<'a> {
    pub message: &'a Message,
    pub facts: &'a Facts<'a>,
    pub expert: &'a Expert,
    /// The case as the mail found it.
    pub found: &'a CaseFacts,
    /// The case on which the work goes on as it was found: after a merge the other one.
    pub goes_on: &'a CaseFacts,
    /// What the tags did beside what a case shows.
    pub happened: Vec<ClockEvent>,
    /// The case as it is after the tags so far; after a merge the one that goes on.
    pub case: Case,
    /// Who takes part in it.
    pub parties: Vec<Party>,
    pub now: Timestamp,
    /// Whether the writer acts as duty manager, without being on the case.
    pub is_manager: bool,
    pub bookings: Bookings,
    /// Who gets the case with its whole history.
    pub handed_to: Vec<PersonKey>,
    /// What changes beside case and ledger.
    pub effects: Vec<Effect>,
    /// Who is told of what.
    pub letters: Vec<Outgoing>,
    /// The numbers of the changes that were taken back.
    pub taken_back: Vec<i64>,
    pub done: Vec<TagLine>,
}

impl<'a> Work<'a> {
    pub fn new(
        message: &'a Message,
        facts: &'a Facts<'a>,
        expert: &'a Expert,
        found: &'a CaseFacts,
        now: Timestamp,
    ) -> Self {
        Self {
            message,
            facts,
            expert,
            found,
            goes_on: found,
            happened: Vec::new(),
            case: found.case.clone(),
            parties: found.parties.clone(),
            now,
            is_manager: false,
            bookings: Bookings::default(),
            handed_to: Vec::new(),
            effects: Vec::new(),
            letters: Vec::new(),
            taken_back: Vec::new(),
            done: Vec::new(),
        }
    }

    /// Carries out all tags, or tells which can't be; then nothing of it counts.
    pub fn carry_out(&mut self, wish: &Wish) -> Vec<TagLine> {
        if self.is_answer(wish) {
            self.step(CaseEvent::ExpertAnswered);
        }
        let mut refused = Vec::new();
        for command in &wish.commands {
            let (before, parties) = (self.case.clone(), self.parties.clone());
            let result = self.carry_out_one(command, wish);
            let shown = format!("#{}", command.tag().as_str());
            match result {
                Ok(value) => {
                    self.keep_change(command, before, &parties);
                    self.done.push(line(&shown, None, &value));
                }
                Err((cause, value)) => refused.push(line(&shown, Some(cause), &value)),
            }
        }
        refused
    }

    /// Nobody takes back and changes in one mail, or changes one thing in two ways: which of the two would be the last?
    fn contradicted(command: &Command, wish: &Wish) -> Option<String> {
        const CHANGING: [Tag; 6] = [Tag::Resolved, Tag::Wait, Tag::Priority, Tag::Kind, Tag::Assign, Tag::Merge];
        let is_changing = CHANGING.contains(&command.tag()) || command.tag() == Tag::Estimate;
        if is_changing && wish.commands.iter().any(|other| other.tag() == command.tag() && other != command) {
            return Some(format!("#{}", command.tag().as_str()));
        }
        let is_taking_back = matches!(command, Command::Undo | Command::Reopen);
        let other = CHANGING.into_iter().find(|tag| is_taking_back && wish.has(*tag))?;
        Some(format!("#{}", other.as_str()))
    }

    fn carry_out_one(&mut self, command: &Command, wish: &Wish) -> Carrying {
        if let Some(other) = Self::contradicted(command, wish) {
            return Err((Cause::Contradiction, other));
        }
        let is_open_to_managers =
            matches!(command, Command::Assign(_) | Command::Note | Command::Status | Command::Help);
        if self.is_manager && !is_open_to_managers {
            return Err((Cause::NotOnCase, String::new()));
        }
        match command {
            Command::Time { .. } => booking::book(self, command, wish),
            Command::Note | Command::Status | Command::Help => Ok(String::new()),
            Command::Resolved => self.resolve(),
            Command::Wait { on, until } => self.wait(*on, *until),
            Command::Priority(priority) => {
                self.case.priority = *priority;
                Ok(priority.as_str().to_owned())
            }
            Command::Kind(kind) => {
                booking::move_charges(self, *kind);
                self.case.kind = *kind;
                Ok(kind.as_str().to_owned())
            }
            Command::Estimate(minutes) => {
                self.case.estimate_minutes = Some(*minutes);
                Ok(minutes.to_string())
            }
            Command::Assign(name) => self.assign(name),
            Command::Merge(number) => self.merge(number),
            Command::Reopen => self.reopen(),
            Command::Undo => self.undo(),
            Command::Client(_) => Err((Cause::WrongState, self.case.number.to_string())),
            Command::Approve | Command::Reject(_) | Command::Bundle(_) | Command::Balance | Command::Statement => {
                Err((Cause::NotAllowed, String::new()))
            }
        }
    }

    /// What a tag changed is kept, so that it can be taken back; a merge keeps itself.
    fn keep_change(&mut self, command: &Command, before: Case, parties: &[Party]) {
        let kind = match command {
            Command::Resolved => ChangeKind::Resolved,
            Command::Reopen => ChangeKind::Reopened,
            Command::Wait { .. } => ChangeKind::Waits,
            Command::Priority(_) => ChangeKind::Priority,
            Command::Kind(_) => ChangeKind::Kind,
            Command::Assign(_) => ChangeKind::Assigned,
            _ => return,
        };
        if self.case == before && self.parties == parties {
            return;
        }
        let only_in = |some: &[Party], others: &[Party]| -> Vec<Party> {
            some.iter().filter(|party| !others.contains(party)).cloned().collect()
        };
        let change = Change {
            kind,
            by: Some(self.expert.key.clone()),
            at: self.message.received_at,
            cause: self.message.fingerprint.to_hex(),
            before,
            status_after: self.case.status,
            other_before: None,
            joined: only_in(&self.parties, parties),
            left: only_in(parties, &self.parties),
        };
        self.effects.push(Effect::KeepChange { case_no: self.case.case_no, change: Box::new(change) });
    }

    pub fn step(&mut self, event: CaseEvent) {
        if let Next::Becomes(status) = self.case.status.after(event) {
            self.case.status = status;
        }
    }

    pub fn turn(&mut self, event: CaseEvent) -> Carrying {
        // A tag without words opens the case as an answer would have.
        if self.case.status == Status::New {
            self.step(CaseEvent::Assigned);
        }
        match self.case.status.after(event) {
            Next::Becomes(status) => {
                self.case.status = status;
                Ok(status.as_str().to_owned())
            }
            Next::Stays => Ok(self.case.status.as_str().to_owned()),
            _ => Err((Cause::WrongState, self.case.status.as_str().to_owned())),
        }
    }

    /// Waits, at most until the day begins in the client's time zone; another wait replaces the date.
    fn wait(&mut self, on: WaitFor, until: Option<Date>) -> Carrying {
        let event = match on {
            WaitFor::Client => CaseEvent::WaitsForClient,
            WaitFor::Supplier => CaseEvent::WaitsForSupplier,
        };
        let zone = self.facts.directory.client(&self.case.client).map(|client| client.time_zone.time_zone());
        let zone = zone.unwrap_or(&self.facts.desk.time_zone);
        let wakes_at = until.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
        if wakes_at.is_some_and(|at| at <= self.message.received_at) {
            return Err((Cause::DateIsPast, until.map_or_else(String::new, |day| day.to_string())));
        }
        let turned = self.turn(event)?;
        self.case.wait_due = wakes_at;
        Ok(turned)
    }

    /// Settled: until the end of the fifth working day an answer of the client opens it again.
    fn resolve(&mut self) -> Carrying {
        let turned = self.turn(CaseEvent::Resolved)?;
        let at = self.message.received_at;
        self.case.resolved_at = Some(at);
        let calendar = promise::calendar_of(self.facts.directory, &self.case.client, at);
        self.case.close_due = calendar.map(|calendar| clock::reopens_until(at, calendar));
        Ok(turned)
    }

    /// Whether the mail says something to the client: in words, or with files alone.
    fn is_answer(&self, wish: &Wish) -> bool {
        let has_words = !wish.text.trim().is_empty();
        let has_files = || wish.mends.is_none() && self.message.attachments.iter().any(|file| self.is_said(file, wish));
        !wish.has(Tag::Note) && (has_words || has_files())
    }

    /// Whether a file without words beside it is meant for the client. What signs a mail is not, nor is a picture that may
    /// belong to a signature.
    pub fn is_said(&self, file: &Attachment, wish: &Wish) -> bool {
        let is_seal = matches!(
            file.media_type.as_str(),
            "application/pgp-signature"
                | "application/pkcs7-signature"
                | "application/x-pkcs7-signature"
                | "text/vcard"
        );
        let is_of_text = file.is_inline || file.content_id.is_some();
        !is_seal && (!is_of_text || self.is_shown_above(file, wish))
    }

    /// Whether a picture of the text stands above the signature, or above a tag: what was pasted there is the answer. A
    /// text without markup has no pictures in its signature.
    fn is_shown_above(&self, file: &Attachment, wish: &Wish) -> bool {
        let signature = self.message.reply.signature.lines().find(|line| !line.trim().is_empty());
        if !self.message.has_html || signature.is_none() && wish.commands.is_empty() {
            return true;
        }
        let above = self.facts.pages.own.pictures_above(signature);
        file.content_id.as_deref().is_some_and(|id| above.contains(&id))
    }

    /// The decision of a mail whose tags could all be carried out.
    pub fn finish(mut self, wish: &Wish) -> Decision {
        if !self.case.status.is_waiting() {
            self.case.wait_due = None;
        }
        let is_note = wish.has(Tag::Note);
        let text = wish.text.trim().to_owned();
        let is_answer = self.is_answer(wish);
        self.case.changed_at = self.message.received_at;
        let answers = if is_answer { answer::to_client(&self, wish, &text) } else { Vec::new() };
        let happened = self.count_clocks(answers.iter().any(|letter| matches!(letter.notice.words, Words::Answer(_))));
        let mut decision = Decision::new(Outcome::Joined, self.told(is_note));
        decision.case_no = Some(self.case.case_no);
        decision.position = Some(booking::position(&self));
        decision.cause = is_note.then_some("note");
        decision.said = Some(text.clone());
        decision.letters.extend(answers);
        if is_answer || !text.is_empty() {
            decision.letters.extend(self.copies(&text, is_note));
        }
        let is_tags_only = text.is_empty() && !(is_answer && wish.commands.is_empty());
        if is_tags_only || [Tag::Status, Tag::Help, Tag::Assign, Tag::Merge].iter().any(|tag| wish.has(*tag)) {
            decision.letters.extend(self.command_done(wish));
        }
        decision.letters.extend(self.hand_overs());
        decision.letters.append(&mut self.letters);
        decision.effects.push(Effect::SaveCase(Box::new(self.case.clone())));
        decision.effects.push(happened);
        decision.effects.extend(booking::effects(&self));
        decision.effects.append(&mut self.effects);
        decision
    }

    /// What the mail means for the clocks; only what went to the client answers them.
    fn count_clocks(&mut self, has_answered: bool) -> Effect {
        let fingerprint = self.message.fingerprint.to_hex();
        let moment = Moment { at: self.message.received_at, cause: &fingerprint };
        let mut said = std::mem::take(&mut self.happened);
        if has_answered {
            self.case.responded_at = self.case.responded_at.or(Some(moment.at));
            said.push(moment.event(What::Answered));
        }
        clocks::go_on(&mut self.case, self.goes_on, said, moment, self.facts)
    }

    /// What the mail did, for the message's record: `an expert's mail on AMR-2026-0042; #time 40 → 45, #resolved`.
    fn told(&self, is_note: bool) -> String {
        let what = if is_note { "a note" } else { "an expert's mail" };
        let with_value = |line: &TagLine| format!("{} {}", line.tag, line.value).trim_end().to_owned();
        let tags: Vec<String> = self.done.iter().map(with_value).collect();
        let sign = if tags.is_empty() { "" } else { "; " };
        format!("{what} on {}{sign}{}", self.case.number, tags.join(", "))
    }

    /// The other experts who were on the case see what was answered or noted.
    fn copies(&self, text: &str, is_note: bool) -> Vec<Outgoing> {
        let words = AnswerCopy {
            case: head_of(&self.case, self.facts),
            expert: self.expert.name.clone(),
            text: text.to_owned(),
            is_note,
            is_resolved: self.case.status == Status::Resolved,
        };
        let others = self.found.experts().filter(|key| **key != self.expert.key && !self.handed_to.contains(key));
        others
            .filter_map(|key| self.facts.directory.expert(key))
            .filter_map(|other| {
                let mut letter = Outgoing::to_human(words.clone(), &human_of(other), about(&self.case), self.facts)?;
                letter.carried = Carried::OfThisMail;
                letter.writer = Some(self.expert.name.clone());
                letter.client = Some(self.case.client.clone());
                Some(letter)
            })
            .collect()
    }

    fn command_done(&self, wish: &Wish) -> Option<Outgoing> {
        let words = CommandDone {
            case: Some(head_of(&self.case, self.facts)),
            lines: self.done.clone(),
            status: Some(booking::status_of(self)),
            balance: self.bookings.balance(self).or_else(|| balance_of(&self.case.client, self.facts, self.now)),
            tags: if wish.has(Tag::Help) { all_tags(&self.case) } else { Vec::new() },
        };
        let letter = Outgoing::to_human(words, &human_of(self.expert), about(&self.case), self.facts)?;
        Some(letter.answering(self.message))
    }

    /// The experts on the case as it is now.
    pub fn experts(&self) -> impl Iterator<Item = &PersonKey> {
        self.parties.iter().filter(|party| party.role == PartyRole::Expert).map(|party| &party.person)
    }
}
