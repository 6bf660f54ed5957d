//! The reminders of what waits for its reader.

use super::{CaseHead, RequestHead, TagLine};
use jiff::Timestamp;
use serde::Serialize;

/// How one of several matters is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerWay {
    /// What the reply address names: `R-17`, `AMR-2026-0042`, or `P-` and the number of a parked mail.
    pub about: String,
    /// What stands in the tag of the answer's subject: the number of the case or the reference of the request.
    pub number: String,
    /// The rest of the answer's subject.
    pub subject: String,
    /// The reply address with the reader's token. Whoever composes the letter fills it in; empty where the mailbox has
    /// no reply addresses.
    pub address: Option<String>,
    /// A link that opens an answer to that address.
    pub link: Option<String>,
}

/// A reporter's request that waits for a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestReminder {
    /// The request.
    pub request: RequestHead,
    /// Who asks.
    pub reporter: String,
    /// What they wrote, cut where it is long; printed indented.
    pub text: String,
    /// The coordinator in whose place the reader is asked, when it is the deputy.
    pub instead_of: Option<String>,
    /// Of a reader who can't decide (the duty manager): the coordinator, who did not, and has no deputy. Nobody where the
    /// client has no coordinator.
    pub undecided_by: Option<String>,
    /// For who may decide: the request ends undecided at this moment.
    pub decision_due: Option<Timestamp>,
    /// How it is decided; none for the duty manager.
    pub answer: Option<AnswerWay>,
}

/// An expert's mail that waits for a mend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParkedReminder {
    /// The case.
    pub case: CaseHead,
    /// The subject of the mail.
    pub subject: String,
    /// What is wrong with its tags.
    pub lines: Vec<TagLine>,
    /// Its text, cut where it is long; printed indented.
    pub text: String,
    /// Tags alone can't mend it.
    pub needs_text: bool,
    /// How it is mended.
    pub answer: Option<AnswerWay>,
}

/// A case that waits for the client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReminder {
    /// The case.
    pub case: CaseHead,
    /// Since when it waits.
    pub waiting_at: Timestamp,
    /// Who asked last; nobody where nothing was written.
    pub expert: Option<String>,
    /// What they wrote, cut where it is long; printed indented.
    pub asked: Option<String>,
    /// How it is answered.
    pub answer: Option<AnswerWay>,
}

/// See [`super::Words::Reminder`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reminder {
    /// The case, where the letter is about that one alone: then a plain reply answers it.
    pub case: Option<CaseHead>,
    /// How many matters there are.
    pub count: usize,
    /// More than one: each has its own way to be answered.
    pub is_bundle: bool,
    /// Among several there is a request on which the reader may decide.
    pub may_decide: bool,
    /// Requests that wait for a decision.
    pub requests: Vec<RequestReminder>,
    /// Parked mails.
    pub parked: Vec<ParkedReminder>,
    /// Cases that wait for the client.
    pub cases: Vec<CaseReminder>,
}

impl Reminder {
    /// The way to answer each matter that has one.
    pub fn answers_mut(&mut self) -> impl Iterator<Item = &mut AnswerWay> {
        let requests = self.requests.iter_mut().map(|one| &mut one.answer);
        let parked = self.parked.iter_mut().map(|one| &mut one.answer);
        requests.chain(parked).chain(self.cases.iter_mut().map(|one| &mut one.answer)).flatten()
    }
}

/// See [`super::Words::ReminderUnclear`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReminderUnclear {
    /// What the reader wrote; printed indented.
    pub text: String,
}
